//! `AWS::Logs::MetricFilter`: counts or measures what stands in logs.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | DescribeMetricFilters when the name is chosen, PutMetricFilter |
//! | read | DescribeMetricFilters per log group, or for one filter |
//! | find | DescribeMetricFilters |
//! | update | PutMetricFilter |
//! | delete | DeleteMetricFilter |
//!
//! Traps: no tags; a filter is known by its group and name (ours is `GROUP|NAME`), so one with the
//! same content counts as ours. PutMetricFilter replaces a filter of that name, so create looks
//! first. A filter sees only events that come after it. AWS carries out one change of a group's
//! filters at a time (TF#7605). Deleting the group deletes its filters.
//! Left out: nothing.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_cloudwatchlogs::types::{
    MetricFilter as SdkFilter, MetricTransformation as SdkTransformation, StandardUnit,
};

use crate::prelude::*;

/// Counts or measures what stands in logs.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::Logs::MetricFilter",
    identity("log_group_name", "filter_name"),
    deleted_with = "log_group_name",
    eventual("ResourceNotFoundException"),
    busy("OperationAbortedException"),
    iam(
        create("logs:DescribeMetricFilters", "logs:PutMetricFilter"),
        read("logs:DescribeMetricFilters"),
        find("logs:DescribeMetricFilters"),
        update("logs:PutMetricFilter"),
        delete("logs:DeleteMetricFilter")
    )
)]
pub struct MetricFilter {
    /// Name, up to 512 characters without `:` and `*`. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 512, extra = "._/#-"))]
    pub filter_name: Option<String>,
    /// Name of the log group. Replaces.
    #[field(replaces)]
    pub log_group_name: String,
    /// Which events count: words, `{ $.status = 500 }` for JSON, `[ip, user, status = 5*]` for
    /// columns; empty for all. Up to 1,024 characters.
    pub filter_pattern: String,
    /// What is told to CloudWatch of each such event: exactly one.
    pub metric_transformations: Vec<MetricTransformation>,
    /// Whether it sees events as the group's transformer leaves them. Default: false.
    pub apply_on_transformed_logs: Option<bool>,
    /// For centralized logs: which accounts and regions count, such as
    /// `@aws.region = "eu-central-1"`. Default: all.
    pub field_selection_criteria: Option<String>,
    /// For centralized logs: `@aws.account` and `@aws.region` as dimensions of the metric.
    #[field(set)]
    pub emit_system_field_dimensions: Option<Vec<String>>,
}

/// What is told to CloudWatch of an event.
#[derive(Clone, PartialEq, Serialize, Deserialize, Properties)]
pub struct MetricTransformation {
    /// Name of the metric.
    pub metric_name: String,
    /// Its namespace, not one of AWS's own.
    pub metric_namespace: String,
    /// Its value: a number such as `1`, or a field of the event such as `$.latency`.
    pub metric_value: String,
    /// Value of periods in which logs come but nothing fits, often 0. Default: none. Not with
    /// `dimensions`.
    pub default_value: Option<f64>,
    /// Dimensions and the fields that they come from, such as `$.path`; at most 3. Each
    /// combination of values costs as a metric.
    pub dimensions: Option<BTreeMap<String, String>>,
    /// Unit, such as `Milliseconds`. Default: `None`.
    pub unit: Option<String>,
}

/// What AWS knows of a [`MetricFilter`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct MetricFilterOutputs {
    /// Name.
    #[output(from_input)]
    pub filter_name: String,
}

impl Resource for MetricFilter {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let name = self.filter_name.clone().unwrap_or_default();
        if !cx.is_derived(&name)
            && let Some(there) = self.get(cx).await?
            && !self.is_like(&there)
        {
            return Err(OpError::new(
                ErrorKind::AlreadyExists,
                format!(
                    "log group `{}` has a metric filter `{name}` already, which is not ours\n  what \
                     to do: choose another name, or delete that filter",
                    self.log_group_name
                ),
            ));
        }
        self.put(cx).await?;
        Ok(Made::Ready(self.id(), MetricFilterOutputs { filter_name: name }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (group, name) in items.iter().filter_map(|item| item.id.split_once('|')) {
            groups.entry(group).or_default().push(name);
        }
        let found = batch::each(groups, |(group, names)| async move {
            let one = (names.len() == 1).then(|| names[0]);
            Ok((group, filters(cloud, group, one).await?))
        });
        let found: HashMap<&str, HashMap<String, SdkFilter>> = found.await?.into_iter().collect();
        let one = |item: &ReadRequest<Self>| {
            let (group, name) = item.id.split_once('|')?;
            Some(live(group, found.get(group)?.get(name)?))
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let there = self.get(cx).await?;
        // Without tags, a name that nobody else can have or the same content is the only sign.
        let derived = cx.is_derived(self.filter_name.as_deref().unwrap_or_default());
        Ok(there.filter(|there| derived || self.is_like(there)).map(|_| self.id()))
    }

    async fn update(&self, cx: &Cx, _: &str, _: &Self, _: &Changes) -> Result<Progress> {
        self.put(cx).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let Some((group, name)) = id.split_once('|') else { return Ok(Progress::Done) };
        let call = cx.cloudwatchlogs().delete_metric_filter();
        let call = call.log_group_name(group).filter_name(name);
        gone(call.send().await.op("logs:DeleteMetricFilter"))
    }
}

impl MetricFilter {
    fn id(&self) -> String {
        format!("{}|{}", self.log_group_name, self.filter_name.as_deref().unwrap_or_default())
    }

    async fn put(&self, aws: &Aws) -> Result<()> {
        let transformations = self.metric_transformations.iter().map(MetricTransformation::to_sdk);
        let call = aws
            .cloudwatchlogs()
            .put_metric_filter()
            .log_group_name(&self.log_group_name)
            .set_filter_name(self.filter_name.clone())
            .filter_pattern(&self.filter_pattern)
            .set_metric_transformations(Some(transformations.collect::<Result<_>>()?))
            .set_apply_on_transformed_logs(self.apply_on_transformed_logs)
            .set_field_selection_criteria(self.field_selection_criteria.clone())
            .set_emit_system_field_dimensions(self.emit_system_field_dimensions.clone());
        call.send().await.op("logs:PutMetricFilter").map(drop)
    }

    /// What has this name in this group.
    async fn get(&self, aws: &Aws) -> Result<Option<Self>> {
        let name = self.filter_name.as_deref().unwrap_or_default();
        let there = filters(aws, &self.log_group_name, Some(name)).await?.remove(name);
        Ok(there.map(|filter| live(&self.log_group_name, &filter).inputs))
    }

    fn is_like(&self, live: &Self) -> bool {
        let with_unit = |list: &[MetricTransformation]| -> Vec<MetricTransformation> {
            let unit = |t: &MetricTransformation| t.unit.clone().or_else(|| Some("None".into()));
            list.iter().map(|t| MetricTransformation { unit: unit(t), ..t.clone() }).collect()
        };
        self.filter_pattern == live.filter_pattern
            && with_unit(&self.metric_transformations) == with_unit(&live.metric_transformations)
    }
}

impl MetricTransformation {
    fn to_sdk(&self) -> Result<SdkTransformation> {
        let dimensions = self.dimensions.clone().filter(|d| !d.is_empty());
        SdkTransformation::builder()
            .metric_name(&self.metric_name)
            .metric_namespace(&self.metric_namespace)
            .metric_value(&self.metric_value)
            .set_default_value(self.default_value)
            .set_dimensions(dimensions.map(|d| d.into_iter().collect()))
            .set_unit(self.unit.as_deref().map(StandardUnit::from))
            .build()
            .map_err(|e| OpError::invalid(e.to_string()))
    }

    fn from_sdk(sdk: &SdkTransformation) -> Self {
        let dimensions = sdk.dimensions().filter(|d| !d.is_empty());
        let pair = |(k, v): (&String, &String)| (k.clone(), v.clone());
        Self {
            metric_name: sdk.metric_name().to_owned(),
            metric_namespace: sdk.metric_namespace().to_owned(),
            metric_value: sdk.metric_value().to_owned(),
            default_value: sdk.default_value(),
            dimensions: dimensions.map(|d| d.iter().map(pair).collect()),
            unit: text(sdk.unit()),
        }
    }
}

/// Filters of a group by name: those whose names begin like this, or all.
async fn filters(
    aws: &Aws,
    group: &str,
    prefix: Option<&str>,
) -> Result<HashMap<String, SdkFilter>> {
    let call = aws.cloudwatchlogs().describe_metric_filters().log_group_name(group);
    let call = call.set_filter_name_prefix(prefix.map(str::to_owned));
    let mut pages = call.into_paginator().send();
    let mut filters = HashMap::new();
    while let Some(page) = pages.next().await {
        // The group is gone, and its filters with it.
        let Some(page) = found(page.op("logs:DescribeMetricFilters"))? else { break };
        for filter in page.metric_filters.unwrap_or_default() {
            filters.insert(filter.filter_name.clone().unwrap_or_default(), filter);
        }
    }
    Ok(filters)
}

fn live(group: &str, filter: &SdkFilter) -> Live<MetricFilter> {
    let name = filter.filter_name.clone().unwrap_or_default();
    let transformations = filter.metric_transformations().iter();
    let fields = filter.emit_system_field_dimensions();
    Live::ready(
        MetricFilter {
            filter_name: Some(name.clone()),
            log_group_name: group.to_owned(),
            filter_pattern: filter.filter_pattern.clone().unwrap_or_default(),
            metric_transformations: transformations.map(MetricTransformation::from_sdk).collect(),
            apply_on_transformed_logs: Some(filter.apply_on_transformed_logs),
            field_selection_criteria: text(filter.field_selection_criteria()),
            emit_system_field_dimensions: (!fields.is_empty()).then(|| fields.to_vec()),
        },
        MetricFilterOutputs { filter_name: name },
    )
}

//! `AWS::CloudWatch::Alarm`: tells when a metric, or metric math, leaves its bounds.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | DescribeAlarms and ListTagsForResource when the name is chosen, PutMetricAlarm |
//! | read | DescribeAlarms for 100 alarms; ListTagsForResource when tags are declared |
//! | find | DescribeAlarms, ListTagsForResource |
//! | update | PutMetricAlarm, TagResource, UntagResource |
//! | delete | DeleteAlarms |
//!
//! Traps: PutMetricAlarm replaces an alarm of that name, so create looks first; it takes tags for
//! a new alarm only. Metric and composite alarms share their names, by which CloudWatch knows them
//! (API_PutCompositeAlarm), and takes one change of their tags at a time
//! (`ConcurrentModificationException`: botocore's model). DescribeAlarms leaves
//! composite alarms out unless asked for, and an alarm that is missing is no error. What is not
//! declared goes back to its default with the next update.
//! Left out: PromQL alarms (`evaluation_criteria`, `evaluation_interval`), `evaluation_window`,
//! `warm_up_configuration`, `action_configuration`.
//! Differences:
//! - required `comparison_operator`, `evaluation_periods`: there, a PromQL alarm has none.

use aws_sdk_cloudwatch::types::{ComparisonOperator, MetricAlarm, StandardUnit, Statistic};

use super::metric_data_query::{
    Dimension, MetricDataQuery, dimensions_from_sdk, dimensions_to_sdk,
};
use super::shared::{
    alarm_arn, alarm_name, alarms, delete_alarm, is_ours, refuse_foreign_alarm, retag, tags_if,
    to_sdk,
};
use crate::prelude::*;

/// Tells when a metric, or metric math, leaves its bounds.
///
/// Either `metric_name`, `namespace`, `period` and a statistic, or `metrics`.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::CloudWatch::Alarm",
    identity("alarm_name"),
    claims = alarm_name,
    eventual("ResourceNotFoundException"),
    busy(
        "ConcurrentModificationException",
        "ValidationError" = "composite alarm(s) depending on"
    ),
    iam(
        create(
            "cloudwatch:DescribeAlarms",
            "cloudwatch:ListTagsForResource",
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:TagResource"
        ),
        read("cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"),
        find("cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"),
        update("cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"),
        delete("cloudwatch:DeleteAlarms")
    )
)]
pub struct Alarm {
    /// Name, up to 255 characters. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 255, extra = "-_./"))]
    pub alarm_name: Option<String>,
    /// What it means and what to do, up to 1,024 characters; may be Markdown.
    pub alarm_description: Option<String>,
    /// Metric, such as `CPUUtilization`.
    pub metric_name: Option<String>,
    /// Its namespace, such as `AWS/ECS`.
    pub namespace: Option<String>,
    /// Which metric of that name.
    #[field(by("name"))]
    pub dimensions: Option<Vec<Dimension>>,
    /// Seconds per data point: 10, 20, 30 or a multiple of 60.
    pub period: Option<i32>,
    /// `Average`, `Sum`, `Minimum`, `Maximum` or `SampleCount`.
    pub statistic: Option<String>,
    /// Percentile and the like, such as `p99`, instead of `statistic`.
    pub extended_statistic: Option<String>,
    /// Only data points with this unit, such as `Percent`. Default: any; rarely needed.
    pub unit: Option<String>,
    /// Metrics and expressions, of which one has `return_data`, instead of one metric.
    #[field(by("id"))]
    pub metrics: Option<Vec<MetricDataQuery>>,
    /// `GreaterThanThreshold`, `GreaterThanOrEqualToThreshold`, `LessThanThreshold`,
    /// `LessThanOrEqualToThreshold`, or for a band `GreaterThanUpperThreshold`,
    /// `LessThanLowerThreshold`, `LessThanLowerOrGreaterThanUpperThreshold`.
    pub comparison_operator: String,
    /// What data points are compared with, in the metric's unit. Not with `threshold_metric_id`.
    pub threshold: Option<f64>,
    /// Id of the `ANOMALY_DETECTION_BAND` expression among `metrics` to compare with.
    pub threshold_metric_id: Option<String>,
    /// Data points that are looked at.
    pub evaluation_periods: i32,
    /// How many of them must be out of bounds. Default: all.
    pub datapoints_to_alarm: Option<i32>,
    /// What a missing data point counts as: `missing`, `breaching`, `notBreaching` or `ignore`.
    /// Default: `missing`.
    pub treat_missing_data: Option<String>,
    /// For percentiles: `evaluate` or `ignore` where there are too few data points.
    pub evaluate_low_sample_count_percentile: Option<String>,
    /// Whether actions are carried out. Default: true.
    #[field(default = true)]
    pub actions_enabled: Option<bool>,
    /// ARNs of what is told when it goes off, such as SNS topics; at most 5.
    #[field(set)]
    pub alarm_actions: Option<Vec<String>>,
    /// ARNs of what is told when all is well again; at most 5.
    #[field(set)]
    pub ok_actions: Option<Vec<String>>,
    /// ARNs of what is told when there is too little data; at most 5.
    #[field(set)]
    pub insufficient_data_actions: Option<Vec<String>>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of an [`Alarm`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct AlarmOutputs {
    /// Name, as [`super::CompositeAlarm`]'s rule takes it.
    #[output(from_input)]
    pub alarm_name: String,
    /// ARN, as dashboards take it.
    pub arn: String,
}

impl Resource for Alarm {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let name = self.alarm_name.clone().unwrap_or_default();
        refuse_foreign_alarm(cx, &name).await?;
        self.put(cx, &name, &self.tags).await?;
        let arn = alarm_arn(cx, &name).await?;
        Ok(Made::Ready(name.clone(), AlarmOutputs { alarm_name: name, arn }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let found = alarms(cloud, items.iter().map(|i| i.id.clone()).collect()).await?.metric;
        let found = &found;
        batch::each(items, |item| async move {
            let Some(alarm) = found.get(&item.id) else { return Ok(None) };
            let arn = alarm_arn(cloud, &item.id).await?;
            let tags = tags_if(cloud, &arn, item.inputs.as_ref(), |i| i.tags.is_some()).await?;
            Ok(tags.map(|tags| live(alarm, arn, tags)))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let name = self.alarm_name.clone().unwrap_or_default();
        if !alarms(cx, vec![name.clone()]).await?.metric.contains_key(&name) {
            return Ok(None);
        }
        Ok(is_ours(cx, &alarm_arn(cx, &name).await?).await?.then_some(name))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.iter().any(|name| name != "tags") {
            self.put(cx, id, &None).await?;
        }
        if changes.has("tags") {
            retag(cx, &alarm_arn(cx, id).await?, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        delete_alarm(cx, id).await
    }
}

impl Alarm {
    async fn put(&self, aws: &Aws, name: &str, tags: &Option<Tags>) -> Result<()> {
        let metrics = self.metrics.as_ref().filter(|m| !m.is_empty());
        let metrics = metrics.map(|m| m.iter().map(MetricDataQuery::to_sdk).collect());
        let dimensions = dimensions_to_sdk(&self.dimensions);
        let call = aws
            .cloudwatch()
            .put_metric_alarm()
            .alarm_name(name)
            .set_alarm_description(self.alarm_description.clone())
            .set_metric_name(self.metric_name.clone())
            .set_namespace(self.namespace.clone())
            .set_dimensions((!dimensions.is_empty()).then_some(dimensions))
            .set_period(self.period)
            .set_statistic(self.statistic.as_deref().map(Statistic::from))
            .set_extended_statistic(self.extended_statistic.clone())
            .set_unit(self.unit.as_deref().map(StandardUnit::from))
            .set_metrics(metrics)
            .comparison_operator(ComparisonOperator::from(self.comparison_operator.as_str()))
            .set_threshold(self.threshold)
            .set_threshold_metric_id(self.threshold_metric_id.clone())
            .evaluation_periods(self.evaluation_periods)
            .set_datapoints_to_alarm(self.datapoints_to_alarm)
            .set_treat_missing_data(self.treat_missing_data.clone())
            .set_evaluate_low_sample_count_percentile(
                self.evaluate_low_sample_count_percentile.clone(),
            )
            .set_actions_enabled(self.actions_enabled)
            .set_alarm_actions(self.alarm_actions.clone())
            .set_ok_actions(self.ok_actions.clone())
            .set_insufficient_data_actions(self.insufficient_data_actions.clone())
            .set_tags(tags.is_some().then(|| to_sdk(tags)));
        call.send().await.op("cloudwatch:PutMetricAlarm").map(drop)
    }
}

fn live(alarm: &MetricAlarm, arn: String, tags: Option<Tags>) -> Live<Alarm> {
    let name = alarm.alarm_name.clone().unwrap_or_default();
    let list = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let metrics = alarm.metrics();
    let metrics = metrics.iter().map(MetricDataQuery::from_sdk).collect::<Vec<_>>();
    Live::ready(
        Alarm {
            alarm_name: Some(name.clone()),
            alarm_description: text(alarm.alarm_description()),
            metric_name: text(alarm.metric_name()),
            namespace: text(alarm.namespace()),
            dimensions: dimensions_from_sdk(alarm.dimensions()),
            period: alarm.period,
            statistic: text(alarm.statistic()),
            extended_statistic: text(alarm.extended_statistic()),
            unit: text(alarm.unit()),
            metrics: (!metrics.is_empty()).then_some(metrics),
            comparison_operator: text(alarm.comparison_operator()).unwrap_or_default(),
            threshold: alarm.threshold,
            threshold_metric_id: text(alarm.threshold_metric_id()),
            evaluation_periods: alarm.evaluation_periods.unwrap_or_default(),
            datapoints_to_alarm: alarm.datapoints_to_alarm,
            // AWS leaves out what is as usual.
            treat_missing_data: text(alarm.treat_missing_data()).or(Some("missing".into())),
            evaluate_low_sample_count_percentile: text(
                alarm.evaluate_low_sample_count_percentile(),
            ),
            actions_enabled: Some(alarm.actions_enabled.unwrap_or(true)),
            alarm_actions: list(alarm.alarm_actions()),
            ok_actions: list(alarm.ok_actions()),
            insufficient_data_actions: list(alarm.insufficient_data_actions()),
            tags,
        },
        AlarmOutputs { alarm_name: name, arn },
    )
}

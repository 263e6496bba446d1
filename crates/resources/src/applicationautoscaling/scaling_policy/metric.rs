//! Metrics that a policy of target tracking computes from others.

use aws_sdk_applicationautoscaling::types::{
    MetricDimension as SdkDimension, TargetTrackingMetric, TargetTrackingMetricDataQuery,
    TargetTrackingMetricDimension, TargetTrackingMetricStat,
};

use super::bad;
use crate::prelude::*;

/// What narrows a metric down.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct MetricDimension {
    /// Name, such as `QueueName`.
    pub name: String,
    /// Value.
    pub value: String,
}

/// A metric, or what is computed from metrics.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct MetricDataQuery {
    /// Name in expressions, such as `m1`.
    pub id: String,
    /// What is computed, such as `m1 / m2`; or else `metric_stat`.
    pub expression: Option<String>,
    /// What people read.
    pub label: Option<String>,
    /// The metric; or else `expression`.
    pub metric_stat: Option<MetricStat>,
    /// Whether this is the result; of one query only. Default: true.
    #[field(server_default)]
    pub return_data: Option<bool>,
}

/// A metric and its statistic.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct MetricStat {
    /// Name, such as `ApproximateNumberOfMessagesVisible`.
    pub metric_name: String,
    /// Namespace, such as `AWS/SQS`.
    pub namespace: String,
    /// What narrows it down.
    #[field(by("name"))]
    pub dimensions: Option<Vec<MetricDimension>>,
    /// Statistic, such as `Average` or `Sum`.
    pub stat: String,
    /// Unit. Default: any.
    pub unit: Option<String>,
}

impl MetricDimension {
    pub(super) fn to_sdk(&self) -> Result<SdkDimension> {
        SdkDimension::builder().name(&self.name).value(&self.value).build().map_err(bad)
    }

    pub(super) fn from_sdk(live: &SdkDimension) -> Self {
        Self { name: live.name.clone(), value: live.value.clone() }
    }
}

impl MetricDataQuery {
    pub(super) fn to_sdk(&self) -> Result<TargetTrackingMetricDataQuery> {
        TargetTrackingMetricDataQuery::builder()
            .id(&self.id)
            .set_expression(self.expression.clone())
            .set_label(self.label.clone())
            .set_metric_stat(self.metric_stat.as_ref().map(MetricStat::to_sdk).transpose()?)
            .set_return_data(self.return_data)
            .build()
            .map_err(bad)
    }

    pub(super) fn from_sdk(live: &TargetTrackingMetricDataQuery) -> Self {
        Self {
            id: live.id.clone(),
            expression: text(live.expression()),
            label: text(live.label()),
            metric_stat: live.metric_stat().map(MetricStat::from_sdk),
            return_data: live.return_data,
        }
    }
}

impl MetricStat {
    fn to_sdk(&self) -> Result<TargetTrackingMetricStat> {
        let one = |d: &MetricDimension| {
            let dimension = TargetTrackingMetricDimension::builder().name(&d.name);
            dimension.value(&d.value).build().map_err(bad)
        };
        let dimensions: Option<Vec<_>> =
            self.dimensions.as_ref().map(|all| all.iter().map(one).collect()).transpose()?;
        let metric = TargetTrackingMetric::builder()
            .metric_name(&self.metric_name)
            .namespace(&self.namespace)
            .set_dimensions(dimensions);
        TargetTrackingMetricStat::builder()
            .metric(metric.build())
            .stat(&self.stat)
            .set_unit(self.unit.clone())
            .build()
            .map_err(bad)
    }

    fn from_sdk(live: &TargetTrackingMetricStat) -> Self {
        let metric = live.metric();
        let one = |d: &TargetTrackingMetricDimension| MetricDimension {
            name: d.name.clone(),
            value: d.value.clone(),
        };
        let dimensions: Vec<_> =
            metric.map(|m| m.dimensions().iter().map(one).collect()).unwrap_or_default();
        Self {
            metric_name: text(metric.and_then(|m| m.metric_name())).unwrap_or_default(),
            namespace: text(metric.and_then(|m| m.namespace())).unwrap_or_default(),
            dimensions: (!dimensions.is_empty()).then_some(dimensions),
            stat: live.stat.clone(),
            unit: text(live.unit()),
        }
    }
}

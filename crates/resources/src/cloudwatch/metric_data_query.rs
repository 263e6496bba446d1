//! What an alarm watches: metrics, their dimensions, and metric math.

use aws_sdk_cloudwatch::types as sdk;

use crate::prelude::*;

/// A name and value that tell metrics of one name apart, such as `ClusterName` = `shop`.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Dimension {
    /// Name, such as `LoadBalancer`.
    pub name: String,
    /// Value.
    pub value: String,
}

/// One metric or one expression over others, for metric math.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct MetricDataQuery {
    /// What expressions call it; begins with a small letter, such as `errors`.
    pub id: String,
    /// Metric math over other ids, such as `100 * errors / requests`. Not together with
    /// `metric_stat`.
    pub expression: Option<String>,
    /// A metric. Not together with `expression`.
    pub metric_stat: Option<MetricStat>,
    /// What people see instead of the id.
    pub label: Option<String>,
    /// Whether the alarm watches this one; exactly one may. Default: true.
    pub return_data: Option<bool>,
    /// Seconds per data point of an expression. Default: those of its metrics.
    pub period: Option<i32>,
    /// Account id of the metric, for alarms over several accounts. Default: this account.
    pub account_id: Option<String>,
}

/// A statistic of a metric.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct MetricStat {
    /// The metric.
    pub metric: Metric,
    /// Seconds per data point: 10, 20, 30 or a multiple of 60.
    pub period: i32,
    /// `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile such as `p99`.
    pub stat: String,
    /// Only data points with this unit. Default: any.
    pub unit: Option<String>,
}

/// A metric.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Metric {
    /// Namespace, such as `AWS/ECS`.
    pub namespace: String,
    /// Name, such as `CPUUtilization`.
    pub metric_name: String,
    /// Which one.
    #[field(by("name"))]
    pub dimensions: Option<Vec<Dimension>>,
}

pub(super) fn dimensions_to_sdk(list: &Option<Vec<Dimension>>) -> Vec<sdk::Dimension> {
    let one = |d: &Dimension| sdk::Dimension::builder().name(&d.name).value(&d.value).build();
    list.iter().flatten().map(one).collect()
}

pub(super) fn dimensions_from_sdk(list: &[sdk::Dimension]) -> Option<Vec<Dimension>> {
    let one = |d: &sdk::Dimension| Dimension {
        name: d.name().unwrap_or_default().to_owned(),
        value: d.value().unwrap_or_default().to_owned(),
    };
    (!list.is_empty()).then(|| list.iter().map(one).collect())
}

impl MetricDataQuery {
    pub(super) fn to_sdk(&self) -> sdk::MetricDataQuery {
        sdk::MetricDataQuery::builder()
            .id(&self.id)
            .set_expression(self.expression.clone())
            .set_metric_stat(self.metric_stat.as_ref().map(MetricStat::to_sdk))
            .set_label(self.label.clone())
            .set_return_data(self.return_data)
            .set_period(self.period)
            .set_account_id(self.account_id.clone())
            .build()
    }

    pub(super) fn from_sdk(query: &sdk::MetricDataQuery) -> Self {
        Self {
            id: query.id().unwrap_or_default().to_owned(),
            expression: text(query.expression()),
            metric_stat: query.metric_stat().map(MetricStat::from_sdk),
            label: text(query.label()),
            // AWS leaves out what is as usual.
            return_data: Some(query.return_data().unwrap_or(true)),
            period: query.period(),
            account_id: text(query.account_id()),
        }
    }
}

impl MetricStat {
    fn to_sdk(&self) -> sdk::MetricStat {
        let metric = sdk::Metric::builder()
            .namespace(&self.metric.namespace)
            .metric_name(&self.metric.metric_name)
            .set_dimensions(Some(dimensions_to_sdk(&self.metric.dimensions)));
        sdk::MetricStat::builder()
            .metric(metric.build())
            .period(self.period)
            .stat(&self.stat)
            .set_unit(self.unit.as_deref().map(sdk::StandardUnit::from))
            .build()
    }

    fn from_sdk(stat: &sdk::MetricStat) -> Self {
        let metric = stat.metric();
        let part = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Self {
            metric: Metric {
                namespace: part(metric.and_then(sdk::Metric::namespace)),
                metric_name: part(metric.and_then(sdk::Metric::metric_name)),
                dimensions: metric.and_then(|m| dimensions_from_sdk(m.dimensions())),
            },
            period: stat.period().unwrap_or_default(),
            stat: part(stat.stat()),
            unit: text(stat.unit()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_come_back() {
        let query: MetricDataQuery = serde_json::from_value(serde_json::json!({
            "id": "m", "label": "CPU", "return_data": false, "account_id": "1",
            "metric_stat": {
                "metric": {
                    "namespace": "AWS/ECS", "metric_name": "CPUUtilization",
                    "dimensions": [{"name": "ClusterName", "value": "shop"}],
                },
                "period": 60, "stat": "p99", "unit": "Percent",
            },
        }))
        .unwrap();
        let back = MetricDataQuery::from_sdk(&query.to_sdk());
        assert_eq!(serde_json::to_value(back).unwrap(), serde_json::to_value(query).unwrap());
    }
}

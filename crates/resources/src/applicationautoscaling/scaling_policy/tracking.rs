//! A metric that is held at a value.

use aws_sdk_applicationautoscaling::types::{
    CustomizedMetricSpecification as SdkCustomized, MetricStatistic, MetricType,
    PredefinedMetricSpecification as SdkPredefined,
    TargetTrackingScalingPolicyConfiguration as SdkTracking,
};

use super::bad;
use super::metric::{MetricDataQuery, MetricDimension};
use crate::prelude::*;

/// A metric that is held at a value by growing and shrinking.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct TargetTrackingScalingPolicyConfiguration {
    /// The value.
    pub target_value: f64,
    /// A metric that the service offers; or else a customized one.
    pub predefined_metric_specification: Option<PredefinedMetricSpecification>,
    /// Any metric; or else a predefined one.
    pub customized_metric_specification: Option<CustomizedMetricSpecification>,
    /// Seconds before it shrinks again. Default: by service, 0 or 300.
    #[field(server_default)]
    pub scale_in_cooldown: Option<i32>,
    /// Seconds before it grows again. Default: by service, 0 or 300.
    #[field(server_default)]
    pub scale_out_cooldown: Option<i32>,
    /// Never shrinks. Default: false.
    #[field(server_default)]
    pub disable_scale_in: Option<bool>,
}

/// A metric that the service offers.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct PredefinedMetricSpecification {
    /// Which, such as `ECSServiceAverageCPUUtilization` or `ALBRequestCountPerTarget`.
    pub predefined_metric_type: String,
    /// Load balancer and target group, for `ALBRequestCountPerTarget`:
    /// `LOAD_BALANCER_FULL_NAME/TARGET_GROUP_FULL_NAME`.
    pub resource_label: Option<String>,
}

/// Any metric, or what is computed from several.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct CustomizedMetricSpecification {
    /// Name; not with `metrics`.
    pub metric_name: Option<String>,
    /// Namespace; not with `metrics`.
    pub namespace: Option<String>,
    /// What narrows it down; not with `metrics`.
    #[field(by("name"))]
    pub dimensions: Option<Vec<MetricDimension>>,
    /// `Average`, `Minimum`, `Maximum`, `SampleCount` or `Sum`; not with `metrics`.
    pub statistic: Option<String>,
    /// Unit. Default: any.
    pub unit: Option<String>,
    /// Metrics, and what is computed from them.
    #[field(by("id"))]
    pub metrics: Option<Vec<MetricDataQuery>>,
}

impl TargetTrackingScalingPolicyConfiguration {
    pub(super) fn to_sdk(&self) -> Result<SdkTracking> {
        let predefined = self.predefined_metric_specification.as_ref();
        let customized = self.customized_metric_specification.as_ref();
        SdkTracking::builder()
            .target_value(self.target_value)
            .set_predefined_metric_specification(predefined.map(|p| p.to_sdk()).transpose()?)
            .set_customized_metric_specification(customized.map(|c| c.to_sdk()).transpose()?)
            .set_scale_in_cooldown(self.scale_in_cooldown)
            .set_scale_out_cooldown(self.scale_out_cooldown)
            .set_disable_scale_in(self.disable_scale_in)
            .build()
            .map_err(bad)
    }

    pub(super) fn from_sdk(live: &SdkTracking) -> Self {
        let predefined = live.predefined_metric_specification();
        let customized = live.customized_metric_specification();
        Self {
            target_value: live.target_value,
            predefined_metric_specification: predefined
                .map(PredefinedMetricSpecification::from_sdk),
            customized_metric_specification: customized
                .map(CustomizedMetricSpecification::from_sdk),
            scale_in_cooldown: live.scale_in_cooldown,
            scale_out_cooldown: live.scale_out_cooldown,
            disable_scale_in: live.disable_scale_in,
        }
    }
}

impl PredefinedMetricSpecification {
    fn to_sdk(&self) -> Result<SdkPredefined> {
        SdkPredefined::builder()
            .predefined_metric_type(MetricType::from(self.predefined_metric_type.as_str()))
            .set_resource_label(self.resource_label.clone())
            .build()
            .map_err(bad)
    }

    fn from_sdk(live: &SdkPredefined) -> Self {
        Self {
            predefined_metric_type: live.predefined_metric_type.as_str().to_owned(),
            resource_label: text(live.resource_label()),
        }
    }
}

impl CustomizedMetricSpecification {
    fn to_sdk(&self) -> Result<SdkCustomized> {
        let dimensions = self.dimensions.as_ref();
        let dimensions: Option<Vec<_>> =
            dimensions.map(|all| all.iter().map(MetricDimension::to_sdk).collect()).transpose()?;
        let metrics: Option<Vec<_>> = self
            .metrics
            .as_ref()
            .map(|all| all.iter().map(MetricDataQuery::to_sdk).collect())
            .transpose()?;
        Ok(SdkCustomized::builder()
            .set_metric_name(self.metric_name.clone())
            .set_namespace(self.namespace.clone())
            .set_dimensions(dimensions)
            .set_statistic(self.statistic.as_deref().map(MetricStatistic::from))
            .set_unit(self.unit.clone())
            .set_metrics(metrics)
            .build())
    }

    fn from_sdk(live: &SdkCustomized) -> Self {
        let dimensions: Vec<_> = live.dimensions().iter().map(MetricDimension::from_sdk).collect();
        let metrics: Vec<_> = live.metrics().iter().map(MetricDataQuery::from_sdk).collect();
        Self {
            metric_name: text(live.metric_name()),
            namespace: text(live.namespace()),
            dimensions: (!dimensions.is_empty()).then_some(dimensions),
            statistic: text(live.statistic()),
            unit: text(live.unit()),
            metrics: (!metrics.is_empty()).then_some(metrics),
        }
    }
}

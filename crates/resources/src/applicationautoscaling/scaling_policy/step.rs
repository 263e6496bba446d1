//! Scaling in steps.

use aws_sdk_applicationautoscaling::types::{
    AdjustmentType, MetricAggregationType, StepAdjustment as SdkStep,
    StepScalingPolicyConfiguration as SdkSteps,
};

use super::bad;
use crate::prelude::*;

/// By how much a target grows or shrinks when an alarm goes off.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct StepScalingPolicyConfiguration {
    /// What the adjustments are: `ChangeInCapacity`, `PercentChangeInCapacity` or
    /// `ExactCapacity`.
    pub adjustment_type: String,
    /// The steps, which must not overlap.
    #[field(set)]
    pub step_adjustments: Vec<StepAdjustment>,
    /// Least change, for `PercentChangeInCapacity`.
    pub min_adjustment_magnitude: Option<i32>,
    /// Seconds before the next change. Default: by service, 0 or 300.
    #[field(server_default)]
    pub cooldown: Option<i32>,
    /// How the metric is summed up: `Average`, `Minimum` or `Maximum`. Default: `Average`.
    #[field(server_default)]
    pub metric_aggregation_type: Option<String>,
}

/// A step: how far the metric is over (or under) the alarm's threshold, and what follows.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct StepAdjustment {
    /// From here, counted from the threshold. Default: no bound.
    pub metric_interval_lower_bound: Option<f64>,
    /// To here, counted from the threshold. Default: no bound.
    pub metric_interval_upper_bound: Option<f64>,
    /// By how much; negative to shrink.
    pub scaling_adjustment: i32,
}

impl StepScalingPolicyConfiguration {
    pub(super) fn to_sdk(&self) -> Result<SdkSteps> {
        let one = |step: &StepAdjustment| {
            SdkStep::builder()
                .set_metric_interval_lower_bound(step.metric_interval_lower_bound)
                .set_metric_interval_upper_bound(step.metric_interval_upper_bound)
                .scaling_adjustment(step.scaling_adjustment)
                .build()
                .map_err(bad)
        };
        let steps = self.step_adjustments.iter().map(one).collect::<Result<Vec<_>>>()?;
        let summed = self.metric_aggregation_type.as_deref().map(MetricAggregationType::from);
        Ok(SdkSteps::builder()
            .adjustment_type(AdjustmentType::from(self.adjustment_type.as_str()))
            .set_step_adjustments(Some(steps))
            .set_min_adjustment_magnitude(self.min_adjustment_magnitude)
            .set_cooldown(self.cooldown)
            .set_metric_aggregation_type(summed)
            .build())
    }

    pub(super) fn from_sdk(live: &SdkSteps) -> Self {
        let one = |step: &SdkStep| StepAdjustment {
            metric_interval_lower_bound: step.metric_interval_lower_bound,
            metric_interval_upper_bound: step.metric_interval_upper_bound,
            scaling_adjustment: step.scaling_adjustment,
        };
        Self {
            adjustment_type: text(live.adjustment_type()).unwrap_or_default(),
            step_adjustments: live.step_adjustments().iter().map(one).collect(),
            min_adjustment_magnitude: live.min_adjustment_magnitude,
            cooldown: live.cooldown,
            metric_aggregation_type: text(live.metric_aggregation_type()),
        }
    }
}

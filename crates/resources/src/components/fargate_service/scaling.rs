//! [`Scaling`].

use bon::Builder;
use ferrocrete_core::{Output, Stack};
use serde::Deserialize;

use crate::applicationautoscaling::{
    PredefinedMetricSpecification, ScalableTarget, ScalingPolicy,
    TargetTrackingScalingPolicyConfiguration,
};

/// How many tasks, by load.
#[derive(Debug, Clone, Builder, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// Fewest tasks.
    pub min: i32,
    /// Most tasks.
    pub max: i32,
    /// CPU to aim at, in percent of what is reserved. Default: 70.
    #[builder(default = cpu())]
    #[serde(default = "cpu")]
    pub cpu_percent: f64,
    /// Memory to aim at, in percent of what is reserved. Default: 80.
    #[builder(default = memory())]
    #[serde(default = "memory")]
    pub memory_percent: f64,
}

fn cpu() -> f64 {
    70.0
}

fn memory() -> f64 {
    80.0
}

pub(super) fn build(scaling: &Scaling, scope: &Stack, service: &Output<String>) {
    let (least, most) = (scaling.min, scaling.max);
    if least < 0 || most < least {
        scope.refuse(format!(
            "scaling from {least} to {most} tasks is not possible\n  what to do: let min be 0 or \
             more, and max no less than min"
        ));
    }
    let target = scope.add(
        "scaling",
        ScalableTarget::builder()
            .service_namespace("ecs")
            .scalable_dimension("ecs:service:DesiredCount")
            .resource_id(service)
            .min_capacity(least)
            .max_capacity(most),
    );
    let metrics = [
        ("cpu", "ECSServiceAverageCPUUtilization", scaling.cpu_percent),
        ("memory", "ECSServiceAverageMemoryUtilization", scaling.memory_percent),
    ];
    for (name, metric, percent) in metrics {
        scope.add(
            name,
            ScalingPolicy::builder()
                .scaling_target_id(&target.scalable_target_id)
                .policy_type("TargetTrackingScaling")
                .target_tracking_scaling_policy_configuration(
                    TargetTrackingScalingPolicyConfiguration::builder()
                        .target_value(percent)
                        .predefined_metric_specification(
                            PredefinedMetricSpecification::builder().predefined_metric_type(metric),
                        )
                        .scale_out_cooldown(60)
                        .scale_in_cooldown(300),
                ),
        );
    }
}

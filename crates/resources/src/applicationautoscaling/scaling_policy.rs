//! `AWS::ApplicationAutoScaling::ScalingPolicy`: when a target grows and shrinks.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | DescribeScalingPolicies when the name is chosen, PutScalingPolicy |
//! | read, find | DescribeScalingPolicies per target, concurrently |
//! | update | PutScalingPolicy |
//! | delete | DeleteScalingPolicy |
//!
//! Traps: PutScalingPolicy overwrites what has that name, so create looks first. A policy of
//! target tracking makes alarms of its own, which nobody else may change; one of step scaling
//! does nothing until an alarm names it in its actions. A metric of a target is held by one policy
//! only (TF#41179). One change of a target at a time (`ConcurrentUpdateException`, TF#17915); and
//! CloudWatch and the service that is scaled may be too busy, or not know a new role yet
//! (`FailedResourceAccessException`; Terraform's provider tells by the message what passes, in
//! `internal/service/appautoscaling/policy.go`).
//! Left out: predictive scaling (`predictive_scaling_policy_configuration`); `resource_id`,
//! `scalable_dimension` and `service_namespace`, which the id of the target stands for.
//! Differences:
//! - renamed
//!   `target_tracking_scaling_policy_configuration.customized_metric_specification.metrics.metric_stat.metric_name`
//!   (`target_tracking_scaling_policy_configuration.customized_metric_specification.metrics.metric_stat.metric.metric_name`),
//!   `target_tracking_scaling_policy_configuration.customized_metric_specification.metrics.metric_stat.namespace`
//!   (`target_tracking_scaling_policy_configuration.customized_metric_specification.metrics.metric_stat.metric.namespace`),
//!   `target_tracking_scaling_policy_configuration.customized_metric_specification.metrics.metric_stat.dimensions`
//!   (`target_tracking_scaling_policy_configuration.customized_metric_specification.metrics.metric_stat.metric.dimensions`):
//!   without the wrapping.
//! - replaces `policy_type`: no setting of one kind is one of the other, and AWS does not say what
//!   becomes of the old ones.
//! - read back `scaling_target_id`,
//!   `target_tracking_scaling_policy_configuration.predefined_metric_specification.resource_label`:
//!   AWS tells them.
//! - optional `policy_name`: derived when not given.
//! - required `scaling_target_id`: there, three properties may stand for it.
//! - also needs `cloudwatch:PutMetricAlarm`, `cloudwatch:DescribeAlarms`,
//!   `cloudwatch:DeleteAlarms`: AWS asks for them; target tracking makes alarms.
//! - does not need `cloudwatch:GetMetricData`: predictive scaling, which is left out, reads metrics.

mod metric;
mod step;
mod tracking;

use aws_sdk_applicationautoscaling::types::{PolicyType, ScalingPolicy as SdkPolicy};
use ferrocrete_core::Value;
use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

pub use metric::{MetricDataQuery, MetricDimension, MetricStat};
pub use step::{StepAdjustment, StepScalingPolicyConfiguration};
pub use tracking::{
    CustomizedMetricSpecification, PredefinedMetricSpecification,
    TargetTrackingScalingPolicyConfiguration,
};

use super::shared::{Target, by_target, taken, target_and_name, targets_and_names};
use crate::aws::claim;
use crate::prelude::*;

/// When a target grows and shrinks: by a metric that is held at a value, or in steps.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::ApplicationAutoScaling::ScalingPolicy",
    deleted_with = "scaling_target_id",
    identity("scaling_target_id", "policy_name"),
    claims = ScalingPolicy::claims,
    eventual(
        "FailedResourceAccessException" = "is not authorized to perform",
        "FailedResourceAccessException" = "token included in the request is invalid",
        "ObjectNotFoundException"
    ),
    busy("ConcurrentUpdateException", "FailedResourceAccessException" = "Rate exceeded"),
    iam(
        create(
            "application-autoscaling:PutScalingPolicy",
            "application-autoscaling:DescribeScalingPolicies",
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:DescribeAlarms"
        ),
        read("application-autoscaling:DescribeScalingPolicies"),
        find("application-autoscaling:DescribeScalingPolicies"),
        update(
            "application-autoscaling:PutScalingPolicy",
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:DeleteAlarms"
        ),
        delete("application-autoscaling:DeleteScalingPolicy", "cloudwatch:DeleteAlarms")
    )
)]
pub struct ScalingPolicy {
    /// Name, up to 256 letters, digits and `-_.`. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 256, extra = "-_."))]
    pub policy_name: Option<String>,
    /// Who is scaled: `scalable_target_id` of a [`super::ScalableTarget`]. Replaces.
    #[field(replaces)]
    pub scaling_target_id: String,
    /// `TargetTrackingScaling` or `StepScaling`. Replaces.
    #[field(replaces)]
    pub policy_type: String,
    /// The metric that is held at a value, for `TargetTrackingScaling`.
    #[field(affects("alarm_arns"))]
    pub target_tracking_scaling_policy_configuration:
        Option<TargetTrackingScalingPolicyConfiguration>,
    /// The steps, for `StepScaling`.
    pub step_scaling_policy_configuration: Option<StepScalingPolicyConfiguration>,
}

/// What AWS knows of a [`ScalingPolicy`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ScalingPolicyOutputs {
    /// ARN: what an alarm's actions name, for step scaling.
    pub policy_arn: String,
    /// Name.
    #[output(from_input)]
    pub policy_name: String,
    /// ARNs of the alarms that target tracking made.
    pub alarm_arns: Vec<String>,
}

const DESCRIBE: &str = "application-autoscaling:DescribeScalingPolicies";

impl Resource for ScalingPolicy {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let name = self.policy_name.clone().unwrap_or_default();
        let target = Target::parse(&self.scaling_target_id)?;
        if !cx.is_derived(&name) && get(cx, &target, &name).await?.is_some() {
            return Err(taken("policy", &name, &self.scaling_target_id));
        }
        let outputs = self.put(cx, &target, &name).await?;
        Ok(Made::Ready(self.id(&name), outputs))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let asked = targets_and_names(items)?;
        let list = |target: Target| async move { list(cloud, &target, None).await };
        let all = by_target(&asked, list).await?;
        let one = |(target, name): &(Target, &str)| {
            let mut policies = all.get(target)?.iter();
            policies.find(|policy| policy.policy_name() == *name).map(|p| live(p, target))
        };
        Ok(asked.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let Some(name) = &self.policy_name else { return Ok(None) };
        let target = Target::parse(&self.scaling_target_id)?;
        let Some(there) = get(cx, &target, name).await? else { return Ok(None) };
        // There are no tags: one with a name that somebody chose is ours if it is the same.
        let ours = cx.is_derived(name) || self.is(&live(&there, &target).inputs);
        Ok(ours.then(|| self.id(name)))
    }

    async fn update(&self, cx: &Cx, id: &str, _: &Self, _: &Changes) -> Result<Progress> {
        let (target, name) = target_and_name(id)?;
        self.put(cx, &target, name).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let (target, name) = target_and_name(id)?;
        let call = cx
            .applicationautoscaling()
            .delete_scaling_policy()
            .policy_name(name)
            .service_namespace(target.namespace())
            .resource_id(&target.resource_id)
            .scalable_dimension(target.dimension());
        gone(call.send().await.op("application-autoscaling:DeleteScalingPolicy"))
    }
}

impl ScalingPolicy {
    /// The metric that it holds.
    fn claims(properties: &PropertyMap) -> Vec<Claim> {
        let tracking = properties.get("target_tracking_scaling_policy_configuration");
        let Some(Value::Map(tracking)) = tracking.map(Value::reveal) else { return vec![] };
        let Some(target) = claim::known(properties, "scaling_target_id") else { return vec![] };
        let metric = |name: &str| {
            let metric = tracking.get(name).filter(|v| !v.is_null() && !v.has_unknown())?;
            let named = ["scaling_target_id", "target_tracking_scaling_policy_configuration"];
            let key = [target.clone(), metric.redacted().to_string()];
            Some(Claim::new("target tracking of a metric", &named, key))
        };
        let names = ["predefined_metric_specification", "customized_metric_specification"];
        names.into_iter().filter_map(metric).collect()
    }

    fn id(&self, name: &str) -> String {
        format!("{}|{name}", self.scaling_target_id)
    }

    /// Whether what is there does the same.
    fn is(&self, there: &Self) -> bool {
        let tracked = |policy: &Self| {
            let tracking = policy.target_tracking_scaling_policy_configuration.as_ref();
            tracking.map(|tracking| tracking.target_value)
        };
        let stepped = |policy: &Self| {
            let step = policy.step_scaling_policy_configuration.as_ref();
            step.map(|step| (step.adjustment_type.clone(), step.step_adjustments.len()))
        };
        self.policy_type == there.policy_type
            && tracked(self) == tracked(there)
            && stepped(self) == stepped(there)
    }

    async fn put(&self, aws: &Aws, target: &Target, name: &str) -> Result<ScalingPolicyOutputs> {
        const CALL: &str = "application-autoscaling:PutScalingPolicy";
        let tracking = self.target_tracking_scaling_policy_configuration.as_ref();
        let step = self.step_scaling_policy_configuration.as_ref();
        let call = aws
            .applicationautoscaling()
            .put_scaling_policy()
            .policy_name(name)
            .service_namespace(target.namespace())
            .resource_id(&target.resource_id)
            .scalable_dimension(target.dimension())
            .policy_type(PolicyType::from(self.policy_type.as_str()))
            .set_target_tracking_scaling_policy_configuration(
                tracking.map(|tracking| tracking.to_sdk()).transpose()?,
            )
            .set_step_scaling_policy_configuration(step.map(|step| step.to_sdk()).transpose()?);
        let answer = call.send().await.op(CALL)?;
        let alarms = answer.alarms.unwrap_or_default().into_iter();
        Ok(ScalingPolicyOutputs {
            policy_arn: answer.policy_arn,
            policy_name: name.to_owned(),
            alarm_arns: alarms.map(|alarm| alarm.alarm_arn).collect(),
        })
    }
}

/// What AWS's builders ask for and a property always has.
pub(super) fn bad(error: aws_smithy_types::error::operation::BuildError) -> OpError {
    OpError::invalid(error.to_string())
}

async fn get(aws: &Aws, target: &Target, name: &str) -> Result<Option<SdkPolicy>> {
    Ok(list(aws, target, Some(name)).await?.into_iter().find(|p| p.policy_name() == name))
}

/// The policies of a target, or the one of this name.
async fn list(aws: &Aws, target: &Target, name: Option<&str>) -> Result<Vec<SdkPolicy>> {
    let call = aws
        .applicationautoscaling()
        .describe_scaling_policies()
        .service_namespace(target.namespace())
        .resource_id(&target.resource_id)
        .scalable_dimension(target.dimension())
        .set_policy_names(name.map(|name| vec![name.to_owned()]));
    let mut pages = call.into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let Some(page) = found(page.op(DESCRIBE))? else { break };
        all.extend(page.scaling_policies.unwrap_or_default());
    }
    Ok(all)
}

fn live(there: &SdkPolicy, target: &Target) -> Live<ScalingPolicy> {
    let tracking = there.target_tracking_scaling_policy_configuration();
    let step = there.step_scaling_policy_configuration();
    Live::ready(
        ScalingPolicy {
            policy_name: Some(there.policy_name.clone()),
            scaling_target_id: target.id(),
            policy_type: there.policy_type.as_str().to_owned(),
            target_tracking_scaling_policy_configuration: tracking
                .map(TargetTrackingScalingPolicyConfiguration::from_sdk),
            step_scaling_policy_configuration: step.map(StepScalingPolicyConfiguration::from_sdk),
        },
        ScalingPolicyOutputs {
            policy_arn: there.policy_arn.clone(),
            policy_name: there.policy_name.clone(),
            alarm_arns: there.alarms().iter().map(|alarm| alarm.alarm_arn.clone()).collect(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_held_by_one_policy_of_a_target() {
        let of = |target: &str, metric: &str, value: f64| {
            let tracking = serde_json::json!({
                "target_value": value,
                "predefined_metric_specification": {"predefined_metric_type": metric},
            });
            let policy = serde_json::json!({
                "policy_name": "x",
                "scaling_target_id": target,
                "target_tracking_scaling_policy_configuration": tracking,
            });
            ScalingPolicy::claims(&claim::properties(&policy))
        };
        assert_eq!(of("a", "cpu", 50.0).len(), 1);
        assert_eq!(of("a", "cpu", 50.0), of("a", "cpu", 70.0));
        assert_ne!(of("a", "cpu", 50.0), of("a", "memory", 50.0));
        assert_ne!(of("a", "cpu", 50.0), of("b", "cpu", 50.0));
        let step = serde_json::json!({"scaling_target_id": "a"});
        assert!(ScalingPolicy::claims(&claim::properties(&step)).is_empty());
    }
}

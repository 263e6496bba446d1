//! Who is registered.

use aws_sdk_elasticloadbalancingv2::types::{
    TargetDescription as SdkTarget, TargetHealthReasonEnum,
};

use crate::prelude::*;

/// Somebody who gets requests.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct TargetDescription {
    /// Id of an instance, an IP address, or the ARN of a function or an application load
    /// balancer, as the group's target type says.
    pub id: String,
    /// Port. Default: the group's.
    #[field(server_default)]
    pub port: Option<i32>,
    /// `all` for an IP address outside the VPC. Default: AWS knows.
    #[field(server_default)]
    pub availability_zone: Option<String>,
}

fn to_sdk(targets: &[TargetDescription]) -> Option<Vec<SdkTarget>> {
    let one = |target: &TargetDescription| {
        SdkTarget::builder()
            .id(&target.id)
            .set_port(target.port)
            .set_availability_zone(target.availability_zone.clone())
            .build()
    };
    Some(targets.iter().map(one).collect())
}

/// Adds these; one that is there already stays.
pub(super) async fn register(aws: &Aws, arn: &str, targets: &[TargetDescription]) -> Result<()> {
    if targets.is_empty() {
        return Ok(());
    }
    let call = aws.elasticloadbalancingv2().register_targets().target_group_arn(arn);
    let call = call.set_targets(to_sdk(targets));
    call.send().await.op("elasticloadbalancing:RegisterTargets").map(drop)
}

/// Brings them from `old` to `new`; `port` is the group's.
pub(super) async fn change(
    aws: &Aws,
    arn: &str,
    old: &[TargetDescription],
    new: &[TargetDescription],
    port: Option<i32>,
) -> Result<()> {
    register(aws, arn, new).await?;
    let same = |a: &TargetDescription, b: &TargetDescription| {
        a.id == b.id && a.port.or(port) == b.port.or(port)
    };
    let gone: Vec<TargetDescription> =
        old.iter().filter(|o| !new.iter().any(|n| same(o, n))).cloned().collect();
    if gone.is_empty() {
        return Ok(());
    }
    let call = aws.elasticloadbalancingv2().deregister_targets().target_group_arn(arn);
    let call = call.set_targets(to_sdk(&gone)).send().await;
    call.op("elasticloadbalancing:DeregisterTargets").map(drop)
}

/// Who is registered, without those that are going.
pub(super) async fn get(
    aws: &Aws,
    arn: &str,
    port: Option<i32>,
    declared: Option<&[TargetDescription]>,
) -> Result<Option<Vec<TargetDescription>>> {
    let call = aws.elasticloadbalancingv2().describe_target_health().target_group_arn(arn);
    let answer = call.send().await.op("elasticloadbalancing:DescribeTargetHealth")?;
    let all = answer.target_health_descriptions.unwrap_or_default();
    let going = |reason: Option<&TargetHealthReasonEnum>| {
        matches!(
            reason,
            Some(
                TargetHealthReasonEnum::DeregistrationInProgress
                    | TargetHealthReasonEnum::NotRegistered
            )
        )
    };
    let there = all.into_iter().filter(|d| !going(d.target_health().and_then(|h| h.reason())));
    let targets: Vec<TargetDescription> = there
        .filter_map(|d| {
            let target = d.target?;
            Some(TargetDescription {
                id: target.id?,
                port: target.port.or(port),
                availability_zone: target.availability_zone,
            })
        })
        .collect();
    let empty = declared.is_some_and(<[_]>::is_empty);
    Ok((!targets.is_empty() || empty).then_some(targets))
}

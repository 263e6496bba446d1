//! A target group as AWS has it.

use aws_sdk_elasticloadbalancingv2::types::TargetGroup as SdkGroup;

use super::{DESCRIBE, Matcher, TargetGroup, TargetGroupOutputs};
use crate::prelude::*;

/// The ARN of the group of this name.
pub(super) async fn by_name(aws: &Aws, name: &str) -> Result<Option<String>> {
    let call = aws.elasticloadbalancingv2().describe_target_groups().names(name);
    let answer = found(call.send().await.op(DESCRIBE))?;
    let all = answer.and_then(|a| a.target_groups).unwrap_or_default();
    Ok(all.into_iter().find_map(|group| group.target_group_arn))
}

pub(super) fn outputs(arn: &str, name: String) -> TargetGroupOutputs {
    let full_name = arn.rsplit(':').next().unwrap_or_default().to_owned();
    TargetGroupOutputs { target_group_arn: arn.to_owned(), target_group_full_name: full_name, name }
}

pub(super) fn live(group: &SdkGroup, tags: Option<Tags>) -> TargetGroup {
    TargetGroup {
        name: group.target_group_name.clone(),
        target_type: text(group.target_type()),
        protocol: text(group.protocol()),
        protocol_version: text(group.protocol_version()),
        port: group.port,
        vpc_id: text(group.vpc_id()),
        ip_address_type: text(group.ip_address_type()),
        health_check_enabled: group.health_check_enabled,
        health_check_protocol: text(group.health_check_protocol()),
        health_check_port: text(group.health_check_port()),
        health_check_path: text(group.health_check_path()),
        health_check_interval_seconds: group.health_check_interval_seconds,
        health_check_timeout_seconds: group.health_check_timeout_seconds,
        healthy_threshold_count: group.healthy_threshold_count,
        unhealthy_threshold_count: group.unhealthy_threshold_count,
        matcher: group.matcher().map(Matcher::from_sdk),
        tags,
        ..TargetGroup::bare()
    }
}

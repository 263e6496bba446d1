//! A target group as AWS has it.

use aws_sdk_elasticloadbalancingv2::types::TargetGroup as SdkGroup;

use super::{Matcher, TargetGroup};
use crate::prelude::*;

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

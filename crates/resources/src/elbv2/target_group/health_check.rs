//! How the health of targets is known.

use aws_sdk_elasticloadbalancingv2::types::{Matcher as SdkMatcher, ProtocolEnum};

use super::TargetGroup;
use crate::prelude::*;

/// Answers of a health check that are good.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Matcher {
    /// HTTP statuses, such as `200`, `200,202` or `200-299`.
    pub http_code: Option<String>,
    /// gRPC statuses, such as `0`, `0,1` or `0-5`; with protocol version `GRPC`.
    pub grpc_code: Option<String>,
}

impl Matcher {
    pub(super) fn to_sdk(&self) -> SdkMatcher {
        let matcher = SdkMatcher::builder().set_http_code(self.http_code.clone());
        matcher.set_grpc_code(self.grpc_code.clone()).build()
    }

    pub(super) fn from_sdk(matcher: &SdkMatcher) -> Self {
        Self { http_code: text(matcher.http_code()), grpc_code: text(matcher.grpc_code()) }
    }
}

/// Properties that ModifyTargetGroup sets.
pub(super) const PROPERTIES: &[&str] = &[
    "health_check_enabled",
    "health_check_protocol",
    "health_check_port",
    "health_check_path",
    "health_check_interval_seconds",
    "health_check_timeout_seconds",
    "healthy_threshold_count",
    "unhealthy_threshold_count",
    "matcher",
];

impl TargetGroup {
    /// Sends what changes, all in one call.
    pub(super) async fn set_health_check(
        &self,
        aws: &Aws,
        arn: &str,
        changes: &Changes,
    ) -> Result<()> {
        fn changed<T>(changes: &Changes, name: &str, value: Option<T>) -> Option<T> {
            value.filter(|_| changes.has(name))
        }
        let protocol = self.health_check_protocol.as_deref().map(ProtocolEnum::from);
        let (port, path) = (self.health_check_port.clone(), self.health_check_path.clone());
        let interval = self.health_check_interval_seconds;
        let timeout = self.health_check_timeout_seconds;
        let matcher = self.matcher.as_ref().map(Matcher::to_sdk);
        let call = aws
            .elasticloadbalancingv2()
            .modify_target_group()
            .target_group_arn(arn)
            .set_health_check_enabled(changed(
                changes,
                "health_check_enabled",
                self.health_check_enabled,
            ))
            .set_health_check_protocol(changed(changes, "health_check_protocol", protocol))
            .set_health_check_port(changed(changes, "health_check_port", port))
            .set_health_check_path(changed(changes, "health_check_path", path))
            .set_health_check_interval_seconds(changed(
                changes,
                "health_check_interval_seconds",
                interval,
            ))
            .set_health_check_timeout_seconds(changed(
                changes,
                "health_check_timeout_seconds",
                timeout,
            ))
            .set_healthy_threshold_count(changed(
                changes,
                "healthy_threshold_count",
                self.healthy_threshold_count,
            ))
            .set_unhealthy_threshold_count(changed(
                changes,
                "unhealthy_threshold_count",
                self.unhealthy_threshold_count,
            ))
            .set_matcher(changed(changes, "matcher", matcher));
        call.send().await.op("elasticloadbalancing:ModifyTargetGroup").map(drop)
    }
}

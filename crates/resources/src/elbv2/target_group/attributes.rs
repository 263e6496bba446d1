//! What AWS keeps as attributes of a target group: texts by name.

use aws_sdk_elasticloadbalancingv2::types::TargetGroupAttribute;

use super::TargetGroup;
use crate::elbv2::shared::{Attributes, attribute, attributes};
use crate::prelude::*;

/// By what a client stays with its target.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct TargetGroupStickiness {
    /// `lb_cookie` (the load balancer's own) or `app_cookie` (the application's) for HTTP,
    /// `source_ip` for TCP and UDP.
    pub stickiness_type: String,
    /// For how long, with cookies: seconds, 1 to 604800 (7 days). Default: 86400 (a day).
    #[field(server_default)]
    pub duration_seconds: Option<i32>,
    /// Name of the application's cookie, for `app_cookie`.
    pub cookie_name: Option<String>,
}

attributes!(TargetGroup {
    deregistration_delay_timeout_seconds: "deregistration_delay.timeout_seconds",
    deregistration_delay_connection_termination_enabled: "deregistration_delay.connection_termination.enabled",
    load_balancing_algorithm_type: "load_balancing.algorithm.type",
    load_balancing_algorithm_anomaly_mitigation: "load_balancing.algorithm.anomaly_mitigation",
    load_balancing_cross_zone_enabled: "load_balancing.cross_zone.enabled",
    slow_start_duration_seconds: "slow_start.duration_seconds",
    preserve_client_ip_enabled: "preserve_client_ip.enabled",
    proxy_protocol_v2_enabled: "proxy_protocol_v2.enabled",
    unhealthy_connection_termination_enabled: "target_health_state.unhealthy.connection_termination.enabled",
    dns_failover_minimum_healthy_targets_count: "target_group_health.dns_failover.minimum_healthy_targets.count",
    dns_failover_minimum_healthy_targets_percentage: "target_group_health.dns_failover.minimum_healthy_targets.percentage",
    unhealthy_state_routing_minimum_healthy_targets_count: "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
    unhealthy_state_routing_minimum_healthy_targets_percentage: "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
    lambda_multi_value_headers_enabled: "lambda.multi_value_headers.enabled",
});

/// The property that is several attributes, of which one says whether it counts.
pub(super) const MORE: &[&str] = &["stickiness"];

/// All attributes of a target group.
pub(super) async fn get(aws: &Aws, arn: &str) -> Result<Attributes> {
    let call = aws.elasticloadbalancingv2().describe_target_group_attributes();
    let answer = call.target_group_arn(arn).send().await;
    let answer = answer.op("elasticloadbalancing:DescribeTargetGroupAttributes")?;
    let pair = |a: TargetGroupAttribute| Some((a.key?, a.value.unwrap_or_default()));
    Ok(answer.attributes.unwrap_or_default().into_iter().filter_map(pair).collect())
}

/// Sets these in one call, if there are any.
pub(super) async fn set(aws: &Aws, arn: &str, wanted: Vec<(String, String)>) -> Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let one = |(key, value)| TargetGroupAttribute::builder().key(key).value(value).build();
    let call = aws.elasticloadbalancingv2().modify_target_group_attributes();
    let call = call.target_group_arn(arn);
    let call = call.set_attributes(Some(wanted.into_iter().map(one).collect()));
    call.send().await.op("elasticloadbalancing:ModifyTargetGroupAttributes").map(drop)
}

impl TargetGroup {
    /// Nothing declared.
    pub(super) fn bare() -> Self {
        serde_json::from_str("{}").expect("no property is needed")
    }

    /// The attributes of these properties; `off`: also that stickiness which is not declared is
    /// off.
    pub(super) fn attributes(&self, of: impl Fn(&str) -> bool, off: bool) -> Vec<(String, String)> {
        let mut all = self.plain_attributes(&of);
        if !of("stickiness") {
            return all;
        }
        let mut set = |key: &str, value: &str| {
            all.push((format!("stickiness.{key}"), value.to_owned()));
        };
        match &self.stickiness {
            Some(sticky) => {
                let kind = sticky.stickiness_type.as_str();
                set("enabled", "true");
                set("type", kind);
                if let Some(seconds) = sticky.duration_seconds {
                    set(&format!("{kind}.duration_seconds"), &seconds.to_string());
                }
                if let Some(name) = &sticky.cookie_name {
                    set(&format!("{kind}.cookie_name"), name);
                }
            }
            None if off => set("enabled", "false"),
            None => {}
        }
        all
    }

    /// Takes over what AWS has.
    pub(super) fn take(&mut self, live: &Attributes) {
        self.take_attributes(live);
        let enabled = attribute(live, "stickiness.enabled") == Some(true);
        self.stickiness = enabled.then(|| {
            let kind: String = attribute(live, "stickiness.type").unwrap_or_default();
            TargetGroupStickiness {
                duration_seconds: attribute(live, &format!("stickiness.{kind}.duration_seconds")),
                cookie_name: attribute(live, &format!("stickiness.{kind}.cookie_name"))
                    .filter(|_| kind == "app_cookie"),
                stickiness_type: kind,
            }
        });
    }
}

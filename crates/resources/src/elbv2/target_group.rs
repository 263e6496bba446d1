//! `AWS::ElasticLoadBalancingV2::TargetGroup`: who gets the requests, and how their health is known.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | DescribeTargetGroups when the name is chosen, CreateTargetGroup, ModifyTargetGroupAttributes when attributes are declared, RegisterTargets when targets are |
//! | read | DescribeTargetGroups, DescribeTags when tags are declared, DescribeTargetGroupAttributes and DescribeTargetHealth per group when what they tell is |
//! | find | DescribeTargetGroups by name, DescribeTags |
//! | update | ModifyTargetGroup, ModifyTargetGroupAttributes, RegisterTargets, DeregisterTargets, AddTags, RemoveTags |
//! | delete | DeleteTargetGroup |
//!
//! Traps: CreateTargetGroup answers with a group of that name that is there already, if its
//! settings are the same, so create looks first. A group that a listener uses is not deleted
//! (`ResourceInUse`, for a moment also after it let go: Terraform's provider waits that out), so a
//! replacement is made first, and the listener goes over to it. A target must run
//! (`InvalidTarget`). Leave `targets` out where a service such as ECS registers them.
//! Left out: groups of gateway load balancers (`GENEVE`) with their attributes;
//! `target_control_port`, `targets.quic_server_id`; `target_group_name`, the name once more;
//! `load_balancer_arns`, which listeners that come later change.
//! Differences:
//! - spelled out `deregistration_delay_connection_termination_enabled`,
//!   `deregistration_delay_timeout_seconds`, `dns_failover_minimum_healthy_targets_count`,
//!   `dns_failover_minimum_healthy_targets_percentage`, `lambda_multi_value_headers_enabled`,
//!   `load_balancing_algorithm_anomaly_mitigation`, `load_balancing_algorithm_type`,
//!   `load_balancing_cross_zone_enabled`, `preserve_client_ip_enabled`,
//!   `proxy_protocol_v2_enabled`, `slow_start_duration_seconds`, `stickiness`,
//!   `unhealthy_connection_termination_enabled`,
//!   `unhealthy_state_routing_minimum_healthy_targets_count`,
//!   `unhealthy_state_routing_minimum_healthy_targets_percentage` (`target_group_attributes`):
//!   each has its type.

mod attributes;
mod health_check;
mod live;
mod targets;

use aws_sdk_elasticloadbalancingv2::types::{
    ProtocolEnum, TargetGroupIpAddressTypeEnum, TargetTypeEnum,
};

pub use attributes::TargetGroupStickiness;
pub use health_check::Matcher;
use live::{by_name, live, outputs};
pub use targets::TargetDescription;

use super::shared::{
    by_arn, declared_tags, declares, first_of_ours, ids, is_ours, retag, taken, to_sdk,
};
use crate::prelude::*;

/// Who gets the requests of a listener, and how their health is known.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::ElasticLoadBalancingV2::TargetGroup",
    identity("name"),
    held_by_users,
    eventual("InvalidTarget", "TargetGroupNotFound"),
    busy("ResourceInUse"),
    iam(
        create(
            "elasticloadbalancing:CreateTargetGroup",
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:ModifyTargetGroupAttributes",
            "elasticloadbalancing:RegisterTargets",
            "ec2:DescribeVpcs"
        ),
        read(
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTargetHealth"
        ),
        find("elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTags"),
        update(
            "elasticloadbalancing:ModifyTargetGroup",
            "elasticloadbalancing:ModifyTargetGroupAttributes",
            "elasticloadbalancing:RegisterTargets",
            "elasticloadbalancing:DeregisterTargets",
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:RemoveTags"
        ),
        delete("elasticloadbalancing:DeleteTargetGroup")
    )
)]
pub struct TargetGroup {
    /// Name, up to 32 letters, digits and hyphens. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 32, extra = "-"))]
    pub name: Option<String>,
    /// What targets are: `instance`, `ip`, `lambda` or `alb`. Default: `instance`. Replaces.
    #[field(replaces, server_default)]
    pub target_type: Option<String>,
    /// How targets are spoken to: `HTTP` or `HTTPS` behind an application load balancer; `TCP`,
    /// `TLS`, `UDP` or `TCP_UDP` behind a network one. Not for `lambda`. Replaces.
    #[field(replaces)]
    pub protocol: Option<String>,
    /// `HTTP1`, `HTTP2` or `GRPC`. Default: `HTTP1`. Replaces.
    #[field(replaces, server_default)]
    pub protocol_version: Option<String>,
    /// Port of targets that are registered without one. Not for `lambda`. Replaces.
    #[field(replaces)]
    pub port: Option<i32>,
    /// Id of the VPC. Not for `lambda`. Replaces.
    #[field(replaces)]
    pub vpc_id: Option<String>,
    /// `ipv4` or `ipv6`. Default: `ipv4`. Replaces.
    #[field(replaces, server_default)]
    pub ip_address_type: Option<String>,
    /// Whether health is checked; only for `lambda` it may not be. Default: true, false for
    /// `lambda`.
    #[field(server_default)]
    pub health_check_enabled: Option<bool>,
    /// Protocol of checks. Default: `HTTP` behind an application load balancer, else `TCP`.
    #[field(server_default)]
    pub health_check_protocol: Option<String>,
    /// Port of checks, or `traffic-port`, which is the default.
    #[field(server_default)]
    pub health_check_port: Option<String>,
    /// Path of checks by HTTP. Default: `/`, for gRPC `/AWS.ALB/healthcheck`.
    #[field(server_default)]
    pub health_check_path: Option<String>,
    /// Seconds between checks, 5 to 300. Default: 30, for `lambda` 35.
    #[field(server_default)]
    pub health_check_interval_seconds: Option<i32>,
    /// Seconds after which a check has failed, 2 to 120. Default: by protocol, 5 to 30.
    #[field(server_default)]
    pub health_check_timeout_seconds: Option<i32>,
    /// Good checks in a row that make a target healthy, 2 to 10. Default: 5.
    #[field(server_default)]
    pub healthy_threshold_count: Option<i32>,
    /// Failed checks in a row that make it unhealthy, 2 to 10. Default: 2.
    #[field(server_default)]
    pub unhealthy_threshold_count: Option<i32>,
    /// Answers that are good. Default: 200, for gRPC 12, behind a network load balancer 200-399.
    #[field(server_default)]
    pub matcher: Option<Matcher>,
    /// Who is registered. Leave it out where a service registers them. Default: nobody.
    #[field(set)]
    pub targets: Option<Vec<TargetDescription>>,
    /// Seconds that requests under way have when a target goes, 0 to 3600. Default: 300.
    #[field(server_default)]
    pub deregistration_delay_timeout_seconds: Option<i32>,
    /// Closes connections when that time is over; network load balancers. Default: false, true
    /// for UDP.
    #[field(server_default)]
    pub deregistration_delay_connection_termination_enabled: Option<bool>,
    /// Whether a client stays with its target. Default: no.
    pub stickiness: Option<TargetGroupStickiness>,
    /// `round_robin`, `least_outstanding_requests` or `weighted_random`; application load
    /// balancers. Default: `round_robin`.
    #[field(server_default)]
    pub load_balancing_algorithm_type: Option<String>,
    /// Sends less to targets that fail more: `on` or `off`; with `weighted_random`. Default: `off`.
    #[field(server_default)]
    pub load_balancing_algorithm_anomaly_mitigation: Option<String>,
    /// Whether nodes send to targets of other zones: `true`, `false` or
    /// `use_load_balancer_configuration`, which is the default.
    #[field(server_default)]
    pub load_balancing_cross_zone_enabled: Option<String>,
    /// Seconds over which a new target gets its full share, 30 to 900, or 0 for at once;
    /// application load balancers. Default: 0.
    #[field(server_default)]
    pub slow_start_duration_seconds: Option<i32>,
    /// Targets see the client's address; network load balancers. Default: by type and protocol.
    #[field(server_default)]
    pub preserve_client_ip_enabled: Option<bool>,
    /// Adds the proxy protocol's header, version 2; network load balancers. Default: false.
    #[field(server_default)]
    pub proxy_protocol_v2_enabled: Option<bool>,
    /// Closes connections to targets that become unhealthy; network load balancers. Default: true.
    #[field(server_default)]
    pub unhealthy_connection_termination_enabled: Option<bool>,
    /// Fewest healthy targets for a zone to stay in DNS: a number or `off`. Default: 1.
    #[field(server_default)]
    pub dns_failover_minimum_healthy_targets_count: Option<String>,
    /// The same in percent: 1 to 100 or `off`. Default: `off`.
    #[field(server_default)]
    pub dns_failover_minimum_healthy_targets_percentage: Option<String>,
    /// Fewest healthy targets, below which unhealthy ones get requests, too. Default: 1.
    #[field(server_default)]
    pub unhealthy_state_routing_minimum_healthy_targets_count: Option<i32>,
    /// The same in percent: 1 to 100 or `off`. Default: `off`.
    #[field(server_default)]
    pub unhealthy_state_routing_minimum_healthy_targets_percentage: Option<String>,
    /// Gives and takes several values of a header; `lambda`. Default: false.
    #[field(server_default)]
    pub lambda_multi_value_headers_enabled: Option<bool>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`TargetGroup`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct TargetGroupOutputs {
    /// ARN.
    pub target_group_arn: String,
    /// End of the ARN, such as `targetgroup/NAME/73e2d6bc24d8a067`: the `TargetGroup` dimension
    /// of metrics.
    pub target_group_full_name: String,
    /// Name.
    #[output(from_input)]
    pub name: String,
}

const DESCRIBE: &str = "elasticloadbalancing:DescribeTargetGroups";

impl Resource for TargetGroup {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let name = self.name.clone().unwrap_or_default();
        // An attempt before this one may have made it, without what follows.
        let there = if cx.is_derived(&name) { None } else { by_name(cx, &name).await? };
        let arn = match there {
            Some(arn) if is_ours(cx, &arn).await? => arn,
            Some(_) => return Err(taken("target group", &name)),
            None => self.make(cx, &name).await?,
        };
        let (attributes, targets) = (self.attributes(|_| true, false), self.targets.as_deref());
        if !attributes.is_empty() || targets.is_some_and(|t| !t.is_empty()) {
            cx.accepted(&arn).await?;
            attributes::set(cx, &arn, attributes).await?;
            targets::register(cx, &arn, targets.unwrap_or_default()).await?;
        }
        Ok(Made::Ready(arn.clone(), outputs(&arn, name)))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let groups = by_arn(ids(items), |arns| async move {
            let call = cloud.elasticloadbalancingv2().describe_target_groups();
            let answer = call.set_target_group_arns(Some(arns)).send().await.op(DESCRIBE)?;
            Ok(answer.target_groups.unwrap_or_default())
        })
        .await?;
        let there = |id: &str| groups.iter().find(|g| g.target_group_arn() == Some(id));
        let tags = declared_tags(cloud, items, |id| there(id).is_some(), |i| &i.tags).await?;
        batch::each(items, |item| {
            let (group, tags) = (there(&item.id), tags.of(&item.id));
            async move {
                let (Some(group), Some(tags)) = (group, tags) else { return Ok(None) };
                let known = item.inputs.as_ref();
                let mut inputs = live(group, tags);
                if declares(known, &[Self::ATTRIBUTES, attributes::MORE]) {
                    match found(attributes::get(cloud, &item.id).await)? {
                        Some(attributes) => inputs.take(&attributes),
                        None => return Ok(None),
                    }
                }
                if known.is_none_or(|known| known.targets.is_some()) {
                    let declared = known.and_then(|known| known.targets.as_deref());
                    let targets = targets::get(cloud, &item.id, group.port, declared).await;
                    let Some(targets) = found(targets)? else { return Ok(None) };
                    inputs.targets = targets;
                }
                let outputs = outputs(&item.id, inputs.name.clone().unwrap_or_default());
                Ok(Some(Live::ready(inputs, outputs)))
            }
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let Some(name) = &self.name else { return Ok(None) };
        first_of_ours(cx, by_name(cx, name).await?.into_iter().collect()).await
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        if changes.any(health_check::PROPERTIES) {
            self.set_health_check(cx, id, changes).await?;
        }
        attributes::set(cx, id, self.attributes(|name| changes.has(name), true)).await?;
        if changes.has("targets") {
            let (old, new) = (old.targets.as_deref(), self.targets.as_deref());
            let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
            targets::change(cx, id, old, new, self.port).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.elasticloadbalancingv2().delete_target_group().target_group_arn(id);
        gone(call.send().await.op("elasticloadbalancing:DeleteTargetGroup"))
    }
}

impl TargetGroup {
    async fn make(&self, cx: &Cx, name: &str) -> Result<String> {
        const CALL: &str = "elasticloadbalancing:CreateTargetGroup";
        let protocol = |protocol: &Option<String>| protocol.as_deref().map(ProtocolEnum::from);
        let family = self.ip_address_type.as_deref().map(TargetGroupIpAddressTypeEnum::from);
        let call = cx
            .elasticloadbalancingv2()
            .create_target_group()
            .name(name)
            .set_target_type(self.target_type.as_deref().map(TargetTypeEnum::from))
            .set_protocol(protocol(&self.protocol))
            .set_protocol_version(self.protocol_version.clone())
            .set_port(self.port)
            .set_vpc_id(self.vpc_id.clone())
            .set_ip_address_type(family)
            .set_health_check_enabled(self.health_check_enabled)
            .set_health_check_protocol(protocol(&self.health_check_protocol))
            .set_health_check_port(self.health_check_port.clone())
            .set_health_check_path(self.health_check_path.clone())
            .set_health_check_interval_seconds(self.health_check_interval_seconds)
            .set_health_check_timeout_seconds(self.health_check_timeout_seconds)
            .set_healthy_threshold_count(self.healthy_threshold_count)
            .set_unhealthy_threshold_count(self.unhealthy_threshold_count)
            .set_matcher(self.matcher.as_ref().map(Matcher::to_sdk))
            .set_tags(Some(to_sdk(&self.tags)));
        let answer = call.send().await.op(CALL)?;
        let made = answer.target_groups.unwrap_or_default().into_iter().next();
        need(need(made, CALL, "target_group")?.target_group_arn, CALL, "target_group_arn")
    }
}

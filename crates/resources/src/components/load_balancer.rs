//! [`LoadBalancer`].
//!
//! ```text
//!   internet ──80───> http ──redirect──┐         without a certificate, http forwards
//!            ──443──> https ───────────┴──> target group ──8000──> tasks
//!                       │                        │
//!                  certificate              /healthz
//! ```

use bon::Builder;
use ferrocrete_core::program::Node;
use ferrocrete_core::{Component, Input, Output, Stack, Urn};

use super::alarms::{LoadBalancerAlarms, LoadBalancerMetrics, load_balancer_alarms};
use super::placement::Placement;
use super::support::{Inputs, closed_group};
use crate::ec2::SecurityGroupIngress;
use crate::elbv2::{self, Action, Listener, TargetGroup};

/// Application load balancer: HTTPS when it has a certificate, and HTTP sends people there.
///
/// ```no_run
/// # use ferrocrete_core::{Output, Stack};
/// use ferrocrete_resources::components::{LoadBalancer, NetworkOutputs};
/// # fn program(stack: &Stack, network: &NetworkOutputs, certificate: Output<String>) {
/// let load_balancer = stack.component(
///     "web",
///     LoadBalancer::builder()
///         .placement(network.public())
///         .certificate_arn(&certificate)
///         .health_check_path("/healthz")
///         .build(),
/// );
/// stack.export("url", &load_balancer.url);
/// # }
/// ```
#[derive(Debug, Clone, Builder)]
pub struct LoadBalancer {
    /// Subnets in two zones at least; public ones unless `internal`.
    pub placement: Placement,
    /// Whether only the VPC reaches it. Default: false. Replaces.
    #[builder(default)]
    pub internal: bool,
    /// ARN of an issued certificate. Default: none, and everything goes over HTTP.
    #[builder(into)]
    pub certificate_arn: Option<Input<String>>,
    /// Which TLS versions and ciphers. Default: `ELBSecurityPolicy-TLS13-1-2-2021-06`.
    #[builder(into, default = "ELBSecurityPolicy-TLS13-1-2-2021-06")]
    pub ssl_policy: String,
    /// IPv4 ranges that are let in. Default: everybody.
    #[builder(default = vec!["0.0.0.0/0".to_owned()])]
    pub allowed_cidr_blocks: Vec<String>,
    /// Port of the targets. Default: 8000.
    #[builder(default = 8000)]
    pub target_port: i32,
    /// Path that a healthy target answers with status 200. Default: `/`.
    #[builder(into, default = "/")]
    pub health_check_path: String,
    /// Seconds between health checks, 5 to 300. Default: 15.
    #[builder(default = 15)]
    pub health_check_interval_seconds: i32,
    /// Seconds that a target has to end its requests. Default: 30.
    #[builder(default = 30)]
    pub deregistration_delay_seconds: i32,
    /// Seconds without traffic until a connection is closed, 1 to 4000. Default: 60.
    #[builder(default = 60)]
    pub idle_timeout_seconds: i32,
    /// Whether AWS refuses to delete it. Default: false.
    #[builder(default)]
    pub deletion_protection: bool,
    /// Alarms. Default: none; see also [`super::Monitoring`].
    pub alarms: Option<LoadBalancerAlarms>,
    /// Who is told of alarms, usually an SNS topic.
    #[builder(into, default)]
    pub alarm_actions: Inputs,
}

/// The parts of a [`LoadBalancer`].
pub struct LoadBalancerOutputs {
    /// ARN.
    pub load_balancer_arn: Output<String>,
    /// AWS's name for it.
    pub dns_name: Output<String>,
    /// Id of the zone that AWS's name is in, for alias records.
    pub canonical_hosted_zone_id: Output<String>,
    /// `https://` or `http://` and AWS's name.
    pub url: Output<String>,
    /// Group that targets let in.
    pub security_group_id: Output<String>,
    /// ARN of the target group.
    pub target_group_arn: Output<String>,
    /// ARN of the listener that forwards.
    pub listener_arn: Output<String>,
    listener: Urn,
    target_port: i32,
    metrics: LoadBalancerMetrics,
}

/// Where a service gets its traffic from.
#[derive(Debug, Clone)]
pub struct TrafficSource {
    /// ARN of the target group, of type `ip`.
    pub target_group_arn: Output<String>,
    /// Group of the load balancer.
    pub security_group_id: Output<String>,
    /// Port of the targets.
    pub port: i32,
    /// Listener, without which the target group is in no use yet.
    pub listener: Urn,
}

impl LoadBalancerOutputs {
    /// What alarms and dashboards look at.
    pub fn metrics(&self) -> LoadBalancerMetrics {
        self.metrics.clone()
    }

    /// What [`super::FargateService`] needs of it.
    pub fn traffic(&self) -> TrafficSource {
        TrafficSource {
            target_group_arn: self.target_group_arn.clone(),
            security_group_id: self.security_group_id.clone(),
            port: self.target_port,
            listener: self.listener.clone(),
        }
    }
}

impl Component for LoadBalancer {
    const TYPE: &'static str = "ferrocrete:LoadBalancer";
    type Outputs = LoadBalancerOutputs;

    fn build(self, scope: &Stack) -> LoadBalancerOutputs {
        self.placement.check_two_zones(scope, "a load balancer");
        let group =
            closed_group(scope, "load-balancer", "the load balancer", &self.placement.vpc_id);
        let tls = self.certificate_arn.is_some();
        let ports = [("http", 80), ("https", 443)];
        for (name, port) in ports.into_iter().take(if tls { 2 } else { 1 }) {
            for (i, range) in self.allowed_cidr_blocks.iter().enumerate() {
                scope.add(
                    &format!("{name}-{}", i + 1),
                    SecurityGroupIngress::builder()
                        .group_id(&group.group_id)
                        .ip_protocol("tcp")
                        .from_port(port)
                        .to_port(port)
                        .cidr_ip(range),
                );
            }
        }
        let balancer = scope.add_with(
            "load-balancer",
            elbv2::LoadBalancer::builder()
                .scheme(if self.internal { "internal" } else { "internet-facing" })
                .subnets(self.placement.subnet_ids.to_input())
                .security_groups([&group.group_id])
                .idle_timeout_seconds(self.idle_timeout_seconds)
                .drop_invalid_header_fields_enabled(true)
                .deletion_protection_enabled(self.deletion_protection),
            self.placement.options(),
        );
        let targets = scope.add(
            "targets",
            TargetGroup::builder()
                .vpc_id(&self.placement.vpc_id)
                .target_type("ip")
                .protocol("HTTP")
                .port(self.target_port)
                .health_check_path(&self.health_check_path)
                .health_check_interval_seconds(self.health_check_interval_seconds)
                .deregistration_delay_timeout_seconds(self.deregistration_delay_seconds),
        );
        let forward = Action::forward(&targets.target_group_arn);
        let http = Listener::builder()
            .load_balancer_arn(&balancer.load_balancer_arn)
            .port(80)
            .protocol("HTTP");
        let listener = match &self.certificate_arn {
            None => scope.add("http", http.default_actions([forward])),
            Some(certificate) => {
                scope.add("http", http.default_actions([Action::redirect_to_https()]));
                scope.add(
                    "https",
                    Listener::builder()
                        .load_balancer_arn(&balancer.load_balancer_arn)
                        .port(443)
                        .protocol("HTTPS")
                        .ssl_policy(&self.ssl_policy)
                        .certificate_arn(certificate)
                        .default_actions([forward]),
                )
            }
        };
        let scheme = if tls { "https" } else { "http" };
        let outputs = LoadBalancerOutputs {
            load_balancer_arn: balancer.load_balancer_arn.clone(),
            dns_name: balancer.dns_name.clone(),
            canonical_hosted_zone_id: balancer.canonical_hosted_zone_id.clone(),
            url: balancer.dns_name.map(move |name| format!("{scheme}://{name}")),
            security_group_id: group.group_id.clone(),
            target_group_arn: targets.target_group_arn.clone(),
            listener_arn: listener.listener_arn.clone(),
            listener: listener.urn().clone(),
            target_port: self.target_port,
            metrics: LoadBalancerMetrics {
                load_balancer: balancer.load_balancer_full_name.clone(),
                target_group: targets.target_group_full_name.clone(),
            },
        };
        if let Some(alarms) = &self.alarms {
            load_balancer_alarms(scope, alarms, &outputs.metrics, &self.alarm_actions);
        }
        outputs
    }
}

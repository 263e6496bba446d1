//! What AWS keeps as attributes of a load balancer: texts by name.

use aws_sdk_elasticloadbalancingv2::types::LoadBalancerAttribute;

use super::LoadBalancer;
use crate::elbv2::shared::{Attributes, attribute, attributes};
use crate::prelude::*;

/// Where logs go: a bucket, with a policy that lets Elastic Load Balancing write.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct LogDelivery {
    /// Name of the bucket, in the same region.
    pub bucket: String,
    /// What their keys begin with. Default: nothing.
    pub prefix: Option<String>,
}

attributes!(LoadBalancer {
    deletion_protection_enabled: "deletion_protection.enabled",
    idle_timeout_seconds: "idle_timeout.timeout_seconds",
    client_keep_alive_seconds: "client_keep_alive.seconds",
    http2_enabled: "routing.http2.enabled",
    cross_zone_enabled: "load_balancing.cross_zone.enabled",
    desync_mitigation_mode: "routing.http.desync_mitigation_mode",
    drop_invalid_header_fields_enabled: "routing.http.drop_invalid_header_fields.enabled",
    preserve_host_header_enabled: "routing.http.preserve_host_header.enabled",
    tls_version_and_cipher_headers_enabled: "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
    xff_client_port_enabled: "routing.http.xff_client_port.enabled",
    xff_header_processing_mode: "routing.http.xff_header_processing.mode",
    waf_fail_open_enabled: "waf.fail_open.enabled",
    zonal_shift_enabled: "zonal_shift.config.enabled",
    ipv6_deny_all_igw_traffic: "ipv6.deny_all_igw_traffic",
    dns_record_client_routing_policy: "dns_record.client_routing_policy",
});

/// Properties that are several attributes each, of which one says whether they count.
pub(super) const LOGS: &[&str] = &["access_logs", "connection_logs"];

/// All attributes of a load balancer.
pub(super) async fn get(aws: &Aws, arn: &str) -> Result<Attributes> {
    let call = aws.elasticloadbalancingv2().describe_load_balancer_attributes();
    let answer = call.load_balancer_arn(arn).send().await;
    let answer = answer.op("elasticloadbalancing:DescribeLoadBalancerAttributes")?;
    let pair = |a: LoadBalancerAttribute| Some((a.key?, a.value.unwrap_or_default()));
    Ok(answer.attributes.unwrap_or_default().into_iter().filter_map(pair).collect())
}

impl LoadBalancer {
    /// Nothing declared.
    pub(super) fn bare() -> Self {
        serde_json::from_str("{}").expect("no property is needed")
    }

    /// Whether attributes are declared.
    pub(super) fn has_attributes(&self) -> bool {
        !self.wanted(&|_| true, false).is_empty()
    }

    /// Sets the attributes of these properties in one call; `off`: also that logs which are not
    /// declared are off.
    pub(super) async fn apply_attributes(
        &self,
        aws: &Aws,
        arn: &str,
        of: impl Fn(&str) -> bool,
        off: bool,
    ) -> Result<()> {
        let wanted = self.wanted(&of, off);
        if wanted.is_empty() {
            return Ok(());
        }
        let one = |(key, value)| LoadBalancerAttribute::builder().key(key).value(value).build();
        let call = aws.elasticloadbalancingv2().modify_load_balancer_attributes();
        let call = call.load_balancer_arn(arn);
        let call = call.set_attributes(Some(wanted.into_iter().map(one).collect()));
        call.send().await.op("elasticloadbalancing:ModifyLoadBalancerAttributes").map(drop)
    }

    /// The attributes of these properties, as [`Self::apply_attributes`] sends them.
    fn wanted(&self, of: &impl Fn(&str) -> bool, off: bool) -> Vec<(String, String)> {
        let mut all = self.plain_attributes(of);
        let logs = [("access_logs", &self.access_logs), ("connection_logs", &self.connection_logs)];
        for (name, delivery) in logs.into_iter().filter(|(name, _)| of(name)) {
            let mut set = |key: &str, value: &str| {
                all.push((format!("{name}.s3.{key}"), value.to_owned()));
            };
            match delivery {
                Some(delivery) => {
                    set("enabled", "true");
                    set("bucket", &delivery.bucket);
                    set("prefix", delivery.prefix.as_deref().unwrap_or_default());
                }
                None if off => set("enabled", "false"),
                None => {}
            }
        }
        all
    }

    /// Takes over what AWS has.
    pub(super) fn take(&mut self, live: &Attributes) {
        self.take_attributes(live);
        let delivery = |name: &str| {
            let enabled = attribute(live, &format!("{name}.s3.enabled")) == Some(true);
            enabled.then(|| LogDelivery {
                bucket: attribute(live, &format!("{name}.s3.bucket")).unwrap_or_default(),
                prefix: attribute(live, &format!("{name}.s3.prefix")),
            })
        };
        self.access_logs = delivery("access_logs");
        self.connection_logs = delivery("connection_logs");
    }
}

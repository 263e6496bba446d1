//! `AWS::ElasticLoadBalancingV2::LoadBalancer`: one address in front of many targets.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | DescribeLoadBalancers when the name is chosen, CreateLoadBalancer, ModifyLoadBalancerAttributes when attributes are declared |
//! | read | DescribeLoadBalancers, DescribeTags when tags are declared, DescribeLoadBalancerAttributes per balancer when attributes are |
//! | find | DescribeLoadBalancers by name, DescribeTags |
//! | update | ModifyLoadBalancerAttributes, SetSubnets, SetSecurityGroups, SetIpAddressType, AddTags, RemoveTags |
//! | delete | DeleteLoadBalancer |
//!
//! Traps: CreateLoadBalancer answers with a balancer of that name that is there already, if its
//! settings are the same, so create looks first; application and network load balancers share their
//! names. A network load balancer made without security
//! groups never gets any. Deleting one deletes its listeners; its network interfaces go some
//! minutes later, and hold subnets and security groups until then. An internet-facing one needs
//! the VPC's internet gateway: let it depend on the attachment. Access logs need a bucket policy
//! that lets Elastic Load Balancing write; while that is new, the answer is
//! `InvalidConfigurationRequest`, which means everything: `Access Denied for bucket` (the user guide's
//! troubleshooting of access logs).
//! Left out: gateway load balancers; `ipv4_ipam_pool_id`, `minimum_load_balancer_capacity`,
//! `enable_capacity_reservation_provision_stabilize`, `enable_prefix_for_ipv6_source_nat`,
//! `subnet_mappings.source_nat_ipv6_prefix`, which few need; `load_balancer_name`, the name once
//! more.
//! Differences:
//! - renamed `load_balancer_type` (`type`): a word that Rust reserves.
//! - spelled out `access_logs`, `client_keep_alive_seconds`, `connection_logs`,
//!   `cross_zone_enabled`, `deletion_protection_enabled`, `desync_mitigation_mode`,
//!   `dns_record_client_routing_policy`, `drop_invalid_header_fields_enabled`, `http2_enabled`,
//!   `idle_timeout_seconds`, `ipv6_deny_all_igw_traffic`, `preserve_host_header_enabled`,
//!   `tls_version_and_cipher_headers_enabled`, `waf_fail_open_enabled`, `xff_client_port_enabled`,
//!   `xff_header_processing_mode`, `zonal_shift_enabled` (`load_balancer_attributes`): each has
//!   its type.
//! - also needs `iam:CreateServiceLinkedRole`: the first balancer of an account makes the role.
//! - does not need `ec2:DescribeIpamPools`: for `ipv4_ipam_pool_id`.

mod attributes;
mod groups;
mod live;
mod subnets;

use aws_sdk_elasticloadbalancingv2::types::{
    IpAddressType, LoadBalancerSchemeEnum, LoadBalancerTypeEnum,
};

pub use attributes::LogDelivery;
use live::{by_name, live};
pub use subnets::SubnetMapping;

use super::shared::{
    by_arn, declared_tags, declares, first_of_ours, ids, is_ours, retag, taken, to_sdk,
};
use crate::aws::answer::advise;
use crate::prelude::*;

/// One address in front of many targets, for HTTP (application) or TCP and UDP (network).
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::ElasticLoadBalancingV2::LoadBalancer",
    identity("name"),
    claims = LoadBalancer::claims,
    check = LoadBalancer::check,
    eventual(
        "AllocationIdNotFound",
        "InvalidConfigurationRequest" = "Access Denied for bucket",
        "InvalidSecurityGroup",
        "InvalidSubnet",
        "LoadBalancerNotFound",
        "SubnetNotFound"
    ),
    busy("ResourceInUse"),
    iam(
        create(
            "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            "iam:CreateServiceLinkedRole"
        ),
        read(
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeLoadBalancerAttributes"
        ),
        find("elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags"),
        update(
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            "elasticloadbalancing:SetSubnets",
            "elasticloadbalancing:SetSecurityGroups",
            "elasticloadbalancing:SetIpAddressType",
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:RemoveTags"
        ),
        delete("elasticloadbalancing:DeleteLoadBalancer")
    )
)]
pub struct LoadBalancer {
    /// Name, up to 32 letters, digits and hyphens. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 32, extra = "-"))]
    pub name: Option<String>,
    /// `application` or `network`. Default: `application`. Replaces.
    #[field(replaces, server_default)]
    pub load_balancer_type: Option<String>,
    /// `internet-facing` or `internal`. Default: `internet-facing`. Replaces.
    #[field(replaces, server_default)]
    pub scheme: Option<String>,
    /// Ids of subnets, one per zone; two at least for an application load balancer. Either these
    /// or `subnet_mappings`.
    #[field(set, server_default)]
    pub subnets: Option<Vec<String>>,
    /// Subnets with addresses of one's own, of a network load balancer.
    #[field(by("subnet_id"), server_default)]
    pub subnet_mappings: Option<Vec<SubnetMapping>>,
    /// Ids of security groups. Default: the VPC's own for an application load balancer, none for
    /// a network one.
    #[field(set, server_default)]
    pub security_groups: Option<Vec<String>>,
    /// Whether the security groups count for traffic through PrivateLink: `on` or `off`; network
    /// load balancers. Default: `on`.
    #[field(server_default)]
    pub enforce_security_group_inbound_rules_on_private_link_traffic: Option<String>,
    /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`. Default: `ipv4`.
    #[field(server_default)]
    pub ip_address_type: Option<String>,
    /// Whether a delete is refused. Default: false.
    #[field(server_default)]
    pub deletion_protection_enabled: Option<bool>,
    /// Where requests are logged. Default: nowhere.
    pub access_logs: Option<LogDelivery>,
    /// Where connections are logged; application load balancers. Default: nowhere.
    pub connection_logs: Option<LogDelivery>,
    /// Seconds without data after which a connection is closed, 1 to 4000; application load
    /// balancers. Default: 60.
    #[field(server_default)]
    pub idle_timeout_seconds: Option<i32>,
    /// Seconds that a client's connection is kept, 60 to 604800; application load balancers.
    /// Default: 3600.
    #[field(server_default)]
    pub client_keep_alive_seconds: Option<i32>,
    /// HTTP/2 with clients; application load balancers. Default: true.
    #[field(server_default)]
    pub http2_enabled: Option<bool>,
    /// Each zone's node sends to targets of all zones. Default: true for application load
    /// balancers (and not to be changed), false for network ones.
    #[field(server_default)]
    pub cross_zone_enabled: Option<bool>,
    /// What happens to requests that may be read in two ways: `monitor`, `defensive` or
    /// `strictest`; application load balancers. Default: `defensive`.
    #[field(server_default)]
    pub desync_mitigation_mode: Option<String>,
    /// Drops headers that are not valid; application load balancers. Default: false.
    #[field(server_default)]
    pub drop_invalid_header_fields_enabled: Option<bool>,
    /// Leaves the `Host` header as it came; application load balancers. Default: false.
    #[field(server_default)]
    pub preserve_host_header_enabled: Option<bool>,
    /// Adds headers with TLS version and cipher; application load balancers. Default: false.
    #[field(server_default)]
    pub tls_version_and_cipher_headers_enabled: Option<bool>,
    /// Adds the client's port to `X-Forwarded-For`; application load balancers. Default: false.
    #[field(server_default)]
    pub xff_client_port_enabled: Option<bool>,
    /// What happens to `X-Forwarded-For`: `append`, `preserve` or `remove`; application load
    /// balancers. Default: `append`.
    #[field(server_default)]
    pub xff_header_processing_mode: Option<String>,
    /// Lets requests through when WAF cannot be asked; application load balancers. Default: false.
    #[field(server_default)]
    pub waf_fail_open_enabled: Option<bool>,
    /// Lets a zonal shift move traffic out of a zone. Default: false.
    #[field(server_default)]
    pub zonal_shift_enabled: Option<bool>,
    /// Refuses traffic of an internet gateway over IPv6; internal ones. Default: true for those.
    #[field(server_default)]
    pub ipv6_deny_all_igw_traffic: Option<bool>,
    /// Which zone's address DNS gives: `availability_zone_affinity`,
    /// `partial_availability_zone_affinity` or `any_availability_zone`; network load balancers.
    /// Default: the last.
    #[field(server_default)]
    pub dns_record_client_routing_policy: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`LoadBalancer`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct LoadBalancerOutputs {
    /// ARN.
    pub load_balancer_arn: String,
    /// DNS name; a name of one's own is an alias record to it.
    pub dns_name: String,
    /// Hosted zone of the DNS name, which alias records need.
    pub canonical_hosted_zone_id: String,
    /// End of the ARN, such as `app/NAME/50dc6c495c0c9188`: the `LoadBalancer` dimension of
    /// metrics.
    pub load_balancer_full_name: String,
    /// Name.
    #[output(from_input)]
    pub name: String,
    /// Id of the VPC.
    pub vpc_id: String,
}

const DESCRIBE: &str = "elasticloadbalancing:DescribeLoadBalancers";

impl Resource for LoadBalancer {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "elasticloadbalancing:CreateLoadBalancer";
        let name = self.name.clone().unwrap_or_default();
        // An attempt before this one may have made it, without its attributes.
        let there = if cx.is_derived(&name) { None } else { by_name(cx, &name).await? };
        let arn = match there {
            Some(arn) if is_ours(cx, &arn).await? => arn,
            Some(_) => return Err(taken("load balancer", &name)),
            None => {
                let kind = self.load_balancer_type.as_deref().map(LoadBalancerTypeEnum::from);
                let scheme = self.scheme.as_deref().map(LoadBalancerSchemeEnum::from);
                let call = cx
                    .elasticloadbalancingv2()
                    .create_load_balancer()
                    .name(&name)
                    .set_type(kind)
                    .set_scheme(scheme)
                    .set_subnets(self.subnets.clone())
                    .set_subnet_mappings(self.mappings())
                    .set_security_groups(self.security_groups.clone())
                    .set_ip_address_type(self.ip_address_type.as_deref().map(IpAddressType::from))
                    .set_tags(Some(to_sdk(&self.tags)));
                let answer = call.send().await.op(CALL)?;
                let made = answer.load_balancers.unwrap_or_default().into_iter().next();
                let made = need(made, CALL, "load_balancer")?;
                need(made.load_balancer_arn, CALL, "load_balancer_arn")?
            }
        };
        if self.enforce_security_group_inbound_rules_on_private_link_traffic.is_some()
            || self.has_attributes()
        {
            cx.accepted(&arn).await?;
            if self.enforce_security_group_inbound_rules_on_private_link_traffic.is_some() {
                self.set_security_groups(cx, &arn).await?;
            }
            self.apply_attributes(cx, &arn, |_| true, false).await?;
        }
        Ok(Made::Pending(arn))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let balancers = by_arn(ids(items), |arns| async move {
            let call = cloud.elasticloadbalancingv2().describe_load_balancers();
            let answer = call.set_load_balancer_arns(Some(arns)).send().await.op(DESCRIBE)?;
            Ok(answer.load_balancers.unwrap_or_default())
        })
        .await?;
        let there = |id: &str| balancers.iter().find(|b| b.load_balancer_arn() == Some(id));
        let tags = declared_tags(cloud, items, |id| there(id).is_some(), |i| &i.tags).await?;
        batch::each(items, |item| {
            let (balancer, tags) = (there(&item.id), tags.of(&item.id));
            async move {
                let (Some(balancer), Some(tags)) = (balancer, tags) else { return Ok(None) };
                let known = item.inputs.as_ref();
                let mut live = live(balancer, &item.id, tags, known);
                if declares(known, &[Self::ATTRIBUTES, attributes::LOGS]) {
                    match found(attributes::get(cloud, &item.id).await)? {
                        Some(attributes) => live.inputs.take(&attributes),
                        None => return Ok(None),
                    }
                }
                Ok(Some(live))
            }
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let Some(name) = &self.name else { return Ok(None) };
        first_of_ours(cx, by_name(cx, name).await?.into_iter().collect()).await
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        const GROUPS: [&str; 2] =
            ["security_groups", "enforce_security_group_inbound_rules_on_private_link_traffic"];
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        self.apply_attributes(cx, id, |name| changes.has(name), true).await?;
        if changes.any(&GROUPS) {
            self.set_security_groups(cx, id).await?;
        }
        let address = self.ip_address_type.as_deref().map(IpAddressType::from);
        if let Some(address) = address.filter(|_| changes.has("ip_address_type")) {
            let call = cx.elasticloadbalancingv2().set_ip_address_type().load_balancer_arn(id);
            call.ip_address_type(address)
                .send()
                .await
                .op("elasticloadbalancing:SetIpAddressType")?;
        }
        if changes.any(&["subnets", "subnet_mappings"]) {
            let call = cx.elasticloadbalancingv2().set_subnets().load_balancer_arn(id);
            let call = call.set_subnets(self.subnets.clone());
            let call = call.set_subnet_mappings(self.mappings());
            call.send().await.op("elasticloadbalancing:SetSubnets")?;
            return Ok(Progress::Pending);
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.elasticloadbalancingv2().delete_load_balancer().load_balancer_arn(id);
        match call.send().await.op("elasticloadbalancing:DeleteLoadBalancer") {
            Err(error) if error.has_code("OperationNotPermitted") => Err(advise(
                error,
                "set `deletion_protection_enabled` to false and run `up` before you delete it",
            )),
            answer => Ok(found(answer)?.map_or(Progress::Done, |_| Progress::Pending)),
        }
    }
}

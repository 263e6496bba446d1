//! A load balancer as AWS has it.

use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer as SdkBalancer, LoadBalancerStateEnum};

use super::{DESCRIBE, LoadBalancer, LoadBalancerOutputs, subnets};
use crate::prelude::*;

/// The ARN of the balancer of this name.
pub(super) async fn by_name(aws: &Aws, name: &str) -> Result<Option<String>> {
    let call = aws.elasticloadbalancingv2().describe_load_balancers().names(name);
    let answer = found(call.send().await.op(DESCRIBE))?;
    let all = answer.and_then(|a| a.load_balancers).unwrap_or_default();
    Ok(all.into_iter().find_map(|balancer| balancer.load_balancer_arn))
}

pub(super) fn live(
    balancer: &SdkBalancer,
    arn: &str,
    tags: Option<Tags>,
    known: Option<&LoadBalancer>,
) -> Live<LoadBalancer> {
    let owned = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let name = owned(balancer.load_balancer_name());
    let groups = balancer.security_groups();
    let full_name = arn.split_once(":loadbalancer/").map_or(arn, |(_, rest)| rest).to_owned();
    let state = balancer.state();
    let (subnets, subnet_mappings) = subnets::live(balancer, known);
    let inputs = LoadBalancer {
        name: Some(name.clone()),
        load_balancer_type: text(balancer.r#type()),
        scheme: text(balancer.scheme()),
        subnets,
        subnet_mappings,
        security_groups: (!groups.is_empty()).then(|| groups.to_vec()),
        enforce_security_group_inbound_rules_on_private_link_traffic: text(
            balancer.enforce_security_group_inbound_rules_on_private_link_traffic(),
        ),
        ip_address_type: text(balancer.ip_address_type()),
        tags,
        ..LoadBalancer::bare()
    };
    Live {
        inputs,
        outputs: LoadBalancerOutputs {
            load_balancer_arn: arn.to_owned(),
            dns_name: owned(balancer.dns_name()),
            canonical_hosted_zone_id: owned(balancer.canonical_hosted_zone_id()),
            load_balancer_full_name: full_name,
            name,
            vpc_id: owned(balancer.vpc_id()),
        },
        status: match state.and_then(|s| s.code()) {
            Some(LoadBalancerStateEnum::Failed) => {
                Status::Failed(owned(state.and_then(|s| s.reason()).or(Some("failed"))))
            }
            code => status(code, &["provisioning"]),
        },
    }
}

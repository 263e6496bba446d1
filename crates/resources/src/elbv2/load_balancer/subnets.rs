//! In which subnets a load balancer is, and with which addresses.

use aws_sdk_elasticloadbalancingv2::types::{
    AvailabilityZone, LoadBalancer as SdkBalancer, SubnetMapping as SdkMapping,
};

use ferrocrete_core::schema::{Claim, Finding, Known};
use ferrocrete_core::value::PropertyMap;

use super::LoadBalancer;
use crate::aws::claim;
use crate::prelude::*;

/// A subnet, and the addresses that a network load balancer has in it.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct SubnetMapping {
    /// Id of the subnet.
    pub subnet_id: String,
    /// Allocation id of the public IPv4 address, of an internet-facing one.
    pub allocation_id: Option<String>,
    /// Private IPv4 address, of an internal one. Default: AWS chooses.
    #[field(server_default)]
    pub private_ipv4_address: Option<String>,
    /// IPv6 address. Default: AWS chooses.
    #[field(server_default)]
    pub ipv6_address: Option<String>,
}

impl LoadBalancer {
    /// Addresses of its own, which are nobody else's.
    pub(super) fn claims(properties: &PropertyMap) -> Vec<Claim> {
        let mappings = claim::members(properties, "subnet_mappings").into_iter();
        let of = |mapping: PropertyMap| {
            let known = |name| claim::known(&mapping, name);
            let public = claim::elastic_ip("subnet_mappings", known("allocation_id"));
            let (subnet, address) = (known("subnet_id"), known("private_ipv4_address"));
            let private = claim::private_address(&["subnet_mappings"], subnet, address);
            [public, private]
        };
        mappings.flat_map(of).flatten().collect()
    }

    /// Subnets are said in one way.
    pub(super) fn check(known: Known<'_>) -> Vec<Finding> {
        known.exactly_one(&["subnets", "subnet_mappings"]).into_iter().collect()
    }

    pub(super) fn mappings(&self) -> Option<Vec<SdkMapping>> {
        let one = |mapping: &SubnetMapping| {
            SdkMapping::builder()
                .subnet_id(&mapping.subnet_id)
                .set_allocation_id(mapping.allocation_id.clone())
                .set_private_ipv4_address(mapping.private_ipv4_address.clone())
                .set_ipv6_address(mapping.ipv6_address.clone())
                .build()
        };
        self.subnet_mappings.as_ref().map(|all| all.iter().map(one).collect())
    }
}

/// Subnets and mappings as AWS has them.
pub(super) fn live(
    balancer: &SdkBalancer,
    known: Option<&LoadBalancer>,
) -> (Option<Vec<String>>, Option<Vec<SubnetMapping>>) {
    let zones = balancer.availability_zones();
    let subnets = zones.iter().filter_map(|zone| zone.subnet_id.clone()).collect();
    let mapped = known.is_some_and(|k| k.subnet_mappings.is_some());
    (Some(subnets), mapped.then(|| zones.iter().map(mapping).collect()))
}

fn mapping(zone: &AvailabilityZone) -> SubnetMapping {
    let addresses = zone.load_balancer_addresses();
    let first =
        |of: fn(&aws_sdk_elasticloadbalancingv2::types::LoadBalancerAddress) -> Option<&str>| {
            text(addresses.iter().find_map(of))
        };
    SubnetMapping {
        subnet_id: text(zone.subnet_id()).unwrap_or_default(),
        allocation_id: first(|a| a.allocation_id()),
        private_ipv4_address: first(|a| a.private_ipv4_address()),
        ipv6_address: first(|a| a.ipv6_address()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_its_own_are_claimed() {
        let mappings = serde_json::json!([
            {"subnet_id": "subnet-1", "allocation_id": "eipalloc-1"},
            {"subnet_id": "subnet-2", "private_ipv4_address": "10.0.2.9"},
        ]);
        let balancer = serde_json::json!({"subnet_mappings": mappings});
        let claims = LoadBalancer::claims(&claim::properties(&balancer));
        let keys: Vec<_> = claims.iter().map(|claim| claim.key.join(" ")).collect();
        assert_eq!(keys, ["eipalloc-1", "subnet-2 10.0.2.9"]);
    }
}

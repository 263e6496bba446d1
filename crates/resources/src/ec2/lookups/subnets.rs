//! Subnets by filter. SDK call: DescribeSubnets. IAM: ec2:DescribeSubnets.

use crate::ec2::shared::filter;
use crate::prelude::*;

/// The subnets that fit every filter given, by zone and then id.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::EC2::Subnets", outputs = SubnetsOutputs)]
pub struct Subnets {
    /// Only in this VPC.
    pub vpc_id: Option<String>,
    /// Only each zone's default subnet (true), or only others (false).
    pub default_for_az: Option<bool>,
    /// Only in this zone.
    pub availability_zone: Option<String>,
    /// Only with these tags; `*` and `?` are wildcards in values. Named `with_tags`, because
    /// they are a filter, not tags of the lookup.
    pub with_tags: Option<Tags>,
}

/// The subnets; the lists run in parallel.
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct SubnetsOutputs {
    /// Ids.
    pub subnet_ids: Vec<String>,
    /// Zones.
    pub availability_zones: Vec<String>,
    /// IPv4 ranges.
    pub cidr_blocks: Vec<String>,
}

impl Lookup for Subnets {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<SubnetsOutputs, OpError> {
        let mut filters = Vec::new();
        if let Some(vpc) = &self.vpc_id {
            filters.push(filter("vpc-id", [vpc]));
        }
        if let Some(default) = self.default_for_az {
            filters.push(filter("default-for-az", [default.to_string()]));
        }
        if let Some(zone) = &self.availability_zone {
            filters.push(filter("availability-zone", [zone]));
        }
        for (key, value) in self.with_tags.iter().flatten() {
            filters.push(filter(&format!("tag:{key}"), [value]));
        }
        let filters = (!filters.is_empty()).then_some(filters);
        let mut pages = cloud.ec2().describe_subnets().set_filters(filters).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let subnets = page.op("ec2:DescribeSubnets")?.subnets.unwrap_or_default();
            found.extend(subnets.into_iter().map(|s| {
                let text = Option::unwrap_or_default;
                (text(s.availability_zone), text(s.subnet_id), text(s.cidr_block))
            }));
        }
        found.sort();
        Ok(SubnetsOutputs {
            subnet_ids: found.iter().map(|s| s.1.clone()).collect(),
            availability_zones: found.iter().map(|s| s.0.clone()).collect(),
            cidr_blocks: found.into_iter().map(|s| s.2).collect(),
        })
    }
}

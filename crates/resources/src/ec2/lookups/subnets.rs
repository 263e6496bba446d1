//! Subnets by filter. SDK call: DescribeSubnets. IAM: ec2:DescribeSubnets.

use aws_sdk_ec2::types::{Filter, Subnet};

use crate::ec2::shared::{PAGE, filter};
use crate::prelude::*;

/// The subnets that fit every filter given, ordered by zone and then by id; at least one.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::EC2::Subnets")]
pub struct Subnets {
    /// Only in this VPC.
    pub vpc_id: Option<String>,
    /// Only in these zones.
    pub availability_zones: Option<Vec<String>>,
    /// Only each zone's default subnet (true), or only others (false).
    pub default_for_az: Option<bool>,
    /// Only those that give instances public IPv4 addresses (true), or that do not (false).
    pub map_public_ip_on_launch: Option<bool>,
    /// Only with all of these tags; `*` and `?` are wildcards in values.
    pub tags: Option<Tags>,
}

/// The subnets; the lists run in parallel.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct SubnetsOutputs {
    /// Ids, such as `subnet-0abc`.
    pub subnet_ids: Vec<String>,
    /// Zone of each, such as `eu-central-1a`.
    pub availability_zones: Vec<String>,
    /// IPv4 range of each in CIDR notation; empty for one with IPv6 only.
    pub cidr_blocks: Vec<String>,
}

impl Lookup for Subnets {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<SubnetsOutputs> {
        let filters = Some(self.filters()).filter(|f| !f.is_empty());
        let call = cloud.ec2().describe_subnets().set_filters(filters);
        let mut pages = call.into_paginator().page_size(PAGE).send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            found.extend(page.op("ec2:DescribeSubnets")?.subnets.unwrap_or_default());
        }
        if found.is_empty() {
            return Err(OpError::new(
                ErrorKind::NotFound,
                format!("no subnet in {} fits the filters", cloud.region()),
            ));
        }
        Ok(outputs(found))
    }
}

impl Subnets {
    fn filters(&self) -> Vec<Filter> {
        let mut filters = Vec::new();
        filters.extend(self.vpc_id.as_ref().map(|id| filter("vpc-id", [id])));
        filters.extend(self.availability_zones.as_ref().map(|z| filter("availability-zone", z)));
        let default = self.default_for_az.map(|on| filter("default-for-az", [on.to_string()]));
        filters.extend(default);
        let public = self.map_public_ip_on_launch;
        filters.extend(public.map(|on| filter("map-public-ip-on-launch", [on.to_string()])));
        let tags = self.tags.iter().flatten();
        filters.extend(tags.map(|(key, value)| filter(&format!("tag:{key}"), [value])));
        filters
    }
}

fn outputs(mut subnets: Vec<Subnet>) -> SubnetsOutputs {
    subnets.sort_by(|a, b| {
        (a.availability_zone(), a.subnet_id()).cmp(&(b.availability_zone(), b.subnet_id()))
    });
    let each = |of: fn(&Subnet) -> Option<&str>| {
        subnets.iter().map(|s| of(s).unwrap_or_default().to_owned()).collect()
    };
    SubnetsOutputs {
        subnet_ids: each(Subnet::subnet_id),
        availability_zones: each(Subnet::availability_zone),
        cidr_blocks: each(Subnet::cidr_block),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_by_zone_and_id() {
        let subnet = |id: &str, zone: &str, cidr: &str| {
            Subnet::builder().subnet_id(id).availability_zone(zone).cidr_block(cidr).build()
        };
        let found = outputs(vec![
            subnet("subnet-3", "x-1b", "10.0.3.0/24"),
            subnet("subnet-2", "x-1a", "10.0.2.0/24"),
            subnet("subnet-1", "x-1b", "10.0.1.0/24"),
        ]);
        assert_eq!(found.subnet_ids, ["subnet-2", "subnet-1", "subnet-3"]);
        assert_eq!(found.availability_zones, ["x-1a", "x-1b", "x-1b"]);
        assert_eq!(found.cidr_blocks, ["10.0.2.0/24", "10.0.1.0/24", "10.0.3.0/24"]);
    }

    #[test]
    fn only_what_is_given_filters() {
        let none: Subnets = serde_json::from_str("{}").unwrap();
        assert!(none.filters().is_empty());
        let two: Subnets =
            serde_json::from_str(r#"{"default_for_az": true, "tags": {"tier": "db"}}"#).unwrap();
        let names: Vec<_> = two.filters().iter().filter_map(|f| f.name.clone()).collect();
        assert_eq!(names, ["default-for-az", "tag:tier"]);
    }
}

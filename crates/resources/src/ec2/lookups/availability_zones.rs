//! The region's zones. SDK call: DescribeAvailabilityZones. IAM: ec2:DescribeAvailabilityZones.

use crate::ec2::shared::filter;
use crate::prelude::*;

/// The region's availability zones that can be used, in the order of their names; local and
/// wavelength zones are left out.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::EC2::AvailabilityZones")]
pub struct AvailabilityZones {}

/// The zones.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct AvailabilityZonesOutputs {
    /// Names, such as `eu-central-1a`.
    pub zone_names: Vec<String>,
    /// Ids, such as `euc1-az2`, the same for every account, in the same order.
    pub zone_ids: Vec<String>,
}

impl Lookup for AvailabilityZones {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<AvailabilityZonesOutputs> {
        let answer = cloud
            .ec2()
            .describe_availability_zones()
            .filters(filter("state", ["available"]))
            .send()
            .await
            .op("ec2:DescribeAvailabilityZones")?;
        let local = |t: Option<&str>| t.is_some_and(|t| t != "availability-zone");
        let mut zones: Vec<(String, String)> = answer
            .availability_zones()
            .iter()
            .filter(|z| !local(z.zone_type()))
            .filter_map(|z| Some((z.zone_name.clone()?, z.zone_id.clone().unwrap_or_default())))
            .collect();
        zones.sort();
        let (zone_names, zone_ids) = zones.into_iter().unzip();
        Ok(AvailabilityZonesOutputs { zone_names, zone_ids })
    }
}

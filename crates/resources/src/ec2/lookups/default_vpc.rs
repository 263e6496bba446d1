//! The region's default VPC. SDK call: DescribeVpcs. IAM: ec2:DescribeVpcs.

use crate::ec2::shared::filter;
use crate::prelude::*;

/// The region's default VPC, which AWS makes in every account; somebody may have deleted it.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::EC2::DefaultVpc")]
pub struct DefaultVpc {}

/// The default VPC.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct DefaultVpcOutputs {
    /// Id, such as `vpc-0abc`.
    pub vpc_id: String,
    /// IPv4 range in CIDR notation.
    pub cidr_block: String,
}

impl Lookup for DefaultVpc {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<DefaultVpcOutputs> {
        let call = cloud.ec2().describe_vpcs().filters(filter("is-default", ["true"]));
        let answer = call.send().await.op("ec2:DescribeVpcs")?;
        let Some(vpc) = answer.vpcs.unwrap_or_default().into_iter().next() else {
            return Err(OpError::new(
                ErrorKind::NotFound,
                format!(
                    "{} has no default VPC\n  what to do: make one with `aws ec2 create-default-vpc`, \
                     or declare a `Vpc`",
                    cloud.region()
                ),
            ));
        };
        Ok(DefaultVpcOutputs {
            vpc_id: need(vpc.vpc_id, "ec2:DescribeVpcs", "vpc_id")?,
            cidr_block: need(vpc.cidr_block, "ec2:DescribeVpcs", "cidr_block")?,
        })
    }
}

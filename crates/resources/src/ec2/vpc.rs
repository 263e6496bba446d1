//! `AWS::EC2::VPC`: a virtual network.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | CreateVpc, ModifyVpcAttribute per DNS attribute declared | ec2:CreateVpc, ec2:CreateTags, ec2:ModifyVpcAttribute |
//! | read | DescribeVpcs; DescribeVpcAttribute per DNS attribute declared | ec2:DescribeVpcs, ec2:DescribeVpcAttribute |
//! | update | ModifyVpcAttribute, CreateTags, DeleteTags | ec2:ModifyVpcAttribute, ec2:CreateTags, ec2:DeleteTags |
//! | delete | DeleteVpc | ec2:DeleteVpc |
//!
//! Traps: a call of ModifyVpcAttribute sets one attribute only; DNS hostnames need DNS support.
//! Left out: IPAM pools (`ipv4_ipam_pool_id`), because no example needs them yet.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, ResourceType, Tenancy, Vpc as SdkVpc, VpcAttributeName,
};

use super::shared::{describe, find_owned, from_sdk, gone, need, retag, specification};
use crate::prelude::*;

/// A virtual network.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::VPC",
    outputs = VpcOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpc.html",
    busy("DependencyViolation"),
    iam(
        create("ec2:CreateVpc", "ec2:CreateTags", "ec2:ModifyVpcAttribute"),
        read("ec2:DescribeVpcs", "ec2:DescribeVpcAttribute", "ec2:DescribeTags"),
        update("ec2:ModifyVpcAttribute", "ec2:CreateTags", "ec2:DeleteTags"),
        delete("ec2:DeleteVpc")
    )
)]
pub struct Vpc {
    /// IPv4 range in CIDR notation, /16 to /28. Replaces.
    #[field(replaces)]
    pub cidr_block: String,
    /// `default` or `dedicated` hardware for instances. Default: `default`. Replaces.
    #[field(replaces, server_default)]
    pub instance_tenancy: Option<String>,
    /// Whether the Amazon DNS server answers. Default: true.
    #[field(server_default)]
    pub enable_dns_support: Option<bool>,
    /// Whether instances with public addresses get public DNS names. Default: false.
    #[field(server_default)]
    pub enable_dns_hostnames: Option<bool>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`Vpc`].
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct VpcOutputs {
    /// Id, such as `vpc-0abc`.
    pub vpc_id: String,
    /// IPv4 range.
    #[output(from_input)]
    pub cidr_block: String,
    /// Id of the DHCP options in use.
    pub dhcp_options_id: Option<String>,
}

impl Resource for Vpc {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        let answer = cx
            .ec2()
            .create_vpc()
            .cidr_block(&self.cidr_block)
            .set_instance_tenancy(self.instance_tenancy.as_deref().map(Tenancy::from))
            .set_tag_specifications(
                specification(ResourceType::Vpc, self.tags.as_ref()).map(|s| vec![s]),
            )
            .send()
            .await
            .op("ec2:CreateVpc")?;
        let vpc = need(answer.vpc, "ec2:CreateVpc", "vpc")?;
        let id = need(vpc.vpc_id.clone(), "ec2:CreateVpc", "vpc_id")?;
        if self.enable_dns_support.is_some() || self.enable_dns_hostnames.is_some() {
            cx.accepted(&id).await?;
            self.set_dns(cx, &id, true, true).await?;
        }
        let outputs = outputs(&vpc, &id, &self.cidr_block);
        if vpc.state.as_ref().is_some_and(|s| s.as_str() == "pending") {
            return Ok(Made::Pending(id));
        }
        Ok(Made::Ready(id, outputs))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let found =
            describe!(cloud, items, describe_vpcs, "ec2:DescribeVpcs", "vpc-id", vpcs, vpc_id);
        batch::each(items, |item| {
            let vpc = found.get(&item.id).cloned();
            let known = item.inputs.clone();
            let id = item.id.clone();
            async move {
                let Some(vpc) = vpc else { return Ok(None) };
                let support = known.as_ref().is_some_and(|k| k.enable_dns_support.is_some());
                let names = known.as_ref().is_some_and(|k| k.enable_dns_hostnames.is_some());
                let mut live = live(&vpc, &id);
                if support {
                    live.inputs.enable_dns_support =
                        attribute(cloud, &id, VpcAttributeName::EnableDnsSupport).await?;
                }
                if names {
                    live.inputs.enable_dns_hostnames =
                        attribute(cloud, &id, VpcAttributeName::EnableDnsHostnames).await?;
                }
                Ok(Some(live))
            }
        })
        .await
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        find_owned(cx, ResourceType::Vpc).await
    }

    async fn update(
        &self,
        cx: &Cx<Aws>,
        id: &str,
        old: &Self,
        changes: &Changes,
    ) -> Result<Progress, OpError> {
        let (support, names) =
            (changes.has("enable_dns_support"), changes.has("enable_dns_hostnames"));
        self.set_dns(cx, id, support, names).await?;
        if changes.has("tags") {
            retag(cx, id, old.tags.as_ref(), self.tags.as_ref()).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Aws>, id: &str) -> Result<Progress, OpError> {
        gone(cx.ec2().delete_vpc().vpc_id(id).send().await.op("ec2:DeleteVpc").map(drop))
    }
}

impl Vpc {
    async fn set_dns(
        &self,
        aws: &Aws,
        id: &str,
        support: bool,
        names: bool,
    ) -> Result<(), OpError> {
        let value = |on| AttributeBooleanValue::builder().value(on).build();
        // Support first: hostnames are refused without it.
        if let (true, Some(on)) = (support, self.enable_dns_support) {
            let call = aws.ec2().modify_vpc_attribute().vpc_id(id).enable_dns_support(value(on));
            call.send().await.op("ec2:ModifyVpcAttribute")?;
        }
        if let (true, Some(on)) = (names, self.enable_dns_hostnames) {
            let call = aws.ec2().modify_vpc_attribute().vpc_id(id).enable_dns_hostnames(value(on));
            call.send().await.op("ec2:ModifyVpcAttribute")?;
        }
        Ok(())
    }
}

async fn attribute(aws: &Aws, id: &str, name: VpcAttributeName) -> Result<Option<bool>, OpError> {
    let answer = aws
        .ec2()
        .describe_vpc_attribute()
        .vpc_id(id)
        .attribute(name)
        .send()
        .await
        .op("ec2:DescribeVpcAttribute")?;
    Ok(answer.enable_dns_support.or(answer.enable_dns_hostnames).and_then(|v| v.value))
}

fn outputs(vpc: &SdkVpc, id: &str, cidr: &str) -> VpcOutputs {
    VpcOutputs {
        vpc_id: id.to_owned(),
        cidr_block: cidr.to_owned(),
        dhcp_options_id: vpc.dhcp_options_id.clone(),
    }
}

fn live(vpc: &SdkVpc, id: &str) -> Live<Vpc> {
    let cidr_block = vpc.cidr_block.clone().unwrap_or_default();
    let pending = vpc.state.as_ref().is_some_and(|s| s.as_str() == "pending");
    Live {
        outputs: outputs(vpc, id, &cidr_block),
        inputs: Vpc {
            cidr_block,
            instance_tenancy: vpc.instance_tenancy.as_ref().map(|t| t.as_str().to_owned()),
            enable_dns_support: None,
            enable_dns_hostnames: None,
            tags: from_sdk(vpc.tags()),
        },
        status: if pending { Status::Pending("pending".into()) } else { Status::Ready },
    }
}

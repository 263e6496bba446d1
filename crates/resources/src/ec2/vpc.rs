//! `AWS::EC2::VPC`: a virtual network.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateVpc; ModifyVpcAttribute per DNS attribute that is not the default |
//! | read | DescribeVpcs; DescribeVpcAttribute per DNS attribute declared |
//! | find | DescribeVpcs |
//! | update | ModifyVpcAttribute, CreateTags, DeleteTags |
//! | delete | DeleteVpc; DescribeNetworkInterfaces, DeleteNetworkInterface when it is refused |
//!
//! Traps: a call of ModifyVpcAttribute sets one attribute only; DNS hostnames need DNS support.
//! AWS stores `10.0.0.1/16` as `10.0.0.0/16`, so such a range is refused here.
//! AWS deletes the VPC's own default group, network ACL and main route table with it. A new VPC may be
//! unknown to calls about it for a moment, to DescribeVpcAttribute too (TF PR#31877). Interfaces that AWS left behind hold it; see `interfaces.rs`.
//! Left out: IPAM pools (`ipv4_ipam_pool_id`, `ipv4_netmask_length`) and `vpc_encryption_control`,
//! which need resources that are not here yet; what AWS makes along with it
//! (`default_security_group`, `default_network_acl`), which would cost two calls per VPC; ranges
//! that are added later (`cidr_block_associations`, `ipv6_cidr_blocks`).
//! Differences:
//! - replaces `instance_tenancy`: in place, AWS only goes from dedicated to default.
//! - required `cidr_block`: there, a pool may give it.
//! - also needs `ec2:DescribeNetworkInterfaces`, `ec2:DeleteNetworkInterface`: says who holds it, and
//!   removes interfaces that AWS left behind.

use aws_sdk_ec2::types::{ResourceType, Tenancy, Vpc as SdkVpc, VpcAttributeName};

use super::interfaces;
use super::shared::{attribute, described};
use super::tags::{from_sdk, retag, specification};
use crate::prelude::*;

/// A virtual network of one's own, in one region.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::VPC",
    eventual("InvalidVpcID.NotFound"),
    busy("DependencyViolation"),
    iam(
        create("ec2:CreateVpc", "ec2:CreateTags", "ec2:ModifyVpcAttribute"),
        read("ec2:DescribeVpcs", "ec2:DescribeVpcAttribute"),
        update("ec2:ModifyVpcAttribute", "ec2:CreateTags", "ec2:DeleteTags"),
        delete("ec2:DeleteVpc", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface")
    )
)]
pub struct Vpc {
    /// IPv4 range in CIDR notation, /16 to /28. Replaces.
    #[field(replaces, cidr)]
    pub cidr_block: String,
    /// `default` or `dedicated` hardware for instances. Default: `default`. Replaces.
    #[field(replaces, server_default)]
    pub instance_tenancy: Option<String>,
    /// Whether Amazon's DNS server answers in the VPC. Default: true.
    #[field(default = true)]
    pub enable_dns_support: Option<bool>,
    /// Whether instances with public addresses get public DNS names; needs
    /// `enable_dns_support`. Default: false.
    #[field(default = false)]
    pub enable_dns_hostnames: Option<bool>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`Vpc`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct VpcOutputs {
    /// Id, such as `vpc-0abc`.
    pub vpc_id: String,
    /// IPv4 range.
    #[output(from_input)]
    pub cidr_block: String,
    /// Id of the DHCP options in use.
    pub dhcp_options_id: Option<String>,
}

described!(paged, describe_vpcs, "ec2:DescribeVpcs", "vpc-id", vpcs, SdkVpc, vpc_id);

impl Resource for Vpc {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let answer = cx
            .ec2()
            .create_vpc()
            .cidr_block(&self.cidr_block)
            .set_instance_tenancy(self.instance_tenancy.as_deref().map(Tenancy::from))
            .set_tag_specifications(specification(ResourceType::Vpc, &self.tags))
            .send()
            .await
            .op("ec2:CreateVpc")?;
        let vpc = need(answer.vpc, "ec2:CreateVpc", "vpc")?;
        let id = need(vpc.vpc_id.clone(), "ec2:CreateVpc", "vpc_id")?;
        // A new VPC has DNS support and no DNS hostnames.
        let support = self.enable_dns_support == Some(false);
        let names = self.enable_dns_hostnames == Some(true);
        if support || names {
            cx.accepted(&id).await?;
            self.set_dns(cx, &id, support, names).await?;
        }
        let outputs = outputs(&vpc, &id, &self.cidr_block);
        if status(vpc.state(), &["pending"]) != Status::Ready {
            return Ok(Made::Pending(id));
        }
        Ok(Made::Ready(id, outputs))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let vpcs = describe(cloud, items).await?;
        batch::each(items, |item| {
            let vpc = vpcs.get(&item.id).cloned();
            let known = item.inputs.clone();
            let id = item.id.clone();
            async move {
                let Some(vpc) = vpc else { return Ok(None) };
                let support = known.as_ref().is_some_and(|k| k.enable_dns_support.is_some());
                let names = known.as_ref().is_some_and(|k| k.enable_dns_hostnames.is_some());
                let mut live = live(&vpc, &id);
                if support {
                    let answer = dns_attribute(cloud, &id, VpcAttributeName::EnableDnsSupport);
                    let Some(on) = found(answer.await)? else { return Ok(None) };
                    live.inputs.enable_dns_support = on;
                }
                if names {
                    let answer = dns_attribute(cloud, &id, VpcAttributeName::EnableDnsHostnames);
                    let Some(on) = found(answer.await)? else { return Ok(None) };
                    live.inputs.enable_dns_hostnames = on;
                }
                Ok(Some(live))
            }
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        find_owned(cx).await
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        let (support, names) =
            (changes.has("enable_dns_support"), changes.has("enable_dns_hostnames"));
        self.set_dns(cx, id, support, names).await?;
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        gone(cx.ec2().delete_vpc().vpc_id(id).send().await.op("ec2:DeleteVpc"))
    }

    async fn holders(&self, cx: &Cx, id: &str) -> Result<Option<String>> {
        interfaces::holders(cx, "vpc-id", id).await
    }
}

impl Vpc {
    /// Sets the attributes that are asked for; AWS's default where nothing is declared.
    async fn set_dns(&self, aws: &Aws, id: &str, support: bool, names: bool) -> Result<()> {
        let set_support = async |on| {
            let call = aws.ec2().modify_vpc_attribute().vpc_id(id);
            call.enable_dns_support(attribute(on)).send().await.map(drop)
        };
        let set_names = async |on| {
            let call = aws.ec2().modify_vpc_attribute().vpc_id(id);
            call.enable_dns_hostnames(attribute(on)).send().await.map(drop)
        };
        let support = support.then(|| self.enable_dns_support.unwrap_or(true));
        let names = names.then(|| self.enable_dns_hostnames.unwrap_or(false));
        // Hostnames are refused without support, and support stays while there are hostnames.
        if names == Some(false) {
            set_names(false).await.op("ec2:ModifyVpcAttribute")?;
        }
        if let Some(on) = support {
            set_support(on).await.op("ec2:ModifyVpcAttribute")?;
        }
        if names == Some(true) {
            set_names(true).await.op("ec2:ModifyVpcAttribute")?;
        }
        Ok(())
    }
}

async fn dns_attribute(aws: &Aws, id: &str, name: VpcAttributeName) -> Result<Option<bool>> {
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
    Live {
        outputs: outputs(vpc, id, &cidr_block),
        inputs: Vpc {
            cidr_block,
            instance_tenancy: vpc.instance_tenancy.as_ref().map(|t| t.as_str().to_owned()),
            enable_dns_support: None,
            enable_dns_hostnames: None,
            tags: from_sdk(vpc.tags()),
        },
        status: status(vpc.state(), &["pending"]),
    }
}

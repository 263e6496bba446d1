//! `AWS::EC2::Subnet`: a range of a VPC in one availability zone.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateSubnet; ModifySubnetAttribute when it maps public addresses |
//! | read, find | DescribeSubnets |
//! | update | ModifySubnetAttribute, CreateTags, DeleteTags |
//! | delete | DeleteSubnet; DescribeNetworkInterfaces, DeleteNetworkInterface when it is refused |
//!
//! Traps: a range is given once in a VPC, so a subnet that keeps it is deleted before it is
//! replaced. A delete is refused while an interface is in it, also one that AWS takes minutes to
//! remove: those of load balancers, Fargate and Lambda up to 45 (TF#9495; see `interfaces.rs`).
//! `map_public_ip_on_launch` cannot be set by the create, and a new subnet may be unknown to that
//! second call for a moment. AWS stores `10.0.1.5/24` as
//! `10.0.1.0/24`, so such a range is refused here.
//! Left out: everything of IPv6 (`assign_ipv6_address_on_creation`, `enable_dns64`,
//! `ipv6_cidr_block`, `ipv6_cidr_blocks`, `ipv6_native`), which needs a VPC with an IPv6 range
//! (`AWS::EC2::VPCCidrBlock`); IPAM pools (`ipv4_ipam_pool_id`, `ipv4_netmask_length`,
//! `ipv6_ipam_pool_id`, `ipv6_netmask_length`); outposts (`outpost_arn`,
//! `enable_lni_at_device_index`); `private_dns_name_options_on_launch`;
//! `block_public_access_states`, the account's; `network_acl_association_id`, which costs a call.
//! Differences:
//! - required `cidr_block`: there, a pool or IPv6 may stand for it.
//! - also needs `ec2:DescribeNetworkInterfaces`, `ec2:DeleteNetworkInterface`: says who holds it, and
//!   removes interfaces that AWS left behind.

use aws_sdk_ec2::types::{ResourceType, Subnet as SdkSubnet};

use super::interfaces;
use super::shared::{attribute, described};
use super::tags::{from_sdk, retag, specification};
use crate::prelude::*;

/// A range of a VPC in one availability zone.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::Subnet",
    unique("vpc_id", "cidr_block"),
    held_by_users,
    eventual("InvalidVpcID.NotFound", "InvalidSubnetID.NotFound"),
    busy("DependencyViolation"),
    busy_for = 2700,
    iam(
        create("ec2:CreateSubnet", "ec2:CreateTags", "ec2:ModifySubnetAttribute"),
        read("ec2:DescribeSubnets"),
        update("ec2:ModifySubnetAttribute", "ec2:CreateTags", "ec2:DeleteTags"),
        delete("ec2:DeleteSubnet", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface")
    )
)]
pub struct Subnet {
    /// Id of the VPC. Replaces.
    #[field(replaces)]
    pub vpc_id: String,
    /// IPv4 range in CIDR notation inside the VPC's, /16 to /28. Replaces.
    #[field(replaces, cidr)]
    pub cidr_block: String,
    /// Zone, such as `eu-central-1a`. Default: AWS chooses. Replaces.
    #[field(replaces, server_default)]
    pub availability_zone: Option<String>,
    /// Zone by its id, such as `euc1-az2`, which means the same zone in every account.
    /// This or `availability_zone`. Replaces.
    #[field(replaces, server_default)]
    pub availability_zone_id: Option<String>,
    /// Whether instances get a public IPv4 address at launch. Default: false.
    #[field(default = false)]
    pub map_public_ip_on_launch: Option<bool>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`Subnet`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct SubnetOutputs {
    /// Id, such as `subnet-0abc`.
    pub subnet_id: String,
    /// ARN.
    pub arn: Option<String>,
    /// Id of the VPC.
    #[output(from_input)]
    pub vpc_id: String,
    /// Zone, such as `eu-central-1a`.
    #[output(from_input)]
    pub availability_zone: String,
    /// Zone by its id, such as `euc1-az2`.
    #[output(from_input)]
    pub availability_zone_id: Option<String>,
    /// IPv4 range.
    #[output(from_input)]
    pub cidr_block: String,
}

described!(
    paged,
    describe_subnets,
    "ec2:DescribeSubnets",
    "subnet-id",
    subnets,
    SdkSubnet,
    subnet_id
);

impl Resource for Subnet {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let answer = cx
            .ec2()
            .create_subnet()
            .vpc_id(&self.vpc_id)
            .cidr_block(&self.cidr_block)
            .set_availability_zone(self.availability_zone.clone())
            .set_availability_zone_id(self.availability_zone_id.clone())
            .set_tag_specifications(specification(ResourceType::Subnet, &self.tags))
            .send()
            .await
            .op("ec2:CreateSubnet")?;
        let subnet = need(answer.subnet, "ec2:CreateSubnet", "subnet")?;
        let id = need(subnet.subnet_id.clone(), "ec2:CreateSubnet", "subnet_id")?;
        if self.map_public_ip_on_launch == Some(true) {
            cx.accepted(&id).await?;
            map_public(cx, &id, true).await?;
        }
        let live = live(&subnet, &id);
        if live.status != Status::Ready {
            return Ok(Made::Pending(id));
        }
        Ok(Made::Ready(id, live.outputs))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let found = describe(cloud, items).await?;
        Ok(items.iter().map(|i| found.get(&i.id).map(|s| live(s, &i.id))).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        find_owned(cx).await
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("map_public_ip_on_launch") {
            map_public(cx, id, self.map_public_ip_on_launch.unwrap_or(false)).await?;
        }
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        gone(cx.ec2().delete_subnet().subnet_id(id).send().await.op("ec2:DeleteSubnet"))
    }

    async fn holders(&self, cx: &Cx, id: &str) -> Result<Option<String>> {
        interfaces::holders(cx, "subnet-id", id).await
    }
}

async fn map_public(aws: &Aws, id: &str, on: bool) -> Result<()> {
    let call = aws.ec2().modify_subnet_attribute().subnet_id(id);
    let call = call.map_public_ip_on_launch(attribute(on));
    call.send().await.op("ec2:ModifySubnetAttribute").map(drop)
}

fn live(subnet: &SdkSubnet, id: &str) -> Live<Subnet> {
    let (zone, zone_id) = (subnet.availability_zone.clone(), subnet.availability_zone_id.clone());
    let vpc_id = subnet.vpc_id.clone().unwrap_or_default();
    let cidr_block = subnet.cidr_block.clone().unwrap_or_default();
    Live {
        outputs: SubnetOutputs {
            subnet_id: id.to_owned(),
            arn: subnet.subnet_arn.clone(),
            vpc_id: vpc_id.clone(),
            availability_zone: zone.clone().unwrap_or_default(),
            availability_zone_id: zone_id.clone(),
            cidr_block: cidr_block.clone(),
        },
        inputs: Subnet {
            vpc_id,
            cidr_block,
            availability_zone: zone,
            availability_zone_id: zone_id,
            map_public_ip_on_launch: subnet.map_public_ip_on_launch,
            tags: from_sdk(subnet.tags()),
        },
        status: status(subnet.state(), &["pending"]),
    }
}

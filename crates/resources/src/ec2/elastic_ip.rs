//! `AWS::EC2::EIP`: a public IPv4 address that stays.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | AllocateAddress |
//! | read, find | DescribeAddresses |
//! | update | CreateTags, DeleteTags |
//! | delete | ReleaseAddress; DescribeAddresses, DescribeNetworkInterfaces, DeleteNetworkInterface when it is refused |
//!
//! Traps: AllocateAddress takes no token; the ownership tag tells what it made. An address that
//! is associated is not released. The interfaces of NAT gateways and network load balancers keep
//! theirs for some minutes; then AWS answers `AuthFailure` (TF PR#1956, TF#33645).
//! Left out: `instance_id`; see [`super::ElasticIpAssociation`]. `domain`, because EC2-Classic is
//! gone. `address`, `transfer_address`, `ipam_pool_id`: particular addresses.
//! Differences:
//! - replaces `public_ipv4_pool`: no call moves an address to another pool.
//! - also needs `ec2:DescribeNetworkInterfaces`, `ec2:DeleteNetworkInterface`: says who holds it, and
//!   removes interfaces that AWS left behind.

use aws_sdk_ec2::types::{Address, DomainType, ResourceType};

use super::interfaces;
use super::shared::{described, filter};
use super::tags::{from_sdk, retag, specification};
use crate::prelude::*;

/// A public IPv4 address that stays. AWS charges for it by the hour, used or not.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::EIP",
    held_by_users,
    eventual("InvalidAllocationID.NotFound"),
    busy(
        "InvalidIPAddress.InUse",
        "AuthFailure" = "do not have permission to access the specified resource"
    ),
    busy_for = 2700,
    iam(
        create("ec2:AllocateAddress", "ec2:CreateTags"),
        read("ec2:DescribeAddresses"),
        update("ec2:CreateTags", "ec2:DeleteTags"),
        delete(
            "ec2:ReleaseAddress",
            "ec2:DescribeAddresses",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DeleteNetworkInterface"
        )
    )
)]
pub struct ElasticIp {
    /// Zones or edge locations that advertise it. Default: the region. Replaces.
    #[field(replaces, server_default)]
    pub network_border_group: Option<String>,
    /// Id of a pool of addresses brought to AWS. Default: Amazon's (`amazon`). Replaces.
    #[field(replaces, server_default)]
    pub public_ipv4_pool: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of an [`ElasticIp`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ElasticIpOutputs {
    /// Id, such as `eipalloc-0abc`.
    pub allocation_id: String,
    /// The address.
    pub public_ip: String,
}

described!(
    whole,
    describe_addresses,
    "ec2:DescribeAddresses",
    "allocation-id",
    addresses,
    Address,
    allocation_id
);

impl Resource for ElasticIp {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let tags = specification(ResourceType::ElasticIp, &self.tags);
        let answer = cx
            .ec2()
            .allocate_address()
            .domain(DomainType::Vpc)
            .set_network_border_group(self.network_border_group.clone())
            .set_public_ipv4_pool(self.public_ipv4_pool.clone())
            .set_tag_specifications(tags)
            .send()
            .await
            .op("ec2:AllocateAddress")?;
        let allocation_id = need(answer.allocation_id, "ec2:AllocateAddress", "allocation_id")?;
        let public_ip = need(answer.public_ip, "ec2:AllocateAddress", "public_ip")?;
        Ok(Made::Ready(allocation_id.clone(), ElasticIpOutputs { allocation_id, public_ip }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let found = describe(cloud, items).await?;
        let live = |i: &ReadRequest<Self>| {
            let address = found.get(&i.id)?;
            Some(Live::ready(
                Self {
                    network_border_group: address.network_border_group.clone(),
                    public_ipv4_pool: address.public_ipv4_pool.clone(),
                    tags: from_sdk(address.tags()),
                },
                ElasticIpOutputs {
                    allocation_id: i.id.clone(),
                    public_ip: address.public_ip.clone().unwrap_or_default(),
                },
            ))
        };
        Ok(items.iter().map(live).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        find_owned(cx).await
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, _: &Changes) -> Result<Progress> {
        retag(cx, id, &old.tags, &self.tags).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.ec2().release_address().allocation_id(id);
        gone(call.send().await.op("ec2:ReleaseAddress"))
    }

    async fn holders(&self, cx: &Cx, id: &str) -> Result<Option<String>> {
        let address = list(cx, filter("allocation-id", [id])).await?.into_iter().next();
        match address.and_then(|a| a.network_interface_id) {
            Some(at) => interfaces::holders(cx, "network-interface-id", &at).await,
            None => Ok(None),
        }
    }
}

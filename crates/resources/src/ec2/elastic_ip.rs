//! `AWS::EC2::EIP`: a public IPv4 address that stays.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | AllocateAddress | ec2:AllocateAddress, ec2:CreateTags |
//! | read, find | DescribeAddresses | ec2:DescribeAddresses |
//! | update | CreateTags, DeleteTags | ec2:CreateTags, ec2:DeleteTags |
//! | delete | ReleaseAddress | ec2:ReleaseAddress |
//!
//! Traps: AllocateAddress takes no token; the ownership tag tells what it made. An address that
//! is associated is not released.
//! Left out: `instance_id`; see [`super::ElasticIpAssociation`]. `domain`, because EC2-Classic
//! is gone. `address`, `transfer_address`, `ipam_pool_id`: particular addresses.

use aws_sdk_ec2::types::{Address, DomainType, ResourceType};

use super::find::find_owned;
use super::shared::filter;
use super::tags::{from_sdk, retag, specification};
use crate::prelude::*;

/// A public IPv4 address that stays. AWS charges for it by the hour, used or not.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::EIP",
    outputs = ElasticIpOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-eip.html",
    busy("InvalidIPAddress.InUse"),
    iam(
        create("ec2:AllocateAddress", "ec2:CreateTags"),
        read("ec2:DescribeAddresses"),
        update("ec2:CreateTags", "ec2:DeleteTags"),
        delete("ec2:ReleaseAddress")
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

impl Resource for ElasticIp {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        let tags = specification(ResourceType::ElasticIp, self.tags.as_ref());
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

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let found = batch::by_id(
            items.iter().map(|i| i.id.clone()).collect(),
            |chunk| async move {
                let call = cloud.ec2().describe_addresses();
                let answer = call
                    .filters(filter("allocation-id", chunk))
                    .send()
                    .await
                    .op("ec2:DescribeAddresses")?;
                Ok(answer.addresses.unwrap_or_default())
            },
            |a: &Address| a.allocation_id(),
        )
        .await?;
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

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        find_owned!(cx, describe_addresses, "ec2:DescribeAddresses", addresses, allocation_id)
    }

    async fn update(
        &self,
        cx: &Cx<Aws>,
        id: &str,
        old: &Self,
        _: &Changes,
    ) -> Result<Progress, OpError> {
        retag(cx, id, old.tags.as_ref(), self.tags.as_ref()).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Aws>, id: &str) -> Result<Progress, OpError> {
        let call = cx.ec2().release_address().allocation_id(id);
        gone(call.send().await.op("ec2:ReleaseAddress"))
    }
}

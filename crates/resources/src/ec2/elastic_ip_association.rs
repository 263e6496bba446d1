//! `AWS::EC2::EIPAssociation`: an Elastic IP on an instance or interface.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | AssociateAddress |
//! | read, find | DescribeAddresses |
//! | delete | DisassociateAddress |
//!
//! Traps: an address that is associated already is not taken away from its holder
//! (`allow_reassociation` is false), so a replacement deletes first. An instance or interface has
//! one per private address: a second takes the place of the first. An association has no tags;
//! what an interrupted create made is told by address and target. A new instance is `pending` at
//! first, which is refused as `InvalidInstanceID` (Terraform's provider waits that out).
//! Left out: nothing.
//! Differences:
//! - required `allocation_id`: the address itself named it in EC2-Classic, which is gone.

use aws_sdk_ec2::types::Address;
use ferrocrete_core::schema::{Claim, Finding, Known};
use ferrocrete_core::value::PropertyMap;

use super::shared::filter;
use crate::aws::claim;
use crate::prelude::*;

/// An Elastic IP on an instance or a network interface.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::EIPAssociation",
    identity("allocation_id"),
    claims = ElasticIpAssociation::claims,
    check = check,
    eventual(
        "InvalidAllocationID.NotFound",
        "InvalidInstanceID" = "pending instance",
        "InvalidInstanceID.NotFound",
        "InvalidNetworkInterfaceID.NotFound"
    ),
    iam(
        create("ec2:AssociateAddress"),
        read("ec2:DescribeAddresses"),
        delete("ec2:DisassociateAddress")
    )
)]
pub struct ElasticIpAssociation {
    /// Allocation id of the address. Replaces.
    #[field(replaces)]
    pub allocation_id: String,
    /// Id of the instance. This or `network_interface_id`. Replaces.
    #[field(replaces)]
    pub instance_id: Option<String>,
    /// Id of the network interface. This or `instance_id`. Replaces.
    #[field(replaces, server_default)]
    pub network_interface_id: Option<String>,
    /// Which of the interface's private addresses. Default: the primary. Replaces.
    #[field(replaces, server_default)]
    pub private_ip_address: Option<String>,
}

/// What AWS knows of an [`ElasticIpAssociation`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ElasticIpAssociationOutputs {
    /// Id, such as `eipassoc-0abc`.
    pub association_id: String,
}

impl ElasticIpAssociation {
    /// The address, and the place where it is.
    fn claims(properties: &PropertyMap) -> Vec<Claim> {
        let address = claim::elastic_ip("allocation_id", claim::known(properties, "allocation_id"));
        let private = match properties.get("private_ip_address").filter(|v| !v.is_null()) {
            Some(value) => claim::of_value(value),
            None => Some(String::new()),
        };
        let place = |property: &str| {
            let id = claim::known(properties, property)?;
            let what = "the Elastic IP of a private address";
            Some(Claim::new(what, &[property, "private_ip_address"], [id, private.clone()?]))
        };
        let places = [place("instance_id"), place("network_interface_id")];
        address.into_iter().chain(places.into_iter().flatten()).collect()
    }
}

fn check(known: Known<'_>) -> Vec<Finding> {
    known.exactly_one(&["instance_id", "network_interface_id"]).into_iter().collect()
}

impl Resource for ElasticIpAssociation {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let answer = cx
            .ec2()
            .associate_address()
            .allocation_id(&self.allocation_id)
            .set_instance_id(self.instance_id.clone())
            .set_network_interface_id(self.network_interface_id.clone())
            .set_private_ip_address(self.private_ip_address.clone())
            .allow_reassociation(false)
            .send()
            .await
            .op("ec2:AssociateAddress")?;
        let id = need(answer.association_id, "ec2:AssociateAddress", "association_id")?;
        Ok(Made::Ready(id.clone(), ElasticIpAssociationOutputs { association_id: id }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let found = batch::by_id(
            items.iter().map(|i| i.id.clone()).collect(),
            |chunk| async move {
                let call = cloud.ec2().describe_addresses();
                let answer = call
                    .filters(filter("association-id", chunk))
                    .send()
                    .await
                    .op("ec2:DescribeAddresses")?;
                Ok(answer.addresses.unwrap_or_default())
            },
            |a: &Address| a.association_id(),
        )
        .await?;
        let live = |i: &ReadRequest<Self>| {
            let address = found.get(&i.id)?;
            Some(Live::ready(
                Self {
                    allocation_id: address.allocation_id.clone()?,
                    instance_id: text(address.instance_id()),
                    network_interface_id: text(address.network_interface_id()),
                    private_ip_address: text(address.private_ip_address()),
                },
                ElasticIpAssociationOutputs { association_id: i.id.clone() },
            ))
        };
        Ok(items.iter().map(live).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let call = cx.ec2().describe_addresses();
        let answer = call
            .filters(filter("allocation-id", [&self.allocation_id]))
            .send()
            .await
            .op("ec2:DescribeAddresses")?;
        let same = |a: &&Address| match (&self.instance_id, &self.network_interface_id) {
            (Some(id), _) => a.instance_id() == Some(id),
            (None, Some(id)) => a.network_interface_id() == Some(id),
            (None, None) => false,
        };
        let ours = answer.addresses().iter().find(same);
        Ok(ours.and_then(|a| a.association_id.clone()))
    }

    async fn update(&self, _: &Cx, _: &str, _: &Self, _: &Changes) -> Result<Progress> {
        // Every property replaces.
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.ec2().disassociate_address().association_id(id);
        gone(call.send().await.op("ec2:DisassociateAddress"))
    }
}

//! `AWS::EC2::VPCGatewayAttachment`: an internet gateway in a VPC.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | AttachInternetGateway |
//! | read | DescribeInternetGateways |
//! | delete | DetachInternetGateway; DescribeNetworkInterfaces, DeleteNetworkInterface when it is refused |
//!
//! Traps: has neither id nor tags of its own; our id is `GATEWAY|VPC`, and what an interrupted
//! create made is told by the pair. Detaching is refused while public addresses are in use in
//! the VPC, also those of what is still going away: load balancers keep theirs up to 45 minutes
//! (TF#9495; see `interfaces.rs`). A VPC has at most one internet gateway, and a gateway is in one
//! VPC, so a replacement detaches first. It is `attaching` before it is `available`; until then
//! CreateRoute is refused (see [`super::Route`]), and a NAT gateway fails.
//! Left out: VPN gateways (`vpn_gateway_id`), which are not here yet.
//! Differences:
//! - required `internet_gateway_id`: there, a VPN gateway may stand for it.
//! - replaces `internet_gateway_id`: there, an update detaches and attaches, which is the same.
//! - also needs `ec2:DescribeNetworkInterfaces`, `ec2:DeleteNetworkInterface`: says who holds it, and
//!   removes interfaces that AWS left behind.

use std::collections::HashMap;

use aws_sdk_ec2::types::AttachmentStatus;

use super::interfaces;
use super::shared::filter;
use crate::prelude::*;

/// An internet gateway in a VPC.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::VPCGatewayAttachment",
    identity("vpc_id", "internet_gateway_id"),
    unique("vpc_id"),
    unique("internet_gateway_id"),
    eventual("InvalidInternetGatewayID.NotFound", "InvalidVpcID.NotFound"),
    busy("DependencyViolation"),
    busy_for = 2700,
    iam(
        create("ec2:AttachInternetGateway"),
        read("ec2:DescribeInternetGateways"),
        delete(
            "ec2:DetachInternetGateway",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DeleteNetworkInterface"
        )
    )
)]
pub struct VpcGatewayAttachment {
    /// Id of the VPC. Replaces.
    #[field(replaces)]
    pub vpc_id: String,
    /// Id of the internet gateway. Replaces.
    #[field(replaces)]
    pub internet_gateway_id: String,
}

/// What is known of a [`VpcGatewayAttachment`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct VpcGatewayAttachmentOutputs {
    /// Id of the attached gateway; routes that use this output wait for the attachment.
    #[output(from_input)]
    pub internet_gateway_id: String,
    /// Id of the VPC; what uses this output waits for the attachment.
    #[output(from_input)]
    pub vpc_id: String,
}

impl Resource for VpcGatewayAttachment {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        cx.ec2()
            .attach_internet_gateway()
            .vpc_id(&self.vpc_id)
            .internet_gateway_id(&self.internet_gateway_id)
            .send()
            .await
            .op("ec2:AttachInternetGateway")?;
        Ok(Made::Pending(id_of(&self.internet_gateway_id, &self.vpc_id)))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let ids = items.iter().filter_map(|i| Some(i.id.split_once('|')?.0.to_owned())).collect();
        let gateways: HashMap<String, _> = batch::by_id(
            ids,
            |chunk| async move {
                let call = cloud.ec2().describe_internet_gateways();
                let answer = call
                    .filters(filter("internet-gateway-id", chunk))
                    .send()
                    .await
                    .op("ec2:DescribeInternetGateways")?;
                Ok(answer.internet_gateways.unwrap_or_default())
            },
            |g: &aws_sdk_ec2::types::InternetGateway| g.internet_gateway_id(),
        )
        .await?;
        let live = |i: &ReadRequest<Self>| {
            let (gateway, vpc) = i.id.split_once('|')?;
            let mut all = gateways.get(gateway)?.attachments().iter();
            let attachment = all.find(|a| a.vpc_id() == Some(vpc))?;
            if attachment.state() == Some(&AttachmentStatus::Detached) {
                return None;
            }
            Some(Live {
                inputs: Self { vpc_id: vpc.to_owned(), internet_gateway_id: gateway.to_owned() },
                outputs: outputs(gateway, vpc),
                status: match attachment.state() {
                    Some(state @ AttachmentStatus::Detaching) => {
                        Status::Deleting(state.as_str().to_owned())
                    }
                    state => status(state, &["attaching"]),
                },
            })
        };
        Ok(items.iter().map(live).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let id = id_of(&self.internet_gateway_id, &self.vpc_id);
        let request = ReadRequest { id: id.clone(), inputs: None, follow: None };
        let live = Self::read(cx.cloud(), &[request]).await?;
        Ok(live.into_iter().flatten().next().map(|_| id))
    }

    async fn update(&self, _: &Cx, _: &str, _: &Self, _: &Changes) -> Result<Progress> {
        // Every property replaces.
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, _: &str) -> Result<Progress> {
        let call = cx
            .ec2()
            .detach_internet_gateway()
            .vpc_id(&self.vpc_id)
            .internet_gateway_id(&self.internet_gateway_id);
        match found(call.send().await.op("ec2:DetachInternetGateway")) {
            Err(e) if e.has_code("Gateway.NotAttached") => Ok(Progress::Done),
            // It is `detaching` for a while, and nobody takes its place until then.
            Ok(Some(_)) => Ok(Progress::Pending),
            Ok(None) => Ok(Progress::Done),
            Err(e) => Err(e),
        }
    }

    async fn holders(&self, cx: &Cx, _: &str) -> Result<Option<String>> {
        interfaces::public_holders(cx, &self.vpc_id).await
    }
}

fn id_of(gateway: &str, vpc: &str) -> String {
    format!("{gateway}|{vpc}")
}

fn outputs(gateway: &str, vpc: &str) -> VpcGatewayAttachmentOutputs {
    VpcGatewayAttachmentOutputs { internet_gateway_id: gateway.to_owned(), vpc_id: vpc.to_owned() }
}

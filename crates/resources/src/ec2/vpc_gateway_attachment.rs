//! `AWS::EC2::VPCGatewayAttachment`: an internet gateway in a VPC.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | AttachInternetGateway |
//! | read | DescribeInternetGateways |
//! | delete | DetachInternetGateway |
//!
//! Traps: has neither id nor tags of its own; our id is `GATEWAY|VPC`, and what an interrupted
//! create made is told by the pair. Detaching is refused while public addresses are in use in
//! the VPC, also those of instances that are still going away. A VPC has at most one internet
//! gateway, so a replacement detaches first.
//! Left out: VPN gateways (`vpn_gateway_id`), which are not here yet.
//! Differences:
//! - required `internet_gateway_id`: there, a VPN gateway may stand for it.
//! - replaces `internet_gateway_id`: there, an update detaches and attaches, which is the same.

use std::collections::HashMap;

use super::shared::filter;
use crate::prelude::*;

/// An internet gateway in a VPC.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::VPCGatewayAttachment",
    delete_before_replace,
    eventual("InvalidInternetGatewayID.NotFound", "InvalidVpcID.NotFound"),
    busy("DependencyViolation"),
    iam(
        create("ec2:AttachInternetGateway"),
        read("ec2:DescribeInternetGateways"),
        delete("ec2:DetachInternetGateway")
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
        let id = id_of(&self.internet_gateway_id, &self.vpc_id);
        Ok(Made::Ready(id, outputs(&self.internet_gateway_id, &self.vpc_id)))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let ids = items.iter().filter_map(|i| Some(i.id.split_once('|')?.0.to_owned())).collect();
        let found: HashMap<String, _> = batch::by_id(
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
            let attached =
                found.get(gateway)?.attachments().iter().any(|a| a.vpc_id() == Some(vpc));
            attached.then(|| {
                Live::ready(
                    Self { vpc_id: vpc.to_owned(), internet_gateway_id: gateway.to_owned() },
                    outputs(gateway, vpc),
                )
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
        match call.send().await.op("ec2:DetachInternetGateway").map(drop) {
            Err(e) if e.has_code("Gateway.NotAttached") => Ok(Progress::Done),
            other => gone(other),
        }
    }
}

fn id_of(gateway: &str, vpc: &str) -> String {
    format!("{gateway}|{vpc}")
}

fn outputs(gateway: &str, vpc: &str) -> VpcGatewayAttachmentOutputs {
    VpcGatewayAttachmentOutputs { internet_gateway_id: gateway.to_owned(), vpc_id: vpc.to_owned() }
}

//! `AWS::EC2::InternetGateway`: a VPC's door to the internet.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateInternetGateway |
//! | read, find | DescribeInternetGateways |
//! | update | CreateTags, DeleteTags |
//! | delete | DeleteInternetGateway |
//!
//! Traps: a delete is refused while the gateway is attached to a VPC. A new one may be unknown to the
//! calls that tag it for a moment.
//! Left out: nothing.

use aws_sdk_ec2::types::{InternetGateway as SdkGateway, ResourceType};

use super::shared::described;
use super::tags::{from_sdk, retag, specification};
use crate::prelude::*;

/// A VPC's door to the internet; [`super::VpcGatewayAttachment`] puts it into one.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::InternetGateway",
    eventual("InvalidInternetGatewayID.NotFound"),
    busy("DependencyViolation"),
    iam(
        create("ec2:CreateInternetGateway", "ec2:CreateTags"),
        read("ec2:DescribeInternetGateways"),
        update("ec2:CreateTags", "ec2:DeleteTags"),
        delete("ec2:DeleteInternetGateway")
    )
)]
pub struct InternetGateway {
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of an [`InternetGateway`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct InternetGatewayOutputs {
    /// Id, such as `igw-0abc`.
    pub internet_gateway_id: String,
}

described!(
    paged,
    describe_internet_gateways,
    "ec2:DescribeInternetGateways",
    "internet-gateway-id",
    internet_gateways,
    SdkGateway,
    internet_gateway_id
);

impl Resource for InternetGateway {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "ec2:CreateInternetGateway";
        let tags = specification(ResourceType::InternetGateway, &self.tags);
        let call = cx.ec2().create_internet_gateway().set_tag_specifications(tags);
        let gateway = need(call.send().await.op(CALL)?.internet_gateway, CALL, "internet_gateway")?;
        let id = need(gateway.internet_gateway_id, CALL, "internet_gateway_id")?;
        Ok(Made::Ready(id.clone(), InternetGatewayOutputs { internet_gateway_id: id }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let found = describe(cloud, items).await?;
        Ok(items.iter().map(|i| found.get(&i.id).map(|gateway| live(gateway, &i.id))).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        find_owned(cx).await
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.ec2().delete_internet_gateway().internet_gateway_id(id);
        gone(call.send().await.op("ec2:DeleteInternetGateway"))
    }
}

fn live(gateway: &SdkGateway, id: &str) -> Live<InternetGateway> {
    Live::ready(
        InternetGateway { tags: from_sdk(gateway.tags()) },
        InternetGatewayOutputs { internet_gateway_id: id.to_owned() },
    )
}

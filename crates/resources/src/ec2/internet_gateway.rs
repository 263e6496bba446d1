//! `AWS::EC2::InternetGateway`: a VPC's door to the internet.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | CreateInternetGateway | ec2:CreateInternetGateway, ec2:CreateTags |
//! | read, find | DescribeInternetGateways | ec2:DescribeInternetGateways |
//! | update | CreateTags, DeleteTags | ec2:CreateTags, ec2:DeleteTags |
//! | delete | DeleteInternetGateway | ec2:DeleteInternetGateway |
//!
//! Traps: a delete is refused while the gateway is attached to a VPC.
//! Left out: nothing.

use aws_sdk_ec2::types::ResourceType;

use super::find::find_owned;
use super::shared::describe;
use super::tags::{from_sdk, retag, specification};
use crate::prelude::*;

/// A VPC's door to the internet; [`super::VpcGatewayAttachment`] puts it into one.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::InternetGateway",
    outputs = InternetGatewayOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-internetgateway.html",
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

impl Resource for InternetGateway {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        let tags = specification(ResourceType::InternetGateway, self.tags.as_ref());
        let call = cx.ec2().create_internet_gateway();
        let answer =
            call.set_tag_specifications(tags).send().await.op("ec2:CreateInternetGateway")?;
        let id = need(
            answer.internet_gateway.and_then(|g| g.internet_gateway_id),
            "ec2:CreateInternetGateway",
            "internet_gateway_id",
        )?;
        Ok(Made::Ready(id.clone(), InternetGatewayOutputs { internet_gateway_id: id }))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let found = describe!(
            cloud,
            items,
            describe_internet_gateways,
            "ec2:DescribeInternetGateways",
            "internet-gateway-id",
            internet_gateways,
            internet_gateway_id
        );
        let live = |i: &ReadRequest<Self>| {
            let gateway = found.get(&i.id)?;
            Some(Live::ready(
                Self { tags: from_sdk(gateway.tags()) },
                InternetGatewayOutputs { internet_gateway_id: i.id.clone() },
            ))
        };
        Ok(items.iter().map(live).collect())
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        find_owned!(
            cx,
            describe_internet_gateways,
            "ec2:DescribeInternetGateways",
            internet_gateways,
            internet_gateway_id
        )
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
        let call = cx.ec2().delete_internet_gateway().internet_gateway_id(id);
        gone(call.send().await.op("ec2:DeleteInternetGateway"))
    }
}

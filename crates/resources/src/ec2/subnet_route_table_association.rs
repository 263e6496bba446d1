//! `AWS::EC2::SubnetRouteTableAssociation`: which route table a subnet uses.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | AssociateRouteTable | ec2:AssociateRouteTable |
//! | read | DescribeRouteTables | ec2:DescribeRouteTables |
//! | update | ReplaceRouteTableAssociation | ec2:ReplaceRouteTableAssociation |
//! | delete | DisassociateRouteTable | ec2:DisassociateRouteTable |
//!
//! Traps: replacing the table gives the association a new id, so AWS's id is an output and
//! ours is the subnet's.

use std::collections::HashMap;

use aws_sdk_ec2::types::RouteTableAssociation;

use super::shared::{filter, gone, need};
use crate::prelude::*;

/// Which route table a subnet uses.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::SubnetRouteTableAssociation",
    outputs = SubnetRouteTableAssociationOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnetroutetableassociation.html",
    delete_before_replace,
    eventual("InvalidRouteTableID.NotFound", "InvalidSubnetID.NotFound"),
    iam(
        create("ec2:AssociateRouteTable"),
        read("ec2:DescribeRouteTables"),
        update("ec2:ReplaceRouteTableAssociation", "ec2:DescribeRouteTables"),
        delete("ec2:DisassociateRouteTable", "ec2:DescribeRouteTables")
    )
)]
pub struct SubnetRouteTableAssociation {
    /// Id of the subnet. Replaces.
    #[field(replaces)]
    pub subnet_id: String,
    /// Id of the route table.
    #[field(affects("association_id"))]
    pub route_table_id: String,
}

/// What AWS knows of a [`SubnetRouteTableAssociation`].
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct SubnetRouteTableAssociationOutputs {
    /// Id, such as `rtbassoc-0abc`.
    pub association_id: String,
}

async fn by_subnet(
    aws: &Aws,
    subnets: Vec<String>,
) -> Result<HashMap<String, RouteTableAssociation>, OpError> {
    batch::by_id(
        subnets,
        |chunk| async move {
            let wanted = chunk.clone();
            let mut pages = aws
                .ec2()
                .describe_route_tables()
                .filters(filter("association.subnet-id", chunk))
                .into_paginator()
                .page_size(100)
                .send();
            let mut all = Vec::new();
            while let Some(page) = pages.next().await {
                let tables = page.op("ec2:DescribeRouteTables")?.route_tables.unwrap_or_default();
                let found = tables.into_iter().flat_map(|t| t.associations.unwrap_or_default());
                all.extend(
                    found.filter(|a| a.subnet_id().is_some_and(|s| wanted.iter().any(|w| w == s))),
                );
            }
            Ok(all)
        },
        |a: &RouteTableAssociation| a.subnet_id(),
    )
    .await
}

impl SubnetRouteTableAssociation {
    async fn current(&self, aws: &Aws) -> Result<Option<RouteTableAssociation>, OpError> {
        Ok(by_subnet(aws, vec![self.subnet_id.clone()]).await?.remove(&self.subnet_id))
    }
}

impl Resource for SubnetRouteTableAssociation {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        let answer = cx
            .ec2()
            .associate_route_table()
            .subnet_id(&self.subnet_id)
            .route_table_id(&self.route_table_id)
            .send()
            .await
            .op("ec2:AssociateRouteTable")?;
        let association_id =
            need(answer.association_id, "ec2:AssociateRouteTable", "association_id")?;
        Ok(Made::Ready(
            self.subnet_id.clone(),
            SubnetRouteTableAssociationOutputs { association_id },
        ))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let found = by_subnet(cloud, items.iter().map(|i| i.id.clone()).collect()).await?;
        let live = |i: &ReadRequest<Self>| {
            let association = found.get(&i.id)?;
            Some(Live::ready(
                Self {
                    subnet_id: i.id.clone(),
                    route_table_id: association.route_table_id.clone()?,
                },
                SubnetRouteTableAssociationOutputs {
                    association_id: association.route_table_association_id.clone()?,
                },
            ))
        };
        Ok(items.iter().map(live).collect())
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        let current = self.current(cx).await?;
        let ours = current.is_some_and(|a| a.route_table_id() == Some(&self.route_table_id));
        Ok(ours.then(|| self.subnet_id.clone()))
    }

    async fn update(
        &self,
        cx: &Cx<Aws>,
        _: &str,
        _: &Self,
        _: &Changes,
    ) -> Result<Progress, OpError> {
        let current = self.current(cx).await?.and_then(|a| a.route_table_association_id);
        let id = need(current, "ec2:DescribeRouteTables", "route_table_association_id")?;
        let call = cx.ec2().replace_route_table_association().association_id(id);
        let call = call.route_table_id(&self.route_table_id);
        call.send().await.op("ec2:ReplaceRouteTableAssociation")?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Aws>, _: &str) -> Result<Progress, OpError> {
        let current = self.current(cx).await?.and_then(|a| a.route_table_association_id);
        let Some(id) = current else { return Ok(Progress::Done) };
        let call = cx.ec2().disassociate_route_table().association_id(id);
        gone(call.send().await.op("ec2:DisassociateRouteTable").map(drop))
    }
}

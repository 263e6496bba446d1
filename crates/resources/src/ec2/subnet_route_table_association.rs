//! `AWS::EC2::SubnetRouteTableAssociation`: which route table a subnet uses.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | AssociateRouteTable |
//! | read | DescribeRouteTables |
//! | find | DescribeRouteTables |
//! | update | DescribeRouteTables, ReplaceRouteTableAssociation |
//! | delete | none when only the subnet goes too, else DescribeRouteTables, DisassociateRouteTable |
//!
//! Traps: another table gives the association another id, so AWS's id is an output, ours is
//! the subnet's, and update and delete look the present one up. A subnet has at most one
//! association of its own; a second is refused (`Resource.AlreadyAssociated`), never taken over.
//! Left out: nothing; associations of gateways are a type of their own in CloudFormation.
//! Differences:
//! - in place `route_table_id`: ReplaceRouteTableAssociation leaves no moment without a table.

use std::collections::HashMap;

use aws_sdk_ec2::types::RouteTableAssociation;

use super::route_table::tables;
use super::shared::filter;
use crate::prelude::*;

/// Which route table a subnet uses.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::SubnetRouteTableAssociation",
    identity("subnet_id"),
    deleted_with = "subnet_id",
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
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct SubnetRouteTableAssociationOutputs {
    /// Id, such as `rtbassoc-0abc`.
    pub association_id: String,
}

async fn by_subnet(
    aws: &Aws,
    subnets: Vec<String>,
) -> Result<HashMap<String, RouteTableAssociation>> {
    batch::by_id(
        subnets,
        |chunk| async move {
            let found = tables(aws, filter("association.subnet-id", chunk)).await?;
            let all = found.into_iter().flat_map(|t| t.associations.unwrap_or_default());
            Ok(all.filter(is_there).collect())
        },
        |a: &RouteTableAssociation| a.subnet_id(),
    )
    .await
}

/// An association stays described for a while after it has ended.
fn is_there(association: &RouteTableAssociation) -> bool {
    let state = association.association_state().and_then(|s| s.state()).map(|s| s.as_str());
    !matches!(state, Some("disassociating" | "disassociated" | "failed"))
}

impl SubnetRouteTableAssociation {
    /// The association that the subnet has now.
    async fn current(&self, aws: &Aws) -> Result<Option<RouteTableAssociation>> {
        Ok(by_subnet(aws, vec![self.subnet_id.clone()]).await?.remove(&self.subnet_id))
    }
}

impl Resource for SubnetRouteTableAssociation {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
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

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
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

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let current = self.current(cx).await?;
        let ours = current.is_some_and(|a| a.route_table_id() == Some(&self.route_table_id));
        Ok(ours.then(|| self.subnet_id.clone()))
    }

    async fn update(&self, cx: &Cx, _: &str, _: &Self, _: &Changes) -> Result<Progress> {
        let current = self.current(cx).await?.and_then(|a| a.route_table_association_id);
        let id = need(current, "ec2:DescribeRouteTables", "route_table_association_id")?;
        let call = cx.ec2().replace_route_table_association().association_id(id);
        let call = call.route_table_id(&self.route_table_id);
        call.send().await.op("ec2:ReplaceRouteTableAssociation")?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, _: &str) -> Result<Progress> {
        // With another table it is somebody else's.
        let ours = |a: &RouteTableAssociation| a.route_table_id() == Some(&self.route_table_id);
        let current = self.current(cx).await?.filter(ours);
        let Some(id) = current.and_then(|a| a.route_table_association_id) else {
            return Ok(Progress::Done);
        };
        let call = cx.ec2().disassociate_route_table().association_id(id);
        gone(call.send().await.op("ec2:DisassociateRouteTable"))
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{RouteTableAssociationState, RouteTableAssociationStateCode as Code};

    use super::*;

    #[test]
    fn an_ended_association_is_not_there() {
        let of = |code: Option<Code>| {
            let state = code.map(|c| RouteTableAssociationState::builder().state(c).build());
            RouteTableAssociation::builder().set_association_state(state).build()
        };
        assert!(is_there(&of(None)) && is_there(&of(Some(Code::Associated))));
        assert!(is_there(&of(Some(Code::Associating))));
        assert!(!is_there(&of(Some(Code::Disassociating))));
        assert!(!is_there(&of(Some(Code::Disassociated))));
    }
}

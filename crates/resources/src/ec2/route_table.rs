//! `AWS::EC2::RouteTable`: where a subnet's traffic goes.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateRouteTable |
//! | read, find | DescribeRouteTables |
//! | update | CreateTags, DeleteTags |
//! | delete | DeleteRouteTable |
//!
//! Traps: a delete is refused while a subnet is associated; routes go with the table. A new table may
//! be unknown to the calls that tag it for a moment.
//! Left out: nothing; routes and associations are resources of their own.

use std::collections::HashMap;

use aws_sdk_ec2::types::{Filter, ResourceType, RouteTable as SdkTable};

use super::shared::{filter, owned};
use super::tags::{from_sdk, retag, specification};
use crate::prelude::*;

/// Where a subnet's traffic goes; its [`super::Route`]s are resources of their own.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::RouteTable",
    held_by_users,
    eventual("InvalidVpcID.NotFound", "InvalidRouteTableID.NotFound"),
    busy("DependencyViolation"),
    iam(
        create("ec2:CreateRouteTable", "ec2:CreateTags"),
        read("ec2:DescribeRouteTables"),
        update("ec2:CreateTags", "ec2:DeleteTags"),
        delete("ec2:DeleteRouteTable")
    )
)]
pub struct RouteTable {
    /// Id of the VPC. Replaces.
    #[field(replaces)]
    pub vpc_id: String,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`RouteTable`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct RouteTableOutputs {
    /// Id, such as `rtb-0abc`.
    pub route_table_id: String,
}

impl Resource for RouteTable {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let tags = specification(ResourceType::RouteTable, &self.tags);
        let answer = cx
            .ec2()
            .create_route_table()
            .vpc_id(&self.vpc_id)
            .client_token(cx.token())
            .set_tag_specifications(tags)
            .send()
            .await
            .op("ec2:CreateRouteTable")?;
        let id = need(
            answer.route_table.and_then(|t| t.route_table_id),
            "ec2:CreateRouteTable",
            "route_table_id",
        )?;
        Ok(Made::Ready(id.clone(), RouteTableOutputs { route_table_id: id }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let found = by_id(cloud, items.iter().map(|i| i.id.clone()).collect()).await?;
        let live = |i: &ReadRequest<Self>| {
            let table = found.get(&i.id)?;
            Some(Live::ready(
                Self {
                    vpc_id: table.vpc_id.clone().unwrap_or_default(),
                    tags: from_sdk(table.tags()),
                },
                RouteTableOutputs { route_table_id: i.id.clone() },
            ))
        };
        Ok(items.iter().map(live).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let found = tables(cx, owned(cx)).await?;
        Ok(found.into_iter().find_map(|table| table.route_table_id))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, _: &Changes) -> Result<Progress> {
        retag(cx, id, &old.tags, &self.tags).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.ec2().delete_route_table().route_table_id(id);
        gone(call.send().await.op("ec2:DeleteRouteTable"))
    }
}

/// Route tables by id, with their routes and associations.
pub(super) async fn by_id(aws: &Aws, ids: Vec<String>) -> Result<HashMap<String, SdkTable>> {
    let fetch = |chunk| tables(aws, filter("route-table-id", chunk));
    batch::by_id(ids, fetch, |t: &SdkTable| t.route_table_id()).await
}

/// Route tables by a filter of at most 200 values. A page size is left out: this call takes
/// at most 100, and without one it answers all at once.
pub(super) async fn tables(aws: &Aws, by: Filter) -> Result<Vec<SdkTable>> {
    let mut pages = aws.ec2().describe_route_tables().filters(by).into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(page.op("ec2:DescribeRouteTables")?.route_tables.unwrap_or_default());
    }
    Ok(all)
}

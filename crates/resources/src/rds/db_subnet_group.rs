//! `AWS::RDS::DBSubnetGroup`: the subnets that databases may live in.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateDBSubnetGroup |
//! | read | DescribeDBSubnetGroups; ListTagsForResource when tags are declared |
//! | update | ModifyDBSubnetGroup, AddTagsToResource, RemoveTagsFromResource |
//! | delete | DeleteDBSubnetGroup |
//!
//! Traps: DescribeDBSubnetGroups takes one name or none, and no filters, so several groups are
//! read by listing all; an account has few. AWS writes the name in small letters. A group that a
//! database uses is not deleted (`InvalidDBSubnetGroupStateFault`). The first group of an account is
//! refused while AWS makes RDS's service-linked role, as `InvalidParameterValue`, which means
//! everything: `Missing necessary credentials` (terraform-aws-modules/terraform-aws-rds#364). AWS never
//! moves a group to another VPC, nor a database out of its group; of new subnets nobody can say in
//! the plan whose they are, so the group is told its VPC.
//! Left out: nothing.
//! Differences:
//! - renamed `arn` (`db_subnet_group_arn`): as everywhere.
//! - own `vpc_id`: there, the update fails.
//! - does not need `iam:CreateServiceLinkedRole`: the first database makes the role.

use std::collections::HashMap;

use aws_sdk_rds::types::DbSubnetGroup as Sdk;

use super::shared::{PAGE, arn, echo_case, from_sdk, is_ours, list_tags, retag, to_sdk};
use crate::aws::answer::{advise, ours_or};
use crate::prelude::*;

/// The subnets, in at least two zones, that databases may live in.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::RDS::DBSubnetGroup",
    identity("db_subnet_group_name"),
    held_by_users,
    eventual("DBSubnetGroupNotFoundFault", "InvalidSubnet"),
    passing("InvalidParameterValue" = "Missing necessary credentials"),
    busy("InvalidDBSubnetGroupStateFault"),
    iam(
        create("rds:CreateDBSubnetGroup", "rds:AddTagsToResource"),
        read("rds:DescribeDBSubnetGroups", "rds:ListTagsForResource"),
        update("rds:ModifyDBSubnetGroup", "rds:AddTagsToResource", "rds:RemoveTagsFromResource"),
        delete("rds:DeleteDBSubnetGroup")
    )
)]
pub struct DbSubnetGroup {
    /// Name, up to 255 small letters, digits and hyphens. Default: derived from the urn.
    /// Replaces.
    #[field(replaces, name(max = 255, lowercase, extra = "-"))]
    pub db_subnet_group_name: Option<String>,
    /// What it is for.
    pub db_subnet_group_description: String,
    /// Ids of the subnets, in at least two zones.
    #[field(set)]
    pub subnet_ids: Vec<String>,
    /// Id of the VPC that the subnets belong to. Give it where the program makes the VPC: when that is
    /// replaced, so is the group, and with it every database in it, which begins empty or comes from
    /// a snapshot. Without it such an update fails. Default: as AWS finds it. Replaces.
    #[field(replaces, server_default)]
    pub vpc_id: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`DbSubnetGroup`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct DbSubnetGroupOutputs {
    /// Name.
    #[output(from_input)]
    pub db_subnet_group_name: String,
    /// ARN.
    pub arn: String,
    /// Id of the VPC that the subnets belong to.
    pub vpc_id: Option<String>,
}

impl Resource for DbSubnetGroup {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let answer = cx
            .rds()
            .create_db_subnet_group()
            .set_db_subnet_group_name(self.db_subnet_group_name.clone())
            .db_subnet_group_description(&self.db_subnet_group_description)
            .set_subnet_ids(Some(self.subnet_ids.clone()))
            .set_tags(Some(to_sdk(&self.tags)))
            .send()
            .await
            .op("rds:CreateDBSubnetGroup");
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return ours_or(self, cx, error).await,
        };
        let call = "rds:CreateDBSubnetGroup";
        let made = need(answer.db_subnet_group, call, "db_subnet_group")?;
        let id = need(made.db_subnet_group_name.clone(), call, "db_subnet_group_name")?;
        Ok(Made::Ready(id, outputs(&made, self.db_subnet_group_name.as_ref())))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let groups = match items {
            [one] => describe(cloud, Some(&one.id)).await?,
            _ => describe(cloud, None).await?,
        };
        batch::each(items, |item| {
            let (group, known) = (groups.get(&item.id).cloned(), item.inputs.clone());
            async move {
                match group {
                    // What a call about it does not find is not there yet, or no more.
                    Some(group) => found(live(cloud, &group, known.as_ref()).await),
                    None => Ok(None),
                }
            }
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let name = self.db_subnet_group_name.clone().unwrap_or_default().to_ascii_lowercase();
        let group = describe(cx, Some(&name)).await?.remove(&name);
        let Some(arn) = group.and_then(|g| g.db_subnet_group_arn) else { return Ok(None) };
        Ok(is_ours(cx, &arn).await?.then_some(name))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.any(&["db_subnet_group_description", "subnet_ids"]) {
            let described = changes.has("db_subnet_group_description");
            let description = described.then(|| self.db_subnet_group_description.clone());
            cx.rds()
                .modify_db_subnet_group()
                .db_subnet_group_name(id)
                .set_db_subnet_group_description(description)
                // The call always needs all of them.
                .set_subnet_ids(Some(self.subnet_ids.clone()))
                .send()
                .await
                .op("rds:ModifyDBSubnetGroup")
                .map_err(|error| match error.has_code("InvalidParameterValue") {
                    true => advise(error, OTHER_VPC),
                    false => error,
                })?;
        }
        if changes.has("tags") {
            let arn = arn(cx, "subgrp", id).await?;
            retag(cx, &arn, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let answer = cx.rds().delete_db_subnet_group().db_subnet_group_name(id).send().await;
        gone(answer.op("rds:DeleteDBSubnetGroup"))
    }
}

/// What to do where the new subnets belong to another VPC (TF#16419).
const OTHER_VPC: &str = "if these subnets belong to another VPC, give the group its `vpc_id`: then the plan replaces it, and the databases in it, which begin empty unless they come from a snapshot";

/// One group by name, or all of them, by name.
async fn describe(aws: &Aws, name: Option<&str>) -> Result<HashMap<String, Sdk>> {
    let call = aws.rds().describe_db_subnet_groups();
    let call = match name {
        Some(name) => call.db_subnet_group_name(name),
        None => call.max_records(PAGE),
    };
    let mut pages = call.into_paginator().send();
    let mut groups = HashMap::new();
    while let Some(page) = pages.next().await {
        let Some(page) = found(page.op("rds:DescribeDBSubnetGroups"))? else { break };
        for group in page.db_subnet_groups.unwrap_or_default() {
            if let Some(name) = group.db_subnet_group_name.clone() {
                groups.insert(name, group);
            }
        }
    }
    Ok(groups)
}

fn outputs(group: &Sdk, declared: Option<&String>) -> DbSubnetGroupOutputs {
    let name = group.db_subnet_group_name.clone().unwrap_or_default();
    DbSubnetGroupOutputs {
        db_subnet_group_name: echo_case(declared, name),
        arn: group.db_subnet_group_arn.clone().unwrap_or_default(),
        vpc_id: group.vpc_id.clone(),
    }
}

async fn live(
    aws: &Aws,
    group: &Sdk,
    known: Option<&DbSubnetGroup>,
) -> Result<Live<DbSubnetGroup>> {
    let outputs = outputs(group, known.and_then(|k| k.db_subnet_group_name.as_ref()));
    let tags = match known {
        Some(DbSubnetGroup { tags: None, .. }) => None,
        _ => from_sdk(&list_tags(aws, &outputs.arn).await?),
    };
    let inputs = DbSubnetGroup {
        db_subnet_group_name: Some(outputs.db_subnet_group_name.clone()),
        db_subnet_group_description: group.db_subnet_group_description.clone().unwrap_or_default(),
        subnet_ids: group.subnets().iter().filter_map(|s| s.subnet_identifier.clone()).collect(),
        vpc_id: group.vpc_id.clone(),
        tags,
    };
    Ok(Live::ready(inputs, outputs))
}

//! `AWS::RDS::DBParameterGroup`: settings of a database engine.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateDBParameterGroup; DescribeDBParameters, ModifyDBParameterGroup per 20 parameters |
//! | read | DescribeDBParameterGroups; DescribeDBParameters when parameters, ListTagsForResource when tags are declared |
//! | update | DescribeDBParameters, ModifyDBParameterGroup, ResetDBParameterGroup, AddTagsToResource, RemoveTagsFromResource |
//! | delete | DeleteDBParameterGroup; DescribeDBInstances while it is refused |
//!
//! Traps: a call takes at most 20 parameters. Static parameters take effect at the next reboot
//! of each instance, which is the user's to choose; dynamic ones at once. Which is which, only
//! AWS knows. A parameter that somebody else set is left alone. AWS refuses to change or delete a
//! group while it works on one of its instances, and to delete one that an instance uses
//! (`InvalidDBParameterGroupState`).
//! Left out: nothing.
//! Differences:
//! - renamed `arn` (`db_parameter_group_arn`): as everywhere.
//! - also needs `rds:DescribeDBInstances`: says who keeps a group from being deleted.
//! - does not need `iam:CreateServiceLinkedRole`: the first database makes the role.

mod parameters;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_rds::types::DbParameterGroup as Sdk;

use super::shared::{PAGE, arn, echo_case, from_sdk, is_ours, list_tags, retag, to_sdk};
use crate::aws::answer::ours_or;
use crate::prelude::*;

/// Settings of a database engine, for any number of instances.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::RDS::DBParameterGroup",
    identity("db_parameter_group_name"),
    held_by_users,
    eventual("DBParameterGroupNotFound"),
    busy("InvalidDBParameterGroupState"),
    iam(
        create(
            "rds:CreateDBParameterGroup",
            "rds:AddTagsToResource",
            "rds:DescribeDBParameters",
            "rds:ModifyDBParameterGroup"
        ),
        read(
            "rds:DescribeDBParameterGroups",
            "rds:DescribeDBParameters",
            "rds:ListTagsForResource"
        ),
        update(
            "rds:DescribeDBParameters",
            "rds:ModifyDBParameterGroup",
            "rds:ResetDBParameterGroup",
            "rds:AddTagsToResource",
            "rds:RemoveTagsFromResource"
        ),
        delete("rds:DeleteDBParameterGroup", "rds:DescribeDBInstances")
    )
)]
pub struct DbParameterGroup {
    /// Name, up to 255 small letters, digits and hyphens. Default: derived from the urn.
    /// Replaces.
    #[field(replaces, name(max = 255, lowercase, extra = "-"))]
    pub db_parameter_group_name: Option<String>,
    /// Engine and version that it is for, such as `postgres16`. Replaces.
    #[field(replaces)]
    pub family: String,
    /// What it is for. Replaces.
    #[field(replaces)]
    pub description: String,
    /// Values by parameter name, such as `max_connections`. Static parameters take effect at an
    /// instance's next reboot. One that is taken out goes back to the engine's default.
    pub parameters: Option<BTreeMap<String, String>>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`DbParameterGroup`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct DbParameterGroupOutputs {
    /// Name.
    #[output(from_input)]
    pub db_parameter_group_name: String,
    /// ARN.
    pub arn: String,
}

impl Resource for DbParameterGroup {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let answer = cx
            .rds()
            .create_db_parameter_group()
            .set_db_parameter_group_name(self.db_parameter_group_name.clone())
            .db_parameter_group_family(&self.family)
            .description(&self.description)
            .set_tags(Some(to_sdk(&self.tags)))
            .send()
            .await
            .op("rds:CreateDBParameterGroup");
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return ours_or(self, cx, error).await,
        };
        let call = "rds:CreateDBParameterGroup";
        let made = need(answer.db_parameter_group, call, "db_parameter_group")?;
        let id = need(made.db_parameter_group_name.clone(), call, "db_parameter_group_name")?;
        if let Some(wanted) = self.parameters.as_ref().filter(|p| !p.is_empty()) {
            cx.accepted(&id).await?;
            parameters::change(cx, &id, &BTreeMap::new(), wanted).await?;
        }
        let outputs = outputs(&made, self.db_parameter_group_name.as_ref());
        Ok(Made::Ready(id, outputs))
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
        let name = self.db_parameter_group_name.clone().unwrap_or_default().to_ascii_lowercase();
        let group = describe(cx, Some(&name)).await?.remove(&name);
        let Some(arn) = group.and_then(|g| g.db_parameter_group_arn) else { return Ok(None) };
        Ok(is_ours(cx, &arn).await?.then_some(name))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("parameters") {
            let (old, new) = (old.parameters.clone(), self.parameters.clone());
            let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
            parameters::change(cx, id, &old, &new).await?;
        }
        if changes.has("tags") {
            let arn = arn(cx, "pg", id).await?;
            retag(cx, &arn, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let answer = cx.rds().delete_db_parameter_group().db_parameter_group_name(id).send().await;
        gone(answer.op("rds:DeleteDBParameterGroup"))
    }

    async fn holders(&self, cx: &Cx, id: &str) -> Result<Option<String>> {
        let users: Vec<String> = using_parameters(cx, id).await?;
        let names: Vec<String> = users.iter().map(|name| format!("`{name}`")).collect();
        Ok((!names.is_empty()).then(|| format!("database {}", names.join(" and "))))
    }
}

/// One group by name, or all of them, by name.
async fn describe(aws: &Aws, name: Option<&str>) -> Result<HashMap<String, Sdk>> {
    let call = aws.rds().describe_db_parameter_groups();
    let call = match name {
        Some(name) => call.db_parameter_group_name(name),
        None => call.max_records(PAGE),
    };
    let mut pages = call.into_paginator().send();
    let mut groups = HashMap::new();
    while let Some(page) = pages.next().await {
        let Some(page) = found(page.op("rds:DescribeDBParameterGroups"))? else { break };
        for group in page.db_parameter_groups.unwrap_or_default() {
            if let Some(name) = group.db_parameter_group_name.clone() {
                groups.insert(name, group);
            }
        }
    }
    Ok(groups)
}

fn outputs(group: &Sdk, declared: Option<&String>) -> DbParameterGroupOutputs {
    let name = group.db_parameter_group_name.clone().unwrap_or_default();
    DbParameterGroupOutputs {
        db_parameter_group_name: echo_case(declared, name),
        arn: group.db_parameter_group_arn.clone().unwrap_or_default(),
    }
}

async fn live(
    aws: &Aws,
    group: &Sdk,
    known: Option<&DbParameterGroup>,
) -> Result<Live<DbParameterGroup>> {
    let outputs = outputs(group, known.and_then(|k| k.db_parameter_group_name.as_ref()));
    let tags = match known {
        Some(DbParameterGroup { tags: None, .. }) => None,
        _ => from_sdk(&list_tags(aws, &outputs.arn).await?),
    };
    let parameters = match known {
        Some(DbParameterGroup { parameters: None, .. }) => None,
        _ => {
            let name = group.db_parameter_group_name.as_deref().unwrap_or_default();
            let set = parameters::set_by_user(aws, name).await?;
            let declared = known.and_then(|k| k.parameters.as_ref());
            parameters::ours(set, declared)
        }
    };
    let inputs = DbParameterGroup {
        db_parameter_group_name: Some(outputs.db_parameter_group_name.clone()),
        family: group.db_parameter_group_family.clone().unwrap_or_default(),
        description: group.description.clone().unwrap_or_default(),
        parameters,
        tags,
    };
    Ok(Live::ready(inputs, outputs))
}

/// Identifiers of the instances that use a parameter group; there is no filter for that.
async fn using_parameters(aws: &Aws, group: &str) -> Result<Vec<String>> {
    let mut pages = aws.rds().describe_db_instances().max_records(PAGE).into_paginator().send();
    let mut users = Vec::new();
    while let Some(page) = pages.next().await {
        for instance in page.op("rds:DescribeDBInstances")?.db_instances() {
            let mut groups = instance.db_parameter_groups().iter();
            if groups.any(|g| g.db_parameter_group_name() == Some(group)) {
                users.extend(instance.db_instance_identifier.clone());
            }
        }
    }
    Ok(users)
}

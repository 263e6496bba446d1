//! `AWS::RDS::DBParameterGroup`: settings of a database engine.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | CreateDBParameterGroup, ModifyDBParameterGroup per 20 parameters | rds:CreateDBParameterGroup, rds:ModifyDBParameterGroup, rds:AddTagsToResource |
//! | read | DescribeDBParameterGroups, ListTagsForResource, DescribeDBParameters when declared | the same |
//! | update | ModifyDBParameterGroup, ResetDBParameterGroup, AddTagsToResource, RemoveTagsFromResource | the same |
//! | delete | DeleteDBParameterGroup | rds:DeleteDBParameterGroup |
//!
//! Traps: most parameters wait for a reboot of the databases; nothing here reboots.

use std::collections::BTreeMap;

use aws_sdk_rds::types::{ApplyMethod, Parameter};

use super::shared::{owned, retag, tags_of, to_sdk};
use crate::prelude::*;

/// Most parameters in one call.
const PER_CALL: usize = 20;

/// Settings of a database engine.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::RDS::DBParameterGroup",
    outputs = DbParameterGroupOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbparametergroup.html",
    busy("InvalidDBParameterGroupState"),
    iam(
        create("rds:CreateDBParameterGroup", "rds:ModifyDBParameterGroup", "rds:AddTagsToResource"),
        read("rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:ListTagsForResource"),
        update(
            "rds:ModifyDBParameterGroup", "rds:ResetDBParameterGroup", "rds:AddTagsToResource",
            "rds:RemoveTagsFromResource"
        ),
        delete("rds:DeleteDBParameterGroup")
    )
)]
pub struct DbParameterGroup {
    /// Engine and major version, such as `postgres16`. Replaces.
    #[field(replaces)]
    pub family: String,
    /// What it is for. Replaces.
    #[field(replaces)]
    pub description: String,
    /// Name: lower case, up to 255 characters. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 255, lowercase, extra = "-"))]
    pub db_parameter_group_name: Option<String>,
    /// Parameters by name; applied at the next reboot where the engine needs one.
    pub parameters: Option<BTreeMap<String, String>>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`DbParameterGroup`].
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct DbParameterGroupOutputs {
    /// Name.
    #[output(from_input)]
    pub db_parameter_group_name: String,
    /// ARN.
    pub arn: Option<String>,
}

fn parameter(name: &str, value: Option<&str>) -> Parameter {
    Parameter::builder()
        .parameter_name(name)
        .set_parameter_value(value.map(str::to_owned))
        .apply_method(ApplyMethod::PendingReboot)
        .build()
}

async fn set(aws: &Aws, group: &str, parameters: &[Parameter]) -> Result<(), OpError> {
    for chunk in parameters.chunks(PER_CALL) {
        let call = aws.rds().modify_db_parameter_group().db_parameter_group_name(group);
        let call = call.set_parameters(Some(chunk.to_vec()));
        call.send().await.op("rds:ModifyDBParameterGroup")?;
    }
    Ok(())
}

async fn get(
    aws: &Aws,
    name: String,
    known: Option<DbParameterGroup>,
) -> Result<Option<Live<DbParameterGroup>>, OpError> {
    let answer =
        aws.rds().describe_db_parameter_groups().db_parameter_group_name(&name).send().await;
    let answer = found(answer.op("rds:DescribeDBParameterGroups"))?;
    let Some(group) = answer.and_then(|a| a.db_parameter_groups?.into_iter().next()) else {
        return Ok(None);
    };
    let tags = match &group.db_parameter_group_arn {
        Some(arn) => tags_of(aws, arn).await?,
        None => None,
    };
    let mut parameters = BTreeMap::new();
    if known.is_some_and(|k| k.parameters.is_some()) {
        let call = aws.rds().describe_db_parameters().db_parameter_group_name(&name);
        let mut pages = call.source("user").into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.op("rds:DescribeDBParameters")?;
            parameters.extend(
                page.parameters()
                    .iter()
                    .filter_map(|p| Some((p.parameter_name.clone()?, p.parameter_value.clone()?))),
            );
        }
    }
    Ok(Some(Live::ready(
        DbParameterGroup {
            family: group.db_parameter_group_family.unwrap_or_default(),
            description: group.description.unwrap_or_default(),
            db_parameter_group_name: Some(name.clone()),
            parameters: (!parameters.is_empty()).then_some(parameters),
            tags,
        },
        DbParameterGroupOutputs {
            db_parameter_group_name: name,
            arn: group.db_parameter_group_arn,
        },
    )))
}

impl DbParameterGroup {
    fn name(&self) -> String {
        self.db_parameter_group_name.clone().unwrap_or_default()
    }

    fn wanted(&self) -> Vec<Parameter> {
        self.parameters.iter().flatten().map(|(k, v)| parameter(k, Some(v))).collect()
    }
}

impl Resource for DbParameterGroup {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        let name = self.name();
        let answer = cx
            .rds()
            .create_db_parameter_group()
            .db_parameter_group_name(&name)
            .db_parameter_group_family(&self.family)
            .description(&self.description)
            .set_tags(Some(to_sdk(self.tags.as_ref())))
            .send()
            .await
            .op("rds:CreateDBParameterGroup")?;
        let wanted = self.wanted();
        if !wanted.is_empty() {
            cx.accepted(&name).await?;
            set(cx, &name, &wanted).await?;
        }
        let arn = answer.db_parameter_group.and_then(|g| g.db_parameter_group_arn);
        Ok(Made::Ready(
            name.clone(),
            DbParameterGroupOutputs { db_parameter_group_name: name, arn },
        ))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        batch::each(items, |item| get(cloud, item.id.clone(), item.inputs.clone())).await
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        let live = get(cx, self.name(), None).await?;
        Ok(live.filter(|l| owned(l.inputs.tags.as_ref(), cx)).map(|_| self.name()))
    }

    async fn update(
        &self,
        cx: &Cx<Aws>,
        id: &str,
        old: &Self,
        changes: &Changes,
    ) -> Result<Progress, OpError> {
        if changes.has("parameters") {
            let empty = BTreeMap::new();
            let (old, new) = (
                old.parameters.as_ref().unwrap_or(&empty),
                self.parameters.as_ref().unwrap_or(&empty),
            );
            let differing = new.iter().filter(|(k, v)| old.get(*k) != Some(v));
            let differing: Vec<_> = differing.map(|(k, v)| parameter(k, Some(v))).collect();
            set(cx, id, &differing).await?;
            let dropped: Vec<_> =
                old.keys().filter(|k| !new.contains_key(*k)).map(|k| parameter(k, None)).collect();
            for chunk in dropped.chunks(PER_CALL) {
                let call = cx.rds().reset_db_parameter_group().db_parameter_group_name(id);
                let call = call.set_parameters(Some(chunk.to_vec()));
                call.send().await.op("rds:ResetDBParameterGroup")?;
            }
        }
        if changes.has("tags")
            && let Some(live) = get(cx, id.to_owned(), None).await?
            && let Some(arn) = live.outputs.arn
        {
            retag(cx, &arn, old.tags.as_ref(), self.tags.as_ref()).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Aws>, id: &str) -> Result<Progress, OpError> {
        let call = cx.rds().delete_db_parameter_group().db_parameter_group_name(id);
        found(call.send().await.op("rds:DeleteDBParameterGroup"))?;
        Ok(Progress::Done)
    }
}

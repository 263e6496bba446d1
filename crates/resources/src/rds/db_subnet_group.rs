//! `AWS::RDS::DBSubnetGroup`: the subnets in which a database may stand.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | CreateDBSubnetGroup | rds:CreateDBSubnetGroup, rds:AddTagsToResource |
//! | read | DescribeDBSubnetGroups, one listing when several are asked for; ListTagsForResource per group | rds:DescribeDBSubnetGroups, rds:ListTagsForResource |
//! | find | DescribeDBSubnetGroups, ListTagsForResource | the same |
//! | update | ModifyDBSubnetGroup; DescribeDBSubnetGroups, AddTagsToResource, RemoveTagsFromResource | the same |
//! | delete | DeleteDBSubnetGroup | rds:DeleteDBSubnetGroup |
//!
//! Traps: ModifyDBSubnetGroup always takes all subnets; describing takes no filter and fails
//! as a whole when a name does not exist; AWS writes the name in lower case.
//! Left out: nothing.

use std::collections::HashMap;

use aws_sdk_rds::types::DbSubnetGroup as SdkGroup;

use super::shared::{as_declared, is_ours, retag, tags_of, to_sdk};
use crate::aws::answer::ours_or;
use crate::prelude::*;

/// The subnets in which a database may stand, in at least two availability zones.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::RDS::DBSubnetGroup",
    outputs = DbSubnetGroupOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbsubnetgroup.html",
    eventual("InvalidSubnet"),
    busy("InvalidDBSubnetGroupStateFault"),
    iam(
        create("rds:CreateDBSubnetGroup", "rds:AddTagsToResource"),
        read("rds:DescribeDBSubnetGroups", "rds:ListTagsForResource"),
        find("rds:DescribeDBSubnetGroups", "rds:ListTagsForResource"),
        update(
            "rds:ModifyDBSubnetGroup", "rds:DescribeDBSubnetGroups", "rds:AddTagsToResource",
            "rds:RemoveTagsFromResource"
        ),
        delete("rds:DeleteDBSubnetGroup")
    )
)]
pub struct DbSubnetGroup {
    /// Name, up to 255 lower-case letters, digits, hyphens. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 255, lowercase, extra = "-"))]
    pub db_subnet_group_name: Option<String>,
    /// Description.
    pub db_subnet_group_description: String,
    /// Ids of the subnets, in at least two availability zones.
    #[field(set)]
    pub subnet_ids: Vec<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`DbSubnetGroup`].
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct DbSubnetGroupOutputs {
    /// Name.
    #[output(from_input)]
    pub db_subnet_group_name: String,
    /// ARN.
    pub db_subnet_group_arn: String,
    /// Id of the VPC that the subnets belong to.
    pub vpc_id: String,
}

impl Resource for DbSubnetGroup {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        let call = cx
            .rds()
            .create_db_subnet_group()
            .set_db_subnet_group_name(self.db_subnet_group_name.clone())
            .db_subnet_group_description(&self.db_subnet_group_description)
            .set_subnet_ids(Some(self.subnet_ids.clone()))
            .set_tags(Some(to_sdk(self.tags.as_ref())));
        let answer = match call.send().await.op("rds:CreateDBSubnetGroup") {
            Ok(answer) => answer,
            Err(error) => return ours_or(self, cx, error).await,
        };
        let group = need(answer.db_subnet_group, "rds:CreateDBSubnetGroup", "db_subnet_group")?;
        let id = need(group.db_subnet_group_name.clone(), "rds:CreateDBSubnetGroup", "name")?;
        Ok(Made::Ready(id, live(&group, self.db_subnet_group_name.as_ref(), None).outputs))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let groups = describe(cloud, items).await?;
        batch::each(items, |item| {
            let group = groups.get(&item.id).cloned();
            let declared = item.inputs.as_ref().and_then(|i| i.db_subnet_group_name.clone());
            async move {
                let Some(group) = group else { return Ok(None) };
                let arn = group.db_subnet_group_arn.clone().unwrap_or_default();
                let tags = tags_of(cloud, &arn).await?;
                Ok(Some(live(&group, declared.as_ref(), tags)))
            }
        })
        .await
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        let Some(name) = &self.db_subnet_group_name else { return Ok(None) };
        let Some(group) = get(cx, name).await? else { return Ok(None) };
        let arn = group.db_subnet_group_arn.clone().unwrap_or_default();
        let tags = tags_of(cx, &arn).await?;
        Ok(group.db_subnet_group_name.filter(|_| is_ours(cx, tags.as_ref())))
    }

    async fn update(
        &self,
        cx: &Cx<Aws>,
        id: &str,
        old: &Self,
        changes: &Changes,
    ) -> Result<Progress, OpError> {
        if changes.any(&["subnet_ids", "db_subnet_group_description"]) {
            let call = cx.rds().modify_db_subnet_group().db_subnet_group_name(id);
            let call = call.set_subnet_ids(Some(self.subnet_ids.clone()));
            let call = call.db_subnet_group_description(&self.db_subnet_group_description);
            call.send().await.op("rds:ModifyDBSubnetGroup")?;
        }
        if changes.has("tags") {
            let group = get(cx, id).await?;
            let arn = group.and_then(|g| g.db_subnet_group_arn);
            let arn = need(arn, "rds:DescribeDBSubnetGroups", "db_subnet_group_arn")?;
            retag(cx, &arn, old.tags.as_ref(), self.tags.as_ref()).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Aws>, id: &str) -> Result<Progress, OpError> {
        let call = cx.rds().delete_db_subnet_group().db_subnet_group_name(id);
        gone(call.send().await.op("rds:DeleteDBSubnetGroup"))
    }
}

async fn get(aws: &Aws, name: &str) -> Result<Option<SdkGroup>, OpError> {
    let call = aws.rds().describe_db_subnet_groups().db_subnet_group_name(name);
    let answer = found(call.send().await.op("rds:DescribeDBSubnetGroups"))?;
    Ok(answer.and_then(|a| a.db_subnet_groups.unwrap_or_default().into_iter().next()))
}

/// Groups by name. An account has few, so a listing is the one call that finds several.
async fn describe(
    aws: &Aws,
    items: &[ReadRequest<DbSubnetGroup>],
) -> Result<HashMap<String, SdkGroup>, OpError> {
    let mut groups = HashMap::new();
    let mut keep = |group: SdkGroup| {
        if let Some(name) = group.db_subnet_group_name.clone() {
            groups.insert(name, group);
        }
    };
    if let [only] = items {
        get(aws, &only.id).await?.into_iter().for_each(keep);
    } else {
        let mut pages = aws.rds().describe_db_subnet_groups().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.op("rds:DescribeDBSubnetGroups")?;
            page.db_subnet_groups.unwrap_or_default().into_iter().for_each(&mut keep);
        }
    }
    Ok(groups)
}

fn live(group: &SdkGroup, declared: Option<&String>, tags: Option<Tags>) -> Live<DbSubnetGroup> {
    let name = as_declared(declared, group.db_subnet_group_name.clone());
    let subnets = group.subnets().iter().filter_map(|s| s.subnet_identifier.clone());
    Live::ready(
        DbSubnetGroup {
            db_subnet_group_name: name.clone(),
            db_subnet_group_description: group
                .db_subnet_group_description
                .clone()
                .unwrap_or_default(),
            subnet_ids: subnets.collect(),
            tags,
        },
        DbSubnetGroupOutputs {
            db_subnet_group_name: name.unwrap_or_default(),
            db_subnet_group_arn: group.db_subnet_group_arn.clone().unwrap_or_default(),
            vpc_id: group.vpc_id.clone().unwrap_or_default(),
        },
    )
}

//! `AWS::RDS::DBSubnetGroup`: the subnets that a database may be in.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | CreateDBSubnetGroup | rds:CreateDBSubnetGroup, rds:AddTagsToResource |
//! | read | DescribeDBSubnetGroups, ListTagsForResource | the same |
//! | update | ModifyDBSubnetGroup, AddTagsToResource, RemoveTagsFromResource | the same |
//! | delete | DeleteDBSubnetGroup | rds:DeleteDBSubnetGroup |

use super::shared::{owned, retag, tags_of, to_sdk};
use crate::prelude::*;

/// The subnets that a database may be in, in at least two zones.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::RDS::DBSubnetGroup",
    outputs = DbSubnetGroupOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbsubnetgroup.html",
    busy("InvalidDBSubnetGroupStateFault"),
    iam(
        create("rds:CreateDBSubnetGroup", "rds:AddTagsToResource"),
        read("rds:DescribeDBSubnetGroups", "rds:ListTagsForResource"),
        update("rds:ModifyDBSubnetGroup", "rds:AddTagsToResource", "rds:RemoveTagsFromResource"),
        delete("rds:DeleteDBSubnetGroup")
    )
)]
pub struct DbSubnetGroup {
    /// What it is for.
    pub db_subnet_group_description: String,
    /// Ids of the subnets.
    #[field(set)]
    pub subnet_ids: Vec<String>,
    /// Name: lower case, up to 255 characters. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 255, lowercase, extra = "-"))]
    pub db_subnet_group_name: Option<String>,
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
    pub arn: Option<String>,
    /// Id of the VPC.
    pub vpc_id: Option<String>,
}

async fn get(aws: &Aws, name: String) -> Result<Option<Live<DbSubnetGroup>>, OpError> {
    let answer = aws.rds().describe_db_subnet_groups().db_subnet_group_name(&name).send().await;
    let answer = found(answer.op("rds:DescribeDBSubnetGroups"))?;
    let Some(group) = answer.and_then(|a| a.db_subnet_groups?.into_iter().next()) else {
        return Ok(None);
    };
    let tags = match &group.db_subnet_group_arn {
        Some(arn) => tags_of(aws, arn).await?,
        None => None,
    };
    let subnets = group.subnets().iter().filter_map(|s| s.subnet_identifier.clone()).collect();
    Ok(Some(Live::ready(
        DbSubnetGroup {
            db_subnet_group_description: group.db_subnet_group_description.unwrap_or_default(),
            subnet_ids: subnets,
            db_subnet_group_name: Some(name.clone()),
            tags,
        },
        DbSubnetGroupOutputs {
            db_subnet_group_name: name,
            arn: group.db_subnet_group_arn,
            vpc_id: group.vpc_id,
        },
    )))
}

impl DbSubnetGroup {
    fn name(&self) -> String {
        self.db_subnet_group_name.clone().unwrap_or_default()
    }
}

impl Resource for DbSubnetGroup {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        let answer = cx
            .rds()
            .create_db_subnet_group()
            .db_subnet_group_name(self.name())
            .db_subnet_group_description(&self.db_subnet_group_description)
            .set_subnet_ids(Some(self.subnet_ids.clone()))
            .set_tags(Some(to_sdk(self.tags.as_ref())))
            .send()
            .await
            .op("rds:CreateDBSubnetGroup")?;
        let group = answer.db_subnet_group;
        let name = self.name();
        Ok(Made::Ready(
            name.clone(),
            DbSubnetGroupOutputs {
                db_subnet_group_name: name,
                arn: group.as_ref().and_then(|g| g.db_subnet_group_arn.clone()),
                vpc_id: group.and_then(|g| g.vpc_id),
            },
        ))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        batch::each(items, |item| get(cloud, item.id.clone())).await
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        let live = get(cx, self.name()).await?;
        Ok(live.filter(|l| owned(l.inputs.tags.as_ref(), cx)).map(|_| self.name()))
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
            call.db_subnet_group_description(&self.db_subnet_group_description)
                .set_subnet_ids(Some(self.subnet_ids.clone()))
                .send()
                .await
                .op("rds:ModifyDBSubnetGroup")?;
        }
        if changes.has("tags")
            && let Some(live) = get(cx, id.to_owned()).await?
            && let Some(arn) = live.outputs.arn
        {
            retag(cx, &arn, old.tags.as_ref(), self.tags.as_ref()).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Aws>, id: &str) -> Result<Progress, OpError> {
        let call = cx.rds().delete_db_subnet_group().db_subnet_group_name(id);
        found(call.send().await.op("rds:DeleteDBSubnetGroup"))?;
        Ok(Progress::Done)
    }
}

//! `AWS::Logs::LogGroup`: where logs are kept.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateLogGroup, PutRetentionPolicy when retention is declared |
//! | read, find | DescribeLogGroups per group, concurrently; ListTagsForResource when tags are declared |
//! | update | PutRetentionPolicy, DeleteRetentionPolicy, AssociateKmsKey, DisassociateKmsKey, TagResource, UntagResource |
//! | delete | DeleteLogGroup |
//!
//! Traps: DescribeLogGroups takes the beginning of a name, so a group that is missing is no error
//! and others may come too. Some services make a group of their own when it is missing, without
//! retention and not ours: declare it before them. Deleting a group deletes its logs. Logs knows a
//! group by its name, and carries out one change of it at a time (TF#7605, and
//! terraform-aws-notify-slack#60 of a create). A KMS key or key policy of moments ago is refused:
//! `does not exist or is not allowed`, under two codes.
//! Left out: `data_protection_policy`, `field_index_policies`, `resource_policy_document`,
//! `bearer_token_authentication_enabled` and `deletion_protection_enabled`, each with calls of its
//! own.
//! Differences:
//! - replaces `log_group_class`: no call changes it.
//! - does not need `firehose:TagDeliveryStream`, `s3:REST.PUT.OBJECT`: for
//!   `data_protection_policy`.

use aws_sdk_cloudwatchlogs::types::{LogGroup as SdkGroup, LogGroupClass};

use crate::aws::answer::{ours_or, same_key};
use crate::prelude::*;

/// Where logs are kept.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::Logs::LogGroup",
    identity("log_group_name"),
    eventual(
        "ResourceNotFoundException",
        "AccessDeniedException" = "KMS key does not exist or is not allowed",
        "InvalidParameterException" = "KMS key does not exist or is not allowed"
    ),
    busy("OperationAbortedException"),
    iam(
        create(
            "logs:CreateLogGroup",
            "logs:TagResource",
            "logs:PutRetentionPolicy",
            "logs:DescribeLogGroups",
            "logs:ListTagsForResource"
        ),
        read("logs:DescribeLogGroups", "logs:ListTagsForResource"),
        update(
            "logs:PutRetentionPolicy",
            "logs:DeleteRetentionPolicy",
            "logs:AssociateKmsKey",
            "logs:DisassociateKmsKey",
            "logs:TagResource",
            "logs:UntagResource"
        ),
        delete("logs:DeleteLogGroup")
    )
)]
pub struct LogGroup {
    /// Name, up to 512 letters, digits and `._/#-`. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 512, extra = "._/#-"))]
    pub log_group_name: Option<String>,
    /// Days that logs are kept: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    /// 1096, 1827, 2192, 2557, 2922, 3288 or 3653. Default: for ever.
    pub retention_in_days: Option<i32>,
    /// KMS key by ARN, which must let CloudWatch Logs use it. Default: a key of AWS's.
    pub kms_key_id: Option<String>,
    /// `STANDARD`, `INFREQUENT_ACCESS` (half the price, fewer functions) or `DELIVERY`. Default:
    /// `STANDARD`. Replaces.
    #[field(replaces, server_default)]
    pub log_group_class: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`LogGroup`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct LogGroupOutputs {
    /// Name.
    #[output(from_input)]
    pub log_group_name: String,
    /// ARN, without the `:*` by which policies mean its streams.
    pub arn: String,
}

impl Resource for LogGroup {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let name = self.log_group_name.clone().unwrap_or_default();
        let call = cx
            .cloudwatchlogs()
            .create_log_group()
            .log_group_name(&name)
            .set_kms_key_id(self.kms_key_id.clone())
            .set_log_group_class(self.log_group_class.as_deref().map(LogGroupClass::from))
            .set_tags(Some(tags::to_map(&self.tags)));
        if let Err(error) = call.send().await.op("logs:CreateLogGroup") {
            return ours_or(self, cx, error).await;
        }
        if self.retention_in_days.is_some() {
            cx.accepted(&name).await?;
            self.set_retention(cx, &name).await?;
        }
        let arn = arn(cx, &name).await?;
        Ok(Made::Ready(name.clone(), LogGroupOutputs { log_group_name: name, arn }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let Some(group) = get(cloud, &item.id).await? else { return Ok(None) };
            let tagged = item.inputs.as_ref().is_none_or(|i| i.tags.is_some());
            let arn = arn(cloud, &item.id).await?;
            let tags = if tagged { list_tags(cloud, &arn).await? } else { Some(None) };
            Ok(tags.map(|tags| live(group, arn, tags, item.inputs.as_ref())))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let Some(name) = &self.log_group_name else { return Ok(None) };
        if get(cx, name).await?.is_none() {
            return Ok(None);
        }
        let tags = list_tags(cx, &arn(cx, name).await?).await?.flatten();
        Ok(tags::is_ours(cx, &tags).then(|| name.clone()))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("retention_in_days") {
            self.set_retention(cx, id).await?;
        }
        if changes.has("kms_key_id") {
            self.set_key(cx, id).await?;
        }
        if changes.has("tags") {
            let arn = &arn(cx, id).await?;
            retagged!(
                cx.cloudwatchlogs(), resource_arn(arn), &old.tags => &self.tags, tags::to_map,
                tag_resource: "logs:TagResource",
                untag_resource: "logs:UntagResource"
            )?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.cloudwatchlogs().delete_log_group().log_group_name(id);
        gone(call.send().await.op("logs:DeleteLogGroup"))
    }
}

impl LogGroup {
    async fn set_retention(&self, aws: &Aws, name: &str) -> Result<()> {
        let logs = aws.cloudwatchlogs();
        let Some(days) = self.retention_in_days else {
            let call = logs.delete_retention_policy().log_group_name(name);
            return call.send().await.op("logs:DeleteRetentionPolicy").map(drop);
        };
        let call = logs.put_retention_policy().log_group_name(name).retention_in_days(days);
        call.send().await.op("logs:PutRetentionPolicy").map(drop)
    }

    async fn set_key(&self, aws: &Aws, name: &str) -> Result<()> {
        let logs = aws.cloudwatchlogs();
        let Some(key) = &self.kms_key_id else {
            let call = logs.disassociate_kms_key().log_group_name(name);
            return call.send().await.op("logs:DisassociateKmsKey").map(drop);
        };
        let call = logs.associate_kms_key().log_group_name(name).kms_key_id(key);
        call.send().await.op("logs:AssociateKmsKey").map(drop)
    }
}

/// The group of exactly this name.
async fn get(aws: &Aws, name: &str) -> Result<Option<SdkGroup>> {
    let call = aws.cloudwatchlogs().describe_log_groups().log_group_name_prefix(name);
    // Names are answered in their order: the whole name comes before longer ones.
    let answer = call.limit(1).send().await.op("logs:DescribeLogGroups")?;
    let first = answer.log_groups.unwrap_or_default().into_iter().next();
    Ok(first.filter(|group| group.log_group_name() == Some(name)))
}

/// The tags of a group; `None` when Logs does not find it.
async fn list_tags(aws: &Aws, arn: &str) -> Result<Option<Option<Tags>>> {
    let call = aws.cloudwatchlogs().list_tags_for_resource().resource_arn(arn);
    let answer = found(call.send().await.op("logs:ListTagsForResource"))?;
    Ok(answer.map(|a| tags::from_map(a.tags())))
}

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    aws.arn("logs", &format!("log-group:{name}")).await
}

fn live(
    group: SdkGroup,
    arn: String,
    tags: Option<Tags>,
    known: Option<&LogGroup>,
) -> Live<LogGroup> {
    let key = group.kms_key_id;
    let declared = known.and_then(|k| k.kms_key_id.clone());
    let same = declared.filter(|d| key.as_ref().is_some_and(|live| same_key(d, live)));
    let name = group.log_group_name.unwrap_or_default();
    Live::ready(
        LogGroup {
            log_group_name: Some(name.clone()),
            retention_in_days: group.retention_in_days,
            kms_key_id: same.or(key),
            log_group_class: text(group.log_group_class),
            tags,
        },
        LogGroupOutputs { log_group_name: name, arn },
    )
}

//! What a table has beside DescribeTable: tags, expiry, continuous backups.

use aws_sdk_dynamodb::types::{
    ContinuousBackupsDescription, PointInTimeRecoverySpecification, TableDescription,
    TimeToLiveDescription, TimeToLiveSpecification,
};

use super::{Table, from_sdk, to_sdk};
use crate::prelude::*;

/// What was read, where it was asked for.
#[derive(Default)]
pub(super) struct Settings {
    pub tags: Option<Tags>,
    pub expiry: Option<TimeToLiveDescription>,
    pub backups: Option<ContinuousBackupsDescription>,
}

pub(super) async fn describe(aws: &Aws, name: &str) -> Result<Option<TableDescription>> {
    let answer = aws.dynamodb().describe_table().table_name(name).send().await;
    Ok(found(answer.op("dynamodb:DescribeTable"))?.and_then(|a| a.table))
}

pub(super) async fn list_tags(aws: &Aws, arn: &str) -> Result<Option<Tags>> {
    let mut all = Vec::new();
    let mut next = None;
    loop {
        let call = aws.dynamodb().list_tags_of_resource().resource_arn(arn);
        let answer = call.set_next_token(next).send().await;
        let page = answer.op("dynamodb:ListTagsOfResource")?;
        all.extend(page.tags.unwrap_or_default());
        next = page.next_token;
        if next.is_none() {
            break;
        }
    }
    Ok(from_sdk(&all))
}

pub(super) async fn read(
    aws: &Aws,
    name: &str,
    table: &TableDescription,
    known: Option<&Table>,
) -> Result<Settings> {
    let mut settings = Settings::default();
    let wants = |what: fn(&Table) -> bool| known.is_none_or(what);
    if wants(|k| k.tags.is_some()) {
        settings.tags = list_tags(aws, table.table_arn().unwrap_or_default()).await?;
    }
    if wants(|k| k.time_to_live_specification.is_some()) {
        let answer = aws.dynamodb().describe_time_to_live().table_name(name).send().await;
        settings.expiry = answer.op("dynamodb:DescribeTimeToLive")?.time_to_live_description;
    }
    if wants(|k| k.point_in_time_recovery_specification.is_some()) {
        let answer = aws.dynamodb().describe_continuous_backups().table_name(name).send().await;
        let answer = answer.op("dynamodb:DescribeContinuousBackups")?;
        settings.backups = answer.continuous_backups_description;
    }
    Ok(settings)
}

/// Sets what differs; whether AWS took it all: a new table has no backups for a while.
pub(super) async fn update(
    table: &Table,
    cx: &Cx,
    id: &str,
    old: &Table,
    changes: &Changes,
) -> Result<bool> {
    let mut done = true;
    if changes.has("tags") {
        retag(cx, &cx.arn("dynamodb", &format!("table/{id}")).await?, &old.tags, &table.tags)
            .await?;
    }
    if changes.has("time_to_live_specification") {
        let wanted = table.time_to_live_specification.as_ref();
        let was = old.time_to_live_specification.as_ref();
        let enabled = wanted.is_some_and(|w| w.enabled);
        // Only what is enabled can be disabled.
        if enabled || was.is_some_and(|w| w.enabled) {
            let attribute = (if enabled { wanted } else { was }).map(|w| w.attribute_name.clone());
            let expiry = TimeToLiveSpecification::builder()
                .enabled(enabled)
                .attribute_name(attribute.unwrap_or_default())
                .build()
                .expect("both are set");
            let call = cx.dynamodb().update_time_to_live().table_name(id);
            let call = call.time_to_live_specification(expiry);
            call.send().await.op("dynamodb:UpdateTimeToLive")?;
        }
    }
    if changes.has("point_in_time_recovery_specification") {
        let wanted = table.point_in_time_recovery_specification.as_ref();
        let enabled = wanted.is_some_and(|w| w.point_in_time_recovery_enabled);
        let days = wanted.and_then(|w| w.recovery_period_in_days).filter(|_| enabled);
        let backups = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(enabled)
            .set_recovery_period_in_days(days)
            .build()
            .expect("the switch is set");
        let call = cx.dynamodb().update_continuous_backups().table_name(id);
        let call = call.point_in_time_recovery_specification(backups);
        match call.send().await.op("dynamodb:UpdateContinuousBackups") {
            Err(e) if e.has_code("ContinuousBackupsUnavailableException") => done = false,
            other => drop(other?),
        }
    }
    Ok(done)
}

async fn retag(aws: &Aws, arn: &str, old: &Option<Tags>, new: &Option<Tags>) -> Result<()> {
    retagged!(
        aws.dynamodb(), resource_arn(arn), old => new, to_sdk,
        tag_resource: "dynamodb:TagResource",
        untag_resource: "dynamodb:UntagResource"
    )
}

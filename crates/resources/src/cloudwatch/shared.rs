//! What CloudWatch types share: alarms by name, tags.

use std::collections::HashMap;

use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm, MetricAlarm, Tag};
use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

use crate::aws::spelling;
use crate::prelude::*;

crate::optional_tags!(Tag);

/// Most names that DescribeAlarms takes, and most alarms in one of its answers.
const NAMES: usize = 100;

/// Alarms of both kinds, by name.
#[derive(Default)]
pub(super) struct Alarms {
    pub metric: HashMap<String, MetricAlarm>,
    pub composite: HashMap<String, CompositeAlarm>,
}

/// The alarms of these names.
pub(super) async fn alarms(aws: &Aws, names: Vec<String>) -> Result<Alarms> {
    let chunks: Vec<Vec<String>> = names.chunks(NAMES).map(<[String]>::to_vec).collect();
    let found = batch::each(chunks, |chunk| async move {
        let call = aws.cloudwatch().describe_alarms().set_alarm_names(Some(chunk));
        // Without the types, composite alarms are left out.
        let call = call.alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
        let mut pages = call.max_records(100).into_paginator().send();
        let mut alarms = Alarms::default();
        while let Some(page) = pages.next().await {
            let page = page.op("cloudwatch:DescribeAlarms")?;
            for alarm in page.metric_alarms.unwrap_or_default() {
                alarms.metric.insert(alarm.alarm_name.clone().unwrap_or_default(), alarm);
            }
            for alarm in page.composite_alarms.unwrap_or_default() {
                alarms.composite.insert(alarm.alarm_name.clone().unwrap_or_default(), alarm);
            }
        }
        Ok(alarms)
    });
    let mut all = Alarms::default();
    for chunk in found.await? {
        all.metric.extend(chunk.metric);
        all.composite.extend(chunk.composite);
    }
    Ok(all)
}

/// Alarms of both kinds share their names.
pub(super) fn alarm_name(alarm: &PropertyMap) -> Vec<Claim> {
    let claim = spelling::name(alarm, "name of an alarm", "alarm_name", str::to_owned);
    claim.into_iter().collect()
}

pub(super) async fn alarm_arn(aws: &Aws, name: &str) -> Result<String> {
    aws.arn("cloudwatch", &format!("alarm:{name}")).await
}

/// What is put replaces whatever has that name, so a create looks first: neither kind of alarm
/// may have a chosen name already, unless an earlier attempt of this very create made it.
pub(super) async fn refuse_foreign_alarm(cx: &Cx, name: &str) -> Result<()> {
    if cx.is_derived(name) {
        return Ok(());
    }
    let there = alarms(cx, vec![name.to_owned()]).await?;
    let taken = there.metric.contains_key(name) || there.composite.contains_key(name);
    if taken && !is_ours(cx, &alarm_arn(cx, name).await?).await? {
        return Err(taken_by_others("alarm", name));
    }
    Ok(())
}

/// The refusal of a name that somebody else has.
pub(super) fn taken_by_others(kind: &str, name: &str) -> OpError {
    OpError::new(
        ErrorKind::AlreadyExists,
        format!(
            "there is a {kind} `{name}` already, which is not ours\n  what to do: choose another \
             name, or delete that {kind}"
        ),
    )
}

pub(super) async fn is_ours(cx: &Cx, arn: &str) -> Result<bool> {
    Ok(tags::is_ours(cx, &list_tags(cx, arn).await?.flatten()))
}

/// The tags of what has this ARN; `None` when CloudWatch does not find it.
pub(super) async fn list_tags(aws: &Aws, arn: &str) -> Result<Option<Option<Tags>>> {
    let answer = aws.cloudwatch().list_tags_for_resource().resource_arn(arn).send().await;
    let answer = found(answer.op("cloudwatch:ListTagsForResource"))?;
    Ok(answer.map(|a| from_sdk(a.tags())))
}

/// Tags as a read tells them: asked for only where the program declares some.
pub(super) async fn tags_if<R>(
    aws: &Aws,
    arn: &str,
    known: Option<&R>,
    declared: impl Fn(&R) -> bool,
) -> Result<Option<Option<Tags>>> {
    if known.is_some_and(|k| !declared(k)) { Ok(Some(None)) } else { list_tags(aws, arn).await }
}

pub(super) async fn retag(
    aws: &Aws,
    arn: &str,
    old: &Option<Tags>,
    new: &Option<Tags>,
) -> Result<()> {
    retagged!(
        aws.cloudwatch(), resource_arn(arn), old => new, to_sdk,
        tag_resource: "cloudwatch:TagResource",
        untag_resource: "cloudwatch:UntagResource"
    )
}

/// Deletes one alarm of either kind.
pub(super) async fn delete_alarm(aws: &Aws, name: &str) -> Result<Progress> {
    let call = aws.cloudwatch().delete_alarms().alarm_names(name);
    gone(call.send().await.op("cloudwatch:DeleteAlarms"))
}

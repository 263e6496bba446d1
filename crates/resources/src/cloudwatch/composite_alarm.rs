//! `AWS::CloudWatch::CompositeAlarm`: an alarm about other alarms.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | DescribeAlarms and ListTagsForResource when the name is chosen, PutCompositeAlarm |
//! | read | DescribeAlarms for 100 alarms; ListTagsForResource when tags are declared |
//! | find | DescribeAlarms, ListTagsForResource |
//! | update | PutCompositeAlarm, TagResource, UntagResource |
//! | delete | DeleteAlarms |
//!
//! Traps: as [`super::Alarm`]'s. A rule that names an alarm of moments ago may be refused: `alarms
//! [...] in the alarm rule do not exist`. AWS does not delete an alarm that a rule names: `Cannot delete ... as
//! there are composite alarm(s) depending on it` (TF#34807, cloud-custodian#7763, aws-nuke#462). Alarms that
//! the rule names in plain text are made before it and deleted after it, as those whose outputs it uses.
//! Left out: `action_configuration`.

use aws_sdk_cloudwatch::types::CompositeAlarm as SdkAlarm;

use super::alarm_rule::mentions;
use super::shared::{
    alarm_arn, alarm_name, alarms, delete_alarm, is_ours, refuse_foreign_alarm, retag, tags_if,
    to_sdk,
};
use crate::prelude::*;

/// An alarm about other alarms: one message instead of many, or one only if several are off.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::CloudWatch::CompositeAlarm",
    identity("alarm_name"),
    claims = alarm_name,
    mentions = mentions,
    eventual(
        "ResourceNotFoundException",
        "ValidationError" = "in the alarm rule do not exist"
    ),
    busy(
        "ConcurrentModificationException",
        "ValidationError" = "composite alarm(s) depending on"
    ),
    iam(
        create(
            "cloudwatch:DescribeAlarms",
            "cloudwatch:ListTagsForResource",
            "cloudwatch:PutCompositeAlarm",
            "cloudwatch:TagResource"
        ),
        read("cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"),
        find("cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"),
        update(
            "cloudwatch:PutCompositeAlarm",
            "cloudwatch:TagResource",
            "cloudwatch:UntagResource"
        ),
        delete("cloudwatch:DeleteAlarms")
    )
)]
pub struct CompositeAlarm {
    /// Name, up to 255 characters. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 255, extra = "-_./"))]
    pub alarm_name: Option<String>,
    /// What it means and what to do, up to 1,024 characters; may be Markdown.
    pub alarm_description: Option<String>,
    /// When it goes off: `ALARM(name)`, `OK(name)`, `INSUFFICIENT_DATA(name)`, `TRUE`, `FALSE`
    /// with `AND`, `OR`, `NOT` and brackets. Write it with `interpolate!` and the alarms'
    /// `alarm_name`, or with names in plain text; names with blanks or brackets in double quotes.
    pub alarm_rule: String,
    /// Whether actions are carried out. Default: true.
    #[field(default = true)]
    pub actions_enabled: Option<bool>,
    /// ARNs of what is told when it goes off; at most 5.
    #[field(set)]
    pub alarm_actions: Option<Vec<String>>,
    /// ARNs of what is told when all is well again; at most 5.
    #[field(set)]
    pub ok_actions: Option<Vec<String>>,
    /// ARNs of what is told when there is too little data; at most 5.
    #[field(set)]
    pub insufficient_data_actions: Option<Vec<String>>,
    /// Name or ARN of an alarm; while it is off, this one's actions are held back.
    pub actions_suppressor: Option<String>,
    /// Seconds to wait for that alarm before acting. Needed with it.
    pub actions_suppressor_wait_period: Option<i32>,
    /// Seconds to go on holding back after it is well again. Needed with it.
    pub actions_suppressor_extension_period: Option<i32>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`CompositeAlarm`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct CompositeAlarmOutputs {
    /// Name.
    #[output(from_input)]
    pub alarm_name: String,
    /// ARN.
    pub arn: String,
}

impl Resource for CompositeAlarm {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let name = self.alarm_name.clone().unwrap_or_default();
        refuse_foreign_alarm(cx, &name).await?;
        self.put(cx, &name, &self.tags).await?;
        let arn = alarm_arn(cx, &name).await?;
        Ok(Made::Ready(name.clone(), CompositeAlarmOutputs { alarm_name: name, arn }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let found = alarms(cloud, items.iter().map(|i| i.id.clone()).collect()).await?.composite;
        let found = &found;
        batch::each(items, |item| async move {
            let Some(alarm) = found.get(&item.id) else { return Ok(None) };
            let arn = alarm_arn(cloud, &item.id).await?;
            let tags = tags_if(cloud, &arn, item.inputs.as_ref(), |i| i.tags.is_some()).await?;
            Ok(tags.map(|tags| live(alarm, arn, tags)))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let name = self.alarm_name.clone().unwrap_or_default();
        if !alarms(cx, vec![name.clone()]).await?.composite.contains_key(&name) {
            return Ok(None);
        }
        Ok(is_ours(cx, &alarm_arn(cx, &name).await?).await?.then_some(name))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.iter().any(|name| name != "tags") {
            self.put(cx, id, &None).await?;
        }
        if changes.has("tags") {
            retag(cx, &alarm_arn(cx, id).await?, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        delete_alarm(cx, id).await
    }
}

impl CompositeAlarm {
    async fn put(&self, aws: &Aws, name: &str, tags: &Option<Tags>) -> Result<()> {
        let call = aws
            .cloudwatch()
            .put_composite_alarm()
            .alarm_name(name)
            .set_alarm_description(self.alarm_description.clone())
            .alarm_rule(&self.alarm_rule)
            .set_actions_enabled(self.actions_enabled)
            .set_alarm_actions(self.alarm_actions.clone())
            .set_ok_actions(self.ok_actions.clone())
            .set_insufficient_data_actions(self.insufficient_data_actions.clone())
            .set_actions_suppressor(self.actions_suppressor.clone())
            .set_actions_suppressor_wait_period(self.actions_suppressor_wait_period)
            .set_actions_suppressor_extension_period(self.actions_suppressor_extension_period)
            .set_tags(tags.is_some().then(|| to_sdk(tags)));
        call.send().await.op("cloudwatch:PutCompositeAlarm").map(drop)
    }
}

fn live(alarm: &SdkAlarm, arn: String, tags: Option<Tags>) -> Live<CompositeAlarm> {
    let name = alarm.alarm_name.clone().unwrap_or_default();
    let list = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    Live::ready(
        CompositeAlarm {
            alarm_name: Some(name.clone()),
            alarm_description: text(alarm.alarm_description()),
            alarm_rule: alarm.alarm_rule.clone().unwrap_or_default(),
            // AWS leaves out what is as usual.
            actions_enabled: Some(alarm.actions_enabled.unwrap_or(true)),
            alarm_actions: list(alarm.alarm_actions()),
            ok_actions: list(alarm.ok_actions()),
            insufficient_data_actions: list(alarm.insufficient_data_actions()),
            actions_suppressor: text(alarm.actions_suppressor()),
            actions_suppressor_wait_period: alarm.actions_suppressor_wait_period,
            actions_suppressor_extension_period: alarm.actions_suppressor_extension_period,
            tags,
        },
        CompositeAlarmOutputs { alarm_name: name, arn },
    )
}

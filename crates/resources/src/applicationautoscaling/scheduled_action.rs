//! `AWS::ApplicationAutoScaling::ScheduledAction`: other bounds at a time.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | DescribeScheduledActions when the name is chosen, PutScheduledAction |
//! | read, find | DescribeScheduledActions per target, concurrently |
//! | update | PutScheduledAction |
//! | delete | DeleteScheduledAction |
//!
//! Traps: PutScheduledAction overwrites what has that name, so create looks first. One change of a
//! target at a time (`ConcurrentUpdateException`, TF#17915). The action changes the bounds of the
//! target: that is no drift where `scaling_target_id` is an output of the target. CloudFormation has
//! these inside of the scalable
//! target.
//! Differences:
//! - own type: there, it is a list in the scalable target (`scheduled_actions`).

use aws_sdk_applicationautoscaling::types::{
    ScalableTargetAction as SdkBounds, ScheduledAction as SdkAction,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::shared::{Target, by_target, taken, target_and_name, targets_and_names};
use crate::prelude::*;

/// Gives a target other bounds at a time, once or again and again.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::ApplicationAutoScaling::ScheduledAction",
    link = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html",
    deleted_with = "scaling_target_id",
    identity("scaling_target_id", "scheduled_action_name"),
    eventual("ObjectNotFoundException"),
    busy("ConcurrentUpdateException"),
    iam(
        create(
            "application-autoscaling:PutScheduledAction",
            "application-autoscaling:DescribeScheduledActions"
        ),
        read("application-autoscaling:DescribeScheduledActions"),
        find("application-autoscaling:DescribeScheduledActions"),
        update("application-autoscaling:PutScheduledAction"),
        delete("application-autoscaling:DeleteScheduledAction")
    )
)]
pub struct ScheduledAction {
    /// Name, up to 256 letters, digits and `-_.`. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 256, extra = "-_."))]
    pub scheduled_action_name: Option<String>,
    /// Who is scaled: `scalable_target_id` of a [`super::ScalableTarget`]. Replaces.
    #[field(replaces, steers)]
    pub scaling_target_id: String,
    /// When: `cron(…)`, `rate(…)` or `at(YYYY-MM-DDThh:mm:ss)`.
    pub schedule: String,
    /// Time zone of the schedule, such as `Europe/Berlin`. Default: UTC.
    #[field(server_default)]
    pub timezone: Option<String>,
    /// From when it counts, such as `2026-01-31T00:00:00Z`. Default: at once.
    pub start_time: Option<String>,
    /// Until when it counts. Default: for ever.
    pub end_time: Option<String>,
    /// The bounds that the target gets.
    pub scalable_target_action: ScalableTargetAction,
}

/// Bounds that a scheduled action sets; what is not declared stays.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ScalableTargetAction {
    /// Least.
    pub min_capacity: Option<i32>,
    /// Most.
    pub max_capacity: Option<i32>,
}

/// What AWS knows of a [`ScheduledAction`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ScheduledActionOutputs {
    /// Name.
    #[output(from_input)]
    pub scheduled_action_name: String,
}

const DESCRIBE: &str = "application-autoscaling:DescribeScheduledActions";

impl Resource for ScheduledAction {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let name = self.scheduled_action_name.clone().unwrap_or_default();
        let target = Target::parse(&self.scaling_target_id)?;
        if !cx.is_derived(&name) && get(cx, &target, &name).await?.is_some() {
            return Err(taken("scheduled action", &name, &self.scaling_target_id));
        }
        self.put(cx, &target, &name).await?;
        let outputs = ScheduledActionOutputs { scheduled_action_name: name.clone() };
        Ok(Made::Ready(self.id(&name), outputs))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let asked = targets_and_names(items)?;
        let list = |target: Target| async move { list(cloud, &target, None).await };
        let all = by_target(&asked, list).await?;
        let one = |((target, name), item): (&(Target, &str), &ReadRequest<Self>)| {
            let mut actions = all.get(target)?.iter();
            let there = actions.find(|action| action.scheduled_action_name() == *name)?;
            Some(live(there, target, item.inputs.as_ref()))
        };
        Ok(asked.iter().zip(items).map(one).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let Some(name) = &self.scheduled_action_name else { return Ok(None) };
        let target = Target::parse(&self.scaling_target_id)?;
        let Some(there) = get(cx, &target, name).await? else { return Ok(None) };
        // There are no tags: one with a name that somebody chose is ours if it is the same.
        let ours = cx.is_derived(name) || there.schedule() == self.schedule;
        Ok(ours.then(|| self.id(name)))
    }

    async fn update(&self, cx: &Cx, id: &str, _: &Self, _: &Changes) -> Result<Progress> {
        let (target, name) = target_and_name(id)?;
        self.put(cx, &target, name).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let (target, name) = target_and_name(id)?;
        let call = cx
            .applicationautoscaling()
            .delete_scheduled_action()
            .scheduled_action_name(name)
            .service_namespace(target.namespace())
            .resource_id(&target.resource_id)
            .scalable_dimension(target.dimension());
        gone(call.send().await.op("application-autoscaling:DeleteScheduledAction"))
    }
}

impl ScheduledAction {
    fn id(&self, name: &str) -> String {
        format!("{}|{name}", self.scaling_target_id)
    }

    /// Sends it as a whole: start and end that are not sent are taken away.
    async fn put(&self, aws: &Aws, target: &Target, name: &str) -> Result<()> {
        let bounds = &self.scalable_target_action;
        let call = aws
            .applicationautoscaling()
            .put_scheduled_action()
            .scheduled_action_name(name)
            .service_namespace(target.namespace())
            .resource_id(&target.resource_id)
            .scalable_dimension(target.dimension())
            .schedule(&self.schedule)
            .set_timezone(self.timezone.clone())
            .set_start_time(time("start_time", self.start_time.as_deref())?)
            .set_end_time(time("end_time", self.end_time.as_deref())?)
            .scalable_target_action(
                SdkBounds::builder()
                    .set_min_capacity(bounds.min_capacity)
                    .set_max_capacity(bounds.max_capacity)
                    .build(),
            );
        call.send().await.op("application-autoscaling:PutScheduledAction").map(drop)
    }
}

fn time(property: &str, value: Option<&str>) -> Result<Option<DateTime>> {
    let parse = |text: &str| {
        DateTime::from_str(text, Format::DateTimeWithOffset).map_err(|_| {
            OpError::invalid(format!(
                "`{property}` is no time: `{text}`\n  what to do: write it like `2026-01-31T00:00:00Z`"
            ))
        })
    };
    value.map(parse).transpose()
}

async fn get(aws: &Aws, target: &Target, name: &str) -> Result<Option<SdkAction>> {
    let all = list(aws, target, Some(name)).await?;
    Ok(all.into_iter().find(|action| action.scheduled_action_name() == name))
}

/// The scheduled actions of a target, or the one of this name.
async fn list(aws: &Aws, target: &Target, name: Option<&str>) -> Result<Vec<SdkAction>> {
    let call = aws
        .applicationautoscaling()
        .describe_scheduled_actions()
        .service_namespace(target.namespace())
        .resource_id(&target.resource_id)
        .scalable_dimension(target.dimension())
        .set_scheduled_action_names(name.map(|name| vec![name.to_owned()]));
    let mut pages = call.into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let Some(page) = found(page.op(DESCRIBE))? else { break };
        all.extend(page.scheduled_actions.unwrap_or_default());
    }
    Ok(all)
}

fn live(
    there: &SdkAction,
    target: &Target,
    known: Option<&ScheduledAction>,
) -> Live<ScheduledAction> {
    let bounds = there.scalable_target_action();
    // The same moment may be written in several ways.
    let moment = |live: Option<&DateTime>, declared: Option<&String>| {
        let live = live?;
        let same = declared.filter(|d| time("", Some(d)).ok().flatten().as_ref() == Some(live));
        same.cloned().or_else(|| live.fmt(Format::DateTime).ok())
    };
    Live::ready(
        ScheduledAction {
            scheduled_action_name: Some(there.scheduled_action_name.clone()),
            scaling_target_id: target.id(),
            schedule: there.schedule.clone(),
            timezone: text(there.timezone()),
            start_time: moment(there.start_time(), known.and_then(|k| k.start_time.as_ref())),
            end_time: moment(there.end_time(), known.and_then(|k| k.end_time.as_ref())),
            scalable_target_action: ScalableTargetAction {
                min_capacity: bounds.and_then(|b| b.min_capacity),
                max_capacity: bounds.and_then(|b| b.max_capacity),
            },
        },
        ScheduledActionOutputs { scheduled_action_name: there.scheduled_action_name.clone() },
    )
}

//! `AWS::ApplicationAutoScaling::ScalableTarget`: something that grows and shrinks.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | DescribeScalableTargets, RegisterScalableTarget |
//! | read | DescribeScalableTargets per service and dimension, ListTagsForResource per target when tags are declared |
//! | find | DescribeScalableTargets, ListTagsForResource |
//! | update | RegisterScalableTarget, TagResource, UntagResource |
//! | delete | DeregisterScalableTarget |
//!
//! Traps: RegisterScalableTarget changes a target that is there already, so create looks first.
//! Deregistering deletes the target's policies and scheduled actions. While it is registered, the
//! service's own desired count belongs to Application Auto Scaling: what it has become is no drift
//! where `resource_id` is made from the service's outputs, and another number in the program is
//! sent once. Scheduled actions change the bounds in the same way. One change of a target at a time
//! (`ConcurrentUpdateException`, TF#17915). `ValidationException` means everything: a service or
//! role made moments ago is refused so (`ECS service doesn't exist`, `Unable to assume IAM role`;
//! Terraform's provider waits both out in `internal/service/appautoscaling/target.go`). The first
//! target of an account makes the service's own role, which cannot be assumed for a while, whatever
//! else is young.
//! Left out: `scheduled_actions`, which are [`super::ScheduledAction`].
//! Differences:
//! - read back `role_arn`: AWS tells it.
//! - also needs `ecs:DescribeServices`, `ecs:UpdateService`, `dynamodb:DescribeTable`,
//!   `dynamodb:UpdateTable`: Application Auto Scaling asks whether the caller may scale a target of
//!   that service.
//! - does not need `cloudwatch:PutMetricAlarm`, `cloudwatch:DescribeAlarms`,
//!   `cloudwatch:DeleteAlarms`: a target has no alarms; [`super::ScalingPolicy`] has.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_applicationautoscaling::types::ScalableTarget as SdkTarget;

use super::shared::Target;
use super::suspended_state::SuspendedState;
use crate::prelude::*;

/// Something that grows and shrinks, such as an ECS service, and its bounds.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::ApplicationAutoScaling::ScalableTarget",
    identity("service_namespace", "resource_id", "scalable_dimension"),
    eventual(
        "ObjectNotFoundException",
        "ValidationException" = "ECS service doesn't exist",
        "ValidationException" = "Unable to assume IAM role"
    ),
    passing("ValidationException" = ":role/aws-service-role/"),
    busy("ConcurrentUpdateException"),
    iam(
        create(
            "application-autoscaling:RegisterScalableTarget",
            "application-autoscaling:TagResource",
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:ListTagsForResource",
            "iam:CreateServiceLinkedRole",
            "iam:PassRole",
            "ecs:DescribeServices",
            "ecs:UpdateService",
            "dynamodb:DescribeTable",
            "dynamodb:UpdateTable",
            "lambda:GetProvisionedConcurrencyConfig",
            "lambda:PutProvisionedConcurrencyConfig",
            "lambda:DeleteProvisionedConcurrencyConfig"
        ),
        read(
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:ListTagsForResource"
        ),
        find(
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:ListTagsForResource"
        ),
        update(
            "application-autoscaling:RegisterScalableTarget",
            "application-autoscaling:TagResource",
            "application-autoscaling:UntagResource",
            "ecs:DescribeServices",
            "ecs:UpdateService",
            "dynamodb:DescribeTable",
            "dynamodb:UpdateTable"
        ),
        delete("application-autoscaling:DeregisterScalableTarget")
    )
)]
pub struct ScalableTarget {
    /// Whose it is: `ecs`, `dynamodb`, `rds`, `lambda`, `sagemaker` … Replaces.
    #[field(replaces)]
    pub service_namespace: String,
    /// What it is, such as `service/CLUSTER/SERVICE` or `table/NAME`. Replaces.
    #[field(replaces, steers)]
    pub resource_id: String,
    /// What grows and shrinks, such as `ecs:service:DesiredCount`. Replaces.
    #[field(replaces)]
    pub scalable_dimension: String,
    /// Least, 0 or more. What a [`super::ScheduledAction`] makes of it is no difference.
    #[field(moves(steered))]
    pub min_capacity: i32,
    /// Most. What a [`super::ScheduledAction`] makes of it is no difference.
    #[field(moves(steered))]
    pub max_capacity: i32,
    /// ARN of the role that scales; most services have a service-linked one, and ignore this.
    /// Default: that one.
    #[field(server_default)]
    pub role_arn: Option<String>,
    /// What is suspended. Default: nothing.
    #[field(server_default)]
    pub suspended_state: Option<SuspendedState>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`ScalableTarget`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ScalableTargetOutputs {
    /// `RESOURCE_ID|SCALABLE_DIMENSION|SERVICE_NAMESPACE`: what policies and scheduled actions
    /// take.
    pub scalable_target_id: String,
    /// ARN.
    pub scalable_target_arn: String,
}

const DESCRIBE: &str = "application-autoscaling:DescribeScalableTargets";
const REGISTER: &str = "application-autoscaling:RegisterScalableTarget";
/// Most resource ids that one DescribeScalableTargets takes.
const CHUNK: usize = 50;

impl Resource for ScalableTarget {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let target = self.target();
        if let Some(there) = get(cx, &target).await? {
            if !is_ours(cx, &there).await? {
                return Err(OpError::new(
                    ErrorKind::AlreadyExists,
                    format!(
                        "`{}` is a scalable target already, and not ours\n  what to do: deregister it, or leave its scaling to who registered it",
                        target.id()
                    ),
                ));
            }
            // Made by an attempt before this one.
            return Ok(Made::Pending(target.id()));
        }
        let arn = self.register(cx, true).await?;
        let Some(scalable_target_arn) = arn else { return Ok(Made::Pending(target.id())) };
        let outputs =
            ScalableTargetOutputs { scalable_target_id: target.id(), scalable_target_arn };
        Ok(Made::Ready(target.id(), outputs))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let targets: Vec<Target> =
            items.iter().map(|item| Target::parse(&item.id)).collect::<Result<_>>()?;
        let all = describe(cloud, &targets).await?;
        batch::each(items, |item| {
            let there = all.get(&item.id);
            async move {
                let Some(there) = there else { return Ok(None) };
                let tagged = item.inputs.as_ref().is_none_or(|inputs| inputs.tags.is_some());
                let tags = match tagged {
                    true => list_tags(cloud, there).await?,
                    false => Some(None),
                };
                Ok(tags.map(|tags| live(there, &item.id, tags)))
            }
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let Some(there) = get(cx, &self.target()).await? else { return Ok(None) };
        Ok(is_ours(cx, &there).await?.then(|| self.target().id()))
    }

    async fn update(&self, cx: &Cx, _: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("tags") {
            self.retag(cx, old).await?;
        }
        if changes.iter().any(|name| name != "tags") {
            self.register(cx, false).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let target = Target::parse(id)?;
        let call = cx
            .applicationautoscaling()
            .deregister_scalable_target()
            .service_namespace(target.namespace())
            .resource_id(&target.resource_id)
            .scalable_dimension(target.dimension());
        gone(call.send().await.op("application-autoscaling:DeregisterScalableTarget"))
    }
}

impl ScalableTarget {
    fn target(&self) -> Target {
        Target {
            resource_id: self.resource_id.clone(),
            scalable_dimension: self.scalable_dimension.clone(),
            service_namespace: self.service_namespace.clone(),
        }
    }

    /// Makes it, or brings its bounds to what is declared; tags only count for a new one.
    async fn register(&self, aws: &Aws, new: bool) -> Result<Option<String>> {
        let target = self.target();
        let call = aws
            .applicationautoscaling()
            .register_scalable_target()
            .service_namespace(target.namespace())
            .resource_id(&target.resource_id)
            .scalable_dimension(target.dimension())
            .min_capacity(self.min_capacity)
            .max_capacity(self.max_capacity)
            .set_role_arn(self.role_arn.clone())
            .set_suspended_state(self.suspended_state.as_ref().map(SuspendedState::to_sdk))
            .set_tags(new.then(|| tags::to_map(&self.tags)));
        Ok(call.send().await.op(REGISTER)?.scalable_target_arn)
    }

    async fn retag(&self, cx: &Cx, old: &Self) -> Result<()> {
        let there = need(get(cx, &self.target()).await?, DESCRIBE, "scalable_target")?;
        let arn = &need(there.scalable_target_arn, DESCRIBE, "scalable_target_arn")?;
        let scaling = cx.applicationautoscaling();
        retagged!(
            scaling, resource_arn(arn), &old.tags => &self.tags, tags::to_map,
            tag_resource: "application-autoscaling:TagResource",
            untag_resource: "application-autoscaling:UntagResource"
        )
    }
}

async fn get(aws: &Aws, target: &Target) -> Result<Option<SdkTarget>> {
    let mut all = describe(aws, std::slice::from_ref(target)).await?;
    Ok(all.remove(&target.id()))
}

/// Those that exist, by id.
async fn describe(aws: &Aws, targets: &[Target]) -> Result<HashMap<String, SdkTarget>> {
    let mut kinds: BTreeMap<(&str, &str), Vec<&Target>> = BTreeMap::new();
    for target in targets {
        let kind = (target.service_namespace.as_str(), target.scalable_dimension.as_str());
        kinds.entry(kind).or_default().push(target);
    }
    let chunks: Vec<Vec<&Target>> =
        kinds.values().flat_map(|all| all.chunks(CHUNK)).map(<[_]>::to_vec).collect();
    let answers = batch::each(chunks, |chunk| async move {
        let call = aws
            .applicationautoscaling()
            .describe_scalable_targets()
            .service_namespace(chunk[0].namespace())
            .scalable_dimension(chunk[0].dimension())
            .set_resource_ids(Some(chunk.iter().map(|t| t.resource_id.clone()).collect()));
        let mut pages = call.into_paginator().send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            all.extend(page.op(DESCRIBE)?.scalable_targets.unwrap_or_default());
        }
        Ok(all)
    })
    .await?;
    let pair = |there: SdkTarget| {
        let target = Target {
            resource_id: there.resource_id.clone(),
            scalable_dimension: there.scalable_dimension.as_str().to_owned(),
            service_namespace: there.service_namespace.as_str().to_owned(),
        };
        (target.id(), there)
    };
    Ok(answers.into_iter().flatten().map(pair).collect())
}

/// Its tags; the outer `None` when it does not exist.
async fn list_tags(aws: &Aws, there: &SdkTarget) -> Result<Option<Option<Tags>>> {
    let Some(arn) = there.scalable_target_arn() else { return Ok(Some(None)) };
    let call = aws.applicationautoscaling().list_tags_for_resource().resource_arn(arn);
    let answer = found(call.send().await.op("application-autoscaling:ListTagsForResource"))?;
    Ok(answer.map(|a| tags::from_map(a.tags())))
}

async fn is_ours(cx: &Cx, there: &SdkTarget) -> Result<bool> {
    Ok(tags::is_ours(cx, &list_tags(cx, there).await?.flatten()))
}

fn live(there: &SdkTarget, id: &str, tags: Option<Tags>) -> Live<ScalableTarget> {
    Live::ready(
        ScalableTarget {
            service_namespace: there.service_namespace.as_str().to_owned(),
            resource_id: there.resource_id.clone(),
            scalable_dimension: there.scalable_dimension.as_str().to_owned(),
            min_capacity: there.min_capacity,
            max_capacity: there.max_capacity,
            role_arn: text(Some(there.role_arn())),
            suspended_state: there.suspended_state().map(SuspendedState::from_sdk),
            tags,
        },
        ScalableTargetOutputs {
            scalable_target_id: id.to_owned(),
            scalable_target_arn: text(there.scalable_target_arn()).unwrap_or_default(),
        },
    )
}

//! What AWS tells of a service, and how far its deployment is.

use aws_sdk_ecs::types::{
    CreatedAt, Deployment, DeploymentControllerType, DeploymentRolloutState as Rollout,
    Service as SdkService, ServiceDeploymentBrief, ServiceDeploymentStatus,
};
use aws_smithy_types::DateTime;

use super::{Service, cluster_of, outputs, stopped};
use crate::ecs::sdk::Sdk;
use crate::ecs::shared::{echo_name, from_sdk, last};
use crate::prelude::*;

pub(super) async fn live(
    aws: &Aws,
    service: &SdkService,
    item: &ReadRequest<Service>,
) -> Result<Live<Service>> {
    let known = item.inputs.as_ref();
    let wanted = known.map(|k| k.task_definition.as_str());
    let mut status = match &item.follow {
        Some(own) => followed(aws, service, own).await?,
        None => judge(service, wanted),
    };
    if let (Status::Ready, Some(wanted)) = (&status, wanted)
        && !is_definition(wanted, service.task_definition().unwrap_or_default())
        && let Some(why) = rolled_back(aws, service, wanted).await?
    {
        status = Status::Failed(why);
    }
    if let Status::Failed(why) = &mut status {
        why.push_str(&stopped::reasons(aws, service, wanted).await);
    }
    Ok(Live { status, inputs: inputs(service, known), outputs: outputs(service) })
}

/// The deployment that an update has just started, for whoever waits for it: its id and when it
/// began. Deployments of others than ECS have no say in whether a service is ready.
pub(super) fn own_deployment(service: &SdkService) -> Option<String> {
    let own = primary(service).filter(|_| is_deployed_by_ecs(service))?;
    Some(format!("{}@{}", own.id()?, own.created_at()?.to_millis().ok()?))
}

/// How far the deployment is that an update started. It may not be shown yet, while an older one
/// is; and it may have gone again, because AWS took it back.
async fn followed(aws: &Aws, service: &SdkService, own: &str) -> Result<Status> {
    let (id, began) = own.rsplit_once('@').unwrap_or((own, ""));
    let shown = service.deployments().iter().find(|d| d.id() == Some(id));
    match shown {
        Some(own) if has_failed(own) => return Ok(Status::Failed(reason(own))),
        Some(own) if own.status() == Some("PRIMARY") => return Ok(judge(service, None)),
        _ if service.status() == Some("DRAINING") => return Ok(judge(service, None)),
        _ => {}
    }
    let began: i64 = began.parse().unwrap_or_default();
    let arn = service.service_arn().unwrap_or_default();
    let since = DateTime::from_millis(began - NEAR);
    let all = history(aws, arn, Some(since)).await?;
    Ok(match nearest(all, began) {
        Some(own) if was_taken_back(&own) => Status::Failed(why_taken_back(own)),
        // Shown without it and without a later one, the service is shown as it was before it.
        Some(own)
            if own.status() == Some(&ServiceDeploymentStatus::Successful)
                && service.deployments().iter().any(|d| is_after(d, began)) =>
        {
            judge(service, None)
        }
        _ => Status::Pending(format!("deployment {id}")),
    })
}

fn is_after(deployment: &Deployment, began: i64) -> bool {
    deployment.created_at().and_then(|at| at.to_millis().ok()).is_some_and(|at| at > began)
}

/// Milliseconds between the beginnings of a deployment and of its record: the records have ids of
/// their own.
const NEAR: i64 = 5_000;

/// The record of the deployment that began then.
fn nearest(all: Vec<ServiceDeploymentBrief>, began: i64) -> Option<ServiceDeploymentBrief> {
    let apart = |record: &ServiceDeploymentBrief| {
        let created = record.created_at().and_then(|at| at.to_millis().ok())?;
        Some((created - began).abs()).filter(|apart| *apart <= NEAR)
    };
    let near = all.into_iter().filter_map(|record| Some((apart(&record)?, record)));
    near.min_by_key(|(apart, _)| *apart).map(|(_, record)| record)
}

/// The records of a service's deployments, all or those since a moment.
async fn history(
    aws: &Aws,
    service: &str,
    since: Option<DateTime>,
) -> Result<Vec<ServiceDeploymentBrief>> {
    /// Most records of one page.
    const PAGE: i32 = 100;
    let since = since.map(|at| CreatedAt::builder().after(at).build());
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let call = aws
            .ecs()
            .list_service_deployments()
            .cluster(cluster_of(service))
            .service(service)
            .set_created_at(since.clone())
            .max_results(PAGE)
            .set_next_token(next);
        let answer = call.send().await.op("ecs:ListServiceDeployments")?;
        all.extend(answer.service_deployments.unwrap_or_default());
        next = answer.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(all);
        }
    }
}

fn is_deployed_by_ecs(service: &SdkService) -> bool {
    let controller = service.deployment_controller().map(|c| c.r#type());
    controller.is_none_or(|c| *c == DeploymentControllerType::Ecs)
}

fn reason(deployment: &Deployment) -> String {
    deployment.rollout_state_reason().unwrap_or("its deployment failed").to_owned()
}

fn primary(service: &SdkService) -> Option<&Deployment> {
    service.deployments().iter().find(|d| d.status() == Some("PRIMARY"))
}

/// Whether the newest deployment has failed and nothing has taken its place.
pub(super) fn failed(service: &SdkService) -> bool {
    is_deployed_by_ecs(service) && primary(service).is_some_and(has_failed)
}

fn has_failed(deployment: &Deployment) -> bool {
    deployment.rollout_state() == Some(&Rollout::Failed)
}

/// How far the deployment is, as far as the service itself tells.
fn judge(service: &SdkService, wanted: Option<&str>) -> Status {
    if service.status() == Some("DRAINING") {
        return Status::Deleting("draining".into());
    }
    let Some(now) = primary(service).filter(|_| is_deployed_by_ecs(service)) else {
        return Status::Ready;
    };
    if has_failed(now) {
        return Status::Failed(reason(now));
    }
    // The failed one is still shown while the one before it comes back.
    let of_ours = |d: &&Deployment| {
        wanted.is_some_and(|w| is_definition(w, d.task_definition().unwrap_or_default()))
    };
    if !of_ours(&now)
        && let Some(failed) = service.deployments().iter().filter(of_ours).find(|d| has_failed(d))
    {
        return Status::Failed(reason(failed));
    }
    let (running, desired) = (service.running_count, service.desired_count);
    let complete = now.rollout_state().is_none_or(|state| *state == Rollout::Completed);
    if complete && running == desired {
        Status::Ready
    } else {
        Status::Pending(format!("{} of {desired} tasks running", now.running_count))
    }
}

/// Why the last deployment, when it was one of this definition, was taken back.
async fn rolled_back(aws: &Aws, service: &SdkService, wanted: &str) -> Result<Option<String>> {
    let arn = service.service_arn().unwrap_or_default();
    let all = history(aws, arn, None).await?;
    let newest = all.into_iter().max_by_key(|d| d.created_at.map(|at| at.as_nanos()));
    let Some(newest) = newest.filter(was_taken_back) else { return Ok(None) };
    let Some(revision) = newest.target_service_revision_arn() else { return Ok(None) };
    let call = aws.ecs().describe_service_revisions().service_revision_arns(revision);
    let answer = call.send().await.op("ecs:DescribeServiceRevisions")?;
    let revision = answer.service_revisions().first();
    let of_ours = revision
        .and_then(|r| r.task_definition())
        .is_some_and(|definition| is_definition(wanted, definition));
    Ok(of_ours.then(|| why_taken_back(newest)))
}

fn why_taken_back(record: ServiceDeploymentBrief) -> String {
    record.status_reason.unwrap_or_else(|| "its deployment was rolled back".into())
}

fn was_taken_back(deployment: &ServiceDeploymentBrief) -> bool {
    use ServiceDeploymentStatus as S;
    matches!(
        deployment.status(),
        Some(S::RollbackSuccessful | S::RollbackInProgress | S::RollbackFailed | S::Stopped)
    )
}

/// Whether an ARN is what a program says in one of three ways; its newest revision is what a
/// family stands for.
pub(super) fn is_definition(declared: &str, arn: &str) -> bool {
    let name = last(arn);
    let family = name.rsplit_once(':').map_or(name, |(family, _)| family);
    declared == arn || declared == name || declared == family
}

fn inputs(service: &SdkService, known: Option<&Service>) -> Service {
    let arn = service.task_definition().unwrap_or_default();
    let declared = known.map(|k| k.task_definition.as_str()).filter(|d| is_definition(d, arn));
    // What failed is not there, so that it is deployed again.
    let failed = primary(service).is_some_and(has_failed);
    let task_definition = if failed { "" } else { declared.unwrap_or(arn) }.to_owned();
    let cluster = known.and_then(|k| k.cluster.as_deref());
    Service {
        service_name: service.service_name.clone(),
        cluster: service.cluster_arn().map(|arn| echo_name(cluster, arn)),
        task_definition,
        desired_count: Some(service.desired_count),
        launch_type: text(service.launch_type()),
        capacity_provider_strategy: Sdk::from_sdk(&service.capacity_provider_strategy),
        platform_version: service.platform_version.clone(),
        scheduling_strategy: Sdk::from_sdk(&service.scheduling_strategy),
        network_configuration: Sdk::from_sdk(&service.network_configuration),
        load_balancers: Sdk::from_sdk(&service.load_balancers),
        service_registries: Sdk::from_sdk(&service.service_registries),
        health_check_grace_period_seconds: Some(
            service.health_check_grace_period_seconds.unwrap_or(0),
        ),
        deployment_configuration: Sdk::from_sdk(&service.deployment_configuration),
        deployment_controller: Some(super::DeploymentController {
            r#type: service
                .deployment_controller()
                .map_or_else(|| "ECS".into(), |c| c.r#type().as_str().to_owned()),
        }),
        enable_execute_command: Some(service.enable_execute_command),
        enable_ecs_managed_tags: Some(service.enable_ecs_managed_tags),
        propagate_tags: Some(text(service.propagate_tags()).unwrap_or_else(|| "NONE".into())),
        availability_zone_rebalancing: Sdk::from_sdk(&service.availability_zone_rebalancing),
        placement_constraints: Sdk::from_sdk(&service.placement_constraints),
        placement_strategies: Sdk::from_sdk(&service.placement_strategy),
        force_new_deployment: None,
        tags: from_sdk(service.tags()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: &str = "arn:aws:ecs:eu-central-1:1:task-definition/web:2";
    const OLD: &str = "arn:aws:ecs:eu-central-1:1:task-definition/web:1";

    fn deployment(status: &str, definition: &str, rollout: Rollout) -> Deployment {
        Deployment::builder()
            .status(status)
            .task_definition(definition)
            .rollout_state(rollout.clone())
            .rollout_state_reason(format!("{rollout} of {definition}"))
            .build()
    }

    fn service(running: i32, deployments: Vec<Deployment>) -> SdkService {
        let definition = deployments[0].task_definition.clone();
        SdkService::builder()
            .status("ACTIVE")
            .desired_count(2)
            .running_count(running)
            .set_task_definition(definition)
            .set_deployments(Some(deployments))
            .build()
    }

    #[test]
    fn a_service_is_ready_when_its_deployment_is_complete_and_all_tasks_run() {
        let done = |running| service(running, vec![deployment("PRIMARY", NEW, Rollout::Completed)]);
        assert_eq!(judge(&done(2), Some(NEW)), Status::Ready);
        assert!(matches!(judge(&done(1), Some(NEW)), Status::Pending(_)));
        let going = service(2, vec![deployment("PRIMARY", NEW, Rollout::InProgress)]);
        assert!(matches!(judge(&going, Some(NEW)), Status::Pending(_)));
        let draining = SdkService::builder().status("DRAINING").build();
        assert_eq!(judge(&draining, None), Status::Deleting("draining".into()));
    }

    #[test]
    fn a_failed_deployment_is_one_that_is_not_there() {
        let failed = service(0, vec![deployment("PRIMARY", NEW, Rollout::Failed)]);
        assert_eq!(judge(&failed, Some(NEW)), Status::Failed(format!("FAILED of {NEW}")));
        assert_eq!(inputs(&failed, None).task_definition, "");
    }

    #[test]
    fn a_rollback_is_the_failure_of_what_was_wanted_not_of_anything_else() {
        let back = service(
            2,
            vec![
                deployment("PRIMARY", OLD, Rollout::InProgress),
                deployment("ACTIVE", NEW, Rollout::Failed),
            ],
        );
        assert_eq!(judge(&back, Some(NEW)), Status::Failed(format!("FAILED of {NEW}")));
        assert_eq!(judge(&back, Some("web:2")), Status::Failed(format!("FAILED of {NEW}")));
        assert!(matches!(judge(&back, Some(OLD)), Status::Pending(_)));
        assert_eq!(inputs(&back, None).task_definition, OLD);
    }

    #[test]
    fn a_deployment_is_followed_by_its_id_and_its_beginning() {
        let mut own = deployment("PRIMARY", NEW, Rollout::InProgress);
        own.id = Some("ecs-svc/7".into());
        own.created_at = Some(DateTime::from_millis(1_000_500));
        let own = service(0, vec![own]);
        assert_eq!(own_deployment(&own).as_deref(), Some("ecs-svc/7@1000500"));
        let record = |at: i64| {
            let made = ServiceDeploymentBrief::builder().service_deployment_arn(at.to_string());
            made.created_at(DateTime::from_millis(at)).build()
        };
        let which = |all: &[i64]| {
            let all = all.iter().map(|at| record(*at)).collect();
            nearest(all, 1_000_500).and_then(|r| r.service_deployment_arn)
        };
        // An older one is none of ours, nor is a later one.
        assert_eq!(which(&[1_100_000, 1_000_400, 900_000]).as_deref(), Some("1000400"));
        assert_eq!(which(&[900_000]), None);
    }

    #[test]
    fn a_definition_is_said_in_three_ways() {
        assert!(is_definition(NEW, NEW) && is_definition("web:2", NEW));
        assert!(is_definition("web", NEW));
        assert!(!is_definition("web:1", NEW) && !is_definition("we", NEW));
    }
}

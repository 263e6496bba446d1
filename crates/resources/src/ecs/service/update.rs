//! The calls that make and change a service.

use aws_sdk_ecs::operation::create_service::builders::CreateServiceFluentBuilder;
use aws_sdk_ecs::types::{
    DeploymentAlarms as SdkAlarms, DeploymentCircuitBreaker as SdkBreaker,
    DeploymentConfiguration as SdkConfiguration, PropagateTags,
};

use super::{Service, cluster_of, live};
use crate::aws::answer::advise;
use crate::ecs::sdk::Sdk;
use crate::ecs::shared::{retag, to_sdk};
use crate::prelude::*;

/// A create of everything that is declared.
pub(super) fn create(service: &Service, aws: &Aws) -> CreateServiceFluentBuilder {
    let daemon = service.scheduling_strategy.as_deref() == Some("DAEMON");
    aws.ecs()
        .create_service()
        .set_service_name(service.service_name.clone())
        .set_cluster(service.cluster.clone())
        .task_definition(&service.task_definition)
        .set_desired_count(service.desired_count.or((!daemon).then_some(1)))
        .set_launch_type(service.launch_type.as_deref().map(Into::into))
        .set_capacity_provider_strategy(service.capacity_provider_strategy.to_sdk())
        .set_platform_version(service.platform_version.clone())
        .set_scheduling_strategy(service.scheduling_strategy.to_sdk())
        .set_network_configuration(service.network_configuration.to_sdk())
        .set_load_balancers(service.load_balancers.to_sdk())
        .set_service_registries(service.service_registries.to_sdk())
        .set_health_check_grace_period_seconds(service.health_check_grace_period_seconds)
        .set_deployment_configuration(service.deployment_configuration.to_sdk())
        .set_deployment_controller(service.deployment_controller.to_sdk())
        .set_enable_execute_command(service.enable_execute_command)
        .set_enable_ecs_managed_tags(service.enable_ecs_managed_tags)
        .set_propagate_tags(service.propagate_tags.to_sdk())
        .set_availability_zone_rebalancing(service.availability_zone_rebalancing.to_sdk())
        .set_placement_constraints(service.placement_constraints.to_sdk())
        .set_placement_strategy(service.placement_strategies.to_sdk())
        .set_tags(Some(to_sdk(&service.tags)))
}

/// One UpdateService with what changes.
pub(super) async fn apply(
    service: &Service,
    cx: &Cx,
    id: &str,
    old: &Service,
    changes: &Changes,
) -> Result<Progress> {
    let mut call = cx.ecs().update_service().cluster(cluster_of(id)).service(id);
    macro_rules! changed {
        ($($name:ident => $set:ident($value:expr)),* $(,)?) => {
            $(if changes.has(stringify!($name)) {
                call = call.$set($value);
            })*
        };
    }
    changed! {
        task_definition => set_task_definition(Some(service.task_definition.clone())),
        desired_count => set_desired_count(service.desired_count),
        capacity_provider_strategy =>
            set_capacity_provider_strategy(service.capacity_provider_strategy.to_sdk()),
        platform_version => set_platform_version(service.platform_version.clone()),
        network_configuration => set_network_configuration(service.network_configuration.to_sdk()),
        // What is no longer declared is taken away by an empty list.
        load_balancers =>
            set_load_balancers(Some(service.load_balancers.to_sdk().unwrap_or_default())),
        service_registries =>
            set_service_registries(Some(service.service_registries.to_sdk().unwrap_or_default())),
        placement_constraints =>
            set_placement_constraints(Some(service.placement_constraints.to_sdk().unwrap_or_default())),
        placement_strategies =>
            set_placement_strategy(Some(service.placement_strategies.to_sdk().unwrap_or_default())),
        health_check_grace_period_seconds =>
            set_health_check_grace_period_seconds(service.health_check_grace_period_seconds),
        deployment_configuration => set_deployment_configuration(Some(configuration(service, old))),
        deployment_controller => set_deployment_controller(service.deployment_controller.to_sdk()),
        enable_execute_command => set_enable_execute_command(Some(service.enable_execute_command.unwrap_or(false))),
        enable_ecs_managed_tags =>
            set_enable_ecs_managed_tags(Some(service.enable_ecs_managed_tags.unwrap_or(false))),
        propagate_tags =>
            set_propagate_tags(service.propagate_tags.to_sdk().or(Some(PropagateTags::None))),
        availability_zone_rebalancing =>
            set_availability_zone_rebalancing(service.availability_zone_rebalancing.to_sdk()),
    }
    if forces(service, old, changes) {
        call = call.force_new_deployment(true);
    }
    let mut progress = Progress::Done;
    if changes.iter().any(|name| name != "tags") {
        let mut answer = call.clone().send().await.op("ecs:UpdateService").map_err(explain)?;
        // The plan may have been made from a late answer, which did not show yet that a deployment
        // of this definition has failed. This answer is not late, and ECS starts nothing for a
        // definition that the service has already.
        if changes.has("task_definition") && answer.service.as_ref().is_some_and(live::failed) {
            let again = call.force_new_deployment(true);
            answer = again.send().await.op("ecs:UpdateService").map_err(explain)?;
        }
        let own = answer.service.as_ref().and_then(live::own_deployment);
        progress = own.map_or(Progress::Pending, Progress::Follow);
    }
    if changes.has("tags") {
        retag(cx, id, &old.tags, &service.tags).await?;
    }
    Ok(progress)
}

fn explain(error: OpError) -> OpError {
    if error.has_code("ServiceNotActiveException") {
        return advise(error, "somebody deletes it: run `up` again once it is gone");
    }
    error
}

/// Whether ECS would not start a deployment by itself, or refuse to.
fn forces(service: &Service, old: &Service, changes: &Changes) -> bool {
    let wish = service.force_new_deployment.as_ref();
    let wished =
        changes.has("force_new_deployment") && wish.is_some_and(|f| f.enable_force_new_deployment);
    // The same definition once more, because its deployment has failed.
    let again = changes.has("task_definition") && old.task_definition.is_empty();
    wished || again || changes.has("capacity_provider_strategy")
}

/// What is no longer declared is told to be off.
fn configuration(new: &Service, old: &Service) -> SdkConfiguration {
    let wanted: Option<SdkConfiguration> = new.deployment_configuration.to_sdk();
    let mut wanted = wanted.unwrap_or_else(|| SdkConfiguration::builder().build());
    let had = old.deployment_configuration.as_ref();
    if had.is_some_and(|c| c.deployment_circuit_breaker.is_some()) {
        wanted
            .deployment_circuit_breaker
            .get_or_insert_with(|| SdkBreaker::builder().enable(false).rollback(false).build());
    }
    if had.is_some_and(|c| c.alarms.is_some()) {
        wanted.alarms.get_or_insert_with(|| {
            let off = SdkAlarms::builder().set_alarm_names(Some(Vec::new()));
            off.enable(false).rollback(false).build().expect("the list is set")
        });
    }
    wanted
}

//! A revision: the call that registers it, and what AWS tells of it.

use aws_sdk_ecs::operation::register_task_definition::builders::RegisterTaskDefinitionFluentBuilder;
use aws_sdk_ecs::types::TaskDefinition as SdkDefinition;

use super::{ContainerDefinition, LogConfiguration, TaskDefinition, TaskDefinitionOutputs};
use crate::ecs::sdk::Sdk;
use crate::ecs::shared::echo_name;
use crate::prelude::*;

/// Everything that is declared, but for family and tags.
pub(super) fn register(task: &TaskDefinition, aws: &Aws) -> RegisterTaskDefinitionFluentBuilder {
    let mut containers: Vec<ContainerDefinition> = task.container_definitions.clone();
    for container in &mut containers {
        if let Some(log) = &mut container.log_configuration {
            complete(log, aws.region());
        }
    }
    aws.ecs()
        .register_task_definition()
        .set_container_definitions(Some(containers.to_sdk()))
        .set_cpu(task.cpu.clone())
        .set_memory(task.memory.clone())
        .set_requires_compatibilities(task.requires_compatibilities.to_sdk())
        .set_network_mode(task.network_mode.to_sdk())
        .set_execution_role_arn(task.execution_role_arn.clone())
        .set_task_role_arn(task.task_role_arn.clone())
        .set_volumes(task.volumes.to_sdk())
        .set_runtime_platform(task.runtime_platform.to_sdk())
        .set_ephemeral_storage(task.ephemeral_storage.to_sdk())
        .set_placement_constraints(task.placement_constraints.to_sdk())
        .set_pid_mode(task.pid_mode.to_sdk())
        .set_ipc_mode(task.ipc_mode.to_sdk())
        .set_proxy_configuration(task.proxy_configuration.to_sdk())
        .set_enable_fault_injection(task.enable_fault_injection)
}

/// The driver must be told its region.
fn complete(log: &mut LogConfiguration, region: &str) {
    if log.log_driver == "awslogs" {
        let options = log.options.get_or_insert_default();
        options.entry("awslogs-region".into()).or_insert_with(|| region.to_owned());
    }
}

/// What the driver was told by us is not told as something that the program could take out: it
/// would be a removed property in every plan that replaces the task definition.
fn echo(live: &mut [ContainerDefinition], known: Option<&TaskDefinition>, region: &str) {
    const REGION: &str = "awslogs-region";
    for known in known.into_iter().flat_map(|k| &k.container_definitions) {
        let live = live.iter_mut().find(|c| c.name == known.name);
        let logs =
            live.and_then(|c| c.log_configuration.as_mut()).zip(known.log_configuration.as_ref());
        let Some((live, known)) = logs.filter(|(live, _)| live.log_driver == "awslogs") else {
            continue;
        };
        let declared = known.options.as_ref().is_some_and(|o| o.contains_key(REGION));
        if let Some(options) = live.options.as_mut().filter(|_| !declared)
            && options.get(REGION).is_some_and(|r| r == region)
        {
            options.remove(REGION);
            if options.is_empty() && known.options.is_none() {
                live.options = None;
            }
        }
    }
}

pub(super) fn outputs(revision: &SdkDefinition) -> TaskDefinitionOutputs {
    TaskDefinitionOutputs {
        task_definition_arn: revision.task_definition_arn.clone().unwrap_or_default(),
        family: revision.family.clone().unwrap_or_default(),
        revision: revision.revision,
    }
}

pub(super) fn live(
    revision: &SdkDefinition,
    tags: Option<Tags>,
    known: Option<&TaskDefinition>,
) -> Live<TaskDefinition> {
    let declared = |get: fn(&TaskDefinition) -> &Option<String>| known.and_then(|k| get(k).clone());
    let role = |declared: Option<String>, live: &Option<String>| {
        live.as_deref().map(|arn| echo_name(declared.as_deref(), arn))
    };
    let mut containers: Vec<ContainerDefinition> =
        revision.container_definitions.as_ref().map(Sdk::from_sdk).unwrap_or_default();
    let region = revision.task_definition_arn.as_deref().and_then(|arn| arn.split(':').nth(3));
    echo(&mut containers, known, region.unwrap_or_default());
    Live::ready(
        TaskDefinition {
            family: revision.family.clone(),
            container_definitions: containers,
            cpu: echo_amount(declared(|t| &t.cpu), text(revision.cpu.clone())),
            memory: echo_amount(declared(|t| &t.memory), text(revision.memory.clone())),
            requires_compatibilities: Sdk::from_sdk(&revision.requires_compatibilities),
            network_mode: Sdk::from_sdk(&revision.network_mode),
            execution_role_arn: role(
                declared(|t| &t.execution_role_arn),
                &revision.execution_role_arn,
            ),
            task_role_arn: role(declared(|t| &t.task_role_arn), &revision.task_role_arn),
            volumes: Sdk::from_sdk(&revision.volumes),
            runtime_platform: Sdk::from_sdk(&revision.runtime_platform),
            ephemeral_storage: Sdk::from_sdk(&revision.ephemeral_storage),
            placement_constraints: Sdk::from_sdk(&revision.placement_constraints),
            pid_mode: Sdk::from_sdk(&revision.pid_mode),
            ipc_mode: Sdk::from_sdk(&revision.ipc_mode),
            proxy_configuration: Sdk::from_sdk(&revision.proxy_configuration),
            enable_fault_injection: Some(revision.enable_fault_injection.unwrap_or(false)),
            tags,
        },
        outputs(revision),
    )
}

/// The declared spelling when it means what AWS made a plain number of.
fn echo_amount(declared: Option<String>, live: Option<String>) -> Option<String> {
    match (&declared, &live) {
        (Some(d), Some(l)) if amount(d).is_some() && amount(d) == amount(l) => declared,
        _ => live,
    }
}

/// Units of CPU or MiB: `512`, `.5 vCPU`, `1 GB`.
fn amount(text: &str) -> Option<u64> {
    let lower = text.trim().to_ascii_lowercase();
    let unit = lower.strip_suffix("vcpu").or_else(|| lower.strip_suffix("gb"));
    let Some(number) = unit else { return lower.parse().ok() };
    let number: f64 = number.trim().parse().ok()?;
    // Negative or huge numbers become ones that nothing equals but themselves.
    Some((number * 1024.0).round() as u64)
}

/// A family for what nobody gave one: the same at every run.
pub(super) fn family(project: &str, stack: &str, short: &str) -> String {
    /// Most characters of a family.
    const MAX: usize = 255;
    let mut family = String::new();
    for c in format!("{project}-{stack}-{short}").chars() {
        let c = if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        if !(c == '-' && family.ends_with('-')) && family.len() < MAX {
            family.push(c);
        }
    }
    family
}

/// The family in a revision's ARN, or in `FAMILY:REVISION`.
pub(crate) fn family_of(arn: &str) -> &str {
    let name = crate::ecs::shared::last(arn);
    name.rsplit_once(':').map_or(name, |(family, _)| family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_several_spellings() {
        assert_eq!(
            (amount("512"), amount(".5 vCPU"), amount("0.5vcpu")),
            (Some(512), Some(512), Some(512))
        );
        assert_eq!((amount("2 GB"), amount("x GB"), amount("")), (Some(2048), None, None));
        let echo = |d: &str, l: &str| echo_amount(Some(d.into()), Some(l.into())).unwrap();
        assert_eq!(echo("1 vCPU", "1024"), "1 vCPU");
        assert_eq!(echo("1 vCPU", "512"), "512");
        assert_eq!(echo_amount(None, Some("512".into())).as_deref(), Some("512"));
    }

    #[test]
    fn a_family_is_one_of_letters_digits_hyphens_and_underscores() {
        assert_eq!(family("shop", "prod", "web/api.v2"), "shop-prod-web-api-v2");
        assert_eq!(family("a", "b", &"x".repeat(300)).len(), 255);
        assert_eq!(family_of("arn:aws:ecs:eu-central-1:1:task-definition/web:12"), "web");
        assert_eq!((family_of("web:3"), family_of("web")), ("web", "web"));
    }

    #[test]
    fn only_awslogs_is_told_its_region_and_only_where_it_is_missing() {
        let log = |json| serde_json::from_value::<LogConfiguration>(json).unwrap();
        let region = |mut log: LogConfiguration| {
            complete(&mut log, "eu-central-1");
            log.options.and_then(|o| o.get("awslogs-region").cloned())
        };
        let plain = serde_json::json!({"log_driver": "awslogs"});
        assert_eq!(region(log(plain)).as_deref(), Some("eu-central-1"));
        let own = serde_json::json!({"log_driver": "awslogs", "options": {"awslogs-region": "us-east-1"}});
        assert_eq!(region(log(own)).as_deref(), Some("us-east-1"));
        assert_eq!(region(log(serde_json::json!({"log_driver": "gelf"}))), None);
    }

    #[test]
    fn the_region_that_we_told_the_driver_is_not_told_back() {
        let task = |log: serde_json::Value| -> TaskDefinition {
            let container =
                serde_json::json!({"name": "web", "image": "i", "log_configuration": log});
            let task = serde_json::json!({"family": "web", "container_definitions": [container]});
            serde_json::from_value(task).unwrap()
        };
        let told = |known: &TaskDefinition, region: &str| {
            let options = serde_json::json!({"awslogs-group": "g", "awslogs-region": region});
            let log = serde_json::json!({"log_driver": "awslogs", "options": options});
            let mut live = task(log).container_definitions;
            echo(&mut live, Some(known), "eu-central-1");
            live.remove(0)
                .log_configuration
                .unwrap()
                .options
                .unwrap()
                .contains_key("awslogs-region")
        };
        let silent =
            serde_json::json!({"log_driver": "awslogs", "options": {"awslogs-group": "g"}});
        let own = serde_json::json!({"log_driver": "awslogs", "options": {"awslogs-region": "x"}});
        assert!(!told(&task(silent.clone()), "eu-central-1"));
        assert!(told(&task(silent), "us-east-1"), "somebody else's");
        assert!(told(&task(own), "eu-central-1"));
    }
}

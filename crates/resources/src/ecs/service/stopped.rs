//! Why the tasks of a deployment stopped: what the deployment's own reason does not tell.
//!
//! The words are those of
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{DesiredStatus, Service as SdkService, Task};

use super::cluster_of;
use super::live::is_definition;
use crate::prelude::*;

/// Most tasks of one page, and of one description.
const PAGE: i32 = 100;
/// Most reasons that are told.
const MOST: usize = 3;
/// What ECS stops because fewer tasks are wanted has not failed.
const WANTED: &str = "Scaling activity initiated by";

/// What to add to the reason of a deployment that failed: why its tasks stopped, the most frequent
/// reasons first. ECS tells of tasks for an hour after they stopped; empty when it knows none.
///
/// That the deployment failed is known without it, so that nothing here is an error.
pub(super) async fn reasons(aws: &Aws, service: &SdkService, wanted: Option<&str>) -> String {
    let tasks = stopped(aws, service).await.unwrap_or_default();
    let of_ours = |task: &&Task| {
        let definition = task.task_definition_arn().unwrap_or_default();
        wanted.is_none_or(|wanted| is_definition(wanted, definition))
    };
    in_words(tasks.iter().filter(of_ours))
}

async fn stopped(aws: &Aws, service: &SdkService) -> Result<Vec<Task>> {
    let cluster = cluster_of(service.service_arn().unwrap_or_default());
    let call = aws
        .ecs()
        .list_tasks()
        .cluster(&cluster)
        .set_service_name(service.service_name.clone())
        .desired_status(DesiredStatus::Stopped)
        .max_results(PAGE);
    // The newest ones; more would say nothing else.
    let arns = call.send().await.op("ecs:ListTasks")?.task_arns.unwrap_or_default();
    if arns.is_empty() {
        return Ok(Vec::new());
    }
    let call = aws.ecs().describe_tasks().cluster(cluster).set_tasks(Some(arns));
    Ok(call.send().await.op("ecs:DescribeTasks")?.tasks.unwrap_or_default())
}

fn in_words<'t>(tasks: impl Iterator<Item = &'t Task>) -> String {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for reason in tasks.filter_map(reason) {
        *counted.entry(reason).or_default() += 1;
    }
    let mut all: Vec<(String, usize)> = counted.into_iter().collect();
    all.sort_by_key(|(_, tasks)| std::cmp::Reverse(*tasks));
    let line = |(reason, tasks): &(String, usize)| {
        let noun = if *tasks == 1 { "task" } else { "tasks" };
        format!("\n  {tasks} {noun} stopped: {reason}")
    };
    all.iter().take(MOST).map(line).collect()
}

/// The task's own reason, and what its containers say beyond it.
fn reason(task: &Task) -> Option<String> {
    let own = task.stopped_reason().unwrap_or_default();
    if own.starts_with(WANTED) {
        return None;
    }
    let containers = task.containers().iter().filter_map(|container| {
        let name = container.name().unwrap_or_default();
        match (container.reason(), container.exit_code()) {
            (Some(reason), _) if !own.contains(reason) => Some(format!("`{name}`: {reason}")),
            (None, Some(code)) if code != 0 => Some(format!("`{name}` ended with code {code}")),
            _ => None,
        }
    });
    let parts: Vec<String> =
        Some(own.to_owned()).filter(|own| !own.is_empty()).into_iter().chain(containers).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::Container;

    use super::*;

    fn task(reason: &str, container: Container) -> Task {
        Task::builder().stopped_reason(reason).containers(container).build()
    }

    #[test]
    fn the_most_frequent_reason_comes_first() {
        let container = || Container::builder().name("web");
        let ended = || {
            let container = container().exit_code(137).reason("OutOfMemoryError: killed").build();
            task("Essential container in task exited", container)
        };
        let pull = "CannotPullContainerError: no such image";
        let tasks = [
            task("Scaling activity initiated by (deployment ecs-svc/1)", container().build()),
            task(pull, container().reason(pull).build()),
            ended(),
            ended(),
            task("Essential container in task exited", container().exit_code(1).build()),
        ];
        assert_eq!(
            in_words(tasks.iter()),
            "\n  2 tasks stopped: Essential container in task exited; `web`: OutOfMemoryError: killed\
             \n  1 task stopped: CannotPullContainerError: no such image\
             \n  1 task stopped: Essential container in task exited; `web` ended with code 1"
        );
        assert_eq!(in_words([].iter()), "");
    }
}

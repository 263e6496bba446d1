//! `AWS::ECS::TaskDefinition`.

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{
    TaskDefinition as SdkDefinition, TaskDefinitionField, TaskDefinitionStatus,
};
use ferrocrete_core::Stack;
use ferrocrete_resources::ecs::{ContainerDefinition, LogConfiguration, TaskDefinition};
use serde_json::{Value, json};

use super::{patched, tag};
use crate::world::{World, changed, replacing};

pub(super) const ROLE: &str = "arn:aws:iam::123456789012:role/exec";
pub(super) const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf";

/// A task for Fargate with two containers, with everything that Fargate takes.
pub(super) fn fargate() -> Value {
    serde_json::from_str(include_str!("fargate.json")).unwrap()
}

/// A task for container instances, with what Fargate does not take.
pub(super) fn ec2() -> Value {
    serde_json::from_str(include_str!("ec2.json")).unwrap()
}

pub(super) fn program(task: Value) -> impl Fn(&Stack) {
    move |stack| {
        let task: TaskDefinition = serde_json::from_value(task.clone()).unwrap();
        stack.add("web", task);
    }
}

pub(super) async fn live(ecs: &Client, arn: &str) -> SdkDefinition {
    let call = ecs.describe_task_definition().task_definition(arn);
    call.send().await.unwrap().task_definition.unwrap()
}

pub(super) async fn owner(ecs: &Client, arn: &str) -> Option<String> {
    let call = ecs.describe_task_definition().task_definition(arn);
    let answer = call.include(TaskDefinitionField::Tags).send().await.unwrap();
    tag(answer.tags(), "owner").map(str::to_owned)
}

pub(super) fn is_active(definition: &SdkDefinition) -> bool {
    definition.status() == Some(&TaskDefinitionStatus::Active)
}

#[tokio::test]
async fn every_change_is_a_new_revision() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    world.up(program(fargate())).await;
    let newer = patched(fargate(), "container_definitions/0/image", json!("nginx:1.28"));
    let (before, after) =
        world.replaces(program(newer.clone()), "web", &["container_definitions"]).await;
    assert!(
        before.ends_with(":task-definition/test-dev-web:1") || before.ends_with("/test-dev-web:1")
    );
    assert!(after.ends_with("/test-dev-web:2"), "the same family: {after}");
    let (old, new) = (live(&ecs, &before).await, live(&ecs, &after).await);
    assert!(!is_active(&old) && is_active(&new));
    assert_eq!(new.container_definitions()[0].image(), Some("nginx:1.28"));
    // The new one was there before the old one went.
    let calls = world.account.calls().await.unwrap().calls;
    let place = |op: &str| calls.iter().rposition(|c| c.operation == op).unwrap();
    assert!(place("RegisterTaskDefinition") < place("DeregisterTaskDefinition"));

    // What is no longer declared is a change, too.
    let silent = patched(newer, "container_definitions/0/command", Value::Null);
    let (_, third) = world.replaces(program(silent), "web", &["container_definitions"]).await;
    let third = live(&ecs, &third).await;
    assert!(third.container_definitions()[0].command().is_empty());
    assert_eq!(third.revision(), 3);
}

/// Every property with another value; planned only.
#[tokio::test]
async fn each_property_replaces() {
    let world = World::new().await;
    world.up(program(fargate())).await;
    let container = |name: &str| format!("container_definitions/0/{name}");
    let changes = [
        ("family".to_owned(), json!("other")),
        ("cpu".into(), json!("1024")),
        ("memory".into(), json!("2048")),
        ("requires_compatibilities".into(), json!(["FARGATE", "EC2"])),
        ("network_mode".into(), json!("bridge")),
        ("execution_role_arn".into(), json!("arn:aws:iam::123456789012:role/other")),
        ("task_role_arn".into(), Value::Null),
        ("runtime_platform/cpu_architecture".into(), json!("X86_64")),
        ("ephemeral_storage/size_in_gib".into(), json!(50)),
        ("ephemeral_storage".into(), Value::Null),
        ("pid_mode".into(), Value::Null),
        ("ipc_mode".into(), json!("task")),
        ("enable_fault_injection".into(), json!(false)),
        ("placement_constraints".into(), json!([{"type": "memberOf", "expression": "x"}])),
        ("proxy_configuration".into(), json!({"container_name": "app"})),
        ("volumes/1/efs_volume_configuration/root_directory".into(), json!("/other")),
        ("volumes/1/efs_volume_configuration/authorization_config/iam".into(), json!("DISABLED")),
        (container("name"), json!("web")),
        (container("cpu"), json!(128)),
        (container("memory"), Value::Null),
        (container("memory_reservation"), json!(600)),
        (container("essential"), json!(false)),
        (container("port_mappings/0/container_port"), json!(8001)),
        (container("port_mappings/0/name"), Value::Null),
        (container("environment/ENVIRONMENT"), json!("staging")),
        (container("environment/MINUTES"), Value::Null),
        (container("secrets/KEY"), json!(SECRET)),
        (container("secrets"), Value::Null),
        (container("environment_files"), Value::Null),
        (container("entry_point"), json!(["/bin/sh"])),
        (container("command"), json!(["serve"])),
        (container("working_directory"), json!("/")),
        (container("user"), json!("root")),
        (container("log_configuration/options/awslogs-group"), json!("/ecs/other")),
        (container("log_configuration/options/awslogs-region"), json!("us-east-1")),
        (container("health_check/retries"), json!(5)),
        (container("health_check"), Value::Null),
        (container("depends_on/0/condition"), json!("COMPLETE")),
        (container("restart_policy/enabled"), json!(false)),
        (container("start_timeout"), json!(30)),
        (container("stop_timeout"), Value::Null),
        (container("readonly_root_filesystem"), json!(false)),
        (container("mount_points/1/read_only"), json!(false)),
        (container("volumes_from"), Value::Null),
        (container("linux_parameters/capabilities/drop"), json!(["ALL"])),
        (container("linux_parameters/init_process_enabled"), json!(false)),
        (container("ulimits/0/hard_limit"), json!(9000)),
        (container("system_controls/net.core.somaxconn"), json!("2048")),
        (container("repository_credentials"), Value::Null),
        (container("version_consistency"), json!("enabled")),
        (container("docker_labels/team"), json!("api")),
        (container("interactive"), json!(false)),
        (container("pseudo_terminal"), json!(false)),
        (container("credential_specs"), json!([])),
    ];
    for (path, value) in changes {
        let plan = world.plan(program(patched(fargate(), &path, value))).await;
        let property = path.split('/').next().unwrap();
        assert_eq!(changed(&plan, "web"), [property].into(), "{path}");
        assert_eq!(replacing(&plan, "web"), [property].into(), "{path}");
    }
}

#[tokio::test]
async fn what_means_the_same_is_no_change() {
    let world = World::new().await;
    let other_words = patched(fargate(), "cpu", json!(".5 vCPU"));
    let other_words = patched(other_words, "memory", json!("1 GB"));
    world.up(program(other_words.clone())).await;
    let mut turned = other_words;
    for list in
        ["volumes", "container_definitions/0/mount_points", "container_definitions/0/port_mappings"]
    {
        let list = turned.pointer_mut(&format!("/{list}")).unwrap();
        list.as_array_mut().unwrap().reverse();
    }
    assert!(world.up(program(turned)).await.is_empty());
}

#[tokio::test]
async fn tags_change_in_place() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    world.up(program(fargate())).await;
    let arn = world.id("web").await;
    let foreign = aws_sdk_ecs::types::Tag::builder().key("cost").value("7").build();
    ecs.tag_resource().resource_arn(&arn).tags(foreign).send().await.unwrap();
    let ben = patched(fargate(), "tags/owner", json!("ben"));
    world.updates(program(ben), "web", &["tags"]).await;
    assert_eq!(owner(&ecs, &arn).await.as_deref(), Some("ben"));
    let none = patched(fargate(), "tags", Value::Null);
    world.updates(program(none), "web", &["tags"]).await;
    let call = ecs.list_tags_for_resource().resource_arn(&arn).send().await.unwrap();
    assert_eq!((tag(call.tags(), "owner"), tag(call.tags(), "cost")), (None, Some("7")));
    assert_eq!(world.count("ecs:RegisterTaskDefinition").await, 1);
}

#[tokio::test]
async fn one_that_somebody_deregistered_is_registered_again() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    world.up(program(fargate())).await;
    let arn = world.id("web").await;
    ecs.deregister_task_definition().task_definition(&arn).send().await.unwrap();
    assert_eq!(world.up(program(fargate())).await, ["create web"]);
    let now = world.id("web").await;
    assert!(now.ends_with(":2") && is_active(&live(&ecs, &now).await));
    // Even one of which nothing is left.
    ecs.deregister_task_definition().task_definition(&now).send().await.unwrap();
    ecs.delete_task_definitions().task_definitions(&now).send().await.unwrap();
    world.up(program(fargate())).await;
    world.destroy().await;
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(fargate()), "web", "ecs:RegisterTaskDefinition").await;
}

#[tokio::test]
async fn is_found_again_among_others_of_its_family() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    world.killed(program(ec2()), "web", 1).await;
    let other = aws_sdk_ecs::types::ContainerDefinition::builder().name("x").image("y").memory(64);
    ecs.register_task_definition()
        .family("batch")
        .container_definitions(other.build())
        .send()
        .await
        .unwrap();
    world.up(program(ec2())).await;
    assert!(world.id("web").await.ends_with("/batch:1"), "ours, not the newest");
    assert_eq!(world.count("ecs:RegisterTaskDefinition").await, 2, "ours and theirs");
    world.destroy().await;
    assert!(is_active(&live(&ecs, "batch:2").await), "not ours to deregister");
}

#[tokio::test]
async fn logs_go_where_the_constructor_says() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    let program = |stack: &Stack| {
        let group = ferrocrete_resources::logs::LogGroup::builder().log_group_name("/ecs/web");
        let group = stack.add("logs", group);
        let container = ContainerDefinition::builder()
            .name("web")
            .image("nginx:1.27")
            .environment([("A", "b")])
            .log_configuration(LogConfiguration::awslogs(&group.log_group_name, "web"));
        stack.add(
            "web",
            TaskDefinition::builder()
                .requires_compatibilities(["FARGATE"])
                .network_mode("awsvpc")
                .cpu("256")
                .memory("512")
                .execution_role_arn(ROLE)
                .container_definitions([container]),
        );
    };
    world.up(program).await;
    let task = live(&ecs, &world.id("web").await).await;
    let log = task.container_definitions()[0].log_configuration().unwrap();
    let options = log.options().unwrap();
    assert_eq!(log.log_driver().as_str(), "awslogs");
    assert_eq!(options["awslogs-group"], "/ecs/web");
    assert_eq!(options["awslogs-stream-prefix"], "web");
    assert_eq!(options["awslogs-region"], "eu-central-1");
}

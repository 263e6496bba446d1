//! Deployments of services: those that fail, are rolled back or hang, and what helps then.

use std::time::Duration;

use ferrocrete_core::error::ErrorKind;
use ferrocrete_core::program::Timeouts;
use ferrocrete_core::{Options, Stack};
use ferrocrete_resources::ecs::{
    Cluster, ContainerDefinition, DeploymentCircuitBreaker, DeploymentConfiguration, Service,
    TaskDefinition,
};
use ferrocrete_sandbox::{Config, Slow, Unkind};
use serde_json::{Value, json};

use super::ground::{Ground, program, with};
use super::patched;
use crate::world::{World, changes};

/// A task definition and the service that runs it.
fn shop(image: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        let cluster = stack.add("main", Cluster::builder());
        let container = ContainerDefinition::builder().name("app").image(image).memory(64);
        let task = TaskDefinition::builder().container_definitions([container]);
        let task = stack.add("web", task);
        let rolling = DeploymentConfiguration::builder()
            .deployment_circuit_breaker(DeploymentCircuitBreaker::with_rollback());
        stack.add(
            "shop",
            Service::builder()
                .cluster(&cluster.cluster_name)
                .task_definition(&task.task_definition_arn)
                .desired_count(2)
                .deployment_configuration(rolling),
        );
    }
}

/// The error of an `up` in which one thing fails.
async fn fails(world: &World, program: impl Fn(&Stack)) -> String {
    let (_, report) = world.try_up(program).await.unwrap();
    assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
    report.failures[0].error.message.clone()
}

#[tokio::test]
async fn a_new_image_goes_through_both() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    world.up(shop("nginx:1")).await;
    let (service, before) = (world.id("shop").await, world.id("web").await);
    let plan = world.plan(shop("nginx:2")).await;
    let mut steps = changes(&plan);
    steps.sort();
    assert_eq!(steps, ["delete replaced web", "replace web", "update shop"]);
    world.up(shop("nginx:2")).await;
    assert_eq!(world.id("shop").await, service);
    let after = world.id("web").await;
    let call = ecs.describe_services().cluster(world.id("main").await).services(&service);
    let found = call.send().await.unwrap().services.unwrap().remove(0);
    assert_eq!(found.task_definition(), Some(after.as_str()));
    assert_eq!((found.running_count(), found.deployments().len()), (2, 1));
    // The old revision goes when nothing runs it any more.
    let old = ecs.describe_task_definition().task_definition(&before).send().await.unwrap();
    assert_eq!(old.task_definition().unwrap().status().unwrap().as_str(), "INACTIVE");
    world.destroy().await;
}

#[tokio::test]
async fn a_rollback_is_a_failure_with_its_reason() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    world.up(shop("nginx:1")).await;
    let (service, good) = (world.id("shop").await, world.id("web").await);
    let why = fails(&world, shop("nginx:does-not-start")).await;
    // What a person needs to know: which image is not there.
    let pull = "3 tasks stopped: CannotPullContainerError";
    assert!(why.contains(pull) && why.contains("nginx:does-not-start"), "{why}");
    assert!(why.contains("circuit breaker"), "{why}");
    let cluster = world.id("main").await;
    let found = async || {
        let call = ecs.describe_services().cluster(&cluster).services(&service);
        call.send().await.unwrap().services.unwrap().remove(0)
    };
    while found().await.deployments().len() > 1 {
        tokio::task::yield_now().await;
    }
    // The old one runs, so its revision must be there still.
    assert_eq!(found().await.task_definition(), Some(good.as_str()));
    assert_eq!(found().await.running_count(), 2);
    let old = ecs.describe_task_definition().task_definition(&good).send().await.unwrap();
    assert_eq!(old.task_definition().unwrap().status().unwrap().as_str(), "ACTIVE");

    // Once more the same: it is tried, and fails, again.
    let why = fails(&world, shop("nginx:does-not-start")).await;
    assert!(why.contains("circuit breaker"), "{why}");
    // Another one helps, in place.
    world.up(shop("nginx:2")).await;
    assert_eq!(world.id("shop").await, service);
    assert_eq!(found().await.task_definition(), Some(world.id("web").await.as_str()));
    assert_eq!(world.count("ecs:CreateService").await, 1);
    world.destroy().await;
}

#[tokio::test]
async fn a_rollback_that_was_over_before_the_first_look_is_seen() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    world.up(program(ground.service())).await;
    let arn = world.id("api").await;
    // Nothing takes a while any more, and all is shown as it is.
    let unkind = Unkind { ecs_stale: Duration::ZERO, ..Unkind::tests() };
    let config = Config { slow: Some(Slow::none()), ..Config::unkind(unkind) };
    world.account.configure(config).await.unwrap();
    let broken = patched(ground.service(), "task_definition", json!("web:3"));
    let why = fails(&world, program(broken)).await;
    assert!(why.contains("circuit breaker") && why.contains("CannotPullContainerError"), "{why}");
    let service = ground.live(&arn).await;
    assert_eq!(service.deployments().len(), 1);
    assert!(service.task_definition().unwrap().ends_with("/web:1"));
    assert!(world.count("ecs:ListServiceDeployments").await > 0);
    // Back to what runs: nothing is deployed for that.
    let deployments = ground.ecs().list_service_deployments().cluster("main").service(&arn);
    let before = deployments.clone().send().await.unwrap().service_deployments.unwrap().len();
    world.up(program(ground.service())).await;
    let after = deployments.send().await.unwrap().service_deployments.unwrap().len();
    assert_eq!(before, after);
}

fn without_rollback(service: Value) -> Value {
    patched(service, "deployment_configuration/deployment_circuit_breaker/rollback", json!(false))
}

/// Two times `up` with a service whose tasks do not start.
async fn each_up_tries(world: &World, ground: &Ground, arn: &str, broken: &Value) {
    for attempt in 1..=2 {
        let why = fails(world, program(broken.clone())).await;
        assert!(why.contains("tasks failed to start"), "{why}");
        let history = ground.ecs().list_service_deployments().cluster("main").service(arn);
        let history = history.send().await.unwrap().service_deployments.unwrap();
        assert_eq!(history.len(), 1 + attempt, "each `up` tries it");
    }
}

#[tokio::test]
async fn what_failed_without_rollback_is_deployed_again() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let first = without_rollback(ground.service());
    world.up(program(first.clone())).await;
    let arn = world.id("api").await;
    let broken = patched(first.clone(), "task_definition", json!("web:3"));
    each_up_tries(&world, &ground, &arn, &broken).await;
    let other = patched(first, "task_definition", json!("web:2"));
    assert_eq!(world.up(program(other)).await, ["update api"], "it is not replaced");
    let service = ground.live(&arn).await;
    assert!(service.task_definition().unwrap().ends_with("/web:2"));
    assert_eq!(service.running_count(), 2);
}

#[tokio::test]
async fn what_failed_is_deployed_again_although_the_failure_is_not_shown_yet() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let first = without_rollback(ground.service());
    world.up(program(first.clone())).await;
    let arn = world.id("api").await;
    for shown_as_before in [Duration::ZERO, Duration::from_secs(600)] {
        let unkind = Unkind { ecs_stale: shown_as_before, ..Unkind::tests() };
        world.account.configure(Config::unkind(unkind)).await.unwrap();
    }
    let broken = patched(first, "task_definition", json!("web:3"));
    each_up_tries(&world, &ground, &arn, &broken).await;
}

#[tokio::test]
async fn a_first_deployment_that_failed_is_mended_in_place() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let broken = patched(ground.service(), "task_definition", json!("web:3"));
    let why = fails(&world, program(broken)).await;
    assert!(why.contains("tasks failed to start"), "{why}");
    let arn = world.id("api").await;
    assert_eq!(world.up(program(ground.service())).await, ["update api"]);
    assert_eq!(world.id("api").await, arn);
    assert_eq!(ground.live(&arn).await.running_count(), 2);
    assert_eq!(world.count("ecs:CreateService").await, 1);
}

#[tokio::test]
async fn a_deployment_that_hangs_is_not_waited_for_before_the_next() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let place = "deployment_configuration/deployment_circuit_breaker";
    let first = patched(ground.service(), place, Value::Null);
    world.up(program(first.clone())).await;
    let arn = world.id("api").await;
    let hurried = || {
        Options::new()
            .timeouts(Timeouts { update: Some(Duration::from_secs(1)), ..Timeouts::default() })
    };
    let hangs = patched(first.clone(), "task_definition", json!("web:3"));
    let (_, report) = world.try_up(with(hangs, hurried())).await.unwrap();
    assert_eq!(report.failures[0].error.kind, ErrorKind::TimedOut);
    let helps = patched(first, "task_definition", json!("web:2"));
    assert_eq!(world.up(with(helps, hurried())).await, ["update api"]);
    assert_eq!(ground.live(&arn).await.running_count(), 2);
}

#[tokio::test]
async fn what_others_deploy_is_theirs_when_the_program_says_so() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let theirs = || Options::new().ignore_changes(["task_definition"]);
    world.up(with(ground.service(), theirs())).await;
    let arn = world.id("api").await;
    let deploy = async |definition: &str| {
        let call = ground.ecs().update_service().cluster("main").service(&arn);
        call.task_definition(definition).send().await.unwrap();
        while ground.live(&arn).await.deployments().len() > 1 {
            tokio::task::yield_now().await;
        }
    };
    deploy("web:2").await;
    let more = patched(ground.service(), "desired_count", json!(3));
    world.updates(with(more, theirs()), "api", &["desired_count"]).await;
    // Theirs failed, which is no failure of ours.
    deploy("web:3").await;
    world.updates(with(ground.service(), theirs()), "api", &["desired_count"]).await;
    let service = ground.live(&arn).await;
    assert!(service.task_definition().unwrap().ends_with("/web:2"));
    assert_eq!(service.running_count(), 2);
}

#[tokio::test]
async fn a_nonce_starts_a_deployment() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    world.up(program(ground.service())).await;
    let arn = world.id("api").await;
    let before = ground.live(&arn).await.deployments()[0].id().map(str::to_owned);
    let force = |nonce: &str| {
        let force =
            json!({"enable_force_new_deployment": true, "force_new_deployment_nonce": nonce});
        program(patched(ground.service(), "force_new_deployment", force))
    };
    world.updates(force("one"), "api", &["force_new_deployment"]).await;
    let first = ground.live(&arn).await.deployments()[0].id().map(str::to_owned);
    world.updates(force("two"), "api", &["force_new_deployment"]).await;
    let second = ground.live(&arn).await.deployments()[0].id().map(str::to_owned);
    assert!(before != first && first != second);
}

#[tokio::test]
async fn many_services_are_read_in_few_calls() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let program = |stack: &Stack| {
        for n in 0..11 {
            let cluster = if n == 10 { "other" } else { "main" };
            let service = json!({
                "cluster": cluster, "task_definition": "web:1", "launch_type": "FARGATE",
                "network_configuration": {"awsvpc_configuration": {"subnets": ground.subnets}},
            });
            let service: Service = serde_json::from_value(service).unwrap();
            stack.add(&format!("s{n}"), service);
        }
    };
    world.up(program).await;
    let before = world.count("ecs:DescribeServices").await;
    world.plan(program).await;
    assert_eq!(world.count("ecs:DescribeServices").await - before, 2, "one for each cluster");
}

#[tokio::test]
async fn a_target_group_without_listener_says_what_to_do() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let elb = world.aws().await.elasticloadbalancingv2().clone();
    let call = elb.create_target_group().name("lonely").vpc_id(&ground.vpc).port(80);
    let made = call.protocol("TCP".into()).send().await.unwrap().target_groups.unwrap();
    let lonely = json!(made[0].target_group_arn().unwrap());
    let service = patched(ground.service(), "load_balancers/0/target_group_arn", lonely);
    let why = fails(&world, program(service)).await;
    assert!(why.contains("depend on the listener"), "{why}");
}

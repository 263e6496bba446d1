//! `AWS::ECS::Service`.

use std::time::Duration;

use aws_sdk_ecs::types::Service as SdkService;
use ferrocrete_core::Options;
use ferrocrete_sandbox::Config;
use serde_json::{Value, json};

use super::ground::{Ground, program, with};
use super::{patched, tag};
use crate::world::{World, changed, replacing};

fn strategy(service: &SdkService) -> Vec<(&str, i32, i32)> {
    let all = service.capacity_provider_strategy().iter();
    all.map(|item| (item.capacity_provider(), item.weight, item.base)).collect()
}

#[tokio::test]
async fn is_made_as_declared() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    assert_eq!(world.up(program(ground.service())).await, ["create api"]);
    let arn = world.id("api").await;
    let service = ground.live(&arn).await;
    assert_eq!((service.status(), service.service_name()), (Some("ACTIVE"), Some("web")));
    assert!(service.cluster_arn().unwrap().ends_with("/main"));
    assert!(service.task_definition().unwrap().ends_with("/web:1"));
    assert_eq!((service.desired_count(), service.running_count()), (2, 2), "waited for");
    let rollout = service.deployments()[0].rollout_state().unwrap();
    assert_eq!(rollout.as_str(), "COMPLETED", "waited for");
    assert_eq!(service.launch_type().unwrap().as_str(), "FARGATE");
    assert_eq!(service.platform_version(), Some("1.4.0"));
    let network = service.network_configuration().unwrap().awsvpc_configuration().unwrap();
    assert_eq!(
        (network.subnets(), network.security_groups()),
        (&ground.subnets[..1], &ground.groups[..1])
    );
    assert_eq!(network.assign_public_ip().unwrap().as_str(), "ENABLED");
    let balancer = &service.load_balancers()[0];
    assert_eq!(balancer.target_group_arn(), Some(ground.targets[0].as_str()));
    assert_eq!((balancer.container_name(), balancer.container_port()), (Some("app"), Some(80)));
    let registry = &service.service_registries()[0];
    assert!(registry.registry_arn().unwrap().ends_with("srv-1"));
    assert_eq!(registry.port(), Some(80));
    assert_eq!(service.health_check_grace_period_seconds(), Some(45));
    let deployment = service.deployment_configuration().unwrap();
    assert_eq!(deployment.maximum_percent(), Some(150));
    assert_eq!(deployment.minimum_healthy_percent(), Some(50));
    let breaker = deployment.deployment_circuit_breaker().unwrap();
    assert!(breaker.enable() && breaker.rollback());
    let alarms = deployment.alarms().unwrap();
    assert_eq!(alarms.alarm_names(), ["slow", "broken"]);
    assert!(alarms.enable() && alarms.rollback());
    assert!(service.enable_execute_command() && service.enable_ecs_managed_tags());
    assert_eq!(service.propagate_tags().unwrap().as_str(), "SERVICE");
    assert_eq!(service.availability_zone_rebalancing().unwrap().as_str(), "ENABLED");
    assert_eq!(service.scheduling_strategy().unwrap().as_str(), "REPLICA");
    assert_eq!(tag(service.tags(), "owner"), Some("anna"));
    assert_eq!(Some(world.output("api", "service_arn").await.as_str()), service.service_arn());
    assert_eq!(world.output("api", "cluster_name").await, "main");
    assert_eq!(world.output("api", "resource_id").await, "service/main/web");

    world.destroy().await;
    assert_eq!(ground.live(&arn).await.status(), Some("INACTIVE"), "drained");
}

#[tokio::test]
async fn what_others_set_stays_where_nothing_is_declared() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let bare = json!({
        "cluster": "main", "task_definition": "web:1", "launch_type": "FARGATE",
        "network_configuration": {"awsvpc_configuration": {"subnets": ground.subnets}},
    });
    world.up(program(bare.clone())).await;
    let arn = world.id("api").await;
    assert_eq!(ground.live(&arn).await.desired_count(), 1, "what CloudFormation does, too");
    // Application Auto Scaling has its way.
    let scale = ground.ecs().update_service().cluster("main").service(&arn);
    scale.desired_count(5).send().await.unwrap();
    assert!(world.up(program(bare.clone())).await.is_empty());
    let newer = patched(bare, "task_definition", json!("web:2"));
    world.updates(program(newer), "api", &["task_definition"]).await;
    let service = ground.live(&arn).await;
    assert_eq!((service.desired_count(), service.running_count()), (5, 5));
}

#[tokio::test]
async fn a_declared_count_may_be_a_start_only() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let scaled = || Options::new().ignore_changes(["desired_count"]);
    world.up(with(ground.service(), scaled())).await;
    let arn = world.id("api").await;
    let scale = ground.ecs().update_service().cluster("main").service(&arn);
    scale.desired_count(5).send().await.unwrap();
    assert!(world.up(with(ground.service(), scaled())).await.is_empty());
    let newer = patched(ground.service(), "task_definition", json!("web:2"));
    world.updates(with(newer.clone(), scaled()), "api", &["task_definition"]).await;
    assert_eq!(ground.live(&arn).await.desired_count(), 5);
    // Without the option it is drift.
    let plan = world.plan(program(newer)).await;
    assert_eq!(changed(&plan, "api"), ["desired_count"].into());
}

#[tokio::test]
async fn capacity_providers() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let launched = ground.service();
    world.up(program(launched.clone())).await;
    let arn = world.id("api").await;
    let spot = json!([
        {"capacity_provider": "FARGATE", "weight": 1, "base": 1},
        {"capacity_provider": "FARGATE_SPOT", "weight": 3},
    ]);
    let moved = patched(launched, "launch_type", Value::Null);
    let moved = patched(moved, "capacity_provider_strategy", spot);
    world.updates(program(moved.clone()), "api", &["capacity_provider_strategy"]).await;
    let service = ground.live(&arn).await;
    assert_eq!(strategy(&service), [("FARGATE", 1, 1), ("FARGATE_SPOT", 3, 0)]);
    assert_eq!(service.launch_type(), None);
    let other = patched(moved, "capacity_provider_strategy/1/weight", json!(4));
    world.updates(program(other), "api", &["capacity_provider_strategy"]).await;
    assert_eq!(strategy(&ground.live(&arn).await)[1], ("FARGATE_SPOT", 4, 0));
    assert_eq!(world.count("ecs:CreateService").await, 1);
}

#[tokio::test]
async fn placement_on_container_instances() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let placed = json!({
        "cluster": "main", "task_definition": "web:1", "desired_count": 1, "launch_type": "EC2",
        "scheduling_strategy": "REPLICA",
        "network_configuration": {"awsvpc_configuration": {"subnets": ground.subnets}},
        "placement_constraints": [{"type": "memberOf", "expression": "attribute:x == y"}],
        "placement_strategies": [
            {"type": "spread", "field": "attribute:ecs.availability-zone"},
            {"type": "binpack", "field": "memory"},
        ],
    });
    world.up(program(placed.clone())).await;
    let arn = world.id("api").await;
    let service = ground.live(&arn).await;
    assert_eq!(service.launch_type().unwrap().as_str(), "EC2");
    let constraint = &service.placement_constraints()[0];
    assert_eq!(constraint.r#type().unwrap().as_str(), "memberOf");
    assert_eq!(constraint.expression(), Some("attribute:x == y"));
    let strategies: Vec<_> = service
        .placement_strategy()
        .iter()
        .map(|s| (s.r#type().unwrap().as_str(), s.field().unwrap()))
        .collect();
    assert_eq!(strategies, [("spread", "attribute:ecs.availability-zone"), ("binpack", "MEMORY")]);

    let other = patched(placed.clone(), "placement_strategies/1/field", json!("cpu"));
    world.updates(program(other), "api", &["placement_strategies"]).await;
    assert_eq!(ground.live(&arn).await.placement_strategy()[1].field(), Some("CPU"));
    let freer = patched(placed, "placement_constraints", Value::Null);
    let freer = patched(freer, "placement_strategies", Value::Null);
    world.updates(program(freer), "api", &["placement_constraints", "placement_strategies"]).await;
    let service = ground.live(&arn).await;
    assert!(service.placement_constraints().is_empty() && service.placement_strategy().is_empty());
}

#[tokio::test]
async fn some_properties_replace() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let first = patched(ground.service(), "service_name", Value::Null);
    world.up(program(first.clone())).await;
    for (property, value) in [
        ("service_name", json!("other")),
        ("launch_type", json!("EC2")),
        ("scheduling_strategy", json!("DAEMON")),
    ] {
        let plan = world.plan(program(patched(first.clone(), property, value))).await;
        assert_eq!(replacing(&plan, "api"), [property].into());
    }
    let moved = patched(first, "cluster", json!("other"));
    let (before, after) = world.replaces(program(moved), "api", &["cluster"]).await;
    assert_eq!(ground.live(&before).await.status(), Some("INACTIVE"));
    let after = ground.live(&after).await;
    assert_eq!((after.status(), after.running_count()), (Some("ACTIVE"), 2));
    assert!(after.cluster_arn().unwrap().ends_with("/other"));
}

#[tokio::test]
async fn one_that_somebody_deleted_is_made_again() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    world.up(program(ground.service())).await;
    let arn = world.id("api").await;
    world.account.configure(Config::slow(Duration::from_millis(700))).await.unwrap();
    let delete = ground.ecs().delete_service().cluster("main").service(&arn).force(true);
    delete.send().await.unwrap();
    // It drains still, and holds its name until it has: the new one waits for that.
    assert_eq!(ground.live(&arn).await.status(), Some("DRAINING"));
    assert_eq!(world.up(program(ground.service())).await, ["delete replaced api", "create api"]);
    assert_eq!(ground.live(&arn).await.running_count(), 2);
    // Nor does a destroy mind.
    let delete = ground.ecs().delete_service().cluster("main").service(&arn).force(true);
    delete.send().await.unwrap();
    world.destroy().await;
}

#[tokio::test]
async fn one_of_somebody_else_is_not_taken_over() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let theirs = ground.ecs().create_service().cluster("main").service_name("web");
    theirs.task_definition("web:1").desired_count(0).send().await.unwrap();
    let (_, report) = world.try_up(program(ground.service())).await.unwrap();
    let error = &report.failures[0].error;
    assert!(error.has_code("InvalidParameterException"), "{error}");
    assert_eq!(report.failures.len(), 1);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    world.finds(program(ground.service()), "api", "ecs:CreateService").await;
}

#[tokio::test]
async fn a_kill_while_waiting_is_waited_on() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    world.killed(program(ground.service()), "api", 2).await;
    world.up(program(ground.service())).await;
    assert_eq!(world.count("ecs:CreateService").await, 1);
    assert_eq!(ground.live(&world.id("api").await).await.running_count(), 2);
}

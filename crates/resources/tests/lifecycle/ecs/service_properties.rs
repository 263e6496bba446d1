//! What a service is changed to, property by property.

use aws_sdk_ecs::types::{Service as SdkService, Tag};
use serde_json::{Value, json};

use super::ground::{Ground, program};
use super::{patched, tag};
use crate::world::World;

/// A place, its new value, and what the account then holds there.
type Sample = (String, Value, fn(&SdkService) -> String, String);

#[tokio::test]
async fn each_property_changes_in_place() {
    let world = World::new().await;
    let ground = Ground::new(&world).await;
    let first = ground.service();
    world.up(program(first.clone())).await;
    let arn = world.id("api").await;
    let foreign = Tag::builder().key("cost").value("7").build();
    ground.ecs().tag_resource().resource_arn(&arn).tags(foreign).send().await.unwrap();
    let vpc = "network_configuration/awsvpc_configuration";
    let deployment = "deployment_configuration";
    let sample: [Sample; 21] = [
        (
            "task_definition".into(),
            json!("web:2"),
            |s| s.task_definition().unwrap().rsplit('/').next().unwrap().into(),
            "web:2".into(),
        ),
        (
            "desired_count".into(),
            json!(3),
            |s| format!("{} {}", s.desired_count(), s.running_count()),
            "3 3".into(),
        ),
        (
            "platform_version".into(),
            json!("1.3.0"),
            |s| s.platform_version().unwrap().into(),
            "1.3.0".into(),
        ),
        (
            format!("{vpc}/subnets"),
            json!(ground.subnets),
            |s| {
                s.network_configuration()
                    .unwrap()
                    .awsvpc_configuration()
                    .unwrap()
                    .subnets()
                    .join(" ")
            },
            ground.subnets.join(" "),
        ),
        (
            format!("{vpc}/security_groups"),
            json!([ground.groups[1]]),
            |s| {
                s.network_configuration()
                    .unwrap()
                    .awsvpc_configuration()
                    .unwrap()
                    .security_groups()
                    .join(" ")
            },
            ground.groups[1].clone(),
        ),
        (
            format!("{vpc}/assign_public_ip"),
            json!("DISABLED"),
            |s| {
                s.network_configuration()
                    .unwrap()
                    .awsvpc_configuration()
                    .unwrap()
                    .assign_public_ip()
                    .unwrap()
                    .to_string()
            },
            "DISABLED".into(),
        ),
        (
            "load_balancers/0/target_group_arn".into(),
            json!(ground.targets[1]),
            |s| s.load_balancers()[0].target_group_arn().unwrap().into(),
            ground.targets[1].clone(),
        ),
        (
            "load_balancers".into(),
            Value::Null,
            |s| s.load_balancers().len().to_string(),
            "0".into(),
        ),
        (
            "service_registries/0/port".into(),
            json!(81),
            |s| s.service_registries()[0].port().unwrap().to_string(),
            "81".into(),
        ),
        (
            "service_registries".into(),
            Value::Null,
            |s| s.service_registries().len().to_string(),
            "0".into(),
        ),
        (
            "health_check_grace_period_seconds".into(),
            json!(0),
            |s| format!("{:?}", s.health_check_grace_period_seconds()),
            "Some(0)".into(),
        ),
        (
            format!("{deployment}/maximum_percent"),
            json!(200),
            |s| format!("{:?}", s.deployment_configuration().unwrap().maximum_percent()),
            "Some(200)".into(),
        ),
        (
            format!("{deployment}/minimum_healthy_percent"),
            json!(100),
            |s| format!("{:?}", s.deployment_configuration().unwrap().minimum_healthy_percent()),
            "Some(100)".into(),
        ),
        (
            format!("{deployment}/deployment_circuit_breaker/rollback"),
            json!(false),
            breaker,
            "true false".into(),
        ),
        (
            format!("{deployment}/deployment_circuit_breaker"),
            Value::Null,
            breaker,
            "false false".into(),
        ),
        (
            format!("{deployment}/alarms/alarm_names"),
            json!(["slow"]),
            alarms,
            r#"["slow"] true"#.into(),
        ),
        (format!("{deployment}/alarms"), Value::Null, alarms, "[] false".into()),
        (
            "enable_execute_command".into(),
            json!(false),
            |s| s.enable_execute_command().to_string(),
            "false".into(),
        ),
        (
            "enable_ecs_managed_tags".into(),
            json!(false),
            |s| s.enable_ecs_managed_tags().to_string(),
            "false".into(),
        ),
        (
            "propagate_tags".into(),
            json!("TASK_DEFINITION"),
            |s| s.propagate_tags().unwrap().to_string(),
            "TASK_DEFINITION".into(),
        ),
        (
            "availability_zone_rebalancing".into(),
            json!("DISABLED"),
            |s| s.availability_zone_rebalancing().unwrap().to_string(),
            "DISABLED".into(),
        ),
    ];
    for (place, value, found, expected) in sample {
        let property = place.split('/').next().unwrap();
        world.updates(program(patched(first.clone(), &place, value)), "api", &[property]).await;
        assert_eq!(found(&ground.live(&arn).await), expected, "{place}");
        world.up(program(first.clone())).await;
    }
    let ben = patched(first.clone(), "tags/owner", json!("ben"));
    world.updates(program(ben), "api", &["tags"]).await;
    let service = ground.live(&arn).await;
    assert_eq!(
        (tag(service.tags(), "owner"), tag(service.tags(), "cost")),
        (Some("ben"), Some("7"))
    );
    assert_eq!(world.count("ecs:CreateService").await, 1);
}

fn breaker(service: &SdkService) -> String {
    let breaker = service.deployment_configuration().unwrap().deployment_circuit_breaker().unwrap();
    format!("{} {}", breaker.enable(), breaker.rollback())
}

fn alarms(service: &SdkService) -> String {
    let alarms = service.deployment_configuration().unwrap().alarms().unwrap();
    format!("{:?} {}", alarms.alarm_names(), alarms.enable())
}

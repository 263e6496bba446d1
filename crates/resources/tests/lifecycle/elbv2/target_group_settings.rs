//! Health checks and attributes of target groups, one by one.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::TargetGroupAttribute;
use ferrocrete_resources::elbv2::TargetGroup;
use serde_json::{Value, json};

use super::target_group::find;
use super::{by_name, network, only, with};
use crate::world::World;

async fn attributes(elb: &Client, arn: &str) -> HashMap<String, String> {
    let call = elb.describe_target_group_attributes().target_group_arn(arn);
    let all = call.send().await.unwrap().attributes.unwrap();
    by_name(all.into_iter().map(|a| (a.key, a.value)))
}

async fn set_by_hand(elb: &Client, arn: &str, key: &str, value: &str) {
    let attribute = TargetGroupAttribute::builder().key(key).value(value).build();
    let call = elb.modify_target_group_attributes().target_group_arn(arn);
    call.attributes(attribute).send().await.unwrap();
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Sets each in turn and looks for it; then all of them at once in a new group.
async fn each(base: impl Fn(&str) -> Value, all: &[(&str, Value, &str)]) {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let bare = base(&network.vpc);
    let mut wanted = bare.clone();
    world.up(only::<TargetGroup>(&wanted)).await;
    assert_eq!(world.count("elasticloadbalancing:DescribeTargetGroupAttributes").await, 0);
    let id = world.id("it").await;
    for (property, value, key) in all {
        assert_ne!(attributes(elb, &id).await[*key], plain(value), "{key} is so already");
        wanted = with(&wanted, property, value.clone());
        world.updates(only::<TargetGroup>(&wanted), "it", &[property]).await;
        assert_eq!(attributes(elb, &id).await[*key], plain(value), "{key}");
    }
    // Taken out of the program, they stay as they are.
    assert_eq!(world.up(only::<TargetGroup>(&bare)).await, [""; 0]);
    world.destroy().await;
    world.up(only::<TargetGroup>(&wanted)).await;
    let live = attributes(elb, &world.id("it").await).await;
    for (_, value, key) in all {
        assert_eq!(live[*key], plain(value), "{key}");
    }
}

const HEALTH: [&str; 4] = [
    "target_group_health.dns_failover.minimum_healthy_targets.count",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
];

#[tokio::test]
async fn attributes_behind_an_application_load_balancer() {
    let base =
        |vpc: &str| json!({"target_type": "ip", "protocol": "HTTP", "port": 80, "vpc_id": vpc});
    let all = [
        ("deregistration_delay_timeout_seconds", json!(30), "deregistration_delay.timeout_seconds"),
        ("slow_start_duration_seconds", json!(45), "slow_start.duration_seconds"),
        (
            "load_balancing_algorithm_type",
            json!("weighted_random"),
            "load_balancing.algorithm.type",
        ),
        (
            "load_balancing_algorithm_anomaly_mitigation",
            json!("on"),
            "load_balancing.algorithm.anomaly_mitigation",
        ),
        ("load_balancing_cross_zone_enabled", json!("false"), "load_balancing.cross_zone.enabled"),
        ("dns_failover_minimum_healthy_targets_count", json!("2"), HEALTH[0]),
        ("dns_failover_minimum_healthy_targets_percentage", json!("50"), HEALTH[1]),
        ("unhealthy_state_routing_minimum_healthy_targets_count", json!(3), HEALTH[2]),
        ("unhealthy_state_routing_minimum_healthy_targets_percentage", json!("25"), HEALTH[3]),
    ];
    each(base, &all).await;
}

#[tokio::test]
async fn attributes_behind_a_network_load_balancer() {
    let base =
        |vpc: &str| json!({"target_type": "ip", "protocol": "TCP", "port": 80, "vpc_id": vpc});
    let termination = "connection_termination.enabled";
    let delay = format!("deregistration_delay.{termination}");
    let unhealthy = format!("target_health_state.unhealthy.{termination}");
    let all = [
        ("preserve_client_ip_enabled", json!(true), "preserve_client_ip.enabled"),
        ("proxy_protocol_v2_enabled", json!(true), "proxy_protocol_v2.enabled"),
        ("deregistration_delay_connection_termination_enabled", json!(true), delay.as_str()),
        ("unhealthy_connection_termination_enabled", json!(false), unhealthy.as_str()),
    ];
    each(base, &all).await;
}

#[tokio::test]
async fn attributes_of_a_function() {
    let values = "lambda.multi_value_headers.enabled";
    let all = [("lambda_multi_value_headers_enabled", json!(true), values)];
    each(|_| json!({"target_type": "lambda"}), &all).await;
}

#[tokio::test]
async fn stickiness_comes_changes_and_goes() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let base = json!({"target_type": "ip", "protocol": "HTTP", "port": 80, "vpc_id": network.vpc});
    let to = |sticky: Value| only::<TargetGroup>(&with(&base, "stickiness", sticky));
    world.up(to(json!({"stickiness_type": "lb_cookie"}))).await;
    let id = world.id("it").await;
    let live = async |key: &str| attributes(elb, &id).await[&format!("stickiness.{key}")].clone();
    assert_eq!((live("enabled").await, live("type").await), ("true".into(), "lb_cookie".into()));
    world
        .updates(
            to(json!({"stickiness_type": "lb_cookie", "duration_seconds": 60})),
            "it",
            &["stickiness"],
        )
        .await;
    assert_eq!(live("lb_cookie.duration_seconds").await, "60");
    let app =
        json!({"stickiness_type": "app_cookie", "duration_seconds": 90, "cookie_name": "SID"});
    world.updates(to(app.clone()), "it", &["stickiness"]).await;
    assert_eq!((live("type").await, live("app_cookie.cookie_name").await), {
        ("app_cookie".into(), "SID".into())
    });
    assert_eq!(live("app_cookie.duration_seconds").await, "90");
    // Drift: somebody switches it off.
    set_by_hand(elb, &id, "stickiness.enabled", "false").await;
    world.updates(to(app), "it", &["stickiness"]).await;
    assert_eq!(live("enabled").await, "true");
    world.updates(to(Value::Null), "it", &["stickiness"]).await;
    assert_eq!(live("enabled").await, "false");
}

#[tokio::test]
async fn stickiness_by_address() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let wanted = json!({
        "target_type": "ip",
        "protocol": "TCP",
        "port": 80,
        "vpc_id": network.vpc,
        "stickiness": {"stickiness_type": "source_ip"},
    });
    world.up(only::<TargetGroup>(&wanted)).await;
    let live = attributes(elb, &world.id("it").await).await;
    assert_eq!(live["stickiness.enabled"], "true");
    assert_eq!(live["stickiness.type"], "source_ip");
}

#[tokio::test]
async fn each_setting_of_the_health_check_is_updated_in_place() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let bare = json!({"target_type": "ip", "protocol": "HTTP", "port": 80, "vpc_id": network.vpc});
    let all = [
        ("health_check_protocol", json!("HTTPS")),
        ("health_check_port", json!("8081")),
        ("health_check_path", json!("/up")),
        ("health_check_interval_seconds", json!(20)),
        ("health_check_timeout_seconds", json!(7)),
        ("healthy_threshold_count", json!(3)),
        ("unhealthy_threshold_count", json!(4)),
        ("matcher", json!({"http_code": "200-299"})),
    ];
    let live = async |id: &str| {
        let group = find(elb, id).await.unwrap();
        [
            json!(group.health_check_protocol().map(|p| p.as_str())),
            json!(group.health_check_port()),
            json!(group.health_check_path()),
            json!(group.health_check_interval_seconds()),
            json!(group.health_check_timeout_seconds()),
            json!(group.healthy_threshold_count()),
            json!(group.unhealthy_threshold_count()),
            json!({"http_code": group.matcher().and_then(|m| m.http_code())}),
        ]
    };
    let mut wanted = bare.clone();
    world.up(only::<TargetGroup>(&wanted)).await;
    let id = world.id("it").await;
    for (at, (property, value)) in all.iter().enumerate() {
        assert_ne!(live(&id).await[at], *value, "{property} is so already");
        wanted = with(&wanted, property, value.clone());
        world.updates(only::<TargetGroup>(&wanted), "it", &[property]).await;
        assert_eq!(live(&id).await[at], *value, "{property}");
    }
    assert_eq!(world.up(only::<TargetGroup>(&bare)).await, [""; 0]);
    world.destroy().await;
    world.up(only::<TargetGroup>(&wanted)).await;
    assert_eq!(live(&world.id("it").await).await, all.map(|(_, value)| value));
}

#[tokio::test]
async fn a_function_needs_no_health_check() {
    let world = World::new().await;
    let aws = world.aws().await;
    let elb = aws.elasticloadbalancingv2();
    let to = |on: bool| {
        only::<TargetGroup>(&json!({"target_type": "lambda", "health_check_enabled": on}))
    };
    world.up(to(false)).await;
    let id = world.id("it").await;
    assert_eq!(find(elb, &id).await.unwrap().health_check_enabled(), Some(false));
    world.updates(to(true), "it", &["health_check_enabled"]).await;
    assert_eq!(find(elb, &id).await.unwrap().health_check_enabled(), Some(true));
}

#[tokio::test]
async fn grpc_has_a_matcher_of_its_own() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let to = |codes: &str| {
        only::<TargetGroup>(&json!({
            "target_type": "ip",
            "protocol": "HTTP",
            "protocol_version": "GRPC",
            "port": 80,
            "vpc_id": network.vpc,
            "matcher": {"grpc_code": codes},
        }))
    };
    world.up(to("0")).await;
    let id = world.id("it").await;
    let live = async || find(elb, &id).await.unwrap().matcher.unwrap().grpc_code.unwrap();
    assert_eq!(live().await, "0");
    world.updates(to("0-5"), "it", &["matcher"]).await;
    assert_eq!(live().await, "0-5");
}

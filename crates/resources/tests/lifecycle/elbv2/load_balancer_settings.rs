//! The attributes of an application load balancer, one by one.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::LoadBalancerAttribute;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_resources::elbv2::LoadBalancer;
use serde_json::{Value, json};

use super::load_balancer::find;
use super::{by_name, network, only, with};
use crate::world::World;

/// All attributes of a balancer.
pub async fn attributes(elb: &Client, arn: &str) -> HashMap<String, String> {
    let call = elb.describe_load_balancer_attributes().load_balancer_arn(arn);
    let all = call.send().await.unwrap().attributes.unwrap();
    by_name(all.into_iter().map(|a| (a.key, a.value)))
}

/// Somebody sets an attribute by hand.
pub async fn set_by_hand(elb: &Client, arn: &str, key: &str, value: &str) {
    let attribute = LoadBalancerAttribute::builder().key(key).value(value).build();
    let call = elb.modify_load_balancer_attributes().load_balancer_arn(arn);
    call.attributes(attribute).send().await.unwrap();
}

/// Property, what it is set to, AWS's name.
fn all() -> Vec<(&'static str, Value, &'static str)> {
    let http = "routing.http";
    let name = |rest: &str| -> &'static str { format!("{http}.{rest}").leak() };
    vec![
        ("idle_timeout_seconds", json!(75), "idle_timeout.timeout_seconds"),
        ("client_keep_alive_seconds", json!(120), "client_keep_alive.seconds"),
        ("http2_enabled", json!(false), "routing.http2.enabled"),
        ("desync_mitigation_mode", json!("strictest"), name("desync_mitigation_mode")),
        (
            "drop_invalid_header_fields_enabled",
            json!(true),
            name("drop_invalid_header_fields.enabled"),
        ),
        ("preserve_host_header_enabled", json!(true), name("preserve_host_header.enabled")),
        (
            "tls_version_and_cipher_headers_enabled",
            json!(true),
            name("x_amzn_tls_version_and_cipher_suite.enabled"),
        ),
        ("xff_client_port_enabled", json!(true), name("xff_client_port.enabled")),
        ("xff_header_processing_mode", json!("preserve"), name("xff_header_processing.mode")),
        ("waf_fail_open_enabled", json!(true), "waf.fail_open.enabled"),
        ("zonal_shift_enabled", json!(true), "zonal_shift.config.enabled"),
        ("ipv6_deny_all_igw_traffic", json!(false), "ipv6.deny_all_igw_traffic"),
        ("deletion_protection_enabled", json!(true), "deletion_protection.enabled"),
    ]
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[tokio::test]
async fn each_attribute_is_updated_in_place() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let mut wanted = json!({"subnets": [network.a, network.b], "scheme": "internal"});
    world.up(only::<LoadBalancer>(&wanted)).await;
    // Nothing is declared, so nothing is asked.
    assert_eq!(world.count("elasticloadbalancing:DescribeLoadBalancerAttributes").await, 0);
    let id = world.id("it").await;
    for (property, value, key) in all() {
        assert_ne!(attributes(elb, &id).await[key], plain(&value), "{key} is so already");
        wanted = with(&wanted, property, value.clone());
        world.updates(only::<LoadBalancer>(&wanted), "it", &[property]).await;
        assert_eq!(attributes(elb, &id).await[key], plain(&value), "{key}");
    }
    // Drift: somebody changes one by hand.
    set_by_hand(elb, &id, "idle_timeout.timeout_seconds", "61").await;
    world.updates(only::<LoadBalancer>(&wanted), "it", &["idle_timeout_seconds"]).await;
    assert_eq!(attributes(elb, &id).await["idle_timeout.timeout_seconds"], "75");
    // Taken out of the program, they stay as they are.
    let bare = json!({"subnets": [network.a, network.b], "scheme": "internal"});
    assert_eq!(world.up(only::<LoadBalancer>(&bare)).await, [""; 0]);
}

#[tokio::test]
async fn all_attributes_at_once_are_created_in_one_call() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let mut wanted = json!({
        "subnets": [network.a, network.b],
        "scheme": "internal",
        "access_logs": {"bucket": "logs", "prefix": "web"},
        "cross_zone_enabled": true,
    });
    for (property, value, _) in all() {
        wanted = with(&wanted, property, value);
    }
    world.up(only::<LoadBalancer>(&wanted)).await;
    assert_eq!(world.count("elasticloadbalancing:ModifyLoadBalancerAttributes").await, 1);
    let live = attributes(elb, &world.id("it").await).await;
    for (_, value, key) in all() {
        assert_eq!(live[key], plain(&value), "{key}");
    }
    assert_eq!((live["access_logs.s3.bucket"].as_str()), "logs");
}

#[tokio::test]
async fn logs_are_switched_on_changed_and_switched_off() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let base = json!({"subnets": [network.a, network.b], "scheme": "internal"});
    world.up(only::<LoadBalancer>(&base)).await;
    let id = world.id("it").await;
    for kind in ["access_logs", "connection_logs"] {
        let live = async || {
            let mut all = attributes(elb, &id).await;
            ["enabled", "bucket", "prefix"].map(|k| all.remove(&format!("{kind}.s3.{k}")).unwrap())
        };
        let to = |delivery: Value| only::<LoadBalancer>(&with(&base, kind, delivery));
        world.updates(to(json!({"bucket": "a", "prefix": "p"})), "it", &[kind]).await;
        assert_eq!(live().await, ["true", "a", "p"]);
        world.updates(to(json!({"bucket": "b"})), "it", &[kind]).await;
        assert_eq!(live().await, ["true", "b", ""]);
        // Drift: somebody switches them off.
        set_by_hand(elb, &id, &format!("{kind}.s3.enabled"), "false").await;
        world.updates(to(json!({"bucket": "b"})), "it", &[kind]).await;
        assert_eq!(live().await[0], "true");
        world.updates(to(Value::Null), "it", &[kind]).await;
        assert_eq!(live().await[0], "false");
    }
}

#[tokio::test]
async fn a_protected_one_says_what_to_do_before_it_goes() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let on = |on: bool| {
        only::<LoadBalancer>(&json!({
            "subnets": [network.a, network.b],
            "deletion_protection_enabled": on,
        }))
    };
    world.up(on(true)).await;
    let id = world.id("it").await;
    let (_, report) = world.try_up(|_| {}).await.unwrap();
    let error = &report.failures[0].error;
    assert!(error.has_code("OperationNotPermitted"), "{error}");
    assert!(error.message.contains("deletion_protection_enabled"), "{error}");
    assert!(find(elb, &id).await.is_some());
    world.updates(on(false), "it", &["deletion_protection_enabled"]).await;
    world.destroy().await;
    assert!(find(elb, &id).await.is_none());
}

#[tokio::test]
async fn what_aws_refuses_is_told_once() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    let one = json!({"subnets": [network.a], "scheme": "internal"});
    let (_, report) = world.try_up(only::<LoadBalancer>(&one)).await.unwrap();
    assert_eq!(report.failures.len(), 1);
    assert_eq!(report.failures[0].error.kind, ErrorKind::Invalid);
}

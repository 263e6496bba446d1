//! Listeners: TLS, and attributes one by one.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{ListenerAttribute, ProtocolEnum};
use ferrocrete_resources::elbv2::Listener;
use serde_json::{Value, json};

use super::listener::{base, find};
use super::{balancer, by_name, certificate, network, only, with};
use crate::world::World;

const MODERN: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

async fn attributes(elb: &Client, arn: &str) -> HashMap<String, String> {
    let call = elb.describe_listener_attributes().listener_arn(arn);
    let all = call.send().await.unwrap().attributes.unwrap();
    by_name(all.into_iter().map(|a| (a.key, a.value)))
}

#[tokio::test]
async fn https_its_certificate_and_its_policy() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let first = certificate(&aws, "a.example").await;
    let second = certificate(&aws, "b.example").await;
    let base = base(&balancer(&aws, &network, "web", "application").await);
    world.up(only::<Listener>(&base)).await;
    let id = world.id("it").await;
    let live = async || {
        let live = find(elb, &id).await.unwrap();
        let certificate = live.certificates().first().and_then(|c| c.certificate_arn.clone());
        (live.protocol.unwrap(), certificate, live.ssl_policy)
    };
    // From HTTP to HTTPS, with all that belongs to it in one call.
    let https = with(&base, "protocol", json!("HTTPS"));
    let https = with(&https, "certificate_arn", json!(first));
    let https = with(&https, "ssl_policy", json!(MODERN));
    let three = ["protocol", "certificate_arn", "ssl_policy"];
    world.updates(only::<Listener>(&https), "it", &three).await;
    let modern = Some(MODERN.to_owned());
    assert_eq!(live().await, (ProtocolEnum::Https, Some(first.clone()), modern.clone()));
    let other = with(&https, "certificate_arn", json!(second));
    world.updates(only::<Listener>(&other), "it", &["certificate_arn"]).await;
    assert_eq!(live().await, (ProtocolEnum::Https, Some(second.clone()), modern));
    let old = "ELBSecurityPolicy-TLS-1-2-2017-01";
    let policy = with(&other, "ssl_policy", json!(old));
    world.updates(only::<Listener>(&policy), "it", &["ssl_policy"]).await;
    assert_eq!(live().await.2.as_deref(), Some(old));
    // Drift: somebody weakens it.
    let call = elb.modify_listener().listener_arn(&id);
    call.ssl_policy("ELBSecurityPolicy-2016-08").send().await.unwrap();
    world.updates(only::<Listener>(&policy), "it", &["ssl_policy"]).await;
    assert_eq!(live().await.2.as_deref(), Some(old));
    // And back to HTTP.
    world.updates(only::<Listener>(&base), "it", &["protocol", "certificate_arn"]).await;
    assert_eq!(live().await, (ProtocolEnum::Http, None, None));
}

#[tokio::test]
async fn https_from_the_start() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let mut wanted = base(&balancer(&aws, &network, "web", "application").await);
    wanted["protocol"] = json!("HTTPS");
    wanted["certificate_arn"] = json!(certificate(&aws, "a.example").await);
    wanted["ssl_policy"] = json!(MODERN);
    wanted["mutual_authentication"] = json!({"mode": "passthrough"});
    world.up(only::<Listener>(&wanted)).await;
    let live = find(elb, &world.id("it").await).await.unwrap();
    assert_eq!(live.ssl_policy(), Some(MODERN));
    assert_eq!(live.certificates()[0].certificate_arn(), wanted["certificate_arn"].as_str());
    assert_eq!(live.mutual_authentication().unwrap().mode(), Some("passthrough"));
}

#[tokio::test]
async fn clients_may_have_to_show_a_certificate() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let mut base = base(&balancer(&aws, &network, "web", "application").await);
    base["protocol"] = json!("HTTPS");
    base["certificate_arn"] = json!(certificate(&aws, "a.example").await);
    world.up(only::<Listener>(&base)).await;
    let id = world.id("it").await;
    let live = async || find(elb, &id).await.unwrap().mutual_authentication.unwrap();
    assert_eq!(live().await.mode(), Some("off"));
    let to = |wanted: Value| only::<Listener>(&with(&base, "mutual_authentication", wanted));
    let store = "arn:aws:elasticloadbalancing:eu-central-1:1:truststore/a/0123456789abcdef";
    let verify = json!({"mode": "verify", "trust_store_arn": store});
    world.updates(to(verify.clone()), "it", &["mutual_authentication"]).await;
    assert_eq!(
        (live().await.mode(), live().await.trust_store_arn()),
        (Some("verify"), Some(store))
    );
    let mut more = verify;
    more["ignore_client_certificate_expiry"] = json!(true);
    more["advertise_trust_store_ca_names"] = json!("on");
    world.updates(to(more), "it", &["mutual_authentication"]).await;
    assert_eq!(live().await.ignore_client_certificate_expiry(), Some(true));
    assert_eq!(live().await.advertise_trust_store_ca_names().unwrap().as_str(), "on");
    world.updates(to(Value::Null), "it", &["mutual_authentication"]).await;
    assert_eq!(live().await.mode(), Some("off"));
}

#[tokio::test]
async fn tls_and_tcp_of_a_network_load_balancer() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let mut base = base(&balancer(&aws, &network, "net", "network").await);
    let group = super::group(&aws, &network, "tcp", "TCP").await;
    base["protocol"] = json!("TCP");
    base["default_actions"] = json!([{
        "action_type": "forward",
        "forward_config": {"target_groups": [{"target_group_arn": group}]},
    }]);
    base["tcp_idle_timeout_seconds"] = json!(400);
    world.up(only::<Listener>(&base)).await;
    let id = world.id("it").await;
    let idle = async || attributes(elb, &id).await["tcp.idle_timeout.seconds"].clone();
    assert_eq!(idle().await, "400");
    let longer = with(&base, "tcp_idle_timeout_seconds", json!(500));
    world.updates(only::<Listener>(&longer), "it", &["tcp_idle_timeout_seconds"]).await;
    assert_eq!(idle().await, "500");

    let mut tls = with(&base, "tcp_idle_timeout_seconds", Value::Null);
    tls["port"] = json!(443);
    tls["protocol"] = json!("TLS");
    tls["certificate_arn"] = json!(certificate(&aws, "a.example").await);
    let changes = ["port", "protocol", "certificate_arn"];
    world.updates(only::<Listener>(&tls), "it", &changes).await;
    let live = async || find(elb, &id).await.unwrap();
    assert_eq!((live().await.port(), live().await.protocol), (Some(443), Some(ProtocolEnum::Tls)));
    let alpn = with(&tls, "alpn_policy", json!("HTTP2Preferred"));
    world.updates(only::<Listener>(&alpn), "it", &["alpn_policy"]).await;
    assert_eq!(live().await.alpn_policy(), ["HTTP2Preferred"]);
    world.updates(only::<Listener>(&tls), "it", &["alpn_policy"]).await;
    assert_eq!(live().await.alpn_policy(), ["None"]);
    world.destroy().await;
    world.up(only::<Listener>(&alpn)).await;
    let again = find(elb, &world.id("it").await).await.unwrap();
    assert_eq!(again.alpn_policy(), ["HTTP2Preferred"]);
}

/// Header by header; what is taken out of the program is emptied.
#[tokio::test]
async fn headers_of_answers() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let base = base(&balancer(&aws, &network, "web", "application").await);
    world.up(only::<Listener>(&base)).await;
    assert_eq!(world.count("elasticloadbalancing:DescribeListenerAttributes").await, 0);
    let id = world.id("it").await;
    let live = async |header: &str| {
        attributes(elb, &id).await[&format!("routing.http.response.{header}.header_value")].clone()
    };
    let headers = [
        ("strict_transport_security", "max-age=60"),
        ("content_security_policy", "default-src 'self'"),
        ("x_content_type_options", "nosniff"),
        ("x_frame_options", "DENY"),
        ("access_control_allow_origin", "https://a.example"),
        ("access_control_allow_methods", "GET,POST"),
        ("access_control_allow_headers", "X-A"),
        ("access_control_allow_credentials", "true"),
        ("access_control_expose_headers", "X-B"),
        ("access_control_max_age", "60"),
    ];
    let to = |headers: Value| only::<Listener>(&with(&base, "response_headers", headers));
    let mut wanted = json!({});
    for (header, value) in headers {
        wanted = with(&wanted, header, json!(value));
        world.updates(to(wanted.clone()), "it", &["response_headers"]).await;
        assert_eq!(live(header).await, value, "{header}");
    }
    // Drift: somebody empties one.
    let key = "routing.http.response.x_frame_options.header_value";
    let empty = ListenerAttribute::builder().key(key).value("").build();
    let call = elb.modify_listener_attributes().listener_arn(&id).attributes(empty);
    call.send().await.unwrap();
    world.updates(to(wanted), "it", &["response_headers"]).await;
    assert_eq!(live("x_frame_options").await, "DENY");
    world.updates(to(json!({"x_frame_options": "DENY"})), "it", &["response_headers"]).await;
    assert_eq!((live("x_frame_options").await, live("access_control_max_age").await), {
        ("DENY".into(), String::new())
    });
    world.updates(to(Value::Null), "it", &["response_headers"]).await;
    assert_eq!(live("x_frame_options").await, "");

    let silent = with(&base, "server_header_enabled", json!(false));
    world.updates(only::<Listener>(&silent), "it", &["server_header_enabled"]).await;
    assert_eq!(attributes(elb, &id).await["routing.http.response.server.enabled"], "false");
}

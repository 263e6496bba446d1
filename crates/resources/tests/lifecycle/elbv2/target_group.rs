//! `AWS::ElasticLoadBalancingV2::TargetGroup`.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{
    TargetDescription as SdkTarget, TargetGroup as SdkGroup,
};
use ferrocrete_core::Stack;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_resources::elbv2::{Listener, TargetDescription, TargetGroup};
use serde_json::{Value, json};

use super::{Network, balancer, group, network, only, tag, tag_by_hand, with};
use crate::world::{World, changed, changes};

/// The group with this ARN.
pub async fn find(elb: &Client, arn: &str) -> Option<SdkGroup> {
    let all = elb.describe_target_groups().target_group_arns(arn).send().await.ok()?;
    all.target_groups.unwrap_or_default().into_iter().next()
}

fn base(network: &Network) -> Value {
    json!({
        "target_type": "ip",
        "protocol": "HTTP",
        "port": 80,
        "vpc_id": network.vpc,
        "tags": {"owner": "anna"},
    })
}

/// Who is registered, as `id:port`.
async fn registered(elb: &Client, arn: &str) -> Vec<String> {
    let call = elb.describe_target_health().target_group_arn(arn).send().await.unwrap();
    let target = |t: SdkTarget| format!("{}:{}", t.id.unwrap(), t.port.unwrap());
    let all = call.target_health_descriptions.unwrap_or_default();
    let mut all: Vec<_> = all.into_iter().filter_map(|d| d.target).map(target).collect();
    all.sort();
    all
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let program = |path: &'static str, owner: &'static str| {
        let vpc = network.vpc.clone();
        move |stack: &Stack| {
            let group = TargetGroup::builder().target_type("ip").protocol("HTTP").port(8080);
            let group = group.vpc_id(vpc.as_str()).health_check_path(path);
            stack.add("it", group.tags([("owner", owner)]));
        }
    };
    assert_eq!(world.up(program("/up", "anna")).await, ["create it"]);
    let id = world.id("it").await;
    let made = find(elb, &id).await.unwrap();
    assert_eq!((made.port(), made.vpc_id()), (Some(8080), Some(network.vpc.as_str())));
    assert_eq!(made.target_type().unwrap().as_str(), "ip");
    assert_eq!(made.health_check_path(), Some("/up"));
    assert_eq!(tag(elb, &id, "owner").await.as_deref(), Some("anna"));
    assert_eq!(world.output("it", "target_group_arn").await, id);
    assert_eq!(Some(world.output("it", "name").await), made.target_group_name);
    let full = world.output("it", "target_group_full_name").await;
    assert!(full.starts_with("targetgroup/") && id.ends_with(&full), "{full}");

    world.updates(program("/up", "ben"), "it", &["tags"]).await;
    assert_eq!(tag(elb, &id, "owner").await.as_deref(), Some("ben"));
    // Drift: somebody changes it.
    elb.modify_target_group().target_group_arn(&id).health_check_path("/").send().await.unwrap();
    world.updates(program("/up", "ben"), "it", &["health_check_path"]).await;
    assert_eq!(find(elb, &id).await.unwrap().health_check_path(), Some("/up"));
    // Drift: somebody deletes it.
    elb.delete_target_group().target_group_arn(&id).send().await.unwrap();
    assert_eq!(world.up(program("/up", "ben")).await, ["create it"]);
    let last = world.id("it").await;
    world.destroy().await;
    assert!(find(elb, &last).await.is_none());
}

#[tokio::test]
async fn what_cannot_be_changed_replaces() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let base = base(&network);
    world.up(only::<TargetGroup>(&base)).await;
    let moved = with(&base, "port", json!(81));
    let (old, new) = world.replaces(only::<TargetGroup>(&moved), "it", &["port"]).await;
    assert!(find(elb, &old).await.is_none());
    assert_eq!(find(elb, &new).await.unwrap().port(), Some(81));
    for (name, value) in [
        ("name", "chosen"),
        ("target_type", "instance"),
        ("protocol", "HTTPS"),
        ("protocol_version", "HTTP2"),
        ("vpc_id", "vpc-0123456789abcdef0"),
        ("ip_address_type", "ipv6"),
    ] {
        let plan = world.plan(only::<TargetGroup>(&with(&moved, name, json!(value)))).await;
        assert_eq!(changed(&plan, "it"), [name].into());
        assert!(changes(&plan).contains(&"replace it".to_owned()), "{:?}", changes(&plan));
    }
    // What AWS filled in may be said, and taken out again.
    let said = with(&moved, "protocol_version", json!("HTTP1"));
    assert_eq!(world.up(only::<TargetGroup>(&said)).await, [""; 0]);
    assert_eq!(world.up(only::<TargetGroup>(&moved)).await, [""; 0]);
}

/// A listener goes over to the new group before the old one goes.
#[tokio::test]
async fn one_in_use_is_replaced() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let balancer = balancer(&aws, &network, "web", "application").await;
    let program = |port: i32| {
        let (vpc, balancer) = (network.vpc.clone(), balancer.clone());
        move |stack: &Stack| {
            let group = TargetGroup::builder().protocol("HTTP").port(port).target_type("ip");
            let group = stack.add("group", group.vpc_id(vpc.as_str()));
            let listener = Listener::builder().load_balancer_arn(balancer.as_str()).port(80);
            let forward = ferrocrete_resources::elbv2::Action::forward(&group.target_group_arn);
            stack.add("http", listener.protocol("HTTP").default_actions([forward]));
        }
    };
    world.up(program(80)).await;
    let old = world.id("group").await;
    let steps = world.up(program(81)).await;
    assert_eq!(steps.len(), 3, "{steps:?}");
    let new = world.id("group").await;
    assert!(find(elb, &old).await.is_none());
    let listener = world.id("http").await;
    let live = elb.describe_listeners().listener_arns(&listener).send().await.unwrap();
    let action = &live.listeners()[0].default_actions()[0];
    assert_eq!(action.target_group_arn(), Some(new.as_str()));
    world.destroy().await;
    assert!(find(elb, &new).await.is_none());
}

#[tokio::test]
async fn targets_come_and_go() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let base = base(&network);
    let vpc = network.vpc.clone();
    world
        .up(move |stack: &Stack| {
            let group = TargetGroup::builder().target_type("ip").protocol("HTTP").port(80);
            let one = TargetDescription::builder().id("10.0.1.8");
            let group = group.vpc_id(vpc.as_str()).targets([one]).tags([("owner", "anna")]);
            stack.add("it", group);
        })
        .await;
    let id = world.id("it").await;
    assert_eq!(registered(elb, &id).await, ["10.0.1.8:80"]);
    let to = |targets: Value| only::<TargetGroup>(&with(&base, "targets", targets));
    let two = json!([{"id": "10.0.1.9", "port": 81}, {"id": "10.0.1.8"}]);
    world.updates(to(two.clone()), "it", &["targets"]).await;
    assert_eq!(registered(elb, &id).await, ["10.0.1.8:80", "10.0.1.9:81"]);
    // Drift: somebody takes one out.
    let gone = SdkTarget::builder().id("10.0.1.8").build();
    elb.deregister_targets().target_group_arn(&id).targets(gone).send().await.unwrap();
    world.updates(to(two), "it", &["targets"]).await;
    assert_eq!(registered(elb, &id).await, ["10.0.1.8:80", "10.0.1.9:81"]);
    // Drift: somebody puts one in, which goes again.
    let more = SdkTarget::builder().id("10.0.1.7").build();
    elb.register_targets().target_group_arn(&id).targets(more).send().await.unwrap();
    let other_port = json!([{"id": "10.0.1.9", "port": 82}]);
    world.updates(to(other_port), "it", &["targets"]).await;
    assert_eq!(registered(elb, &id).await, ["10.0.1.9:82"]);
    world.updates(to(Value::Null), "it", &["targets"]).await;
    assert!(registered(elb, &id).await.is_empty());
    // From now on they are nobody's business here.
    let more = SdkTarget::builder().id("10.0.1.7").build();
    elb.register_targets().target_group_arn(&id).targets(more).send().await.unwrap();
    assert_eq!(world.up(to(Value::Null)).await, [""; 0]);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let aws = world.aws().await;
    let mut wanted = base(&network(&aws).await);
    wanted["slow_start_duration_seconds"] = json!(40);
    wanted["targets"] = json!([{"id": "10.0.1.8"}]);
    let program = only::<TargetGroup>(&wanted);
    world.finds(program, "it", "elasticloadbalancing:CreateTargetGroup").await;
    // The kill came before the calls that follow the create.
    let elb = aws.elasticloadbalancingv2();
    assert_eq!(registered(elb, &world.id("it").await).await, ["10.0.1.8:80"]);
}

#[tokio::test]
async fn one_of_that_name_that_is_not_ours_is_not_adopted() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    let foreign = group(&aws, &network, "shop", "HTTP").await;
    let same = with(&base(&network), "name", json!("shop"));
    let (_, report) = world.try_up(only::<TargetGroup>(&same)).await.unwrap();
    assert_eq!(report.failures[0].error.kind, ErrorKind::AlreadyExists);
    assert_eq!(tag(aws.elasticloadbalancingv2(), &foreign, "ferrocrete:urn").await, None);
}

#[tokio::test]
async fn tags_of_others_stay_and_ours_go() {
    let world = World::new().await;
    let aws = world.aws().await;
    let elb = aws.elasticloadbalancingv2();
    let base = base(&network(&aws).await);
    world.up(only::<TargetGroup>(&base)).await;
    let id = world.id("it").await;
    tag_by_hand(elb, &id, "cost", "7").await;
    let plain = with(&base, "tags", Value::Null);
    world.updates(only::<TargetGroup>(&plain), "it", &["tags"]).await;
    assert_eq!(tag(elb, &id, "owner").await, None);
    assert_eq!(tag(elb, &id, "cost").await.as_deref(), Some("7"));
}

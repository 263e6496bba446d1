//! `AWS::ElasticLoadBalancingV2::Listener`.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{
    Action as SdkAction, ActionTypeEnum, FixedResponseActionConfig, Listener as SdkListener,
    ProtocolEnum,
};
use ferrocrete_core::Stack;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_resources::elbv2::{Action, Listener, LoadBalancer};
use serde_json::{Value, json};

use super::{balancer, network, only, tag, tag_by_hand, with};
use crate::world::{World, changes};

/// The listener with this ARN.
pub async fn find(elb: &Client, arn: &str) -> Option<SdkListener> {
    let all = elb.describe_listeners().listener_arns(arn).send().await.ok()?;
    all.listeners.unwrap_or_default().into_iter().next()
}

/// Properties of a listener that answers for itself.
pub fn base(balancer: &str) -> Value {
    json!({
        "load_balancer_arn": balancer,
        "port": 80,
        "protocol": "HTTP",
        "default_actions": [{
            "action_type": "fixed-response",
            "fixed_response_config": {"status_code": 404},
        }],
        "tags": {"owner": "anna"},
    })
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let balancer = balancer(&aws, &network, "web", "application").await;
    let program = |port: i32, owner: &'static str| {
        let balancer = balancer.clone();
        move |stack: &Stack| {
            let listener = Listener::builder().load_balancer_arn(balancer.as_str()).port(port);
            let listener = listener.protocol("HTTP").tags([("owner", owner)]);
            stack.add("it", listener.default_actions([Action::redirect_to_https()]));
        }
    };
    assert_eq!(world.up(program(80, "anna")).await, ["create it"]);
    let id = world.id("it").await;
    assert_eq!(world.output("it", "listener_arn").await, id);
    let made = find(elb, &id).await.unwrap();
    assert_eq!((made.port(), made.protocol()), (Some(80), Some(&ProtocolEnum::Http)));
    let redirect = made.default_actions()[0].redirect_config().unwrap();
    assert_eq!((redirect.protocol(), redirect.port()), (Some("HTTPS"), Some("443")));
    assert_eq!(redirect.status_code().unwrap().as_str(), "HTTP_301");

    world.updates(program(8080, "anna"), "it", &["port"]).await;
    assert_eq!(find(elb, &id).await.unwrap().port(), Some(8080));
    world.updates(program(8080, "ben"), "it", &["tags"]).await;
    assert_eq!(tag(elb, &id, "owner").await.as_deref(), Some("ben"));
    // Drift: somebody changes it.
    elb.modify_listener().listener_arn(&id).port(81).send().await.unwrap();
    world.updates(program(8080, "ben"), "it", &["port"]).await;
    assert_eq!(find(elb, &id).await.unwrap().port(), Some(8080));
    // Drift: somebody deletes it.
    elb.delete_listener().listener_arn(&id).send().await.unwrap();
    assert_eq!(world.up(program(8080, "ben")).await, ["create it"]);
    let last = world.id("it").await;
    world.destroy().await;
    assert!(find(elb, &last).await.is_none());
}

#[tokio::test]
async fn another_load_balancer_is_another_listener() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let first = balancer(&aws, &network, "a", "application").await;
    let second = balancer(&aws, &network, "b", "application").await;
    world.up(only::<Listener>(&base(&first))).await;
    let program = only::<Listener>(&base(&second));
    let (old, new) = world.replaces(program, "it", &["load_balancer_arn"]).await;
    assert!(find(elb, &old).await.is_none());
    assert_eq!(find(elb, &new).await.unwrap().load_balancer_arn(), Some(second.as_str()));
}

#[tokio::test]
async fn goes_with_its_load_balancer() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    let (a, b) = (network.a.clone(), network.b.clone());
    world
        .up(move |stack: &Stack| {
            let balancer = LoadBalancer::builder().subnets([a.as_str(), b.as_str()]);
            let balancer = stack.add("web", balancer);
            let listener = Listener::builder().load_balancer_arn(&balancer.load_balancer_arn);
            let listener = listener.port(80).protocol("HTTP");
            stack.add("http", listener.default_actions([Action::fixed_response(200, "hello")]));
        })
        .await;
    world.destroy().await;
    assert_eq!(world.count("elasticloadbalancing:DeleteListener").await, 0);
    assert_eq!(world.count("elasticloadbalancing:DeleteLoadBalancer").await, 1);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    let balancer = balancer(&aws, &network, "web", "application").await;
    // Somebody else's, which must not be taken for ours.
    let call = aws.elasticloadbalancingv2().create_listener().load_balancer_arn(&balancer);
    let action = aws_sdk_elasticloadbalancingv2::types::Action::builder()
        .r#type(aws_sdk_elasticloadbalancingv2::types::ActionTypeEnum::FixedResponse)
        .fixed_response_config(
            aws_sdk_elasticloadbalancingv2::types::FixedResponseActionConfig::builder()
                .status_code("200")
                .build(),
        );
    let call = call.port(79).protocol(ProtocolEnum::Http).default_actions(action.build());
    call.send().await.unwrap();
    let made = world.count("elasticloadbalancing:CreateListener").await;
    let wanted = with(&base(&balancer), "server_header_enabled", json!(false));
    world.killed(only::<Listener>(&wanted), "it", 1).await;
    world.up(only::<Listener>(&wanted)).await;
    assert_eq!(world.count("elasticloadbalancing:CreateListener").await, made + 1);
    let live = find(aws.elasticloadbalancingv2(), &world.id("it").await).await.unwrap();
    assert_eq!(live.port(), Some(80));
}

#[tokio::test]
async fn is_made_once() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    let balancer = balancer(&aws, &network, "web", "application").await;
    let program = only::<Listener>(&base(&balancer));
    world.finds(program, "it", "elasticloadbalancing:CreateListener").await;
}

#[tokio::test]
async fn a_port_that_somebody_else_uses_is_refused() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    let balancer = balancer(&aws, &network, "web", "application").await;
    let hello = SdkAction::builder()
        .r#type(ActionTypeEnum::FixedResponse)
        .fixed_response_config(FixedResponseActionConfig::builder().status_code("200").build());
    let theirs = aws.elasticloadbalancingv2().create_listener().load_balancer_arn(&balancer);
    let theirs = theirs.port(80).protocol(ProtocolEnum::Http).default_actions(hello.build());
    theirs.send().await.unwrap();
    let wanted: Listener = serde_json::from_value(base(&balancer)).unwrap();
    let program = |stack: &Stack| drop(stack.add("it", wanted.clone()));
    let (_, report) = world.try_up(program).await.unwrap();
    let error = &report.failures[0].error;
    assert!(error.has_code("DuplicateListener"), "{error}");
    assert_eq!(error.kind, ErrorKind::AlreadyExists);
}

#[tokio::test]
async fn tags_of_others_stay_and_ours_go() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let base = base(&balancer(&aws, &network, "web", "application").await);
    world.up(only::<Listener>(&base)).await;
    let id = world.id("it").await;
    tag_by_hand(elb, &id, "cost", "7").await;
    let plain = with(&base, "tags", Value::Null);
    let plan = world.plan(only::<Listener>(&plain)).await;
    assert_eq!(changes(&plan), ["update it"]);
    world.updates(only::<Listener>(&plain), "it", &["tags"]).await;
    assert_eq!(tag(elb, &id, "owner").await, None);
    assert_eq!(tag(elb, &id, "cost").await.as_deref(), Some("7"));
}

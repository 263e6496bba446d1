//! `AWS::SNS::Subscription`.

use std::collections::HashMap;

use ferrocrete_core::Stack;
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::sns::{Subscription, Topic};

use crate::world::{World, changed};

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    topic: &'static str,
    protocol: &'static str,
    endpoint: &'static str,
    filter: Option<&'static str>,
    scope: Option<&'static str>,
    raw: Option<bool>,
    redrive: Option<&'static str>,
    delivery: Option<&'static str>,
}

const FIRST: Wanted = Wanted {
    topic: "a",
    protocol: "https",
    endpoint: "https://example.com/hook",
    filter: None,
    scope: None,
    raw: None,
    redrive: None,
    delivery: None,
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let [a, b] = ["a", "b"].map(|name| stack.add(name, Topic::builder()));
        let topic = if wanted.topic == "a" { &a } else { &b };
        stack.add(
            "hook",
            Subscription::builder()
                .topic_arn(&topic.topic_arn)
                .protocol(wanted.protocol)
                .endpoint(wanted.endpoint)
                .maybe_filter_policy(wanted.filter)
                .maybe_filter_policy_scope(wanted.scope)
                .maybe_raw_message_delivery(wanted.raw)
                .maybe_redrive_policy(wanted.redrive)
                .maybe_delivery_policy(wanted.delivery),
        );
    }
}

async fn find(aws: &Aws, arn: &str) -> Option<HashMap<String, String>> {
    let call = aws.sns().get_subscription_attributes().subscription_arn(arn);
    call.send().await.ok()?.attributes
}

/// An attribute; empty when there is none.
async fn value(aws: &Aws, arn: &str, name: &str) -> String {
    find(aws, arn).await.unwrap().remove(name).unwrap_or_default()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let arn = world.id("hook").await;
    assert_eq!(value(&aws, &arn, "TopicArn").await, world.id("a").await);
    assert_eq!(value(&aws, &arn, "Protocol").await, "https");
    assert_eq!(value(&aws, &arn, "Endpoint").await, "https://example.com/hook");
    assert_eq!(world.output("hook", "subscription_arn").await, arn);

    let wanted = Wanted { filter: Some(r#"{"kind":["alarm"]}"#), ..FIRST };
    world.updates(program(wanted), "hook", &["filter_policy"]).await;
    assert_eq!(value(&aws, &arn, "FilterPolicy").await, r#"{"kind":["alarm"]}"#);
    let wanted = Wanted { scope: Some("MessageBody"), ..wanted };
    world.updates(program(wanted), "hook", &["filter_policy_scope"]).await;
    assert_eq!(value(&aws, &arn, "FilterPolicyScope").await, "MessageBody");
    // Taken out of the program, both go; a new filter has AWS's default scope.
    let wanted = Wanted { filter: None, scope: None, ..wanted };
    let both = ["filter_policy", "filter_policy_scope"];
    world.updates(program(wanted), "hook", &both).await;
    let again = Wanted { filter: Some(r#"{"kind":["news"]}"#), ..wanted };
    world.updates(program(again), "hook", &["filter_policy"]).await;
    assert_eq!(value(&aws, &arn, "FilterPolicyScope").await, "MessageAttributes");
    world.updates(program(wanted), "hook", &["filter_policy"]).await;
    assert!(["", "{}"].contains(&value(&aws, &arn, "FilterPolicy").await.as_str()));
    let wanted = Wanted { raw: Some(true), ..wanted };
    world.updates(program(wanted), "hook", &["raw_message_delivery"]).await;
    assert_eq!(value(&aws, &arn, "RawMessageDelivery").await, "true");

    let redrive = r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:123456789012:dead"}"#;
    let wanted = Wanted { redrive: Some(redrive), ..wanted };
    world.updates(program(wanted), "hook", &["redrive_policy"]).await;
    assert_eq!(value(&aws, &arn, "RedrivePolicy").await, redrive);
    let wanted = Wanted { redrive: None, ..wanted };
    world.updates(program(wanted), "hook", &["redrive_policy"]).await;
    assert_eq!(value(&aws, &arn, "RedrivePolicy").await, "");
    let delivery = r#"{"healthyRetryPolicy":{"numRetries":2}}"#;
    let wanted = Wanted { delivery: Some(delivery), ..wanted };
    world.updates(program(wanted), "hook", &["delivery_policy"]).await;
    // AWS completes it with what nobody has said.
    let there: serde_json::Value =
        serde_json::from_str(&value(&aws, &arn, "DeliveryPolicy").await).unwrap();
    assert_eq!(there["healthyRetryPolicy"]["numRetries"], 2);
    assert_eq!(there["guaranteed"], false);

    // Drift: somebody changes it; somebody ends it.
    let call = aws.sns().set_subscription_attributes().subscription_arn(&arn);
    let call = call.attribute_name("RawMessageDelivery").attribute_value("false");
    call.send().await.unwrap();
    world.updates(program(wanted), "hook", &["raw_message_delivery"]).await;
    aws.sns().unsubscribe().subscription_arn(&arn).send().await.unwrap();
    assert_eq!(world.up(program(wanted)).await, ["create hook"]);

    let last = world.id("hook").await;
    world.destroy().await;
    assert!(find(&aws, &last).await.is_none());
}

#[tokio::test]
async fn what_nobody_confirmed_goes_by_itself() {
    let world = World::new().await;
    let aws = world.aws().await;
    let mail = Wanted { protocol: "email", endpoint: "anna@example.org", ..FIRST };
    world.up(program(mail)).await;
    let arn = world.id("hook").await;
    assert_eq!(value(&aws, &arn, "PendingConfirmation").await, "true");
    // Only the topics stay: AWS refuses the delete, which is no reason to fail for ever.
    let topics = |stack: &Stack| {
        for name in ["a", "b"] {
            stack.add(name, Topic::builder());
        }
    };
    assert_eq!(world.up(topics).await, ["delete hook"]);
    assert_eq!(world.tried("sns:Unsubscribe").await, 1);
    assert!(find(&aws, &arn).await.is_some(), "until AWS forgets it");
    // Declared again, it is the same one.
    world.up(program(mail)).await;
    assert_eq!(world.id("hook").await, arn);
    world.destroy().await;
}

#[tokio::test]
async fn another_topic_or_endpoint_is_another_subscription() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let wanted = Wanted { topic: "b", endpoint: "https://example.com/other", ..FIRST };
    let (old, new) = world.replaces(program(wanted), "hook", &["topic_arn", "endpoint"]).await;
    assert!(find(&aws, &old).await.is_none());
    assert_eq!(value(&aws, &new, "TopicArn").await, world.id("b").await);
    let plan = world.plan(program(Wanted { protocol: "http", ..wanted })).await;
    assert_eq!(changed(&plan, "hook"), ["protocol"].into());
}

#[tokio::test]
async fn it_goes_without_a_call_when_its_topic_goes() {
    let world = World::new().await;
    world.up(program(FIRST)).await;
    let arn = world.id("hook").await;
    world.destroy().await;
    assert_eq!(world.count("sns:Unsubscribe").await, 0);
    assert!(find(&world.aws().await, &arn).await.is_none());
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "hook", "sns:Subscribe").await;
}

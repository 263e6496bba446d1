//! `AWS::SNS::TopicPolicy`.

use ferrocrete_core::Stack;
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::iam::{PolicyDocument, Statement};
use ferrocrete_resources::sns::{Topic, TopicPolicy};
use serde_json::Value;

use super::{set_by_hand, topic};
use crate::world::World;

fn program(on: &'static str, service: Option<&'static str>) -> impl Fn(&Stack) {
    move |stack| {
        let [a, b] = ["a", "b"].map(|name| stack.add(name, Topic::builder()));
        let topic = if on == "a" { &a } else { &b };
        let Some(service) = service else { return };
        let publish = Statement::new().actions(["sns:Publish"]).principal_service(service);
        let policy = PolicyDocument::new().allow(publish.resource(&topic.topic_arn));
        let policy = TopicPolicy::builder().topic_arn(&topic.topic_arn).policy_document(policy);
        stack.add("policy", policy);
    }
}

const ALARMS: Option<&str> = Some("cloudwatch.amazonaws.com");
const EVENTS: Option<&str> = Some("events.amazonaws.com");
const FOREIGN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*"}]}"#;

async fn policy(aws: &Aws, arn: &str) -> Value {
    serde_json::from_str(&topic(aws, arn).await.unwrap()["Policy"]).unwrap()
}

async fn service(aws: &Aws, arn: &str) -> Value {
    policy(aws, arn).await["Statement"][0]["Principal"]["Service"][0].clone()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program("a", None)).await;
    let default = policy(&aws, &world.id("a").await).await;
    assert_eq!(world.up(program("a", ALARMS)).await, ["create policy"]);
    let arn = world.id("policy").await;
    assert_eq!(arn, world.id("a").await);
    assert_eq!(world.output("policy", "topic_arn").await, arn);
    assert_eq!(service(&aws, &arn).await, "cloudwatch.amazonaws.com");

    world.updates(program("a", EVENTS), "policy", &["policy_document"]).await;
    assert_eq!(service(&aws, &arn).await, "events.amazonaws.com");
    // Drift: somebody changes it.
    set_by_hand(&aws, &arn, "Policy", FOREIGN).await;
    world.updates(program("a", EVENTS), "policy", &["policy_document"]).await;
    assert_eq!(service(&aws, &arn).await, "events.amazonaws.com");

    let (old, new) = world.replaces(program("b", EVENTS), "policy", &["topic_arn"]).await;
    assert_eq!(policy(&aws, &old).await, default);
    assert_eq!(service(&aws, &new).await, "events.amazonaws.com");
    assert_eq!(world.up(program("b", None)).await, ["delete policy"]);
    assert_eq!(policy(&aws, &new).await["Id"], "__default_policy_ID");
}

#[tokio::test]
async fn a_foreign_policy_is_not_overwritten() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program("a", None)).await;
    let arn = world.id("a").await;
    set_by_hand(&aws, &arn, "Policy", FOREIGN).await;
    let (_, report) = world.try_up(program("a", ALARMS)).await.unwrap();
    assert!(report.failures[0].error.message.contains("not ours"));
    assert_eq!(policy(&aws, &arn).await["Statement"][0]["Effect"], "Deny");
}

#[tokio::test]
async fn it_goes_without_a_call_when_its_topic_goes() {
    let world = World::new().await;
    world.up(program("a", ALARMS)).await;
    let calls = world.count("sns:SetTopicAttributes").await;
    world.destroy().await;
    assert_eq!(world.count("sns:SetTopicAttributes").await, calls);
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program("a", ALARMS), "policy", "sns:SetTopicAttributes").await;
}

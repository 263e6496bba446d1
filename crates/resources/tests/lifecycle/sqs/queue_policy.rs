//! `AWS::SQS::QueuePolicy`.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use ferrocrete_core::Stack;
use ferrocrete_resources::iam::{PolicyDocument, Role, Statement};
use ferrocrete_resources::sqs::{Queue, QueuePolicy};
use serde_json::Value;

use crate::world::World;

fn program(on: &'static str, service: Option<&'static str>) -> impl Fn(&Stack) {
    move |stack| {
        let [a, b] = ["a", "b"].map(|name| stack.add(name, Queue::builder()));
        let queue = if on == "a" { &a } else { &b };
        let Some(service) = service else { return };
        let send = Statement::new().actions(["sqs:SendMessage"]).principal_service(service);
        let policy = PolicyDocument::new().allow(send.resource(&queue.arn));
        let policy = QueuePolicy::builder().queue_url(&queue.queue_url).policy_document(policy);
        stack.add("policy", policy);
    }
}

const TOPICS: Option<&str> = Some("sns.amazonaws.com");
const EVENTS: Option<&str> = Some("events.amazonaws.com");
const FOREIGN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}]}"#;

async fn policy(sqs: &Client, url: &str) -> Option<Value> {
    let call = sqs.get_queue_attributes().queue_url(url).attribute_names(Name::Policy);
    let text = call.send().await.unwrap().attributes?.remove(&Name::Policy)?;
    Some(serde_json::from_str(&text).unwrap())
}

/// Who may do what, in one word.
async fn who(sqs: &Client, url: &str) -> String {
    let policy = policy(sqs, url).await.unwrap();
    let service = &policy["Statement"][0]["Principal"]["Service"];
    let one = service.get(0).unwrap_or(service);
    one.as_str().unwrap_or_default().to_owned()
}

async fn by_hand(sqs: &Client, url: &str) {
    let call = sqs.set_queue_attributes().queue_url(url).attributes(Name::Policy, FOREIGN);
    call.send().await.unwrap();
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let sqs = world.aws().await.sqs().clone();
    world.up(program("a", None)).await;
    assert_eq!(world.up(program("a", TOPICS)).await, ["create policy"]);
    let url = world.id("policy").await;
    assert_eq!(url, world.id("a").await);
    assert_eq!(world.output("policy", "queue_url").await, url);
    assert_eq!(who(&sqs, &url).await, "sns.amazonaws.com");

    world.updates(program("a", EVENTS), "policy", &["policy_document"]).await;
    assert_eq!(who(&sqs, &url).await, "events.amazonaws.com");
    // Drift: somebody changes it; somebody takes it away.
    by_hand(&sqs, &url).await;
    world.updates(program("a", EVENTS), "policy", &["policy_document"]).await;
    assert_eq!(who(&sqs, &url).await, "events.amazonaws.com");
    let call = sqs.set_queue_attributes().queue_url(&url).attributes(Name::Policy, "");
    call.send().await.unwrap();
    assert_eq!(world.up(program("a", EVENTS)).await, ["create policy"]);

    let (old, new) = world.replaces(program("b", EVENTS), "policy", &["queue_url"]).await;
    assert_eq!(policy(&sqs, &old).await, None);
    assert_eq!(who(&sqs, &new).await, "events.amazonaws.com");
    assert_eq!(world.up(program("b", None)).await, ["delete policy"]);
    assert_eq!(policy(&sqs, &new).await, None);
}

#[tokio::test]
async fn a_foreign_policy_is_not_overwritten() {
    let world = World::new().await;
    let sqs = world.aws().await.sqs().clone();
    world.up(program("a", None)).await;
    let url = world.id("a").await;
    by_hand(&sqs, &url).await;
    let (_, report) = world.try_up(program("a", TOPICS)).await.unwrap();
    assert!(report.failures[0].error.message.contains("not ours"));
    assert_eq!(policy(&sqs, &url).await.unwrap()["Statement"][0]["Effect"], "Deny");
}

#[tokio::test]
async fn a_role_of_moments_ago_may_be_named() {
    let world = World::new().await;
    let sqs = world.aws().await.sqs().clone();
    let program = |stack: &Stack| {
        let trust =
            Statement::new().actions(["sts:AssumeRole"]).principal_service("ec2.amazonaws.com");
        let trust = PolicyDocument::new().allow(trust);
        let role = stack.add("sender", Role::builder().assume_role_policy_document(trust));
        let queue = stack.add("a", Queue::builder());
        let send = Statement::new().actions(["sqs:SendMessage"]).principal_aws(&role.arn);
        let policy = PolicyDocument::new().allow(send.resource(&queue.arn));
        let policy = QueuePolicy::builder().queue_url(&queue.queue_url).policy_document(policy);
        stack.add("policy", policy);
    };
    world.up(program).await;
    let there = policy(&sqs, &world.id("a").await).await.unwrap().to_string();
    assert!(there.contains(&world.output("sender", "arn").await), "{there}");
    let tried = world.tried("sqs:SetQueueAttributes").await;
    assert!(tried > world.count("sqs:SetQueueAttributes").await, "refused at first");
}

#[tokio::test]
async fn it_goes_without_a_call_when_its_queue_goes() {
    let world = World::new().await;
    world.up(program("a", TOPICS)).await;
    let calls = world.count("sqs:SetQueueAttributes").await;
    world.destroy().await;
    assert_eq!(world.count("sqs:SetQueueAttributes").await, calls);
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program("a", TOPICS), "policy", "sqs:SetQueueAttributes").await;
}

//! `AWS::SecretsManager::ResourcePolicy`.

use aws_sdk_secretsmanager::Client;
use ferrocrete_core::Stack;
use ferrocrete_resources::iam::{PolicyDocument, Statement};
use ferrocrete_resources::secretsmanager::ResourcePolicy;
use serde_json::Value;

use super::{described, empty};
use crate::world::World;

#[derive(Clone, Copy)]
struct Wanted {
    on: &'static str,
    sid: &'static str,
    block: Option<bool>,
}

const FIRST: Wanted = Wanted { on: "a", sid: "Readers", block: None };
const FOREIGN: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#;

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let [a, b] = ["a", "b"].map(|name| empty(stack, name));
        let secret = if wanted.on == "a" { &a } else { &b };
        let reading = Statement::new()
            .sid(wanted.sid)
            .actions(["secretsmanager:GetSecretValue"])
            .principal_aws("arn:aws:iam::123456789012:root")
            .resource("*");
        let policy = ResourcePolicy::builder()
            .secret_id(&secret.secret_arn)
            .resource_policy(PolicyDocument::new().allow(reading))
            .maybe_block_public_policy(wanted.block);
        stack.add("policy", policy);
    }
}

fn secrets_alone(stack: &Stack) {
    drop(["a", "b"].map(|name| empty(stack, name)));
}

async fn sid(client: &Client, id: &str) -> Option<String> {
    let answer = client.get_resource_policy().secret_id(id).send().await.unwrap();
    let policy: Value = serde_json::from_str(&answer.resource_policy?).unwrap();
    policy["Statement"][0]["Sid"].as_str().map(str::to_owned)
}

async fn put_by_hand(client: &Client, id: &str) {
    let call = client.put_resource_policy().secret_id(id).resource_policy(FOREIGN);
    call.send().await.unwrap();
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    world.up(program(FIRST)).await;
    let arn = world.id("a").await;
    assert_eq!(world.id("policy").await, arn);
    assert_eq!(world.output("policy", "secret_arn").await, arn);
    assert_eq!(sid(&client, &arn).await.as_deref(), Some("Readers"));

    let wanted = Wanted { sid: "Others", ..FIRST };
    world.updates(program(wanted), "policy", &["resource_policy"]).await;
    assert_eq!(sid(&client, &arn).await.as_deref(), Some("Others"));
    let calls = world.count("secretsmanager:PutResourcePolicy").await;
    let wanted = Wanted { block: Some(true), ..wanted };
    world.updates(program(wanted), "policy", &["block_public_policy"]).await;
    assert_eq!(world.count("secretsmanager:PutResourcePolicy").await, calls);

    // Drift: somebody changes it; somebody deletes it.
    put_by_hand(&client, &arn).await;
    world.updates(program(wanted), "policy", &["resource_policy"]).await;
    assert_eq!(sid(&client, &arn).await.as_deref(), Some("Others"));
    client.delete_resource_policy().secret_id(&arn).send().await.unwrap();
    assert_eq!(world.up(program(wanted)).await, ["create policy"]);

    let elsewhere = Wanted { on: "b", ..wanted };
    let (old, new) = world.replaces(program(elsewhere), "policy", &["secret_id"]).await;
    assert_eq!(sid(&client, &old).await, None);
    assert_eq!(sid(&client, &new).await.as_deref(), Some("Others"));
    assert_eq!(world.up(secrets_alone).await, ["delete policy"]);
    assert_eq!(sid(&client, &new).await, None);
    world.up(program(wanted)).await;
    world.destroy().await;
    assert!(described(&client, &arn).await.is_none());
    assert_eq!(world.count("secretsmanager:DeleteResourcePolicy").await, 3, "not when all goes");
}

#[tokio::test]
async fn a_policy_for_everybody_is_refused_on_demand() {
    let world = World::new().await;
    let public = |stack: &Stack| {
        let secret = empty(stack, "a");
        let all = Statement::new().actions(["secretsmanager:*"]).principal_everyone();
        let policy = PolicyDocument::new().allow(all.resource("*"));
        let policy = ResourcePolicy::builder().resource_policy(policy).block_public_policy(true);
        stack.add("policy", policy.secret_id(&secret.secret_arn));
    };
    let (_, report) = world.try_up(public).await.unwrap();
    assert_eq!(report.failures[0].error.code.as_deref(), Some("PublicPolicyException"));
}

#[tokio::test]
async fn a_foreign_policy_is_not_overwritten() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    world.up(secrets_alone).await;
    let arn = world.id("a").await;
    put_by_hand(&client, &arn).await;
    let (_, report) = world.try_up(program(FIRST)).await.unwrap();
    assert!(report.failures[0].error.message.contains("not ours"));
    assert_eq!(sid(&client, &arn).await.as_deref(), Some("Theirs"));
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "policy", "secretsmanager:PutResourcePolicy").await;
}

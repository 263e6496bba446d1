//! `AWS::IAM::ManagedPolicy`.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{PolicyScopeType, Tag};
use ferrocrete_core::Stack;
use ferrocrete_resources::iam::ManagedPolicy;

use super::{allowing, text};
use crate::world::World;

fn program(
    action: &'static str,
    description: &'static str,
    path: &'static str,
    owner: &'static str,
) -> impl Fn(&Stack) {
    move |stack| {
        stack.add(
            "reading",
            ManagedPolicy::builder()
                .policy_document(allowing(action))
                .description(description)
                .path(path)
                .tags([("owner", owner)]),
        );
    }
}

/// The document in force.
async fn document(iam: &Client, arn: &str) -> String {
    let policy = iam.get_policy().policy_arn(arn).send().await.unwrap().policy.unwrap();
    let version = policy.default_version_id().unwrap();
    let call = iam.get_policy_version().policy_arn(arn).version_id(version);
    call.send().await.unwrap().policy_version.unwrap().document.unwrap()
}

async fn policies(iam: &Client) -> Vec<String> {
    let all = iam.list_policies().scope(PolicyScopeType::Local).send().await.unwrap();
    all.policies().iter().map(|p| p.arn().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    world.up(program("s3:GetObject", "Reads", "/", "anna")).await;
    let arn = world.id("reading").await;
    assert_eq!(policies(&iam).await, [arn.as_str()]);
    let policy = iam.get_policy().policy_arn(&arn).send().await.unwrap().policy.unwrap();
    assert_eq!((policy.description(), policy.path()), (Some("Reads"), Some("/")));
    assert_eq!(world.output("reading", "policy_id").await, policy.policy_id().unwrap());

    // IAM keeps five versions at most: the sixth change has to make room.
    for n in 0..7 {
        let action = ["s3:PutObject", "s3:GetObject"][n % 2];
        world.updates(program(action, "Reads", "/", "anna"), "reading", &["policy_document"]).await;
        assert!(document(&iam, &arn).await.contains(&action[3..]));
    }
    world.updates(program("s3:PutObject", "Reads", "/", "ben"), "reading", &["tags"]).await;
    let tags = iam.list_policy_tags().policy_arn(&arn).send().await.unwrap();
    assert!(tags.tags().iter().any(|t| t.key() == "owner" && t.value() == "ben"));

    let (_, new) = world
        .replaces(program("s3:PutObject", "Writes", "/", "ben"), "reading", &["description"])
        .await;
    assert_eq!(policies(&iam).await, [new]);
    let (_, new) = world
        .replaces(program("s3:PutObject", "Writes", "/web/", "ben"), "reading", &["path"])
        .await;
    assert!(new.contains("/web/"));

    // Drift: somebody deletes it.
    iam.delete_policy().policy_arn(&new).send().await.unwrap();
    assert_eq!(
        world.up(program("s3:PutObject", "Writes", "/web/", "ben")).await,
        ["create reading"]
    );
    world.destroy().await;
    assert!(policies(&iam).await.is_empty());
}

#[tokio::test]
async fn a_new_version_by_hand_is_undone() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    let program = program("s3:GetObject", "Reads", "/", "anna");
    world.up(&program).await;
    let arn = world.id("reading").await;
    let more = text("s3:*");
    let call = iam.create_policy_version().policy_arn(&arn).policy_document(more);
    call.set_as_default(true).send().await.unwrap();
    world.updates(&program, "reading", &["policy_document"]).await;
    assert!(document(&iam, &arn).await.contains("GetObject"));
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let program = program("s3:GetObject", "Reads", "/", "anna");
    world.finds(program, "reading", "iam:CreatePolicy").await;
}

fn named(
    name: &'static str,
    description: Option<&'static str>,
    owner: Option<&'static str>,
) -> impl Fn(&Stack) {
    move |stack| {
        stack.add(
            "reading",
            ManagedPolicy::builder()
                .managed_policy_name(name)
                .maybe_description(description)
                .policy_document(allowing("s3:GetObject"))
                .maybe_tags(owner.map(|o| [("owner", o)])),
        );
    }
}

#[tokio::test]
async fn a_chosen_name_and_tags_that_are_taken_out() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    world.up(named("one", Some("Reads"), Some("anna"))).await;
    let arn = world.id("reading").await;
    let foreign = Tag::builder().key("cost").value("7").build().unwrap();
    iam.tag_policy().policy_arn(&arn).tags(foreign).send().await.unwrap();
    world.updates(named("one", Some("Reads"), None), "reading", &["tags"]).await;
    let tags = iam.list_policy_tags().policy_arn(&arn).send().await.unwrap();
    let mut keys: Vec<_> = tags.tags().iter().map(|t| t.key()).collect();
    keys.retain(|k| !k.starts_with("ferrocrete:"));
    assert_eq!(keys, ["cost"]);

    world.replaces(named("one", None, None), "reading", &["description"]).await;
    let policy = iam.get_policy().policy_arn(&arn).send().await.unwrap().policy.unwrap();
    assert_eq!(policy.description().unwrap_or_default(), "");
    let (_, new) =
        world.replaces(named("two", None, None), "reading", &["managed_policy_name"]).await;
    assert_eq!(policies(&iam).await, [new]);
}

#[tokio::test]
async fn a_foreign_policy_is_not_adopted() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    let call = iam.create_policy().policy_name("taken").policy_document(text("ec2:*"));
    let theirs = call.send().await.unwrap().policy.unwrap().arn.unwrap();
    let (_, report) = world.try_up(named("taken", None, None)).await.unwrap();
    assert_eq!(report.failures[0].error.code.as_deref(), Some("EntityAlreadyExists"));
    assert!(world.state().await.resources.is_empty());
    assert!(document(&iam, &theirs).await.contains("ec2"));
}

#[tokio::test]
async fn who_holds_a_policy_is_said() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    world.up(program("s3:GetObject", "Reads", "/", "anna")).await;
    let arn = world.id("reading").await;
    iam.create_user().user_name("ben").send().await.unwrap();
    iam.attach_user_policy().user_name("ben").policy_arn(&arn).send().await.unwrap();
    assert_eq!(world.holders::<ManagedPolicy>("reading").await.as_deref(), Some("user `ben`"));
}

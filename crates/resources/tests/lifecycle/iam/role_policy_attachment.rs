//! `AWS::IAM::RolePolicyAttachment`.

use aws_sdk_iam::Client;
use ferrocrete_core::Stack;
use ferrocrete_resources::iam::{ManagedPolicy, RolePolicyAttachment};

use super::{allowing, role};
use crate::world::World;

fn program(role_name: &'static str, policy: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        let roles = ["one", "two"].map(|name| (name, role(stack, name)));
        let policies = ["reading", "writing"].map(|name| {
            let made = ManagedPolicy::builder().policy_document(allowing("s3:GetObject"));
            (name, stack.add(name, made))
        });
        let (_, role) = roles.iter().find(|(name, _)| *name == role_name).unwrap();
        let (_, policy) = policies.iter().find(|(name, _)| *name == policy).unwrap();
        stack.add(
            "joined",
            RolePolicyAttachment::builder().role_name(&role.role_name).policy_arn(&policy.arn),
        );
    }
}

async fn attached(iam: &Client, role: &str) -> Vec<String> {
    let all = iam.list_attached_role_policies().role_name(role).send().await.unwrap();
    all.attached_policies().iter().map(|p| p.policy_arn().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    world.up(program("one", "reading")).await;
    let (one, two) = (world.id("one").await, world.id("two").await);
    let (reading, writing) = (world.id("reading").await, world.id("writing").await);
    assert_eq!(attached(&iam, &one).await, [reading.as_str()]);
    world.replaces(program("one", "writing"), "joined", &["policy_arn"]).await;
    assert_eq!(attached(&iam, &one).await, [writing.as_str()]);
    world.replaces(program("two", "writing"), "joined", &["role_name"]).await;
    assert!(attached(&iam, &one).await.is_empty());
    assert_eq!(attached(&iam, &two).await, [writing.as_str()]);
    // Drift: somebody detaches it.
    iam.detach_role_policy().role_name(&two).policy_arn(&writing).send().await.unwrap();
    assert_eq!(world.up(program("two", "writing")).await, ["create joined"]);
    assert_eq!(attached(&iam, &two).await, [writing]);
    world.destroy().await;
    assert!(super::roles(&iam).await.is_empty());
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program("one", "reading"), "joined", "iam:AttachRolePolicy").await;
}

#[tokio::test]
async fn foreign_attachments_stay() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    world.up(program("one", "reading")).await;
    let (one, reading) = (world.id("one").await, world.id("reading").await);
    let theirs = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    iam.attach_role_policy().role_name(&one).policy_arn(theirs).send().await.unwrap();
    world.replaces(program("one", "writing"), "joined", &["policy_arn"]).await;
    let attached = attached(&iam, &one).await;
    assert!(attached.contains(&theirs.to_owned()) && !attached.contains(&reading));
}

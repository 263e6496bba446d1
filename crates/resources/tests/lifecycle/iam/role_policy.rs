//! `AWS::IAM::RolePolicy`.

use aws_sdk_iam::Client;
use ferrocrete_core::Stack;
use ferrocrete_resources::iam::RolePolicy;

use super::{allowing, role, text};
use crate::world::World;

fn program(
    role_name: &'static str,
    name: Option<&'static str>,
    action: &'static str,
) -> impl Fn(&Stack) {
    move |stack| {
        let roles = [("one", role(stack, "one")), ("two", role(stack, "two"))];
        let (_, role) = roles.iter().find(|(name, _)| *name == role_name).unwrap();
        stack.add(
            "reading",
            RolePolicy::builder()
                .role_name(&role.role_name)
                .maybe_policy_name(name)
                .policy_document(allowing(action)),
        );
    }
}

/// The policies of a role: their names and documents.
async fn live(iam: &Client, role: &str) -> Vec<(String, String)> {
    let names = iam.list_role_policies().role_name(role).send().await.unwrap();
    let mut all = Vec::new();
    for name in names.policy_names() {
        let call = iam.get_role_policy().role_name(role).policy_name(name);
        all.push((name.clone(), call.send().await.unwrap().policy_document));
    }
    all
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    let made = world.up(program("one", None, "s3:GetObject")).await;
    assert!(made.contains(&"create reading".to_owned()));
    let (one, two) = (world.id("one").await, world.id("two").await);
    let policies = live(&iam, &one).await;
    assert!(policies.len() == 1 && policies[0].1.contains("GetObject"));

    world.updates(program("one", None, "s3:PutObject"), "reading", &["policy_document"]).await;
    assert!(live(&iam, &one).await[0].1.contains("PutObject"));
    // Drift: somebody allows more.
    let more = text("s3:*");
    let (name, _) = &policies[0];
    let put = iam.put_role_policy().role_name(&one).policy_name(name).policy_document(&more);
    put.send().await.unwrap();
    world.updates(program("one", None, "s3:PutObject"), "reading", &["policy_document"]).await;
    assert!(live(&iam, &one).await[0].1.contains("PutObject"));

    world
        .replaces(program("one", Some("writing"), "s3:PutObject"), "reading", &["policy_name"])
        .await;
    assert_eq!(live(&iam, &one).await[0].0, "writing");
    world
        .replaces(program("two", Some("writing"), "s3:PutObject"), "reading", &["role_name"])
        .await;
    assert_eq!((live(&iam, &one).await.len(), live(&iam, &two).await.len()), (0, 1));

    iam.delete_role_policy().role_name(&two).policy_name("writing").send().await.unwrap();
    let again = world.up(program("two", Some("writing"), "s3:PutObject")).await;
    assert_eq!(again, ["create reading"]);
    world.destroy().await;
    assert!(super::roles(&iam).await.is_empty());
}

#[tokio::test]
async fn a_foreign_policy_of_that_name_is_kept() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    world.up(|stack: &Stack| drop((role(stack, "one"), role(stack, "two")))).await;
    let one = world.id("one").await;
    let theirs = text("ec2:*");
    let put = iam.put_role_policy().role_name(&one).policy_name("own").policy_document(&theirs);
    put.send().await.unwrap();
    let (_, report) = world.try_up(program("one", Some("own"), "s3:GetObject")).await.unwrap();
    assert_eq!(report.failures.len(), 1);
    assert!(report.failures[0].error.message.contains("not ours"));
    assert!(live(&iam, &one).await[0].1.contains("ec2"));
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program("one", None, "s3:GetObject"), "reading", "iam:PutRolePolicy").await;
}

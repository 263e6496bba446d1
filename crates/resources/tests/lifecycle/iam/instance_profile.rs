//! `AWS::IAM::InstanceProfile`.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::InstanceProfile as SdkProfile;
use ferrocrete_core::Stack;
use ferrocrete_resources::iam::InstanceProfile;

use super::role;
use crate::world::World;

fn program(role_name: &'static str, path: &'static str, owner: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        let roles = ["one", "two"].map(|name| (name, role(stack, name)));
        let (_, role) = roles.iter().find(|(name, _)| *name == role_name).unwrap();
        stack.add(
            "machine",
            InstanceProfile::builder().role(&role.role_name).path(path).tags([("owner", owner)]),
        );
    }
}

async fn live(iam: &Client, name: &str) -> Option<SdkProfile> {
    let answer = iam.get_instance_profile().instance_profile_name(name).send().await;
    answer.ok()?.instance_profile
}

fn role_of(profile: &SdkProfile) -> Vec<&str> {
    profile.roles().iter().map(|r| r.role_name()).collect()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    world.up(program("one", "/", "anna")).await;
    let name = world.id("machine").await;
    let (one, two) = (world.id("one").await, world.id("two").await);
    let profile = live(&iam, &name).await.unwrap();
    assert_eq!((role_of(&profile), profile.path()), (vec![one.as_str()], "/"));
    assert_eq!(world.output("machine", "arn").await, profile.arn());

    world.updates(program("two", "/", "anna"), "machine", &["role"]).await;
    assert_eq!(role_of(&live(&iam, &name).await.unwrap()), [two.as_str()]);
    world.updates(program("two", "/", "ben"), "machine", &["tags"]).await;
    let profile = live(&iam, &name).await.unwrap();
    assert!(profile.tags().iter().any(|t| t.key() == "owner" && t.value() == "ben"));

    // Drift: somebody takes the role out.
    let call = iam.remove_role_from_instance_profile().instance_profile_name(&name);
    call.role_name(&two).send().await.unwrap();
    world.updates(program("two", "/", "ben"), "machine", &["role"]).await;
    assert_eq!(role_of(&live(&iam, &name).await.unwrap()), [two.as_str()]);

    let (old, new) = world.replaces(program("two", "/web/", "ben"), "machine", &["path"]).await;
    assert!(live(&iam, &old).await.is_none());
    assert_eq!(live(&iam, &new).await.unwrap().path(), "/web/");
    world.destroy().await;
    assert!(live(&iam, &new).await.is_none());
    assert!(super::roles(&iam).await.is_empty());
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program("one", "/", "anna"), "machine", "iam:CreateInstanceProfile").await;
}

#[tokio::test]
async fn is_found_again_without_its_role() {
    let world = World::new().await;
    world.killed(program("one", "/", "anna"), "machine", 2).await;
    world.up(program("one", "/", "anna")).await;
    assert_eq!(world.count("iam:CreateInstanceProfile").await, 1);
    let iam = world.aws().await.iam().clone();
    let name = world.id("machine").await;
    assert_eq!(live(&iam, &name).await.unwrap().roles().len(), 1);
}

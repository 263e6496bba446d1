//! `AWS::IAM::InstanceProfile`.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{InstanceProfile as SdkProfile, Tag};
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

/// Killed between the profile's creation and the role's being put into it.
#[tokio::test]
async fn is_found_again_without_its_role() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    world.killed(program("one", "/", "anna"), "machine", 1).await;
    let all = iam.list_instance_profiles().send().await.unwrap().instance_profiles;
    assert!(all.len() == 1 && all[0].roles().is_empty());
    world.up(program("one", "/", "anna")).await;
    assert_eq!(world.count("iam:CreateInstanceProfile").await, 1);
    let profile = live(&iam, &world.id("machine").await).await.unwrap();
    assert_eq!(role_of(&profile), [world.id("one").await]);
}

/// Killed when all is done but not recorded.
#[tokio::test]
async fn is_found_again_with_its_role() {
    let world = World::new().await;
    world.killed(program("one", "/", "anna"), "machine", 2).await;
    world.up(program("one", "/", "anna")).await;
    assert_eq!(world.count("iam:CreateInstanceProfile").await, 1);
    assert_eq!(world.count("iam:AddRoleToInstanceProfile").await, 1);
}

fn named(name: &'static str, owner: Option<&'static str>) -> impl Fn(&Stack) {
    move |stack| {
        let profile = InstanceProfile::builder().instance_profile_name(name);
        let profile = profile.maybe_tags(owner.map(|o| [("owner", o)]));
        stack.add("machine", profile.role(&role(stack, "one").role_name));
    }
}

#[tokio::test]
async fn a_chosen_name_and_tags_that_are_taken_out() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    world.up(named("web", Some("anna"))).await;
    let foreign = Tag::builder().key("cost").value("7").build().unwrap();
    iam.tag_instance_profile().instance_profile_name("web").tags(foreign).send().await.unwrap();
    world.updates(named("web", None), "machine", &["tags"]).await;
    let profile = live(&iam, "web").await.unwrap();
    let mut keys: Vec<_> = profile.tags().iter().map(|t| t.key()).collect();
    keys.retain(|k| !k.starts_with("ferrocrete:"));
    assert_eq!(keys, ["cost"]);
    world.replaces(named("api", None), "machine", &["instance_profile_name"]).await;
    assert!(live(&iam, "web").await.is_none());
    assert_eq!(role_of(&live(&iam, "api").await.unwrap()), [world.id("one").await]);
}

#[tokio::test]
async fn a_foreign_role_is_put_out_and_a_deleted_profile_made_again() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    let program = program("one", "/", "anna");
    world.up(&program).await;
    let (one, two) = (world.id("one").await, world.id("two").await);
    let name = world.id("machine").await;
    let out = iam.remove_role_from_instance_profile().instance_profile_name(&name);
    out.role_name(&one).send().await.unwrap();
    let other = iam.add_role_to_instance_profile().instance_profile_name(&name);
    other.role_name(&two).send().await.unwrap();
    world.updates(&program, "machine", &["role"]).await;
    assert_eq!(role_of(&live(&iam, &name).await.unwrap()), [one.as_str()]);

    let out = iam.remove_role_from_instance_profile().instance_profile_name(&name);
    out.role_name(&one).send().await.unwrap();
    iam.delete_instance_profile().instance_profile_name(&name).send().await.unwrap();
    assert_eq!(world.up(&program).await, ["create machine"]);
    let new = world.id("machine").await;
    assert_eq!(role_of(&live(&iam, &new).await.unwrap()), [one.as_str()]);
}

#[tokio::test]
async fn a_foreign_profile_is_not_adopted() {
    let world = World::new().await;
    let iam = world.aws().await.iam().clone();
    iam.create_instance_profile().instance_profile_name("taken").send().await.unwrap();
    let (_, report) = world.try_up(named("taken", None)).await.unwrap();
    assert_eq!(report.failures[0].error.code.as_deref(), Some("EntityAlreadyExists"));
    let profile = live(&iam, "taken").await.unwrap();
    assert!(profile.roles().is_empty() && profile.tags().is_empty());
}

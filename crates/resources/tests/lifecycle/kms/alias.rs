//! `AWS::KMS::Alias`.

use aws_sdk_kms::Client;
use ferrocrete_core::Stack;
use ferrocrete_resources::kms::{Alias, Key};

use super::key;
use crate::world::World;

#[derive(Clone, Copy)]
struct Wanted {
    name: Option<&'static str>,
    on: &'static str,
}

const FIRST: Wanted = Wanted { name: Some("app/docs"), on: "a" };

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let keys = ["a", "b"].map(|name| (name, stack.add(name, Key::builder())));
        let (_, key) = keys.iter().find(|(name, _)| *name == wanted.on).unwrap();
        let alias = Alias::builder().maybe_alias_name(wanted.name).target_key_id(&key.key_id);
        stack.add("name", alias);
    }
}

/// Id of the key that an alias stands for.
async fn target(kms: &Client, alias: &str) -> Option<String> {
    Some(key(kms, alias).await?.key_id)
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let kms = world.aws().await.kms().clone();
    world.up(program(FIRST)).await;
    let [a, b] = [world.id("a").await, world.id("b").await];
    assert_eq!(world.id("name").await, "alias/app/docs");
    assert_eq!(world.output("name", "alias_name").await, "alias/app/docs");
    assert!(world.output("name", "arn").await.ends_with(":alias/app/docs"));
    assert_eq!(target(&kms, "alias/app/docs").await, Some(a.clone()));

    let other = Wanted { on: "b", ..FIRST };
    world.updates(program(other), "name", &["target_key_id"]).await;
    assert_eq!(target(&kms, "alias/app/docs").await, Some(b.clone()));

    // Drift: somebody gives it to another key; somebody deletes it.
    kms.update_alias().alias_name("alias/app/docs").target_key_id(&a).send().await.unwrap();
    world.updates(program(other), "name", &["target_key_id"]).await;
    assert_eq!(target(&kms, "alias/app/docs").await, Some(b.clone()));
    kms.delete_alias().alias_name("alias/app/docs").send().await.unwrap();
    assert_eq!(world.up(program(other)).await, ["create name"]);

    let renamed = Wanted { name: Some("alias/papers"), ..other };
    let (old, new) = world.replaces(program(renamed), "name", &["alias_name"]).await;
    assert_eq!((target(&kms, &old).await, new.as_str()), (None, "alias/papers"));
    assert_eq!(target(&kms, &new).await, Some(b));
    // Taken out of the program, the name stays.
    assert!(world.plan(program(Wanted { name: None, ..renamed })).await.is_empty());

    world.destroy().await;
    assert_eq!(target(&kms, "alias/papers").await, None, "although its key only waits");
}

#[tokio::test]
async fn a_name_is_derived() {
    let world = World::new().await;
    let kms = world.aws().await.kms().clone();
    world.up(program(Wanted { name: None, ..FIRST })).await;
    let name = world.id("name").await;
    assert!(name.starts_with("alias/"), "{name}");
    assert_eq!(target(&kms, &name).await, Some(world.id("a").await));
}

#[tokio::test]
async fn a_foreign_alias_is_not_adopted() {
    let world = World::new().await;
    let kms = world.aws().await.kms().clone();
    let theirs = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
    let call = kms.create_alias().alias_name("alias/app/docs").target_key_id(&theirs);
    call.send().await.unwrap();
    let (_, report) = world.try_up(program(FIRST)).await.unwrap();
    assert!(report.failures[0].error.message.contains("choose another name"));
    assert_eq!(target(&kms, "alias/app/docs").await, Some(theirs));
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "name", "kms:CreateAlias").await;
}

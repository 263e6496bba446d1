//! Former snapshots that hold in plain what is secret by now.

use ferrocrete_core::Value;
use ferrocrete_core::state::{Entry, StateError, history};
use ferrocrete_core::value::PropertyMap;

use crate::world::{TTL, World, done, holder, kill, urn};

const PLAIN: &str = "correct-horse";

fn password(secret: bool) -> PropertyMap {
    let text = Value::from(PLAIN);
    let value = if secret { Value::secret(text) } else { text };
    [("password".to_owned(), value)].into()
}

fn web(secret: bool) -> Entry {
    let Entry::Done(mut web) = done("web") else { unreachable!() };
    web.inputs = password(secret);
    Entry::Done(web)
}

fn concealed() -> Entry {
    let (inputs, outputs) = (password(true), PropertyMap::new());
    Entry::Concealed { urn: urn("web"), generation: 1, inputs, outputs }
}

fn is_anywhere(world: &World) -> bool {
    world.files().values().any(|bytes| String::from_utf8_lossy(bytes).contains(PLAIN))
}

#[tokio::test]
async fn they_are_found_and_removed_and_nothing_else_is() {
    let world = World::applied().await;
    world.apply(vec![web(false)]).await;
    world.apply(vec![Entry::Exports(password(false))]).await;
    assert!(world.store().exposed("shop", "dev").await.unwrap().is_empty(), "nothing is secret");
    world.apply(vec![concealed(), Entry::Exports(password(true))]).await;
    let exposed = world.store().exposed("shop", "dev").await.unwrap();
    assert_eq!(exposed.iter().map(|e| e.serial).collect::<Vec<_>>(), [4, 3]);
    assert!(exposed[0].place.contains("history/"), "{exposed:?}");
    assert_eq!(exposed[0].urns, [urn("web")].into());
    assert!(is_anywhere(&world));
    let removed = world.store().scrub(&holder("state scrub"), "shop", "dev", TTL).await.unwrap();
    assert_eq!(removed, exposed);
    assert!(!is_anywhere(&world));
    let left = history(&world.backend(), "shop", "dev", 100).await.unwrap();
    let left: Vec<u64> = left.into_iter().map(|s| s.content.unwrap().serial).collect();
    assert_eq!(left, [6, 5, 2, 1]);
    let state = world.load().await.unwrap();
    assert_eq!(state.resources.len(), 2);
    assert_eq!(state.exports["password"], Value::secret(PLAIN.into()));
}

#[tokio::test]
async fn what_only_the_journal_says_is_counted() {
    let world = World::applied().await;
    world.apply(vec![web(false)]).await;
    let store = world.open("up").await.unwrap();
    store.commit(vec![concealed()]).await.unwrap();
    kill(store).await;
    assert!(is_anywhere(&world), "in the present snapshot");
    let removed = world.store().scrub(&holder("state scrub"), "shop", "dev", TTL).await.unwrap();
    assert_eq!(removed.iter().map(|e| e.serial).collect::<Vec<_>>(), [3]);
    assert!(!is_anywhere(&world));
}

#[tokio::test]
async fn somebody_else_s_lock_is_respected() {
    let world = World::applied().await;
    let _open = world.open("up").await.unwrap();
    let scrubbed = world.store().scrub(&holder("state scrub"), "shop", "dev", TTL).await;
    assert!(matches!(scrubbed, Err(StateError::Locked { .. })), "{scrubbed:?}");
}

//! The engine's store over this backend.

use std::sync::Arc;
use std::time::Duration;

use ferrocrete_backend_s3::KmsKeyProvider;
use ferrocrete_core::state::{Entry, OpenStore, StateError, StateStore};
use ferrocrete_core::value::{PropertyMap, Value};
use ferrocrete_sandbox::Fault;
use futures::future::try_join_all;

use crate::world::{World, holder, ready};

const SECRET: &str = "the-password-of-the-database";

async fn store(world: &World) -> StateStore {
    let kms = aws_sdk_kms::Client::new(&world.config);
    let id = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
    let keys = KmsKeyProvider::new(&world.config, id, "shop", "dev");
    StateStore::new(Arc::new(world.backend()), Arc::new(keys))
}

async fn open(store: &StateStore, id: &str) -> OpenStore {
    store.open(&holder(id), "shop", "dev", Duration::from_secs(2)).await.unwrap()
}

fn exports(text: &str) -> Entry {
    let secret = Value::secret(Value::String(SECRET.to_owned()));
    let text = Value::String(text.to_owned());
    Entry::Exports(PropertyMap::from([("text".into(), text), ("password".into(), secret)]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn survives_a_crash_and_is_folded() {
    let world = ready().await;
    let store = store(&world).await;
    let first = open(&store, "anna").await;
    // Many at once, grouped; one with a lost answer; one too large for an item.
    try_join_all((0..150).map(|n| first.commit(vec![exports(&n.to_string())]))).await.unwrap();
    world.account.faults([Fault::drop_after("TransactWriteItems").times(4)]).await.unwrap();
    first.commit((0..120).map(|n| exports(&n.to_string())).collect()).await.unwrap();
    first.commit(vec![exports(&"x".repeat(500_000))]).await.unwrap();
    let state = first.state();
    assert_eq!(state.sequence, 271);
    drop(first); // as a killed process

    assert_eq!(store.load("shop", "dev").await.unwrap().state, state);
    let second = open(&store, "ben").await;
    assert_eq!(second.state(), state);
    second.commit(vec![exports("last")]).await.unwrap();
    second.close().await.unwrap();

    let loaded = store.load("shop", "dev").await.unwrap().state;
    assert_eq!((loaded.sequence, loaded.serial), (272, 2));
    assert_eq!(loaded.exports["text"], Value::String("last".to_owned()));
    assert_eq!(store.lock_info().await.unwrap(), None);
    assert_eq!(world.keys().await, ["team/shop/dev/snapshot.json"]);
    let object = world.s3().get_object().bucket(&world.location.bucket);
    let object = object.key("team/shop/dev/snapshot.json").send().await.unwrap();
    let bytes = object.body.collect().await.unwrap().into_bytes();
    assert!(!String::from_utf8_lossy(&bytes).contains(SECRET));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unlocked_writer_commits_nothing_more() {
    let world = ready().await;
    let store = store(&world).await;
    let first = open(&store, "anna").await;
    first.commit(vec![exports("kept")]).await.unwrap();
    assert_eq!(store.unlock().await.unwrap().unwrap().holder, holder("anna"));
    let error = first.commit(vec![exports("late")]).await.unwrap_err();
    assert!(matches!(error, StateError::LeaseLost { .. }), "{error}");
    let state = store.load("shop", "dev").await.unwrap().state;
    assert_eq!(state.exports["text"], Value::String("kept".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_stack_is_read_with_its_own_key() {
    let world = ready().await;
    let dev = store(&world).await;
    let global = dev.for_stack("platform", "global").unwrap();
    let (anna, ttl) = (holder("anna"), Duration::from_secs(2));
    let open = global.open(&anna, "platform", "global", ttl).await.unwrap();
    open.commit(vec![exports("hello")]).await.unwrap();
    // While somebody is at work there.
    let read = dev.for_stack("platform", "global").unwrap();
    let loaded = read.load("platform", "global").await.unwrap();
    assert!(!loaded.is_new());
    assert_eq!(loaded.state.exports, open.state().exports);
    open.close().await.unwrap();
    assert_eq!(world.keys().await, ["team/platform/global/snapshot.json"]);
    assert!(dev.load("shop", "dev").await.unwrap().is_new());
    assert!(matches!(dev.for_stack("..", "global"), Err(StateError::Unusable { .. })));
}

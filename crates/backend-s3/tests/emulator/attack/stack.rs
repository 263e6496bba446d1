//! A stack in an account of its own, and everything that is stored of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use ferrocrete_backend_s3::S3Backend;
use ferrocrete_core::state::{Entry, FixedKey, KeyProvider, OpenStore, StateError, StateStore};
use ferrocrete_core::value::{PropertyMap, Value};

use crate::world::{LONG, World, holder, ready};

pub const SNAPSHOT: &str = "team/shop/dev/snapshot.json";

pub fn exports(text: &str) -> Entry {
    let secret = Value::secret("hunter2-plain".into());
    Entry::Exports(PropertyMap::from([("text".into(), text.into()), ("secret".into(), secret)]))
}

pub fn store_of(backend: S3Backend, keys: impl KeyProvider + 'static) -> StateStore {
    StateStore::new(Arc::new(backend), Arc::new(keys))
}

/// A stack with snapshots 1 and 2, and journal entries 2 to 4, the last one an object.
pub struct Stack {
    pub world: World,
    pub store: StateStore,
}

impl Stack {
    pub async fn new() -> Self {
        let world = ready().await;
        let store = store_of(world.backend(), FixedKey::for_tests());
        let stack = Self { world, store };
        let first = stack.open().await.unwrap();
        first.commit(vec![exports("folded")]).await.unwrap();
        first.close().await.unwrap();
        let second = stack.open().await.unwrap();
        for text in ["two", "three", &"x".repeat(400_000)] {
            second.commit(vec![exports(text)]).await.unwrap();
        }
        second.abandon().await.unwrap();
        stack
    }

    pub async fn open(&self) -> Result<OpenStore, StateError> {
        self.store.open(&holder("anna"), "shop", "dev", LONG).await
    }

    pub async fn item(&self, sk: &str) -> Option<BTreeMap<String, AttributeValue>> {
        let got = self.world.dynamo().get_item().table_name(&self.world.location.table);
        let got = got.set_key(Some(self.key(sk))).send().await.unwrap();
        got.item.map(|item| item.into_iter().collect())
    }

    fn key(&self, sk: &str) -> HashMap<String, AttributeValue> {
        let pk = format!("{}/team/shop/dev", self.world.location.bucket);
        let text = |value: &str| AttributeValue::S(value.to_owned());
        [("pk".to_owned(), text(&pk)), ("sk".to_owned(), text(sk))].into()
    }

    pub async fn put_item(&self, item: BTreeMap<String, AttributeValue>) {
        let put = self.world.dynamo().put_item().table_name(&self.world.location.table);
        put.set_item(Some(item.into_iter().collect())).send().await.unwrap();
    }

    pub async fn delete_item(&self, sk: &str) {
        assert!(self.item(sk).await.is_some());
        let delete = self.world.dynamo().delete_item().table_name(&self.world.location.table);
        delete.set_key(Some(self.key(sk))).send().await.unwrap();
    }

    /// Changes one attribute of an item.
    pub async fn change_item(&self, sk: &str, name: &str, value: AttributeValue) {
        let mut item = self.item(sk).await.unwrap();
        item.insert(name.to_owned(), value);
        self.put_item(item).await;
    }

    pub async fn object(&self, key: &str) -> Vec<u8> {
        let got = self.world.s3().get_object().bucket(&self.world.location.bucket);
        let body = got.key(key).send().await.unwrap().body;
        body.collect().await.unwrap().to_vec()
    }

    pub async fn put(&self, key: &str, bytes: Vec<u8>) {
        let put = self.world.s3().put_object().bucket(&self.world.location.bucket);
        put.key(key).body(ByteStream::from(bytes)).send().await.unwrap();
    }

    pub async fn delete(&self, key: &str) {
        let delete = self.world.s3().delete_object().bucket(&self.world.location.bucket);
        delete.key(key).send().await.unwrap();
    }

    /// Every object and item but the lock, with what is in it.
    pub async fn everything(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for key in self.world.keys().await {
            all.insert(key.clone(), format!("{:?}", self.object(&key).await));
        }
        let scan = self.world.dynamo().scan().table_name(&self.world.location.table).send();
        for item in scan.await.unwrap().items.unwrap_or_default() {
            let item: BTreeMap<_, _> = item.into_iter().collect();
            if item["sk"].as_s().unwrap() != "lock" {
                all.insert(format!("{:?}{:?}", item["pk"], item["sk"]), format!("{item:?}"));
            }
        }
        all
    }

    /// Reading and opening fail as `is` says with a text that says all of `says`, and nothing
    /// is changed.
    pub async fn refuses(&self, is: fn(&StateError) -> bool, says: &[&str]) {
        let before = self.everything().await;
        let read = self.store.load("shop", "dev").await.err().expect("it is read");
        let opened = self.open().await.err().expect("it is opened");
        assert!(before == self.everything().await, "something was changed");
        for error in [read, opened] {
            assert!(is(&error), "{error:?}");
            let text = error.to_string();
            assert!(says.iter().all(|part| text.contains(part)), "{says:?}: {text}");
            assert!(text.contains("what to do: ") && !text.contains("hunter2"), "{text}");
        }
        assert_eq!(self.store.lock_info().await.unwrap(), None, "the lock was given back");
    }

    /// What the stack exports.
    pub async fn text(&self) -> String {
        let state = self.store.load("shop", "dev").await.unwrap().state;
        let Value::String(text) = &state.exports["text"] else { panic!("not a text") };
        text.clone()
    }
}

pub fn is_damaged(error: &StateError) -> bool {
    matches!(error, StateError::Damaged { .. })
}

//! A stack on local state, and what it looks like on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ferrocrete_core::Urn;
use ferrocrete_core::resource::ProviderConfig;
use ferrocrete_core::state::{
    Completeness, Entry, FixedKey, Holder, Intent, IntentAction, KeyProvider, LocalBackend,
    OpenStore, ResourceState, State, StateBackend, StateError, StateStore,
};
use ferrocrete_core::value::{PropertyMap, Value};

pub const TTL: Duration = Duration::from_secs(60);
pub const SECRET: &str = "hunter2-plain";

pub fn urn(name: &str) -> Urn {
    Urn::new("shop", "dev", &[], "Fake::Thing", name).unwrap()
}

pub fn holder(command: &str) -> Holder {
    Holder { id: command.into(), who: "anna@build-7".into(), pid: 7, command: command.into() }
}

pub fn begin(name: &str) -> Entry {
    Entry::Begin(Box::new(Intent {
        urn: urn(name),
        named_after: None,
        generation: 1,
        action: IntentAction::Create,
        inputs: PropertyMap::from([("password".into(), Value::secret(SECRET.into()))]),
        token: "token".into(),
        dependencies: Default::default(),
        provider: ProviderConfig::default(),
        namespace: None,
        protect: false,
        retain_on_delete: false,
        started_at: "2026-11-21T04:30:00Z".into(),
    }))
}

pub fn done(name: &str) -> Entry {
    Entry::Done(Box::new(ResourceState {
        urn: urn(name),
        named_after: None,
        generation: 1,
        id: format!("id-{name}"),
        inputs: PropertyMap::from([("password".into(), Value::secret(SECRET.into()))]),
        outputs: PropertyMap::from([("ratio".into(), Value::Float(0.1 + 0.2))]),
        dependencies: Default::default(),
        completeness: Completeness::Complete,
        unsure: None,
        provider: ProviderConfig::default(),
        namespace: None,
        protect: false,
        retain_on_delete: false,
        delete_timeout: None,
        touched: 0,
    }))
}

pub fn gone(name: &str) -> Entry {
    Entry::Deleted { urn: urn(name), generation: 1 }
}

/// Drops it as a killed process does; returns once its tasks are gone, and the lock with them.
pub async fn kill(store: OpenStore) {
    drop(store);
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

pub struct World {
    pub folder: tempfile::TempDir,
}

impl World {
    /// Snapshot 1 holds nothing, snapshot 2 holds `net`, and the journal `web`, of which
    /// nobody knows more than that it was accepted.
    pub async fn interrupted() -> Self {
        let world = Self::applied().await;
        let store = world.open("up").await.unwrap();
        store.commit(vec![begin("web")]).await.unwrap();
        let accepted = Entry::Accepted {
            urn: urn("web"),
            generation: 1,
            id: "id-web".into(),
            all_sent: false,
        };
        store.commit(vec![accepted]).await.unwrap();
        store.commit(vec![gone("db")]).await.unwrap();
        kill(store).await;
        world
    }

    /// Snapshot 1 holds nothing, snapshot 2 holds `net`; the journal is empty.
    pub async fn applied() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        world.apply(vec![begin("net"), done("net")]).await;
        world
    }

    /// A run with these entries.
    pub async fn apply(&self, entries: Vec<Entry>) -> State {
        let store = self.open("up").await.unwrap();
        store.commit(entries).await.unwrap();
        store.fold().await.unwrap();
        let state = store.state();
        store.close().await.unwrap();
        state
    }

    pub fn backend(&self) -> LocalBackend {
        LocalBackend::new(self.folder.path(), "shop", "dev")
    }

    pub fn store(&self) -> StateStore {
        self.store_with(FixedKey::for_tests())
    }

    pub fn store_with(&self, keys: impl KeyProvider + 'static) -> StateStore {
        StateStore::new(Arc::new(self.backend()) as Arc<dyn StateBackend>, Arc::new(keys))
    }

    pub async fn open(&self, command: &str) -> Result<OpenStore, StateError> {
        self.store().open(&holder(command), "shop", "dev", TTL).await
    }

    pub async fn load(&self) -> Result<State, StateError> {
        Ok(self.store().load("shop", "dev").await?.state)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("shop/dev").join(name)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// Every file with what is in it, but for those of the lock.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.folder.path(), &mut files);
        files
    }

    /// Reading, opening and restoring fail with an error of which `is` holds and whose text
    /// says all of `says`; no file changes. Returns the text.
    pub async fn refuses(&self, is: fn(&StateError) -> bool, says: &[&str]) -> String {
        let before = self.files();
        let read = self.load().await.expect_err("it is read");
        let opened = self.open("up").await.err().expect("it is opened");
        assert!(before == self.files(), "a file was changed");
        for error in [&read, &opened] {
            assert!(is(error), "{error:?}");
            let text = error.to_string();
            assert!(says.iter().all(|part| text.contains(part)), "{says:?}: {text}");
            assert!(text.contains("what to do: ") && !text.contains(SECRET), "{text}");
        }
        read.to_string()
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            collect(&path, files);
        } else if name != "mutex" && !name.starts_with("lock") {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
}

pub fn is_damaged(error: &StateError) -> bool {
    matches!(error, StateError::Damaged { .. })
}

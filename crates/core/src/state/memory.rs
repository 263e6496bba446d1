//! [`MemoryBackend`]: state in memory, for tests and for trying things out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::backend::{
    FormerSnapshot, Holder, Lease, LockInfo, Record, SnapshotBlob, SnapshotTag, StateBackend,
    Stored,
};
use super::error::StateError;
use super::readers::StackName;

#[derive(Default)]
struct Storage {
    snapshot: Option<SnapshotBlob>,
    versions: u64,
    /// Oldest first.
    former: Vec<SnapshotBlob>,
    records: Vec<Record>,
    epoch: u64,
    lock: Option<Held>,
    appends: u64,
    failing: u32,
    readers: BTreeSet<StackName>,
}

struct Held {
    info: LockInfo,
    ttl: Duration,
    beat: u64,
}

type Place = Arc<Mutex<Storage>>;

/// State in memory; clones share it. [`StateBackend::for_stack`] gives the places of further
/// stacks beside it.
#[derive(Clone, Default)]
pub struct MemoryBackend {
    name: String,
    storage: Place,
    /// By project and stack.
    others: Arc<Mutex<BTreeMap<(String, String), Place>>>,
}

impl MemoryBackend {
    /// Empty storage.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many appends were stored.
    pub fn appends(&self) -> u64 {
        self.lock().appends
    }

    /// Makes the next `count` appends store their entries but answer with an I/O error.
    pub fn lose_answers(&self, count: u32) {
        self.lock().failing = count;
    }

    /// Everything that is stored, as one text: for tests that look for secrets.
    pub fn everything(&self) -> String {
        let storage = self.lock();
        let snapshots = storage.former.iter().chain(&storage.snapshot);
        let snapshot = snapshots.map(|s| String::from_utf8_lossy(&s.bytes).into_owned());
        snapshot.chain(storage.records.iter().map(|r| r.body.clone())).collect()
    }

    /// What is stored of the present state, without former snapshots, as one text: for tests
    /// that look for secrets.
    pub fn present(&self) -> String {
        let storage = self.lock();
        let snapshot = storage.snapshot.iter().map(|s| String::from_utf8_lossy(&s.bytes).into());
        snapshot.chain(storage.records.iter().map(|r| r.body.clone())).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Storage> {
        self.storage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lost(&self) -> StateError {
        let why = match &self.lock().lock {
            Some(held) => format!("{} took it over", held.info.holder.who),
            None => "somebody unlocked it".into(),
        };
        StateError::LeaseLost { place: self.describe(), why }
    }

    fn holds(&self, lease: &Lease) -> bool {
        let storage = self.lock();
        storage.epoch == lease.epoch
            && storage.lock.as_ref().is_some_and(|h| h.info.holder == lease.holder)
    }

    fn take(&self, holder: &Holder, ttl: Duration) -> Lease {
        let mut storage = self.lock();
        storage.epoch += 1;
        let epoch = storage.epoch;
        let since = super::clock::timestamp();
        let info = LockInfo { holder: holder.clone(), since, epoch };
        storage.lock = Some(Held { info, ttl, beat: 0 });
        Lease { holder: holder.clone(), epoch, ttl }
    }
}

#[async_trait]
impl StateBackend for MemoryBackend {
    fn describe(&self) -> String {
        format!("memory:{}", self.name)
    }

    fn for_stack(&self, project: &str, stack: &str) -> Result<Arc<dyn StateBackend>, StateError> {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let storage = others.entry((project.to_owned(), stack.to_owned())).or_default().clone();
        Ok(Arc::new(Self {
            name: format!("{project}/{stack}"),
            storage,
            others: self.others.clone(),
        }))
    }

    async fn readers(&self) -> Result<Vec<StackName>, StateError> {
        Ok(self.lock().readers.iter().cloned().collect())
    }

    async fn add_reader(&self, reader: &StackName) -> Result<(), StateError> {
        self.lock().readers.insert(reader.clone());
        Ok(())
    }

    async fn remove_reader(&self, reader: &StackName) -> Result<(), StateError> {
        self.lock().readers.remove(reader);
        Ok(())
    }

    async fn acquire(&self, holder: &Holder, ttl: Duration) -> Result<Lease, StateError> {
        let start = Instant::now();
        let seen = self.lock().lock.as_ref().map(|h| (h.info.clone(), h.beat, h.ttl));
        let Some((info, beat, their_ttl)) = seen else { return Ok(self.take(holder, ttl)) };
        let locked = || StateError::Locked { info: Box::new(info.clone()), place: self.describe() };
        loop {
            tokio::time::sleep(their_ttl / 8).await;
            let now = self.lock().lock.as_ref().map(|h| (h.info.epoch, h.beat));
            match now {
                None => return Ok(self.take(holder, ttl)),
                Some(now) if now != (info.epoch, beat) => return Err(locked()),
                Some(_) if start.elapsed() >= their_ttl => return Ok(self.take(holder, ttl)),
                Some(_) => {}
            }
        }
    }

    async fn renew(&self, lease: &Lease) -> Result<(), StateError> {
        if !self.holds(lease) {
            return Err(self.lost());
        }
        if let Some(held) = &mut self.lock().lock {
            held.beat += 1;
        }
        Ok(())
    }

    async fn release(&self, lease: &Lease) -> Result<(), StateError> {
        if self.holds(lease) {
            self.lock().lock = None;
        }
        Ok(())
    }

    async fn unlock(&self) -> Result<Option<LockInfo>, StateError> {
        let mut storage = self.lock();
        storage.epoch += 1;
        Ok(storage.lock.take().map(|h| h.info))
    }

    async fn lock_info(&self) -> Result<Option<LockInfo>, StateError> {
        Ok(self.lock().lock.as_ref().map(|h| h.info.clone()))
    }

    async fn load(&self) -> Result<Stored, StateError> {
        let storage = self.lock();
        Ok(Stored { snapshot: storage.snapshot.clone(), records: storage.records.clone() })
    }

    async fn history(&self) -> Result<Vec<FormerSnapshot>, StateError> {
        let storage = self.lock();
        let former = storage.former.iter().rev().map(|blob| FormerSnapshot {
            id: blob.tag.0.clone(),
            stored_at: None,
            size: blob.bytes.len() as u64,
            place: format!("memory: version {}", blob.tag.0),
        });
        Ok(former.collect())
    }

    async fn former(&self, id: &str) -> Result<Option<Vec<u8>>, StateError> {
        let storage = self.lock();
        Ok(storage.former.iter().find(|blob| blob.tag.0 == id).map(|blob| blob.bytes.clone()))
    }

    async fn drop_former(&self, lease: &Lease, id: &str) -> Result<(), StateError> {
        if !self.holds(lease) {
            return Err(self.lost());
        }
        self.lock().former.retain(|blob| blob.tag.0 != id);
        Ok(())
    }

    async fn append(&self, lease: &Lease, first: u64, bodies: &[String]) -> Result<(), StateError> {
        if !self.holds(lease) {
            return Err(self.lost());
        }
        let place = self.describe();
        let mut storage = self.lock();
        let known = storage.records.iter().find(|r| r.sequence == first);
        if let Some(known) = known {
            let same = known.epoch == lease.epoch && bodies.first() == Some(&known.body);
            return if same {
                Ok(())
            } else {
                Err(StateError::LeaseLost { place, why: format!("entry {first} is taken") })
            };
        }
        let epoch = lease.epoch;
        let new = bodies.iter().zip(first..).map(|(body, sequence)| Record {
            sequence,
            epoch,
            body: body.clone(),
        });
        storage.records.extend(new);
        storage.appends += 1;
        if storage.failing > 0 {
            storage.failing -= 1;
            return Err(StateError::Io { place, why: "the answer was lost".into() });
        }
        Ok(())
    }

    async fn write_snapshot(
        &self,
        lease: &Lease,
        bytes: &[u8],
        expected: Option<&SnapshotTag>,
        through: u64,
    ) -> Result<SnapshotTag, StateError> {
        if !self.holds(lease) {
            return Err(self.lost());
        }
        let mut storage = self.lock();
        if storage.snapshot.as_ref().map(|s| &s.tag) != expected {
            return Err(StateError::Conflict { place: "memory:".into() });
        }
        storage.versions += 1;
        let tag = SnapshotTag(storage.versions.to_string());
        let new = SnapshotBlob { bytes: bytes.to_vec(), tag: tag.clone() };
        let old = storage.snapshot.replace(new);
        storage.former.extend(old);
        storage.records.retain(|r| r.sequence > through);
        Ok(tag)
    }
}

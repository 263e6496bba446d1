//! [`StateStore`]: typed state over a backend, and [`OpenStore`], its locked form.

mod check;
mod history;
mod readers;
mod restore;
mod scrub;
mod writer;

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::backend::{Holder, Lease, LockInfo, Record, SnapshotTag, StateBackend, Stored};
use super::codec::{COPY, Codec, Envelope, RESTORE};
use super::entry::Entry;
use super::error::StateError;
use super::model::State;
use super::secrets::{DataKey, KeyMeta, KeyProvider};
use writer::{Inner, Job};

pub use check::Verification;
pub use history::{SnapshotInfo, SnapshotSummary, history};
pub use restore::{RestorePreview, Restored};
pub use scrub::Exposed;

/// Reads and opens the state of stacks: a backend plus the keys of its secrets.
#[derive(Clone)]
pub struct StateStore {
    backend: Arc<dyn StateBackend>,
    keys: Arc<dyn KeyProvider>,
}

/// State as read, with what is needed to write it again.
pub struct Loaded {
    /// Snapshot with the journal replayed.
    pub state: State,
    tag: Option<SnapshotTag>,
    key: Option<(KeyMeta, DataKey)>,
    /// How many entries of the journal the snapshot does not contain.
    replayed: u64,
}

impl Loaded {
    /// Whether nothing was ever written there.
    pub fn is_new(&self) -> bool {
        self.tag.is_none()
    }
}

impl StateStore {
    /// State in this backend, its secrets encrypted with keys from there.
    pub fn new(backend: Arc<dyn StateBackend>, keys: Arc<dyn KeyProvider>) -> Self {
        Self { backend, keys }
    }

    /// The same for another stack in the same backend.
    ///
    /// # Errors
    /// When the backend keeps one stack only, or cannot keep one of that name.
    pub fn for_stack(&self, project: &str, stack: &str) -> Result<Self, StateError> {
        let keys = self.keys.for_stack(project, stack).unwrap_or_else(|| self.keys.clone());
        Ok(Self { backend: self.backend.for_stack(project, stack)?, keys })
    }

    /// Where the state is, as a URL.
    pub fn describe(&self) -> String {
        self.backend.describe()
    }

    /// Who holds the lock.
    ///
    /// # Errors
    /// When the backend cannot be read.
    pub async fn lock_info(&self) -> Result<Option<LockInfo>, StateError> {
        self.backend.lock_info().await
    }

    /// Takes the lock away from whoever holds it.
    ///
    /// # Errors
    /// When the backend cannot be written.
    pub async fn unlock(&self) -> Result<Option<LockInfo>, StateError> {
        self.backend.unlock().await
    }

    /// Reads state without the lock.
    ///
    /// # Errors
    /// When it is damaged, too new, of another stack, or its secrets cannot be decrypted.
    pub async fn load(&self, project: &str, stack: &str) -> Result<Loaded, StateError> {
        let Stored { snapshot, records } = self.backend.load().await?;
        let place = self.backend.describe();
        let Some(snapshot) = snapshot else {
            self.check_never_written(&records).await?;
            let state = State::new(project, stack);
            return Ok(Loaded { state, tag: None, key: None, replayed: 0 });
        };
        let envelope = Envelope::parse(&snapshot.bytes, &place)?;
        check_owner(&envelope, project, stack, &place)?;
        let key = self.open_key(&envelope.encryption, &place).await?;
        let meta = envelope.encryption.clone();
        let codec = Codec::new(project, stack, key.clone(), &place);
        let mut state = codec.decode_snapshot(envelope)?;
        let folded = state.sequence;
        for record in records.iter().filter(|r| r.sequence > folded) {
            if record.sequence != state.sequence + 1 {
                return Err(self.missing(state.sequence + 1));
            }
            state.sequence = record.sequence;
            state.apply(self.decode(&codec, record)?);
        }
        let replayed = state.sequence - folded;
        Ok(Loaded { state, tag: Some(snapshot.tag), key: Some((meta, key)), replayed })
    }

    fn decode(&self, codec: &Codec, record: &Record) -> Result<Entry, StateError> {
        codec.decode_entry(&record.body, &self.backend.entry_place(record.sequence))
    }

    fn missing(&self, sequence: u64) -> StateError {
        StateError::Damaged {
            place: self.backend.entry_place(sequence),
            why: "it is missing, though later entries are there".into(),
            fix: COPY.into(),
        }
    }

    /// There is no snapshot: fine for a stack that was never applied, but not when there are
    /// traces of one.
    async fn check_never_written(&self, records: &[Record]) -> Result<(), StateError> {
        let why = if let Some(first) = records.first() {
            format!("there are journal entries from {} on, but no snapshot", first.sequence)
        } else {
            let former = match self.backend.history().await {
                Ok(former) => former,
                // Who may not list former snapshots can still use a new place.
                Err(StateError::Unusable { .. }) => Vec::new(),
                Err(error) => return Err(error),
            };
            match former.first() {
                Some(former) => {
                    format!("the snapshot is gone, but a former one is there: {}", former.place)
                }
                None => return Ok(()),
            }
        };
        Err(StateError::Damaged { place: self.backend.describe(), why, fix: RESTORE.into() })
    }

    async fn open_key(&self, meta: &KeyMeta, place: &str) -> Result<DataKey, StateError> {
        if meta.scheme() != self.keys.scheme() {
            return Err(StateError::Key {
                place: place.to_owned(),
                why: format!(
                    "they are encrypted with a {}, but this run was given a {}",
                    meta.scheme(),
                    self.keys.scheme()
                ),
                fix: "use the same `--secrets` as before".into(),
            });
        }
        self.keys.open(meta).await.map_err(|e| in_place(e, place))
    }

    /// Takes the lock, loads, and on the very first run writes an empty snapshot.
    ///
    /// # Errors
    /// [`StateError::Locked`] when somebody else is at work; as [`StateStore::load`].
    pub async fn open(
        &self,
        holder: &Holder,
        project: &str,
        stack: &str,
        ttl: Duration,
    ) -> Result<OpenStore, StateError> {
        let lease = self.backend.acquire(holder, ttl).await?;
        match self.open_locked(&lease, project, stack).await {
            Ok(open) => Ok(open),
            Err(error) => {
                // The error that matters is the one that stopped the opening.
                let _ = self.backend.release(&lease).await;
                Err(error)
            }
        }
    }

    async fn open_locked(
        &self,
        lease: &Lease,
        project: &str,
        stack: &str,
    ) -> Result<OpenStore, StateError> {
        let loaded = self.load(project, stack).await?;
        let place = self.backend.describe();
        let fresh = loaded.key.is_none();
        let (meta, key) = match loaded.key {
            Some(key) => key,
            None => self.keys.create().await.map_err(|e| in_place(e, &place))?,
        };
        let codec = Codec::new(project, stack, key, place);
        let inner =
            Inner::new(self.backend.clone(), lease.clone(), codec, meta, loaded.state, loaded.tag);
        let inner = Arc::new(inner);
        // What the run before left in the journal is folded, too, also when this one has nothing
        // to add: the snapshot may hold in plain what only the journal says to be secret.
        inner.unfolded.store(loaded.replayed, Ordering::SeqCst);
        if fresh {
            inner.fold().await?;
        }
        Ok(OpenStore::start(inner))
    }
}

/// A snapshot of another stack is not this one's, whoever put it here.
fn check_owner(
    envelope: &Envelope,
    project: &str,
    stack: &str,
    place: &str,
) -> Result<(), StateError> {
    if (envelope.project.as_str(), envelope.stack.as_str()) == (project, stack) {
        return Ok(());
    }
    Err(StateError::Unusable {
        why: format!(
            "it holds the state of stack `{}` of project `{}`, not of `{stack}` of `{project}`",
            envelope.stack, envelope.project
        ),
        fix: "give each stack a place of its own".into(),
        place: place.to_owned(),
    })
}

/// Fills in the place that a key provider does not know.
fn in_place(error: StateError, here: &str) -> StateError {
    match error {
        StateError::Key { place, why, fix } if place.is_empty() => {
            StateError::Key { place: here.to_owned(), why, fix }
        }
        other => other,
    }
}

/// State under the lock: commits entries, folds them, gives the lock back.
///
/// Dropping it stops its tasks at once and leaves the lock to expire, as a killed process does.
pub struct OpenStore {
    inner: Arc<Inner>,
    jobs: mpsc::UnboundedSender<Job>,
    writer: JoinHandle<()>,
    heartbeat: JoinHandle<()>,
}

impl OpenStore {
    fn start(inner: Arc<Inner>) -> Self {
        let (jobs, queue) = mpsc::unbounded_channel();
        let writer = tokio::spawn(inner.clone().write(queue));
        let heartbeat = tokio::spawn(inner.clone().beat());
        Self { inner, jobs, writer, heartbeat }
    }

    /// State as committed so far.
    pub fn state(&self) -> State {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at state as committed so far, without a copy.
    pub fn look<T>(&self, at: impl FnOnce(&State) -> T) -> T {
        at(&self.inner.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns why, once nothing can be committed any more: the lock is lost, or the backend
    /// cannot be written to.
    pub async fn lost(&self) -> StateError {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.inner.lost.subscribe().wait_for(Option::is_some).await;
        self.inner.stopped()
    }

    /// Whether the lock is certainly held at this moment. It is not when this process was
    /// frozen for so long that somebody else may have taken it over.
    pub fn is_certain(&self) -> bool {
        self.inner.is_certain(&self.inner.renewed.borrow())
    }

    /// Returns once the lock is certainly held: mostly at once, after a long freeze once it is
    /// renewed, and never when it is lost.
    pub async fn certain(&self) {
        let _ = self.inner.renewed.subscribe().wait_for(|at| self.inner.is_certain(at)).await;
    }

    /// Makes entries durable, all or none; entries of callers that come together go out in
    /// one append.
    ///
    /// # Errors
    /// [`StateError::LeaseLost`] when somebody else has the lock, then for every later call.
    pub async fn commit(&self, entries: Vec<Entry>) -> Result<(), StateError> {
        let (reply, answer) = oneshot::channel();
        if self.jobs.send(Job { entries, reply }).is_err() {
            return Err(self.inner.stopped());
        }
        answer.await.unwrap_or_else(|_| Err(self.inner.stopped()))
    }

    /// Folds the journal into a new snapshot.
    ///
    /// # Errors
    /// When the snapshot cannot be written; the journal then still holds everything.
    pub async fn fold(&self) -> Result<(), StateError> {
        self.inner.fold().await
    }

    async fn restore(&self, content: State, from: u64) -> Result<(), StateError> {
        self.inner.restore(content, from).await
    }

    /// Folds what is new and gives the lock back.
    ///
    /// # Errors
    /// As [`OpenStore::fold`]; the lock is given back all the same.
    pub async fn close(self) -> Result<(), StateError> {
        let lost = self.inner.lost.borrow().is_some();
        let folded = match self.inner.unfolded.load(Ordering::SeqCst) {
            0 => Ok(()),
            // Whoever lost it was told so, and may not fold.
            _ if lost => Ok(()),
            _ => self.inner.fold().await,
        };
        let released = self.abandon().await;
        folded.and(released)
    }

    /// Gives the lock back without folding.
    ///
    /// # Errors
    /// When the backend cannot be reached; the lock then expires by itself.
    pub async fn abandon(self) -> Result<(), StateError> {
        self.heartbeat.abort();
        // By then it is anybody's.
        let limit = self.inner.lease.ttl;
        let released = self.inner.backend.release(&self.inner.lease);
        tokio::time::timeout(limit, released).await.unwrap_or_else(|_| {
            Err(StateError::Io {
                place: self.inner.backend.describe(),
                why: format!("the lock could not be given back within {limit:?}"),
            })
        })
    }
}

impl Drop for OpenStore {
    fn drop(&mut self) {
        self.heartbeat.abort();
        self.writer.abort();
    }
}

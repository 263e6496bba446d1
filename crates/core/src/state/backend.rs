//! [`StateBackend`]: where snapshot, journal and lock are kept.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::error::StateError;
use super::readers::StackName;

/// Who asks for the lock, for the message that others read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Unique per process run.
    pub id: String,
    /// User and host, such as `anna@build-7`.
    pub who: String,
    /// Process id on that host.
    pub pid: u32,
    /// What it does: `up`, `destroy` …
    pub command: String,
}

/// The lock as others see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockInfo {
    /// Who holds it.
    pub holder: Holder,
    /// When it was acquired, RFC 3339 by the holder's clock; for people only.
    pub since: String,
    /// Rises at every acquisition and forced unlock.
    pub epoch: u64,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (pid {}), running `{}`", self.who, self.pid, self.command)
    }
}

impl fmt::Display for LockInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} since {}", self.holder, self.since)
    }
}

/// A held lock. Every write names it; a writer whose epoch is no longer current commits nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Who holds it.
    pub holder: Holder,
    /// The epoch of this acquisition.
    pub epoch: u64,
    /// How long it lasts without a renewal.
    pub ttl: Duration,
}

/// Names one version of the snapshot (an ETag, a checksum).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotTag(pub String);

/// A snapshot as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotBlob {
    /// The sealed snapshot.
    pub bytes: Vec<u8>,
    /// Its version.
    pub tag: SnapshotTag,
}

/// One journal entry as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Position; rises by one.
    pub sequence: u64,
    /// Epoch of the writer.
    pub epoch: u64,
    /// The sealed entry.
    pub body: String,
}

/// What a backend holds for a stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// The newest snapshot; `None` before the first run.
    pub snapshot: Option<SnapshotBlob>,
    /// Journal entries, ascending; may still hold entries that the snapshot contains.
    pub records: Vec<Record>,
}

/// How much is appended at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// Most entries.
    pub entries: usize,
    /// Most bytes of their bodies.
    pub bytes: usize,
}

/// A former snapshot that a backend still keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerSnapshot {
    /// Names it within the stack's place.
    pub id: String,
    /// When it was stored, RFC 3339, where the backend knows; for people only.
    pub stored_at: Option<String>,
    /// Bytes.
    pub size: u64,
    /// File, or object and version, for messages.
    pub place: String,
}

/// Where one stack's snapshot, journal and lock are kept.
///
/// Bodies are opaque: already serialized, checksummed and encrypted. Every backend passes
/// [`super::conformance`].
#[async_trait]
pub trait StateBackend: Send + Sync {
    /// Where this is, as a URL, for messages.
    fn describe(&self) -> String;

    /// Where a journal entry is, or would be: file, item; for messages.
    fn entry_place(&self, sequence: u64) -> String {
        format!("journal entry {sequence} in {}", self.describe())
    }

    /// The place of another stack in the same storage, from which its exports are read.
    ///
    /// Unless implemented: [`StateError::Unusable`], as this one stack is all there is.
    fn for_stack(&self, project: &str, stack: &str) -> Result<Arc<dyn StateBackend>, StateError> {
        Err(StateError::Unusable {
            place: self.describe(),
            why: format!("it keeps one stack only, so `{project}/{stack}` cannot be read there"),
            fix: "keep both stacks in a folder, or in S3".into(),
        })
    }

    /// The stacks of which [`StateBackend::add_reader`] has noted here that they read this one's
    /// exports, in any order. Needs no lock.
    ///
    /// Unless implemented: none, so that nobody is warned before what others read goes.
    async fn readers(&self) -> Result<Vec<StackName>, StateError> {
        Ok(Vec::new())
    }

    /// Notes that a stack reads this one's exports, durable on return; noting it again is no
    /// error. Needs no lock, as readers do not lock what they read.
    ///
    /// Unless implemented: nothing is noted.
    async fn add_reader(&self, reader: &StackName) -> Result<(), StateError> {
        let _ = reader;
        Ok(())
    }

    /// Removes the note that a stack reads this one's exports; one that is not there is no error.
    ///
    /// Unless implemented: does nothing.
    async fn remove_reader(&self, reader: &StackName) -> Result<(), StateError> {
        let _ = reader;
        Ok(())
    }

    /// Takes the lock for `ttl`, which [`StateBackend::renew`] extends.
    ///
    /// When somebody holds it, watches until the holder shows life (then
    /// [`StateError::Locked`]) or its lease stood still for its whole `ttl` by this
    /// process's monotonic clock (then takes over). Never compares clocks of two machines.
    async fn acquire(&self, holder: &Holder, ttl: Duration) -> Result<Lease, StateError>;

    /// Extends the lease. [`StateError::LeaseLost`] when somebody else has the lock.
    async fn renew(&self, lease: &Lease) -> Result<(), StateError>;

    /// Gives the lock back; a lease lost meanwhile is not an error.
    async fn release(&self, lease: &Lease) -> Result<(), StateError>;

    /// Takes the lock away from whoever holds it and raises the epoch, so that the old
    /// holder can commit nothing more. Returns who held it.
    async fn unlock(&self) -> Result<Option<LockInfo>, StateError>;

    /// Who holds the lock.
    async fn lock_info(&self) -> Result<Option<LockInfo>, StateError>;

    /// Reads without the lock. Reads the journal before the snapshot, so that a fold in
    /// between loses nothing.
    async fn load(&self) -> Result<Stored, StateError>;

    /// Former snapshots, the newest first, without the present one. When the present one is
    /// gone, the newest former one is a copy of it where the backend can tell.
    ///
    /// Unless implemented: none is kept.
    async fn history(&self) -> Result<Vec<FormerSnapshot>, StateError> {
        Ok(Vec::new())
    }

    /// A former snapshot as it was written; `None` when it is not kept any more.
    async fn former(&self, id: &str) -> Result<Option<Vec<u8>>, StateError> {
        let _ = id;
        Ok(None)
    }

    /// Removes a former snapshot for good; one that is not kept any more is no error.
    /// [`StateError::LeaseLost`] when somebody else has the lock.
    ///
    /// Unless implemented: [`StateError::Unusable`].
    async fn drop_former(&self, lease: &Lease, id: &str) -> Result<(), StateError> {
        let _ = lease;
        Err(StateError::Unusable {
            place: self.describe(),
            why: format!("it cannot remove its former snapshot {id}"),
            fix: "remove it where it is kept".into(),
        })
    }

    /// How much is appended at once while many steps commit together; a single commit may be
    /// larger.
    ///
    /// Unless implemented: 50 entries or 200,000 bytes, which suits tables that take a limited
    /// number of items in one transaction.
    fn group(&self) -> Group {
        Group { entries: 50, bytes: 200_000 }
    }

    /// Appends entries `first, first + 1, …`, all or none, durable on return.
    /// [`StateError::LeaseLost`] when the epoch is no longer current.
    ///
    /// `first` follows the last entry ever appended. Asking again with the same `first` and
    /// the same bodies under the same epoch succeeds and stores nothing twice: after a
    /// [`StateError::Io`], which leaves open whether the entries were stored, the caller
    /// repeats the very same call. Any other entry at a sequence number that is taken is an
    /// error and changes nothing. After an error that is neither `Io` nor `LeaseLost`, none
    /// of the entries is stored.
    async fn append(&self, lease: &Lease, first: u64, bodies: &[String]) -> Result<(), StateError>;

    /// Replaces the snapshot when its version is still `expected` (`None`: there is none),
    /// then drops the journal entries up to `through`. The snapshot that was there stays in
    /// the [`StateBackend::history`].
    /// [`StateError::Conflict`] when the snapshot changed, [`StateError::LeaseLost`] as above.
    async fn write_snapshot(
        &self,
        lease: &Lease,
        bytes: &[u8],
        expected: Option<&SnapshotTag>,
        through: u64,
    ) -> Result<SnapshotTag, StateError>;
}

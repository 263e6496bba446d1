//! [`LocalBackend`]: state in a folder.
//!
//! | file | holds |
//! |---|---|
//! | `snapshot.json` | the snapshot, replaced by rename |
//! | `history/NUMBER.json` | copies of the snapshots written last, the present one among them |
//! | `journal.jsonl` | one journal entry a line: `{"s":SEQUENCE,"e":EPOCH,"b":"BODY","c":"CHECKSUM"}` |
//! | `lock.json` | epoch and holder |
//! | `lock-EPOCH` | locked by the holder's process; the system frees it when that dies |
//! | `readers/PROJECT/STACK.reader` | notes that stack reads exports of this one |
//! | `mutex` | locked for the moment of a read or write |

mod files;
mod history;
mod journal;
mod readers;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::backend::{
    FormerSnapshot, Group, Holder, Lease, LockInfo, Record, SnapshotBlob, SnapshotTag,
    StateBackend, Stored,
};
use super::error::StateError;
use super::readers::StackName;
use files::Folder;
pub(super) use journal::parse as parse_journal;

const SNAPSHOT: &str = "snapshot.json";

/// State in `FOLDER/PROJECT/STACK`, for one person on one machine.
///
/// The lock is the operating system's: when its holder dies, however it dies, the next run
/// has it at once. The last 20 snapshots are kept as files; [`LocalBackend::keep`] sets how
/// many. On a network file system that cannot lock, use the S3 backend.
#[derive(Clone)]
pub struct LocalBackend {
    folder: Arc<Folder>,
    /// The lock file of an acquisition by this handle; closing it frees the lock.
    held: Arc<Mutex<Option<File>>>,
    keep: usize,
}

#[derive(Serialize, Deserialize, Default)]
struct LockFile {
    epoch: u64,
    holder: Option<LockInfo>,
}

impl LocalBackend {
    /// State of a stack below this folder, which is made when it is first written to.
    pub fn new(folder: impl AsRef<Path>, project: &str, stack: &str) -> Self {
        let path: PathBuf = folder.as_ref().join(project).join(stack);
        Self { folder: Arc::new(Folder::new(path)), held: Arc::default(), keep: history::KEEP }
    }

    /// Sets how many snapshots are kept, the present one included; at least 1. Default: 20.
    #[must_use]
    pub fn keep(mut self, snapshots: usize) -> Self {
        self.keep = snapshots.max(1);
        self
    }

    /// The stack's own folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        let folder = self.folder.clone();
        let place = self.describe();
        tokio::task::spawn_blocking(move || work(&folder))
            .await
            .unwrap_or_else(|e| Err(StateError::Io { place, why: e.to_string() }))
    }
}

fn read_lock(folder: &Folder) -> Result<LockFile, StateError> {
    let Some(bytes) = folder.read("lock.json")? else { return Ok(LockFile::default()) };
    serde_json::from_slice(&bytes).map_err(|e| StateError::Damaged {
        place: folder.place("lock.json"),
        why: format!("it is not valid: {e}"),
        fix: "make sure that nobody is at work on this stack, then remove the file".into(),
    })
}

fn write_lock(folder: &Folder, lock: &LockFile) -> Result<(), StateError> {
    let bytes = serde_json::to_vec_pretty(lock)
        .map_err(|e| StateError::Io { place: folder.place("lock.json"), why: e.to_string() })?;
    folder.replace("lock.json", &bytes)
}

fn check(folder: &Folder, lease: &Lease) -> Result<(), StateError> {
    let lock = read_lock(folder)?;
    let mine = |h: &LockInfo| h.holder == lease.holder && h.epoch == lease.epoch;
    match &lock.holder {
        Some(holder) if mine(holder) && lock.epoch == lease.epoch => Ok(()),
        Some(other) => Err(StateError::LeaseLost {
            place: folder.describe(),
            why: format!("{} took it over", other.holder.who),
        }),
        None => Err(StateError::LeaseLost {
            place: folder.describe(),
            why: "somebody unlocked it".into(),
        }),
    }
}

fn tag_of(bytes: &[u8]) -> SnapshotTag {
    SnapshotTag(Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect())
}

#[async_trait]
impl StateBackend for LocalBackend {
    fn describe(&self) -> String {
        self.folder.describe()
    }

    fn entry_place(&self, sequence: u64) -> String {
        format!("journal entry {sequence} in {}", self.folder.place(journal::NAME))
    }

    fn for_stack(&self, project: &str, stack: &str) -> Result<Arc<dyn StateBackend>, StateError> {
        let base = self.path().ancestors().nth(2).unwrap_or(Path::new(""));
        Ok(Arc::new(Self::new(base, project, stack).keep(self.keep)))
    }

    async fn readers(&self) -> Result<Vec<StackName>, StateError> {
        self.blocking(readers::list).await
    }

    async fn add_reader(&self, reader: &StackName) -> Result<(), StateError> {
        let reader = reader.clone();
        self.blocking(move |folder| readers::add(folder, &reader)).await
    }

    async fn remove_reader(&self, reader: &StackName) -> Result<(), StateError> {
        let reader = reader.clone();
        self.blocking(move |folder| {
            readers::remove(folder, &reader);
            Ok(())
        })
        .await
    }

    async fn acquire(&self, holder: &Holder, ttl: Duration) -> Result<Lease, StateError> {
        let holder = holder.clone();
        let (lease, file) = self
            .blocking(move |folder| {
                folder.create()?;
                let _moment = folder.mutex()?;
                let lock = read_lock(folder)?;
                if let Some(info) = lock.holder {
                    // Whoever can lock a dead process's file knows that it is dead.
                    if folder.try_lock(&format!("lock-{}", lock.epoch))?.is_none() {
                        let place = folder.describe();
                        return Err(StateError::Locked { info: Box::new(info), place });
                    }
                }
                folder.remove(&format!("lock-{}", lock.epoch));
                let epoch = lock.epoch + 1;
                let name = format!("lock-{epoch}");
                let file = folder.try_lock(&name)?.ok_or_else(|| StateError::Io {
                    place: folder.place(&name),
                    why: "somebody else locked a brand-new file".into(),
                })?;
                let since = super::clock::timestamp();
                let info = LockInfo { holder: holder.clone(), since, epoch };
                write_lock(folder, &LockFile { epoch, holder: Some(info) })?;
                Ok((Lease { holder, epoch, ttl }, file))
            })
            .await?;
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
        Ok(lease)
    }

    async fn renew(&self, lease: &Lease) -> Result<(), StateError> {
        let lease = lease.clone();
        self.blocking(move |folder| {
            let _moment = folder.mutex()?;
            check(folder, &lease)
        })
        .await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StateError> {
        let lease = lease.clone();
        self.blocking(move |folder| {
            let _moment = folder.mutex()?;
            if check(folder, &lease).is_ok() {
                write_lock(folder, &LockFile { epoch: lease.epoch, holder: None })?;
                folder.remove(&format!("lock-{}", lease.epoch));
            }
            Ok(())
        })
        .await?;
        self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(())
    }

    async fn unlock(&self) -> Result<Option<LockInfo>, StateError> {
        self.blocking(|folder| {
            if !folder.exists() {
                return Ok(None);
            }
            let _moment = folder.mutex()?;
            let lock = read_lock(folder)?;
            write_lock(folder, &LockFile { epoch: lock.epoch + 1, holder: None })?;
            Ok(lock.holder)
        })
        .await
    }

    async fn lock_info(&self) -> Result<Option<LockInfo>, StateError> {
        self.blocking(|folder| Ok(read_lock(folder)?.holder)).await
    }

    async fn load(&self) -> Result<Stored, StateError> {
        self.blocking(|folder| {
            // A read writes nothing, so without a lock the journal is read before the snapshot.
            let mut journal = folder.read(journal::NAME)?;
            let snapshot =
                folder.read(SNAPSHOT)?.map(|bytes| SnapshotBlob { tag: tag_of(&bytes), bytes });
            if journal.is_none() && snapshot.is_some() {
                // The very first run may have come in between.
                journal = folder.read(journal::NAME)?;
            }
            let place = folder.place(journal::NAME);
            match (journal, &snapshot) {
                (Some(bytes), _) => {
                    Ok(Stored { records: journal::parse(&bytes, &place)?, snapshot })
                }
                (None, None) => Ok(Stored::default()),
                (None, Some(_)) => Err(StateError::Damaged {
                    place,
                    why: "the file is gone".into(),
                    fix: "put it back from a backup; without one, make an empty file of that \
                          name: the next `up` then knows what the snapshot holds, and `state \
                          audit` names what else there is"
                        .into(),
                }),
            }
        })
        .await
    }

    async fn history(&self) -> Result<Vec<FormerSnapshot>, StateError> {
        self.blocking(|folder| {
            let now = folder.read(SNAPSHOT)?;
            history::list(folder, now.as_deref())
        })
        .await
    }

    async fn former(&self, id: &str) -> Result<Option<Vec<u8>>, StateError> {
        let id = id.to_owned();
        self.blocking(move |folder| history::read(folder, &id)).await
    }

    async fn drop_former(&self, lease: &Lease, id: &str) -> Result<(), StateError> {
        let (lease, id) = (lease.clone(), id.to_owned());
        self.blocking(move |folder| {
            let _moment = folder.mutex()?;
            check(folder, &lease)?;
            history::remove(folder, &id)
        })
        .await
    }

    /// A sync to the disk costs the same, however much is written.
    fn group(&self) -> Group {
        Group { entries: 1_000, bytes: 4_000_000 }
    }

    async fn append(&self, lease: &Lease, first: u64, bodies: &[String]) -> Result<(), StateError> {
        let (lease, bodies) = (lease.clone(), bodies.to_vec());
        self.blocking(move |folder| {
            let _moment = folder.mutex()?;
            check(folder, &lease)?;
            let mut new: Vec<Record> = bodies
                .into_iter()
                .zip(first..)
                .map(|(body, sequence)| Record { sequence, epoch: lease.epoch, body })
                .collect();
            if folder.journal_may_hold(first) {
                let mut known = journal::read(folder)?;
                known.retain(|r| r.sequence >= first);
                // A write that broke off may have left the first of them.
                if !new.starts_with(&known) {
                    return Err(StateError::LeaseLost {
                        place: folder.describe(),
                        why: format!("journal entry {first} was written by somebody else"),
                    });
                }
                new.drain(..known.len());
            }
            let Some(last) = new.last().map(|r| r.sequence) else { return Ok(()) };
            // Unless all goes well, the next append has to look.
            folder.journal_reaches(None);
            let place = folder.place(journal::NAME);
            folder.append(journal::NAME, &journal::lines(&new, place)?)?;
            folder.journal_reaches(Some(last));
            Ok(())
        })
        .await
    }

    async fn write_snapshot(
        &self,
        lease: &Lease,
        bytes: &[u8],
        expected: Option<&SnapshotTag>,
        through: u64,
    ) -> Result<SnapshotTag, StateError> {
        let (lease, bytes, expected) = (lease.clone(), bytes.to_vec(), expected.cloned());
        let keep = self.keep;
        self.blocking(move |folder| {
            let _moment = folder.mutex()?;
            check(folder, &lease)?;
            let now = folder.read(SNAPSHOT)?;
            if now.as_deref().map(tag_of) != expected {
                return Err(StateError::Conflict { place: folder.place(SNAPSHOT) });
            }
            match now {
                Some(now) => history::add(folder, &now)?,
                // From now on a journal that is not there has been lost.
                None if folder.read(journal::NAME)?.is_none() => {
                    folder.replace(journal::NAME, &[])?;
                }
                None => {}
            }
            folder.replace(SNAPSHOT, &bytes)?;
            if let Err(error) =
                history::add(folder, &bytes).and_then(|()| history::prune(folder, keep))
            {
                // The snapshot itself is written; its copy is made before it is replaced.
                tracing::warn!(%error, "the snapshot was not copied to the history");
            }
            let mut rest = journal::read(folder)?;
            rest.retain(|r| r.sequence > through);
            let place = folder.place(journal::NAME);
            folder.replace(journal::NAME, &journal::lines(&rest, place)?)?;
            Ok(tag_of(&bytes))
        })
        .await
    }
}

#[cfg(test)]
mod tests;

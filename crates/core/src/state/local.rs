//! [`LocalBackend`]: state in a folder.
//!
//! | file | holds |
//! |---|---|
//! | `snapshot.json` | the snapshot, replaced by rename |
//! | `journal.jsonl` | one journal entry a line: `{"s":SEQUENCE,"e":EPOCH,"b":"BODY"}` |
//! | `lock.json` | epoch and holder |
//! | `lock-EPOCH` | locked by the holder's process; the system frees it when that dies |
//! | `mutex` | locked for the moment of a read or write |

mod files;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::backend::{
    Holder, Lease, LockInfo, Record, SnapshotBlob, SnapshotTag, StateBackend, Stored,
};
use super::error::StateError;
use files::Folder;

/// State in `FOLDER/PROJECT/STACK`, for one person on one machine.
///
/// The lock is the operating system's: when its holder dies, however it dies, the next run
/// has it at once. On a network file system that cannot lock, use the S3 backend.
#[derive(Clone)]
pub struct LocalBackend {
    folder: Arc<Folder>,
    /// The lock file of an acquisition by this handle; closing it frees the lock.
    held: Arc<Mutex<Option<File>>>,
}

#[derive(Serialize, Deserialize, Default)]
struct LockFile {
    epoch: u64,
    holder: Option<LockInfo>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    s: u64,
    e: u64,
    b: String,
}

impl LocalBackend {
    /// State of a stack below this folder, which is made when it is first written to.
    pub fn new(folder: impl AsRef<Path>, project: &str, stack: &str) -> Self {
        let path: PathBuf = folder.as_ref().join(project).join(stack);
        Self { folder: Arc::new(Folder::new(path)), held: Arc::default() }
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

/// Entries of the journal; a last line that was cut off in the middle of a write was never
/// durable and is left out.
fn read_journal(folder: &Folder) -> Result<Vec<Record>, StateError> {
    let bytes = folder.read("journal.jsonl")?.unwrap_or_default();
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
    bytes[..whole]
        .split(|b| *b == b'\n')
        .filter(|line| !line.is_empty())
        .enumerate()
        .map(|(number, line)| {
            let line: Line = serde_json::from_slice(line).map_err(|e| StateError::Damaged {
                place: format!("line {} of {}", number + 1, folder.place("journal.jsonl")),
                why: format!("it is not a journal entry: {e}"),
                fix: "restore the file from a copy".into(),
            })?;
            Ok(Record { sequence: line.s, epoch: line.e, body: line.b })
        })
        .collect()
}

fn lines(records: &[Record], place: String) -> Result<Vec<u8>, StateError> {
    let mut out = Vec::new();
    for record in records {
        let line = Line { s: record.sequence, e: record.epoch, b: record.body.clone() };
        serde_json::to_writer(&mut out, &line)
            .map_err(|e| StateError::Io { place: place.clone(), why: e.to_string() })?;
        out.push(b'\n');
    }
    Ok(out)
}

#[async_trait]
impl StateBackend for LocalBackend {
    fn describe(&self) -> String {
        self.folder.describe()
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
            let records = read_journal(folder)?;
            let snapshot = folder
                .read("snapshot.json")?
                .map(|bytes| SnapshotBlob { tag: tag_of(&bytes), bytes });
            Ok(Stored { snapshot, records })
        })
        .await
    }

    async fn append(&self, lease: &Lease, first: u64, bodies: &[String]) -> Result<(), StateError> {
        let (lease, bodies) = (lease.clone(), bodies.to_vec());
        self.blocking(move |folder| {
            let _moment = folder.mutex()?;
            check(folder, &lease)?;
            let new: Vec<Record> = bodies
                .into_iter()
                .zip(first..)
                .map(|(body, sequence)| Record { sequence, epoch: lease.epoch, body })
                .collect();
            if folder.journal_may_hold(first) {
                let known = read_journal(folder)?;
                let taken: Vec<&Record> = known.iter().filter(|r| r.sequence >= first).collect();
                if !taken.is_empty() {
                    return if taken.iter().copied().eq(new.iter()) {
                        Ok(())
                    } else {
                        Err(StateError::LeaseLost {
                            place: folder.describe(),
                            why: format!("journal entry {first} was written by somebody else"),
                        })
                    };
                }
            }
            let place = folder.place("journal.jsonl");
            folder.append("journal.jsonl", &lines(&new, place)?)?;
            folder.journal_reaches(first + new.len() as u64 - 1);
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
        self.blocking(move |folder| {
            let _moment = folder.mutex()?;
            check(folder, &lease)?;
            let now = folder.read("snapshot.json")?.map(|b| tag_of(&b));
            if now != expected {
                return Err(StateError::Conflict { place: folder.place("snapshot.json") });
            }
            folder.replace("snapshot.json", &bytes)?;
            let mut rest = read_journal(folder)?;
            rest.retain(|r| r.sequence > through);
            let place = folder.place("journal.jsonl");
            folder.replace("journal.jsonl", &lines(&rest, place)?)?;
            Ok(tag_of(&bytes))
        })
        .await
    }
}

#[cfg(test)]
mod tests;

//! Bringing a former snapshot back.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt};

use super::{Inner, Loaded, OpenStore, StateStore, check_owner};
use crate::state::backend::{Holder, Lease, SnapshotTag};
use crate::state::codec::{Codec, Envelope, Written};
use crate::state::error::StateError;
use crate::state::model::{ResourceKey, State};
use crate::state::secrets::{DataKey, KeyMeta};

/// How many snapshots are read ahead in the search for one.
const PARALLEL: usize = 4;

/// What bringing back a former snapshot would mean.
#[derive(Debug, Clone)]
pub struct RestorePreview {
    /// The former snapshot's serial.
    pub serial: u64,
    /// Where it is.
    pub place: String,
    /// Who wrote it.
    pub written: Option<Written>,
    /// How many resources it holds.
    pub resources: usize,
    /// In state now, but not in that snapshot: state would no longer know them.
    pub forgotten: Vec<ResourceKey>,
    /// In that snapshot, but not in state now: state would list them again, whether they
    /// still exist or not.
    pub returned: Vec<ResourceKey>,
    /// Why the present state cannot be read. The journal is then replayed on top of the former
    /// snapshot, and `forgotten` and `returned` are empty.
    pub unreadable: Option<StateError>,
}

/// What was brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// The former snapshot's serial.
    pub from: u64,
    /// The serial that it has now.
    pub serial: u64,
    /// How many resources state holds now.
    pub resources: usize,
    /// How many journal entries came on top of it, because the present state was unreadable.
    pub replayed: u64,
}

/// A former snapshot, read and decrypted.
struct Found {
    place: String,
    written: Option<Written>,
    state: State,
    key: (KeyMeta, DataKey),
    /// No snapshot that is kept has a higher serial.
    highest: u64,
}

impl StateStore {
    /// What [`StateStore::restore`] would do. Takes no lock and writes nothing.
    ///
    /// # Errors
    /// When there is no such serial, it cannot be read, or the journal that would have to be added
    /// to it does not follow it.
    pub async fn preview_restore(
        &self,
        project: &str,
        stack: &str,
        serial: u64,
    ) -> Result<RestorePreview, StateError> {
        let found = self.find(project, stack, serial).await?;
        let (forgotten, returned, unreadable) = match self.present(project, stack).await? {
            Ok(present) => {
                let missing = |from: &State, to: &State| {
                    let missing = from.resources.keys().filter(|k| !to.resources.contains_key(k));
                    missing.cloned().collect::<Vec<_>>()
                };
                let now = &present.state;
                (missing(now, &found.state), missing(&found.state, now), None)
            }
            Err(error) => {
                self.salvage(&found).await?;
                (Vec::new(), Vec::new(), Some(error))
            }
        };
        Ok(RestorePreview {
            serial,
            place: found.place,
            written: found.written,
            resources: found.state.resources.len(),
            forgotten,
            returned,
            unreadable,
        })
    }

    /// Brings a former snapshot back, as a new one with the next serial, under the lock.
    /// Nothing is removed: the present state, its journal folded, joins the former snapshots.
    ///
    /// When the present snapshot is damaged or gone, what the journal holds is replayed on
    /// top of the former one.
    ///
    /// # Errors
    /// When there is no such serial, it cannot be read, the journal does not follow it, or somebody
    /// else holds the lock.
    pub async fn restore(
        &self,
        holder: &Holder,
        project: &str,
        stack: &str,
        ttl: Duration,
        serial: u64,
    ) -> Result<Restored, StateError> {
        let lease = self.backend.acquire(holder, ttl).await?;
        match self.prepare(&lease, project, stack, serial).await {
            Ok((store, content, replayed)) => {
                let resources = content.resources.len();
                let reads = content.reads.keys().cloned().collect();
                let written = store.restore(content, serial).await;
                if written.is_ok() {
                    self.note_again(project, stack, reads).await;
                }
                let serial_now = store.state().serial;
                let released = store.abandon().await;
                written.and(released)?;
                Ok(Restored { from: serial, serial: serial_now, resources, replayed })
            }
            Err(error) => {
                let _ = self.backend.release(&lease).await;
                Err(error)
            }
        }
    }

    /// The opened store, what is to be written, and how much of it comes from the journal.
    async fn prepare(
        &self,
        lease: &Lease,
        project: &str,
        stack: &str,
        serial: u64,
    ) -> Result<(OpenStore, State, u64), StateError> {
        let found = self.find(project, stack, serial).await?;
        match self.present(project, stack).await? {
            Ok(Loaded { state, tag, key: Some(key), replayed }) => {
                let store = self.locked(lease, state, tag, key);
                if replayed > 0 {
                    store.fold().await?;
                }
                Ok((store, found.state, 0))
            }
            // Without a key there is no snapshot. The preview has found the same.
            Ok(_) | Err(_) => {
                let (content, replayed, tag) = self.salvage(&found).await?;
                let store = self.locked(lease, content.clone(), tag, found.key);
                Ok((store, content, replayed))
            }
        }
    }

    fn locked(
        &self,
        lease: &Lease,
        state: State,
        tag: Option<SnapshotTag>,
        (meta, key): (KeyMeta, DataKey),
    ) -> OpenStore {
        let codec = Codec::new(&state.project, &state.stack, key, self.backend.describe());
        let inner = Inner::new(self.backend.clone(), lease.clone(), codec, meta, state, tag);
        OpenStore::start(Arc::new(inner))
    }

    /// The present state; the inner error when that is what is damaged.
    async fn present(
        &self,
        project: &str,
        stack: &str,
    ) -> Result<Result<Loaded, StateError>, StateError> {
        match self.load(project, stack).await {
            Ok(loaded) => Ok(Ok(loaded)),
            Err(error @ (StateError::Damaged { .. } | StateError::Key { .. })) => Ok(Err(error)),
            Err(error) => Err(error),
        }
    }

    /// The former snapshot with what the journal holds on top of it.
    async fn salvage(
        &self,
        found: &Found,
    ) -> Result<(State, u64, Option<SnapshotTag>), StateError> {
        let place = self.backend.describe();
        let stored = self.backend.load().await?;
        let mut state = found.state.clone();
        let codec = Codec::new(&state.project, &state.stack, found.key.1.clone(), &place);
        let mut replayed = 0;
        for record in stored.records.iter().filter(|r| r.sequence > found.state.sequence) {
            if record.sequence != state.sequence + 1 {
                return Err(match replayed {
                    0 => self.later_journal(found, record.sequence),
                    _ => self.missing(state.sequence + 1),
                });
            }
            state.apply(self.decode(&codec, record)?);
            state.sequence = record.sequence;
            replayed += 1;
        }
        // The serial of what is unreadable is not known, but it is at most one above the rest.
        state.serial = found.highest + 1;
        if let Err(violations) = state.verify() {
            let why: Vec<String> = violations.iter().map(ToString::to_string).collect();
            return Err(StateError::Damaged {
                place,
                why: format!(
                    "its journal does not fit snapshot {}: {}",
                    found.state.serial,
                    why.join("; ")
                ),
                fix: "restore a later snapshot; without one, remove the journal's entries and try again"
                    .into(),
            });
        }
        Ok((state, replayed, stored.snapshot.map(|blob| blob.tag)))
    }

    /// The journal goes on from a later snapshot than this one: adding its entries would leave out
    /// what happened between, and make up a state that never was.
    fn later_journal(&self, found: &Found, first: u64) -> StateError {
        let State { serial, sequence, .. } = found.state;
        StateError::Damaged {
            place: self.backend.describe(),
            why: format!(
                "snapshot {serial} ends with entry {sequence}, but the journal begins with entry \
                 {first}, and nobody knows what happened between"
            ),
            fix: format!(
                "restore a later snapshot, which `state history` lists; without one, remove the \
                 journal's entries from {first} on and try again: `state audit` then names what \
                 state no longer knows"
            ),
        }
    }

    /// The newest snapshot of this serial; the present one counts when it is damaged or gone,
    /// as there may be a copy of it.
    async fn find(&self, project: &str, stack: &str, serial: u64) -> Result<Found, StateError> {
        let kept = self.backend.history().await?;
        let mut read = stream::iter(kept)
            .map(|one| async { (self.backend.former(&one.id).await, one) })
            .buffered(PARALLEL);
        let (mut serials, mut unreadable, mut highest) = (Vec::new(), 0, 0);
        while let Some((bytes, one)) = read.next().await {
            let Some(bytes) = bytes? else { continue };
            let Ok(envelope) = Envelope::parse(&bytes, &one.place) else {
                unreadable += 1;
                continue;
            };
            check_owner(&envelope, project, stack, &one.place)?;
            highest = highest.max(envelope.serial + unreadable);
            if envelope.serial != serial {
                serials.push(envelope.serial);
                continue;
            }
            let meta = envelope.encryption.clone();
            let key = self.open_key(&meta, &one.place).await?;
            let codec = Codec::new(project, stack, key.clone(), &one.place);
            let written = envelope.written().cloned();
            let state = codec.decode_snapshot(envelope)?;
            return Ok(Found { place: one.place, written, state, key: (meta, key), highest });
        }
        let (oldest, newest) = (serials.iter().min(), serials.iter().max());
        Err(StateError::Unusable {
            place: self.backend.describe(),
            why: format!("no former snapshot with serial {serial} is kept"),
            fix: match (oldest, newest) {
                (Some(oldest), Some(newest)) => format!(
                    "choose one that `state history` lists; serials {oldest} to {newest} are kept"
                ),
                _ => "there is none yet: they are kept from the second `up` on".into(),
            },
        })
    }
}

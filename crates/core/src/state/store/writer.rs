//! The tasks behind an open store: group commit, heartbeat, fold.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::state::backend::{Lease, SnapshotTag, StateBackend};
use crate::state::codec::{Codec, Envelope, Written};
use crate::state::entry::Entry;
use crate::state::error::StateError;
use crate::state::model::State;
use crate::state::secrets::KeyMeta;

/// Journal entries after which the journal is folded in the middle of a run, unless there are more
/// resources than that.
const FOLD_EVERY: u64 = 2_000;
/// Attempts of an append whose outcome is unknown.
const ATTEMPTS: u32 = 6;
/// No further attempt after that long: backends have patience of their own.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Job {
    pub entries: Vec<Entry>,
    pub reply: oneshot::Sender<Result<(), StateError>>,
}

struct Sealed {
    job: Job,
    bodies: Vec<String>,
}

pub(super) struct Inner {
    pub backend: Arc<dyn StateBackend>,
    pub lease: Lease,
    codec: Codec,
    meta: KeyMeta,
    pub state: Mutex<State>,
    /// Also keeps folds apart.
    tag: tokio::sync::Mutex<Option<SnapshotTag>>,
    pub lost: watch::Sender<Option<StateError>>,
    /// When the last renewal that got through was asked for.
    pub renewed: watch::Sender<Instant>,
    pub unfolded: AtomicU64,
}

impl Inner {
    pub fn new(
        backend: Arc<dyn StateBackend>,
        lease: Lease,
        codec: Codec,
        meta: KeyMeta,
        state: State,
        tag: Option<SnapshotTag>,
    ) -> Self {
        Self {
            backend,
            lease,
            codec,
            meta,
            unfolded: AtomicU64::new(0),
            state: Mutex::new(state),
            tag: tokio::sync::Mutex::new(tag),
            lost: watch::Sender::new(None),
            renewed: watch::Sender::new(Instant::now()),
        }
    }

    /// Why nothing can be committed any more.
    pub fn stopped(&self) -> StateError {
        self.lost.borrow().clone().unwrap_or_else(|| StateError::LeaseLost {
            place: self.backend.describe(),
            why: "the run has ended".into(),
        })
    }

    /// Takes whatever is waiting, appends it as one, answers everybody.
    pub async fn write(self: Arc<Self>, mut queue: mpsc::UnboundedReceiver<Job>) {
        let mut kept: Option<Sealed> = None;
        let most = self.backend.group();
        loop {
            let first = match kept.take() {
                Some(sealed) => sealed,
                None => match queue.recv().await {
                    Some(job) => match self.seal(job) {
                        Some(sealed) => sealed,
                        None => continue,
                    },
                    None => return,
                },
            };
            let mut size: usize = first.bodies.iter().map(String::len).sum();
            let mut count = first.bodies.len();
            let mut group = vec![first];
            while count < most.entries && size < most.bytes {
                let Ok(job) = queue.try_recv() else { break };
                let Some(sealed) = self.seal(job) else { continue };
                let bytes: usize = sealed.bodies.iter().map(String::len).sum();
                if count + sealed.bodies.len() > most.entries || size + bytes > most.bytes {
                    kept = Some(sealed);
                    break;
                }
                size += bytes;
                count += sealed.bodies.len();
                group.push(sealed);
            }
            let outcome = self.append(&mut group).await;
            if let Err(error) = &outcome {
                self.lost.send_if_modified(|lost| {
                    let first = lost.is_none();
                    lost.get_or_insert(error.clone());
                    first
                });
            }
            for sealed in group {
                // A caller that stopped waiting needs no answer.
                let _ = sealed.job.reply.send(outcome.clone());
            }
            if self.unfolded.load(Ordering::SeqCst) >= self.fold_after()
                && let Err(error) = self.fold().await
            {
                tracing::warn!(%error, "the journal could not be folded; it goes on growing");
                self.unfolded.store(1, Ordering::SeqCst);
            }
        }
    }

    /// A snapshot holds every resource. Written only after as many entries as there are resources,
    /// it costs each entry the same, however large the stack is.
    fn fold_after(&self) -> u64 {
        FOLD_EVERY.max(self.lock_state().resources.len() as u64)
    }

    fn seal(&self, job: Job) -> Option<Sealed> {
        let bodies = job.entries.iter().map(|e| self.codec.encode_entry(e)).collect();
        match bodies {
            Ok(bodies) => Some(Sealed { job, bodies }),
            Err(error) => {
                let _ = job.reply.send(Err(error));
                None
            }
        }
    }

    async fn append(&self, group: &mut [Sealed]) -> Result<(), StateError> {
        if let Some(lost) = self.lost.borrow().clone() {
            return Err(lost);
        }
        let bodies: Vec<String> =
            group.iter_mut().flat_map(|s| std::mem::take(&mut s.bodies)).collect();
        let first = self.lock_state().sequence + 1;
        let mut wait = Duration::from_millis(100);
        let mut attempt = 1;
        let began = Instant::now();
        while let Err(error) = self.backend.append(&self.lease, first, &bodies).await {
            let enough = attempt == ATTEMPTS || began.elapsed() > PATIENCE;
            if !matches!(error, StateError::Io { .. }) || enough {
                return Err(error);
            }
            // The outcome is unknown: the same entries again change nothing if they got through.
            tracing::warn!(%error, attempt, "append failed, trying again");
            tokio::time::sleep(wait).await;
            wait *= 2;
            attempt += 1;
        }
        let mut state = self.lock_state();
        for entry in group.iter_mut().flat_map(|s| std::mem::take(&mut s.job.entries)) {
            state.sequence += 1;
            state.apply(entry);
        }
        self.unfolded.fetch_add(bodies.len() as u64, Ordering::SeqCst);
        Ok(())
    }

    pub fn is_certain(&self, renewed: &Instant) -> bool {
        renewed.elapsed() < self.lease.ttl
    }

    /// Renews the lease four times per `ttl`, sooner after a failure; a lease not renewed for
    /// a whole `ttl` is lost.
    pub async fn beat(self: Arc<Self>) {
        let ttl = self.lease.ttl;
        let mut pause = ttl / 4;
        loop {
            tokio::time::sleep(pause).await;
            let asked = Instant::now();
            // An answer that does not come must not use the lease up.
            let limit = (ttl / 4).max(Duration::from_secs(1));
            let answer = tokio::time::timeout(limit, self.backend.renew(&self.lease)).await;
            let error = match answer {
                Ok(Ok(())) => {
                    self.renewed.send_replace(asked);
                    pause = ttl / 4;
                    continue;
                }
                Ok(Err(error)) => error,
                Err(_) => StateError::Io {
                    place: self.backend.describe(),
                    why: format!("no answer came within {limit:?}"),
                },
            };
            let why = match error {
                lost @ StateError::LeaseLost { .. } => lost,
                // Who was frozen while asking asks once more before it gives up.
                error if asked.duration_since(*self.renewed.borrow()) >= ttl => {
                    StateError::LeaseLost {
                        place: self.backend.describe(),
                        why: format!("it could not be renewed for {ttl:?} ({error})"),
                    }
                }
                error => {
                    tracing::warn!(%error, "the lock could not be renewed, trying again");
                    pause = ttl / 16;
                    continue;
                }
            };
            self.lost.send_replace(Some(why));
            return;
        }
    }

    /// Writes a snapshot of everything committed and drops the journal that it contains.
    pub async fn fold(&self) -> Result<(), StateError> {
        let mut tag = self.tag.lock().await;
        let state = self.lock_state().clone();
        self.write_snapshot(&mut tag, state, None).await
    }

    /// Writes a snapshot of this content, that of a former one, as the next of the stack.
    pub async fn restore(&self, content: State, from: u64) -> Result<(), StateError> {
        let mut tag = self.tag.lock().await;
        let State { serial, sequence, .. } = *self.lock_state();
        let state = State { serial, sequence, ..content };
        self.write_snapshot(&mut tag, state.clone(), Some(from)).await?;
        *self.lock_state() = State { serial: serial + 1, ..state };
        Ok(())
    }

    async fn write_snapshot(
        &self,
        tag: &mut Option<SnapshotTag>,
        mut state: State,
        restored: Option<u64>,
    ) -> Result<(), StateError> {
        if let Err(violations) = state.verify() {
            let why = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            return Err(StateError::Bug { place: self.backend.describe(), why });
        }
        state.serial += 1;
        let written = Written {
            at: crate::state::timestamp(),
            by: self.lease.holder.who.clone(),
            command: self.lease.holder.command.clone(),
            restored,
        };
        let bytes = self.codec.encode_snapshot(&state, &self.meta, Some(written))?;
        let through = state.sequence;
        let folded = self.unfolded.load(Ordering::SeqCst);
        let write = |tag: Option<SnapshotTag>| {
            let bytes = &bytes;
            async move { self.backend.write_snapshot(&self.lease, bytes, tag.as_ref(), through).await }
        };
        let new = match write(tag.clone()).await {
            Err(StateError::Conflict { place }) => {
                // A former holder may have folded late: harmless as long as it folded no more
                // than we know.
                let stored = self.backend.load().await?.snapshot;
                let known = stored.filter(|s| {
                    Envelope::parse(&s.bytes, &place).is_ok_and(|e| e.sequence <= through)
                });
                match known {
                    Some(blob) => write(Some(blob.tag)).await?,
                    None => return Err(StateError::Conflict { place }),
                }
            }
            other => other?,
        };
        *tag = Some(new);
        self.lock_state().serial = state.serial;
        self.unfolded.fetch_sub(folded, Ordering::SeqCst);
        Ok(())
    }

    pub fn lock_state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

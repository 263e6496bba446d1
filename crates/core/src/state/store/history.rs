//! Former snapshots.

use futures::stream::{self, StreamExt};

use super::check_owner;
use crate::state::backend::{FormerSnapshot, StateBackend};
use crate::state::codec::{Envelope, Written};
use crate::state::error::StateError;

/// How many snapshots are read at a time.
const PARALLEL: usize = 8;

/// A snapshot, present or former, without its resources.
#[derive(Debug, Clone)]
pub struct SnapshotInfo {
    /// Whether it is the present one.
    pub present: bool,
    /// File, or object and version.
    pub place: String,
    /// Bytes.
    pub size: u64,
    /// When the backend stored it, RFC 3339; for people only.
    pub stored_at: Option<String>,
    /// What it says, or why it cannot be read.
    pub content: Result<SnapshotSummary, StateError>,
}

/// What a snapshot says in plain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotSummary {
    /// Raised by one with every snapshot written.
    pub serial: u64,
    /// The last journal entry that it contains.
    pub sequence: u64,
    /// How many resources it holds.
    pub resources: usize,
    /// How many operations it holds whose end is not known.
    pub open: usize,
    /// Who wrote it; none in snapshots of older versions.
    pub written: Option<Written>,
}

impl SnapshotSummary {
    pub(super) fn of(envelope: &Envelope) -> Self {
        Self {
            serial: envelope.serial,
            sequence: envelope.sequence,
            resources: envelope.resources(),
            open: envelope.open(),
            written: envelope.written().cloned(),
        }
    }
}

/// The present snapshot and at most so many former ones, the newest first. Damaged ones are
/// listed, too. Needs no key.
///
/// # Errors
/// When the backend cannot be read.
pub async fn history(
    backend: &dyn StateBackend,
    project: &str,
    stack: &str,
    former: usize,
) -> Result<Vec<SnapshotInfo>, StateError> {
    let summary = |bytes: &[u8], place: &str| {
        let envelope = Envelope::parse(bytes, place)?;
        check_owner(&envelope, project, stack, place)?;
        Ok(SnapshotSummary::of(&envelope))
    };
    let place = backend.describe();
    let present = match backend.load().await {
        Ok(stored) => stored.snapshot.map(|b| (b.bytes.len() as u64, summary(&b.bytes, &place))),
        Err(error @ StateError::Damaged { .. }) => Some((0, Err(error))),
        Err(error) => return Err(error),
    };
    let mut all: Vec<SnapshotInfo> = present
        .into_iter()
        .map(|(size, content)| {
            let place = place.clone();
            SnapshotInfo { present: true, place, size, stored_at: None, content }
        })
        .collect();
    let mut kept = backend.history().await?;
    kept.truncate(former);
    let mut read = stream::iter(kept)
        .map(|one| async { (backend.former(&one.id).await, one) })
        .buffered(PARALLEL);
    while let Some((bytes, one)) = read.next().await {
        let content = match bytes {
            Ok(Some(bytes)) => summary(&bytes, &one.place),
            // Not kept any more.
            Ok(None) => continue,
            Err(error) => Err(error),
        };
        let FormerSnapshot { stored_at, size, place, .. } = one;
        all.push(SnapshotInfo { present: false, place, size, stored_at, content });
    }
    Ok(all)
}

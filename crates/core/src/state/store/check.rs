//! What is wrong with what is stored.

use super::{StateStore, check_owner};
use crate::state::backend::{Record, Stored};
use crate::state::codec::{Codec, Envelope, RESTORE};
use crate::state::error::StateError;

use super::history::SnapshotSummary;

/// What a check of a stack's snapshot and journal found.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Which stack, as a backend URL.
    pub place: String,
    /// The snapshot, when there is one that can be read.
    pub snapshot: Option<SnapshotSummary>,
    /// How many journal entries the snapshot does not contain.
    pub entries: u64,
    /// All that is wrong; empty when state is sound.
    pub problems: Vec<StateError>,
}

impl StateStore {
    /// Checks everything that is stored: format and checksum of the snapshot, its key, every
    /// secret in it, every journal entry and that none is missing, and the rules that every
    /// state fulfils. Takes no lock and writes nothing.
    ///
    /// # Errors
    /// When the backend cannot be read; damage is a finding, not an error.
    pub async fn verify(&self, project: &str, stack: &str) -> Result<Verification, StateError> {
        let place = self.backend.describe();
        let mut found = Verification { place, snapshot: None, entries: 0, problems: Vec::new() };
        let stored = match self.backend.load().await {
            Ok(stored) => stored,
            Err(error @ StateError::Damaged { .. }) => {
                found.problems.push(error);
                return Ok(found);
            }
            Err(error) => return Err(error),
        };
        if let Err(error) = self.check(project, stack, stored, &mut found).await {
            found.problems.push(error);
        }
        Ok(found)
    }

    /// The error is one that leaves nothing more to check.
    async fn check(
        &self,
        project: &str,
        stack: &str,
        stored: Stored,
        found: &mut Verification,
    ) -> Result<(), StateError> {
        let place = self.backend.describe();
        found.entries = stored.records.len() as u64;
        let Some(blob) = stored.snapshot else {
            return self.check_never_written(&stored.records).await;
        };
        let envelope = Envelope::parse(&blob.bytes, &place)?;
        let folded = envelope.sequence;
        found.snapshot = Some(SnapshotSummary::of(&envelope));
        let records: Vec<&Record> = stored.records.iter().filter(|r| r.sequence > folded).collect();
        found.entries = records.len() as u64;
        check_owner(&envelope, project, stack, &place)?;
        let key = self.open_key(&envelope.encryption, &place).await?;
        let codec = Codec::new(project, stack, key, &place);
        let mut state = codec.decode_snapshot(envelope)?;
        for record in records {
            if record.sequence != state.sequence + 1 {
                found.problems.push(self.missing(state.sequence + 1));
            }
            state.sequence = record.sequence;
            match self.decode(&codec, record) {
                Ok(entry) => state.apply(entry),
                Err(error) => found.problems.push(error),
            }
        }
        let violations = state.verify().err().unwrap_or_default();
        found.problems.extend(violations.iter().map(|violation| StateError::Damaged {
            place: place.clone(),
            why: violation.to_string(),
            fix: RESTORE.into(),
        }));
        Ok(())
    }
}

//! Finding out who reads the exports of a stack.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt};

use super::{StateStore, Stored, check_owner};
use crate::state::codec::{Envelope, reads_in};
use crate::state::error::StateError;
use crate::state::readers::{Reader, Reads, StackName};

/// How many states are read at once.
const PARALLEL: usize = 16;

impl StateStore {
    /// The stacks that read exports of this one, `me`, in the order of their names. One whose
    /// state cannot be read counts as a reader.
    ///
    /// Only names are read, so that the keys to the secrets of those stacks are not needed.
    ///
    /// # Errors
    /// When the backend cannot be asked.
    pub async fn readers(&self, me: &StackName) -> Result<Vec<Reader>, StateError> {
        let mut names = self.backend.readers().await?;
        names.sort();
        let all = stream::iter(names)
            .map(|stack| async {
                let reads = self.reads_of(&stack).await;
                let exports = reads.map(|mut reads| reads.remove(me).unwrap_or_default());
                Reader { stack, exports }
            })
            .buffered(PARALLEL);
        let reads = |reader: &Reader| !matches!(&reader.exports, Ok(none) if none.is_empty());
        Ok(all.filter(|reader| std::future::ready(reads(reader))).collect().await)
    }

    /// What another stack reads, as its state says.
    async fn reads_of(&self, name: &StackName) -> Result<Reads, StateError> {
        let backend = self.backend.for_stack(name.project(), name.stack())?;
        let place = backend.describe();
        let Stored { snapshot, records } = backend.load().await?;
        let Some(snapshot) = snapshot else { return Ok(Reads::new()) };
        let envelope = Envelope::parse(&snapshot.bytes, &place)?;
        check_owner(&envelope, name.project(), name.stack(), &place)?;
        let newer = records.iter().filter(|record| record.sequence > envelope.sequence);
        let mut reads = envelope.reads().clone();
        for record in newer {
            if let Some(now) = reads_in(&record.body, &backend.entry_place(record.sequence))? {
                reads = now;
            }
        }
        Ok(reads)
    }

    /// Notes with these stacks that `me` reads them. Returns where that was not possible, and why.
    pub(crate) async fn note(
        &self,
        me: &StackName,
        read: Vec<StackName>,
    ) -> BTreeMap<StackName, StateError> {
        stream::iter(read)
            .map(|read| async move {
                let noted = match self.backend.for_stack(read.project(), read.stack()) {
                    Ok(place) => place.add_reader(me).await,
                    Err(error) => Err(error),
                };
                noted.err().map(|error| (read, error))
            })
            .buffer_unordered(PARALLEL)
            .filter_map(std::future::ready)
            .collect()
            .await
    }

    /// Notes again that a stack reads others, which it may have read no more in between. Where
    /// that is not possible, it is only logged: the state is back, which is what was asked for.
    pub(super) async fn note_again(&self, project: &str, stack: &str, read: Vec<StackName>) {
        let Ok(me) = StackName::new(project, stack) else { return };
        for (read, error) in self.note(&me, read).await {
            tracing::warn!(%error, %read, "it was not noted that this stack reads it");
        }
    }

    /// Removes the notes that `me` reads these stacks. One that stays does no harm, so what goes
    /// wrong is only logged.
    pub(crate) async fn remove_notes(&self, me: &StackName, read: Vec<StackName>) {
        for read in read {
            let removed = match self.backend.for_stack(read.project(), read.stack()) {
                Ok(place) => place.remove_reader(me).await,
                Err(error) => Err(error),
            };
            if let Err(error) = removed {
                tracing::warn!(%error, %read, "the note that this stack reads it was not removed");
            }
        }
    }
}

//! Reading the journal.
//!
//! A reader holds no lock, and a DynamoDB query may see a part of a transaction. What shows a
//! gap is therefore read again before it is believed.

use std::ops::RangeInclusive;
use std::time::Duration;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use ferrocrete_core::state::{Record, StateError, Stored};
use futures::future::try_join;
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::entry::{EntryItem, Holds};
use crate::item::{self, Item};
use crate::overflow::Unresolved;
use crate::pause::Pauses;
use crate::site::Site;

/// How often a load starts anew because of what others write while it reads.
const TRIES: u32 = 6;
/// How many objects are read at a time.
const PARALLEL: usize = 8;

enum Failed {
    /// The object of this item is not there.
    Missing(EntryItem),
    State(StateError),
}

impl From<StateError> for Failed {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

impl Site {
    /// The journal, then the snapshot.
    pub(crate) async fn load(&self) -> Result<Stored, StateError> {
        let mut pauses = Pauses::new(TRIES, Duration::from_millis(20), Duration::from_secs(1));
        loop {
            let entries = self.query_entries(0, u64::MAX).await?;
            let snapshot = async { Ok(self.get_snapshot().await?) };
            match try_join(snapshot, self.resolve(entries)).await {
                Ok((snapshot, records)) => {
                    let through = snapshot.as_ref().map_or(Some(0), |s| s.through);
                    // A gap that stays is for the reader of the records to judge.
                    if is_whole(through, &records) || !pauses.pause().await {
                        let snapshot = snapshot.map(|snapshot| snapshot.blob);
                        return Ok(Stored { snapshot, records });
                    }
                }
                Err(Failed::State(error)) => return Err(error),
                Err(Failed::Missing(entry)) => {
                    self.check_folded(&entry).await?;
                    if !pauses.pause().await {
                        return Err(StateError::Io {
                            place: self.place(),
                            why: "its journal is folded again and again while it is read"
                                .to_owned(),
                        });
                    }
                }
            }
        }
    }

    /// An object is missing: fine when its item is gone too, meanwhile.
    async fn check_folded(&self, entry: &EntryItem) -> Result<(), StateError> {
        let now = self.query_entries(entry.first, entry.first).await?;
        match &entry.holds {
            Holds::Object { pointer, .. } if now.contains(entry) => {
                Err(self.damaged_overflow(&pointer.name, "the journal needs it, but it is missing"))
            }
            _ => Ok(()),
        }
    }

    /// The journal's items whose keys are `first` to `last`, ascending.
    pub(crate) async fn query_entries(
        &self,
        first: u64,
        last: u64,
    ) -> Result<Vec<EntryItem>, StateError> {
        let items = self.query(first..=last, |query| query).await?;
        let read = |item: &Item| {
            EntryItem::read(item).ok_or_else(|| StateError::Damaged {
                place: self.item_place(item::text_of(item, item::SK).unwrap_or("?")),
                why: "an attribute is missing or has another type".to_owned(),
                fix: "restore the table to a moment before (point-in-time recovery)".to_owned(),
            })
        };
        items.iter().map(read).collect()
    }

    pub(crate) async fn query(
        &self,
        keys: RangeInclusive<u64>,
        change: impl FnOnce(QueryFluentBuilder) -> QueryFluentBuilder,
    ) -> Result<Vec<Item>, StateError> {
        change(self.clients.dynamo.query())
            .table_name(&self.location.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", item::text(&self.pk))
            .expression_attribute_values(":first", item::text(item::entry_sk(*keys.start())))
            .expression_attribute_values(":last", item::text(item::entry_sk(*keys.end())))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<Item>, _>>()
            .await
            .map_err(|e| self.table_failure("dynamodb:Query", &e))
    }

    /// The records of items, with the entries that are kept in objects.
    async fn resolve(&self, entries: Vec<EntryItem>) -> Result<Vec<Record>, Failed> {
        let records: Vec<Vec<Record>> = stream::iter(entries)
            .map(|entry| self.records(entry))
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        Ok(records.into_iter().flatten().collect())
    }

    async fn records(&self, entry: EntryItem) -> Result<Vec<Record>, Failed> {
        let EntryItem { first, epoch, ref holds } = entry;
        let bodies = match holds {
            Holds::Body(body) => vec![body.clone()],
            Holds::Object { pointer, .. } => {
                match self.get_overflow(pointer, entry.count()).await {
                    Ok(bodies) => bodies,
                    Err(Unresolved::Failed(error)) => return Err(error.into()),
                    Err(Unresolved::Missing) => return Err(Failed::Missing(entry)),
                }
            }
        };
        let records = (first..).zip(bodies);
        Ok(records.map(|(sequence, body)| Record { sequence, epoch, body }).collect())
    }
}

/// Whether the records that the snapshot lacks follow it, and each other, without a gap.
fn is_whole(through: Option<u64>, records: &[Record]) -> bool {
    let sequences = records.iter().map(|record| record.sequence);
    let mut newer = sequences.filter(|sequence| through.is_none_or(|through| *sequence > through));
    let Some(first) = newer.next() else { return true };
    through.is_none_or(|through| first == through + 1)
        && (first + 1..).zip(newer).all(|(expected, sequence)| expected == sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_seen() {
        let whole = |through, sequences: &[u64]| {
            let record = |sequence: &u64| Record { sequence: *sequence, epoch: 1, body: "".into() };
            is_whole(through, &sequences.iter().map(record).collect::<Vec<_>>())
        };
        for sequences in [&[][..], &[1, 2, 3], &[3], &[4], &[1, 3, 4, 5]] {
            assert!(whole(Some(3), sequences), "{sequences:?}");
        }
        for sequences in [&[5][..], &[3, 5], &[4, 6], &[1, 2, 3, 4, 5, 7]] {
            assert!(!whole(Some(3), sequences), "{sequences:?}");
        }
        assert!(whole(None, &[7, 8]));
        assert!(!whole(None, &[7, 9]));
        assert!(!whole(Some(0), &[2]));
    }
}

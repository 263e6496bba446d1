//! Adding to the journal, all or none, by the current holder of the lock only.
//!
//! One transaction checks the lock and puts the items. Its failures are told apart by the
//! codes of its cancellation reasons, which come in the order of its items, the lock first.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use ferrocrete_core::state::{Lease, StateError};

use crate::entry::{EntryItem, Holds};
use crate::item::{self, Item, LOCK};
use crate::lock::{LockRow, MINE};
use crate::pack;
use crate::pause::Pauses;
use crate::site::Site;

/// Why a transaction was cancelled.
#[derive(Debug, PartialEq, Eq)]
enum Cancelled {
    /// The lock is not ours, or an object's entries reach into these.
    Lock,
    /// A sequence number is taken.
    Taken,
    /// It met another transaction, or was throttled.
    Again,
    Other,
}

impl Site {
    pub(crate) async fn append(
        &self,
        lease: &Lease,
        first: u64,
        bodies: &[String],
    ) -> Result<(), StateError> {
        if bodies.is_empty() {
            return Ok(());
        }
        let entries = self.pack(lease.epoch, first, bodies).await?;
        let transaction = self.transaction(lease, &entries)?;
        let mut pauses = Pauses::conflict();
        loop {
            // Each send has its own idempotency token, which the SDK's own retries share.
            let request = self.clients.dynamo.transact_write_items();
            let sent = request.set_transact_items(Some(transaction.clone())).send().await;
            let Err(error) = sent else { return Ok(()) };
            let reasons = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    cancelled.cancellation_reasons()
                }
                _ => return Err(self.append_failure(&error)),
            };
            match cancelled(reasons) {
                Cancelled::Again if pauses.pause().await => {}
                Cancelled::Again | Cancelled::Other => {
                    return Err(self.cancelled_failure(reasons));
                }
                Cancelled::Lock => {
                    let row = match reasons[0].item().and_then(LockRow::read) {
                        Some(row) => Some(row),
                        None => self.read_lock().await?,
                    };
                    match row {
                        Some(row) if row.is_lease(lease) => {
                            return self.check_stored(lease, &entries).await;
                        }
                        row => return Err(self.lost(lease, row.as_ref())),
                    }
                }
                Cancelled::Taken => return self.check_stored(lease, &entries).await,
            }
        }
    }

    /// Divides entries into items; what is too much for the items goes to S3 at once.
    async fn pack(
        &self,
        epoch: u64,
        first: u64,
        bodies: &[String],
    ) -> Result<Vec<EntryItem>, StateError> {
        let (inline, surplus) = bodies.split_at(pack::inline_count(bodies));
        let mut entries: Vec<_> = (first..)
            .zip(inline)
            .map(|(first, body)| EntryItem { first, epoch, holds: Holds::Body(body.clone()) })
            .collect();
        if !surplus.is_empty() {
            let first = first + inline.len() as u64;
            let last = first + surplus.len() as u64 - 1;
            let pointer = self.put_overflow(epoch, first, surplus).await?;
            entries.push(EntryItem { first, epoch, holds: Holds::Object { last, pointer } });
        }
        Ok(entries)
    }

    fn transaction(
        &self,
        lease: &Lease,
        entries: &[EntryItem],
    ) -> Result<Vec<TransactWriteItem>, StateError> {
        let puts = entries.iter().map(|entry| {
            let put = Put::builder()
                .table_name(&self.location.table)
                .set_item(Some(entry.write(&self.pk)))
                .condition_expression("attribute_not_exists(sk)")
                .build()?;
            Ok(TransactWriteItem::builder().put(put).build())
        });
        std::iter::once(self.lock_check(lease, entries))
            .chain(puts)
            .collect::<Result<_, aws_sdk_dynamodb::error::BuildError>>()
            .map_err(|e| StateError::Io { place: self.place(), why: e.to_string() })
    }

    /// Checks the lock; and, as an item with a pointer stands for many sequence numbers of
    /// which only the first is its key, notes in the lock how far such items reach.
    fn lock_check(
        &self,
        lease: &Lease,
        entries: &[EntryItem],
    ) -> Result<TransactWriteItem, aws_sdk_dynamodb::error::BuildError> {
        let key = Some(item::key(&self.pk, LOCK));
        let condition = format!("{MINE} AND (attribute_not_exists(reach) OR reach < :first)");
        let mut values = Item::from([
            (":epoch".to_owned(), item::number(lease.epoch)),
            (":true".to_owned(), item::flag(true)),
            (":holder".to_owned(), item::text(&lease.holder.id)),
            (":first".to_owned(), item::number(entries[0].first)),
        ]);
        let reach = entries.iter().find_map(|entry| match entry.holds {
            Holds::Object { last, .. } => Some(last),
            Holds::Body(_) => None,
        });
        let old = ReturnValuesOnConditionCheckFailure::AllOld;
        let checked = TransactWriteItem::builder();
        Ok(match reach {
            None => checked.condition_check(
                ConditionCheck::builder()
                    .table_name(&self.location.table)
                    .set_key(key)
                    .condition_expression(condition)
                    .set_expression_attribute_values(Some(values))
                    .return_values_on_condition_check_failure(old)
                    .build()?,
            ),
            Some(reach) => {
                values.insert(":reach".to_owned(), item::number(reach));
                checked.update(
                    Update::builder()
                        .table_name(&self.location.table)
                        .set_key(key)
                        .condition_expression(condition)
                        .update_expression("SET reach = :reach")
                        .set_expression_attribute_values(Some(values))
                        .return_values_on_condition_check_failure(old)
                        .build()?,
                )
            }
        }
        .build())
    }

    /// Sequence numbers are taken: by an earlier try of the same append, or by others.
    async fn check_stored(&self, lease: &Lease, entries: &[EntryItem]) -> Result<(), StateError> {
        let last = entries.last().map_or(0, |entry| entry.first);
        let stored = self.query_entries(entries[0].first, last).await?;
        if stored == entries {
            return Ok(());
        }
        // Who lost the lock is told so, as that explains the rest.
        self.check_lease(lease).await?;
        Err(StateError::LeaseLost {
            place: self.place(),
            why: format!(
                "the journal already has other entries from number {} on",
                entries[0].first
            ),
        })
    }

    fn append_failure(
        &self,
        error: &SdkError<TransactWriteItemsError, HttpResponse>,
    ) -> StateError {
        self.table_failure("dynamodb:TransactWriteItems", error)
    }

    fn cancelled_failure(&self, reasons: &[CancellationReason]) -> StateError {
        let codes: Vec<_> = codes(reasons).filter(|code| *code != "None").collect();
        StateError::Io {
            place: self.place(),
            why: format!("dynamodb:TransactWriteItems was cancelled: {}", codes.join(", ")),
        }
    }
}

fn codes(reasons: &[CancellationReason]) -> impl Iterator<Item = &str> {
    reasons.iter().map(|reason| reason.code().unwrap_or("None"))
}

fn cancelled(reasons: &[CancellationReason]) -> Cancelled {
    const FAILED: &str = "ConditionalCheckFailed";
    let passing = |code: &str| {
        matches!(
            code,
            "None"
                | "TransactionConflict"
                | "ThrottlingError"
                | "ProvisionedThroughputExceeded"
                | "RequestLimitExceeded"
        )
    };
    if codes(reasons).next() == Some(FAILED) {
        Cancelled::Lock
    } else if codes(reasons).any(|code| code == FAILED) {
        Cancelled::Taken
    } else if codes(reasons).all(passing) {
        Cancelled::Again
    } else {
        Cancelled::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_judged_by_code_and_order() {
        let judge = |codes: &[&str]| {
            let reason = |code: &&str| CancellationReason::builder().code(*code).build();
            cancelled(&codes.iter().map(reason).collect::<Vec<_>>())
        };
        assert_eq!(judge(&["ConditionalCheckFailed", "None"]), Cancelled::Lock);
        assert_eq!(judge(&["ConditionalCheckFailed", "TransactionConflict"]), Cancelled::Lock);
        assert_eq!(judge(&["None", "None", "ConditionalCheckFailed"]), Cancelled::Taken);
        assert_eq!(judge(&["TransactionConflict", "None"]), Cancelled::Again);
        assert_eq!(judge(&["None", "ThrottlingError"]), Cancelled::Again);
        assert_eq!(judge(&["None", "ValidationError"]), Cancelled::Other);
    }
}

//! Taking the lock.
//!
//! A free lock is taken with one conditional update. A held one is watched by strongly
//! consistent reads: a change of epoch or beat means that its holder lives; no change for the
//! whole time-to-live *of that lease*, by the monotonic clock of this process, means that it
//! does not, and the lock is taken over on condition that epoch and beat are still the same.
//! The watch begins after the first answer and ends before the last request, so that it never
//! overestimates how long the lease stood still.

use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::ReturnValue;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use ferrocrete_core::state::{Holder, Lease, StateError};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::item;
use crate::lock::{LockRow, Updated};
use crate::site::Site;

/// How often a lease's time-to-live is divided into looks at it.
const LOOKS: u32 = 5;

/// What one call of [`Site::acquire`] writes.
struct Claim<'a> {
    holder: &'a Holder,
    json: String,
    ttl: Duration,
    since: String,
    attempt: String,
}

enum Claimed {
    Ours(Lease),
    /// Somebody holds it.
    Held(LockRow),
    /// It became free meanwhile.
    Free,
}

impl Site {
    pub(crate) async fn acquire(
        &self,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<Lease, StateError> {
        let claim = Claim::new(holder, ttl, self.clients.wall_clock());
        let watched = loop {
            match self.claim(&claim, None).await? {
                Claimed::Ours(lease) => return Ok(lease),
                Claimed::Held(row) => break row,
                Claimed::Free => {}
            }
        };
        self.watch(&claim, watched).await
    }

    /// Watches a held lock until it is free, shows life, or stood still for its time-to-live.
    async fn watch(&self, claim: &Claim<'_>, watched: LockRow) -> Result<Lease, StateError> {
        let began = Instant::now();
        loop {
            let left = watched.ttl.saturating_sub(began.elapsed());
            let claimed = if left.is_zero() {
                tracing::info!(
                    place = self.place(),
                    epoch = watched.info.epoch,
                    "the lock stood still for its whole time to live and is taken over"
                );
                self.claim(claim, Some(&watched)).await?
            } else {
                sleep(left.min(watched.ttl / LOOKS)).await;
                match self.read_lock().await? {
                    Some(row) if row.held && is_same(&row, &watched) => continue,
                    Some(row) if row.held => Claimed::Held(row),
                    _ => self.claim(claim, None).await?,
                }
            };
            match claimed {
                Claimed::Ours(lease) => return Ok(lease),
                Claimed::Held(row) => {
                    let info = Box::new(row.info);
                    return Err(StateError::Locked { info, place: self.place() });
                }
                Claimed::Free => {}
            }
        }
    }

    /// Takes the lock if it is free, or still as it was `seen`.
    async fn claim(
        &self,
        claim: &Claim<'_>,
        seen: Option<&LockRow>,
    ) -> Result<Claimed, StateError> {
        let updated = self
            .update_lock(|update| {
                let update = update
                    .update_expression(
                        "SET epoch = if_not_exists(epoch, :zero) + :one, beat = :zero, \
                         held = :true, holder = :holder, holder_id = :id, since = :since, \
                         ttl_ms = :ttl, attempt = :attempt",
                    )
                    .expression_attribute_values(":zero", item::number(0))
                    .expression_attribute_values(":one", item::number(1))
                    .expression_attribute_values(":true", item::flag(true))
                    .expression_attribute_values(":false", item::flag(false))
                    .expression_attribute_values(":holder", item::text(&claim.json))
                    .expression_attribute_values(":id", item::text(&claim.holder.id))
                    .expression_attribute_values(":since", item::text(&claim.since))
                    .expression_attribute_values(":ttl", item::number(millis(claim.ttl)))
                    .expression_attribute_values(":attempt", item::text(&claim.attempt))
                    .return_values(ReturnValue::AllNew);
                match seen {
                    None => {
                        update.condition_expression("attribute_not_exists(pk) OR held = :false")
                    }
                    Some(row) => update
                        .condition_expression(
                            "attribute_not_exists(pk) OR held = :false \
                             OR (epoch = :epoch AND beat = :beat)",
                        )
                        .expression_attribute_values(":epoch", item::number(row.info.epoch))
                        .expression_attribute_values(":beat", item::number(row.beat)),
                }
            })
            .await?;
        let row = match updated {
            Updated::Yes(item) => item.as_ref().and_then(LockRow::read),
            Updated::No(row) => row,
        };
        Ok(match row {
            // By this try, or by an earlier one whose answer was lost.
            Some(row) if row.held && row.attempt == claim.attempt => Claimed::Ours(Lease {
                holder: claim.holder.clone(),
                epoch: row.info.epoch,
                ttl: claim.ttl,
            }),
            Some(row) if row.held => Claimed::Held(row),
            _ => Claimed::Free,
        })
    }
}

impl<'a> Claim<'a> {
    fn new(holder: &'a Holder, ttl: Duration, now: SystemTime) -> Self {
        let since = DateTime::from(now);
        let since = DateTime::from_secs(since.secs());
        Self {
            holder,
            json: serde_json::to_string(holder).expect("plain data"),
            ttl,
            since: since.fmt(Format::DateTime).expect("the clock is in a four-digit year"),
            attempt: Uuid::new_v4().to_string(),
        }
    }
}

fn is_same(a: &LockRow, b: &LockRow) -> bool {
    (a.info.epoch, a.beat) == (b.info.epoch, b.beat)
}

fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX)
}

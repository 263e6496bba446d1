//! The lock item: reading it, renewing, releasing, taking it away.
//!
//! `epoch` rises at every acquisition and forced unlock, `beat` at every renewal. Both only
//! ever change in conditional updates, so whoever sees the same pair twice knows that nothing
//! happened in between.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use ferrocrete_core::state::{Lease, LockInfo, StateError};
use uuid::Uuid;

use crate::item::{self, Item, LOCK};
use crate::pause::Pauses;
use crate::site::Site;

/// Condition: the lock is held by this lease.
pub(crate) const MINE: &str = "epoch = :epoch AND held = :true AND holder_id = :holder";

/// The lock item.
#[derive(Debug, Clone)]
pub(crate) struct LockRow {
    pub(crate) info: LockInfo,
    pub(crate) beat: u64,
    pub(crate) ttl: Duration,
    pub(crate) held: bool,
    /// Which call wrote holder or `held` last; tells an own write, whose answer was lost, from
    /// somebody else's.
    pub(crate) attempt: String,
}

impl LockRow {
    pub(crate) fn read(item: &Item) -> Option<Self> {
        Some(Self {
            info: LockInfo {
                holder: serde_json::from_str(item::text_of(item, "holder")?).ok()?,
                since: item::text_of(item, "since")?.to_owned(),
                epoch: item::number_of(item, "epoch")?,
            },
            beat: item::number_of(item, "beat")?,
            ttl: Duration::from_millis(item::number_of(item, "ttl_ms")?),
            held: item::flag_of(item, "held")?,
            attempt: item::text_of(item, "attempt")?.to_owned(),
        })
    }

    pub(crate) fn is_lease(&self, lease: &Lease) -> bool {
        self.held && self.info.epoch == lease.epoch && self.info.holder.id == lease.holder.id
    }
}

/// How a conditional update of the lock ended.
pub(crate) enum Updated {
    /// The item that was asked for.
    Yes(Option<Item>),
    /// The condition did not hold; the item as it is.
    No(Option<LockRow>),
}

impl Site {
    pub(crate) async fn read_lock(&self) -> Result<Option<LockRow>, StateError> {
        let answer = self
            .clients
            .dynamo
            .get_item()
            .table_name(&self.location.table)
            .set_key(Some(item::key(&self.pk, LOCK)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|e| self.table_failure("dynamodb:GetItem", &e))?;
        answer.item.map(|item| self.lock_row(&item)).transpose()
    }

    fn lock_row(&self, item: &Item) -> Result<LockRow, StateError> {
        LockRow::read(item).ok_or_else(|| StateError::Damaged {
            place: self.item_place(LOCK),
            why: "an attribute is missing or has another type".to_owned(),
            fix: "make sure that nothing is running, then delete that item".to_owned(),
        })
    }

    /// Sends an update of the lock item, again when it meets a transaction on it.
    pub(crate) async fn update_lock(
        &self,
        change: impl FnOnce(UpdateItemFluentBuilder) -> UpdateItemFluentBuilder,
    ) -> Result<Updated, StateError> {
        self.update_lock_by(&self.clients.dynamo, change).await
    }

    async fn update_lock_by(
        &self,
        client: &aws_sdk_dynamodb::Client,
        change: impl FnOnce(UpdateItemFluentBuilder) -> UpdateItemFluentBuilder,
    ) -> Result<Updated, StateError> {
        let update = change(client.update_item())
            .table_name(&self.location.table)
            .set_key(Some(item::key(&self.pk, LOCK)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut pauses = Pauses::conflict();
        loop {
            let error = match update.clone().send().await {
                Ok(output) => return Ok(Updated::Yes(output.attributes)),
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    return Ok(Updated::No(match failed.item() {
                        Some(item) => Some(self.lock_row(item)?),
                        None => self.read_lock().await?,
                    }));
                }
                Some(UpdateItemError::TransactionConflictException(_)) if pauses.pause().await => {}
                _ => return Err(self.update_failure(&error)),
            }
        }
    }

    fn update_failure(&self, error: &SdkError<UpdateItemError, HttpResponse>) -> StateError {
        self.table_failure("dynamodb:UpdateItem", error)
    }

    pub(crate) async fn renew(&self, lease: &Lease) -> Result<(), StateError> {
        let renewed = self
            .update_lock_by(&self.clients.impatient, |update| {
                mine(update, lease)
                    .update_expression("SET beat = beat + :one")
                    .expression_attribute_values(":one", item::number(1))
            })
            .await?;
        match renewed {
            Updated::Yes(_) => Ok(()),
            Updated::No(now) => Err(self.lost(lease, now.as_ref())),
        }
    }

    pub(crate) async fn release(&self, lease: &Lease) -> Result<(), StateError> {
        self.update_lock(|update| {
            mine(update, lease)
                .update_expression("SET held = :false")
                .expression_attribute_values(":false", item::flag(false))
        })
        .await?;
        Ok(())
    }

    pub(crate) async fn unlock(&self) -> Result<Option<LockInfo>, StateError> {
        let attempt = Uuid::new_v4().to_string();
        let unlocked = self
            .update_lock(|update| {
                update
                    .update_expression(
                        "SET held = :false, attempt = :attempt, epoch = epoch + :one",
                    )
                    .condition_expression("held = :true")
                    .expression_attribute_values(":false", item::flag(false))
                    .expression_attribute_values(":true", item::flag(true))
                    .expression_attribute_values(":one", item::number(1))
                    .expression_attribute_values(":attempt", item::text(&attempt))
                    .return_values(ReturnValue::AllOld)
            })
            .await?;
        match unlocked {
            Updated::Yes(old) => {
                let old = old.map(|item| self.lock_row(&item)).transpose()?;
                Ok(old.map(|row| row.info))
            }
            // An earlier try of this call did it, but its answer was lost.
            Updated::No(Some(row)) if row.attempt == attempt => {
                let epoch = row.info.epoch.saturating_sub(1);
                Ok(Some(LockInfo { epoch, ..row.info }))
            }
            Updated::No(_) => Ok(None),
        }
    }

    pub(crate) async fn lock_info(&self) -> Result<Option<LockInfo>, StateError> {
        Ok(self.read_lock().await?.filter(|row| row.held).map(|row| row.info))
    }

    /// Fails unless the lease holds at this moment.
    pub(crate) async fn check_lease(&self, lease: &Lease) -> Result<(), StateError> {
        match self.read_lock().await? {
            Some(row) if row.is_lease(lease) => Ok(()),
            now => Err(self.lost(lease, now.as_ref())),
        }
    }

    /// The error of a lease that is not the lock's state `now`.
    pub(crate) fn lost(&self, lease: &Lease, now: Option<&LockRow>) -> StateError {
        let why = match now {
            None => "the lock's item was deleted".to_owned(),
            Some(row) if row.info.holder.id != lease.holder.id => {
                let LockInfo { holder, since, .. } = &row.info;
                let done = if row.held { "" } else { " and has given it back" };
                format!("{holder}, took it over at {since}{done}")
            }
            Some(row) if row.info.epoch > lease.epoch => "it was unlocked by force".to_owned(),
            Some(_) => "it was released".to_owned(),
        };
        StateError::LeaseLost { place: self.place(), why }
    }
}

fn mine(update: UpdateItemFluentBuilder, lease: &Lease) -> UpdateItemFluentBuilder {
    update
        .condition_expression(MINE)
        .expression_attribute_values(":epoch", item::number(lease.epoch))
        .expression_attribute_values(":true", item::flag(true))
        .expression_attribute_values(":holder", item::text(&lease.holder.id))
}

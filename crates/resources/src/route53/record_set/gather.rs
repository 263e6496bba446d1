//! [`Zones`]: changes of one zone that fall together go out as one.
//!
//! Route 53 takes five calls a second from an account, and one change of a zone at a time; a call
//! takes many changes. They are carried out all or not at all, so when one of several unrelated
//! changes is refused, each goes out by itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_route53::types::{Change, ChangeAction, ResourceRecordSet};
use tokio::sync::oneshot;

use super::api::{Key, bad};
use crate::prelude::*;

/// How long a change waits for company.
const GATHER: Duration = Duration::from_millis(5);
/// Most values of one call; those that replace others count twice
/// (https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html).
const VALUES: usize = 1000;
/// Most characters of these values.
const CHARACTERS: usize = 32_000;

/// What happens to one record.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Edit {
    /// Made; refused when it is there.
    Create(ResourceRecordSet),
    /// Made, or changed to this.
    Put(ResourceRecordSet),
    /// Deleted, whatever its values; nothing when it is not there.
    Delete(Key),
}

/// The calls on one zone.
pub(super) trait Wire: Sync {
    /// The records of these keys, as they are.
    fn current(
        &self,
        keys: Vec<Key>,
    ) -> impl Future<Output = Result<BTreeMap<Key, ResourceRecordSet>>> + Send;
    /// Carries out all changes or none.
    fn change(&self, changes: Vec<Change>) -> impl Future<Output = Result<()>> + Send;
}

/// Changes of zones that wait for company.
#[derive(Debug, Default)]
pub(crate) struct Zones(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    zones: BTreeMap<String, Vec<Unit>>,
}

/// Edits that belong together.
#[derive(Debug)]
struct Unit {
    number: u64,
    edits: Vec<Edit>,
    answer: oneshot::Sender<Result<()>>,
}

/// The same, in the words of the API.
struct Ready {
    changes: Vec<Change>,
    answer: oneshot::Sender<Result<()>>,
}

impl Zones {
    /// Carries out edits that belong together, with what else falls on this zone at the moment.
    /// Whoever waits makes the call: there is nobody else who would know of a lost lock.
    pub(super) async fn send(&self, zone: &str, edits: Vec<Edit>, wire: &impl Wire) -> Result<()> {
        let (tx, rx) = oneshot::channel();
        let number = {
            let mut waiting = self.lock();
            waiting.next += 1;
            let unit = Unit { number: waiting.next, edits, answer: tx };
            let number = unit.number;
            waiting.zones.entry(zone.to_owned()).or_default().push(unit);
            number
        };
        tokio::time::sleep(GATHER).await;
        if let Some(units) = self.take(zone, number) {
            carry_out(units, wire).await;
        }
        // Whoever took it stopped in the middle of its call.
        let lost = || Err(OpError::new(ErrorKind::NoAnswer, "the call for several was dropped"));
        rx.await.unwrap_or_else(|_| lost())
    }

    /// Everything that waits for this zone, if `number` is among it, and somebody waits for it.
    fn take(&self, zone: &str, number: u64) -> Option<Vec<Unit>> {
        let mut waiting = self.lock();
        let units = waiting.zones.get(zone)?;
        if !units.iter().any(|unit| unit.number == number) {
            return None;
        }
        let units = waiting.zones.remove(zone)?;
        Some(units.into_iter().filter(|unit| !unit.answer.is_closed()).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn carry_out(units: Vec<Unit>, wire: &impl Wire) {
    let units = match ready(units, wire).await {
        Ok(units) => units,
        Err((units, error)) => {
            return units.into_iter().for_each(|u| drop(u.answer.send(Err(error.clone()))));
        }
    };
    for batch in batches(units) {
        let all = batch.iter().flat_map(|unit| unit.changes.clone()).collect();
        let answer = wire.change(in_order(all)).await;
        if batch.len() > 1 && answer.as_ref().is_err_and(is_somebodys) {
            for unit in batch {
                // Somebody who stopped waiting needs no answer.
                let _ = unit.answer.send(wire.change(in_order(unit.changes)).await);
            }
        } else {
            batch.into_iter().for_each(|unit| drop(unit.answer.send(answer.clone())));
        }
    }
}

/// The edits as changes: a record is deleted by its exact values.
async fn ready(
    units: Vec<Unit>,
    wire: &impl Wire,
) -> std::result::Result<Vec<Ready>, (Vec<Unit>, OpError)> {
    let edits = units.iter().flat_map(|unit| &unit.edits);
    let keys: Vec<Key> = edits
        .filter_map(|edit| match edit {
            Edit::Delete(key) => Some(key.clone()),
            _ => None,
        })
        .collect();
    let there = match keys.is_empty() {
        true => Ok(BTreeMap::new()),
        false => wire.current(keys).await,
    };
    let there = match there {
        Ok(there) => there,
        Err(error) => return Err((units, error)),
    };
    let change = |edit: &Edit| {
        let (action, record) = match edit {
            Edit::Create(record) => (ChangeAction::Create, record.clone()),
            Edit::Put(record) => (ChangeAction::Upsert, record.clone()),
            Edit::Delete(key) => (ChangeAction::Delete, there.get(key)?.clone()),
        };
        Some(Change::builder().action(action).resource_record_set(record).build().map_err(bad))
    };
    let mut all = Vec::new();
    for unit in units {
        match unit.edits.iter().filter_map(change).collect::<Result<Vec<_>>>() {
            Ok(changes) if changes.is_empty() => drop(unit.answer.send(Ok(()))),
            Ok(changes) => all.push(Ready { changes, answer: unit.answer }),
            Err(error) => drop(unit.answer.send(Err(error))),
        }
    }
    Ok(all)
}

/// What makes room comes first.
fn in_order(mut changes: Vec<Change>) -> Vec<Change> {
    changes.sort_by_key(|change| *change.action() != ChangeAction::Delete);
    changes
}

/// Units in the order given, as many in a batch as one call takes.
fn batches(units: Vec<Ready>) -> Vec<Vec<Ready>> {
    let mut all: Vec<Vec<Ready>> = Vec::new();
    let mut full = (0, 0);
    for unit in units {
        let (values, characters) = size(&unit.changes);
        full = (full.0 + values, full.1 + characters);
        match all.last_mut() {
            Some(batch) if full.0 <= VALUES && full.1 <= CHARACTERS => batch.push(unit),
            _ => {
                full = (values, characters);
                all.push(vec![unit]);
            }
        }
    }
    all
}

/// Values and their characters, as Route 53 counts them.
fn size(changes: &[Change]) -> (usize, usize) {
    let one = |change: &Change| {
        let times = if *change.action() == ChangeAction::Upsert { 2 } else { 1 };
        let values = change.resource_record_set().map(|r| r.resource_records()).unwrap_or_default();
        let characters: usize = values.iter().map(|v| v.value().chars().count()).sum();
        // An alias has no values, but is a change.
        (values.len().max(1) * times, characters * times)
    };
    changes.iter().map(one).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// Whether an error may be about one of several changes only.
fn is_somebodys(error: &OpError) -> bool {
    let all = matches!(error.kind, ErrorKind::NotFound | ErrorKind::NoCredentials);
    !error.is_passing() && !all
}

#[cfg(test)]
mod tests;

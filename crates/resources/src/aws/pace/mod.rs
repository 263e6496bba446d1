//! [`Pace`]: the calls of one service leave at the rate that it answers.
//!
//! AWS refuses what exceeds a service's rate, per account and region. Calls that are sent all the
//! same and repeated later cost everybody more than calls that wait for their turn first.

mod gate;
mod limit;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_sts::config::retry::RetryPartition;
use ferrocrete_aws::patient_partition;
use ferrocrete_core::event::{Event, Events};
use tokio::sync::Notify;
use tokio::time::Instant;

pub(super) use gate::{Gate, NotSent, Watch, queueing};
use limit::Limit;

/// Services that are one for all regions.
const GLOBAL: [&str; 2] = ["iam", "route53"];
/// Documented rates, in calls a second and account: Route 53's is in `DNSLimitations`, "Maximums
/// on API requests".
const DOCUMENTED: [(&str, f64); 1] = [("route53", 5.0)];
/// Somebody who has to wait that long is told why.
const NOTICEABLE: Duration = Duration::from_secs(1);

/// Every pace of one process; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Paces {
    by_place: Arc<Mutex<BTreeMap<Place, Arc<Pace>>>>,
    listeners: Arc<Mutex<Vec<Events>>>,
}

/// What has a rate of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// As whom calls are made, which stands for the account.
    caller: String,
    service: &'static str,
    /// None for a global service.
    region: Option<String>,
}

impl Paces {
    /// Sends events there, too, as long as somebody listens.
    pub(super) fn listen(&self, events: &Events) {
        let mut listeners = lock(&self.listeners);
        listeners.retain(Events::is_heard);
        listeners.push(events.clone());
    }

    /// The pace of a service. `documented`: whether it is AWS that is called, whose documented
    /// rates apply.
    pub(super) fn of(
        &self,
        caller: &str,
        service: &'static str,
        region: &str,
        documented: bool,
    ) -> Arc<Pace> {
        let region = (!GLOBAL.contains(&service)).then(|| region.to_owned());
        let place = Place { caller: caller.to_owned(), service, region };
        let pace = || Arc::new(Pace::new(place.clone(), documented, self.listeners.clone()));
        lock(&self.by_place).entry(place.clone()).or_insert_with(pace).clone()
    }
}

/// The calls of one service, account and region: who is next, and when.
#[derive(Debug)]
pub(super) struct Pace {
    place: Place,
    limit: Mutex<Limit>,
    /// Whoever holds it is next; the others queue for it, first come, first served. Who gives
    /// up, by being dropped, leaves the queue without a trace.
    turn: tokio::sync::Mutex<()>,
    waiting: AtomicUsize,
    /// The rate changed.
    changed: Notify,
    /// The rate that was last spoken of.
    told: Mutex<Option<f64>>,
    listeners: Arc<Mutex<Vec<Events>>>,
    /// What the SDK spends on retries; shared by all clients of this pace.
    partition: RetryPartition,
}

impl Pace {
    fn new(place: Place, documented: bool, listeners: Arc<Mutex<Vec<Events>>>) -> Self {
        let known = DOCUMENTED.iter().find(|(service, _)| *service == place.service);
        let ceiling = known.map(|(_, rate)| *rate).filter(|_| documented);
        Self {
            limit: Mutex::new(Limit::new(ceiling)),
            turn: tokio::sync::Mutex::new(()),
            waiting: AtomicUsize::new(0),
            changed: Notify::new(),
            told: Mutex::new(None),
            listeners,
            partition: patient_partition(place.service),
            place,
        }
    }

    /// Returns when the next call may leave.
    async fn turn(&self) {
        if lock(&self.limit).rate().is_none() {
            return;
        }
        let _waiting = Waiting::new(&self.waiting);
        self.tell();
        let _turn = self.turn.lock().await;
        loop {
            let next = {
                let mut limit = lock(&self.limit);
                let now = Instant::now();
                match limit.next() {
                    Some(next) if next > now => next,
                    _ => return limit.take(now),
                }
            };
            tokio::select! {
                () = tokio::time::sleep_until(next) => {}
                () = self.changed.notified() => {}
            }
        }
    }

    /// A call that left at `sent` was answered, or refused for the number of calls.
    fn answered(&self, sent: Instant, refused: bool) {
        let changed = lock(&self.limit).answer(sent, Instant::now(), refused);
        if changed {
            self.changed.notify_one();
            self.tell();
        }
    }

    /// Says that calls wait, when they do and nobody knows.
    fn tell(&self) {
        let rate = lock(&self.limit).rate();
        let news = {
            let mut told = lock(&self.told);
            let news = match (rate, *told) {
                (None, None) => false,
                (None, Some(_)) => true,
                (Some(rate), told) => {
                    let waiting = self.waiting.load(Ordering::Relaxed) as f64;
                    let changed = told.is_none_or(|told| rate >= told * 2.0 || rate <= told / 2.0);
                    changed && waiting / rate >= NOTICEABLE.as_secs_f64()
                }
            };
            if news {
                *told = rate;
            }
            news
        };
        if !news {
            return;
        }
        // At least one: that is as slow as it gets.
        let per_second = rate.map(|rate| rate.round() as u32);
        let Place { service, region, .. } = &self.place;
        for events in &*lock(&self.listeners) {
            events.send(Event::Paced {
                service: (*service).to_owned(),
                region: region.clone(),
                per_second,
            });
        }
    }

    /// What the SDK spends on retries.
    pub(super) fn partition(&self) -> RetryPartition {
        self.partition.clone()
    }
}

/// Counted as long as it lives.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

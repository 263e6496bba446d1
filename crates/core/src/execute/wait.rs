//! Waiting for AWS: polls at once, then backs off; merged with every other read.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{ErrorKind, OpError};
use crate::observe::ReadPool;
use crate::resource::{LiveState, ProviderConfig, ReadItem, Status};

use super::Interrupt;
use super::pace::hasty;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(8);
/// How long AWS may not show what it has accepted.
const LATE: Duration = Duration::from_secs(60);
/// How long a look may take that began just before the time was over.
const GRACE: Duration = Duration::from_secs(10);
/// Failed polls in a row that are borne.
const PATIENCE: u32 = 8;

/// What is waited for.
pub(super) struct Wait<'a> {
    pub pool: &'a ReadPool,
    pub type_name: &'a str,
    pub provider: &'a ProviderConfig,
    pub item: ReadItem,
    pub timeout: Duration,
    pub interrupt: &'a Interrupt,
    /// When the run began.
    pub origin: Instant,
}

impl Wait<'_> {
    /// Until it is usable; `note` hears AWS's word for what it does.
    pub(super) async fn ready(&self, note: impl FnMut(&str)) -> Result<LiveState, OpError> {
        self.until(note, |live| live.is_some()).await
    }

    /// Until it is usable and `enough` says so, which hears of each look: what is ready, or
    /// nothing while AWS works on it.
    pub(super) async fn until(
        &self,
        mut note: impl FnMut(&str),
        mut enough: impl FnMut(Option<&LiveState>) -> bool,
    ) -> Result<LiveState, OpError> {
        let start = Instant::now();
        self.poll(|answer| match answer {
            Some(live) => match &live.status {
                Status::Ready => enough(Some(&live)).then_some(Ok(live)),
                Status::Pending(word) => {
                    note(word);
                    enough(None);
                    None
                }
                Status::Failed(why) => Some(Err(OpError::new(
                    ErrorKind::Other,
                    format!("AWS reports {} as {why}", self.item.id),
                ))),
                // It may be what had the name before.
                Status::Deleting(word) if start.elapsed() <= LATE => {
                    note(word);
                    enough(None);
                    None
                }
                Status::Deleting(word) => Some(Err(OpError::new(
                    ErrorKind::Other,
                    format!("somebody had {} deleted: AWS reports it as {word}", self.item.id),
                ))),
            },
            None if start.elapsed() > LATE => Some(Err(OpError::new(
                ErrorKind::NotFound,
                format!("{} disappeared while it was being made", self.item.id),
            ))),
            None => None,
        })
        .await
    }

    /// Until it is gone. What failed before may go on saying so while it is deleted; only of a
    /// delete that is followed by an id is a failure its own.
    pub(super) async fn gone(&self, mut note: impl FnMut(&str)) -> Result<(), OpError> {
        self.poll(|answer| match answer {
            None => Some(Ok(())),
            Some(live) => match &live.status {
                Status::Failed(why) if self.item.follow.is_some() => {
                    let why = format!("AWS did not delete {}: {why}", self.item.id);
                    Some(Err(OpError::new(ErrorKind::Dependency, why)))
                }
                Status::Pending(word) | Status::Deleting(word) => {
                    note(word);
                    None
                }
                _ => {
                    note("deleting");
                    None
                }
            },
        })
        .await
    }

    /// Until what AWS is deleting is gone, or AWS does not delete it any more: then it is not.
    pub(super) async fn gone_by_itself(&self, mut note: impl FnMut(&str)) -> Result<bool, OpError> {
        self.poll(|answer| match answer.map(|live| live.status) {
            None => Some(Ok(true)),
            Some(Status::Pending(word) | Status::Deleting(word)) => {
                note(&word);
                None
            }
            Some(Status::Ready | Status::Failed(_)) => Some(Ok(false)),
        })
        .await
    }

    async fn poll<T>(
        &self,
        mut judge: impl FnMut(Option<LiveState>) -> Option<Result<T, OpError>>,
    ) -> Result<T, OpError> {
        let start = Instant::now();
        let mut interval = FIRST;
        let mut failures = 0;
        loop {
            match self.look(start).await {
                Ok(answer) => {
                    failures = 0;
                    if let Some(end) = judge(answer) {
                        return end;
                    }
                }
                // However many calls others make, it ends with the time that is allowed.
                Err(error) if error.kind == ErrorKind::Throttled => {}
                Err(error) if error.is_passing() && failures < PATIENCE => failures += 1,
                Err(error) => return Err(error),
            }
            if start.elapsed() > self.timeout {
                return Err(self.timed_out());
            }
            tokio::select! {
                biased;
                () = self.interrupt.reached(2) => return Err(interrupted()),
                () = sleep_to_grid(self.origin, interval) => {}
            }
            // About a quarter of the time waited so far: close behind, yet few calls.
            if start.elapsed() > interval * 4 {
                interval = (interval * 2).min(LONGEST);
            }
        }
    }

    /// One look. It may have to wait for its turn with a service that is short of time: not
    /// longer than anybody waits for its answer.
    async fn look(&self, start: Instant) -> Result<Option<LiveState>, OpError> {
        let end = (start + self.timeout).max(Instant::now() + GRACE);
        tokio::select! {
            biased;
            answer = self.pool.read(self.type_name, self.provider, self.item.clone()) => answer,
            () = hasty(self.interrupt) => Err(interrupted()),
            () = tokio::time::sleep_until(end) => Err(self.timed_out()),
        }
    }

    fn timed_out(&self) -> OpError {
        let limit = self.timeout.as_secs();
        let text = format!("not finished after {limit} s; raise it with `timeouts`");
        OpError::new(ErrorKind::TimedOut, text)
    }
}

fn interrupted() -> OpError {
    OpError::new(ErrorKind::Interrupted, "interrupted while waiting")
}

/// Sleeps to the next multiple of `interval` since `origin`, the same for all waits of a run,
/// so that they fall together and their reads are merged.
async fn sleep_to_grid(origin: Instant, interval: Duration) {
    let since = origin.elapsed().as_millis();
    let step = interval.as_millis().max(1);
    let rest = step - since % step;
    // At least half an interval, so that a poll just before a grid line is not repeated at once.
    let rest = if rest * 2 < step { rest + step } else { rest };
    tokio::time::sleep(Duration::from_millis(u64::try_from(rest).unwrap_or(u64::MAX))).await;
}

//! Retries of expected errors, told apart by code and bounded; the one place for them.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{ErrorKind, OpError};
use crate::schema::Schema;

/// How long something counts as new, so that AWS may not know it everywhere yet.
pub(super) const YOUNG: Duration = Duration::from_secs(120);
/// How long AWS may take to make what it makes by itself at first use.
const FIRST_USE: Duration = Duration::from_secs(300);
/// Most attempts of a create whose answers are lost.
pub(super) const LOST: u32 = 5;

/// Longest wait unless the program sets one.
pub(super) const LONGEST: Duration = Duration::from_secs(3600);

/// Waits between attempts: 0.25 s, doubling to 8 s.
pub(super) struct Backoff(Duration);

impl Backoff {
    pub(super) fn new() -> Self {
        Self(Duration::from_millis(250))
    }

    /// Whether attempts are so far apart by now that a look in between costs little.
    pub(super) fn is_slow(&self) -> bool {
        self.0 >= Duration::from_secs(4)
    }

    pub(super) async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(Duration::from_secs(8));
    }
}

/// Which answers one operation waits out, and for how long.
pub(super) struct Patience<'a> {
    schema: &'a Schema,
    start: Instant,
    /// What the program allows; wins over what the type says.
    timeout: Option<Duration>,
}

/// Why an operation is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// Something made or changed moments ago is not visible everywhere yet, or AWS makes
    /// something by itself at first use.
    Early,
    /// Something is still going on, or going away.
    Busy,
    /// Too many calls.
    Throttled,
}

impl<'a> Patience<'a> {
    pub(super) fn new(schema: &'a Schema, timeout: Option<Duration>) -> Self {
        Self { schema, start: Instant::now(), timeout }
    }

    /// Whether the very same call may be answered otherwise in a moment. `youngest` is the age
    /// of the newest of what the operation is about and what that is made from.
    pub(super) fn bears(
        &self,
        error: &OpError,
        youngest: impl FnOnce() -> Option<Duration>,
    ) -> Option<Again> {
        let waited = self.start.elapsed();
        if error.kind == ErrorKind::Throttled && waited < self.timeout.unwrap_or(LONGEST) {
            Some(Again::Throttled)
        } else if self.is_busy(error) && self.lasts() {
            Some(Again::Busy)
        } else if self.schema.passing_codes.iter().any(|c| c.is(error)) && waited < FIRST_USE {
            Some(Again::Early)
        } else if self.schema.eventual_codes.iter().any(|c| c.is(error)) {
            youngest().is_some_and(|age| age < YOUNG).then_some(Again::Early)
        } else {
            None
        }
    }

    /// Whether what is still going on, or going away, is borne any longer.
    pub(super) fn lasts(&self) -> bool {
        let limit = self.timeout.unwrap_or(Duration::from_secs(self.schema.busy_for));
        self.start.elapsed() < limit
    }

    /// Whether something is still going on, or going away.
    pub(super) fn is_busy(&self, error: &OpError) -> bool {
        self.schema.busy_codes.iter().any(|c| c.is(error))
    }
}

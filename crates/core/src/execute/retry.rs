//! Retries of expected errors, told apart by code and bounded; the one place for them.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::OpError;
use crate::schema::Schema;

/// How long a dependency counts as new, so that AWS may not know it everywhere yet.
pub(super) const YOUNG: Duration = Duration::from_secs(120);
/// How long a delete is refused at most because a dependent is still going away, or a create
/// because what had its name is.
pub(super) const BUSY: Duration = Duration::from_secs(300);
/// Most attempts of a create whose answers are lost.
pub(super) const LOST: u32 = 5;

/// Waits between attempts: 0.25 s, doubling to 8 s.
pub(super) struct Backoff(Duration);

impl Backoff {
    pub(super) fn new() -> Self {
        Self(Duration::from_millis(250))
    }

    pub(super) async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(Duration::from_secs(8));
    }
}

/// Whether a create or update failed because a dependency made moments ago is not visible yet.
pub(super) fn is_eventual(schema: &Schema, error: &OpError, youngest: Option<Instant>) -> bool {
    let listed = schema.eventual_codes.iter().any(|c| error.has_code(c));
    listed && youngest.is_some_and(|born| born.elapsed() < YOUNG)
}

/// Whether a delete was refused because a dependent is still going away, or a create because
/// something else is.
pub(super) fn is_busy(schema: &Schema, error: &OpError) -> bool {
    schema.busy_codes.iter().any(|c| error.has_code(c))
}

//! Bounded, jittered pauses between tries.

use std::time::Duration;

use uuid::Uuid;

/// How often and how long to pause.
#[derive(Debug)]
pub(crate) struct Pauses {
    next: Duration,
    longest: Duration,
    left: u32,
}

impl Pauses {
    /// `count` pauses, the first about `first` long, each twice the one before, none over
    /// `longest`.
    pub(crate) fn new(count: u32, first: Duration, longest: Duration) -> Self {
        Self { next: first, longest, left: count }
    }

    /// For transactions that meet another on the same item: about 12 s in all.
    pub(crate) fn conflict() -> Self {
        Self::new(16, Duration::from_millis(25), Duration::from_secs(1))
    }

    /// Pauses; `false`, at once, when there were enough pauses.
    pub(crate) async fn pause(&mut self) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        // Half of it is random, so that those who met do not meet again.
        let random = f64::from(Uuid::new_v4().as_fields().0) / f64::from(u32::MAX);
        tokio::time::sleep(self.next.mul_f64(0.5 + random / 2.0)).await;
        self.next = (self.next * 2).min(self.longest);
        true
    }
}

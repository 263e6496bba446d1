//! [`Interrupt`]: Ctrl-C and other signals as the engine sees them.

use tokio::sync::watch;

/// Counts interruptions: at 1 nothing new is started and what runs is finished; at 2 waits
/// end too, to be resumed by the next run.
#[derive(Debug, Clone)]
pub struct Interrupt(watch::Sender<u8>);

impl Default for Interrupt {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Interrupt {
    /// Nothing interrupted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more Ctrl-C; returns how many came.
    pub fn raise(&self) -> u8 {
        self.0.send_modify(|n| *n = n.saturating_add(1));
        self.count()
    }

    /// As many as this came, at least; returns how many came.
    pub fn raise_to(&self, count: u8) -> u8 {
        self.0.send_modify(|n| *n = count.max(*n));
        self.count()
    }

    /// How many came.
    pub fn count(&self) -> u8 {
        *self.0.borrow()
    }

    /// Returns once at least `count` came.
    pub async fn reached(&self, count: u8) {
        // The sender is alive as long as `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|n| *n >= count).await;
    }
}

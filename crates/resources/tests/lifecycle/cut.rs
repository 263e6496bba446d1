//! [`Cut`]: a state backend that stands still at a chosen entry, as if the process had been
//! killed right there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use ferrocrete_core::state::{
    Holder, Lease, LockInfo, MemoryBackend, SnapshotTag, StateBackend, StateError, Stored,
};
use tokio::sync::Notify;

/// Lets `left` entries of one resource through; the next one is never stored.
#[derive(Clone)]
pub struct Cut {
    inner: MemoryBackend,
    urn_end: String,
    left: Arc<AtomicUsize>,
    reached: Arc<Notify>,
}

impl Cut {
    pub fn new(inner: MemoryBackend, name: &str, entries: usize) -> Self {
        let left = Arc::new(AtomicUsize::new(entries));
        Self { inner, urn_end: format!(":{name}\""), left, reached: Arc::new(Notify::new()) }
    }

    /// Waits until the entry comes that is not stored.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    fn is_the_end(&self, bodies: &[String]) -> bool {
        let about = |b: &&String| b.contains("\"urn\"") && b.contains(&self.urn_end);
        let count = bodies.iter().filter(about).count();
        let left = self.left.load(Ordering::SeqCst);
        self.left.store(left.saturating_sub(count), Ordering::SeqCst);
        count > left
    }
}

#[async_trait]
impl StateBackend for Cut {
    fn describe(&self) -> String {
        self.inner.describe()
    }

    async fn acquire(&self, holder: &Holder, ttl: Duration) -> Result<Lease, StateError> {
        self.inner.acquire(holder, ttl).await
    }

    async fn renew(&self, lease: &Lease) -> Result<(), StateError> {
        self.inner.renew(lease).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StateError> {
        self.inner.release(lease).await
    }

    async fn unlock(&self) -> Result<Option<LockInfo>, StateError> {
        self.inner.unlock().await
    }

    async fn lock_info(&self) -> Result<Option<LockInfo>, StateError> {
        self.inner.lock_info().await
    }

    async fn load(&self) -> Result<Stored, StateError> {
        self.inner.load().await
    }

    async fn append(&self, lease: &Lease, first: u64, bodies: &[String]) -> Result<(), StateError> {
        if self.is_the_end(bodies) {
            self.reached.notify_one();
            return std::future::pending().await;
        }
        self.inner.append(lease, first, bodies).await
    }

    async fn write_snapshot(
        &self,
        lease: &Lease,
        bytes: &[u8],
        expected: Option<&SnapshotTag>,
        through: u64,
    ) -> Result<SnapshotTag, StateError> {
        self.inner.write_snapshot(lease, bytes, expected, through).await
    }
}

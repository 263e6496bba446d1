//! The memory backend behind an unreliable line.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ferrocrete_core::state::{
    Holder, Lease, LockInfo, MemoryBackend, SnapshotTag, StateBackend, StateError, Stored,
};

use crate::history::Sabotage;
use crate::process::Process;
use crate::weather::{Fate, Sky};

/// What one process sees of the backend.
pub struct Line {
    pub storage: MemoryBackend,
    pub process: Process,
    pub sky: Arc<Mutex<Sky>>,
    pub sabotage: Sabotage,
}

fn broken() -> StateError {
    StateError::Io { place: "simulation".into(), why: "the line broke".into() }
}

impl Line {
    /// A request on its way takes effect even if its process dies meanwhile.
    async fn call<T: Send + 'static>(
        &self,
        effect: impl Future<Output = Result<T, StateError>> + Send + 'static,
    ) -> Result<T, StateError> {
        self.process.leaves_if_awake().await;
        let (fate, there, back) = {
            let mut sky = self.sky.lock().unwrap();
            (sky.backend_fate(), sky.way(), sky.way())
        };
        let sent = tokio::spawn(async move {
            tokio::time::sleep(there).await;
            let answer = match fate {
                Fate::Fails { took_effect: false } => Err(broken()),
                _ => effect.await,
            };
            tokio::time::sleep(back).await;
            answer
        });
        let answer = sent.await.expect("the backend does not panic");
        self.process.hears().await;
        match fate {
            Fate::Fine => answer,
            _ => Err(broken()),
        }
    }
}

#[async_trait]
impl StateBackend for Line {
    fn describe(&self) -> String {
        self.storage.describe()
    }

    async fn acquire(&self, holder: &Holder, ttl: Duration) -> Result<Lease, StateError> {
        // Watching is the process's own doing and ends with it.
        self.process.leaves_if_awake().await;
        let answer = self.storage.acquire(holder, ttl).await;
        self.process.hears().await;
        answer
    }

    async fn renew(&self, lease: &Lease) -> Result<(), StateError> {
        let (storage, lease) = (self.storage.clone(), lease.clone());
        self.call(async move { storage.renew(&lease).await }).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StateError> {
        let (storage, lease) = (self.storage.clone(), lease.clone());
        self.call(async move { storage.release(&lease).await }).await
    }

    async fn unlock(&self) -> Result<Option<LockInfo>, StateError> {
        let storage = self.storage.clone();
        self.call(async move { storage.unlock().await }).await
    }

    async fn lock_info(&self) -> Result<Option<LockInfo>, StateError> {
        let storage = self.storage.clone();
        self.call(async move { storage.lock_info().await }).await
    }

    async fn load(&self) -> Result<Stored, StateError> {
        let storage = self.storage.clone();
        self.call(async move { storage.load().await }).await
    }

    async fn append(&self, lease: &Lease, first: u64, bodies: &[String]) -> Result<(), StateError> {
        let (storage, lease, bodies) = (self.storage.clone(), lease.clone(), bodies.to_vec());
        let forgets = self.sabotage == Sabotage::Forgetful;
        self.call(async move {
            if forgets { Ok(()) } else { storage.append(&lease, first, &bodies).await }
        })
        .await
    }

    async fn write_snapshot(
        &self,
        lease: &Lease,
        bytes: &[u8],
        expected: Option<&SnapshotTag>,
        through: u64,
    ) -> Result<SnapshotTag, StateError> {
        let (storage, lease) = (self.storage.clone(), lease.clone());
        let (bytes, expected) = (bytes.to_vec(), expected.cloned());
        self.call(async move {
            storage.write_snapshot(&lease, &bytes, expected.as_ref(), through).await
        })
        .await
    }
}

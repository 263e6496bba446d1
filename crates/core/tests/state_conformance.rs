//! The conformance suite on the backends of this crate.

use std::sync::Arc;

use ferrocrete_core::state::conformance::conformance;
use ferrocrete_core::state::{LocalBackend, MemoryBackend, StateBackend};

#[tokio::test(start_paused = true)]
async fn memory() {
    let backend = MemoryBackend::new();
    conformance(async || Arc::new(backend.clone()) as Arc<dyn StateBackend>).await;
}

#[tokio::test]
async fn local() {
    let dir = tempfile::tempdir().unwrap();
    conformance(async || {
        Arc::new(LocalBackend::new(dir.path(), "p", "s")) as Arc<dyn StateBackend>
    })
    .await;
}

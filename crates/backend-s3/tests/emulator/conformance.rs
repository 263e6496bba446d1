//! The suite that every backend passes.

use std::sync::Arc;

use ferrocrete_core::state::StateBackend;
use ferrocrete_core::state::conformance::conformance;

use crate::world;

#[tokio::test]
async fn passes_the_suite() {
    let world = world::ready().await;
    conformance(async || Arc::new(world.backend()) as Arc<dyn StateBackend>).await;
}

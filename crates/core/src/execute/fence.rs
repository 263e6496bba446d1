//! The fence: a process that was frozen calls AWS no more once it may have lost its lock.
//!
//! The journal is fenced by the backend, but AWS knows nothing of locks. Before a call that
//! changes something the lock must be certain, by the monotonic clock; the resource types'
//! clients ask again for each request that they send, retries included.

use std::sync::Arc;

use crate::state::OpenStore;

tokio::task_local! {
    static STORE: Arc<OpenStore>;
}

/// Makes a call that changes something, once the lock is certain. Never returns when it is lost:
/// the executor then drops the call.
pub(super) async fn fenced<T>(store: &Arc<OpenStore>, call: impl Future<Output = T>) -> T {
    store.certain().await;
    STORE.scope(store.clone(), call).await
}

/// Whether a request of the current operation may be sent at this moment: always, but for a
/// call of [`create`](crate::resource::Resource::create), `update` or `delete` while the lock
/// is not certainly held.
pub fn may_send() -> bool {
    STORE.try_with(|store| store.is_certain()).unwrap_or(true)
}

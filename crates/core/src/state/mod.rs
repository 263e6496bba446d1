//! State: a snapshot and a journal behind one [`StateBackend`].

mod backend;
mod codec;
mod entry;
mod error;
mod model;
pub mod secrets;
mod verify;

pub use backend::{Holder, Lease, LockInfo, Record, SnapshotBlob, SnapshotTag, StateBackend, Stored};
pub use entry::{Entry, Intent, IntentAction};
pub use error::StateError;
pub use model::{Completeness, OpenIntent, ResourceKey, ResourceState, State};
pub use secrets::{DataKey, KeyMeta, KeyProvider};
pub use verify::{DependencyCycle, Violation, dependency_order};

//! State: a snapshot and a journal behind one [`StateBackend`].

mod backend;
mod entry;
mod error;
mod model;

pub use backend::{Holder, Lease, LockInfo, Record, SnapshotBlob, SnapshotTag, StateBackend, Stored};
pub use entry::{Entry, Intent, IntentAction};
pub use error::StateError;
pub use model::{Completeness, OpenIntent, ResourceKey, ResourceState, State};

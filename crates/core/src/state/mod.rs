//! State: a snapshot and a journal behind one [`StateBackend`].

mod backend;
mod clock;
mod codec;
pub mod conformance;
mod entry;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod local;
mod memory;
mod model;
mod readers;
pub mod secrets;
mod store;
mod verify;

pub use backend::{
    FormerSnapshot, Group, Holder, Lease, LockInfo, Record, SnapshotBlob, SnapshotTag,
    StateBackend, Stored,
};
pub(crate) use clock::timestamp;
pub use codec::Written;
pub use entry::{Entry, Intent, IntentAction};
pub use error::StateError;
pub use local::LocalBackend;
pub use memory::MemoryBackend;
pub use model::{Completeness, OpenIntent, ResourceKey, ResourceState, State};
pub use readers::{Reader, Reads, StackName};
pub use secrets::{DataKey, FixedKey, KeyFile, KeyMeta, KeyProvider, Passphrase};
pub use store::{
    Exposed, Loaded, OpenStore, RestorePreview, Restored, SnapshotInfo, SnapshotSummary,
    StateStore, Verification, history,
};
pub use verify::{DependencyCycle, Violation, dependency_order};

//! Observe: what AWS has now, read in batches, and answers to lookups.

mod namespaces;
mod observed;
mod pool;
mod reference;
pub(crate) mod settle;

pub use namespaces::Namespaces;
use observed::known;
pub use observed::{LiveRead, Observed, observe};
pub use pool::ReadPool;
pub use reference::ReferenceError;
pub(crate) use reference::references;

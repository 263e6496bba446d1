//! Temporary stand-in until the local backend exists.
use ferrocrete_core::state::{MemoryBackend, StateError};
pub(crate) struct LocalBackend;
impl LocalBackend {
    pub fn new(_: std::path::PathBuf, _: &str, _: &str) -> Result<MemoryBackend, StateError> {
        Ok(MemoryBackend::default())
    }
}

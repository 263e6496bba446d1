//! [`FixedKey`].

use async_trait::async_trait;

use super::{DataKey, KeyMeta, KeyProvider, key_error};
use crate::state::StateError;

/// A key held in memory, for tests.
#[derive(Debug, Clone)]
pub struct FixedKey(DataKey);

impl FixedKey {
    /// Uses these bytes as data key of every stack.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(DataKey::from_bytes(bytes))
    }

    /// A key that everybody knows: only for tests.
    pub fn for_tests() -> Self {
        Self::new([7; 32])
    }
}

#[async_trait]
impl KeyProvider for FixedKey {
    fn scheme(&self) -> &'static str {
        "fixed"
    }

    async fn create(&self) -> Result<(KeyMeta, DataKey), StateError> {
        let meta = KeyMeta::new(self.scheme()).with_bytes("check", &self.0.wrap(&self.0));
        Ok((meta, self.0.clone()))
    }

    async fn open(&self, meta: &KeyMeta) -> Result<DataKey, StateError> {
        self.0
            .unwrap_key(&meta.bytes("check")?)
            .ok_or_else(|| key_error("the fixed key is another one", "use the same key"))
    }
}

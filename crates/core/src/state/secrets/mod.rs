//! Keys that encrypt the secrets in state.
//!
//! A stack has one [`DataKey`], made at its first run, that encrypts secrets value by value.
//! A [`KeyProvider`] keeps it: it wraps the data key with something that only the user has
//! and describes the result in a [`KeyMeta`], which is stored in the snapshot in plain.

mod data_key;
mod fixed;
mod key_file;
mod passphrase;

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::error::StateError;

pub use data_key::DataKey;
pub use fixed::FixedKey;
pub use key_file::KeyFile;
pub(super) use key_file::parse as parse_key;
pub use passphrase::{Passphrase, PassphraseCost};

/// Keeps the data key of stacks: a passphrase, a key file, a key management service.
///
/// For implementors: [`KeyProvider::create`] makes a random [`DataKey`] ([`DataKey::random`],
/// or [`DataKey::from_bytes`] with what the service generated) and returns it with a
/// [`KeyMeta`] from which [`KeyProvider::open`], in another process, gets the same key back.
/// The meta is stored in plain, so it holds the *wrapped* key, a salt, a key's name, never
/// anything that decrypts. Both may be called by several tasks at once.
///
/// Errors are [`StateError::Key`]; leave its `place` empty, the caller fills in the stack.
#[async_trait]
pub trait KeyProvider: Send + Sync {
    /// Name of the scheme, such as `passphrase`; equals [`KeyMeta::scheme`] of what
    /// [`KeyProvider::create`] returns. A stack that was created under another scheme is
    /// refused before [`KeyProvider::open`] is called.
    fn scheme(&self) -> &'static str;

    /// The provider of another stack's data key, with the same configuration. `None`, the
    /// default, when this one opens the keys of all stacks.
    fn for_stack(&self, project: &str, stack: &str) -> Option<Arc<dyn KeyProvider>> {
        let _ = (project, stack);
        None
    }

    /// Makes the data key of a new stack.
    async fn create(&self) -> Result<(KeyMeta, DataKey), StateError>;

    /// Gets the data key of an existing stack.
    async fn open(&self, meta: &KeyMeta) -> Result<DataKey, StateError>;
}

/// How to get a stack's data key back: the scheme, and what the scheme needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyMeta(serde_json::Map<String, serde_json::Value>);

impl KeyMeta {
    /// A meta that so far holds only its scheme.
    pub fn new(scheme: &str) -> Self {
        Self(serde_json::Map::new()).with("scheme", scheme)
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a field of bytes, as base64.
    #[must_use]
    pub fn with_bytes(self, name: &str, bytes: &[u8]) -> Self {
        self.with(name, to_base64(bytes))
    }

    /// The scheme; empty when there is none.
    pub fn scheme(&self) -> &str {
        self.0.get("scheme").and_then(|v| v.as_str()).unwrap_or("")
    }

    /// A field of text.
    ///
    /// # Errors
    /// [`StateError::Key`] when it is missing or something else.
    pub fn text(&self, name: &str) -> Result<&str, StateError> {
        self.0.get(name).and_then(|v| v.as_str()).ok_or_else(|| no_field(name))
    }

    /// A field that is a whole number.
    ///
    /// # Errors
    /// [`StateError::Key`] when it is missing or something else.
    pub fn number(&self, name: &str) -> Result<u64, StateError> {
        self.0.get(name).and_then(serde_json::Value::as_u64).ok_or_else(|| no_field(name))
    }

    /// A field of bytes, written by [`KeyMeta::with_bytes`].
    ///
    /// # Errors
    /// [`StateError::Key`] when it is missing or not base64.
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>, StateError> {
        from_base64(self.text(name)?).ok_or_else(|| no_field(name))
    }
}

fn no_field(name: &str) -> StateError {
    key_error(
        format!("its encryption metadata has no valid `{name}`"),
        "list former snapshots with `state history` and bring one back with `state restore SERIAL`",
    )
}

/// A [`StateError::Key`] whose place the caller fills in.
pub(super) fn key_error(why: impl Into<String>, fix: impl Into<String>) -> StateError {
    StateError::Key { place: String::new(), why: why.into(), fix: fix.into() }
}

pub(super) fn to_base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

//! [`Passphrase`].

use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;

use super::{DataKey, KeyMeta, KeyProvider, key_error};
use crate::state::StateError;
use crate::value::Secret;

/// Keeps data keys under a passphrase: Argon2id with a random salt gives the key that wraps
/// the data key. A wrong passphrase is told at once, before anything is decrypted.
#[derive(Clone)]
pub struct Passphrase {
    passphrase: Secret<String>,
    cost: PassphraseCost,
}

/// How expensive it is to try a passphrase. Stored with each stack, so it may be raised later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassphraseCost {
    /// Memory in KiB; default 65536 (64 MiB).
    pub memory_kib: u32,
    /// Passes over the memory; default 3.
    pub passes: u32,
}

impl Default for PassphraseCost {
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3 }
    }
}

impl PassphraseCost {
    /// Next to nothing: for tests only.
    pub fn weak() -> Self {
        Self { memory_kib: 8, passes: 1 }
    }
}

impl Passphrase {
    /// Uses this passphrase for every stack; each has its own salt and data key.
    pub fn new(passphrase: Secret<String>) -> Self {
        Self { passphrase, cost: PassphraseCost::default() }
    }

    /// Sets the cost for stacks that are created from now on.
    #[must_use]
    pub fn cost(mut self, cost: PassphraseCost) -> Self {
        self.cost = cost;
        self
    }

    /// The wrapping key; takes a tenth of a second and more by design, so off the runtime.
    async fn derive(&self, salt: Vec<u8>, cost: PassphraseCost) -> Result<DataKey, StateError> {
        let passphrase = self.passphrase.clone();
        let derived = tokio::task::spawn_blocking(move || {
            let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32))?;
            let mut key = zeroize::Zeroizing::new([0; 32]);
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
                passphrase.expose().as_bytes(),
                &salt,
                key.as_mut_slice(),
            )?;
            Ok::<_, argon2::Error>(DataKey::from_bytes(*key))
        });
        match derived.await {
            Ok(Ok(key)) => Ok(key),
            Ok(Err(e)) => Err(key_error(
                e.to_string(),
                "list former snapshots with `state history` and bring one back with `state restore SERIAL`",
            )),
            Err(e) => Err(key_error(e.to_string(), "run the same command again")),
        }
    }
}

const SCHEME: &str = "passphrase";
/// Far above anything sensible; metadata that asks for more is not believed.
const MAX_MEMORY_KIB: u64 = 4 * 1024 * 1024;
const MAX_PASSES: u64 = 1000;

#[async_trait]
impl KeyProvider for Passphrase {
    fn scheme(&self) -> &'static str {
        SCHEME
    }

    async fn create(&self) -> Result<(KeyMeta, DataKey), StateError> {
        if self.passphrase.expose().is_empty() {
            return Err(key_error("the passphrase is empty", "set a passphrase"));
        }
        let salt: [u8; 16] = rand::random();
        let wrapping = self.derive(salt.to_vec(), self.cost).await?;
        let key = DataKey::random();
        let meta = KeyMeta::new(SCHEME)
            .with("kdf", "argon2id")
            .with("memory_kib", self.cost.memory_kib)
            .with("passes", self.cost.passes)
            .with_bytes("salt", &salt)
            .with_bytes("wrapped", &wrapping.wrap(&key));
        Ok((meta, key))
    }

    async fn open(&self, meta: &KeyMeta) -> Result<DataKey, StateError> {
        let (memory, passes) = (meta.number("memory_kib")?, meta.number("passes")?);
        if meta.text("kdf")? != "argon2id" || memory > MAX_MEMORY_KIB || passes > MAX_PASSES {
            return Err(key_error(
                format!(
                    "its key derivation is not known ({} with {memory} KiB and {passes} passes)",
                    meta.text("kdf")?
                ),
                "use a newer version of Ferrocrete, or bring back a former snapshot with `state restore SERIAL`",
            ));
        }
        let cost = PassphraseCost { memory_kib: memory as u32, passes: passes as u32 };
        let wrapping = self.derive(meta.bytes("salt")?, cost).await?;
        wrapping.unwrap_key(&meta.bytes("wrapped")?).ok_or_else(|| {
            key_error(
                "the passphrase is wrong",
                "give the passphrase that this stack was created with",
            )
        })
    }
}

#[cfg(test)]
mod tests;

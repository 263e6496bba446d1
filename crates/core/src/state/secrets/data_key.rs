//! [`DataKey`].

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

const NONCE: usize = 24;

/// The key that encrypts the secrets of one stack: 32 bytes, wiped from memory when dropped.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// A new key from the system's random source.
    pub fn random() -> Self {
        Self(Zeroizing::new(rand::random()))
    }

    /// A key that was made elsewhere.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key in plain, to be wrapped by a [`super::KeyProvider`].
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Encrypts with XChaCha20-Poly1305: a random nonce of 24 bytes, then the ciphertext.
    /// `context` is bound to it: [`DataKey::open`] must be given the same.
    pub fn seal(&self, plain: &[u8], context: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE] = rand::random();
        let sealed = self
            .cipher()
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: plain, aad: context })
            .expect("fails only above 256 GB");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Decrypts; `None` when the key or the context is another one, or a bit has changed.
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, msg) = sealed.split_at_checked(NONCE)?;
        let payload = Payload { msg, aad: context };
        self.cipher().decrypt(XNonce::from_slice(nonce), payload).ok().map(Zeroizing::new)
    }

    /// This key, encrypted under `self` as key-encryption key.
    pub(super) fn wrap(&self, key: &DataKey) -> Vec<u8> {
        self.seal(key.expose(), WRAP)
    }

    /// Reverses [`DataKey::wrap`]; `None` when `self` is another key.
    pub(super) fn unwrap_key(&self, wrapped: &[u8]) -> Option<DataKey> {
        let plain = self.open(wrapped, WRAP)?;
        Some(Self(Zeroizing::new(plain.as_slice().try_into().ok()?)))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.as_slice().into())
    }
}

const WRAP: &[u8] = b"ferrocrete data key";

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey([secret])")
    }
}

//! [`Secret`]: a plain value that must not be shown.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// A value from configuration or a prompt that must never be shown.
///
/// Used as an [`super::Input`] it taints everything computed from it. `Debug` and `Display`
/// print `[secret]`; it cannot be serialized.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret<T = String>(T);

impl<T> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value in plain; named so that a reader notices.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Serialize> Secret<T> {
    /// The value as a secret output, to `map` or combine.
    pub fn to_output(&self) -> super::Output<T> {
        super::Input::from(self).to_output()
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

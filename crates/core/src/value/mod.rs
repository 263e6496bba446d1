//! Values: what a property holds, known, unknown until applied, or secret.

mod convert;
mod expr;
mod input;
mod output;
mod secret;
mod taint;
mod text;

use std::collections::BTreeMap;
use std::fmt;

pub use convert::{from_value, to_value};
pub(crate) use expr::NoOutputs;
pub use expr::{EvalError, Expr, Scope};
pub use input::Input;
pub use output::{Output, join_text};
pub use secret::Secret;
pub(crate) use taint::{tainted, tainted_map};
#[doc(hidden)]
pub use text::TextPart;

/// Property name to value, in name order so that everything derived from it is deterministic.
pub type PropertyMap = BTreeMap<String, Value>;

/// A dynamic value: JSON, plus *unknown* (decided by AWS during the apply) and *secret*.
///
/// `Debug` and `Display` never show what a secret holds.
#[derive(Clone, PartialEq, Default)]
pub enum Value {
    /// Absent.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    String(String),
    /// A list, in order.
    List(Vec<Value>),
    /// A map or struct.
    Map(PropertyMap),
    /// Not known before the apply.
    Unknown,
    /// A value that is never shown and that state holds encrypted.
    Secret(Box<Value>),
}

impl Value {
    /// Wraps a value as secret; a secret stays as it is.
    #[must_use]
    pub fn secret(value: Value) -> Self {
        match value {
            Value::Secret(_) => value,
            other => Value::Secret(Box::new(other)),
        }
    }

    /// Whether a secret stands anywhere inside.
    pub fn has_secret(&self) -> bool {
        match self {
            Value::Secret(_) => true,
            Value::List(items) => items.iter().any(Value::has_secret),
            Value::Map(map) => map.values().any(Value::has_secret),
            _ => false,
        }
    }

    /// Whether an unknown stands anywhere inside.
    pub fn has_unknown(&self) -> bool {
        match self {
            Value::Unknown => true,
            Value::Secret(inner) => inner.has_unknown(),
            Value::List(items) => items.iter().any(Value::has_unknown),
            Value::Map(map) => map.values().any(Value::has_unknown),
            _ => false,
        }
    }

    /// The same value with every secret laid open: for AWS calls only.
    #[must_use]
    pub fn reveal(&self) -> Value {
        match self {
            Value::Secret(inner) => inner.reveal(),
            Value::List(items) => Value::List(items.iter().map(Value::reveal).collect()),
            Value::Map(map) => {
                Value::Map(map.iter().map(|(k, v)| (k.clone(), v.reveal())).collect())
            }
            other => other.clone(),
        }
    }

    /// The same value with every secret replaced by the text `[secret]` and every unknown
    /// by `[unknown]`: what plans, events and logs may show.
    pub fn redacted(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Value::Null => Json::Null,
            Value::Bool(b) => Json::Bool(*b),
            Value::Int(n) => Json::from(*n),
            Value::Float(n) => Json::from(*n),
            Value::String(s) => Json::String(s.clone()),
            Value::List(items) => Json::Array(items.iter().map(Value::redacted).collect()),
            Value::Map(map) => {
                Json::Object(map.iter().map(|(k, v)| (k.clone(), v.redacted())).collect())
            }
            Value::Unknown => Json::String("[unknown]".into()),
            Value::Secret(_) => Json::String("[secret]".into()),
        }
    }

    /// The text, when this is text (a secret text counts only after [`Value::reveal`]).
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(s) => Some(s),
            _ => None,
        }
    }

    /// Whether another value is somewhere in this one, a text also as a part of a text.
    pub(crate) fn holds(&self, part: &Value) -> bool {
        if self == part {
            return true;
        }
        match (self, part) {
            (_, Value::Secret(part)) => self.holds(part),
            (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
            (Value::Secret(inner), _) => inner.holds(part),
            (Value::List(all), _) => all.iter().any(|v| v.holds(part)),
            (Value::Map(all), _) => all.values().any(|v| v.holds(part)),
            _ => false,
        }
    }

    /// Whether this is [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::String(s) => write!(f, "{s:?}"),
            Value::Unknown => f.write_str("[unknown]"),
            Value::Secret(_) => f.write_str("[secret]"),
            other => write!(f, "{}", other.redacted()),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

#[cfg(test)]
mod tests;

//! Typed values to [`Value`] and back, through serde.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::{EvalError, Value};

/// Turns any serializable value into a [`Value`]; absent options leave no trace in maps.
///
/// # Errors
/// [`EvalError::Convert`] when the type cannot be represented, such as a map with non-text keys.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, EvalError> {
    let bad = |why| EvalError::Convert { type_name: std::any::type_name::<T>(), why };
    let json = serde_json::to_value(value).map_err(|e| bad(e.to_string()))?;
    if holds_too_large(&json) {
        return Err(bad(format!("it holds a whole number over {}", i64::MAX)));
    }
    Ok(Value::from(json))
}

/// Whether a whole number in it would become one with a fraction, and another one by that.
fn holds_too_large(json: &Json) -> bool {
    match json {
        Json::Number(n) => n.as_i64().is_none() && n.as_u64().is_some(),
        Json::Array(items) => items.iter().any(holds_too_large),
        Json::Object(map) => map.values().any(holds_too_large),
        _ => false,
    }
}

/// Turns a [`Value`] into a typed one, laying secrets open.
///
/// # Errors
/// [`EvalError::Unknown`] when a part is not known yet, [`EvalError::Convert`] when the
/// shape does not fit. Neither shows the value, which may be secret.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, EvalError> {
    if value.has_unknown() {
        return Err(EvalError::Unknown);
    }
    let secret = value.has_secret();
    serde_json::from_value(plain(value)).map_err(|e| EvalError::Convert {
        type_name: std::any::type_name::<T>(),
        // serde quotes the offending value in its message.
        why: if secret {
            "the value is secret, so its details are hidden".into()
        } else {
            e.to_string()
        },
    })
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Null | Value::Unknown => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(n) => Json::from(*n),
        Value::Float(n) => Json::from(*n),
        Value::String(s) => Json::String(s.clone()),
        Value::List(items) => Json::Array(items.iter().map(plain).collect()),
        Value::Map(map) => Json::Object(map.iter().map(|(k, v)| (k.clone(), plain(v))).collect()),
        Value::Secret(inner) => plain(inner),
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Value::Null,
            Json::Bool(b) => Value::Bool(b),
            Json::Number(n) => match n.as_i64() {
                Some(i) => Value::Int(i),
                None => Value::Float(n.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(s) => Value::String(s),
            Json::Array(items) => Value::List(items.into_iter().map(Value::from).collect()),
            Json::Object(map) => Value::Map(
                map.into_iter()
                    .filter(|(_, v)| !v.is_null())
                    .map(|(k, v)| (k, Value::from(v)))
                    .collect(),
            ),
        }
    }
}

//! Values as JSON: unknown and secret as markers, or laid open where the user asks for it.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::value::{PropertyMap, Value};

/// A value for JSON: secrets become `{"secret":true}`, unknowns `{"unknown":true}`.
pub(super) struct Shown<'a>(pub &'a Value);

/// A map of values for JSON.
pub(super) struct ShownMap<'a>(pub &'a PropertyMap);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(b) => serializer.serialize_bool(*b),
            Value::Int(n) => serializer.serialize_i64(*n),
            Value::Float(n) => serializer.serialize_f64(*n),
            Value::String(s) => serializer.serialize_str(s),
            Value::List(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(&Shown(item))?;
                }
                seq.end()
            }
            Value::Map(map) => ShownMap(map).serialize(serializer),
            Value::Unknown => marker(serializer, "unknown"),
            Value::Secret(_) => marker(serializer, "secret"),
        }
    }
}

impl Serialize for ShownMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0 {
            map.serialize_entry(key, &Shown(value))?;
        }
        map.end()
    }
}

fn marker<S: Serializer>(serializer: S, name: &str) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(name, &true)?;
    map.end()
}

/// A value as JSON text: secrets as `{"secret":true}`, unknowns as `{"unknown":true}`.
pub fn value_json(value: &Value) -> String {
    super::text(&Shown(value))
}

/// A value as JSON text with its secrets laid open, for those who asked for it.
pub fn revealed_json(value: &Value) -> String {
    super::text(&Shown(&value.reveal()))
}

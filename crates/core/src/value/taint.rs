//! Taint carried over to the same value as somebody else tells it.

use super::{PropertyMap, Value};

/// A value that AWS tells, secret wherever what was sent is secret in the same place. Lists
/// may come back in another order: there, a place is any of the list.
pub(crate) fn tainted(value: Value, sent: &Value) -> Value {
    taint(value, &[sent])
}

/// The values of this map, tainted by those of the same name.
pub(crate) fn tainted_map(map: PropertyMap, sent: &PropertyMap) -> PropertyMap {
    let one = |(name, value): (String, Value)| {
        let value = match sent.get(&name) {
            Some(sent) => tainted(value, sent),
            None => value,
        };
        (name, value)
    };
    map.into_iter().map(one).collect()
}

fn taint(value: Value, sent: &[&Value]) -> Value {
    if sent.iter().any(|s| matches!(s, Value::Secret(_))) {
        return Value::secret(value);
    }
    match value {
        Value::Map(map) => {
            let under = |key: &str| -> Vec<&Value> {
                let maps = sent.iter().filter_map(|s| match s {
                    Value::Map(map) => map.get(key),
                    _ => None,
                });
                maps.collect()
            };
            Value::Map(map.into_iter().map(|(k, v)| (k.clone(), taint(v, &under(&k)))).collect())
        }
        Value::List(items) => {
            let lists = sent.iter().filter_map(|s| match s {
                Value::List(items) => Some(items),
                _ => None,
            });
            let members: Vec<&Value> = lists.flatten().collect();
            Value::List(items.into_iter().map(|v| taint(v, &members)).collect())
        }
        other => other,
    }
}

//! Comparison of values in which no property is nested.

use crate::schema::{Kind, NameRule};
use crate::value::Value;

use super::network::same_network;

/// Whether `live` has everything that `wanted` declares; what is not declared does not count.
pub(super) fn covers(kind: Kind, wanted: &Value, live: &Value) -> bool {
    let (wanted, live) = (open(wanted), open(live));
    match kind {
        Kind::Set => match (wanted, live) {
            (Value::List(w), Value::List(l)) => same_members(w, l, subset),
            _ => subset(wanted, live),
        },
        Kind::Json => match (parse_json(wanted), parse_json(live)) {
            (Some(w), Some(l)) => w == l,
            _ => subset(wanted, live),
        },
        Kind::OrderedJson => match (json(wanted), json(live)) {
            (Some(w), Some(l)) => w == l,
            _ => subset(wanted, live),
        },
        Kind::Aliases(all) => match (wanted, live) {
            (Value::String(w), Value::String(l)) => meaning(all, w) == meaning(all, l),
            _ => subset(wanted, live),
        },
        // Where names are in small letters, another case is the same name.
        Kind::CaseInsensitive | Kind::Name(NameRule { lowercase: true, .. }) => {
            match (wanted, live) {
                (Value::String(w), Value::String(l)) => w.eq_ignore_ascii_case(l),
                _ => subset(wanted, live),
            }
        }
        Kind::DnsName => match (wanted, live) {
            (Value::String(w), Value::String(l)) => {
                w.trim_end_matches('.').eq_ignore_ascii_case(l.trim_end_matches('.'))
            }
            _ => subset(wanted, live),
        },
        Kind::Cidr => match (wanted, live) {
            (Value::String(w), Value::String(l)) => same_network(w, l),
            (Value::List(w), Value::List(l)) => {
                same_members(w, l, |w, l| covers(Kind::Cidr, w, l))
            }
            _ => subset(wanted, live),
        },
        Kind::Plain | Kind::Tags | Kind::Name(_) => subset(wanted, live),
    }
}

fn meaning<'a>(aliases: &[(&'static str, &'static str)], text: &'a str) -> &'a str {
    aliases.iter().find(|(spelling, _)| *spelling == text).map_or(text, |(_, meant)| meant)
}

fn subset(wanted: &Value, live: &Value) -> bool {
    match (open(wanted), open(live)) {
        (Value::Map(w), Value::Map(l)) => w.iter().all(|(key, value)| match l.get(key) {
            Some(other) => subset(value, other),
            None => is_empty(value),
        }),
        (Value::List(w), Value::List(l)) => {
            w.len() == l.len() && w.iter().zip(l).all(|(a, b)| subset(a, b))
        }
        (w, l) => loose_eq(w, l),
    }
}

/// Equal up to order and repetition.
fn same_members(
    wanted: &[Value],
    live: &[Value],
    fits: impl Fn(&Value, &Value) -> bool,
) -> bool {
    wanted.iter().all(|w| live.iter().any(|l| fits(w, l)))
        && live.iter().all(|l| wanted.iter().any(|w| fits(w, l)))
}

/// Whether something was set in a nested struct, is no longer declared and is still there.
pub(super) fn drops_keys(wanted: &Value, last: &Value, live: &Value) -> bool {
    match (open(wanted), open(last), open(live)) {
        (Value::Map(w), Value::Map(l), Value::Map(v)) => l.iter().any(|(key, was)| {
            let Some(is) = v.get(key).filter(|is| !is_empty(is)) else { return false };
            match w.get(key) {
                Some(value) => drops_keys(value, was, is),
                None => !is_empty(was),
            }
        }),
        (Value::List(w), Value::List(l), Value::List(v))
            if w.len() == l.len() && l.len() == v.len() =>
        {
            w.iter().zip(l).zip(v).any(|((w, l), v)| drops_keys(w, l, v))
        }
        _ => false,
    }
}

pub(super) fn loose_eq(a: &Value, b: &Value) -> bool {
    match (open(a), open(b)) {
        (Value::Int(i), Value::Float(f)) | (Value::Float(f), Value::Int(i)) => *i as f64 == *f,
        (a, b) => (is_empty(a) && is_empty(b)) || a == b,
    }
}

/// JSON with one-element lists written as their element, as AWS likes to return policies.
fn parse_json(value: &Value) -> Option<serde_json::Value> {
    fn normal(json: serde_json::Value) -> serde_json::Value {
        use serde_json::Value as Json;
        match json {
            Json::Array(mut items) if items.len() == 1 => normal(items.remove(0)),
            Json::Array(items) => {
                let mut items: Vec<Json> = items.into_iter().map(normal).collect();
                // In policies, lists of texts are sets.
                if items.iter().all(Json::is_string) {
                    items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                }
                Json::Array(items)
            }
            Json::Object(map) => {
                Json::Object(map.into_iter().map(|(k, v)| (k, normal(v))).collect())
            }
            other => other,
        }
    }
    json(value).map(normal)
}

fn json(value: &Value) -> Option<serde_json::Value> {
    serde_json::from_str(value.as_str()?).ok()
}

pub(super) fn open(value: &Value) -> &Value {
    match value {
        Value::Secret(inner) => open(inner),
        other => other,
    }
}

pub(super) fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|v| !v.is_null())
}

/// AWS returns nothing where a program says "none of these".
pub(super) fn is_empty(value: &Value) -> bool {
    match open(value) {
        Value::Null => true,
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.values().all(is_empty),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_lists_counts_in_ordered_json() {
        let same = |kind, a: &str, b: &str| covers(kind, &a.into(), &b.into());
        let (one, other) = (r#"{"a": ["x", "y"], "b": 1}"#, r#"{"b":1,"a":["y","x"]}"#);
        assert!(same(Kind::Json, one, other) && !same(Kind::OrderedJson, one, other));
        assert!(same(Kind::OrderedJson, one, r#"{"b":1,"a":["x","y"]}"#));
        assert!(same(Kind::Json, r#"["x"]"#, r#""x""#));
        assert!(!same(Kind::OrderedJson, r#"["x"]"#, r#""x""#));
        assert!(same(Kind::OrderedJson, "no JSON", "no JSON"));
    }
}

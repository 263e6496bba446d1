//! Comparison of values in which no property is nested.

use crate::schema::{Kind, NameRule};
use crate::value::Value;

use super::network::same_network;
use super::policy::same_policy;
use super::public_key::same_public_key;

/// Whether `live` has everything that `wanted` declares; what is not declared does not count.
pub(super) fn covers(kind: Kind, wanted: &Value, live: &Value) -> bool {
    let (wanted, live) = (open(wanted), open(live));
    match kind {
        Kind::Set => match (wanted, live) {
            (Value::List(w), Value::List(l)) => same_members(w, l, subset),
            _ => subset(wanted, live),
        },
        Kind::DropsEmpty => match (wanted, live) {
            (Value::Map(w), Value::Map(l)) => w.iter().all(|(key, value)| match l.get(key) {
                Some(other) => subset(value, other),
                None => is_empty(value) || open(value).as_str() == Some(""),
            }),
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
        Kind::PartialJson => match (as_value(wanted), as_value(live)) {
            (Some(w), Some(l)) => subset(&w, &l),
            _ => subset(wanted, live),
        },
        Kind::Policy => match (wanted.as_str(), live.as_str()) {
            (Some(w), Some(l)) => same_policy(w, l),
            _ => subset(wanted, live),
        },
        Kind::Aliases(all) => match (wanted, live) {
            (Value::String(w), Value::String(l)) => {
                meaning(all, w).eq_ignore_ascii_case(meaning(all, l))
            }
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
            (Value::List(w), Value::List(l)) => {
                same_members(w, l, |w, l| covers(Kind::DnsName, w, l))
            }
            _ => subset(wanted, live),
        },
        // What is no network is compared as text.
        Kind::Cidr | Kind::MaybeCidr => match (wanted, live) {
            (Value::String(w), Value::String(l)) => same_network(w, l),
            (Value::List(w), Value::List(l)) => same_members(w, l, |w, l| covers(kind, w, l)),
            _ => subset(wanted, live),
        },
        Kind::PublicKey => match (wanted.as_str(), live.as_str()) {
            (Some(w), Some(l)) => same_public_key(w, l),
            _ => subset(wanted, live),
        },
        Kind::Plain | Kind::By(_) | Kind::Tags | Kind::Name(_) => subset(wanted, live),
    }
}

fn meaning<'a>(aliases: &[(&'static str, &'static str)], text: &'a str) -> &'a str {
    aliases
        .iter()
        .find(|(spelling, _)| spelling.eq_ignore_ascii_case(text))
        .map_or(text, |(_, meant)| meant)
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
fn same_members(wanted: &[Value], live: &[Value], fits: impl Fn(&Value, &Value) -> bool) -> bool {
    wanted.iter().all(|w| live.iter().any(|l| fits(w, l)))
        && live.iter().all(|l| wanted.iter().any(|w| fits(w, l)))
}

/// Whether something was set in it, is no longer declared and is still there.
pub(super) fn drops(kind: Kind, wanted: &Value, last: &Value, live: &Value) -> bool {
    if kind != Kind::PartialJson {
        return drops_keys(wanted, last, live);
    }
    match (as_value(wanted), as_value(last), as_value(live)) {
        (Some(wanted), Some(last), Some(live)) => drops_keys(&wanted, &last, &live),
        _ => false,
    }
}

/// Whether something was set in a nested struct, is no longer declared and is still there.
fn drops_keys(wanted: &Value, last: &Value, live: &Value) -> bool {
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

fn as_value(value: &Value) -> Option<Value> {
    json(open(value)).map(Value::from)
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
    fn of_partial_json_only_what_is_declared_counts() {
        let kind = Kind::PartialJson;
        let covers = |a: &str, b: &str| covers(kind, &a.into(), &b.into());
        let declared = r#"{"retry": {"times": 3}}"#;
        let live = r#"{"retry":{"function":"linear","times":3},"guaranteed":false}"#;
        assert!(covers(declared, live) && !covers(live, declared));
        assert!(!covers(r#"{"retry": {"times": 4}}"#, live));
        assert!(covers(r#"{"throttle": null}"#, live) && !covers(declared, "{}"));
        let drops = |a: &str, b: &str, c: &str| drops(kind, &a.into(), &b.into(), &c.into());
        assert!(drops("{}", declared, live), "it was ours");
        assert!(!drops("{}", "{}", live) && !drops(declared, declared, live));
    }

    #[test]
    fn an_empty_text_may_be_dropped() {
        let map = |all: &[(&str, &str)]| {
            Value::Map(all.iter().map(|(k, v)| ((*k).to_owned(), (*v).into())).collect())
        };
        let covers = |a, b| covers(Kind::DropsEmpty, &map(a), &map(b));
        assert!(covers(&[("A", ""), ("B", "x")], &[("B", "x")]));
        assert!(covers(&[("A", "")], &[("A", "")]) && covers(&[], &[("A", "x")]));
        assert!(!covers(&[("A", "")], &[("A", "x")]) && !covers(&[("A", "x")], &[]));
    }

    #[test]
    fn names_and_words_have_several_spellings() {
        let aliases = Kind::Aliases(&[("host", "instanceId")]);
        let same = |kind, a: &str, b: &str| covers(kind, &a.into(), &b.into());
        assert!(same(aliases, "host", "instanceId") && same(aliases, "Host", "INSTANCEID"));
        assert!(same(aliases, "CPU", "cpu") && !same(aliases, "host", "cpu"));
        let list = |all: &[&str]| Value::List(all.iter().map(|t| Value::from(*t)).collect());
        let same = |a: &[&str], b: &[&str]| covers(Kind::DnsName, &list(a), &list(b));
        assert!(same(&["A.example", "b.example."], &["b.example", "a.example"]));
        assert!(!same(&["a.example"], &["b.example", "a.example"]));
    }

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

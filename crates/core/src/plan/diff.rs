//! Diff per property: declared, last applied, live. Only what is declared is compared.

use std::collections::BTreeSet;

use crate::schema::{Field, Kind, Schema};
use crate::value::{PropertyMap, Value};

use super::step::{ChangeKind, PropertyChange};

/// The three sides of a diff.
pub struct DiffInput<'a> {
    /// The resource type.
    pub schema: &'a Schema,
    /// What the program wants.
    pub declared: &'a PropertyMap,
    /// What was last applied.
    pub last: &'a PropertyMap,
    /// Whether all of `last` was applied; not so after an interrupted operation.
    pub certain: bool,
    /// What AWS has; `None` when it was not read.
    pub live: Option<&'a PropertyMap>,
}

/// The properties that differ, in order of declaration.
pub fn diff(input: &DiffInput<'_>) -> Vec<PropertyChange> {
    input.schema.fields.iter().flat_map(|field| diff_field(field, input)).collect()
}

fn diff_field(field: &Field, input: &DiffInput<'_>) -> Vec<PropertyChange> {
    let declared = present(input.declared.get(field.name));
    // What only a create can set went with the create call, or there would be no resource.
    let certain = input.certain || (field.replaces && field.write_only);
    let last = certain.then(|| present(input.last.get(field.name)));
    let live = match input.live {
        Some(live) if !field.write_only => Some(present(live.get(field.name))),
        _ => None,
    };
    if field.kind == Kind::Tags {
        return diff_tags(field, declared, last.flatten(), live);
    }
    let change = |kind, old: Option<&Value>, new: Option<&Value>| {
        vec![PropertyChange {
            property: field.name.to_owned(),
            path: field.name.to_owned(),
            kind,
            old: old.map(|v| mark(field, v)),
            new: new.map(|v| mark(field, v)),
            replaces: field.replaces,
        }]
    };
    let now = live.unwrap_or_else(|| last.flatten());
    match declared {
        Some(wanted) => {
            if !differs(field, wanted, last, live) {
                return Vec::new();
            }
            let kind = match (now, last.flatten()) {
                (_, Some(l)) if equal(field.kind, wanted, l) => ChangeKind::Drift,
                (None, _) => ChangeKind::Add,
                _ => ChangeKind::Change,
            };
            change(kind, now, Some(wanted))
        }
        None => {
            let was_ours = last.flatten().is_some();
            let still_there = now.is_some_and(|v| !is_empty(v));
            if was_ours && still_there && !field.server_default {
                change(ChangeKind::Remove, now, None)
            } else {
                Vec::new()
            }
        }
    }
}

/// `last` is `None` when uncertain, `Some(None)` when it was not set.
fn differs(
    field: &Field,
    wanted: &Value,
    last: Option<Option<&Value>>,
    live: Option<Option<&Value>>,
) -> bool {
    if wanted.has_unknown() {
        return true;
    }
    match (live, last) {
        (Some(live), last) => {
            let fits = match live {
                Some(live) => covers(field.kind, wanted, live),
                None => is_empty(wanted),
            };
            let dropped = match (last.flatten(), live) {
                (Some(last), Some(live)) => drops_keys(wanted, last, live),
                _ => false,
            };
            !fits || dropped
        }
        (None, Some(Some(last))) => !equal(field.kind, wanted, last),
        (None, Some(None)) => !is_empty(wanted),
        // Nothing is certain: apply it again.
        (None, None) => true,
    }
}

fn diff_tags(
    field: &Field,
    declared: Option<&Value>,
    last: Option<&Value>,
    live: Option<Option<&Value>>,
) -> Vec<PropertyChange> {
    if declared.is_some_and(|d| !matches!(d, Value::Map(_))) {
        return vec![PropertyChange {
            property: field.name.to_owned(),
            path: field.name.to_owned(),
            kind: ChangeKind::Change,
            old: last.cloned(),
            new: declared.cloned(),
            replaces: field.replaces,
        }];
    }
    let empty = PropertyMap::new();
    let map = |v: Option<&'_ Value>| match v {
        Some(Value::Map(m)) => m.clone(),
        _ => empty.clone(),
    };
    let (declared, last) = (map(declared), map(last));
    let now = live.map_or_else(|| last.clone(), map);
    let keys: BTreeSet<&String> = declared.keys().chain(last.keys()).collect();
    keys.into_iter()
        .filter_map(|key| {
            let (wanted, had, has) = (declared.get(key), last.get(key), now.get(key));
            let kind = match (wanted, has) {
                (None, None) => return None,
                (None, Some(_)) => ChangeKind::Remove,
                (Some(w), Some(h)) if loose_eq(w, h) => return None,
                (Some(w), _) if had.is_some_and(|l| loose_eq(w, l)) => ChangeKind::Drift,
                (Some(_), None) => ChangeKind::Add,
                (Some(_), Some(_)) => ChangeKind::Change,
            };
            Some(PropertyChange {
                property: field.name.to_owned(),
                path: format!("{}.{key}", field.name),
                kind,
                old: has.cloned(),
                new: wanted.cloned(),
                replaces: field.replaces,
            })
        })
        .collect()
}

/// Whether two values of a property are the same, given its kind.
pub(crate) fn equal(kind: Kind, a: &Value, b: &Value) -> bool {
    a.has_unknown() == b.has_unknown() && covers(kind, a, b) && covers(kind, b, a)
}

/// Whether `live` has everything that `wanted` declares; what is not declared does not count.
fn covers(kind: Kind, wanted: &Value, live: &Value) -> bool {
    let (wanted, live) = (open(wanted), open(live));
    match kind {
        Kind::Set => match (wanted, live) {
            (Value::List(w), Value::List(l)) => same_members(w, l),
            _ => subset(wanted, live),
        },
        Kind::Json => match (parse_json(wanted), parse_json(live)) {
            (Some(w), Some(l)) => w == l,
            _ => subset(wanted, live),
        },
        Kind::CaseInsensitive => match (wanted, live) {
            (Value::String(w), Value::String(l)) => w.eq_ignore_ascii_case(l),
            _ => subset(wanted, live),
        },
        Kind::DnsName => match (wanted, live) {
            (Value::String(w), Value::String(l)) => {
                w.trim_end_matches('.').eq_ignore_ascii_case(l.trim_end_matches('.'))
            }
            _ => subset(wanted, live),
        },
        Kind::Plain | Kind::Tags | Kind::Name(_) => subset(wanted, live),
    }
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
fn same_members(wanted: &[Value], live: &[Value]) -> bool {
    let has = |list: &[Value], item: &Value, flip: bool| {
        list.iter().any(|other| if flip { subset(other, item) } else { subset(item, other) })
    };
    wanted.iter().all(|w| has(live, w, false)) && live.iter().all(|l| has(wanted, l, true))
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

fn loose_eq(a: &Value, b: &Value) -> bool {
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
    serde_json::from_str(value.as_str()?).ok().map(normal)
}

fn open(value: &Value) -> &Value {
    match value {
        Value::Secret(inner) => open(inner),
        other => other,
    }
}

fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|v| !v.is_null())
}

/// AWS returns nothing where a program says "none of these".
fn is_empty(value: &Value) -> bool {
    match open(value) {
        Value::Null => true,
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.values().all(is_empty),
        _ => false,
    }
}

fn mark(field: &Field, value: &Value) -> Value {
    if field.secret { Value::secret(value.clone()) } else { value.clone() }
}

//! Live values: completed by what AWS never returns, without what does not count.

use crate::schema::{Field, Kind, Shape};
use crate::value::Value;

use super::keyed;
use super::leaf::{open, present};
use super::nested::{applied_as, items};

/// What AWS has, with what it never returns as it was last applied.
pub(crate) fn with_write_only(field: &Field, live: &Value, last: Option<&Value>) -> Value {
    match last {
        Some(last) => fill(field.kind, field.shape, live, last),
        None => live.clone(),
    }
}

fn fill(kind: Kind, shape: Shape, live: &Value, last: &Value) -> Value {
    match (shape, live, last) {
        (_, Value::Secret(live), _) => Value::secret(fill(kind, shape, live, last)),
        (_, _, Value::Secret(last)) => Value::secret(fill(kind, shape, live, last)),
        (Shape::Struct(fields), Value::Map(live), Value::Map(last)) => {
            let mut map = live.clone();
            for field in fields() {
                match (map.get(field.name), last.get(field.name)) {
                    (_, Some(last)) if field.write_only => {
                        map.insert(field.name.to_owned(), last.clone());
                    }
                    (Some(live), Some(last)) => {
                        let value = fill(field.kind, field.shape, live, last);
                        map.insert(field.name.to_owned(), value);
                    }
                    _ => {}
                }
            }
            Value::Map(map)
        }
        (Shape::Map(of), Value::Map(live), Value::Map(last)) => {
            let one = |(key, live): (&String, &Value)| {
                let value = last.get(key).map(|last| fill(Kind::Plain, *of, live, last));
                (key.clone(), value.unwrap_or_else(|| live.clone()))
            };
            Value::Map(live.iter().map(one).collect())
        }
        (Shape::List(of), Value::List(live), Value::List(last)) => {
            let aligned = live.len() == last.len();
            let one = |(at, live): (usize, &Value)| {
                let last = match kind {
                    Kind::Set => applied_as(*of, live, last, false).next(),
                    Kind::By(key) => keyed::first_of_name(key, *of, live, last),
                    _ => last.get(at).filter(|_| aligned),
                };
                last.map_or_else(|| live.clone(), |last| fill(Kind::Plain, *of, live, last))
            };
            Value::List(live.iter().enumerate().map(one).collect())
        }
        _ => live.clone(),
    }
}

/// What AWS has, without nested properties that do not count: those that nobody declared, or
/// that AWS fills in when they are not declared.
pub(super) fn that_counts(
    field: &Field,
    live: Value,
    declared: Option<&Value>,
    last: Option<&Value>,
) -> Value {
    let Some(declared) = declared else { return live };
    counted(field.kind, field.shape, live, &[declared], &Vec::from_iter(last))
}

/// `declared` and `last` are what may stand in this place.
fn counted(kind: Kind, shape: Shape, live: Value, declared: &[&Value], last: &[&Value]) -> Value {
    match (shape, live) {
        (shape, Value::Secret(live)) => Value::secret(counted(kind, shape, *live, declared, last)),
        // What is not known yet may declare anything.
        (_, live) if declared.iter().any(|v| matches!(open(v), Value::Unknown)) => live,
        (Shape::Struct(fields), Value::Map(map)) => {
            let one = |(key, live): (String, Value)| {
                let field = fields().iter().find(|f| f.name == key)?;
                let (declared, last) = (under(declared, &key), under(last, &key));
                let ours = !declared.is_empty()
                    || (!last.is_empty() && !field.server_default)
                    || field.default.is_some();
                ours.then(|| (key, counted(field.kind, field.shape, live, &declared, &last)))
            };
            Value::Map(map.into_iter().filter_map(one).collect())
        }
        (Shape::Map(of), Value::Map(map)) => {
            let one = |(key, live): (String, Value)| {
                let (declared, last) = (under(declared, &key), under(last, &key));
                let ours = !declared.is_empty() || !last.is_empty();
                ours.then(|| (key, counted(Kind::Plain, *of, live, &declared, &last)))
            };
            Value::Map(map.into_iter().filter_map(one).collect())
        }
        (Shape::List(of), Value::List(list)) => {
            let (declared, last) = (members(declared), members(last));
            let Kind::By(key) = kind else {
                let one = |live| counted(Kind::Plain, *of, live, &declared, &last);
                return Value::List(list.into_iter().map(one).collect());
            };
            let one = |live: Value| {
                let mut ours = keyed::of_name(key, *of, &live, &declared);
                // Of one that nobody declared everything is shown that somebody declares.
                if ours.is_empty() {
                    ours.clone_from(&declared);
                }
                let was = keyed::of_name(key, *of, &live, &last);
                counted(Kind::Plain, *of, live, &ours, &was)
            };
            let list = keyed::in_order(key, *of, list, &declared);
            Value::List(list.into_iter().map(one).collect())
        }
        (_, live) => live,
    }
}

fn under<'a>(values: &[&'a Value], key: &str) -> Vec<&'a Value> {
    let found = values.iter().filter_map(|v| match open(v) {
        Value::Map(map) => present(map.get(key)),
        _ => None,
    });
    found.collect()
}

fn members<'a>(values: &[&'a Value]) -> Vec<&'a Value> {
    values.iter().flat_map(|v| items(Some(v))).collect()
}

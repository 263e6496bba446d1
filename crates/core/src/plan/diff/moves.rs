//! What AWS moves by itself after it was set: neither drift, nor to be moved back.

use std::cmp::Ordering;

use crate::schema::{Field, Kind, Moves, Schema, Shape};
use crate::value::{PropertyMap, Value};

use super::keyed;
use super::leaf::open;
use super::nested::{Sides, items, same};
use super::{DiffInput, sides_of};

/// Whether what AWS has is what became of what is declared.
pub(super) fn moved(field: &Field, sides: &Sides<'_>) -> bool {
    let (Some(declared), Some(Some(live))) = (sides.declared, sides.live) else { return false };
    if declared.has_unknown() {
        return false;
    }
    match field.moves {
        Moves::Never => false,
        Moves::Version => match (open(declared), open(live)) {
            (Value::String(declared), Value::String(live)) => is_version(declared, live),
            _ => false,
        },
        Moves::Up => match (open(declared), open(live)) {
            (Value::Int(declared), Value::Int(live)) => declared <= live,
            _ => false,
        },
        Moves::Anywhere => stays(field, declared, sides),
        Moves::Steered => sides.steered && stays(field, declared, sides),
    }
}

/// Whether the program declares what was applied.
fn stays(field: &Field, declared: &Value, sides: &Sides<'_>) -> bool {
    // What only a create can set went with the create call, or there would be no resource.
    let last = if field.replaces { sides.last } else { sides.last() };
    last.is_some_and(|last| same(field, declared, last))
}

/// Whether `live` is what `declared` stands for (`16` for `16.6`), or a later version of the same
/// major one.
///
/// The major version is the first number of two (`16.6` of PostgreSQL), and the first two of more
/// (`8.0.36` of MySQL, `19.0.0.0.ru-2024-01.rur-2024-01.r1` of Oracle). What follows a hyphen is no
/// part of that (`11.22-rds.20240418`).
fn is_version(declared: &str, live: &str) -> bool {
    let split = |text: &str| text.split(['.', '-']).map(str::to_owned).collect::<Vec<_>>();
    let (wanted, is) = (split(declared), split(live));
    if is.starts_with(&wanted) {
        return true;
    }
    let numbers = |text: &str| text.split('-').next().unwrap_or_default().split('.').count();
    let major = if numbers(declared).max(numbers(live)) > 2 { 2 } else { 1 };
    let same_major = wanted.len() >= major && is.len() >= major && wanted[..major] == is[..major];
    same_major && later(&is, &wanted) == Ordering::Greater
}

fn later(a: &[String], b: &[String]) -> Ordering {
    let parts = a.iter().zip(b).map(|(a, b)| match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        _ => a.cmp(b),
    });
    parts.fold(Ordering::Equal, Ordering::then).then(a.len().cmp(&b.len()))
}

/// What is declared, with what AWS has moved as AWS has it: what an update is to be told, so that
/// it does not move it back.
pub(crate) fn settled(input: &DiffInput<'_>) -> PropertyMap {
    let mut inputs = input.declared.clone();
    for field in input.schema.fields {
        if let Some(value) = settle(field, &sides_of(field, input)) {
            inputs.insert(field.name.to_owned(), field.marked(value));
        }
    }
    inputs
}

/// `None` where nothing has moved.
fn settle(field: &Field, sides: &Sides<'_>) -> Option<Value> {
    if moved(field, sides) {
        return sides.live.flatten().cloned();
    }
    let value = inside(field.kind, field.shape, sides)?;
    let is_secret = matches!(sides.declared, Some(Value::Secret(_)));
    Some(if is_secret { Value::secret(value) } else { value })
}

fn inside(kind: Kind, shape: Shape, sides: &Sides<'_>) -> Option<Value> {
    match (shape, open(sides.declared?)) {
        (Shape::Struct(fields), Value::Map(map)) => {
            let moved: Vec<_> = fields()
                .iter()
                .filter_map(|f| Some((f.name.to_owned(), settle(f, &sides.key(f.name).of(f))?)))
                .collect();
            let mut map = map.clone();
            let any = !moved.is_empty();
            map.extend(moved);
            any.then_some(Value::Map(map))
        }
        (Shape::Map(of), Value::Map(map)) => {
            let moved: Vec<_> = map
                .keys()
                .filter_map(|k| Some((k.clone(), inside(Kind::Plain, *of, &sides.key(k))?)))
                .collect();
            let mut map = map.clone();
            let any = !moved.is_empty();
            map.extend(moved);
            any.then_some(Value::Map(map))
        }
        // Members of a set have no name by which what stands there could be told.
        (Shape::List(_), _) if kind == Kind::Set => None,
        (Shape::List(of), Value::List(list)) => {
            let members: Vec<Sides<'_>> = match kind {
                Kind::By(key) => {
                    keyed::of_members(key, *of, sides).into_iter().map(|(_, sides)| sides).collect()
                }
                _ => (0..list.len()).map(|at| sides.part(|v| items(Some(v)).get(at))).collect(),
            };
            let moved: Vec<_> = members.iter().map(|s| inside(Kind::Plain, *of, s)).collect();
            let any = moved.iter().any(Option::is_some);
            let all = list.iter().zip(moved).map(|(was, now)| now.unwrap_or_else(|| was.clone()));
            any.then(|| Value::List(all.collect()))
        }
        _ => None,
    }
}

/// Whether something that AWS may move anywhere is declared in another way than it was recorded:
/// it must be recorded even if nothing is to be done, because later it is compared with that.
pub(in crate::plan) fn restated(schema: &Schema, last: &PropertyMap, now: &PropertyMap) -> bool {
    let anywhere = |f: &Field| matches!(f.moves, Moves::Anywhere | Moves::Steered);
    schema.fields.iter().any(|field| {
        (anywhere(field) || field.shape.holds(anywhere))
            && last.get(field.name) != now.get(field.name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_minor_version_is_what_became_of_it() {
        // Versions of RDS: docs.aws.amazon.com, "Amazon RDS for PostgreSQL updates" and the like.
        for (declared, live) in [
            ("16", "16.6"),
            ("16.6", "16.6"),
            ("16.4", "16.6"),
            ("16.9", "16.10"),
            ("8.0", "8.0.36"),
            ("8.0.35", "8.0.36"),
            ("10.6.8", "10.6.20"),
            ("9.6.22", "9.6.24"),
            ("11.22", "11.22-rds.20240418"),
            ("11.22-rds.20240418", "11.22-rds.20240509"),
            ("11.21", "11.22-rds.20240418"),
            ("15.00.4236.7.v1", "15.00.4345.5.v1"),
            ("19.0.0.0.ru-2023-10.rur-2023-10.r1", "19.0.0.0.ru-2024-01.rur-2024-01.r1"),
            ("8.0.mysql_aurora.3.04.0", "8.0.mysql_aurora.3.05.2"),
        ] {
            assert!(is_version(declared, live), "{declared} {live}");
        }
        for (declared, live) in [
            ("16.6", "16.4"),
            ("16.10", "16.9"),
            ("1", "16.6"),
            ("15.4", "16.6"),
            ("17", "16.6"),
            ("16", "17.1"),
            ("8.0", "8.4.3"),
            ("8.0.36", "8.4.3"),
            ("10.6.8", "10.11.2"),
            ("9.6", "10.1"),
            ("11.22-rds.20240509", "11.22-rds.20240418"),
            ("16.6", "16"),
            ("", "16"),
        ] {
            assert!(!is_version(declared, live), "{declared} {live}");
        }
    }
}

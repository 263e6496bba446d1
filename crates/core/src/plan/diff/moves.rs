//! What AWS moves by itself after it was set: neither drift, nor to be moved back.

use std::cmp::Ordering;

use crate::schema::{Field, Kind, Moves, Schema, Shape};
use crate::value::{PropertyMap, Value};

use super::keyed;
use super::leaf::open;
use super::nested::{Sides, items, same};
use super::{Certain, DiffInput, sides_of};

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
            (Value::Int(declared), Value::Int(live)) => {
                declared <= live && !is_lowered(*declared, sides)
            }
            _ => false,
        },
        Moves::Anywhere => stays(field, declared, sides),
        Moves::Steered => sides.steered && stays(field, declared, sides),
    }
}

/// Whether the program declares less than before: it asks for what the cloud never does, and is to be
/// told so. What grew under an unchanged declaration is as good as declared.
fn is_lowered(declared: i64, sides: &Sides<'_>) -> bool {
    matches!(sides.last.map(open), Some(Value::Int(last)) if declared < *last)
}

/// Whether the program declares what was applied. That is known even after an update that was cut
/// off: see [`unsettled`].
fn stays(field: &Field, declared: &Value, sides: &Sides<'_>) -> bool {
    sides.last.is_some_and(|last| same(field, declared, last))
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
    let live = |field: &Field, sides: &Sides<'_>| {
        moved(field, sides).then(|| sides.live.flatten().cloned())
    };
    rewritten(input, &live)
}

/// What is declared, with what may be moved anywhere as it was before: what is recorded of an
/// update that may not come to its end. What it was to change then still differs from what is
/// declared, and is applied again; what AWS has moved does not, and is left alone.
pub(crate) fn unsettled(
    schema: &Schema,
    declared: &PropertyMap,
    last: &PropertyMap,
) -> PropertyMap {
    let input =
        DiffInput { schema, declared, last, certain: Certain::All, live: None, steered: true };
    let last = |field: &Field, sides: &Sides<'_>| {
        (is_anywhere(field) && sides.declared.is_some()).then(|| sides.last.cloned())
    };
    rewritten(&input, &last)
}

/// The value that takes the place of a declared one, which may be none.
type Rule<'a> = &'a dyn Fn(&Field, &Sides<'_>) -> Option<Option<Value>>;

fn rewritten(input: &DiffInput<'_>, rule: Rule<'_>) -> PropertyMap {
    let mut inputs = input.declared.clone();
    for field in input.schema.fields {
        if let Some(value) = rewrite(field, &sides_of(field, input), rule) {
            put(&mut inputs, field.name, value.map(|value| field.marked(value)));
        }
    }
    inputs
}

fn put(map: &mut PropertyMap, name: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(map.insert(name.to_owned(), value)),
        None => drop(map.remove(name)),
    }
}

/// `None` where everything stays.
fn rewrite(field: &Field, sides: &Sides<'_>, rule: Rule<'_>) -> Option<Option<Value>> {
    if let Some(value) = rule(field, sides) {
        return Some(value);
    }
    let value = inside(field.kind, field.shape, sides, rule)?;
    let is_secret = matches!(sides.declared, Some(Value::Secret(_)));
    Some(Some(if is_secret { Value::secret(value) } else { value }))
}

fn inside(kind: Kind, shape: Shape, sides: &Sides<'_>, rule: Rule<'_>) -> Option<Value> {
    match (shape, open(sides.declared?)) {
        (Shape::Struct(fields), Value::Map(map)) => {
            let mut changed = map.clone();
            for field in fields() {
                if let Some(value) = rewrite(field, &sides.key(field.name).of(field), rule) {
                    put(&mut changed, field.name, value);
                }
            }
            (changed != *map).then_some(Value::Map(changed))
        }
        (Shape::Map(of), Value::Map(map)) => {
            let mut changed = map.clone();
            for name in map.keys() {
                if let Some(value) = inside(Kind::Plain, *of, &sides.key(name), rule) {
                    changed.insert(name.clone(), value);
                }
            }
            (changed != *map).then_some(Value::Map(changed))
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
            let one = |(was, sides): (&Value, &Sides<'_>)| {
                inside(Kind::Plain, *of, sides, rule).unwrap_or_else(|| was.clone())
            };
            let changed: Vec<Value> = list.iter().zip(&members).map(one).collect();
            (changed != *list).then_some(Value::List(changed))
        }
        _ => None,
    }
}

fn is_anywhere(field: &Field) -> bool {
    matches!(field.moves, Moves::Anywhere | Moves::Steered)
}

/// Whether something that AWS may move anywhere is declared in another way than it was recorded:
/// it must be recorded even if nothing is to be done, because later it is compared with that.
pub(in crate::plan) fn restated(schema: &Schema, last: &PropertyMap, now: &PropertyMap) -> bool {
    schema.fields.iter().any(|field| {
        (is_anywhere(field) || field.shape.holds(is_anywhere))
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

//! Lists of things with names: members belong together by the value of one property.

use crate::schema::{Field, Kind, Shape};
use crate::value::{PropertyMap, Value};

use super::leaf::{covers, open, present};
use super::nested::{Sides, Verdict, items, member, removed};

/// The name of a member, where it is known.
fn name<'a>(key: &str, member: &'a Value) -> Option<&'a Value> {
    match open(member) {
        Value::Map(map) => present(map.get(key)).filter(|name| !name.has_unknown()),
        _ => None,
    }
}

/// Whether two members have one name; those without a name are all alike.
fn namesakes(key: &str, of: Shape, a: &Value, b: &Value) -> bool {
    match (name(key, a), name(key, b)) {
        (Some(a), Some(b)) => {
            let kind = match of {
                Shape::Struct(fields) => fields().iter().find(|f| f.name == key).map(|f| f.kind),
                _ => None,
            };
            covers(kind.unwrap_or_default(), a, b)
        }
        (None, None) => true,
        _ => false,
    }
}

/// Those that have the name of `member`.
pub(super) fn of_name<'a>(
    key: &str,
    of: Shape,
    member: &Value,
    all: &[&'a Value],
) -> Vec<&'a Value> {
    all.iter().copied().filter(|other| namesakes(key, of, member, other)).collect()
}

/// The member of `list` that has the name of `member`.
pub(in crate::plan) fn first_of_name<'a>(
    key: &str,
    of: Shape,
    member: &Value,
    list: &'a [Value],
) -> Option<&'a Value> {
    list.iter().find(|other| namesakes(key, of, member, other))
}

/// What stands for each member of `wanted` in `list`, each once.
fn partners<'a>(
    key: &str,
    of: Shape,
    wanted: &[Value],
    list: &'a [Value],
) -> Vec<Option<&'a Value>> {
    let mut left: Vec<&Value> = list.iter().collect();
    let one = |wanted: &Value| {
        let at = left.iter().position(|other| namesakes(key, of, wanted, other))?;
        Some(left.remove(at))
    };
    wanted.iter().map(one).collect()
}

/// The sides of each declared member.
pub(super) fn of_members<'a>(
    key: &str,
    of: Shape,
    sides: &Sides<'a>,
) -> Vec<(&'a Value, Sides<'a>)> {
    let wanted = items(sides.declared);
    let last = partners(key, of, wanted, items(sides.last));
    let live = sides.live.map(|live| partners(key, of, wanted, items(live)));
    let one = |(at, declared): (usize, &'a Value)| {
        let live = live.as_ref().map(|live| live[at]);
        (declared, Sides { declared: Some(declared), last: last[at], live, ..*sides })
    };
    wanted.iter().enumerate().map(one).collect()
}

pub(super) fn compare(key: &str, of: Shape, sides: &Sides<'_>) -> Verdict {
    let wanted = items(sides.declared);
    let uncertain = sides.live.is_none() && !sides.certain;
    let mut verdict = Verdict { differs: uncertain, replaces: false };
    for (declared, sides) in of_members(key, of, sides) {
        let mut one = member(of, &sides);
        // A new name may prove to be one that stands there.
        one.replaces |=
            name(key, declared).is_none() && one.differs && of.holds(|field| field.replaces);
        verdict.add(one);
    }
    // Each of what stands there that is not declared.
    let mut names: Vec<&Value> = wanted.iter().collect();
    for there in sides.members() {
        match names.iter().position(|w| namesakes(key, of, there, w)) {
            Some(at) => drop(names.remove(at)),
            None => {
                let replaces = removed(of, there).replaces;
                verdict.add(Verdict { differs: true, replaces });
            }
        }
    }
    verdict
}

/// `live` in the order in which its members are declared, the others at the end.
pub(super) fn in_order(
    key: &str,
    of: Shape,
    mut live: Vec<Value>,
    declared: &[&Value],
) -> Vec<Value> {
    let place = |live: &Value| declared.iter().position(|d| namesakes(key, of, live, d));
    live.sort_by_key(|live| place(live).unwrap_or(usize::MAX));
    live
}

/// Why the inputs make no sense: two members of a list have one name.
pub(in crate::plan) fn named_twice(fields: &[Field], inputs: &PropertyMap) -> Option<String> {
    let mut all = fields.iter().filter_map(|f| Some((f, inputs.get(f.name)?)));
    all.find_map(|(field, value)| twice(field.name, field.kind, field.shape, value))
}

fn twice(list: &str, kind: Kind, shape: Shape, value: &Value) -> Option<String> {
    let secret = matches!(value, Value::Secret(_));
    match (shape, open(value)) {
        (Shape::Struct(fields), Value::Map(map)) => named_twice(fields(), map),
        (Shape::Map(of), Value::Map(map)) => {
            map.values().find_map(|value| twice(list, Kind::Plain, *of, value))
        }
        (Shape::List(of), Value::List(members)) => {
            let same = |(at, member): (usize, &Value)| {
                let Kind::By(key) = kind else { return None };
                let name = name(key, member)?;
                let before = &members[..at];
                before.iter().any(|other| namesakes(key, *of, member, other)).then(|| {
                    let hides = secret || matches!(member, Value::Secret(_));
                    let name = if hides { &Value::secret(name.clone()) } else { name };
                    format!("two members of `{list}` have the same `{key}`, {}", name.redacted())
                })
            };
            let mut inside = members.iter();
            members
                .iter()
                .enumerate()
                .find_map(same)
                .or_else(|| inside.find_map(|member| twice(list, Kind::Plain, *of, member)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;

//! `ignore_changes`: properties, and parts of them, that keep what they have.
//!
//! A path is names with dots between them: `scaling.min_size`. In a list it means the part of every
//! member (`indexes.throughput`), or of one: `containers[web].image` where members belong together
//! by a name. In a map it is the key: `tags.owner`, or `tags[a.b/c]` where the key has dots.

use crate::schema::{Field, Kind, Schema, Shape};
use crate::value::{PropertyMap, Value, tainted};

use super::diff::member_of_name;

/// One step into a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part<'a> {
    /// A property, or a key.
    Name(&'a str),
    /// A member of a list, or a key, in brackets.
    Member(&'a str),
}

/// Takes a path apart.
fn parts(path: &str) -> Result<Vec<Part<'_>>, String> {
    let wrong = |what: &str| Err(format!("{what}; write it like `a.b`, or `a[name].b`"));
    let mut all = Vec::new();
    let mut rest = path;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        match &rest[..end] {
            "" => return wrong("a name is missing in it"),
            name => all.push(Part::Name(name)),
        }
        rest = &rest[end..];
        while let Some(inside) = rest.strip_prefix('[') {
            let Some((name, after)) = inside.split_once(']') else {
                return wrong("`[` has no `]`");
            };
            if name.is_empty() {
                return wrong("there is nothing in `[]`");
            }
            all.push(Part::Member(name));
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(all),
            None => return wrong("something follows `]`"),
        }
    }
}

/// Whether the type has what this path names; for a path into a property. Else why not.
pub(crate) fn check(schema: &Schema, path: &str) -> Result<(), String> {
    let all = parts(path)?;
    let [Part::Name(name), rest @ ..] = all.as_slice() else {
        return Err("it does not begin with a property".into());
    };
    check_name(schema.fields, schema.type_name, name, rest)
}

fn check_name(fields: &[Field], whose: &str, name: &str, rest: &[Part<'_>]) -> Result<(), String> {
    match fields.iter().find(|f| f.name == name) {
        Some(field) => check_in(field.name, field.kind, field.shape, field.rust_type, rest),
        None => {
            let known: Vec<&str> = fields.iter().map(|f| f.name).collect();
            let near = crate::spelling::nearest(name, known.iter().copied());
            let meant = near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
            Err(format!("`{whose}` has no `{name}`{meant}; it has: {}", known.join(", ")))
        }
    }
}

fn check_in(
    name: &str,
    kind: Kind,
    shape: Shape,
    rust_type: &str,
    rest: &[Part<'_>],
) -> Result<(), String> {
    let Some((first, after)) = rest.split_first() else { return Ok(()) };
    match (shape, first) {
        (Shape::Struct(fields), Part::Name(next)) => check_name(fields(), name, next, after),
        (Shape::Struct(_), Part::Member(_)) => {
            Err(format!("`{name}` is no list: write `{name}.` and a property"))
        }
        (Shape::List(of), Part::Member(_)) if matches!(kind, Kind::By(_)) => {
            check_in(name, Kind::Plain, *of, "", after)
        }
        (Shape::List(_), Part::Member(_)) => Err(format!(
            "members of `{name}` have no names: leave out the brackets, and all of them are meant"
        )),
        (Shape::List(of), Part::Name(_)) => check_in(name, Kind::Plain, *of, "", rest),
        (Shape::Map(of), _) => check_in(name, Kind::Plain, *of, "", after),
        (Shape::Plain, _) if is_map(kind, rust_type) && after.is_empty() => Ok(()),
        (Shape::Plain, _) => Err(format!("there are no properties in `{name}`")),
    }
}

fn is_map(kind: Kind, rust_type: &str) -> bool {
    matches!(kind, Kind::Tags | Kind::DropsEmpty) || rust_type.contains("Map")
}

/// What is declared, with what lies at these paths as it was in `had`. Paths without dots are not
/// looked at: whole properties are kept otherwise.
pub(crate) fn keep_parts(
    schema: &Schema,
    inputs: &mut PropertyMap,
    had: &PropertyMap,
    paths: &[String],
) {
    for path in paths {
        let Ok(all) = parts(path) else { continue };
        let [Part::Name(name), rest @ ..] = all.as_slice() else { continue };
        let field = schema.field(name).filter(|_| !rest.is_empty());
        let Some((field, had)) = field.zip(had.get(*name)) else { continue };
        if let Some(value) = inputs.remove(*name) {
            let value = keep(value, had, field.kind, field.shape, rest);
            inputs.insert((*name).to_owned(), field.marked(value));
        }
    }
}

/// The value with the part at `rest` as it is in `had`. What is declared only now has nothing that
/// it could keep.
fn keep(value: Value, had: &Value, kind: Kind, shape: Shape, rest: &[Part<'_>]) -> Value {
    let Some((first, after)) = rest.split_first() else { return tainted(had.clone(), &value) };
    match (value, had) {
        (Value::Secret(value), had) => Value::secret(keep(*value, had, kind, shape, rest)),
        (value, Value::Secret(had)) => keep(value, had, kind, shape, rest),
        (Value::Map(mut map), Value::Map(had)) => {
            let (Part::Name(name) | Part::Member(name)) = first;
            let field = match shape {
                Shape::Struct(fields) => fields().iter().find(|f| f.name == *name),
                _ => None,
            };
            let (kind, shape) = match (field, shape) {
                (Some(field), _) => (field.kind, field.shape),
                (None, Shape::Map(of)) => (Kind::Plain, *of),
                _ => (Kind::Plain, Shape::Plain),
            };
            match (map.remove(*name), had.get(*name)) {
                (Some(value), Some(had)) => {
                    map.insert((*name).to_owned(), keep(value, had, kind, shape, after));
                }
                // Whoever ignores it wants it as it was: not there.
                (Some(_), None) if after.is_empty() => {}
                (None, Some(had)) if after.is_empty() => {
                    map.insert((*name).to_owned(), had.clone());
                }
                (Some(value), None) => drop(map.insert((*name).to_owned(), value)),
                (None, _) => {}
            }
            Value::Map(map)
        }
        (Value::List(list), Value::List(had)) => {
            let Shape::List(of) = shape else { return Value::List(list) };
            let one = |(at, member): (usize, Value)| {
                let rest = match (first, kind) {
                    (Part::Member(name), Kind::By(key)) if !is_called(&member, key, name) => {
                        return member;
                    }
                    (Part::Member(_), _) => after,
                    (Part::Name(_), _) => rest,
                };
                let had = match kind {
                    Kind::By(key) => member_of_name(key, *of, &member, had),
                    Kind::Set => {
                        had.iter().find(|h| keep(member.clone(), h, Kind::Plain, *of, rest) == **h)
                    }
                    _ => had.get(at),
                };
                match had {
                    Some(had) => keep(member, had, Kind::Plain, *of, rest),
                    None => member,
                }
            };
            Value::List(list.into_iter().enumerate().map(one).collect())
        }
        (value, _) => value,
    }
}

fn is_called(member: &Value, key: &str, name: &str) -> bool {
    match member {
        Value::Secret(inner) => is_called(inner, key, name),
        Value::Map(map) => map.get(key).is_some_and(|is| is.reveal().as_str() == Some(name)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        use Part::{Member, Name};
        assert_eq!(parts("a"), Ok(vec![Name("a")]));
        assert_eq!(parts("a.b"), Ok(vec![Name("a"), Name("b")]));
        let one = vec![Name("a"), Member("x.y/z"), Name("b")];
        assert_eq!(parts("a[x.y/z].b"), Ok(one));
        for (path, why) in [
            ("", "a name is missing"),
            ("a..b", "a name is missing"),
            ("a.", "a name is missing"),
            ("a[b", "has no `]`"),
            ("a[]", "nothing in `[]`"),
            ("a[b]c", "something follows"),
        ] {
            let error = parts(path).unwrap_err();
            assert!(error.contains(why), "{path}: {error}");
        }
    }
}

//! Diff per property: declared, last applied, live. Only what is declared is compared.

mod keyed;
mod leaf;
mod live;
mod moves;
mod nested;
mod network;
mod policy;
mod public_key;

use std::collections::BTreeSet;

use crate::schema::{Field, Given, Kind, Schema};
use crate::state::ResourceState;
use crate::value::{PropertyMap, Value};

use super::step::{ChangeKind, PropertyChange};

pub(super) use keyed::{first_of_name as member_of_name, named_twice};
use leaf::{loose_eq, present};
use live::that_counts;
pub(crate) use live::with_write_only;
pub(super) use moves::restated;
pub(crate) use moves::{settled, unsettled};
pub(super) use nested::same;
use nested::{Sides, compare};
pub use network::network;
pub use policy::same_policy;

/// The three sides of a diff.
pub struct DiffInput<'a> {
    /// The resource type.
    pub schema: &'a Schema,
    /// What the program wants.
    pub declared: &'a PropertyMap,
    /// What was last applied.
    pub last: &'a PropertyMap,
    /// What of `last` was certainly applied.
    pub certain: Certain<'a>,
    /// What AWS has; `None` when it was not read.
    pub live: Option<&'a PropertyMap>,
    /// Whether something in the program steers it ([`crate::schema::Field::steers`]).
    pub steered: bool,
}

/// What of what was last applied is certain.
#[derive(Clone, Copy)]
pub enum Certain<'a> {
    /// Everything.
    All,
    /// Nothing.
    None,
    /// As this record says: after an interrupted operation not everything is.
    As(&'a ResourceState),
}

impl Certain<'_> {
    fn is(self, property: &str) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::As(record) => record.is_certain(property),
        }
    }
}

/// The properties that differ, in order of declaration.
pub fn diff(input: &DiffInput<'_>) -> Vec<PropertyChange> {
    input.schema.fields.iter().flat_map(|field| diff_field(field, input)).collect()
}

fn sides_of<'a>(field: &Field, input: &DiffInput<'a>) -> Sides<'a> {
    let sides = Sides {
        declared: present(input.declared.get(field.name)),
        last: present(input.last.get(field.name)),
        certain: input.certain.is(field.name),
        live: input.live.map(|live| present(live.get(field.name))),
        steered: input.steered,
    };
    sides.of(field)
}

fn diff_field(field: &Field, input: &DiffInput<'_>) -> Vec<PropertyChange> {
    let given = field.default.map(Given::value);
    let sides = sides_of(field, input).defaulting(given.as_ref());
    if field.kind == Kind::Tags {
        return diff_tags(field, &sides);
    }
    let verdict = compare(field, &sides);
    if !verdict.differs {
        return Vec::new();
    }
    // What AWS never returns is as it was last applied.
    let now = match sides.live {
        Some(live) => live.map(|live| with_write_only(field, live, sides.last())),
        None => sides.last().cloned(),
    };
    let kind = match (sides.declared, sides.last(), &now) {
        (None, ..) => ChangeKind::Remove,
        (Some(wanted), Some(last), _) if same(field, wanted, last) => ChangeKind::Drift,
        (.., None) => ChangeKind::Add,
        _ => ChangeKind::Change,
    };
    vec![PropertyChange {
        property: field.name.to_owned(),
        path: field.name.to_owned(),
        kind,
        old: now.map(|v| field.marked(that_counts(field, v, sides.declared, sides.last()))),
        new: sides.declared.map(|v| field.marked(v.clone())),
        replaces: verdict.replaces,
    }]
}

fn diff_tags(field: &Field, sides: &Sides<'_>) -> Vec<PropertyChange> {
    let (declared, last, live) = (sides.declared, sides.last, sides.live);
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

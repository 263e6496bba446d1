//! Reads the exports of other stacks that a program refers to.

use std::collections::BTreeMap;

use futures::future::join_all;

use crate::graph::Graph;
use crate::program::ReferenceDecl;
use crate::state::{StateError, StateStore};
use crate::urn::Urn;
use crate::value::{EvalError, PropertyMap, Value};

/// Why an export of another stack cannot be read.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// There is no such stack.
    #[error(
        "there is no stack `{stack}`: nothing was ever brought up in {place}\n  what to do: check its name, run `up` for it first, and keep its state in the same backend"
    )]
    Unknown {
        /// Project and stack.
        stack: String,
        /// Where its state would be.
        place: String,
    },
    /// That stack does not export it.
    #[error(
        "stack `{stack}` has no export `{export}`{}\n  what to do: {}",
        .meant.as_ref().map(|m| format!("; did you mean `{m}`?")).unwrap_or_default(),
        missing(stack, place, there)
    )]
    Missing {
        /// Project and stack.
        stack: String,
        /// The export.
        export: String,
        /// What it has.
        there: Vec<String>,
        /// What may be meant.
        meant: Option<String>,
        /// Where its state is.
        place: String,
    },
    /// The export has another type.
    #[error(
        "export `{export}` of stack `{stack}` is {kind}, not `{wanted}`: {why}\n  what to do: read it as what it is, or have that stack export something else"
    )]
    Type {
        /// Project and stack.
        stack: String,
        /// The export.
        export: String,
        /// What it is.
        kind: &'static str,
        /// The Rust type that this program asks for.
        wanted: String,
        /// Why it does not fit; hidden when it is secret.
        why: String,
    },
    /// That stack's secrets cannot be decrypted.
    #[error(
        "the exports of stack `{stack}` cannot be read: the secrets in {place} cannot be decrypted: {why}\n  what to do: give both stacks the same `secrets` setting, and this run what it takes to use it"
    )]
    Key {
        /// Project and stack.
        stack: String,
        /// Where its state is.
        place: String,
        /// Why not.
        why: String,
    },
    /// That stack's state cannot be read.
    #[error("the exports of stack `{stack}` cannot be read: {source}")]
    State {
        /// Project and stack.
        stack: String,
        /// Why.
        source: StateError,
    },
    /// Several of the above.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several(Vec<ReferenceError>),
}

fn missing(stack: &str, place: &str, there: &[String]) -> String {
    let have = match there {
        [] => "it exports nothing: it was destroyed, or its first `up` did not finish".to_owned(),
        names => format!("it exports {}", names.join(", ")),
    };
    format!("{have}; run `up` for `{stack}` once its program exports it ({place})")
}

/// The exports that the program reads, by reference.
pub(crate) async fn references(
    store: &StateStore,
    graph: &Graph,
) -> Result<BTreeMap<Urn, PropertyMap>, ReferenceError> {
    let read = join_all(graph.references().map(|decl| exports(store, decl))).await;
    let mut found = BTreeMap::new();
    let mut errors = Vec::new();
    for (decl, exports) in graph.references().zip(read) {
        match exports {
            Ok(exports) => drop(found.insert(decl.urn.clone(), exports)),
            Err(mut all) => errors.append(&mut all),
        }
    }
    match errors.len() {
        0 => Ok(found),
        1 => Err(errors.remove(0)),
        _ => Err(ReferenceError::Several(errors)),
    }
}

async fn exports(
    store: &StateStore,
    decl: &ReferenceDecl,
) -> Result<PropertyMap, Vec<ReferenceError>> {
    let (project, name) = (decl.urn.project(), decl.urn.stack());
    let stack = format!("{project}/{name}");
    let trouble = |source| {
        let stack = stack.clone();
        vec![match source {
            StateError::Key { place, why, .. } => ReferenceError::Key { stack, place, why },
            source => ReferenceError::State { stack, source },
        }]
    };
    let store = store.for_stack(project, name).map_err(trouble)?;
    let loaded = store.load(project, name).await.map_err(trouble)?;
    let place = store.describe();
    if loaded.is_new() {
        return Err(vec![ReferenceError::Unknown { stack, place }]);
    }
    let all = loaded.state.exports;
    let mut found = PropertyMap::new();
    let mut errors = Vec::new();
    for (export, wanted) in &decl.exports {
        let Some(value) = all.get(export) else {
            let meant = crate::spelling::nearest(export, all.keys().map(String::as_str));
            errors.push(ReferenceError::Missing {
                stack: stack.clone(),
                export: export.clone(),
                there: all.keys().cloned().collect(),
                meant: meant.map(str::to_owned),
                place: place.clone(),
            });
            continue;
        };
        errors.extend(wanted.iter().filter_map(|wanted| {
            let why = match (wanted.fits)(value).err()? {
                EvalError::Convert { why, .. } => why,
                other => other.to_string(),
            };
            Some(ReferenceError::Type {
                stack: stack.clone(),
                export: export.clone(),
                kind: kind(value),
                wanted: short(wanted.type_name),
                why,
            })
        }));
        found.insert(export.clone(), value.clone());
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null | Value::Unknown => "without a value",
        Value::Bool(_) => "true or false",
        Value::Int(_) | Value::Float(_) => "a number",
        Value::String(_) => "text",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        Value::Secret(inner) => kind(inner),
    }
}

/// A type's name without modules: `Vec<String>`.
fn short(type_name: &str) -> String {
    let mut out = String::new();
    for part in type_name.split_inclusive(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | ':'))
    {
        out.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_of_types_are_short() {
        let name = std::any::type_name::<std::collections::BTreeMap<String, Vec<Option<u16>>>>();
        assert_eq!(super::short(name), "BTreeMap<String, Vec<Option<u16>>>");
        assert_eq!(super::short("(alloc::string::String, &str)"), "(String, &str)");
    }
}

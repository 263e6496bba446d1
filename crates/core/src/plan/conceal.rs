//! What state holds in plain although the program says by now that it is secret.
//!
//! It is marked in state before anything else is planned or done, so that nothing that follows
//! shows it: neither as the old value of a change, nor as what a step starts from.

use std::collections::{BTreeMap, BTreeSet};

use crate::observe::Observed;
use crate::state::{Entry, ResourceKey, ResourceState, State};
use crate::urn::Urn;
use crate::value::{PropertyMap, Secrets, Value, tainted, tainted_map};

use super::step::{ExportChange, Step};

/// What becomes secret in state, before the first step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Concealed {
    /// Which properties and outputs, by resource.
    pub properties: BTreeMap<ResourceKey, BTreeSet<String>>,
    /// How it is recorded.
    pub(crate) entries: Vec<Entry>,
}

impl Concealed {
    /// Whether there is nothing of the kind.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// A record with what has become secret marked, and the names of that.
pub(super) struct Found {
    pub record: ResourceState,
    names: BTreeSet<String>,
}

/// The records that hold in plain what the steps say to be secret.
pub(super) fn found(state: &State, steps: &[Step]) -> Vec<Found> {
    let declared: BTreeMap<&Urn, &Step> =
        steps.iter().filter(|s| !s.action.is_removal()).map(|s| (&s.urn, s)).collect();
    let secrets = known(state, &declared);
    let one = |record: &ResourceState| {
        let mut now = record.clone();
        let hide = |map: PropertyMap, by: Option<&PropertyMap>| match by {
            // What is no longer declared may hold what is a secret elsewhere by now.
            Some(by) => tainted_map(map, by)
                .into_iter()
                .map(|(k, v)| if by.contains_key(&k) { (k, v) } else { (k, secrets.mark(v)) })
                .collect(),
            None => secrets.mark_map(map),
        };
        let step = declared.get(&record.urn);
        now.inputs = hide(now.inputs, step.map(|s| &s.inputs));
        now.outputs = hide(now.outputs, step.map(|s| &s.outputs));
        let mut names = differing(&record.inputs, &now.inputs);
        names.extend(differing(&record.outputs, &now.outputs));
        (!names.is_empty()).then_some(Found { record: now, names })
    };
    state.resources.values().filter_map(one).collect()
}

/// What the program or state says to be secret, unless the program says it in plain as well.
fn known(state: &State, declared: &BTreeMap<&Urn, &Step>) -> Secrets {
    let secrets = Secrets::default();
    state.teach(&secrets);
    for step in declared.values() {
        secrets.learn_map(&step.inputs);
        secrets.learn_map(&step.outputs);
    }
    for step in declared.values() {
        step.inputs.values().chain(step.outputs.values()).for_each(|v| secrets.forget_plain(v));
    }
    secrets
}

fn differing(before: &PropertyMap, now: &PropertyMap) -> BTreeSet<String> {
    let differs = |(name, value): &(&String, &Value)| before.get(*name) != Some(*value);
    now.iter().filter(differs).map(|(name, _)| name.clone()).collect()
}

/// Puts it into what is planned with; returns what it is about.
pub(super) fn conceal(
    all: Vec<Found>,
    state: &mut State,
    seen: &mut Observed,
    names: &mut BTreeMap<ResourceKey, BTreeSet<String>>,
) {
    for Found { record, names: found } in all {
        seen.concealed(&record);
        names.entry(record.key()).or_default().extend(found);
        state.resources.insert(record.key(), record);
    }
}

/// What is to be recorded before the first step.
pub(super) fn concealed(
    names: BTreeMap<ResourceKey, BTreeSet<String>>,
    state: &State,
    exports: &BTreeMap<String, ExportChange>,
) -> Concealed {
    let records = names.keys().filter_map(|key| state.resources.get(key));
    let record = |record: &ResourceState| Entry::Concealed {
        urn: record.urn.clone(),
        generation: record.generation,
        inputs: record.inputs.clone(),
        outputs: record.outputs.clone(),
    };
    let mut entries: Vec<Entry> = records.map(record).collect();
    let old = exports.iter().filter_map(|(name, e)| Some((name.clone(), e.old.clone()?)));
    let old: PropertyMap = old.collect();
    if old != state.exports {
        entries.push(Entry::Exports(old));
    }
    Concealed { properties: names, entries }
}

/// The value of the last run, as secret as the one that takes its place.
pub(super) fn old_export(old: &Value, new: &Value) -> Value {
    tainted(old.clone(), new)
}

/// Whether one of these is secret where the other is plain: something that is recorded, although
/// nothing changes in the cloud.
pub(super) fn differ_in_secrecy(recorded: &PropertyMap, declared: &PropertyMap) -> bool {
    recorded.iter().any(|(name, was)| declared.get(name).is_some_and(|is| differ(was, is)))
}

fn differ(was: &Value, is: &Value) -> bool {
    match (was, is) {
        // Of what is not known yet, nothing can be said.
        (_, Value::Unknown) => false,
        (Value::Secret(was), Value::Secret(is)) => differ(was, is),
        (Value::Secret(_), _) | (_, Value::Secret(_)) => true,
        (Value::Map(was), Value::Map(is)) => differ_in_secrecy(was, is),
        (Value::List(was), Value::List(is)) => was.iter().zip(is).any(|(was, is)| differ(was, is)),
        _ => false,
    }
}

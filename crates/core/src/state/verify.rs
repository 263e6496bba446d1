//! What every snapshot fulfils, and the order of its resources.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::model::{Completeness, ResourceKey, ResourceState, State};
use crate::urn::Urn;

/// A rule that a [`State`] breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// A dependency that neither a resource nor an open intent answers to. Lookups are no
    /// dependencies: only resources are recorded.
    #[error("{urn} (generation {generation}) depends on {dependency}, which is not recorded")]
    Dangling {
        /// Who depends.
        urn: Urn,
        /// Which generation of it.
        generation: u64,
        /// On what.
        dependency: Urn,
    },
    /// Resources that depend on each other, so that they have no order.
    #[error("resources depend on each other: {0}")]
    Cycle(DependencyCycle),
    /// Several generations of one urn count as the current one.
    ///
    /// A replacement that failed half way leaves two: the newest is then incomplete, and
    /// the one before it, still in use, stands next to it.
    #[error("{urn} has several current generations: {generations:?}")]
    SeveralCurrent {
        /// Whose.
        urn: Urn,
        /// The generations that are not to be deleted.
        generations: Vec<u64>,
    },
    /// A resource or intent is filed under another urn or generation than it says.
    #[error("{filed} (generation {generation}) is filed under a key that is not its own")]
    WrongKey {
        /// The key's urn.
        filed: Urn,
        /// The key's generation.
        generation: u64,
    },
    /// Two resources whose physical names and ownership tags are derived from the same.
    #[error("{} and {} (generation {generation}) are both named after {identity}", .urns[0], .urns[1])]
    SameIdentity {
        /// What both are named after.
        identity: Urn,
        /// Which generation.
        generation: u64,
        /// Who they are.
        urns: [Urn; 2],
    },
    /// A resource or intent of another project or stack.
    #[error("{0} belongs to another project or stack")]
    Foreign(Urn),
}

/// Resources in a circle: each depends on the next, the last on the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DependencyCycle(pub Vec<Urn>);

impl fmt::Display for DependencyCycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for urn in &self.0 {
            write!(f, "{} -> ", urn.short())?;
        }
        f.write_str(&self.0.first().map(Urn::short).unwrap_or_default())
    }
}

impl State {
    /// Checks what every snapshot fulfils: no dangling dependency, no cycle, one current
    /// generation per urn, every resource under its own key, with a name of its own, and of this
    /// stack.
    ///
    /// # Errors
    /// Every rule that is broken.
    pub fn verify(&self) -> Result<(), Vec<Violation>> {
        let mut found = Vec::new();
        let resources = self
            .resources
            .iter()
            .map(|(k, r)| (k, &r.urn, r.identity(), r.generation, &r.dependencies));
        let intents = self.intents.iter().map(|(k, open)| {
            let intent = &open.intent;
            (k, &intent.urn, intent.identity(), intent.generation, &intent.dependencies)
        });
        let known: BTreeSet<&Urn> =
            self.resources.keys().chain(self.intents.keys()).map(|(urn, _)| urn).collect();
        let mut named: BTreeMap<(&Urn, u64), &Urn> = BTreeMap::new();
        for (key, urn, identity, generation, dependencies) in resources.chain(intents) {
            if (&key.0, key.1) != (urn, generation) {
                found.push(Violation::WrongKey { filed: key.0.clone(), generation: key.1 });
            }
            for urn in BTreeSet::from([urn, identity]) {
                if (urn.project(), urn.stack()) != (&self.project, &self.stack) {
                    found.push(Violation::Foreign(urn.clone()));
                }
            }
            let other = *named.entry((identity, generation)).or_insert(urn);
            if other != urn {
                let (identity, urns) = (identity.clone(), [other.clone(), urn.clone()]);
                found.push(Violation::SameIdentity { identity, generation, urns });
            }
            for dependency in dependencies.iter().filter(|d| !known.contains(d)) {
                let dependency = dependency.clone();
                found.push(Violation::Dangling { urn: urn.clone(), generation, dependency });
            }
        }
        found.extend(self.several_current());
        if let Err(cycle) = dependency_order(self) {
            found.push(Violation::Cycle(cycle));
        }
        if found.is_empty() { Ok(()) } else { Err(found) }
    }

    fn several_current(&self) -> Vec<Violation> {
        let mut current: BTreeMap<&Urn, Vec<&ResourceState>> = BTreeMap::new();
        for ((urn, _), resource) in &self.resources {
            if resource.completeness != Completeness::PendingDelete {
                current.entry(urn).or_default().push(resource);
            }
        }
        current
            .into_iter()
            .filter(|(_, all)| match all.as_slice() {
                [] | [_] => false,
                [_, newest] => newest.completeness != Completeness::Incomplete,
                _ => true,
            })
            .map(|(urn, all)| Violation::SeveralCurrent {
                urn: urn.clone(),
                generations: all.iter().map(|r| r.generation).collect(),
            })
            .collect()
    }
}

/// The resources, each after everything it depends on; ties in order of urn and generation.
///
/// A dependency names a urn and means its current generation, or the newest when all are
/// to be deleted. So a generation that waits to be deleted may depend on something that by
/// now depends on its successor.
pub fn dependency_order(state: &State) -> Result<Vec<&ResourceState>, DependencyCycle> {
    let mut meant: BTreeMap<&Urn, &ResourceKey> = BTreeMap::new();
    for (key, resource) in &state.resources {
        let pending = resource.completeness == Completeness::PendingDelete;
        if !pending || !meant.get(&key.0).is_some_and(|k| is_current(state, k)) {
            meant.insert(&key.0, key);
        }
    }
    let targets = |resource: &ResourceState| -> Vec<&ResourceKey> {
        resource.dependencies.iter().filter_map(|urn| meant.get(urn).copied()).collect()
    };
    let mut waiting: BTreeMap<&ResourceKey, usize> = BTreeMap::new();
    let mut dependents: BTreeMap<&ResourceKey, Vec<&ResourceKey>> = BTreeMap::new();
    for (key, resource) in &state.resources {
        let targets = targets(resource);
        waiting.insert(key, targets.len());
        for target in targets {
            dependents.entry(target).or_default().push(key);
        }
    }
    let mut ready: BTreeSet<&ResourceKey> =
        waiting.iter().filter(|(_, n)| **n == 0).map(|(key, _)| *key).collect();
    let mut order = Vec::with_capacity(state.resources.len());
    while let Some(key) = ready.pop_first() {
        waiting.remove(key);
        order.push(&state.resources[key]);
        for dependent in dependents.get(key).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(dependent) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(dependent);
                }
            }
        }
    }
    let Some((start, _)) = waiting.first_key_value() else { return Ok(order) };
    // Everything left waits for something left: following that must come round.
    let mut path = vec![*start];
    loop {
        let last = &state.resources[path[path.len() - 1]];
        let next = targets(last).into_iter().find(|key| waiting.contains_key(key));
        let Some(next) = next else { return Err(DependencyCycle(Vec::new())) };
        if let Some(at) = path.iter().position(|key| *key == next) {
            return Err(DependencyCycle(path[at..].iter().map(|(urn, _)| urn.clone()).collect()));
        }
        path.push(next);
    }
}

fn is_current(state: &State, key: &ResourceKey) -> bool {
    state.resources[key].completeness != Completeness::PendingDelete
}

#[cfg(test)]
mod tests;

//! Which step waits for which.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::graph::Graph;
use crate::resource::Registry;
use crate::state::{Completeness, ResourceKey, ResourceState, State};
use crate::urn::Urn;
use crate::value::Value;

use super::contend::Handover;
use super::step::{Action, Step};

/// Steps with their order, and who has to be deleted first for it.
pub(super) struct Connected {
    pub steps: Vec<Step>,
    /// Resources that exchange something with the other one, in a circle that is opened only by
    /// deleting one of them first.
    pub forced: BTreeMap<Urn, Urn>,
}

/// Connects the steps and sorts them so that each comes after what it requires.
pub(super) fn connect(
    steps: Vec<Step>,
    graph: Option<&Graph>,
    state: &State,
    registry: &Registry,
    handovers: &[Handover],
) -> Connected {
    let mut net = Net::new(steps);
    if let Some(graph) = graph {
        net.follow_graph(graph);
    }
    net.hand_over(handovers);
    net.order_removals(state);
    net.fold_into_owners(state, registry);
    net.join_groups(handovers);
    net.say_why(handovers);
    let (mut steps, forced) = net.sort();
    // While the old one is gone, nobody depends on it; who stays as it is says so again.
    let first = |s: &&Step| s.action == Action::DeleteReplaced && s.delete_first;
    let gone: BTreeSet<Urn> = steps.iter().filter(first).map(|s| s.urn.clone()).collect();
    for step in steps.iter_mut().filter(|s| s.action == Action::Same) {
        let uses = step.prior.iter().flat_map(|p| &p.dependencies);
        step.record |= uses.into_iter().any(|urn| gone.contains(urn));
    }
    Connected { steps, forced }
}

pub(super) struct Net {
    pub(super) steps: Vec<Step>,
    apply: BTreeMap<Urn, usize>,
    remove: BTreeMap<ResourceKey, usize>,
    pub(super) hard: Vec<BTreeSet<usize>>,
    /// Wanted, but given up where it would close a circle.
    pub(super) soft: Vec<BTreeSet<usize>>,
    /// Who takes something over from whom.
    pub(super) taken: BTreeSet<(usize, usize)>,
}

impl Net {
    fn new(steps: Vec<Step>) -> Self {
        let mut apply = BTreeMap::new();
        let mut remove = BTreeMap::new();
        for (i, step) in steps.iter().enumerate() {
            if step.action.is_removal() {
                remove.insert((step.urn.clone(), step.generation), i);
            } else {
                apply.insert(step.urn.clone(), i);
            }
        }
        let n = steps.len();
        Self {
            steps,
            apply,
            remove,
            hard: vec![BTreeSet::new(); n],
            soft: vec![BTreeSet::new(); n],
            taken: BTreeSet::new(),
        }
    }

    /// Creates and updates follow the graph; an answered lookup has no step and is looked through.
    fn follow_graph(&mut self, graph: &Graph) {
        for (urn, at) in self.apply.clone() {
            let direct = graph.dependencies(&urn).cloned();
            for dependency in direct.chain(graph.resource_dependencies(&urn)) {
                if let Some(first) = self.apply.get(&dependency) {
                    self.hard[at].insert(*first);
                }
            }
        }
    }

    /// Removals run in reverse of the recorded dependencies, after dependents let go.
    fn order_removals(&mut self, state: &State) {
        let mut dependents: BTreeMap<&Urn, Vec<ResourceKey>> = BTreeMap::new();
        for record in state.resources.values() {
            for dependency in &record.dependencies {
                dependents.entry(dependency).or_default().push(record.key());
            }
        }
        for (key, at) in self.remove.clone() {
            let delete_first = self.steps[at].delete_first;
            // Left over from a run before, and not what is replaced now.
            let left_over = state.resources.get(&key).is_some_and(|r| {
                let new = self.apply.get(&key.0).and_then(|new| self.steps[*new].prior.as_ref());
                r.completeness == Completeness::PendingDelete
                    || new.is_some_and(|prior| prior.generation != key.1)
            });
            if left_over && let Some(new) = self.apply.get(&key.0).copied() {
                // It may hold what its successor takes.
                if !self.hard[new].contains(&at) {
                    self.soft[at].insert(new);
                }
            } else if self.steps[at].action == Action::DeleteReplaced || delete_first {
                match self.apply.get(&key.0).copied() {
                    Some(new) if self.are_together(at, new) => {}
                    Some(new) if delete_first => {
                        self.hard[new].insert(at);
                    }
                    Some(new) => {
                        self.hard[at].insert(new);
                    }
                    None => {}
                }
            } else if let Some(new) = self.apply.get(&key.0).copied() {
                // A retained old generation is forgotten once the new one is there.
                self.hard[at].insert(new);
            }
            for dependent in dependents.get(&key.0).into_iter().flatten() {
                if let Some(first) = self.remove.get(dependent) {
                    // Records say on which resources they depend, not on which generation: one
                    // that is replaced already may be used by nobody any more.
                    let record = &state.resources[dependent];
                    let maybe = self.is_replaced(state, &key) && !mentions(record, state, &key);
                    match maybe {
                        _ if *first == at => {}
                        true => drop(self.soft[at].insert(*first)),
                        false => drop(self.hard[at].insert(*first)),
                    }
                } else if !delete_first && let Some(first) = self.apply.get(&dependent.0) {
                    self.soft[at].insert(*first);
                }
            }
        }
    }

    /// Whether state has a newer generation, too.
    fn is_replaced(&self, state: &State, (urn, generation): &ResourceKey) -> bool {
        state.current(urn).is_some_and(|r| r.generation > *generation)
    }

    /// A resource that AWS deletes with its owner needs no call when the owner goes anyway
    /// and nothing else that goes is held by it.
    fn fold_into_owners(&mut self, state: &State, registry: &Registry) {
        // Looked for among the dependencies: some resources have the id of their owner.
        let owner_of = |record: &ResourceState, id: &str| {
            let all = record.dependencies.iter().flat_map(|urn| {
                self.remove.range((urn.clone(), 0)..=(urn.clone(), u64::MAX)).map(|(_, i)| *i)
            });
            all.into_iter().find(|i| {
                let step = &self.steps[*i];
                let owner = step.prior.as_ref().and_then(|p| state.resources.get(&p.key()));
                step.action != Action::Forget
                    && !step.gone
                    && owner.is_some_and(|o| o.id == id && o.provider == record.provider)
            })
        };
        let mut folds = Vec::new();
        for (key, at) in &self.remove {
            let step = &self.steps[*at];
            if !matches!(step.action, Action::Delete | Action::DeleteReplaced) || step.gone {
                continue;
            }
            let Some(record) = state.resources.get(key) else { continue };
            let Some(field) =
                registry.handler(key.0.type_name()).and_then(|h| h.schema().deleted_with)
            else {
                continue;
            };
            let Some(Value::String(owner_id)) = record.inputs.get(field) else { continue };
            let Some(owner) = owner_of(record, owner_id) else { continue };
            let owner_urn = &self.steps[owner].urn;
            let holds_others = record
                .dependencies
                .iter()
                .any(|d| d != owner_urn && self.remove.keys().any(|(urn, _)| urn == d));
            // A new generation that needs the old one gone first cannot wait for the owner.
            if !holds_others && !step.delete_first {
                folds.push((*at, owner));
            }
        }
        let folded: BTreeSet<usize> = folds.iter().map(|(at, _)| *at).collect();
        for (at, owner) in folds {
            if folded.contains(&owner) {
                continue;
            }
            self.steps[at].deleted_with =
                Some((self.steps[owner].urn.clone(), self.steps[owner].generation));
            // It holds its own owner only, no other generation of that.
            let urn = self.steps[owner].urn.clone();
            for (_, other) in self.remove.range((urn.clone(), 0)..=(urn, u64::MAX)) {
                self.hard[*other].remove(&at);
            }
            let before = std::mem::take(&mut self.hard[at]);
            self.hard[owner].extend(before.into_iter().filter(|b| *b != owner && *b != at));
            self.hard[at].insert(owner);
        }
    }

    /// Kahn's algorithm, lowest index first; circles are opened where it costs least.
    fn sort(mut self) -> (Vec<Step>, BTreeMap<Urn, Urn>) {
        let n = self.steps.len();
        let mut forced = BTreeMap::new();
        let mut done = vec![false; n];
        let mut order = Vec::with_capacity(n);
        let mut waits: Vec<BTreeSet<usize>> =
            (0..n).map(|i| self.hard[i].union(&self.soft[i]).copied().collect()).collect();
        for (i, w) in waits.iter_mut().enumerate() {
            w.remove(&i);
        }
        let mut followers: Vec<Vec<usize>> = vec![Vec::new(); n];
        for (i, w) in waits.iter().enumerate() {
            w.iter().for_each(|first| followers[*first].push(i));
        }
        let mut missing: Vec<usize> = waits.iter().map(BTreeSet::len).collect();
        let mut ready: BinaryHeap<Reverse<usize>> =
            (0..n).filter(|i| missing[*i] == 0).map(Reverse).collect();
        while order.len() < n {
            let Some(Reverse(next)) = ready.pop() else {
                let circle = circle(&waits, &done);
                let soft = circle.iter().copied().find(|(i, w)| !self.hard[*i].contains(w));
                let turned = circle.iter().copied().find(|(i, w)| {
                    let (old, new) = (&self.steps[*i], &self.steps[*w]);
                    old.action == Action::DeleteReplaced && old.urn == new.urn
                });
                // What is deleted first because of an exchange is planned so from the beginning.
                let exchange = circle.iter().find(|edge| self.taken.contains(edge));
                if let (None, Some((taker, holder))) = (soft, exchange) {
                    let updated = |(i, w): &(usize, usize)| {
                        self.taken.contains(&(*i, *w)) && self.steps[*w].action == Action::Update
                    };
                    let update = circle.iter().copied().find(updated);
                    let (old, other) = match (turned, update) {
                        (Some((old, _)), _) => (old, if old == *holder { *taker } else { *holder }),
                        (None, Some((taker, holder))) => (holder, taker),
                        (None, None) => (*holder, *taker),
                    };
                    forced.insert(self.steps[old].urn.clone(), self.steps[other].urn.clone());
                }
                // Give up what is only wanted; else a replacement has to delete first, because
                // something that goes first needs it gone.
                let (i, w) = soft.or(turned).unwrap_or(circle[0]);
                let alike = (0..n).filter(|other| *other == i || self.are_together(*other, i));
                for other in alike.collect::<Vec<_>>() {
                    if (soft.is_some() || other == i) && waits[other].remove(&w) {
                        followers[w].retain(|f| *f != other);
                        missing[other] -= 1;
                        if missing[other] == 0 {
                            ready.push(Reverse(other));
                        }
                    }
                }
                if soft.is_none() && turned.is_some() {
                    waits[w].insert(i);
                    followers[i].push(w);
                    missing[w] += 1;
                    self.steps[i].delete_first = true;
                    self.steps[w].delete_first = true;
                }
                continue;
            };
            done[next] = true;
            order.push(next);
            for follower in std::mem::take(&mut followers[next]) {
                missing[follower] -= 1;
                if missing[follower] == 0 {
                    ready.push(Reverse(follower));
                }
            }
        }
        let mut place = vec![0; n];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new;
        }
        for (step, waits) in self.steps.iter_mut().zip(&waits) {
            step.requires = waits.iter().map(|w| place[*w]).collect();
            step.requires.sort_unstable();
        }
        let mut indexed: Vec<(usize, Step)> =
            self.steps.into_iter().enumerate().map(|(i, s)| (place[i], s)).collect();
        indexed.sort_by_key(|(i, _)| *i);
        (indexed.into_iter().map(|(_, s)| s).collect(), forced)
    }
}

/// Whether a resource has this generation's id in its properties.
fn mentions(record: &ResourceState, state: &State, of: &ResourceKey) -> bool {
    let Some(of) = state.resources.get(of) else { return false };
    let id = Value::String(of.id.clone());
    record.inputs.values().any(|value| value.holds(&id))
}

/// The edges of a circle among what is not done, each from who waits to what it waits for.
fn circle(waits: &[BTreeSet<usize>], done: &[bool]) -> Vec<(usize, usize)> {
    let open = |i: usize| waits[i].iter().copied().find(|w| !done[*w]);
    let mut path = Vec::new();
    let mut at = done.iter().position(|d| !d).unwrap_or_default();
    while !path.contains(&at) {
        path.push(at);
        // Nothing is ready, so everybody waits for somebody.
        let Some(next) = open(at) else { break };
        at = next;
    }
    let start = path.iter().position(|i| *i == at).unwrap_or_default();
    let round = path[start..].iter().copied();
    round.clone().zip(round.clone().skip(1).chain([path[start]])).collect()
}

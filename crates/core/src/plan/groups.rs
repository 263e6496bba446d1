//! Steps that start together, because AWS takes their changes in one call.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use super::contend::Handover;
use super::edges::Net;
use super::step::Reason;

impl Net {
    /// Whoever takes what only one can have waits for whoever gives it up, or does it together
    /// with that one.
    pub(super) fn hand_over(&mut self, handovers: &[Handover]) {
        for Handover { taker, holder, together, .. } in handovers {
            match together {
                true => self.group(*taker, *holder),
                false => self.take_after(*taker, *holder),
            }
        }
    }

    fn take_after(&mut self, taker: usize, holder: usize) {
        self.hard[taker].insert(holder);
        self.taken.insert((taker, holder));
    }

    /// Puts two steps into one group, and with them whoever is in a group with them.
    fn group(&mut self, one: usize, other: usize) {
        let known = [self.steps[one].together, self.steps[other].together];
        let number = known.into_iter().flatten().min().unwrap_or(one.min(other));
        for (at, step) in self.steps.iter_mut().enumerate() {
            let joins = step.together.is_some() && known.contains(&step.together);
            if at == one || at == other || joins {
                step.together = Some(number);
            }
        }
    }

    /// Whether two steps start together.
    pub(super) fn are_together(&self, one: usize, other: usize) -> bool {
        let group = self.steps[one].together;
        group.is_some() && group == self.steps[other].together
    }

    /// The steps of a group start together: each waits for what any of them waits for.
    ///
    /// Groups that wait for each other are one group. A group that waits for a step which waits
    /// for the group is none: its changes go out one after the other.
    pub(super) fn join_groups(&mut self, handovers: &[Handover]) {
        while let Some(circle) = self.circle_of_groups() {
            let one = circle.iter().copied().find(|at| self.steps[*at].together.is_some());
            let Some(one) = one else { break };
            let alike = |other: &usize| {
                let (one, other) = (&self.steps[one], &self.steps[*other]);
                other.together.is_some()
                    && other.together != one.together
                    && other.urn.type_name() == one.urn.type_name()
            };
            match circle.iter().copied().find(alike) {
                Some(other) => self.group(one, other),
                None => self.dissolve(one, handovers),
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, step) in self.steps.iter().enumerate() {
            step.together.into_iter().for_each(|group| groups.entry(group).or_default().push(at));
        }
        for members in groups.values() {
            for edges in [&mut self.hard, &mut self.soft] {
                let mut all: BTreeSet<usize> =
                    members.iter().flat_map(|at| edges[*at].iter().copied()).collect();
                all.retain(|at| !members.contains(at));
                members.iter().for_each(|at| edges[*at] = all.clone());
            }
        }
    }

    /// Steps of which each waits for each, where the steps of a group count as one; none where no
    /// group is among them.
    fn circle_of_groups(&self) -> Option<Vec<usize>> {
        if self.steps.iter().all(|step| step.together.is_none()) {
            return None;
        }
        // A group stands where its first step does.
        let mut first: BTreeMap<usize, usize> = BTreeMap::new();
        let unit: Vec<usize> = (self.steps.iter().enumerate())
            .map(|(at, step)| step.together.map_or(at, |group| *first.entry(group).or_insert(at)))
            .collect();
        let mut net: DiGraph<(), ()> = DiGraph::new();
        let nodes: Vec<_> = self.steps.iter().map(|_| net.add_node(())).collect();
        for (at, waits) in self.hard.iter().enumerate() {
            for other in waits.iter().filter(|other| unit[**other] != unit[at]) {
                net.update_edge(nodes[unit[at]], nodes[unit[*other]], ());
            }
        }
        let circles = tarjan_scc(&net).into_iter().filter(|circle| circle.len() > 1);
        let mut circles = circles.map(|c| c.into_iter().map(|n| n.index()).collect::<Vec<_>>());
        circles.find(|circle| circle.iter().any(|at| self.steps[*at].together.is_some()))
    }

    /// The changes of the group go out one after the other.
    fn dissolve(&mut self, member: usize, handovers: &[Handover]) {
        let group = self.steps[member].together;
        let apart = |h: &&Handover| h.together && self.steps[h.taker].together == group;
        let apart: Vec<_> = handovers.iter().filter(apart).map(|h| (h.taker, h.holder)).collect();
        for step in self.steps.iter_mut().filter(|step| step.together == group) {
            step.together = None;
        }
        for (taker, holder) in apart {
            if self.steps[taker].urn == self.steps[holder].urn {
                // A replacement that cannot have both at once.
                self.steps[holder].delete_first = true;
                self.steps[taker].delete_first = true;
                self.hard[holder].remove(&taker);
            }
            self.take_after(taker, holder);
        }
    }

    /// The plan says of each who takes something over, and how.
    pub(super) fn say_why(&mut self, handovers: &[Handover]) {
        for Handover { taker, holder, properties, .. } in handovers {
            let urn = self.steps[*holder].urn.clone();
            if urn == self.steps[*taker].urn {
                continue;
            }
            let reason = match self.are_together(*taker, *holder) {
                true => Reason::Together { urn },
                false => Reason::Takes { properties: properties.clone(), urn },
            };
            self.steps[*taker].reasons.push(reason);
        }
    }
}

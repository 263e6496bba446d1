//! [`Schedule`]: which step is next, longest remaining path first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::plan::Step;

/// Ready steps by priority, and what each finished step makes ready.
pub(super) struct Schedule {
    ready: BinaryHeap<(usize, Reverse<usize>)>,
    missing: Vec<usize>,
    followers: Vec<Vec<usize>>,
    weight: Vec<usize>,
    /// Steps that start together, by each of them.
    groups: BTreeMap<usize, Vec<usize>>,
    offered: BTreeSet<usize>,
}

impl Schedule {
    pub(super) fn new(steps: &[Step]) -> Self {
        let n = steps.len();
        let mut followers = vec![Vec::new(); n];
        for (i, step) in steps.iter().enumerate() {
            step.requires.iter().for_each(|r| followers[*r].push(i));
        }
        let mut weight = vec![1; n];
        // Steps are sorted, so followers come later.
        for i in (0..n).rev() {
            let longest = followers[i].iter().map(|f| weight[*f]).max().unwrap_or(0);
            weight[i] = longest + usize::from(steps[i].action.is_change());
        }
        let missing: Vec<usize> = steps.iter().map(|s| s.requires.len()).collect();
        let mut named: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (i, step) in steps.iter().enumerate() {
            step.together.into_iter().for_each(|group| named.entry(group).or_default().push(i));
        }
        let each = named.values().flat_map(|all| all.iter().map(|i| (*i, all.clone())));
        let groups = each.collect();
        let mut schedule = Self {
            ready: BinaryHeap::new(),
            missing,
            followers,
            weight,
            groups,
            offered: BTreeSet::new(),
        };
        (0..n).for_each(|i| schedule.offer(i));
        schedule
    }

    /// The most urgent ready step, with those that start together with it.
    pub(super) fn pop(&mut self) -> Option<Vec<usize>> {
        let Reverse(i) = self.ready.pop()?.1;
        Some(self.groups.get(&i).cloned().unwrap_or_else(|| vec![i]))
    }

    /// A step that waits for nothing more is ready; of a group, all are when the last one is.
    fn offer(&mut self, step: usize) {
        let all = self.groups.get(&step).map_or(std::slice::from_ref(&step), Vec::as_slice);
        let ready = all.iter().all(|i| self.missing[*i] == 0);
        // Of those that became ready with the same step, the first one stands for all.
        if ready && self.offered.insert(all[0]) {
            let weight = all.iter().map(|i| self.weight[*i]).max().unwrap_or(0);
            self.ready.push((weight, Reverse(all[0])));
        }
    }

    /// Whether a step is ready.
    pub(super) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// A step succeeded: its followers may become ready.
    pub(super) fn done(&mut self, step: usize) {
        for follower in std::mem::take(&mut self.followers[step]) {
            self.missing[follower] -= 1;
            self.offer(follower);
        }
    }

    /// Everything that waits for a step, directly or not.
    pub(super) fn downstream(&self, step: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut todo = vec![step];
        while let Some(next) = todo.pop() {
            todo.extend(self.followers[next].iter().filter(|f| found.insert(**f)));
        }
        found
    }
}

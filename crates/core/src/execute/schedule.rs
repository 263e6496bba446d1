//! [`Schedule`]: which step is next, longest remaining path first.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use crate::plan::Step;

/// Ready steps by priority, and what each finished step makes ready.
pub(super) struct Schedule {
    ready: BinaryHeap<(usize, Reverse<usize>)>,
    missing: Vec<usize>,
    followers: Vec<Vec<usize>>,
    weight: Vec<usize>,
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
        let ready = (0..n).filter(|i| missing[*i] == 0).map(|i| (weight[i], Reverse(i))).collect();
        Self { ready, missing, followers, weight }
    }

    /// The most urgent ready step.
    pub(super) fn pop(&mut self) -> Option<usize> {
        self.ready.pop().map(|(_, Reverse(i))| i)
    }

    /// Whether a step is ready.
    pub(super) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// A step succeeded: its followers may become ready.
    pub(super) fn done(&mut self, step: usize) {
        for follower in std::mem::take(&mut self.followers[step]) {
            self.missing[follower] -= 1;
            if self.missing[follower] == 0 {
                self.ready.push((self.weight[follower], Reverse(follower)));
            }
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

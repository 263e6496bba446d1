//! Programs of any size.

use ferrocrete_core::program::{Component, Handle};
use ferrocrete_core::{Input, Options, Stack};

use crate::cloud::Thing;

/// How many things share an owner.
const GROUP: usize = 10;

fn thing(nth: usize) -> String {
    format!("One of {GROUP} things that share an owner, number {nth} of all of them")
}

/// So many things in groups: an owner, nine members in it, and every third member uses the one
/// before it. `changed` has another size.
pub fn groups(stack: &Stack, size: usize, changed: Option<usize>) {
    stack.default_tags([("project", "bench"), ("environment", "dev")]);
    let mut owner: Option<Handle<Thing>> = None;
    let mut before: Option<Handle<Thing>> = None;
    for nth in 0..size {
        let size_of = if changed == Some(nth) { 2 } else { 1 };
        let one = Thing::builder().description(thing(nth)).size(size_of);
        let name = format!("thing-{nth:05}");
        let added = match &owner {
            Some(owner) if nth % GROUP != 0 => {
                let used = before.iter().filter(|_| nth % 3 == 0).map(|b| &b.arn);
                stack.add(&name, one.owner_id(&owner.thing_id).uses(used.collect::<Input<_>>()))
            }
            _ => {
                let added = stack.add(&name, one);
                owner = Some(added.clone());
                added
            }
        };
        before = Some(added);
    }
}

/// Many things that nothing connects.
struct Many(usize);

impl Component for Many {
    const TYPE: &'static str = "bench:Many";
    type Outputs = ();

    fn build(self, scope: &Stack) {
        for nth in 0..self.0 {
            scope.add(&format!("one-{nth}"), Thing::builder().description(thing(nth)).size(1));
        }
    }
}

/// A component of half of the things, and as many things that wait for all of it.
pub fn waiting(stack: &Stack, size: usize) {
    let many = stack.component("many", Many(size / 2));
    for nth in 0..size / 2 {
        let options = Options::new().depends_on(&many);
        let one = Thing::builder().description(thing(nth)).size(1);
        stack.add_with(&format!("after-{nth}"), one, options);
    }
}

/// Things of which each uses up to three of those before it, drawn at random, and the length of the
/// longest chain.
pub fn random(stack: &Stack, size: usize, seed: u64) -> usize {
    let mut dice = seed;
    let mut roll = move |sides: usize| {
        // The "minimal standard" generator of Park and Miller; the same program at every run.
        dice = dice * 48_271 % 2_147_483_647;
        usize::try_from(dice).unwrap_or_default() % sides
    };
    let mut all: Vec<(Handle<Thing>, usize)> = Vec::new();
    for nth in 0..size {
        let near = nth.min(200);
        let used: Vec<usize> = (0..roll(4).min(near)).map(|_| nth - 1 - roll(near)).collect();
        let depth = 1 + used.iter().map(|at| all[*at].1).max().unwrap_or(0);
        let uses: Input<_> = used.iter().map(|at| &all[*at].0.arn).collect();
        let one = Thing::builder().description(thing(nth)).size(1).uses(uses);
        let added = stack.add(&format!("thing-{nth}"), one);
        all.push((added, depth));
    }
    all.iter().map(|(_, depth)| *depth).max().unwrap_or(0)
}

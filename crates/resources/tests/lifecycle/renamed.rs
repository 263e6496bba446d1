//! A program of many types moves into a component: nothing changes in AWS, and what is there is
//! still known as ours.

use std::collections::{BTreeMap, BTreeSet};

use ferrocrete_core::program::Component;
use ferrocrete_core::{Alias, Options, Stack};

use crate::every_call::{program, things};
use crate::world::{World, changes};

struct Platform;

impl Component for Platform {
    const TYPE: &'static str = "test:Platform";
    type Outputs = ();

    fn build(self, scope: &Stack) {
        program(scope);
    }
}

async fn ids(world: &World) -> BTreeMap<(String, String), String> {
    let resources = world.state().await.resources.into_values();
    let who = |urn: &ferrocrete_core::Urn| (urn.type_name().to_owned(), urn.name().to_owned());
    resources.map(|r| (who(&r.urn), r.id)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_changes_nothing() {
    let world = World::new().await;
    let empty = things(&world).await;
    world.up(program).await;
    let (full, before) = (things(&world).await, ids(&world).await);
    let names: BTreeSet<&String> = before.keys().map(|(_, name)| name).collect();
    let moved = |stack: &Stack| {
        let options = names.iter().fold(Options::new(), |options, name| {
            options.alias_of(name.as_str(), Alias::new().top_level())
        });
        stack.component_with("platform", Platform, options);
    };
    let plan = world.plan(moved).await;
    assert_eq!(changes(&plan), [""; 0]);
    assert_eq!(plan.moves.len(), before.len());
    assert_eq!(world.up(moved).await, [""; 0]);
    assert_eq!(things(&world).await, full);
    assert_eq!(ids(&world).await, before);
    // Without the aliases from here on.
    let settled = |stack: &Stack| stack.component("platform", Platform);
    assert_eq!(changes(&world.plan(|s| drop(settled(s))).await), [""; 0]);
    world.destroy().await;
    assert_eq!(things(&world).await, empty);
}

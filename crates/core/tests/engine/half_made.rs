//! A replacement that did not come to its end: what it was to replace is in use until it does.

use std::time::Duration;

use ferrocrete_core::Stack;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::state::Completeness;

use super::cloud::Trouble;
use super::types::{Network, Server};
use super::world::{World, changes};

fn program(image: &'static str) -> impl Fn(&Stack) {
    move |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let web = s.add("web", Server::builder().network_id(&net.network_id).image(image));
        s.add("user", Network::builder().cidr("10.1.0.0/16").description(&web.server_id));
    }
}

/// Interrupted while the replacement of `web` is being made.
async fn half_made() -> (World, String) {
    let world = World::new();
    world.up(program("a")).await;
    let first = world.cloud.existing_or_going("server");
    interrupted(&world, "b").await;
    (world, first)
}

async fn interrupted(world: &World, image: &'static str) {
    let interrupt = Interrupt::new();
    let stop = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        interrupt.raise_to(2);
    };
    let (report, ()) = tokio::join!(world.try_up(program(image), &interrupt), stop);
    assert_eq!(report.unwrap().open.len(), 1);
}

fn servers(world: &World) -> Vec<String> {
    let all = world.cloud.existing().into_iter();
    all.filter(|(_, kind)| *kind == "server").map(|(id, _)| id).collect()
}

async fn recorded(world: &World) -> Vec<Completeness> {
    let state = world.state().await;
    state.verify().unwrap();
    let webs = state.resources.values().filter(|r| r.urn.name() == "web");
    webs.map(|r| r.completeness).collect()
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_undone_keeps_what_was_in_use() {
    let (world, first) = half_made().await;
    assert_eq!(servers(&world).len(), 2);
    let plan = world.plan(program("a")).await;
    assert_eq!(changes(&plan), ["delete replaced web"]);
    assert_eq!(plan.steps.iter().find(|s| s.generation == 2).unwrap().urn.name(), "web");
    let report = world.up(program("a")).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(servers(&world), [first]);
    assert_eq!(recorded(&world).await, [Completeness::Complete]);
    assert!(world.plan(program("a")).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_change_that_stays_is_finished_and_then_the_old_one_goes() {
    let (world, first) = half_made().await;
    let plan = world.plan(program("b")).await;
    assert_eq!(changes(&plan), ["update web", "update user", "delete replaced web"]);
    // The old one does not go while the new one cannot be finished.
    let id = servers(&world).into_iter().find(|id| *id != first).unwrap();
    let broken = |why: Option<&str>| {
        world.cloud.inner.lock().unwrap().items.get_mut(&id).unwrap().broken =
            why.map(str::to_owned);
    };
    broken(Some("no disk"));
    world.cloud.trouble("create server", Trouble::Code("Full", ErrorKind::NoCapacity));
    let report = world.up(program("b")).await;
    assert_eq!(report.failures.len(), 1, "{report:?}");
    assert!(servers(&world).contains(&first));
    assert_eq!(recorded(&world).await, [Completeness::Complete, Completeness::Incomplete]);
    // A third one that is not finished either replaces the second one only.
    interrupted(&world, "b").await;
    let report = world.up(|s| program("a")(s)).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(servers(&world), std::slice::from_ref(&first));

    let (world, first) = half_made().await;
    let report = world.up(program("b")).await;
    assert!(report.is_success(), "{report:?}");
    assert!(!servers(&world).contains(&first) && servers(&world).len() == 1);
    assert!(world.plan(program("b")).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_in_use_can_be_updated_beside_it() {
    let (world, first) = half_made().await;
    let bigger = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        s.add("web", Server::builder().network_id(&net.network_id).image("a").size(3));
    };
    world.cloud.trouble("update server", Trouble::Hang);
    world.up_killed(bigger).await;
    assert_eq!(recorded(&world).await.len(), 2);
    let report = world.up(bigger).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(servers(&world), [first]);
    assert!(world.plan(bigger).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn both_go_when_nothing_is_declared() {
    for destroy in [false, true] {
        let (world, _) = half_made().await;
        let report = if destroy { world.destroy().await } else { world.up(|_| {}).await };
        assert!(report.is_success(), "{report:?}");
        assert!(world.cloud.existing().is_empty());
        assert!(world.state().await.resources.is_empty());
    }
}

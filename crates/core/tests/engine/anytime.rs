//! Types that take an update at any time (`update_anytime`), beside those that do not.

use std::time::Duration;

use ferrocrete_core::Stack;
use ferrocrete_core::plan::{Plan, Reason, Step};
use tokio::time::Instant;

use super::types::{Network, Rollout, Server};
use super::world::{World, changes};

fn program(version: &'static str) -> impl Fn(&Stack) {
    move |s| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        s.add("web", Server::builder().network_id(&net.network_id).groups([version]));
        s.add("app", Rollout::builder().image(version));
    }
}

/// Both are up; then this happens to them.
async fn world(what: impl Fn(&mut super::cloud::Item)) -> World {
    let world = World::new();
    assert!(world.up(program("one")).await.is_success());
    let mut inner = world.cloud.inner.lock().unwrap();
    inner.items.values_mut().filter(|item| item.kind != "network").for_each(what);
    drop(inner);
    world
}

fn step<'p>(plan: &'p Plan, name: &str) -> &'p Step {
    plan.steps.iter().find(|s| s.urn.name() == name).unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_hangs_is_updated_without_waiting_for_it() {
    let world = world(|item| item.ready_at = Instant::now() + Duration::from_secs(500)).await;
    let plan = world.plan(program("two")).await;
    assert!(step(&plan, "web").wait_first);
    assert!(!step(&plan, "app").wait_first);
    world.cloud.take_calls();
    let start = Instant::now();
    assert!(world.up(program("two")).await.is_success());
    assert!(start.elapsed() >= Duration::from_secs(490), "the server had to be waited for");
    let calls = world.cloud.take_calls();
    let at = |call: &str| calls.iter().position(|c| c == call).unwrap();
    let waiting = &calls[at("update rollout")..at("update server")];
    assert!(waiting.iter().filter(|c| *c == "read server").count() > 10, "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_updated_not_replaced() {
    let world = world(|item| item.broken = Some("no image".into())).await;
    let plan = world.plan(program("two")).await;
    assert_eq!(changes(&plan), ["replace web", "delete replaced web", "update app"]);
    let broken = |reason: &Reason| matches!(reason, Reason::Broken { .. });
    assert!(step(&plan, "web").reasons.iter().any(broken));
    assert!(!step(&plan, "app").reasons.iter().any(broken));
    // With nothing to change there is nothing to do for it.
    let plan = world.plan(program("one")).await;
    assert_eq!(changes(&plan), ["replace web", "delete replaced web"]);
}

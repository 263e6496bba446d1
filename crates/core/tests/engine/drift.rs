//! Drift: what somebody else changed.

use ferrocrete_core::plan::{ChangeKind, Reason};
use ferrocrete_core::{EngineOptions, Error, Stack};

use super::types::{Network, Server};
use super::world::{World, changes};

fn program(s: &Stack) {
    let net = s.add("net", Network::builder().cidr("10.0.0.0/16").description("ours"));
    let server = Server::builder().network_id(&net.network_id).groups(["a", "b"]);
    s.add("web", server);
}

#[tokio::test(start_paused = true)]
async fn drift_is_seen_and_undone() {
    let world = World::new();
    world.up(program).await;
    world.cloud.meddle("network-1", "description", "theirs".into());
    let plan = world.plan(program).await;
    assert_eq!(changes(&plan), ["update net"]);
    let step = plan.steps.iter().find(|s| s.urn.name() == "net").unwrap();
    assert_eq!(step.changes[0].kind, ChangeKind::Drift);
    assert_eq!(step.reasons, [Reason::Drifted { property: "description".into() }]);
    world.up(program).await;
    assert!(world.plan(program).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn order_in_a_set_and_foreign_values_are_no_drift() {
    let world = World::new();
    world.up(program).await;
    world.cloud.meddle("server-2", "groups", serde_json::json!(["b", "a"]));
    world.cloud.meddle("server-2", "size", 9.into());
    assert!(world.plan(program).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_vanished_is_created_again_with_what_hung_on_it() {
    let world = World::new();
    world.up(program).await;
    world.cloud.vanish("network-1");
    let plan = world.plan(program).await;
    assert_eq!(changes(&plan), ["create net", "replace web", "delete replaced web"]);
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");
    assert!(world.plan(program).await.is_empty());
    assert_eq!(world.cloud.existing().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn without_refresh_nothing_is_read() {
    let mut world = World::new();
    world.up(program).await;
    world.options = EngineOptions { refresh: false, ..world.options };
    world.cloud.meddle("network-1", "description", "theirs".into());
    world.cloud.take_calls();
    assert!(world.plan(program).await.is_empty());
    assert!(world.cloud.take_calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn another_account_is_refused() {
    let world = World::new();
    world.up(program).await;
    *world.cloud.account.lock().unwrap() = "222222222222".into();
    let graph = world.graph(program).unwrap();
    let error = world.engine().plan(&graph).await.unwrap_err();
    assert!(matches!(error, Error::WrongAccount { .. }), "{error}");
    assert!(error.to_string().contains("111111111111"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn refresh_says_what_became_of_what_was_applied() {
    let world = World::new();
    world.up(program).await;
    world.cloud.meddle("network-1", "description", "theirs".into());
    let session = world.engine().session(&super::world::holder()).await.unwrap();
    let found = session.refresh().await.unwrap();
    session.close().await.unwrap();
    let net = found.steps.iter().find(|s| s.urn.name() == "net").unwrap();
    let change = &net.changes[0];
    assert_eq!(change.old, Some("ours".into()));
    assert_eq!(change.new, Some("theirs".into()));
    // It is brought back all the same.
    assert_eq!(changes(&world.plan(program).await), ["update net"]);
}

#[tokio::test(start_paused = true)]
async fn refresh_records_what_is_gone() {
    let world = World::new();
    world.up(program).await;
    world.cloud.vanish("server-2");
    let session = world.engine().session(&super::world::holder()).await.unwrap();
    let found = session.refresh().await.unwrap();
    assert_eq!(changes(&found), ["forget web"]);
    session.close().await.unwrap();
    assert_eq!(world.state().await.resources.len(), 1);
}

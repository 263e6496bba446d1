//! Lookups: answered before the apply where possible, during it where not.

use ferrocrete_core::Stack;
use ferrocrete_core::plan::Action;

use super::types::{Network, NetworkByCidr, Server};
use super::world::{World, action, changes};

#[tokio::test(start_paused = true)]
async fn a_lookup_with_known_arguments_is_answered_by_the_plan() {
    let world = World::new();
    world
        .up(|s| {
            s.add("net", Network::builder().cidr("10.0.0.0/16"));
        })
        .await;
    let program = |s: &Stack| {
        s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let found = s.lookup("found", NetworkByCidr::builder().cidr("10.0.0.0/16"));
        s.add("web", Server::builder().network_id(&found.network_id));
    };
    let plan = world.plan(program).await;
    assert_eq!(changes(&plan), ["create web"]);
    let web = plan.steps.iter().find(|s| s.urn.name() == "web").unwrap();
    assert_eq!(web.inputs["network_id"].as_str(), Some("network-1"));
    assert!(world.up(program).await.is_success());
    assert!(world.plan(program).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_waits_for_a_create_is_read_during_the_apply() {
    let world = World::new();
    let program = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let cidr = net.network_id.map(|_| "10.0.0.0/16".to_owned());
        let found = s.lookup("found", NetworkByCidr::builder().cidr(&cidr));
        s.add("web", Server::builder().network_id(&found.network_id));
    };
    let plan = world.plan(program).await;
    assert_eq!(action(&plan, "found"), Action::Read);
    assert!(world.up(program).await.is_success());
    assert!(world.plan(program).await.is_empty());
    let state = world.state().await;
    let web = state.resources.values().find(|r| r.urn.name() == "web").unwrap();
    assert_eq!(web.dependencies.len(), 1, "lookups are looked through");
}

#[tokio::test(start_paused = true)]
async fn a_lookup_is_answered_up_front_for_the_program() {
    let world = World::new();
    world
        .up(|s| {
            s.add("net", Network::builder().cidr("10.0.0.0/16"));
        })
        .await;
    let stack = world.engine().stack();
    let answer =
        stack.answer::<NetworkByCidr>(NetworkByCidr::builder().cidr("10.0.0.0/16")).await.unwrap();
    assert_eq!(answer.network_id, "network-1");
    let error = stack
        .answer::<NetworkByCidr>(NetworkByCidr::builder().cidr("1.1.1.1/32"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no network has the range"), "{error}");
}

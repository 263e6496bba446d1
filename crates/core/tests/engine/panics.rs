//! A panic in the user's code, or in a resource type, is one failure like any other.

use ferrocrete_core::{Secret, Stack};

use super::cloud::Trouble;
use super::types::{Network, Server};
use super::world::World;

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_closure_fails_its_step_and_no_other() {
    let world = World::new();
    let program = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let text = net.network_id.map(|id: String| -> String { panic!("no text for {id}") });
        s.add("bad", Network::builder().cidr("10.1.0.0/16").description(text));
        s.add("web", Server::builder().network_id(&net.network_id));
    };
    // Not known before the apply.
    assert_eq!(world.plan(program).await.summary().create, 3);
    let report = world.up(program).await;
    assert_eq!((report.done.create, report.failures.len()), (2, 1), "{report:?}");
    let failure = &report.failures[0];
    assert_eq!(failure.urn.short(), "bad");
    let error = failure.error.to_string();
    assert!(error.contains("property `description`"), "{error}");
    assert!(error.contains("panicked: no text for network-1 (at "), "{error}");
    assert!(error.contains("engine/panics.rs:"), "{error}");

    // Known by now: the plan says the same, and whoever held the lock gave it back.
    let graph = world.graph(program).unwrap();
    let session = world.engine().session(&super::world::holder()).await.unwrap();
    let error = session.plan(&graph).await.unwrap_err().to_string();
    assert!(error.contains("`bad`: property `description`: "), "{error}");
    session.close().await.unwrap();
    assert!(world.engine().session(&super::world::holder()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_panic_over_a_secret_says_where_and_nothing_else() {
    let world = World::new();
    let program = |s: &Stack| {
        let secret = Secret::new("hunter2".to_owned()).to_output();
        let text = secret.map(|s: String| -> String { panic!("no text for {s}") });
        s.export("text", text);
    };
    let graph = world.graph(program).unwrap();
    let error = world.engine().plan(&graph).await.unwrap_err().to_string();
    assert!(error.contains("export `text`") && error.contains("engine/panics.rs:"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_resource_type_is_a_failure_that_the_next_run_settles() {
    let world = World::new();
    let program = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        s.add("web", Server::builder().network_id(&net.network_id));
    };
    world.cloud.trouble("create server", Trouble::Panics);
    let report = world.up(program).await;
    assert_eq!((report.done.create, report.failures.len()), (1, 1), "{report:?}");
    let error = report.failures[0].error.to_string();
    assert!(error.contains("create server is too much"), "{error}");
    assert_eq!(world.state().await.intents.len(), 1, "what its call came to is not known");
    assert!(world.up(program).await.is_success());
    assert!(world.state().await.intents.is_empty());

    world.cloud.trouble("read server", Trouble::Panics);
    let graph = world.graph(program).unwrap();
    let error = world.engine().plan(&graph).await.unwrap_err().to_string();
    assert!(error.contains("reading Fake::Server panicked: read server is too much"), "{error}");
}

//! Accounts and regions: another one than the recorded one is refused before anything else, and
//! each connector has its own.

use std::sync::Arc;

use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::resource::Registry;
use ferrocrete_core::state::FixedKey;
use ferrocrete_core::{Engine, Error, Stack};

use super::cloud::{Fake, FakeConnector, Trouble};
use super::types::{Network, Server};
use super::world::{World, changes, holder};

fn program(s: &Stack) {
    let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
    s.add("web", Server::builder().network_id(&net.network_id));
}

#[tokio::test(start_paused = true)]
async fn what_was_begun_is_not_looked_for_in_another_account() {
    for call in ["create network", "create server", "update server", "delete server"] {
        let world = World::new();
        let bigger = |s: &Stack| {
            let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
            s.add("web", Server::builder().network_id(&net.network_id).size(3));
        };
        if call.starts_with("create") {
            world.cloud.trouble(call, Trouble::Hang);
            world.up_killed(program).await;
        } else {
            world.up(program).await;
            world.cloud.trouble(call, Trouble::Hang);
            match call {
                "update server" => world.up_killed(bigger).await,
                _ => world.up_killed(|_| {}).await,
            }
        }
        let before = world.state().await;
        assert_eq!(before.intents.len(), 1, "{call}");

        *world.cloud.account.lock().unwrap() = "222222222222".into();
        world.cloud.take_calls();
        let graph = world.graph(program).unwrap();
        for error in [
            world.engine().plan(&graph).await.err(),
            world.engine().plan_destroy().await.err(),
            world.try_up(program, &Interrupt::new()).await.err(),
        ] {
            let Some(Error::WrongAccount { recorded, current }) = error else {
                panic!("{call}: {error:?}")
            };
            assert_eq!(recorded, "account 111111111111 in mars-1");
            assert_eq!(current, "account 222222222222 in mars-1");
        }
        assert_eq!(world.cloud.take_calls(), Vec::<String>::new(), "{call}");
        assert_eq!(world.state().await, before, "{call}");

        *world.cloud.account.lock().unwrap() = "111111111111".into();
        let report = world.up(program).await;
        assert!(report.is_success(), "{call}: {report:?}");
        assert_eq!(world.cloud.existing().len(), 2, "{call}");
    }
}

/// A cloud of the user's own beside the usual one.
fn two_clouds(world: &World, own: &Fake) -> Engine {
    let usual = Registry::builder(FakeConnector(world.cloud.clone())).resource::<Network>();
    let own = Registry::builder(FakeConnector(own.clone())).resource::<Server>();
    let registry = usual.build().merge(own.build());
    let backend = Arc::new(world.backend.clone());
    Engine::new("proj", "dev", registry, backend, Arc::new(FixedKey::for_tests()))
}

async fn up(engine: &Engine, program: impl Fn(&Stack)) {
    let stack = engine.stack();
    program(&stack);
    let graph = engine.graph(&stack).unwrap();
    let session = engine.session(&holder()).await.unwrap();
    let plan = session.plan(&graph).await.unwrap();
    let report = session.apply(Some(&graph), &plan, &Interrupt::new()).await.unwrap();
    assert!(report.is_success(), "{report:?}");
    session.close().await.unwrap();
    let again = engine.plan(&graph).await.unwrap();
    assert!(again.is_empty(), "{:?}", changes(&again));
}

#[tokio::test(start_paused = true)]
async fn each_connector_has_accounts_of_its_own() {
    let (world, own) = (World::new(), Fake::new());
    *own.account.lock().unwrap() = "home".into();
    let engine = two_clouds(&world, &own);
    up(&engine, |s| drop(s.add("web", Server::builder().network_id("attic")))).await;
    up(&engine, program).await;
    let state = engine.state().await.unwrap();
    let account = |name: &str| {
        let mut found = state.resources.values().filter(|r| r.urn.name() == name);
        found.next().unwrap().namespace.clone().unwrap().account
    };
    assert_eq!((account("net").as_str(), account("web").as_str()), ("111111111111", "home"));
    assert_eq!((world.cloud.existing().len(), own.existing().len()), (1, 1));
    // What is left of either goes in its own.
    up(&engine, |s| drop(s.add("net", Network::builder().cidr("10.0.0.0/16")))).await;
    up(&engine, |_| {}).await;
    assert!(world.cloud.existing().is_empty() && own.existing().is_empty());
}

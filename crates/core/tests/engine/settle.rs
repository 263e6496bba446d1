//! Interrupted operations are settled by the next run, without a question.

use std::time::Duration;

use ferrocrete_core::Stack;

use super::cloud::Trouble;
use super::types::{Network, Rule, Server};
use super::world::{World, changes};

fn program(s: &Stack) {
    let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
    s.add("web", Server::builder().network_id(&net.network_id).size(1));
}

async fn settles(world: &World) {
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");
    let mut kinds: Vec<_> = world.cloud.existing().into_iter().map(|(_, k)| k).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["network", "server"], "nothing lost, nothing twice");
    assert!(world.plan(program).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn killed_at_every_call_of_the_first_up() {
    for call in ["create network", "create server", "read server"] {
        for trouble in [Trouble::HangBefore, Trouble::Hang] {
            let reads_hang_before_only =
                call.starts_with("read") && matches!(trouble, Trouble::Hang);
            if reads_hang_before_only {
                continue;
            }
            let world = World::new();
            world.cloud.trouble(call, trouble);
            world.up_killed(program).await;
            settles(&world).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_after_a_kill_writes_nothing_and_sees_what_was_made() {
    let world = World::new();
    world.cloud.trouble("create server", Trouble::Hang);
    world.up_killed(program).await;
    let before = world.state().await;
    let plan = world.plan(program).await;
    assert_eq!(changes(&plan), ["update web"]);
    assert_eq!(world.state().await, before);
}

#[tokio::test(start_paused = true)]
async fn what_is_still_being_made_has_no_outputs_yet() {
    let program = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let web = s.add("web", Server::builder().network_id(&net.network_id).size(1));
        let port = web.address.try_map(|address| {
            let last = address.rsplit('.').next().unwrap_or_default();
            last.parse::<i32>().map_err(|_| format!("no address: `{address}`"))
        });
        s.add("door", Rule::builder().network_id(&net.network_id).port(&port));
    };
    let world = World::new();
    // Not ready for some time after the kill, which comes after an hour.
    *world.cloud.slow.lock().unwrap() = Duration::from_secs(3600 + 600);
    world.cloud.trouble("read server", Trouble::HangBefore);
    world.up_killed(program).await;
    assert_eq!(changes(&world.plan(program).await), ["update web", "create door"]);
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");
    assert!(world.plan(program).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_makes_nothing_twice() {
    let world = World::new();
    world.cloud.trouble("create network", Trouble::Lost);
    world.cloud.trouble("create server", Trouble::Lost);
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(world.cloud.existing().len(), 2);
    assert!(world.plan(program).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn killed_in_an_update_and_in_a_delete() {
    for trouble in [Trouble::HangBefore, Trouble::Hang] {
        let world = World::new();
        world.up(program).await;
        let bigger = |s: &Stack| {
            let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
            s.add("web", Server::builder().network_id(&net.network_id).size(5));
        };
        world.cloud.trouble("update server", trouble.clone());
        world.up_killed(bigger).await;
        let report = world.up(bigger).await;
        assert!(report.is_success(), "{report:?}");
        assert!(world.plan(bigger).await.is_empty());

        world.cloud.trouble("delete server", trouble);
        world
            .up_killed(|s| {
                s.add("net", Network::builder().cidr("10.0.0.0/16"));
            })
            .await;
        let report = world.destroy().await;
        assert!(report.is_success(), "{report:?}");
        assert!(world.cloud.existing().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn killed_in_a_replacement() {
    for call in ["create network", "create server", "delete server", "delete network"] {
        for trouble in [Trouble::HangBefore, Trouble::Hang] {
            let world = World::new();
            world.up(program).await;
            let moved = |s: &Stack| {
                let net = s.add("net", Network::builder().cidr("10.5.0.0/16"));
                s.add("web", Server::builder().network_id(&net.network_id).size(1));
            };
            world.cloud.trouble(call, trouble);
            world.up_killed(moved).await;
            let report = world.up(moved).await;
            assert!(report.is_success(), "{call}: {report:?}");
            assert_eq!(world.cloud.existing().len(), 2, "{call}");
            let plan = world.plan(moved).await;
            assert!(plan.is_empty(), "{call}: {:?}", changes(&plan));
        }
    }
}

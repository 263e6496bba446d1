//! What AWS is deleting counts as gone, and is waited for until it is.

use std::time::Duration;

use ferrocrete_core::Stack;
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::plan::{Action, Reason};
use tokio::time::Instant;

use super::cloud::Trouble;
use super::types::{Network, Server};
use super::world::{World, changes, holder};

fn program(s: &Stack) {
    let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
    s.add("web", Server::builder().network_id(&net.network_id));
}

fn only_net(s: &Stack) {
    s.add("net", Network::builder().cidr("10.0.0.0/16"));
}

/// Killed when the delete of `web` is under way, which takes for hours.
async fn killed_in_a_delete() -> World {
    let world = World::new();
    world.up(program).await;
    *world.cloud.slow.lock().unwrap() = Duration::from_secs(4_000);
    world.cloud.trouble("delete server", Trouble::Hang);
    world.up_killed(only_net).await;
    *world.cloud.slow.lock().unwrap() = Duration::from_secs(30);
    world.cloud.take_calls();
    world
}

fn count(calls: &[String], call: &str) -> usize {
    calls.iter().filter(|made| *made == call).count()
}

#[tokio::test(start_paused = true)]
async fn what_is_declared_is_made_again_once_the_old_one_is_gone() {
    let world = killed_in_a_delete().await;
    let plan = world.plan(program).await;
    let both = ["delete replaced web", "create web"];
    assert_eq!(changes(&plan), both, "it is not there, whatever is still to be seen");
    let step = plan.steps.iter().find(|s| s.action == Action::Create).unwrap();
    assert_eq!((&step.reasons[..], step.going), (&[Reason::BeingDeleted][..], true));
    let start = Instant::now();
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");
    assert!(start.elapsed() > Duration::from_secs(2_000), "it waited for the old one");
    let calls = world.cloud.take_calls();
    assert_eq!((count(&calls, "delete server"), count(&calls, "create server")), (0, 1));
    assert_eq!(world.cloud.existing().len(), 2);
    assert!(world.plan(program).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_declared_is_waited_for_and_not_deleted_again() {
    let world = killed_in_a_delete().await;
    let plan = world.plan(only_net).await;
    assert_eq!(changes(&plan), ["delete web"]);
    let report = world.up(only_net).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(count(&world.cloud.take_calls(), "delete server"), 0);
    assert_eq!(world.state().await.resources.len(), 1);

    // The network is not gone before the server is.
    let world = killed_in_a_delete().await;
    let report = world.destroy().await;
    assert!(report.is_success(), "{report:?}");
    let calls = world.cloud.take_calls();
    assert_eq!((count(&calls, "delete server"), count(&calls, "delete network")), (0, 1));
    assert!(world.state().await.resources.is_empty() && world.cloud.existing().is_empty());
}

#[tokio::test(start_paused = true)]
async fn refresh_keeps_its_record_until_it_is_gone() {
    let world = killed_in_a_delete().await;
    let session = world.engine().session(&holder()).await.unwrap();
    let found = session.refresh().await.unwrap();
    session.close().await.unwrap();
    let going: Vec<&str> = found.steps.iter().filter(|s| s.going).map(|s| s.urn.name()).collect();
    assert_eq!(going, ["web"]);
    assert_eq!(world.state().await.resources.len(), 2);
}

/// AWS ends a delete that it cannot finish, and the thing is there as before.
#[tokio::test(start_paused = true)]
async fn a_delete_that_is_given_up_is_asked_for_again() {
    for declared in [false, true] {
        let world = killed_in_a_delete().await;
        let id = world.cloud.existing_or_going("server");
        let interrupt = Interrupt::new();
        let given_up = async {
            tokio::time::sleep(Duration::from_secs(100)).await;
            world.cloud.inner.lock().unwrap().items.get_mut(&id).unwrap().gone_at = None;
        };
        if declared {
            let (report, ()) = tokio::join!(world.try_up(program, &interrupt), given_up);
            let error = report.unwrap().failures.remove(0).error;
            assert!(error.message.contains("gave it up"), "{error}");
            assert!(world.plan(program).await.is_empty(), "it is what is declared");
        } else {
            let (report, ()) = tokio::join!(world.try_up(only_net, &interrupt), given_up);
            assert!(report.unwrap().is_success());
            assert_eq!(count(&world.cloud.take_calls(), "delete server"), 1);
            assert_eq!(world.cloud.existing().len(), 1);
        }
    }
}

/// Somebody deletes what is being made.
#[tokio::test(start_paused = true)]
async fn what_is_deleted_while_it_is_made_ends_the_wait() {
    let world = World::new();
    *world.cloud.slow.lock().unwrap() = Duration::from_secs(600);
    let interrupt = Interrupt::new();
    let deleted = async {
        tokio::time::sleep(Duration::from_secs(100)).await;
        let id = world.cloud.existing_or_going("server");
        let gone_at = Some(Instant::now() + Duration::from_secs(3_000));
        world.cloud.inner.lock().unwrap().items.get_mut(&id).unwrap().gone_at = gone_at;
    };
    let start = Instant::now();
    let (report, ()) = tokio::join!(world.try_up(program, &interrupt), deleted);
    let report = report.unwrap();
    assert!(report.failures[0].error.message.contains("deleted"), "{report:?}");
    assert!(start.elapsed() < Duration::from_secs(600));
    assert!(world.up(program).await.is_success());
}

//! Execution: failures, interruptions, retries, width.

use std::time::Duration;

use ferrocrete_core::error::ErrorKind;
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::{EngineOptions, Stack};
use tokio::time::Instant;

use super::cloud::Trouble;
use super::types::{Network, Rule, Server};
use super::world::{World, changes};

fn two_arms(s: &Stack) {
    let a = s.add("a", Network::builder().cidr("10.0.0.0/16"));
    s.add("web", Server::builder().network_id(&a.network_id));
    let b = s.add("b", Network::builder().cidr("10.1.0.0/16"));
    s.add("rule", Rule::builder().network_id(&b.network_id).port(1));
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_only_what_hangs_on_it() {
    let world = World::new();
    world.cloud.trouble("create rule", Trouble::Code("Bad", ErrorKind::Invalid));
    let with_more = |s: &Stack| {
        two_arms(s);
        let c = s.add("c", Network::builder().cidr("10.2.0.0/16"));
        s.add("late", Server::builder().network_id(&c.network_id));
    };
    let report = world.up(with_more).await;
    assert_eq!(report.failures.len(), 1);
    assert_eq!(report.failures[0].urn.name(), "rule");
    assert_eq!(report.done.create, 5);
    let report = world.up(with_more).await;
    assert!(report.is_success());
    assert_eq!(report.done.create, 1);
}

#[tokio::test(start_paused = true)]
async fn dependents_of_a_failure_are_skipped_and_say_why() {
    let world = World::new();
    world.cloud.trouble("create network", Trouble::Code("Bad", ErrorKind::Invalid));
    let report = world
        .up(|s: &Stack| {
            let a = s.add("a", Network::builder().cidr("10.0.0.0/16"));
            s.add("web", Server::builder().network_id(&a.network_id));
        })
        .await;
    assert_eq!(report.skipped.len(), 1);
    assert_eq!(report.skipped[0].2, "`a` failed");
    assert!(world.cloud.existing().is_empty());
}

#[tokio::test(start_paused = true)]
async fn waiting_holds_no_slot() {
    let mut world = World::new();
    world.options = EngineOptions { parallel: 1, ..world.options };
    let start = Instant::now();
    world
        .up(|s: &Stack| {
            let a = s.add("a", Network::builder().cidr("10.0.0.0/16"));
            for i in 0..10 {
                s.add(&format!("w{i}"), Server::builder().network_id(&a.network_id));
            }
        })
        .await;
    // Ten servers of 30 s each, made through one slot, are ready after little more than 30 s.
    assert!(start.elapsed() < Duration::from_secs(40), "{:?}", start.elapsed());
    // Their polls were merged: far fewer than ten servers times ten polls.
    let polls = world.cloud.take_calls().iter().filter(|c| *c == "read server").count();
    assert!(polls < 30, "{polls}");
}

#[tokio::test(start_paused = true)]
async fn a_young_dependency_explains_a_refusal() {
    let world = World::new();
    for _ in 0..3 {
        world.cloud.trouble("create server", Trouble::Code("NotYet", ErrorKind::Invalid));
    }
    let program = |s: &Stack| {
        let a = s.add("a", Network::builder().cidr("10.0.0.0/16"));
        s.add("web", Server::builder().network_id(&a.network_id));
    };
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");
    // The run before may have ended moments ago.
    let with = |more: u8| {
        move |s: &Stack| {
            let a = s.add("a", Network::builder().cidr("10.0.0.0/16"));
            for i in 0..more {
                s.add(&format!("web{i}"), Server::builder().network_id(&a.network_id));
            }
        }
    };
    world.cloud.trouble("create server", Trouble::Code("NotYet", ErrorKind::Invalid));
    let report = world.up(with(1)).await;
    assert!(report.is_success(), "{report:?}");
    // With an old dependency the same code is final.
    world.cloud.trouble("create server", Trouble::Code("NotYet", ErrorKind::Invalid));
    let report = world.up(with(2)).await;
    assert_eq!(report.failures.len(), 1);
}

/// What a run made that was killed, or interrupted, moments ago is as young in the next one.
#[tokio::test(start_paused = true)]
async fn what_is_young_is_young_after_a_restart() {
    let program = |s: &Stack| {
        let a = s.add("a", Network::builder().cidr("10.0.0.0/16"));
        s.add("web", Server::builder().network_id(&a.network_id));
    };
    let not_yet = || Trouble::Code("NotYet", ErrorKind::Invalid);
    let world = World::new();
    world.cloud.trouble("create server", Trouble::HangBefore);
    world.up_killed(program).await;
    (0..2).for_each(|_| world.cloud.trouble("create server", not_yet()));
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");

    // The network is made, and its server refused for good.
    let world = World::new();
    world.cloud.trouble("create server", Trouble::Code("Bad", ErrorKind::Invalid));
    assert!(!world.up(program).await.is_success());
    (0..2).for_each(|_| world.cloud.trouble("create server", not_yet()));
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn a_busy_delete_is_tried_again() {
    let world = World::new();
    world.up(two_arms).await;
    for _ in 0..4 {
        world.cloud.trouble("delete network", Trouble::Code("InUse", ErrorKind::Dependency));
    }
    let report = world.destroy().await;
    assert!(report.is_success(), "{report:?}");
    assert!(world.cloud.existing().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_before_the_start_starts_nothing() {
    let world = World::new();
    let interrupt = Interrupt::new();
    interrupt.raise();
    let report = world.try_up(two_arms, &interrupt).await.unwrap();
    assert!(report.interrupted && !report.is_success());
    assert_eq!((report.done.create, report.skipped.len()), (0, 4));
    assert!(world.cloud.existing().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_first_interrupt_finishes_what_runs() {
    let world = World::new();
    let interrupt = Interrupt::new();
    let other = interrupt.clone();
    let program = |s: &Stack| {
        let a = s.add("a", Network::builder().cidr("10.0.0.0/16"));
        let web = s.add("web", Server::builder().network_id(&a.network_id));
        s.add("later", Network::builder().cidr("10.1.0.0/16").description(&web.address));
    };
    let stop = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        other.raise();
    };
    let (report, ()) = tokio::join!(world.try_up(program, &interrupt), stop);
    let report = report.unwrap();
    assert!(report.interrupted);
    assert_eq!(report.done.create, 2);
    assert_eq!(report.skipped.len(), 1);
    assert_eq!(changes(&world.plan(program).await), ["create later"]);
}

#[tokio::test(start_paused = true)]
async fn the_second_interrupt_stops_waiting_and_the_next_run_resumes() {
    let world = World::new();
    let interrupt = Interrupt::new();
    let other = interrupt.clone();
    let stop = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        other.raise();
        other.raise();
    };
    let start = Instant::now();
    let (report, ()) = tokio::join!(world.try_up(two_arms, &interrupt), stop);
    let report = report.unwrap();
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(report.open.len(), 1);
    let report = world.up(two_arms).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(world.cloud.existing().len(), 4);
    assert!(world.plan(two_arms).await.is_empty());
}

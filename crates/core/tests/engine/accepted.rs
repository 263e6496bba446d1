//! What AWS has accepted is finished, and never asked for again, whatever a later call of the
//! create is answered.

use std::time::Duration;

use ferrocrete_core::Stack;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_core::execute::Interrupt;

use super::cloud::Trouble;
use super::throttled::Lamp;
use super::world::World;

fn program(s: &Stack) {
    s.add("lamp", Lamp::builder().colour("red"));
}

/// Whether the lamp was made once, and is what is declared.
async fn is_one_red_lamp(world: &World, case: &str) {
    let calls = world.cloud.take_calls();
    let made = calls.iter().filter(|c| *c == "create lamp").count();
    assert_eq!((made, world.cloud.existing().len()), (1, 1), "{case}: {calls:?}");
    let id = world.cloud.existing_or_going("lamp");
    assert_eq!(world.cloud.get(&id).unwrap().props["colour"], "red", "{case}");
    assert!(world.plan(program).await.is_empty(), "{case}");
}

#[tokio::test(start_paused = true)]
async fn whatever_a_later_call_is_answered() {
    for trouble in [
        Trouble::Code("NotYet", ErrorKind::Invalid),
        Trouble::Code("StillBusy", ErrorKind::Other),
        Trouble::Code("Throttling", ErrorKind::Throttled),
        Trouble::Code("InternalFailure", ErrorKind::Service),
        Trouble::Lost,
    ] {
        let world = World::new();
        (0..3).for_each(|_| world.cloud.trouble("paint lamp", trouble.clone()));
        // An update is not repeated after a lost answer: the next run compares.
        let mut runs = 1;
        while !world.up(program).await.is_success() {
            runs += 1;
            assert!(runs < 4, "{trouble:?}");
        }
        is_one_red_lamp(&world, &format!("{trouble:?}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn refused_for_good_it_is_there_for_the_next_run() {
    let world = World::new();
    world.cloud.trouble("paint lamp", Trouble::Code("Bad", ErrorKind::Invalid));
    let report = world.up(program).await;
    assert_eq!(report.failures.len(), 1, "{report:?}");
    assert!(world.up(program).await.is_success());
    is_one_red_lamp(&world, "refused").await;
}

#[tokio::test(start_paused = true)]
async fn interrupted_between_its_calls() {
    let world = World::new();
    let refused = || Trouble::Code("StillBusy", ErrorKind::Other);
    (0..1_000).for_each(|_| world.cloud.trouble("paint lamp", refused()));
    let interrupt = Interrupt::new();
    let stop = async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        interrupt.raise_to(2);
    };
    let (report, ()) = tokio::join!(world.try_up(program, &interrupt), stop);
    assert!(!report.unwrap().is_success());
    world.cloud.inner.lock().unwrap().trouble.clear();
    assert!(world.up(program).await.is_success());
    is_one_red_lamp(&world, "interrupted").await;
}

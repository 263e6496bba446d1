//! One stack, several runs of it.

use std::time::{Duration, Instant};

use ferrocrete_sandbox::Fault;
use tokio::task::JoinSet;

use crate::user::User;

/// Longer than any test; a delay ends when its fault is removed.
pub const LONG: Duration = Duration::from_secs(600);

/// How many things of the example [`User::leftovers`] knows.
pub const THINGS: usize = 15;

/// Holds the step up that only `api` waits for: everything else gets done.
pub const HELD_UP: &str = "CreateHostedZone";

/// The last step that has nothing to do with [`HELD_UP`].
pub const LAST: &str = "AWS::EC2::EIPAssociation service/address … done";

#[tokio::test(flavor = "multi_thread")]
async fn of_two_runs_at_once_one_is_told_who_the_other_is() {
    let user = User::new("race").await;
    user.account.faults([Fault::delay_before(HELD_UP, LONG)]).await.unwrap();
    let mut first = user.start(&["up", "--yes"]);
    first.wait_for(LAST);

    let refused = user.expect(4, &["up", "--yes"]);
    assert!(refused.contains(&format!("(pid {}),", first.pid())), "{refused}");
    insta::assert_snapshot!("locked", user.redacted(&refused));
    user.expect(2, &["plan", "--exit-code"]);
    let show = user.expect(0, &["backend", "show"]);
    let holder = format!("held by anna@build-7 (pid {}), running `up` since", first.pid());
    assert!(show.contains(&holder), "{show}");

    user.account.reset_faults().await.unwrap();
    first.end(0);
    user.expect(0, &["plan", "--exit-code"]);
    assert_eq!(user.leftovers().await.len(), THINGS);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_runs_at_once_one_does_it_and_the_others_are_told() {
    let user = User::new("eight").await;
    user.account.faults([Fault::delay_before(HELD_UP, LONG)]).await.unwrap();
    let mut runs = JoinSet::new();
    for _ in 0..8 {
        let run = user.start(&["up", "--yes"]);
        runs.spawn_blocking(move || (run.pid(), run.outcome()));
    }
    let mut refused = Vec::new();
    for _ in 0..7 {
        refused.push(runs.join_next().await.unwrap().unwrap());
    }
    user.account.reset_faults().await.unwrap();
    let (winner, (code, text)) = runs.join_next().await.unwrap().unwrap();
    assert_eq!(code, Some(0), "{text}");
    let named = format!("error: the stack is locked by anna@build-7 (pid {winner}), running `up`");
    for (_, (code, text)) in refused {
        assert!(code == Some(4) && text.contains(&named), "{code:?}: {text}\n{named}");
    }
    user.expect(0, &["plan", "--exit-code"]);
    let things = user.leftovers().await;
    assert_eq!(things.len(), THINGS, "{things:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_goes_on_when_the_other_is_done() {
    let user = User::new("waits").await;
    user.account.faults([Fault::delay_before(HELD_UP, LONG)]).await.unwrap();
    let mut first = user.start(&["up", "--yes"]);
    first.wait_for(LAST);
    let refused = user.expect(4, &["up", "--yes", "--lock-timeout", "1s"]);
    assert!(refused.contains("error: the stack is locked by anna@build-7"), "{refused}");
    let waiting = format!(
        "waiting for the lock, which is held by anna@build-7 (pid {}), running `up` since",
        first.pid()
    );
    let mut second = user.start(&["up", "--yes", "--lock-timeout", "10m"]);
    let mut third = user.start(&["up", "--yes", "--lock-timeout", "10m"]);
    second.wait_for(&waiting);
    third.wait_for(&waiting);
    third.interrupt();
    third.end(130);
    user.account.reset_faults().await.unwrap();
    first.end(0);
    second.end(0);
    user.expect(0, &["plan", "--exit-code"]);
    assert_eq!(user.leftovers().await.len(), THINGS);
}

/// Starts `up` and kills it while AWS has carried out four creates but answered none.
async fn killed(user: &User) {
    // State's own bucket is made here, not under the fault.
    user.expect(0, &["backend", "init"]);
    let creates = ["CreateHostedZone", "CreateRole", "CreateSecret", "CreateBucket"];
    user.account.faults(creates.map(|call| Fault::delay_after(call, LONG))).await.unwrap();
    let run = user.start(&["up", "--yes"]);
    user.hit(4).await;
    run.kill();
    user.account.reset_faults().await.unwrap();
}

/// The next `up` settles what the killed one left, and everything is there once.
async fn settled(user: &User) {
    user.expect(0, &["up", "--yes"]);
    user.expect(0, &["plan", "--exit-code"]);
    let things = user.leftovers().await;
    assert_eq!(things.len(), THINGS, "{things:#?}");
    user.expect(0, &["destroy", "--yes"]);
    assert_eq!(user.leftovers().await, Vec::<String>::new());
}

/// What says that the lock was not simply free.
const TAKEN_OVER: &str = "the lock stood still for its whole time to live and is taken over";

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_blocks_the_next_for_its_lease_at_most() {
    let user = User::new("killed").await;
    killed(&user).await;
    let began = Instant::now();
    let next = user.expect(0, &["refresh", "-v"]);
    let took = began.elapsed();
    assert!(next.contains(TAKEN_OVER), "{next}");
    assert!(took < Duration::from_secs(15 + 10), "15 s, and the rest of a refresh: {took:?}");
    settled(&user).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_blocks_nobody_after_an_unlock() {
    let user = User::new("unlocked").await;
    killed(&user).await;
    let unlocked = user.expect(0, &["unlock", "--yes"]);
    assert!(unlocked.contains("unlocked; it was held by anna@build-7 (pid "), "{unlocked}");
    let next = user.expect(0, &["refresh", "-v"]);
    assert!(!next.contains(TAKEN_OVER), "{next}");
    settled(&user).await;
}

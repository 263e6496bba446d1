//! Ctrl-C.

use std::time::Duration;

use ferrocrete_sandbox::{Config, Fault, Slow};

use crate::lock::{HELD_UP, LAST, LONG, THINGS};
use crate::user::User;

fn is_free(user: &User) {
    let show = user.expect(0, &["backend", "show"]);
    assert!(show.contains("lock      free"), "{show}");
}

/// What was printed from the first line on that begins so.
fn from<'a>(text: &'a str, begin: &str) -> &'a str {
    &text[text.find(begin).unwrap_or_else(|| panic!("no {begin:?}:\n{text}"))..]
}

#[tokio::test(flavor = "multi_thread")]
async fn once_finishes_what_runs_and_the_next_run_goes_on() {
    let user = User::new("once").await;
    user.account.faults([Fault::delay_before(HELD_UP, LONG)]).await.unwrap();
    let mut run = user.start(&["up", "--yes"]);
    run.wait_for(LAST);
    run.interrupt();
    run.wait_for("stopping: finishing what runs");
    user.account.reset_faults().await.unwrap();
    let text = run.end(130);
    assert!(text.contains("Route53::HostedZone root … done"), "what runs is finished:\n{text}");
    let summary = text.lines().find(|l| l.starts_with("Interrupted")).unwrap_or(&text);
    insta::assert_snapshot!(user.redacted(summary), @"Interrupted after [took]: 20 created; 1 not started. Run `up` again to go on from here.");
    is_free(&user);
    assert!(user.expect(0, &["state", "list"]).contains("HostedZone"), "it is recorded");

    let next = user.expect(0, &["up", "--yes"]);
    assert!(next.contains("1 created, 20 unchanged"), "{next}");
    user.expect(0, &["plan", "--exit-code"]);
    assert_eq!(user.leftovers().await.len(), THINGS);
}

#[tokio::test(flavor = "multi_thread")]
async fn twice_stops_waiting_and_the_next_run_waits_on() {
    let user = User::new("twice").await;
    let slow = Slow { rds: Duration::from_secs(15), ..Slow::none() };
    user.account.configure(Config { slow: Some(slow), ..Config::default() }).await.unwrap();
    let mut run = user.start(&["up", "--yes"]);
    run.wait_for("AWS::RDS::DBInstance database/postgres … waiting: creating");
    run.interrupt();
    run.wait_for("stopping: finishing what runs");
    run.interrupt();
    let text = run.end(130);
    assert!(text.contains("stopping now: what AWS still works on is recorded"), "{text}");
    let report = from(&text, "open:");
    assert!(
        report.contains("open: DBInstance `database/postgres`: AWS still works on it\n"),
        "{report}"
    );
    assert!(report.contains(" not started, 1 still open. Run `up` again to go on"), "{report}");
    is_free(&user);

    user.expect(0, &["up", "--yes"]);
    user.expect(0, &["plan", "--exit-code"]);
    let things = user.leftovers().await;
    assert_eq!(things.len(), THINGS, "{things:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_lock_is_taken_leaves_it_free() {
    let user = User::new("taking").await;
    user.expect(0, &["backend", "init"]);
    for held_up in [Fault::delay_before("UpdateItem", LONG), Fault::delay_after("UpdateItem", LONG)]
    {
        user.account.faults([held_up]).await.unwrap();
        let mut run = user.start(&["up", "--yes"]);
        user.hit(1).await;
        run.interrupt();
        run.wait_for("stopping: giving the lock back");
        user.account.reset_faults().await.unwrap();
        let text = run.end(130);
        assert!(text.contains("error: interrupted: nothing was changed"), "{text}");
        is_free(&user);
        assert_eq!(user.leftovers().await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_somebody_elses_lock_is_watched_leaves_it_to_them() {
    let user = User::new("watching").await;
    user.account.faults([Fault::delay_before(HELD_UP, LONG)]).await.unwrap();
    let mut first = user.start(&["up", "--yes"]);
    first.wait_for(LAST);
    user.account.reset_calls().await.unwrap();
    let second = user.start(&["up", "--yes"]);
    let refused = Some("ConditionalCheckFailedException");
    let mut calls = user.account.calls().await.unwrap().calls;
    while !calls.iter().any(|call| call.error.as_deref() == refused) {
        calls = user.account.calls().await.unwrap().calls;
    }
    second.interrupt();
    second.end(130);
    let show = user.expect(0, &["backend", "show"]);
    assert!(show.contains(&format!("(pid {})", first.pid())), "{show}");
    user.account.reset_faults().await.unwrap();
    first.end(0);
    is_free(&user);
}

//! Ctrl-C, SIGTERM, and what CI runners make of them. Closed terminals are in `hangup.rs`.

use std::time::{Duration, Instant};

use ferrocrete_sandbox::{Config, Fault, Slow};

use crate::lock::{HELD_UP, LAST, LONG, THINGS};
use crate::user::{Running, User};

pub fn is_free(user: &User) {
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
    let mut run = waiting(&user, &["up", "--yes"]).await;
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

/// A run that waits for a database that takes long.
async fn waiting(user: &User, args: &[&str]) -> Running {
    let slow = Slow { rds: Duration::from_secs(15), ..Slow::none() };
    user.account.configure(Config { slow: Some(slow), ..Config::default() }).await.unwrap();
    let mut run = user.start(args);
    run.wait_for("AWS::RDS::DBInstance database/postgres … waiting: creating");
    run
}

/// The next run needs nobody's help, and everything is there once.
pub async fn goes_on(user: &User) {
    user.expect(0, &["up", "--yes"]);
    user.expect(0, &["plan", "--exit-code"]);
    let things = user.leftovers().await;
    assert_eq!(things.len(), THINGS, "{things:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_times_leaves_at_once_and_the_next_run_finds_out() {
    let user = User::new("thrice").await;
    user.account.faults([Fault::delay_after(HELD_UP, LONG)]).await.unwrap();
    let mut run = user.start(&["up", "--yes", "--lease", "4s"]);
    run.wait_for(LAST);
    run.interrupt();
    run.wait_for("stopping: finishing what runs; press Ctrl-C again to stop waiting");
    run.interrupt();
    run.wait_for("stopping now: ");
    run.interrupt();
    let text = run.end(130);
    assert!(text.contains("leaving at once"), "{text}");
    let error = from(&text, "error: left at once: ");
    assert!(
        error.contains(" of 22 steps done, ") && error.contains(" under way\nhint: "),
        "{error}"
    );
    assert!(error.contains("the lock expires within 4.0s; then run `up` again: it "), "{error}");
    user.account.reset_faults().await.unwrap();
    goes_on(&user).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_termination_stops_waiting_at_once() {
    let user = User::new("term").await;
    let run = waiting(&user, &["up", "--yes"]).await;
    run.signal("TERM");
    let text = run.end(143);
    assert!(text.contains("stopping now: ") && !text.contains("finishing what runs"), "{text}");
    let report = from(&text, "open:");
    assert!(report.contains("DBInstance `database/postgres`: AWS still works on it"), "{report}");
    assert!(report.contains("Interrupted after ") && report.contains(" 1 still open. Run `up`"));
    is_free(&user);
    goes_on(&user).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_termination_leaves_at_once() {
    let user = User::new("terms").await;
    user.account.faults([Fault::delay_after(HELD_UP, LONG)]).await.unwrap();
    let mut run = user.start(&["up", "--yes", "--lease", "4s"]);
    run.wait_for(LAST);
    run.signal("TERM");
    run.wait_for("stopping now: ");
    run.signal("TERM");
    let text = run.end(143);
    assert!(text.contains("error: left at once: ") && text.contains(" of 22 steps"), "{text}");
    user.account.reset_faults().await.unwrap();
    goes_on(&user).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ci_runner_that_cancels_gets_the_lock_back_before_it_kills() {
    let user = User::new("runner").await;
    let mut run = waiting(&user, &["up", "--yes"]).await;
    run.interrupt();
    run.wait_for("stopping: finishing what runs");
    let began = Instant::now();
    run.signal("TERM");
    let text = run.end(130);
    // GitHub's runner kills 2.5 s after SIGTERM, others after 10 s.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(text.contains(" not started, 1 still open. Run `up` again to go on"), "{text}");
    is_free(&user);
    goes_on(&user).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ci_runner_that_kills_in_the_middle_of_a_call_loses_nothing() {
    let user = User::new("runners").await;
    user.account.faults([Fault::delay_after(HELD_UP, LONG)]).await.unwrap();
    let mut run = user.start(&["up", "--yes", "--lease", "4s"]);
    run.wait_for(LAST);
    run.interrupt();
    run.wait_for("stopping: finishing what runs");
    run.signal("TERM");
    run.wait_for("stopping now: ");
    run.kill();
    user.account.reset_faults().await.unwrap();
    goes_on(&user).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_to_be_ignored_is_ignored() {
    let user = User::new("ignored").await;
    user.account.faults([Fault::delay_before(HELD_UP, LONG)]).await.unwrap();
    // As a shell does it for a background job, and `nohup` for SIGHUP.
    let plain = user.command(&["up", "--yes"]);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "trap '' INT HUP; exec \"$0\" \"$@\""]);
    shell.arg(plain.get_program()).args(plain.get_args());
    shell.current_dir(user.folder.path()).env_clear();
    shell.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut run = Running::new(shell);
    run.wait_for(LAST);
    run.interrupt();
    run.signal("HUP");
    user.account.reset_faults().await.unwrap();
    let text = run.end(0);
    assert!(!text.contains("stopping"), "{text}");
    user.expect(0, &["plan", "--exit-code"]);
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

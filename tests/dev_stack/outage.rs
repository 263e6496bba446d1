//! S3 and DynamoDB fail in the middle of a run.

use ferrocrete_sandbox::Fault;

use crate::lock::{HELD_UP, LAST, LONG, THINGS};
use crate::user::User;

/// More often than any run asks.
const ALWAYS: u32 = 1_000_000;

/// The next run needs nobody's help, and everything is there once.
async fn settled(user: &User) {
    user.account.reset_faults().await.unwrap();
    user.expect(0, &["up", "--yes"]);
    user.expect(0, &["plan", "--exit-code"]);
    let things = user.leftovers().await;
    assert_eq!(things.len(), THINGS, "{things:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn some_lost_heartbeats_are_borne() {
    let user = User::new("beats").await;
    user.account.faults([Fault::delay_before(HELD_UP, LONG)]).await.unwrap();
    let mut run = user.start(&["up", "--yes", "--lease", "8s"]);
    run.wait_for(LAST);
    // One without an answer, then more lost ones than the SDK repeats.
    let lost = Fault::drop_before("UpdateItem").times(4);
    user.account.faults([Fault::delay_before("UpdateItem", LONG), lost]).await.unwrap();
    run.wait_for("the lock could not be renewed, trying again");
    run.wait_for("the lock could not be renewed, trying again");
    user.hit(6).await;
    user.account.reset_faults().await.unwrap();
    run.end(0);
    settled(&user).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_heartbeats_are_lost_for_its_lease_ends_and_says_so() {
    let user = User::new("silent").await;
    user.account.faults([Fault::delay_after(HELD_UP, LONG)]).await.unwrap();
    let mut run = user.start(&["up", "--yes", "--lease", "4s"]);
    run.wait_for(LAST);
    let broken = Fault::status("UpdateItem", 500, "InternalServerError").times(ALWAYS);
    user.account.faults([broken]).await.unwrap();
    let text = run.end(1);
    assert!(text.contains("was lost: it could not be renewed for 4s ("), "{text}");
    assert!(text.contains("hint: run the same command again; it finds everything"), "{text}");
    settled(&user).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_dynamodb_ends_and_says_what_to_do() {
    let user = User::new("nodb").await;
    user.expect(0, &["backend", "init"]);
    let broken = |call: &str| Fault::status(call, 500, "InternalServerError").times(ALWAYS);
    // The first few entries are recorded, then nothing is, and the lock cannot be given back.
    let faults = [broken("TransactWriteItems").skip(6), broken("UpdateItem").skip(1)];
    user.account.faults(faults).await.unwrap();
    let text = user.expect(1, &["up", "--yes", "--lease", "4s"]);
    assert!(text.contains("was lost: it could not be renewed for 4s (DynamoDB table `"), "{text}");
    assert!(text.contains("(InternalServerError)) ("), "{text}");
    assert!(
        text.contains(" steps done, ") && text.contains(" under way)\nhint: run the"),
        "{text}"
    );
    settled(&user).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_may_not_write_its_journal_ends_and_says_what_to_do() {
    let user = User::new("denied").await;
    user.expect(0, &["backend", "init"]);
    let denied = Fault::status("TransactWriteItems", 400, "AccessDeniedException");
    user.account.faults([denied.skip(6).times(ALWAYS)]).await.unwrap();
    let text = user.expect(1, &["up", "--yes"]);
    assert!(text.contains("access is denied to dynamodb:TransactWriteItems"), "{text}");
    assert!(text.contains("hint: check account and profile"), "{text}");
    assert!(text.contains("hint: then run `up` again; it finds everything"), "{text}");
    let show = user.expect(0, &["backend", "show"]);
    assert!(show.contains("lock      free"), "{show}");
    settled(&user).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_cannot_be_replaced_loses_nothing() {
    let user = User::new("conflict").await;
    user.expect(0, &["backend", "init"]);
    // The empty snapshot of a new stack is let through.
    let changed = Fault::status("PutObject", 412, "PreconditionFailed").service("s3").skip(1);
    user.account.faults([changed.clone().times(ALWAYS)]).await.unwrap();
    let text = user.expect(1, &["up", "--yes"]);
    assert!(text.contains("Done in ") && text.contains(": 21 created."), "the report:\n{text}");
    assert!(text.contains("snapshot.json changed under this run"), "{text}");
    assert!(text.contains("hint: run the same command again; the journal holds"), "{text}");
    let show = user.expect(0, &["backend", "show"]);
    assert!(show.contains("lock      free"), "{show}");
    user.expect(0, &["plan", "--exit-code"]);
    settled(&user).await;

    // Once: somebody put the same snapshot back.
    user.account.faults([Fault { skip: 0, ..changed }]).await.unwrap();
    user.expect(0, &["destroy", "--yes"]);
    assert_eq!(user.leftovers().await, Vec::<String>::new());
}

//! One resource that AWS refuses for ever.

use ferrocrete_sandbox::Fault;

use crate::example::Example;
use crate::listing::Listing;
use crate::weather::{example, quiet};

async fn refuse(example: &Example, operation: &str, status: u16, code: &str) {
    let refused = Fault::status(operation, status, code).times(u32::MAX);
    example.user.account.faults([refused]).await.unwrap();
}

/// The report, without what differs from run to run.
fn end(example: &Example, text: &str) -> String {
    let (_, report) = text.split_once("\n\nfailed: ").expect("a report of what failed");
    let report = example.user.redacted(report);
    let (before, id) = report.split_once(", request ").expect("the request's id");
    let (_, after) = id.split_once(')').unwrap();
    format!("failed: {before}){after}")
}

#[tokio::test(flavor = "multi_thread")]
async fn all_else_is_done_and_the_next_run_finishes() {
    let example = example().await;
    refuse(&example, "CreateDBSubnetGroup", 400, "DBSubnetQuotaExceededFault").await;
    // The machine is told the database's address, so it has to wait, and so does its address.
    let text = example.run(5, example.direct(&["up", "--yes"])).await.unwrap();
    insta::assert_snapshot!("up", end(&example, &text));

    let again = example.run(5, example.direct(&["up", "--yes"])).await.unwrap();
    assert!(again.contains("17 unchanged; 1 failed, 3 not started."), "{again}");

    example.user.account.reset_faults().await.unwrap();
    example.run(0, example.direct(&["up", "--yes"])).await.unwrap();
    example.run(0, example.direct(&["plan", "--exit-code"])).await.unwrap();
    let listing = Listing::of(&example.user).await;
    assert_eq!(listing.differences(&quiet().await.full), [""; 0]);

    // What cannot be deleted keeps what it needs, and nothing else.
    refuse(&example, "DeleteDBSubnetGroup", 403, "AccessDenied").await;
    let text = example.run(5, example.direct(&["destroy", "--yes"])).await.unwrap();
    insta::assert_snapshot!("destroy", end(&example, &text));
    example.user.account.reset_faults().await.unwrap();
    example.run(0, example.direct(&["destroy", "--yes"])).await.unwrap();
    let left = Listing::of(&example.user).await;
    assert_eq!(left.differences(&quiet().await.empty), [""; 0]);
}

//! One resource that AWS refuses for ever.

use ferrocrete_sandbox::Fault;

use crate::example::Example;
use crate::listing::Listing;
use crate::weather::{example, quiet};

async fn refuse(example: &Example, operation: &str, code: &str) {
    let refused = Fault::status(operation, 400, code).times(u32::MAX);
    example.user.account.faults([refused]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn all_else_is_done_and_the_next_run_finishes() {
    let example = example().await;
    refuse(&example, "CreateDBSubnetGroup", "DBSubnetQuotaExceededFault").await;
    // The machine is told the database's address, so it has to wait, and so does its address.
    let text = example.run(5, example.direct(&["up", "--yes"])).await.unwrap();
    let end = &text[text.find("failed:").unwrap_or(0)..];
    insta::assert_snapshot!("up", example.user.redacted(end));

    let again = example.run(5, example.direct(&["up", "--yes"])).await.unwrap();
    assert!(again.contains("15 unchanged"), "{again}");

    example.user.account.reset_faults().await.unwrap();
    example.run(0, example.direct(&["up", "--yes"])).await.unwrap();
    example.run(0, example.direct(&["plan", "--exit-code"])).await.unwrap();
    let listing = Listing::of(&example.user).await;
    assert_eq!(listing.differences(&quiet().await.full), [""; 0]);

    // What cannot be deleted keeps what it needs, and nothing else.
    refuse(&example, "DeleteDBSubnetGroup", "InvalidDBSubnetGroupStateFault").await;
    let text = example.run(5, example.direct(&["destroy", "--yes"])).await.unwrap();
    let end = &text[text.find("failed:").unwrap_or(0)..];
    insta::assert_snapshot!("destroy", example.user.redacted(end));
    example.user.account.reset_faults().await.unwrap();
    example.run(0, example.direct(&["destroy", "--yes"])).await.unwrap();
    let left = Listing::of(&example.user).await;
    assert_eq!(left.differences(&quiet().await.empty), [""; 0]);
}

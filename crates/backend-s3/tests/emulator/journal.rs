//! The journal.

use ferrocrete_core::state::{StateBackend, StateError};
use ferrocrete_sandbox::Fault;

use crate::world::{LONG, World, bodies, holder, lease, ready, records};

fn numbered(range: std::ops::RangeInclusive<u64>) -> Vec<String> {
    bodies(range.map(|n| format!("{{\"entry\":{n}}}")))
}

fn is_taken(error: &StateError) -> bool {
    matches!(error, StateError::LeaseLost { .. }) && error.to_string().contains("other entries")
}

#[tokio::test]
async fn one_call_appends_many() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    world.account.reset_calls().await.unwrap();
    backend.append(&lease, 1, &[]).await.unwrap();
    backend.append(&lease, 1, &numbered(1..=99)).await.unwrap();
    backend.append(&lease, 100, &numbered(100..=101)).await.unwrap();
    assert_eq!(world.account.calls().await.unwrap().total, 2);
    let stored = backend.load().await.unwrap();
    assert_eq!(world.account.calls().await.unwrap().total, 4);
    assert_eq!(stored.snapshot, None);
    assert!(stored.records.iter().map(|r| r.sequence).eq(1..=101));
    assert!(stored.records.iter().map(|r| &r.body).eq(&numbered(1..=101)));
    assert!(stored.records.iter().all(|r| r.epoch == lease.epoch));
}

#[tokio::test]
async fn more_than_a_transaction_holds_stays_one() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    world.account.reset_calls().await.unwrap();
    backend.append(&lease, 1, &numbered(1..=250)).await.unwrap();
    assert_eq!(world.count("dynamodb:TransactWriteItems").await, 1);
    assert_eq!(world.count("s3:PutObject").await, 1);
    backend.append(&lease, 251, &numbered(251..=260)).await.unwrap();
    let stored = records(&backend).await;
    assert!(stored.into_iter().eq((1..=260).zip(numbered(1..=260))));
    let keys = world.keys().await;
    let begin = format!("team/shop/dev/journal/{:020}-{:020}-{}-", 99, 250, lease.epoch);
    assert!(keys.len() == 1 && keys[0].starts_with(&begin), "{keys:?}");

    // Numbers that an object stands for are taken, though no item has them as its key.
    for first in [99, 150, 250] {
        let error = backend.append(&lease, first, &bodies(["other"])).await.unwrap_err();
        assert!(is_taken(&error), "{error}");
    }
    // The same append again is not another one.
    backend.append(&lease, 1, &numbered(1..=250)).await.unwrap();
    assert_eq!(records(&backend).await.len(), 260);
    assert_eq!(world.keys().await, keys);
}

#[tokio::test]
async fn large_entries_go_to_s3() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    let large = "ü".repeat(400_000);
    let all = bodies(["before", &large, "after"]);
    backend.append(&lease, 1, &all).await.unwrap();
    backend.append(&lease, 4, &bodies(["last"])).await.unwrap();
    backend.append(&lease, 1, &all).await.unwrap();
    let expected = (1..).zip(all.into_iter().chain(["last".to_owned()]));
    assert!(records(&backend).await.into_iter().eq(expected));
    assert_eq!(world.keys().await.len(), 1);
}

#[tokio::test]
async fn several_megabytes_are_read_in_pages() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    let body = |n: u64| format!("{n}{}", "x".repeat(200_000));
    for first in [1, 11] {
        let some = bodies((first..first + 10).map(body));
        backend.append(&lease, first, &some).await.unwrap();
    }
    world.account.reset_calls().await.unwrap();
    let stored = records(&backend).await;
    assert!(stored.into_iter().eq((1..=20).map(|n| (n, body(n)))));
    assert!(world.count("dynamodb:Query").await >= 4);
    assert_eq!(world.keys().await, [""; 0]);
}

#[tokio::test]
async fn repeating_is_harmless_and_replacing_is_refused() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    backend.append(&lease, 1, &numbered(1..=3)).await.unwrap();
    backend.append(&lease, 1, &numbered(1..=3)).await.unwrap();
    for other in [bodies(["x"]), bodies(["x", "y", "z", "zz"]), numbered(2..=4)] {
        let error = backend.append(&lease, 1, &other).await.unwrap_err();
        assert!(is_taken(&error), "{error}");
    }
    let error = backend.append(&lease, 3, &numbered(4..=5)).await.unwrap_err();
    assert!(is_taken(&error), "{error}");
    assert!(records(&backend).await.into_iter().eq((1..=3).zip(numbered(1..=3))));
}

#[tokio::test]
async fn a_stale_epoch_commits_nothing() {
    let world = ready().await;
    let backend = world.backend();
    let old = lease(&backend).await;
    backend.unlock().await.unwrap();
    let new = backend.acquire(&holder("ben"), LONG).await.unwrap();
    let error = backend.append(&old, 1, &numbered(1..=150)).await.unwrap_err();
    assert!(matches!(error, StateError::LeaseLost { .. }), "{error}");
    assert!(error.to_string().contains("ben@host"), "{error}");
    assert_eq!(records(&backend).await, []);
    backend.append(&new, 1, &numbered(1..=1)).await.unwrap();
    // Same body, but of another epoch.
    let error = backend.append(&old, 1, &numbered(1..=1)).await.unwrap_err();
    assert!(matches!(error, StateError::LeaseLost { .. }), "{error}");
    // An epoch that is right in the hands of somebody who is not the holder.
    let forged = ferrocrete_core::state::Lease { holder: holder("eve"), ..new };
    let error = backend.append(&forged, 2, &numbered(2..=2)).await.unwrap_err();
    assert!(matches!(error, StateError::LeaseLost { .. }), "{error}");
}

#[tokio::test]
async fn a_lost_answer_stores_nothing_twice() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    for (first, last) in [(1, 2), (3, 130)] {
        world.account.faults([Fault::drop_after("TransactWriteItems")]).await.unwrap();
        backend.append(&lease, first, &numbered(first..=last)).await.unwrap();
    }
    assert_eq!(world.count("dynamodb:TransactWriteItems").await, 4);
    assert!(records(&backend).await.into_iter().eq((1..=130).zip(numbered(1..=130))));
}

#[tokio::test]
async fn a_cancelled_transaction_is_tried_again() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    let conflict = Fault::status("TransactWriteItems", 400, "TransactionCanceledException");
    world.account.faults([conflict.times(3)]).await.unwrap();
    backend.append(&lease, 1, &numbered(1..=1)).await.unwrap();
    assert_eq!(world.count("dynamodb:TransactWriteItems").await, 4);
}

/// Stores one large entry and returns the key of its object.
async fn overflowed(world: &World) -> String {
    let backend = world.backend();
    let lease = lease(&backend).await;
    backend.append(&lease, 1, &bodies(["x".repeat(400_000)])).await.unwrap();
    world.keys().await.remove(0)
}

#[tokio::test]
async fn a_gap_is_looked_at_again() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    backend.append(&lease, 1, &numbered(1..=2)).await.unwrap();
    backend.write_snapshot(&lease, b"1", None, 1).await.unwrap();
    world.account.reset_calls().await.unwrap();
    assert_eq!(records(&backend).await.len(), 1);
    assert_eq!(world.count("dynamodb:Query").await, 1);
    // Entry 3, of which only the part of a later transaction is seen.
    backend.append(&lease, 4, &numbered(4..=4)).await.unwrap();
    let reading = tokio::spawn({
        let backend = backend.clone();
        async move { records(&backend).await }
    });
    while world.count("dynamodb:Query").await < 3 {
        tokio::task::yield_now().await;
    }
    backend.append(&lease, 3, &numbered(3..=3)).await.unwrap();
    assert_eq!(reading.await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_missing_object_is_named() {
    let world = ready().await;
    let key = overflowed(&world).await;
    let bucket = &world.location.bucket;
    world.s3().delete_object().bucket(bucket).key(&key).send().await.unwrap();
    let error = world.backend().load().await.unwrap_err();
    assert!(matches!(error, StateError::Damaged { .. }), "{error}");
    assert!(error.to_string().starts_with(&format!("s3://{bucket}/{key} is damaged")), "{error}");
}

#[tokio::test]
async fn a_changed_object_is_named() {
    let world = ready().await;
    let key = overflowed(&world).await;
    let bucket = &world.location.bucket;
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"[\"forged\"]");
    world.s3().put_object().bucket(bucket).key(&key).body(body).send().await.unwrap();
    let error = world.backend().load().await.unwrap_err();
    assert!(matches!(error, StateError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains(&key) && error.to_string().contains("checksum"), "{error}");
}

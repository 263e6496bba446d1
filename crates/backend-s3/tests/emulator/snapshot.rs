//! The snapshot, and folding the journal into it.

use ferrocrete_core::state::{SnapshotTag, StateBackend, StateError};
use ferrocrete_sandbox::Fault;

use crate::world::{bodies, lease, ready, records};

#[tokio::test]
async fn is_replaced_only_when_it_is_the_expected_one() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    let absent = SnapshotTag("\"00000000000000000000000000000000\"".to_owned());
    let error = backend.write_snapshot(&lease, b"0", Some(&absent), 0).await.unwrap_err();
    assert!(matches!(error, StateError::Conflict { .. }), "{error}");

    let first = backend.write_snapshot(&lease, b"1", None, 0).await.unwrap();
    let second = backend.write_snapshot(&lease, b"2", Some(&first), 0).await.unwrap();
    assert_ne!(first, second);
    for expected in [None, Some(&first), Some(&absent)] {
        let error = backend.write_snapshot(&lease, b"3", expected, 0).await.unwrap_err();
        assert!(matches!(error, StateError::Conflict { .. }), "{error}");
        assert!(error.to_string().contains("/team/shop/dev/snapshot.json"), "{error}");
    }
    let stored = backend.load().await.unwrap().snapshot.unwrap();
    assert_eq!((stored.bytes.as_slice(), stored.tag), (b"2".as_slice(), second));
}

#[tokio::test]
async fn a_conflict_keeps_the_journal() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    backend.append(&lease, 1, &bodies(["a"])).await.unwrap();
    backend.write_snapshot(&lease, b"1", None, 0).await.unwrap();
    backend.write_snapshot(&lease, b"2", None, 1).await.unwrap_err();
    assert_eq!(records(&backend).await.len(), 1);
}

#[tokio::test]
async fn drops_what_it_contains() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    let body = |n: u64| n.to_string();
    backend.append(&lease, 1, &bodies((1..=60).map(body))).await.unwrap();
    backend.append(&lease, 61, &bodies((61..=62).map(body))).await.unwrap();
    world.account.reset_calls().await.unwrap();
    backend.write_snapshot(&lease, b"s", None, 60).await.unwrap();
    assert!(records(&backend).await.into_iter().eq((61..=62).map(|n| (n, body(n)))));
    let calls = world.account.calls().await.unwrap();
    assert_eq!(calls.count("dynamodb:BatchWriteItem"), 3);
    assert_eq!(calls.count("s3:PutObject"), 1);
    assert_eq!(
        calls.count("s3:ListObjectsV2") + calls.count("s3:ListObjects"),
        1,
        "{:?}",
        calls.counts
    );
}

#[tokio::test]
async fn drops_objects_but_not_those_that_reach_further() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    let large = "x".repeat(400_000);
    backend.append(&lease, 1, &bodies([&large])).await.unwrap();
    backend.append(&lease, 2, &bodies([&large, "b", "c"])).await.unwrap();
    // As a crash between items and objects leaves it.
    let orphan = format!("team/shop/dev/journal/{:020}-{:020}-1-0123456789abcdef.json", 1, 1);
    let put = world.s3().put_object().bucket(&world.location.bucket).key(&orphan);
    put.send().await.unwrap();

    let tag = backend.write_snapshot(&lease, b"1", None, 3).await.unwrap();
    let sequences: Vec<_> = records(&backend).await.into_iter().map(|(n, _)| n).collect();
    assert_eq!(sequences, [2, 3, 4]);
    assert_eq!(world.keys().await.len(), 2, "{:?}", world.keys().await);

    backend.write_snapshot(&lease, b"2", Some(&tag), 4).await.unwrap();
    assert_eq!(records(&backend).await, []);
    assert_eq!(world.keys().await, ["team/shop/dev/snapshot.json"]);
    // What the objects stood for is forgotten.
    let lock = world.dynamo().scan().table_name(&world.location.table).send().await.unwrap();
    assert_eq!(lock.items().len(), 1);
    assert!(!lock.items()[0].contains_key("reach"));
    backend.append(&lease, 5, &bodies(["d"])).await.unwrap();
}

#[tokio::test]
async fn a_lost_answer_is_not_a_conflict() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    let mut tag = None;
    for bytes in [b"1", b"2"] {
        world.account.faults([Fault::drop_after("PutObject")]).await.unwrap();
        tag = Some(backend.write_snapshot(&lease, bytes, tag.as_ref(), 0).await.unwrap());
    }
    assert_eq!(world.count("s3:PutObject").await, 4);
    let stored = backend.load().await.unwrap().snapshot.unwrap();
    assert_eq!((stored.bytes, Some(stored.tag)), (b"2".to_vec(), tag));
}

#[tokio::test]
async fn is_written_even_if_the_journal_cannot_be_dropped() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    backend.append(&lease, 1, &bodies(["a", "b"])).await.unwrap();
    let denied = Fault::status("BatchWriteItem", 400, "AccessDeniedException");
    world.account.faults([denied]).await.unwrap();
    let tag = backend.write_snapshot(&lease, b"1", None, 2).await.unwrap();
    let stored = backend.load().await.unwrap();
    assert_eq!((stored.snapshot.unwrap().tag, stored.records.len()), (tag.clone(), 2));
    backend.write_snapshot(&lease, b"2", Some(&tag), 2).await.unwrap();
    assert_eq!(records(&backend).await, []);
}

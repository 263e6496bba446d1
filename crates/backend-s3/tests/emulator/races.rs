//! Many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ferrocrete_core::state::{StateBackend, StateError};
use futures::future::join_all;

use crate::world::{LONG, World, bodies, holder, lease, ready};

const TASKS: usize = 8;

/// What `TASKS` tasks return that run the same thing.
async fn in_parallel<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    task: impl Fn(usize) -> F,
) -> Vec<T> {
    let tasks = (0..TASKS).map(|index| tokio::spawn(task(index)));
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_at_a_time_holds_the_lock() {
    let world = ready().await;
    let inside = Arc::new(AtomicUsize::new(0));
    let results = in_parallel(|index| {
        let (backend, inside) = (world.backend(), inside.clone());
        async move {
            let holder = holder(&format!("task-{index}"));
            let lease = loop {
                match backend.acquire(&holder, Duration::from_secs(5)).await {
                    Ok(lease) => break lease,
                    Err(StateError::Locked { info, .. }) => assert_ne!(info.holder, holder),
                    Err(error) => panic!("{error}"),
                }
            };
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two hold the lock");
            // Each reads what the one before wrote, and writes the next entry.
            let next = backend.load().await.unwrap().records.len() as u64 + 1;
            backend.append(&lease, next, &bodies([holder.id])).await.unwrap();
            backend.renew(&lease).await.unwrap();
            assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
            backend.release(&lease).await.unwrap();
            (lease.epoch, next)
        }
    })
    .await;
    let mut results: Vec<_> = results;
    results.sort_unstable();
    let expected: Vec<_> = (1..=TASKS as u64).map(|n| (n, n)).collect();
    assert_eq!(results, expected, "epochs and entries follow each other");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_takes_over_from_a_dead_holder() {
    let world = ready().await;
    let ttl = Duration::from_millis(1500);
    world.backend().acquire(&holder("dead"), ttl).await.unwrap();
    let results = in_parallel(|index| {
        let backend = world.backend();
        async move { backend.acquire(&holder(&format!("task-{index}")), LONG).await }
    })
    .await;
    let winner = results.iter().find_map(|result| result.as_ref().ok()).expect("a winner");
    assert_eq!(winner.epoch, 2);
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        match error {
            StateError::Locked { info, .. } => assert_eq!(info.holder, winner.holder),
            other => panic!("{other}"),
        }
    }
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_two_writers_with_the_same_epoch_gets_a_sequence_number() {
    let world = ready().await;
    let lease = lease(&world.backend()).await;
    let results = in_parallel(|index| {
        let (backend, lease) = (world.backend(), lease.clone());
        async move { backend.append(&lease, 1, &bodies([format!("by {index}")])).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for error in results.into_iter().filter_map(Result::err) {
        assert!(error.to_string().contains("other entries from number 1 on"), "{error}");
    }
    assert_eq!(world.backend().load().await.unwrap().records.len(), 1);
}

/// A snapshot here is the number of the last entry in it.
async fn check_consistent(world: &World) -> u64 {
    let stored = world.backend().load().await.unwrap();
    let through = stored
        .snapshot
        .map_or(0, |snapshot| String::from_utf8(snapshot.bytes).unwrap().parse().unwrap());
    let newer = stored.records.iter().filter(|record| record.sequence > through);
    let mut last = through;
    for record in newer {
        assert_eq!(record.sequence, last + 1, "a gap after {last}, snapshot at {through}");
        last = record.sequence;
    }
    last
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_sees_no_gap_while_the_journal_is_folded() {
    let world = ready().await;
    let backend = world.backend();
    let lease = lease(&backend).await;
    let large = "x".repeat(400_000);
    let writing = async {
        let (mut next, mut tag) = (1, None);
        for round in 0..8 {
            let some = bodies((0..5).map(|n| format!("{round}.{n}")));
            backend.append(&lease, next, &some).await.unwrap();
            backend.append(&lease, next + 5, &bodies([large.as_str(), "y"])).await.unwrap();
            next += 7;
            let through = next - 1;
            let bytes = through.to_string();
            let written =
                backend.write_snapshot(&lease, bytes.as_bytes(), tag.as_ref(), through).await;
            tag = Some(written.unwrap());
        }
    };
    let reading = async {
        let mut last = 0;
        loop {
            let now = check_consistent(&world).await;
            assert!(now >= last, "went back from {last} to {now}");
            last = now;
        }
    };
    tokio::select! {
        () = writing => {}
        () = reading => unreachable!(),
    }
    assert_eq!(check_consistent(&world).await, 56);
    assert_eq!(backend.load().await.unwrap().records, []);
    assert_eq!(world.keys().await, ["team/shop/dev/snapshot.json"]);
}

//! What every [`StateBackend`] must do, as one suite for authors of backends.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use super::backend::{Holder, Lease, SnapshotTag, StateBackend};
use super::error::StateError;
use super::readers::StackName;

const TTL: Duration = Duration::from_millis(800);

fn holder(id: &str) -> Holder {
    Holder { id: id.into(), who: format!("{id}@conformance"), pid: 1, command: "up".into() }
}

fn is_lost(result: Result<(), StateError>) -> bool {
    matches!(result, Err(StateError::LeaseLost { .. }))
}

/// Runs the suite. `make` gives a new handle on the same, at first empty, storage each time.
///
/// # Panics
/// When the backend breaks a rule; the message says which.
pub async fn conformance(make: impl AsyncFn() -> Arc<dyn StateBackend>) {
    let one = make().await;
    let two = make().await;
    let empty = one.load().await.expect("load of an empty place");
    assert!(one.history().await.expect("history of an empty place").is_empty(), "no history");
    assert!(empty.snapshot.is_none() && empty.records.is_empty(), "a new place is empty");
    let lease = lock_is_exclusive(&*one, &*two).await;
    journal(&*one, &*two, &lease).await;
    snapshots(&*one, &*two, &lease).await;
    fencing(&*one, &*two, lease).await;
    one_winner(&make).await;
}

async fn lock_is_exclusive(one: &dyn StateBackend, two: &dyn StateBackend) -> Lease {
    let lease = one.acquire(&holder("one"), TTL).await.expect("a free lock is acquired");
    one.renew(&lease).await.expect("a held lease is renewed");
    let info = two.lock_info().await.expect("lock info").expect("somebody holds it");
    assert_eq!(info.holder, holder("one"), "others see who holds the lock");
    // The holder shows life while the other one watches.
    let second = holder("two");
    let (other, ()) = futures::join!(two.acquire(&second, TTL), async {
        for _ in 0..8 {
            tokio::time::sleep(TTL / 8).await;
            one.renew(&lease).await.expect("a renewal under contention");
        }
    });
    match other {
        Err(StateError::Locked { info, .. }) => assert_eq!(info.holder, holder("one")),
        other => panic!("a living holder keeps its lock, but: {other:?}"),
    }
    one.release(&lease).await.expect("release");
    assert!(two.lock_info().await.expect("lock info").is_none(), "a released lock is free");
    let next = two.acquire(&holder("two"), TTL).await.expect("a released lock is acquired");
    assert!(next.epoch > lease.epoch, "the epoch rises with every acquisition");
    two.release(&next).await.expect("release");
    one.acquire(&holder("one"), TTL).await.expect("acquired again")
}

async fn journal(one: &dyn StateBackend, two: &dyn StateBackend, lease: &Lease) {
    let bodies = vec!["first \"ü\" {}".to_owned(), "second\nline".to_owned()];
    one.append(lease, 1, &bodies).await.expect("append");
    one.append(lease, 1, &bodies).await.expect("the same append again changes nothing");
    one.renew(lease).await.expect("renew");
    let large = "x".repeat(1_500_000);
    one.append(lease, 3, std::slice::from_ref(&large)).await.expect("a large entry");
    one.renew(lease).await.expect("renew");
    let many: Vec<String> = (0..300).map(|i| format!("entry {i}")).collect();
    one.append(lease, 4, &many).await.expect("many entries at once");
    one.renew(lease).await.expect("renew");
    let records = two.load().await.expect("load").records;
    let wanted: Vec<&String> = bodies.iter().chain([&large]).chain(&many).collect();
    assert_eq!(records.len(), wanted.len(), "each entry is there once");
    for (i, (record, body)) in records.iter().zip(wanted).enumerate() {
        assert_eq!(record.sequence, i as u64 + 1, "entries are in order");
        assert_eq!(record.epoch, lease.epoch, "entries name their writer's epoch");
        assert!(record.body == *body, "entry {i} comes back to the letter");
    }
    one.renew(lease).await.expect("renew");
    let other = one.append(lease, 1, &["another".to_owned()]).await;
    assert!(other.is_err(), "an entry is never overwritten");
    one.renew(lease).await.expect("renew");
}

async fn snapshots(one: &dyn StateBackend, two: &dyn StateBackend, lease: &Lease) {
    let tag = one.write_snapshot(lease, b"{\"n\":1}", None, 300).await.expect("first snapshot");
    one.renew(lease).await.expect("renew");
    let stored = two.load().await.expect("load");
    let snapshot = stored.snapshot.expect("a snapshot");
    assert_eq!((snapshot.bytes.as_slice(), &snapshot.tag), (b"{\"n\":1}".as_slice(), &tag));
    let left: Vec<u64> = stored.records.iter().map(|r| r.sequence).filter(|s| *s > 300).collect();
    assert_eq!(left, [301, 302, 303], "entries after the fold stay");
    one.renew(lease).await.expect("renew");
    let again = one.write_snapshot(lease, b"{\"n\":2}", None, 300).await;
    assert!(
        matches!(again, Err(StateError::Conflict { .. })),
        "no snapshot was expected: {again:?}"
    );
    one.renew(lease).await.expect("renew");
    let tag = one.write_snapshot(lease, b"{\"n\":3}", Some(&tag), 303).await.expect("the second");
    one.renew(lease).await.expect("renew");
    let stored = two.load().await.expect("load");
    assert_eq!(stored.snapshot.expect("a snapshot").tag, tag);
    history(one, two, lease, tag).await;
    neighbours(one, lease).await;
    readers(one, two).await;
    one.renew(lease).await.expect("renew");
    assert!(stored.records.iter().all(|r| r.sequence <= 303));
    one.renew(lease).await.expect("renew");
}

async fn history(one: &dyn StateBackend, two: &dyn StateBackend, lease: &Lease, tag: SnapshotTag) {
    one.write_snapshot(lease, b"{\"n\":4}", Some(&tag), 303).await.expect("the third");
    one.renew(lease).await.expect("renew");
    let history = two.history().await.expect("history");
    let mut former = Vec::new();
    for known in &history {
        let bytes = two.former(&known.id).await.expect("a former snapshot").expect("is kept");
        assert_eq!(known.size, bytes.len() as u64, "its size is told");
        assert!(!known.place.is_empty(), "its place is told");
        former.push(String::from_utf8(bytes).expect("as it was written"));
        one.renew(lease).await.expect("renew");
    }
    assert_eq!(former, ["{\"n\":3}", "{\"n\":1}"], "former snapshots, the newest first");
    for unknown in ["none-such", "../snapshot.json", ""] {
        let found = two.former(unknown).await.expect("one that is not kept is no error");
        assert!(found.is_none(), "`{unknown}` is no former snapshot");
    }
    let oldest = &history[1].id;
    match one.drop_former(lease, oldest).await {
        Ok(()) => {
            let found = two.former(oldest).await.expect("one that was removed is no error");
            assert!(found.is_none(), "what was removed is gone");
            assert_eq!(two.history().await.expect("history").len(), 1, "and nothing else is");
            one.renew(lease).await.expect("renew");
            one.drop_former(lease, oldest).await.expect("removing it again is no error");
        }
        Err(StateError::Unusable { .. }) => {}
        Err(error) => panic!("a backend that cannot remove snapshots says so: {error}"),
    }
    one.renew(lease).await.expect("renew");
}

/// Another stack has a place of its own, and is reached from here, too.
async fn neighbours(one: &dyn StateBackend, lease: &Lease) {
    let there = match one.for_stack("neighbour", "one") {
        Ok(there) => there,
        Err(StateError::Unusable { .. }) => return,
        Err(error) => panic!("a backend that keeps one stack only says so: {error}"),
    };
    assert_ne!(there.describe(), one.describe(), "messages tell stacks apart");
    let empty = there.load().await.expect("load of an empty place");
    assert!(empty.snapshot.is_none() && empty.records.is_empty(), "each stack has its own place");
    one.renew(lease).await.expect("renew");
    let mine = there.acquire(&holder("neighbour"), TTL).await.expect("each stack has its own lock");
    there.write_snapshot(&mine, b"{\"n\":5}", None, 0).await.expect("its first snapshot");
    there.release(&mine).await.expect("release");
    one.renew(lease).await.expect("renew");
    let again = one.for_stack("neighbour", "one").expect("as before").load().await.expect("load");
    assert_eq!(again.snapshot.expect("a snapshot").bytes, b"{\"n\":5}");
    let stack = there.for_stack("neighbour", "two").expect("as before").load().await.expect("load");
    assert!(stack.snapshot.is_none(), "each stack has its own place");
    one.renew(lease).await.expect("renew");
}

/// Who reads a stack is noted without its lock, and nothing else changes by it.
async fn readers(one: &dyn StateBackend, two: &dyn StateBackend) {
    let name = |text: &str| -> StackName { text.parse().expect("a good name") };
    let known = async || {
        let mut all = two.readers().await.expect("readers");
        all.sort();
        all.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(known().await, [""; 0], "nobody reads a new place");
    let before = two.load().await.expect("load");
    for _ in 0..2 {
        one.add_reader(&name("shop/dev")).await.expect("noting a reader, also twice");
    }
    if known().await.is_empty() {
        // It keeps no notes.
        return;
    }
    one.add_reader(&name("shop.eu/dev")).await.expect("a second reader");
    one.add_reader(&name("shop/dev.eu_2")).await.expect("a third reader");
    assert_eq!(known().await, ["shop/dev", "shop/dev.eu_2", "shop.eu/dev"], "readers are told");
    for _ in 0..2 {
        one.remove_reader(&name("shop/dev")).await.expect("removing a note, also twice");
    }
    assert_eq!(known().await, ["shop/dev.eu_2", "shop.eu/dev"], "the others are kept");
    assert_eq!(two.load().await.expect("load"), before, "notes are no part of state");
    for left in known().await {
        one.remove_reader(&name(&left)).await.expect("removing a note");
    }
    assert_eq!(known().await, [""; 0], "all notes are removed");
}

async fn fencing(one: &dyn StateBackend, two: &dyn StateBackend, stale: Lease) {
    let evicted = two.unlock().await.expect("unlock").expect("somebody held it");
    assert_eq!(evicted.holder, stale.holder, "unlock says whom it evicted");
    let lease = two.acquire(&holder("two"), TTL).await.expect("acquired after unlock");
    assert!(lease.epoch > stale.epoch + 1, "unlock raises the epoch, too");
    assert!(is_lost(one.renew(&stale).await), "a stale lease is not renewed");
    assert!(
        is_lost(one.append(&stale, 304, &["x".to_owned()]).await),
        "a stale writer appends nothing"
    );
    let tag = two.load().await.expect("load").snapshot.map(|s| s.tag);
    let written = one.write_snapshot(&stale, b"{}", tag.as_ref(), 303).await;
    assert!(matches!(written, Err(StateError::LeaseLost { .. })), "a stale writer folds nothing");
    if let Some(former) = two.history().await.expect("history").first() {
        let dropped = one.drop_former(&stale, &former.id).await;
        assert!(dropped.is_err(), "a stale writer removes nothing");
    }
    one.release(&stale).await.expect("releasing a lost lease is no error");
    two.renew(&lease).await.expect("and does not touch the new holder's");
    two.release(&lease).await.expect("release");
}

async fn one_winner(make: &impl AsyncFn() -> Arc<dyn StateBackend>) {
    let mut handles = Vec::new();
    for _ in 0..6 {
        handles.push(make().await);
    }
    let race = handles.iter().enumerate().map(|(i, backend)| async move {
        let lease = backend.acquire(&holder(&format!("racer-{i}")), TTL).await.ok()?;
        // Shows life for as long as the others may watch.
        for _ in 0..16 {
            tokio::time::sleep(TTL / 8).await;
            backend.renew(&lease).await.expect("the winner keeps its lock");
        }
        Some(lease)
    });
    let winners: Vec<Lease> = join_all(race).await.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1, "one of several racers wins: {winners:?}");
}

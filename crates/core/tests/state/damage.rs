//! Bytes that are cut off or changed.

use ferrocrete_core::state::StateError;

use crate::world::{World, done, is_damaged, urn};

const JOURNAL: &str = "journal.jsonl";
const SNAPSHOT: &str = "snapshot.json";

#[tokio::test]
async fn a_journal_cut_off_at_any_byte_holds_what_is_whole() {
    let world = World::interrupted().await;
    let whole = world.read(JOURNAL);
    let ends: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').collect();
    assert_eq!(ends.len(), 3);
    for cut in 0..whole.len() {
        world.write(JOURNAL, &whole[..cut]);
        let before = world.files();
        let state = world.load().await.unwrap();
        let kept = ends.iter().filter(|end| **end < cut).count() as u64;
        assert_eq!(state.sequence, 2 + kept, "cut at {cut}");
        assert_eq!(state.intents.len(), usize::from(kept > 0), "cut at {cut}");
        assert!(before == world.files());
    }
}

#[tokio::test]
async fn a_run_goes_on_after_a_journal_that_was_cut_off() {
    let world = World::interrupted().await;
    let whole = world.read(JOURNAL);
    let snapshot = world.read(SNAPSHOT);
    // Around the end of each line, and here and there inside.
    let ends = (0..whole.len()).filter(|at| whole[*at] == b'\n');
    let around = ends.flat_map(|end| end.saturating_sub(1)..whole.len().min(end + 3));
    for cut in around.chain((0..whole.len()).step_by(97)) {
        world.write(JOURNAL, &whole[..cut]);
        let known = world.load().await.unwrap();
        let store = world.open("up").await.unwrap();
        store.commit(vec![done("late")]).await.unwrap();
        crate::world::kill(store).await;
        let journal = world.read(JOURNAL);
        let lines = whole[..cut].iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        assert!(journal.starts_with(&whole[..lines]), "whole lines stay, cut at {cut}");
        let state = world.load().await.unwrap();
        assert_eq!(state.sequence, known.sequence + 1);
        assert!(state.current(&urn("late")).is_some());
        assert_eq!(world.read(SNAPSHOT), snapshot);
    }
}

/// A bit is flipped: the state is the same, or reading says which file is damaged. Two bits of
/// each byte; the codec's own tests flip all.
async fn flip_each_bit(name: &str, damaged: fn(&StateError) -> bool) {
    let world = World::interrupted().await;
    let good = world.read(name);
    let state = world.load().await.unwrap();
    let mut noticed = 0;
    for at in 0..good.len() {
        for bit in [0, at % 7 + 1] {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << bit;
            world.write(name, &bytes);
            match world.load().await {
                Ok(read) => assert_eq!(read, state, "bit {bit} of byte {at} of {name}"),
                Err(error) => {
                    noticed += 1;
                    assert!(damaged(&error), "{error:?}");
                    let text = error.to_string();
                    assert!(text.contains("what to do: "), "{text}");
                    let place = world.path("");
                    assert!(text.contains(place.to_str().unwrap().trim_end_matches('/')), "{text}");
                }
            }
        }
        if at % 40 == 0 && world.load().await.is_err() {
            world.refuses(|_| true, &[]).await;
        }
    }
    assert!(noticed * 10 > good.len() * 17, "{noticed} of {} bits noticed", good.len() * 2);
}

#[tokio::test]
async fn each_flipped_bit_of_the_journal_is_noticed() {
    flip_each_bit(JOURNAL, |e| matches!(e, StateError::Damaged { .. } | StateError::TooNew { .. }))
        .await;
}

#[tokio::test]
async fn each_flipped_bit_of_the_snapshot_is_noticed_or_means_nothing() {
    flip_each_bit(SNAPSHOT, |e| {
        matches!(e, StateError::Damaged { .. } | StateError::TooNew { .. } | StateError::Key { .. })
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_cut_off_at_any_byte_is_damaged() {
    let world = World::interrupted().await;
    let whole = world.read(SNAPSHOT);
    // Without the line's end nothing is missing.
    for cut in 0..whole.len() - 1 {
        world.write(SNAPSHOT, &whole[..cut]);
        let error = world.load().await.unwrap_err();
        assert!(is_damaged(&error), "cut at {cut}: {error}");
    }
    world.refuses(is_damaged, &["the snapshot in file://", "`state restore SERIAL`"]).await;
}

#[tokio::test]
async fn a_sequence_that_changed_does_not_look_folded() {
    // The journal's only entry: what follows it cannot tell that it is missing.
    let world = World::applied().await;
    let store = world.open("up").await.unwrap();
    store.commit(vec![done("web")]).await.unwrap();
    crate::world::kill(store).await;
    let line = String::from_utf8(world.read(JOURNAL)).unwrap();
    let changed = line.replacen("\"s\":3", "\"s\":1", 1);
    assert_ne!(line, changed);
    world.write(JOURNAL, changed.as_bytes());
    world.refuses(is_damaged, &["line 1 of", "journal.jsonl", "checksum"]).await;
    world.write(JOURNAL, format!("{}#", line.trim_end()).as_bytes());
    world.refuses(is_damaged, &["line 1 of", "journal.jsonl"]).await;
}

#[tokio::test]
async fn another_format_is_refused_by_its_number() {
    let too_new = |e: &StateError| matches!(e, StateError::TooNew { found: 7, known: 1, .. });
    let world = World::interrupted().await;
    let snapshot = String::from_utf8(world.read(SNAPSHOT)).unwrap();
    world.write(SNAPSHOT, snapshot.replacen("\"version\": 1", "\"version\": 7", 1).as_bytes());
    world.refuses(too_new, &["the snapshot in", "newer version of Ferrocrete"]).await;
    world.write(SNAPSHOT, snapshot.replacen("\"version\": 1", "\"version\": 0", 1).as_bytes());
    world.refuses(is_damaged, &["the snapshot in", "`version`"]).await;
}

#[tokio::test]
async fn a_damaged_lock_is_named_and_stays() {
    let world = World::interrupted().await;
    world.write("lock.json", b"{\"epoch\":");
    let error = world.open("up").await.err().unwrap();
    assert!(is_damaged(&error), "{error}");
    let text = error.to_string();
    assert!(text.contains("lock.json") && text.contains("then remove the file"), "{text}");
    assert_eq!(world.read("lock.json"), b"{\"epoch\":");
    // A plan needs no lock, and removing the file helps.
    world.load().await.unwrap();
    std::fs::remove_file(world.path("lock.json")).unwrap();
    world.apply(vec![done("web")]).await;
}

#[tokio::test]
async fn an_append_that_broke_off_in_a_group_is_repeated() {
    use ferrocrete_core::state::StateBackend;
    let world = World::applied().await;
    let backend = world.backend();
    let lease = backend.acquire(&crate::world::holder("up"), crate::world::TTL).await.unwrap();
    let bodies = ["one", "two", "three"].map(str::to_owned);
    backend.append(&lease, 3, &bodies).await.unwrap();
    let whole = world.read(JOURNAL);
    let ends: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').collect();
    for cut in [ends[0] + 1, ends[0] + 9, ends[1] + 1, whole.len() - 1, 0] {
        world.write(JOURNAL, &whole[..cut]);
        backend.append(&lease, 3, &bodies).await.unwrap();
        assert_eq!(world.read(JOURNAL), whole, "cut at {cut}");
    }
    let other = backend.append(&lease, 3, &["one".into(), "other".into()]).await;
    assert!(matches!(other, Err(StateError::LeaseLost { .. })), "{other:?}");
    assert_eq!(world.read(JOURNAL), whole);
}

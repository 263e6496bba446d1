//! Former snapshots, and bringing one back.

use ferrocrete_core::state::{
    LocalBackend, MemoryBackend, SnapshotInfo, StateBackend, StateError, StateStore, history,
};
use std::sync::Arc;

use crate::world::{SECRET, TTL, World, begin, done, gone, holder, is_damaged, urn};

async fn listed(world: &World) -> Vec<SnapshotInfo> {
    history(&world.backend(), "shop", "dev", 100).await.unwrap()
}

async fn serials(world: &World) -> Vec<u64> {
    listed(world).await.into_iter().map(|s| s.content.unwrap().serial).collect()
}

async fn restore(world: &World, serial: u64) -> Result<(u64, u64), StateError> {
    let holder = holder("state restore");
    let restored = world.store().restore(&holder, "shop", "dev", TTL, serial).await?;
    Ok((restored.serial, restored.replayed))
}

#[tokio::test]
async fn every_snapshot_is_listed_with_who_wrote_it() {
    let world = World::applied().await;
    world.apply(vec![done("web"), begin("db")]).await;
    let all = listed(&world).await;
    assert_eq!(serials(&world).await, [3, 2, 1]);
    let counts: Vec<_> =
        all.iter().map(|s| s.content.as_ref().unwrap()).map(|c| (c.resources, c.open)).collect();
    assert_eq!(counts, [(2, 1), (1, 0), (0, 0)]);
    assert_eq!(all.iter().map(|s| s.present).collect::<Vec<_>>(), [true, false, false]);
    let written = all[1].content.as_ref().unwrap().written.clone().unwrap();
    assert_eq!((written.by.as_str(), written.command.as_str()), ("anna@build-7", "up"));
    assert!(written.at.ends_with('Z') && written.restored.is_none(), "{written:?}");
    for one in &all[1..] {
        let file = std::fs::metadata(&one.place).unwrap();
        assert_eq!(file.len(), one.size);
        assert!(one.stored_at.as_deref().unwrap().starts_with("20"));
    }
    let two = history(&world.backend(), "shop", "dev", 1).await.unwrap();
    assert_eq!(two.len(), 2, "the present one and one more");
}

#[tokio::test]
async fn a_former_snapshot_comes_back_as_the_next_and_nothing_goes() {
    let world = World::applied().await;
    let second = world.load().await.unwrap();
    world.apply(vec![gone("net"), done("web")]).await;
    let store = world.open("up").await.unwrap();
    store.commit(vec![done("late")]).await.unwrap();
    crate::world::kill(store).await;
    let before = world.load().await.unwrap();
    let preview = world.store().preview_restore("shop", "dev", 2).await.unwrap();
    assert_eq!(preview.forgotten, [(urn("late"), 1), (urn("web"), 1)]);
    assert_eq!(preview.returned, [(urn("net"), 1)]);
    assert!(preview.unreadable.is_none());

    // 4: the journal folded; 5: what came back.
    assert_eq!(restore(&world, 2).await.unwrap(), (5, 0));
    let now = world.load().await.unwrap();
    assert_eq!((&now.resources, &now.exports), (&second.resources, &second.exports));
    assert_eq!(now.sequence, before.sequence, "numbers of entries are never used again");
    assert_eq!(serials(&world).await, [5, 4, 3, 2, 1]);
    let written = listed(&world).await[0].content.clone().unwrap().written.unwrap();
    assert_eq!((written.command.as_str(), written.restored), ("state restore", Some(2)));

    // And back again: what was there before is a snapshot like the others.
    assert_eq!(restore(&world, 4).await.unwrap(), (6, 0));
    let again = world.load().await.unwrap();
    assert_eq!(again.resources, before.resources);
    world.apply(vec![done("more")]).await;
    assert_eq!(serials(&world).await[..2], [7, 6]);
}

#[tokio::test]
async fn a_damaged_snapshot_is_replaced_and_kept() {
    let world = World::interrupted().await;
    let state = world.load().await.unwrap();
    let damaged = b"{\"format\":\"ferrocrete-state\"".to_vec();
    world.write("snapshot.json", &damaged);
    let preview = world.store().preview_restore("shop", "dev", 2).await.unwrap();
    assert!(is_damaged(&preview.unreadable.unwrap()));
    assert_eq!(restore(&world, 2).await.unwrap(), (4, 3));
    let now = world.load().await.unwrap();
    assert_eq!((&now.resources, &now.intents), (&state.resources, &state.intents));
    assert!(world.files().values().any(|bytes| *bytes == damaged), "the damaged one is kept");
    let all = listed(&world).await;
    assert!(all[1].content.is_err() && all[2].content.is_ok());
    world.apply(vec![done("late")]).await;
}

#[tokio::test]
async fn an_older_snapshot_that_the_journal_does_not_follow_is_refused() {
    let world = World::interrupted().await;
    world.write("snapshot.json", b"{}");
    let before = world.files();
    // Snapshot 1 does not know of `net`, and the journal begins after that. Nobody is asked
    // whether to go on with what cannot be done.
    let preview = world.store().preview_restore("shop", "dev", 1).await.unwrap_err();
    let error = restore(&world, 1).await.unwrap_err();
    for error in [preview, error] {
        let text = error.to_string();
        assert!(is_damaged(&error), "{error:?}");
        for part in ["snapshot 1 ends with entry 0", "begins with entry 3", "later snapshot"] {
            assert!(text.contains(part), "{text}");
        }
    }
    assert!(before == world.files());
    restore(&world, 2).await.unwrap();
}

#[tokio::test]
async fn a_journal_with_a_gap_is_not_added() {
    let world = World::interrupted().await;
    let journal = String::from_utf8(world.read("journal.jsonl")).unwrap();
    let gap: Vec<&str> =
        journal.lines().enumerate().filter(|(at, _)| *at != 1).map(|(_, l)| l).collect();
    world.write("journal.jsonl", format!("{}\n", gap.join("\n")).as_bytes());
    world.write("snapshot.json", b"{}");
    let before = world.files();
    let error = restore(&world, 2).await.unwrap_err();
    assert!(is_damaged(&error) && error.to_string().contains("is missing"), "{error}");
    assert!(before == world.files());
}

#[tokio::test]
async fn what_cannot_be_restored_changes_nothing() {
    let world = World::applied().await;
    let before = world.files();
    for serial in [0, 2, 9] {
        let error = restore(&world, serial).await.unwrap_err();
        assert!(matches!(error, StateError::Unusable { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(&format!("no former snapshot with serial {serial} ")), "{text}");
        assert!(text.contains("serials 1 to 1 are kept"), "{text}");
    }
    let busy = world.open("up").await.unwrap();
    let error = restore(&world, 1).await.unwrap_err();
    assert!(matches!(error, StateError::Locked { .. }), "{error:?}");
    busy.abandon().await.unwrap();
    assert!(before == world.files());

    let file = world.path("history/00000001.json");
    let damaged = std::fs::read(&file).unwrap();
    std::fs::write(&file, &damaged[..damaged.len() / 2]).unwrap();
    let error = restore(&world, 1).await.unwrap_err();
    assert!(matches!(error, StateError::Unusable { .. }), "{error:?}");
    let all = listed(&world).await;
    let text = all[1].content.as_ref().unwrap_err().to_string();
    assert!(text.contains("history/00000001.json") && !text.contains(SECRET), "{text}");
}

#[tokio::test]
async fn so_many_are_kept() {
    let world = World::applied().await;
    for n in 0..30 {
        world.apply(vec![done(&format!("r{n}"))]).await;
    }
    let all = serials(&world).await;
    assert_eq!(all, (13..=32).rev().collect::<Vec<u64>>(), "the present one and 19 more");
    let few = LocalBackend::new(world.folder.path(), "shop", "dev").keep(3);
    let keys = ferrocrete_core::state::FixedKey::for_tests();
    let store = StateStore::new(Arc::new(few), Arc::new(keys));
    let open = store.open(&holder("up"), "shop", "dev", TTL).await.unwrap();
    open.commit(vec![done("last")]).await.unwrap();
    open.close().await.unwrap();
    assert_eq!(serials(&world).await, [33, 32, 31]);
}

#[tokio::test]
async fn a_crash_before_the_copy_was_made_loses_no_snapshot() {
    let world = World::applied().await;
    let newest = world.path("history/00000002.json");
    let copy = std::fs::read(&newest).unwrap();
    assert_eq!(copy, world.read("snapshot.json"));
    std::fs::remove_file(&newest).unwrap();
    assert_eq!(serials(&world).await, [2, 1]);
    world.apply(vec![done("web")]).await;
    assert_eq!(serials(&world).await, [3, 2, 1]);
}

#[tokio::test]
async fn memory_keeps_them_too() {
    let backend = MemoryBackend::new();
    let keys = ferrocrete_core::state::FixedKey::for_tests();
    let store = StateStore::new(Arc::new(backend.clone()), Arc::new(keys));
    let open = store.open(&holder("up"), "shop", "dev", TTL).await.unwrap();
    open.commit(vec![done("net")]).await.unwrap();
    open.close().await.unwrap();
    let restored = store.restore(&holder("r"), "shop", "dev", TTL, 1).await.unwrap();
    assert_eq!((restored.from, restored.serial, restored.resources), (1, 3, 0));
    assert_eq!(backend.history().await.unwrap().len(), 2);
}

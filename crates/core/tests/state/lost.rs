//! Files that are gone.

use ferrocrete_core::state::Entry;

use crate::world::{SECRET, TTL, World, done, gone, holder, is_damaged, urn};

#[tokio::test]
async fn a_snapshot_that_is_gone_is_not_a_new_stack() {
    for world in [World::applied().await, World::interrupted().await] {
        let state = world.load().await.unwrap();
        std::fs::remove_file(world.path("snapshot.json")).unwrap();
        world.refuses(is_damaged, &["state restore SERIAL"]).await;
        // Its copy and the journal are all that is needed.
        let (store, holder) = (world.store(), holder("state restore"));
        let restored = store.restore(&holder, "shop", "dev", TTL, 2).await.unwrap();
        assert_eq!((restored.from, restored.serial), (2, 4));
        assert_eq!(restored.replayed, state.sequence - 2);
        let now = world.load().await.unwrap();
        assert_eq!((&now.resources, &now.intents), (&state.resources, &state.intents));
        assert_eq!(now.sequence, state.sequence);
        world.apply(vec![done("late")]).await;
    }
}

#[tokio::test]
async fn a_journal_without_snapshot_or_copy_is_named() {
    let world = World::interrupted().await;
    std::fs::remove_file(world.path("snapshot.json")).unwrap();
    std::fs::remove_dir_all(world.path("history")).unwrap();
    let text = world.refuses(is_damaged, &["journal entries from 3 on, but no snapshot"]).await;
    assert!(text.contains("file://"), "{text}");
}

#[tokio::test]
async fn a_journal_that_is_gone_is_named() {
    for world in [World::applied().await, World::interrupted().await] {
        std::fs::remove_file(world.path("journal.jsonl")).unwrap();
        let says = ["journal.jsonl", "the file is gone", "make an empty file", "`state audit`"];
        world.refuses(is_damaged, &says).await;
        world.write("journal.jsonl", b"");
        assert_eq!(world.load().await.unwrap().sequence, 2);
        world.apply(vec![done("web")]).await;
    }
}

#[tokio::test]
async fn an_entry_in_the_middle_that_is_gone_is_named() {
    let world = World::interrupted().await;
    let journal = String::from_utf8(world.read("journal.jsonl")).unwrap();
    let lines: Vec<&str> = journal.lines().collect();
    for (missing, left) in [(3, [lines[1], lines[2]]), (4, [lines[0], lines[2]])] {
        world.write("journal.jsonl", (left.join("\n") + "\n").as_bytes());
        let says = format!("journal entry {missing} in ");
        let says = [&says, "journal.jsonl is damaged: it is missing", "from a backup"];
        world.refuses(is_damaged, &says).await;
    }
    let swapped = [lines[1], lines[0], lines[2]].join("\n") + "\n";
    world.write("journal.jsonl", swapped.as_bytes());
    world.refuses(is_damaged, &["journal entry 3 in ", "it is missing"]).await;
    let twice = [lines[0], lines[0], lines[1], lines[2]].join("\n") + "\n";
    world.write("journal.jsonl", twice.as_bytes());
    world.refuses(is_damaged, &["journal entry"]).await;
}

#[tokio::test]
async fn the_whole_folder_gone_is_a_new_stack() {
    let world = World::applied().await;
    std::fs::remove_dir_all(world.path("")).unwrap();
    let state = world.load().await.unwrap();
    assert_eq!((state.serial, state.resources.len()), (0, 0));
    assert!(!world.path("").exists(), "reading makes nothing");
}

#[tokio::test]
async fn no_file_holds_a_secret() {
    let world = World::interrupted().await;
    world.apply(vec![done("web"), gone("web"), Entry::Exports(Default::default())]).await;
    assert!(world.load().await.unwrap().current(&urn("net")).is_some());
    for (path, bytes) in world.files() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(SECRET), "{}", path.display());
    }
}

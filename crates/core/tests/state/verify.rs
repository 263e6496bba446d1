//! `verify` says all that is wrong.

use ferrocrete_core::state::{FixedKey, StateError, Verification};

use crate::world::{SECRET, World, is_damaged};

async fn verify(world: &World) -> Verification {
    let before = world.files();
    let found = world.store().verify("shop", "dev").await.unwrap();
    assert!(before == world.files(), "checking writes nothing");
    assert!(!world.path("lock-9").exists());
    for problem in &found.problems {
        let text = problem.to_string();
        assert!(text.contains("what to do: ") && !text.contains(SECRET), "{text}");
    }
    found
}

#[tokio::test]
async fn sound_state_has_no_problems() {
    let none = World { folder: tempfile::tempdir().unwrap() };
    let found = verify(&none).await;
    assert!(found.problems.is_empty() && found.snapshot.is_none());
    let found = verify(&World::interrupted().await).await;
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    let snapshot = found.snapshot.unwrap();
    assert_eq!((snapshot.serial, snapshot.resources, found.entries), (2, 1, 3));
}

#[tokio::test]
async fn each_kind_of_damage_is_told() {
    let world = World::interrupted().await;
    let (snapshot, journal) = (world.read("snapshot.json"), world.read("journal.jsonl"));
    let only = |found: Verification, says: &str| {
        assert_eq!(found.problems.len(), 1, "{:?}", found.problems);
        let text = found.problems[0].to_string();
        assert!(is_damaged(&found.problems[0]) && text.contains(says), "{says}: {text}");
    };
    world.write("snapshot.json", &snapshot[..snapshot.len() / 2]);
    only(verify(&world).await, "the snapshot in file://");
    std::fs::remove_file(world.path("snapshot.json")).unwrap();
    only(verify(&world).await, "journal entries from 3 on, but no snapshot");
    world.write("snapshot.json", &snapshot);
    std::fs::remove_file(world.path("journal.jsonl")).unwrap();
    only(verify(&world).await, "the file is gone");
    let second = journal.iter().position(|b| *b == b'\n').unwrap() + 1;
    world.write("journal.jsonl", &journal[second..]);
    only(verify(&world).await, "it is missing, though later entries");
    world.write("journal.jsonl", &journal);
    assert!(verify(&world).await.problems.is_empty());
    let wrong = world.store_with(FixedKey::new([9; 32])).verify("shop", "dev").await.unwrap();
    assert!(matches!(wrong.problems[..], [StateError::Key { .. }]), "{:?}", wrong.problems);
}

#[tokio::test]
async fn a_state_that_breaks_the_rules_is_told_whole() {
    // Two gaps, and a resource that depends on what was lost in one of them.
    use ferrocrete_core::state::{Entry, StateBackend};
    let world = World::interrupted().await;
    let store = world.open("up").await.unwrap();
    store.commit(vec![crate::world::done("lost")]).await.unwrap();
    let Entry::Done(mut user) = crate::world::done("user") else { panic!() };
    user.dependencies = [crate::world::urn("lost")].into();
    store.commit(vec![Entry::Done(user)]).await.unwrap();
    crate::world::kill(store).await;
    assert_eq!(world.backend().load().await.unwrap().records.len(), 5);
    let journal = String::from_utf8(world.read("journal.jsonl")).unwrap();
    let lines: Vec<&str> = journal.lines().collect();
    let left = [lines[0], lines[2], lines[4]].join("\n") + "\n";
    world.write("journal.jsonl", left.as_bytes());
    let texts: Vec<String> =
        verify(&world).await.problems.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert!(texts[0].contains("journal entry 4 in ") && texts[1].contains("journal entry 6 in "));
    assert!(texts[2].contains("lost") && texts[2].contains("not recorded"), "{}", texts[2]);
}

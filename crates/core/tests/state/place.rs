//! Several stacks in one place, and state in a place that is not its own.

use std::sync::Arc;

use ferrocrete_core::state::{FixedKey, LocalBackend, StateError, StateStore};

use crate::world::{TTL, World, done, holder};

fn store(world: &World, project: &str, stack: &str) -> StateStore {
    let backend = LocalBackend::new(world.folder.path(), project, stack);
    StateStore::new(Arc::new(backend), Arc::new(FixedKey::for_tests()))
}

#[tokio::test]
async fn stacks_and_projects_in_one_place_do_not_touch_each_other() {
    let world = World::interrupted().await;
    let before = world.files();
    for (project, stack) in [("shop", "prod"), ("other", "dev"), ("dev", "shop")] {
        let store = store(&world, project, stack);
        assert!(store.load(project, stack).await.unwrap().state.resources.is_empty());
        // Both at the same time.
        let first = world.open("up").await.unwrap();
        let second = store.open(&holder("up"), project, stack, TTL).await.unwrap();
        second.close().await.unwrap();
        first.abandon().await.unwrap();
        let now = world.files();
        let same = before.iter().all(|(path, bytes)| now.get(path) == Some(bytes));
        assert!(same, "{project}/{stack} changed a file of shop/dev");
    }
}

#[tokio::test]
async fn state_of_another_stack_is_refused_and_stays() {
    let world = World::interrupted().await;
    let files = ["snapshot.json", "journal.jsonl"];
    for (project, stack) in [("shop", "prod"), ("other", "dev")] {
        let folder = world.folder.path().join(project).join(stack);
        std::fs::create_dir_all(&folder).unwrap();
        for name in files {
            std::fs::copy(world.path(name), folder.join(name)).unwrap();
        }
        let before = world.files();
        let store = store(&world, project, stack);
        let read = store.load(project, stack).await.err().unwrap();
        let opened = store.open(&holder("up"), project, stack, TTL).await.err().unwrap();
        for error in [read, opened] {
            assert!(matches!(error, StateError::Unusable { .. }), "{error:?}");
            let text = error.to_string();
            let says = format!("`dev` of project `shop`, not of `{stack}` of `{project}`");
            assert!(text.contains(&says) && text.contains("what to do: "), "{text}");
            assert!(text.contains(folder.to_str().unwrap()), "{text}");
        }
        assert!(before == world.files());
    }
}

#[tokio::test]
async fn a_journal_of_another_stack_does_not_decrypt() {
    let world = World::applied().await;
    let prod = store(&world, "shop", "prod");
    let open = prod.open(&holder("up"), "shop", "prod", TTL).await.unwrap();
    open.commit(vec![done("a")]).await.unwrap();
    open.commit(vec![done("b")]).await.unwrap();
    open.commit(vec![done("c")]).await.unwrap();
    crate::world::kill(open).await;
    let foreign = std::fs::read(world.folder.path().join("shop/prod/journal.jsonl")).unwrap();
    world.write("journal.jsonl", &foreign);
    let damaged = |e: &StateError| matches!(e, StateError::Damaged { .. });
    world.refuses(damaged, &["journal entry 3 in ", "copied from elsewhere"]).await;
}

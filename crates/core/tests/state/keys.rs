//! Keys that do not fit.

use ferrocrete_core::Secret;
use ferrocrete_core::state::secrets::PassphraseCost;
use ferrocrete_core::state::{FixedKey, KeyFile, KeyProvider, Passphrase, StateError, StateStore};

use crate::world::{SECRET, TTL, World, done, holder};

/// A run with the right key, then one with the wrong one, which changes nothing.
async fn refused(world: &World, right: StateStore, wrong: StateStore, says: &[&str]) {
    let open = right.open(&holder("up"), "shop", "dev", TTL).await.unwrap();
    open.commit(vec![done("net")]).await.unwrap();
    open.close().await.unwrap();
    let before = world.files();
    let read = wrong.load("shop", "dev").await.err().unwrap();
    let opened = wrong.open(&holder("up"), "shop", "dev", TTL).await.err().unwrap();
    let restored = wrong.restore(&holder("r"), "shop", "dev", TTL, 1).await.unwrap_err();
    assert!(before == world.files(), "a file was changed");
    for error in [read, opened, restored] {
        assert!(matches!(error, StateError::Key { .. }), "{error:?}");
        let text = error.to_string();
        assert!(says.iter().all(|part| text.contains(part)), "{says:?}: {text}");
        assert!(text.contains("the secrets in ") && text.contains("what to do: "), "{text}");
        assert!(!text.contains(SECRET), "{text}");
    }
    // The lock was given back each time.
    assert_eq!(right.load("shop", "dev").await.unwrap().state.resources.len(), 1);
    right.open(&holder("up"), "shop", "dev", TTL).await.unwrap().close().await.unwrap();
}

fn world() -> World {
    World { folder: tempfile::tempdir().unwrap() }
}

#[tokio::test]
async fn another_key() {
    let world = world();
    let (right, wrong) = (FixedKey::for_tests(), FixedKey::new([8; 32]));
    let (right, wrong) = (world.store_with(right), world.store_with(wrong));
    refused(&world, right, wrong, &["the fixed key is another one"]).await;
}

#[tokio::test]
async fn another_key_file_and_none() {
    let keys = tempfile::tempdir().unwrap();
    let file = |name: &str| KeyFile::new(keys.path().join(name));
    file("other").create().await.unwrap();
    for (name, says) in [("other", "holds another key"), ("none", "is missing")] {
        let world = world();
        let (right, wrong) = (world.store_with(file("key")), world.store_with(file(name)));
        refused(&world, right, wrong, &[says, name]).await;
    }
    assert!(!keys.path().join("none").exists(), "no key is made to open with");
}

#[tokio::test]
async fn another_passphrase_and_another_scheme() {
    let phrase =
        |text: &str| Passphrase::new(Secret::new(text.to_owned())).cost(PassphraseCost::weak());
    let world = world();
    let (right, wrong) = (phrase("correct horse"), phrase("battery staple"));
    let (right, wrong) = (world.store_with(right), world.store_with(wrong));
    refused(&world, right.clone(), wrong, &["the passphrase is wrong"]).await;
    let wrong = world.store_with(FixedKey::for_tests());
    refused(&world, right, wrong, &["encrypted with a passphrase", "--secrets"]).await;
}

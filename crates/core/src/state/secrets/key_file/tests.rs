use super::*;

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys").join("dev.key");
    (folder, path)
}

#[tokio::test]
async fn a_key_opens_what_it_closed_and_is_made_once() {
    let (_folder, path) = place();
    let (meta, key) = KeyFile::new(&path).create().await.unwrap();
    let before = fs::read(&path).unwrap();
    let (_, other) = KeyFile::new(&path).create().await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), before, "several stacks share the file");
    assert_ne!(key.expose(), other.expose(), "each stack has a data key of its own");
    let opened = KeyFile::new(&path).open(&meta).await.unwrap();
    assert_eq!(opened.expose(), key.expose());
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = place();
    let (meta, _) = KeyFile::new(&path).create().await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = KeyFile::new(&path).open(&meta).await.unwrap_err().to_string();
    assert!(error.contains("chmod 600") && error.contains("dev.key"), "{error}");
    let again = KeyFile::new(&path).create().await.unwrap_err().to_string();
    assert!(again.contains("open to other users (mode 0644)"), "{again}");
    for mode in [0o640, 0o604, 0o610] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(KeyFile::new(&path).open(&meta).await.is_err(), "{mode:o}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    KeyFile::new(&path).open(&meta).await.unwrap();
}

#[tokio::test]
async fn a_missing_another_and_a_damaged_file_are_told_apart() {
    let (_folder, path) = place();
    let keys = KeyFile::new(&path);
    let (meta, _) = keys.create().await.unwrap();
    let text = fs::read_to_string(&path).unwrap();

    fs::remove_file(&path).unwrap();
    let missing = keys.open(&meta).await.unwrap_err().to_string();
    assert!(missing.contains("is missing"), "{missing}");
    keys.create().await.unwrap();
    let another = keys.open(&meta).await.unwrap_err().to_string();
    assert!(another.contains("holds another key"), "{another}");
    fs::write(&path, "no key").unwrap();
    let damaged = keys.open(&meta).await.unwrap_err().to_string();
    assert!(damaged.contains("is not a key file"), "{damaged}");
    for message in [missing, another, damaged] {
        assert!(!message.contains(text.trim()), "a message shows the key");
    }
}

#[tokio::test]
async fn every_damage_of_the_file_is_told() {
    let (_folder, path) = place();
    let keys = KeyFile::new(&path);
    let (meta, _) = keys.create().await.unwrap();
    let whole = fs::read(&path).unwrap();
    // Bytes that are no text at all, nothing, too little, too much.
    let mut damages = vec![vec![0xff, 0xfe], Vec::new(), [&whole[..], &whole[..]].concat()];
    // The line's end does not matter, and neither does the padding's.
    damages.extend((1..43).map(|end| whole[..end].to_vec()));
    for damage in damages {
        fs::write(&path, &damage).unwrap();
        for error in [keys.open(&meta).await.err(), keys.create().await.err()] {
            let error = error.unwrap_or_else(|| panic!("{damage:?} is taken for a key"));
            assert!(matches!(error, StateError::Key { .. }), "{error}");
            let text = error.to_string();
            assert!(text.contains("dev.key") && text.contains("what to do"), "{text}");
        }
        assert_eq!(fs::read(&path).unwrap(), damage, "a damaged file is left alone");
    }
}

#[tokio::test]
async fn who_comes_second_uses_the_key_of_the_first() {
    let (folder, path) = place();
    let made = (0..8).map(|_| {
        let keys = KeyFile::new(&path);
        async move { keys.create().await.unwrap() }
    });
    let keys = KeyFile::new(&path);
    for (meta, key) in futures::future::join_all(made).await {
        assert_eq!(keys.open(&meta).await.unwrap().expose(), key.expose());
    }
    let left: Vec<_> = fs::read_dir(folder.path().join("keys")).unwrap().collect();
    assert_eq!(left.len(), 1, "temporary files are gone: {left:?}");
}

#[tokio::test]
async fn a_file_that_is_gone_is_not_made_again_to_open_with() {
    let (_folder, path) = place();
    let keys = KeyFile::new(&path);
    let (meta, _) = keys.create().await.unwrap();
    fs::remove_file(&path).unwrap();
    let error = keys.open(&meta).await.unwrap_err().to_string();
    assert!(error.contains("put back the key file"), "{error}");
    assert!(!path.exists());
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_told() {
    let (folder, _) = place();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = KeyFile::new(file.join("dev.key")).create().await.unwrap_err().to_string();
    assert!(error.contains("dev.key") && error.contains("what to do"), "{error}");
}

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
    assert!(error.contains("dev.key"), "{error}");
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

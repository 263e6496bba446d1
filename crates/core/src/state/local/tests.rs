use std::time::Duration;

use super::*;

fn holder(id: &str) -> Holder {
    Holder { id: id.into(), who: format!("{id}@here"), pid: 1, command: "up".into() }
}

const TTL: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_torn_last_line_is_left_out_at_every_byte() {
    let dir = tempfile::tempdir().unwrap();
    let backend = LocalBackend::new(dir.path(), "p", "s");
    let lease = backend.acquire(&holder("a"), TTL).await.unwrap();
    backend.append(&lease, 1, &["one".into(), "two".into()]).await.unwrap();
    let path = backend.path().join("journal.jsonl");
    let whole = std::fs::read(&path).unwrap();
    let first = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
    for cut in 0..whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let found = backend.load().await.unwrap().records.len();
        assert_eq!(found, usize::from(cut >= first), "cut at {cut}");
    }
}

#[tokio::test]
async fn damage_inside_the_journal_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let backend = LocalBackend::new(dir.path(), "p", "s");
    let lease = backend.acquire(&holder("a"), TTL).await.unwrap();
    backend.append(&lease, 1, &["one".into(), "two".into()]).await.unwrap();
    let path = backend.path().join("journal.jsonl");
    std::fs::write(&path, b"{\"s\":1,\n{}\n").unwrap();
    let error = backend.load().await.unwrap_err().to_string();
    assert!(error.contains("line 1 of") && error.contains("journal.jsonl"), "{error}");
}

#[tokio::test]
async fn a_dead_holder_is_taken_over_at_once_and_a_living_one_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let one = LocalBackend::new(dir.path(), "p", "s");
    let two = LocalBackend::new(dir.path(), "p", "s");
    let stale = one.acquire(&holder("a"), TTL).await.unwrap();
    let error = two.acquire(&holder("b"), TTL).await.unwrap_err();
    assert!(matches!(&error, StateError::Locked { info, .. } if info.holder.who == "a@here"));
    // Dropping the handle closes its file, as the death of its process does.
    drop(one);
    let lease = two.acquire(&holder("b"), TTL).await.unwrap();
    assert!(lease.epoch > stale.epoch);
    let error = two.append(&stale, 1, &["x".into()]).await.unwrap_err();
    assert!(matches!(error, StateError::LeaseLost { .. }), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let backend = LocalBackend::new(dir.path(), "p", "s");
    let lease = backend.acquire(&holder("a"), TTL).await.unwrap();
    backend.append(&lease, 1, &["one".into()]).await.unwrap();
    backend.write_snapshot(&lease, b"{}", None, 0).await.unwrap();
    for name in ["snapshot.json", "journal.jsonl", "lock.json"] {
        let mode = std::fs::metadata(backend.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

//! State history, restore, verify and audit of the dev stack, and what a user reads when state is
//! damaged, on local state and on S3 + DynamoDB.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::user::User;

/// The stack's folder of local state.
fn folder(user: &User) -> PathBuf {
    user.folder.path().join("state/dev-example").join(user.env)
}

/// Every resource of the example is recorded and found; what state forgets is an orphan.
#[tokio::test(flavor = "multi_thread")]
async fn audited_restored_and_verified_on_s3() {
    let user = User::new("audited").await;
    user.expect(0, &["up", "--yes"]);
    let sound = user.expect(0, &["state", "verify"]);
    assert!(
        sound.contains(" with 21 resources and 0 journal entries after it are sound"),
        "{sound}"
    );
    let clean = user.expect(0, &["state", "audit", "--exit-code"]);
    assert!(clean.contains(": state and account agree\n"), "{clean}");
    let json = user.expect(0, &["state", "audit", "--json"]);
    let audit: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(audit["recorded"], 21);
    // Whatever has tags is listed; the example's records and attachments have none.
    let state = user.expect(0, &["state", "list"]);
    let untagged: Vec<&str> =
        audit["untagged_types"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
    let tagged = state
        .lines()
        .filter(|line| !untagged.contains(&line.split_whitespace().next().unwrap()))
        .count();
    assert_eq!(tagged, 18, "{state}");

    // State as before the first resource: all of them are orphans, none is lost.
    let restored = user.expect(0, &["state", "restore", "1", "--yes"]);
    assert!(restored.contains("snapshot 1 holds 0 resources (s3://"), "{restored}");
    let json = user.expect(2, &["state", "audit", "--exit-code", "--json"]);
    let audit: serde_json::Value = serde_json::from_str(&json).unwrap();
    let orphans = audit["orphans"].as_array().unwrap().iter();
    // The machine's disk has the machine's tags.
    let owners: BTreeSet<&str> = orphans.map(|o| o["owner"].as_str().unwrap()).collect();
    assert_eq!(owners.len(), tagged, "{json}");
    let history = user.expect(0, &["state", "history"]);
    let newest = history.lines().nth(2).unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(history.lines().nth(1).unwrap().contains("state restore 1"), "{history}");
    user.expect(0, &["state", "restore", &newest, "--yes"]);
    user.expect(0, &["plan", "--exit-code"]);
    user.expect(0, &["state", "audit", "--exit-code"]);

    user.expect(0, &["destroy", "--yes"]);
    let gone = user.expect(0, &["state", "audit", "--exit-code"]);
    assert!(gone.contains("0 resources in state"), "{gone}");
    assert_eq!(user.leftovers().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_damaged_place_says() {
    let user = User::new("places").await;
    let place = user.local();
    let run = |code: i32, command: &[&str]| {
        let text = user.expect(code, &[command, &["--backend", place.as_str()]].concat());
        user.redacted(&text)
    };
    run(0, &["up", "--yes"]);
    let folder = folder(&user);
    let (snapshot, journal) = (folder.join("snapshot.json"), folder.join("journal.jsonl"));
    let (good, empty) = (std::fs::read(&snapshot).unwrap(), std::fs::read(&journal).unwrap());
    let restore = |code: i32| {
        let text = run(code, &["state", "verify"]);
        let same = run(1, &["up", "--yes"]);
        assert!(text.lines().all(|line| same.contains(line)), "{text}\n{same}");
        text
    };

    // How long it is differs from run to run, what it begins with does not.
    let text = String::from_utf8(good).unwrap();
    let (begins, _) = text.split_once("\"resources\"").unwrap();
    std::fs::write(&snapshot, begins).unwrap();
    insta::assert_snapshot!("a_snapshot_cut_off", restore(1));
    std::fs::remove_file(&snapshot).unwrap();
    insta::assert_snapshot!("a_snapshot_gone", restore(1));
    let newest = run(0, &["state", "history", "--json"]);
    let newest: serde_json::Value = serde_json::from_str(&newest).unwrap();
    let serial = newest["snapshots"][0]["serial"].to_string();
    run(0, &["state", "restore", &serial, "--yes"]);
    run(0, &["plan", "--exit-code"]);

    std::fs::remove_file(&journal).unwrap();
    insta::assert_snapshot!("a_journal_gone", restore(1));
    std::fs::write(&journal, b"{\"s\":1}\n").unwrap();
    insta::assert_snapshot!("a_journal_line_damaged", restore(1));
    std::fs::write(&journal, &empty).unwrap();

    let key = user.folder.path().join("state/key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    insta::assert_snapshot!("a_key_file_gone", restore(1));
    assert!(!key.exists());
    std::fs::write(&key, &kept).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    run(0, &["state", "verify"]);

    std::fs::write(folder.join("lock.json"), b"{").unwrap();
    insta::assert_snapshot!("a_lock_file_damaged", run(1, &["up", "--yes"]));
    std::fs::remove_file(folder.join("lock.json")).unwrap();

    insta::assert_snapshot!("no_such_serial", run(1, &["state", "restore", "77", "--yes"]));
    run(0, &["up", "--yes"]);
}

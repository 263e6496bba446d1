//! Objects and items that are damaged, gone or foreign. Each time nothing that is there is
//! overwritten, and the message says which object or item it is and what to do.

mod stack;

use aws_sdk_dynamodb::types::AttributeValue;
use ferrocrete_backend_s3::{KmsKeyProvider, S3Backend};
use ferrocrete_core::state::{FixedKey, StateBackend, StateError, history};

use crate::world::{LONG, holder};
use stack::{SNAPSHOT, Stack, exports, is_damaged, store_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_snapshot_is_not_a_new_stack_and_comes_back_whole() {
    let stack = Stack::new().await;
    let text = stack.text().await;
    stack.delete(SNAPSHOT).await;
    let place = format!("s3://{}/team/shop/dev", stack.world.location.bucket);
    stack.refuses(is_damaged, &[&place, "but no snapshot", "`state restore SERIAL`"]).await;
    let found = history(&stack.world.backend(), "shop", "dev", 10).await.unwrap();
    let serials: Vec<u64> = found.iter().map(|s| s.content.as_ref().unwrap().serial).collect();
    assert_eq!(serials, [2, 1], "both are former ones now");
    assert!(found[0].place.contains("snapshot.json?versionId="), "{}", found[0].place);
    assert!(found[0].stored_at.is_some() && found[0].size > 100);
    let restored = stack.store.restore(&holder("r"), "shop", "dev", LONG, 2).await.unwrap();
    assert_eq!((restored.serial, restored.replayed), (4, 3));
    assert_eq!(stack.text().await, text);
    // With an empty journal, too.
    stack.delete(SNAPSHOT).await;
    stack.refuses(is_damaged, &["the snapshot is gone", "?versionId="]).await;
    stack.store.restore(&holder("r"), "shop", "dev", LONG, 4).await.unwrap();
    assert_eq!(stack.text().await, text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_snapshot_is_refused_and_a_former_one_comes_back() {
    let stack = Stack::new().await;
    let (good, text) = (stack.object(SNAPSHOT).await, stack.text().await);
    for at in [10, good.len() / 2, good.len() - 4] {
        let mut flipped = good.clone();
        flipped[at] ^= 1;
        stack.put(SNAPSHOT, flipped).await;
        stack.refuses(is_damaged, &["the snapshot in s3://", "`state restore SERIAL`"]).await;
        stack.put(SNAPSHOT, good[..at].to_vec()).await;
        stack.refuses(is_damaged, &["the snapshot in s3://"]).await;
    }
    let newer = String::from_utf8(good).unwrap().replace("\"version\": 1", "\"version\": 9");
    stack.put(SNAPSHOT, newer.into_bytes()).await;
    let too_new = |e: &StateError| matches!(e, StateError::TooNew { found: 9, .. });
    stack.refuses(too_new, &["the snapshot in s3://", "newer version of Ferrocrete"]).await;
    stack.put(SNAPSHOT, b"{}".to_vec()).await;
    let restored = stack.store.restore(&holder("r"), "shop", "dev", LONG, 2).await.unwrap();
    assert_eq!(restored.replayed, 3);
    assert_eq!(stack.text().await, text);
    let open = stack.open().await.unwrap();
    open.commit(vec![exports("goes on")]).await.unwrap();
    open.close().await.unwrap();
    assert_eq!(stack.text().await, "goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_journal_item_is_named() {
    let stack = Stack::new().await;
    for sequence in [2, 3] {
        let sk = format!("entry#{sequence:020}");
        let item = stack.item(&sk).await.unwrap();
        stack.delete_item(&sk).await;
        let table = format!("of DynamoDB table `{}`", stack.world.location.table);
        let entry = format!("journal entry {sequence}, item `");
        stack.refuses(is_damaged, &[&entry, &sk, &table, "point-in-time recovery"]).await;
        stack.put_item(item).await;
    }
    stack.text().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_journal_item_is_named() {
    let stack = Stack::new().await;
    let (second, last) = ("entry#00000000000000000002", "entry#00000000000000000004");
    let body = stack.item(second).await.unwrap()["body"].as_s().unwrap().clone();
    let mut changed = vec![body.replacen("exports", "exporst", 1), body[..body.len() - 1].into()];
    changed.extend([body.replacen("\"v\":1", "\"v\":0", 1), String::new()]);
    for text in changed {
        stack.change_item(second, "body", AttributeValue::S(text)).await;
        stack.refuses(is_damaged, &["journal entry 2, item `", second]).await;
    }
    let newer = body.replacen("\"v\":1", "\"v\":8", 1);
    stack.change_item(second, "body", AttributeValue::S(newer)).await;
    let too_new = |e: &StateError| matches!(e, StateError::TooNew { found: 8, .. });
    stack.refuses(too_new, &["journal entry 2, item `"]).await;
    stack.change_item(second, "body", AttributeValue::S(body)).await;
    stack.change_item(last, "last_seq", AttributeValue::N("1".into())).await;
    stack.refuses(is_damaged, &[last, "an attribute is missing"]).await;
    stack.change_item(last, "last_seq", AttributeValue::N(u64::MAX.to_string())).await;
    stack.refuses(is_damaged, &["/journal/", "another number of entries"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_overflow_object_that_is_gone_is_named() {
    let stack = Stack::new().await;
    let key = stack.world.keys().await.into_iter().find(|k| k.contains("/journal/")).unwrap();
    let bytes = stack.object(&key).await;
    stack.delete(&key).await;
    stack.refuses(is_damaged, &[&key, "the journal needs it, but it is missing"]).await;
    stack.put(&key, bytes).await;
    assert!(stack.text().await.len() > 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_lock_stops_its_holder_and_nobody_else() {
    let stack = Stack::new().await;
    let first = stack.open().await.unwrap();
    stack.delete_item("lock").await;
    let second = stack.store.open(&holder("ben"), "shop", "dev", LONG).await.unwrap();
    let error = first.commit(vec![exports("stale")]).await.unwrap_err();
    assert!(matches!(error, StateError::LeaseLost { .. }), "{error:?}");
    second.commit(vec![exports("of ben")]).await.unwrap();
    stack.delete_item("lock").await;
    let error = second.commit(vec![exports("stale, too")]).await.unwrap_err();
    let says = |why: &str| why.contains("the lock's item was deleted");
    assert!(matches!(&error, StateError::LeaseLost { why, .. } if says(why)), "{error:?}");
    assert_eq!(stack.text().await, "of ben");
    let third = stack.open().await.unwrap();
    third.commit(vec![exports("goes on")]).await.unwrap();
    third.close().await.unwrap();
    assert_eq!(stack.text().await, "goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_lock_is_named() {
    let stack = Stack::new().await;
    let (before, text) = (stack.everything().await, stack.text().await);
    stack.change_item("lock", "held", AttributeValue::S("yes".into())).await;
    let error = stack.open().await.err().unwrap();
    assert!(is_damaged(&error), "{error:?}");
    let said = error.to_string();
    assert!(said.contains("`lock` of DynamoDB table"), "{said}");
    assert!(said.contains("then delete that item"), "{said}");
    assert!(before == stack.everything().await);
    assert_eq!(stack.text().await, text, "reading needs no lock");
    stack.delete_item("lock").await;
    stack.open().await.unwrap().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_changes_nothing() {
    let mut stack = Stack::new().await;
    let right = stack.store.clone();
    stack.store = store_of(stack.world.backend(), FixedKey::new([3; 32]));
    let key = |e: &StateError| matches!(e, StateError::Key { .. });
    stack.refuses(key, &["the secrets in s3://", "the fixed key is another one"]).await;
    stack.store = right;
    stack.text().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kms_key_that_is_gone_changes_nothing() {
    let stack = Stack::new().await;
    let kms = aws_sdk_kms::Client::new(&stack.world.config);
    let id = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
    let keys = KmsKeyProvider::new(&stack.world.config, &id, "shop", "prod");
    let prod = store_of(stack.world.stack("prod"), keys);
    prod.open(&holder("anna"), "shop", "prod", LONG).await.unwrap().close().await.unwrap();
    kms.schedule_key_deletion().key_id(&id).send().await.unwrap();
    let before = stack.everything().await;
    // The emulator goes on decrypting with such a key; AWS does not.
    let fault = ferrocrete_sandbox::Fault::status("Decrypt", 400, "KMSInvalidStateException");
    stack.world.account.faults([fault.times(2)]).await.unwrap();
    let read = prod.load("shop", "prod").await.err().unwrap();
    let opened = prod.open(&holder("anna"), "shop", "prod", LONG).await.err().unwrap();
    for error in [read, opened] {
        assert!(matches!(error, StateError::Key { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(&id) && text.contains("cancel its deletion"), "{text}");
    }
    assert!(before == stack.everything().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stacks_and_projects_in_one_prefix_do_not_touch_each_other() {
    let stack = Stack::new().await;
    let text = stack.text().await;
    let before = stack.everything().await;
    for (project, name) in [("shop", "prod"), ("shop", "dev-2"), ("other", "dev"), ("dev", "shop")]
    {
        let location = stack.world.location.clone();
        let backend = S3Backend::new(location, &stack.world.config, project, name).unwrap();
        let store = store_of(backend, FixedKey::for_tests());
        assert!(store.load(project, name).await.unwrap().state.exports.is_empty());
        let mine = stack.open().await.unwrap();
        let theirs = store.open(&holder("ben"), project, name, LONG).await.unwrap();
        theirs.commit(vec![exports("theirs")]).await.unwrap();
        theirs.close().await.unwrap();
        mine.abandon().await.unwrap();
        let now = stack.everything().await;
        assert!(before.iter().all(|(name, what)| now.get(name) == Some(what)), "{project}/{name}");
    }
    assert_eq!(stack.text().await, text);
    // A snapshot copied to another stack's place is refused there.
    let foreign = stack.object(SNAPSHOT).await;
    stack.put("team/shop/copy/snapshot.json", foreign.clone()).await;
    let copy = store_of(stack.world.stack("copy"), FixedKey::for_tests());
    let error = copy.open(&holder("ben"), "shop", "copy", LONG).await.err().unwrap();
    assert!(matches!(error, StateError::Unusable { .. }), "{error:?}");
    assert!(error.to_string().contains("stack `dev` of project `shop`, not of `copy`"), "{error}");
    let now = stack.world.stack("copy").load().await.unwrap();
    assert_eq!(now.snapshot.unwrap().bytes, foreign);
}

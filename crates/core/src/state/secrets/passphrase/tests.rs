use super::*;

fn phrase(text: &str) -> Passphrase {
    Passphrase::new(Secret::new(text.to_owned())).cost(PassphraseCost::weak())
}

#[tokio::test]
async fn the_passphrase_opens_what_it_closed() {
    let keys = phrase("correct horse");
    let (meta, key) = keys.create().await.unwrap();
    let (other_meta, other) = keys.create().await.unwrap();
    assert_ne!(key.expose(), other.expose(), "each stack has a data key of its own");
    assert_ne!(meta.bytes("salt").unwrap(), other_meta.bytes("salt").unwrap());
    assert_eq!(keys.open(&meta).await.unwrap().expose(), key.expose());
    // What is stored of a stack does for it, whatever new stacks are to cost.
    let dearer = PassphraseCost { memory_kib: 16, passes: 2 };
    let later = phrase("correct horse").cost(dearer);
    assert_eq!(later.open(&meta).await.unwrap().expose(), key.expose());
    let (meta, _) = later.create().await.unwrap();
    assert_eq!((meta.number("memory_kib").unwrap(), meta.number("passes").unwrap()), (16, 2));
}

#[tokio::test]
async fn a_wrong_passphrase_is_told() {
    let (meta, _) = phrase("correct horse").create().await.unwrap();
    for wrong in ["correct horse ", "Correct horse", ""] {
        let error = phrase(wrong).open(&meta).await.unwrap_err();
        assert!(matches!(error, StateError::Key { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("the passphrase is wrong"), "{text}");
        assert!(!text.contains("orrect horse"), "{text}");
    }
}

#[tokio::test]
async fn an_empty_passphrase_is_refused_for_a_new_stack() {
    let error = phrase("").create().await.unwrap_err().to_string();
    assert!(error.contains("the passphrase is empty"), "{error}");
}

#[tokio::test]
async fn what_is_stored_holds_neither_passphrase_nor_key() {
    let (meta, key) = phrase("correct horse").create().await.unwrap();
    let stored = serde_json::to_string(&meta).unwrap();
    assert!(!stored.contains("correct horse"), "{stored}");
    assert!(!stored.contains(&crate::state::secrets::to_base64(key.expose())), "{stored}");
    assert!(!format!("{key:?}").contains(&format!("{:?}", key.expose())));
}

#[tokio::test]
async fn metadata_that_cannot_be_is_refused_without_trying() {
    let keys = phrase("correct horse");
    let (meta, _) = keys.create().await.unwrap();
    let cases = [
        (meta.clone().with("kdf", "md5"), "md5"),
        (meta.clone().with("memory_kib", u64::from(u32::MAX)), "4294967295 KiB"),
        (meta.clone().with("passes", 1_000_000), "1000000 passes"),
        (meta.clone().with("memory_kib", 0), "memory"),
        (meta.clone().with("passes", 0), "time"),
        (meta.clone().with("salt", "not base64!"), "`salt`"),
        (meta.clone().with("salt", ""), "salt"),
        (meta.clone().with("wrapped", 7), "`wrapped`"),
        (meta.clone().with("wrapped", "AAAA"), "the passphrase is wrong"),
        (KeyMeta::new(SCHEME), "`memory_kib`"),
    ];
    for (meta, says) in cases {
        let error = keys.open(&meta).await.unwrap_err();
        assert!(matches!(error, StateError::Key { .. }), "{error}");
        assert!(error.to_string().contains(says), "{says}: {error}");
    }
}

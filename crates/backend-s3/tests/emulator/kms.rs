//! Data keys under a KMS key.

use ferrocrete_backend_s3::KmsKeyProvider;
use ferrocrete_core::state::{KeyProvider, StateError};
use ferrocrete_sandbox::Fault;

use crate::world::{World, empty};

async fn kms_key(world: &World) -> (aws_sdk_kms::Client, String) {
    let kms = aws_sdk_kms::Client::new(&world.kind());
    let made = kms.create_key().send().await.unwrap();
    let id = made.key_metadata.unwrap().key_id;
    (kms, id)
}

fn provider(world: &World, key: &str, stack: &str) -> KmsKeyProvider {
    KmsKeyProvider::new(&world.config, key, "shop", stack)
}

fn key_error(error: &StateError, why: &str) {
    assert!(matches!(error, StateError::Key { .. }), "{error:?}");
    assert!(error.to_string().contains(why), "{error}");
}

#[tokio::test]
async fn round_trip() {
    let world = empty().await;
    let (kms, id) = kms_key(&world).await;
    kms.create_alias().alias_name("alias/state").target_key_id(&id).send().await.unwrap();
    let provider = provider(&world, "alias/state", "dev");
    let (meta, made) = provider.create().await.unwrap();
    assert_eq!(meta.scheme(), provider.scheme());
    let text = serde_json::to_string(&meta).unwrap();
    assert!(!text.contains(&format!("{:?}", made.expose())));
    let meta = serde_json::from_str(&text).unwrap();
    let opened = provider.open(&meta).await.unwrap();
    assert_eq!(opened.expose(), made.expose());
    let (_, other) = provider.create().await.unwrap();
    assert_ne!(other.expose(), made.expose());
}

#[tokio::test]
async fn another_stack_cannot_open_it() {
    let world = empty().await;
    let (_, id) = kms_key(&world).await;
    let (meta, _) = provider(&world, &id, "dev").create().await.unwrap();
    let error = provider(&world, &id, "prod").open(&meta).await.unwrap_err();
    key_error(&error, "does not open this stack's data key");
}

#[tokio::test]
async fn missing_disabled_and_denied_keys_are_named() {
    let world = empty().await;
    let missing = "11111111-2222-3333-4444-555555555555";
    let error = provider(&world, missing, "dev").create().await.unwrap_err();
    key_error(&error, &format!("KMS key `{missing}` does not exist"));

    let (kms, id) = kms_key(&world).await;
    let provider = provider(&world, &id, "dev");
    let (meta, _) = provider.create().await.unwrap();
    world.account.faults([Fault::status("Decrypt", 400, "AccessDeniedException")]).await.unwrap();
    key_error(&provider.open(&meta).await.unwrap_err(), "kms:Decrypt is denied on KMS key");
    kms.disable_key().key_id(&id).send().await.unwrap();
    world.account.faults([Fault::status("Decrypt", 400, "DisabledException")]).await.unwrap();
    key_error(&provider.open(&meta).await.unwrap_err(), "is disabled");
}

//! KMS.

mod alias;
mod key;

use aws_sdk_kms::Client;
use aws_sdk_kms::types::{KeyMetadata, KeyState};

/// A key, also one that waits to be deleted.
async fn key(kms: &Client, name: &str) -> Option<KeyMetadata> {
    kms.describe_key().key_id(name).send().await.ok()?.key_metadata
}

async fn waits_to_be_deleted(kms: &Client, id: &str) -> bool {
    key(kms, id).await.unwrap().key_state() == Some(&KeyState::PendingDeletion)
}

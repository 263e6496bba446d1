//! What KMS types share: tags, keys by any of their names.

use aws_sdk_kms::types::{KeyMetadata, KeyState, Tag};

use crate::prelude::*;

/// Tags for the SDK.
pub(super) fn to_sdk(tags: &Option<Tags>) -> Vec<Tag> {
    let one = |(key, value)| Tag::builder().tag_key(key).tag_value(value).build();
    tags.iter().flatten().map(|tag| one(tag).expect("both are set")).collect()
}

/// Tags of a key.
pub(super) async fn list_tags(aws: &Aws, id: &str) -> Result<Option<Tags>> {
    let mut pages = aws.kms().list_resource_tags().key_id(id).into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(page.op("kms:ListResourceTags")?.tags.unwrap_or_default());
    }
    Ok(tags::collect(all.into_iter().map(|tag| (tag.tag_key, tag.tag_value))))
}

/// The key of this id, ARN or alias, also one that waits to be deleted.
pub(super) async fn describe(aws: &Aws, name: &str) -> Result<Option<KeyMetadata>> {
    let answer = aws.kms().describe_key().key_id(name).send().await;
    Ok(found(answer.op("kms:DescribeKey"))?.and_then(|a| a.key_metadata))
}

/// Whether it waits to be deleted: nothing can be done with it any more.
pub(super) fn is_going(key: &KeyMetadata) -> bool {
    let going = [KeyState::PendingDeletion, KeyState::PendingReplicaDeletion];
    key.key_state().is_some_and(|state| going.contains(state))
}

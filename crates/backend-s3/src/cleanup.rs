//! Dropping journal entries that the snapshot contains.
//!
//! Items first, then objects: a crash in between leaves objects that nothing points at, which
//! the next fold removes, and never an item that points at nothing. The entries are in the
//! snapshot, so that it does not matter whether the lock is still held by now.

use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use ferrocrete_core::state::{Lease, StateError};
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::entry::LAST;
use crate::item::{self, Item, SK};
use crate::lock::MINE;
use crate::overflow::{FOLDER, last_in};
use crate::pause::Pauses;
use crate::site::Site;

/// DynamoDB's limit for one batch.
const BATCH: usize = 25;
/// How many batches or objects are deleted at a time.
const PARALLEL: usize = 8;

impl Site {
    pub(crate) async fn drop_journal(&self, lease: &Lease, through: u64) -> Result<(), StateError> {
        let items = self
            .query(0..=through, |query| query.projection_expression(format!("sk, {LAST}")))
            .await?;
        // Items that reach beyond `through` stay.
        let reach = |item: &Item| item::number_of(item, LAST);
        let keys: Vec<String> = items
            .iter()
            .filter(|item| reach(item).is_none_or(|last| last <= through))
            .filter_map(|item| item::text_of(item, SK).map(str::to_owned))
            .collect();
        let batches: Vec<Vec<String>> = keys.chunks(BATCH).map(<[_]>::to_vec).collect();
        stream::iter(batches)
            .map(|batch| self.delete_items(batch))
            .buffer_unordered(PARALLEL)
            .try_collect::<()>()
            .await?;
        self.drop_objects(through).await?;
        if items.iter().any(|item| reach(item).is_some()) {
            self.forget_reach(lease, through).await?;
        }
        Ok(())
    }

    async fn delete_items(&self, sort_keys: Vec<String>) -> Result<(), StateError> {
        let delete = |sk: String| {
            let delete = DeleteRequest::builder().set_key(Some(item::key(&self.pk, sk))).build();
            delete.map(|delete| WriteRequest::builder().delete_request(delete).build())
        };
        let mut left: Vec<WriteRequest> = sort_keys
            .into_iter()
            .map(delete)
            .collect::<Result<_, _>>()
            .map_err(|e| StateError::Io { place: self.place(), why: e.to_string() })?;
        let mut pauses = Pauses::conflict();
        while !left.is_empty() {
            let request = self.clients.dynamo.batch_write_item();
            let answer = request
                .request_items(&self.location.table, left)
                .send()
                .await
                .map_err(|e| self.table_failure("dynamodb:BatchWriteItem", &e))?;
            let unprocessed = answer.unprocessed_items.unwrap_or_default();
            left = unprocessed.into_values().flatten().collect();
            if !left.is_empty() && !pauses.pause().await {
                return Err(StateError::Io {
                    place: self.place(),
                    why: "dynamodb:BatchWriteItem left items unprocessed".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Deletes objects by their names rather than by the items that point at them, and so
    /// also those of appends that failed and of folds that were interrupted.
    async fn drop_objects(&self, through: u64) -> Result<(), StateError> {
        let folder = self.key(FOLDER);
        let pages: Vec<_> = self
            .clients
            .s3
            .list_objects_v2()
            .bucket(&self.location.bucket)
            .prefix(&folder)
            .into_paginator()
            .send()
            .collect::<Result<_, _>>()
            .await
            .map_err(|e| self.bucket_failure("s3:ListObjectsV2", &e))?;
        let is_old = |key: &String| {
            let file = key.strip_prefix(&folder);
            file.and_then(last_in).is_some_and(|last| last <= through)
        };
        let keys = pages.into_iter().flat_map(|page| page.contents.unwrap_or_default());
        let old: Vec<String> = keys.filter_map(|object| object.key).filter(is_old).collect();
        stream::iter(old)
            .map(|key| self.delete_object(key))
            .buffer_unordered(PARALLEL)
            .try_collect()
            .await
    }

    async fn delete_object(&self, key: String) -> Result<(), StateError> {
        let request = self.clients.s3.delete_object().bucket(&self.location.bucket);
        let deleted = request.key(key).send().await;
        deleted.map(|_| ()).map_err(|e| self.bucket_failure("s3:DeleteObject", &e))
    }

    /// See `append`: no item reaches beyond its own number any more.
    async fn forget_reach(&self, lease: &Lease, through: u64) -> Result<(), StateError> {
        self.update_lock(|update| {
            update
                .update_expression("REMOVE reach")
                .condition_expression(format!("{MINE} AND reach <= :through"))
                .expression_attribute_values(":epoch", item::number(lease.epoch))
                .expression_attribute_values(":true", item::flag(true))
                .expression_attribute_values(":holder", item::text(&lease.holder.id))
                .expression_attribute_values(":through", item::number(through))
        })
        .await?;
        Ok(())
    }
}

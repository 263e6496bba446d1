//! Notes of who reads a stack's exports: an object `readers/PROJECT/STACK` each, so that readers
//! that come at once do not meet, and none needs the stack's lock.

use aws_sdk_s3::primitives::ByteStream;
use ferrocrete_core::state::{StackName, StateError};

use crate::site::Site;

/// Folder of the notes, below the stack's.
const FOLDER: &str = "readers/";

impl Site {
    /// Names that are none were not written by us, and say nothing.
    pub(crate) async fn readers(&self) -> Result<Vec<StackName>, StateError> {
        let folder = self.key(FOLDER);
        let request = self.clients.s3.list_objects_v2().bucket(&self.location.bucket);
        let mut pages = request.prefix(&folder).into_paginator().send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| self.bucket_failure("s3:ListObjectsV2", &e))?;
            let keys = page.contents.unwrap_or_default().into_iter().filter_map(|o| o.key);
            all.extend(keys.filter_map(|key| key.strip_prefix(&folder)?.parse().ok()));
        }
        Ok(all)
    }

    pub(crate) async fn add_reader(&self, reader: &StackName) -> Result<(), StateError> {
        let text = format!("{reader} reads exports of this stack\n");
        self.clients
            .s3
            .put_object()
            .bucket(&self.location.bucket)
            .key(self.note(reader))
            .content_type("text/plain")
            .body(ByteStream::from(text.into_bytes()))
            .send()
            .await
            .map(drop)
            .map_err(|e| self.bucket_failure("s3:PutObject", &e))
    }

    pub(crate) async fn remove_reader(&self, reader: &StackName) -> Result<(), StateError> {
        let request = self.clients.s3.delete_object().bucket(&self.location.bucket);
        let deleted = request.key(self.note(reader)).send().await;
        deleted.map(drop).map_err(|e| self.bucket_failure("s3:DeleteObject", &e))
    }

    fn note(&self, reader: &StackName) -> String {
        self.key(&format!("{FOLDER}{reader}"))
    }
}

//! [`S3Backend`].

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use ferrocrete_core::state::{
    FormerSnapshot, Holder, Lease, LockInfo, SnapshotTag, StackName, StateBackend, StateError,
    Stored,
};

use crate::item::entry_sk;
use crate::location::S3Location;
use crate::site::Site;

/// Keeps one stack's snapshot in S3, its lock and journal in DynamoDB.
///
/// | operation | calls, when nothing is in the way |
/// |---|---|
/// | `acquire` | 1 UpdateItem; while held by another, 5 GetItem per time-to-live of its lease |
/// | `renew`, `release`, `unlock` | 1 UpdateItem |
/// | `lock_info` | 1 GetItem |
/// | `load` | 1 Query per MB of journal, 1 GetObject, 1 GetObject per overflow object; before the first snapshot, the engine asks for the history, too |
/// | `history`, `former` | 1 ListObjectVersions per 1000 versions; 1 GetObject |
/// | `readers` | 1 ListObjectsV2 |
/// | `add_reader`, `remove_reader` | 1 PutObject, 1 DeleteObject |
/// | `append` | 1 TransactWriteItems; 1 PutObject before it for more than 99 entries, more than 3.5 MB, or an entry over 300 KB |
/// | `write_snapshot` | GetItem, PutObject, Query, 1 BatchWriteItem per 25 entries, ListObjectsV2, 1 DeleteObject per overflow object |
#[derive(Debug, Clone)]
pub struct S3Backend {
    site: Site,
}

impl S3Backend {
    /// The state of stack `stack` of project `project` in `location`, reached with `config`
    /// (such as [`S3Location::load_config`] gives). No call is made yet.
    ///
    /// # Errors
    /// [`StateError::Unusable`] when neither location nor configuration has a region, or a
    /// name cannot be part of a key.
    pub fn new(
        location: S3Location,
        config: &SdkConfig,
        project: &str,
        stack: &str,
    ) -> Result<Self, StateError> {
        Ok(Self { site: Site::new(location, config, project, stack)? })
    }

    /// Where this is.
    pub fn location(&self) -> &S3Location {
        &self.site.location
    }
}

#[async_trait]
impl StateBackend for S3Backend {
    fn describe(&self) -> String {
        self.site.place()
    }

    fn entry_place(&self, sequence: u64) -> String {
        format!("journal entry {sequence}, {},", self.site.item_place(&entry_sk(sequence)))
    }

    fn for_stack(&self, project: &str, stack: &str) -> Result<Arc<dyn StateBackend>, StateError> {
        Ok(Arc::new(Self { site: self.site.for_stack(project, stack)? }))
    }

    async fn readers(&self) -> Result<Vec<StackName>, StateError> {
        self.site.readers().await
    }

    async fn add_reader(&self, reader: &StackName) -> Result<(), StateError> {
        self.site.add_reader(reader).await
    }

    async fn remove_reader(&self, reader: &StackName) -> Result<(), StateError> {
        self.site.remove_reader(reader).await
    }

    async fn acquire(&self, holder: &Holder, ttl: Duration) -> Result<Lease, StateError> {
        self.site.acquire(holder, ttl).await
    }

    async fn renew(&self, lease: &Lease) -> Result<(), StateError> {
        self.site.renew(lease).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StateError> {
        self.site.release(lease).await
    }

    async fn unlock(&self) -> Result<Option<LockInfo>, StateError> {
        self.site.unlock().await
    }

    async fn lock_info(&self) -> Result<Option<LockInfo>, StateError> {
        self.site.lock_info().await
    }

    async fn load(&self) -> Result<Stored, StateError> {
        self.site.load().await
    }

    async fn history(&self) -> Result<Vec<FormerSnapshot>, StateError> {
        self.site.history().await
    }

    async fn former(&self, id: &str) -> Result<Option<Vec<u8>>, StateError> {
        self.site.former(id).await
    }

    async fn drop_former(&self, lease: &Lease, id: &str) -> Result<(), StateError> {
        self.site.drop_former(lease, id).await
    }

    async fn append(&self, lease: &Lease, first: u64, bodies: &[String]) -> Result<(), StateError> {
        self.site.append(lease, first, bodies).await
    }

    async fn write_snapshot(
        &self,
        lease: &Lease,
        bytes: &[u8],
        expected: Option<&SnapshotTag>,
        through: u64,
    ) -> Result<SnapshotTag, StateError> {
        self.site.write_snapshot(lease, bytes, expected, through).await
    }
}

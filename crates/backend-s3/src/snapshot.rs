//! The snapshot object.

use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use ferrocrete_core::state::{Lease, SnapshotBlob, SnapshotTag, StateError};
use uuid::Uuid;

use crate::failure::Failure;
use crate::pause::Pauses;
use crate::site::Site;

pub(crate) const NAME: &str = "snapshot.json";
/// Metadata that tells one's own write, whose answer was lost, from somebody else's.
const WRITE: &str = "ferrocrete-write";
/// Metadata that tells the last journal entry in the snapshot; bodies are opaque here.
const THROUGH: &str = "ferrocrete-through";

/// A snapshot as read.
pub(crate) struct Snapshot {
    pub(crate) blob: SnapshotBlob,
    /// The last journal entry that it contains, if known.
    pub(crate) through: Option<u64>,
}

impl Site {
    pub(crate) async fn get_snapshot(&self) -> Result<Option<Snapshot>, StateError> {
        let mut pauses = Pauses::conflict();
        loop {
            let request = self.clients.s3.get_object().bucket(&self.location.bucket);
            let answer = match request.key(self.key(NAME)).send().await {
                Ok(answer) => answer,
                Err(e) if matches!(e.as_service_error(), Some(GetObjectError::NoSuchKey(_))) => {
                    return Ok(None);
                }
                Err(e) => return Err(self.bucket_failure("s3:GetObject", &e)),
            };
            let through = answer.metadata().and_then(|m| m.get(THROUGH)?.parse().ok());
            let tag = self.tag(answer.e_tag)?;
            match answer.body.collect().await {
                Ok(bytes) => {
                    let blob = SnapshotBlob { bytes: bytes.to_vec(), tag };
                    return Ok(Some(Snapshot { blob, through }));
                }
                // The SDK repeats requests, not the reading of what they answer.
                Err(_) if pauses.pause().await => {}
                Err(e) => return Err(self.broke_off(NAME, &e)),
            }
        }
    }

    pub(crate) fn broke_off(&self, name: &str, error: &dyn std::error::Error) -> StateError {
        StateError::Io {
            place: self.object_place(name),
            why: format!("reading it broke off: {error}"),
        }
    }

    /// Writes the snapshot, then drops what it contains from the journal. What cannot be
    /// dropped is left to the next fold: readers ignore entries that the snapshot contains.
    pub(crate) async fn write_snapshot(
        &self,
        lease: &Lease,
        bytes: &[u8],
        expected: Option<&SnapshotTag>,
        through: u64,
    ) -> Result<SnapshotTag, StateError> {
        self.check_lease(lease).await?;
        let tag = self.put_snapshot(bytes, expected, through).await?;
        if let Err(error) = self.drop_journal(lease, through).await {
            tracing::warn!(
                place = self.place(), through, %error,
                "the snapshot is written, but journal entries that it contains are not yet \
                 removed; the next run removes them"
            );
        }
        Ok(tag)
    }

    async fn put_snapshot(
        &self,
        bytes: &[u8],
        expected: Option<&SnapshotTag>,
        through: u64,
    ) -> Result<SnapshotTag, StateError> {
        let write = Uuid::new_v4().to_string();
        let mut pauses = Pauses::conflict();
        loop {
            let request = self
                .clients
                .s3
                .put_object()
                .bucket(&self.location.bucket)
                .key(self.key(NAME))
                .content_type("application/json")
                .metadata(WRITE, &write)
                .metadata(THROUGH, through.to_string())
                .body(ByteStream::from(bytes.to_vec()));
            let request = match expected {
                Some(tag) => request.if_match(&tag.0),
                None => request.if_none_match("*"),
            };
            let error = match request.send().await {
                Ok(answer) => return self.tag(answer.e_tag),
                Err(error) => error,
            };
            match Failure::of(&error).code.as_deref() {
                // Another conditional write is under way, maybe an earlier try of this one.
                Some("ConditionalRequestConflict") if pauses.pause().await => {}
                Some("ConditionalRequestConflict" | "PreconditionFailed" | "NoSuchKey") => {
                    return self.own_write(&write).await;
                }
                _ => return Err(self.bucket_failure("s3:PutObject", &error)),
            }
        }
    }

    /// The tag of the snapshot if an earlier try, whose answer was lost, wrote it.
    async fn own_write(&self, write: &str) -> Result<SnapshotTag, StateError> {
        let request = self.clients.s3.head_object().bucket(&self.location.bucket);
        match request.key(self.key(NAME)).send().await {
            Ok(head) if head.metadata().and_then(|m| m.get(WRITE)).is_some_and(|w| w == write) => {
                self.tag(head.e_tag)
            }
            Err(e) if Failure::of(&e).status != Some(404) => {
                Err(self.bucket_failure("s3:HeadObject", &e))
            }
            Ok(_) | Err(_) => Err(StateError::Conflict { place: self.object_place(NAME) }),
        }
    }

    fn tag(&self, etag: Option<String>) -> Result<SnapshotTag, StateError> {
        etag.map(SnapshotTag).ok_or_else(|| StateError::Io {
            place: self.object_place(NAME),
            why: "S3 answered without an ETag".to_owned(),
        })
    }
}

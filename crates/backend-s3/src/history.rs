//! Former snapshots: the versions of the snapshot object.

use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::types::ObjectVersion;
use ferrocrete_core::state::{FormerSnapshot, Lease, StateError};

use crate::failure::Failure;
use crate::site::Site;
use crate::snapshot::NAME;

/// The version of an object in a bucket without versions.
const UNVERSIONED: &str = "null";

impl Site {
    /// Its versions but the present one, the newest first. After a delete there is no present
    /// one.
    pub(crate) async fn history(&self) -> Result<Vec<FormerSnapshot>, StateError> {
        let key = self.key(NAME);
        let mut former = Vec::new();
        let (mut next_key, mut next_version) = (None, None);
        loop {
            let request = self.clients.s3.list_object_versions();
            let request = request.bucket(&self.location.bucket).prefix(&key);
            let request = request.set_key_marker(next_key).set_version_id_marker(next_version);
            let page = request
                .send()
                .await
                .map_err(|e| self.bucket_failure("s3:ListObjectVersions", &e))?;
            // Keys that merely begin like this one are another stack's business.
            let ours = page.versions().iter().filter(|v| v.key() == Some(key.as_str()));
            former.extend(ours.filter_map(|version| self.former_snapshot(version)));
            if !page.is_truncated().unwrap_or(false) {
                return Ok(former);
            }
            next_key = page.next_key_marker;
            next_version = page.next_version_id_marker;
        }
    }

    fn former_snapshot(&self, version: &ObjectVersion) -> Option<FormerSnapshot> {
        let id = version.version_id().filter(|id| *id != UNVERSIONED)?;
        if version.is_latest().unwrap_or(false) {
            return None;
        }
        Some(FormerSnapshot {
            id: id.to_owned(),
            stored_at: version.last_modified().map(ToString::to_string),
            size: version.size().and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
            place: format!("{}?versionId={id}", self.object_place(NAME)),
        })
    }

    pub(crate) async fn former(&self, id: &str) -> Result<Option<Vec<u8>>, StateError> {
        // An empty version id would be that of the present object.
        if id.is_empty() {
            return Ok(None);
        }
        let request = self.clients.s3.get_object().bucket(&self.location.bucket);
        let answer = match request.key(self.key(NAME)).version_id(id).send().await {
            Ok(answer) => answer,
            Err(e) if matches!(e.as_service_error(), Some(GetObjectError::NoSuchKey(_))) => {
                return Ok(None);
            }
            Err(e) => {
                let failure = Failure::of(&e);
                // S3 calls an id "invalid" that does not look like one of its own.
                let unknown = failure.has_code("NoSuchVersion")
                    || failure.has_code("InvalidArgument") && failure.status == Some(400);
                return if unknown {
                    Ok(None)
                } else {
                    Err(self.bucket_failure("s3:GetObject", &e))
                };
            }
        };
        let bytes = answer.body.collect().await.map_err(|e| StateError::Io {
            place: format!("{}?versionId={id}", self.object_place(NAME)),
            why: format!("reading it broke off: {e}"),
        })?;
        Ok(Some(bytes.to_vec()))
    }

    /// Removes a version for good. Whoever has the lock may, and nobody else.
    pub(crate) async fn drop_former(&self, lease: &Lease, id: &str) -> Result<(), StateError> {
        // Without an id it would be the present object.
        if id.is_empty() || id == UNVERSIONED {
            return Ok(());
        }
        self.renew(lease).await?;
        let request = self.clients.s3.delete_object().bucket(&self.location.bucket);
        match request.key(self.key(NAME)).version_id(id).send().await {
            Ok(_) => Ok(()),
            Err(e) => {
                let failure = Failure::of(&e);
                match failure.has_code("NoSuchVersion") || failure.has_code("NoSuchKey") {
                    true => Ok(()),
                    false => Err(self.bucket_failure("s3:DeleteObject", &e)),
                }
            }
        }
    }
}

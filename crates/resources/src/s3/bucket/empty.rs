//! Empties a bucket: every object, version, delete marker and unfinished upload.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use crate::prelude::*;

pub(super) async fn empty(aws: &Aws, bucket: &str) -> Result<()> {
    loop {
        let page = aws.s3().list_object_versions().bucket(bucket).max_keys(1000).send().await;
        let page = page.op("s3:ListBucketVersions")?;
        let versions = page.versions().iter().map(|v| (v.key.clone(), v.version_id.clone()));
        let markers = page.delete_markers().iter().map(|m| (m.key.clone(), m.version_id.clone()));
        let objects: Vec<ObjectIdentifier> = versions
            .chain(markers)
            .filter_map(|(key, version)| {
                ObjectIdentifier::builder().key(key?).set_version_id(version).build().ok()
            })
            .collect();
        if objects.is_empty() {
            break;
        }
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
        let delete = delete.map_err(|e| OpError::invalid(e.to_string()))?;
        let answer = aws.s3().delete_objects().bucket(bucket).delete(delete).send().await;
        let answer = answer.op("s3:DeleteObjectVersion")?;
        if let Some(refused) = answer.errors().first() {
            let code = refused.code.clone().unwrap_or_default();
            return Err(OpError {
                code: Some(code.clone()),
                operation: "s3:DeleteObjectVersion".into(),
                ..OpError::new(
                    crate::aws::kind_of_code(&code),
                    format!(
                        "object `{}` cannot be deleted: {}",
                        refused.key.as_deref().unwrap_or_default(),
                        refused.message.as_deref().unwrap_or_default()
                    ),
                )
            });
        }
    }
    loop {
        let page = aws.s3().list_multipart_uploads().bucket(bucket).send().await;
        let page = page.op("s3:ListBucketMultipartUploads")?;
        for upload in page.uploads() {
            let call = aws.s3().abort_multipart_upload().bucket(bucket);
            let call = call.set_key(upload.key.clone()).set_upload_id(upload.upload_id.clone());
            // Finished or aborted by somebody else in the meantime.
            found(call.send().await.op("s3:AbortMultipartUpload"))?;
        }
        if page.uploads().is_empty() || page.is_truncated != Some(true) {
            return Ok(());
        }
    }
}

//! The parts of a bucket's configuration that have calls of their own.

use std::future::Future;

use aws_sdk_s3::types::{
    BucketVersioningStatus, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tagging, VersioningConfiguration,
};

use super::{
    Bucket, BucketEncryption, PublicAccessBlock, cors, from_sdk, lifecycle, outputs, to_sdk,
};
use crate::prelude::*;

pub(super) fn bad(error: impl std::fmt::Display) -> OpError {
    OpError::invalid(error.to_string())
}

impl Bucket {
    pub(super) fn declares(&self, aspect: &str) -> bool {
        match aspect {
            "object_ownership" => self.object_ownership.is_some(),
            "public_access_block" => self.public_access_block.is_some(),
            "versioning_status" => self.versioning_status.is_some(),
            "encryption" => self.encryption.is_some(),
            "lifecycle_rules" => self.lifecycle_rules.is_some(),
            "cors_rules" => self.cors_rules.is_some(),
            _ => false,
        }
    }

    pub(super) async fn apply_aspects(
        &self,
        aws: &Aws,
        name: &str,
        aspects: &[&str],
    ) -> Result<()> {
        for aspect in aspects {
            match *aspect {
                "object_ownership" => self.put_ownership(aws, name).await?,
                "public_access_block" => self.put_access_block(aws, name).await?,
                "versioning_status" => self.put_versioning(aws, name).await?,
                "encryption" => self.put_encryption(aws, name).await?,
                "lifecycle_rules" => {
                    lifecycle::put(aws, name, self.lifecycle_rules.as_deref()).await?;
                }
                _ => cors::put(aws, name, self.cors_rules.as_deref()).await?,
            }
        }
        Ok(())
    }

    async fn put_ownership(&self, aws: &Aws, name: &str) -> Result<()> {
        let Some(ownership) = &self.object_ownership else { return Ok(()) };
        let rule = OwnershipControlsRule::builder()
            .object_ownership(ObjectOwnership::from(ownership.as_str()))
            .build()
            .map_err(bad)?;
        let controls = OwnershipControls::builder().rules(rule).build().map_err(bad)?;
        let call = aws.s3().put_bucket_ownership_controls().bucket(name);
        let answer = call.ownership_controls(controls).send().await;
        answer.op("s3:PutBucketOwnershipControls").map(drop)
    }

    async fn put_access_block(&self, aws: &Aws, name: &str) -> Result<()> {
        let Some(block) = &self.public_access_block else { return Ok(()) };
        let block = PublicAccessBlockConfiguration::builder()
            .block_public_acls(block.block_public_acls.unwrap_or(false))
            .block_public_policy(block.block_public_policy.unwrap_or(false))
            .ignore_public_acls(block.ignore_public_acls.unwrap_or(false))
            .restrict_public_buckets(block.restrict_public_buckets.unwrap_or(false))
            .build();
        let call = aws.s3().put_public_access_block().bucket(name);
        let answer = call.public_access_block_configuration(block).send().await;
        answer.op("s3:PutBucketPublicAccessBlock").map(drop)
    }

    async fn put_versioning(&self, aws: &Aws, name: &str) -> Result<()> {
        let Some(status) = &self.versioning_status else { return Ok(()) };
        let wanted = VersioningConfiguration::builder()
            .status(BucketVersioningStatus::from(status.as_str()))
            .build();
        let call = aws.s3().put_bucket_versioning().bucket(name);
        let answer = call.versioning_configuration(wanted).send().await;
        answer.op("s3:PutBucketVersioning").map(drop)
    }

    async fn put_encryption(&self, aws: &Aws, name: &str) -> Result<()> {
        let Some(encryption) = &self.encryption else { return Ok(()) };
        let by_default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::from(encryption.sse_algorithm.as_str()))
            .set_kms_master_key_id(encryption.kms_master_key_id.clone())
            .build()
            .map_err(bad)?;
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(by_default)
            .set_bucket_key_enabled(encryption.bucket_key_enabled)
            .build();
        let wanted =
            ServerSideEncryptionConfiguration::builder().rules(rule).build().map_err(bad)?;
        let call = aws.s3().put_bucket_encryption().bucket(name);
        let answer = call.server_side_encryption_configuration(wanted).send().await;
        answer.op("s3:PutEncryptionConfiguration").map(drop)
    }
}

/// The tags; `None` when there is no such bucket, `Some(None)` when it has none.
pub(super) async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Option<Tags>>> {
    let answer = aws.s3().get_bucket_tagging().bucket(name).send().await;
    match answer.op("s3:GetBucketTagging") {
        Ok(answer) => Ok(Some(from_sdk(answer.tag_set()))),
        Err(error) if error.has_code("NoSuchTagSet") => Ok(Some(None)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes all tags: those that are there, with what changes.
pub(super) async fn put_tags(
    aws: &Aws,
    name: &str,
    now: Option<Tags>,
    delta: tags::TagDelta,
) -> Result<()> {
    let mut all = now.unwrap_or_default();
    all.retain(|k, _| !delta.remove.contains(k));
    all.extend(delta.set);
    let tagging = Tagging::builder().set_tag_set(Some(to_sdk(&Some(all)))).build().map_err(bad)?;
    let call = aws.s3().put_bucket_tagging().bucket(name).tagging(tagging);
    call.send().await.op("s3:PutBucketTagging").map(drop)
}

/// What exists now: existence and tags, and of the rest what was declared, all at once.
pub(super) async fn read(
    aws: &Aws,
    name: String,
    known: Option<Bucket>,
) -> Result<Option<Live<Bucket>>> {
    let wants = |aspect: &str| known.as_ref().is_some_and(|k| k.declares(aspect));
    let parts = futures::try_join!(
        read_tags(aws, &name),
        when(wants("versioning_status"), versioning(aws, &name)),
        when(wants("encryption"), encryption(aws, &name)),
        when(wants("public_access_block"), access_block(aws, &name)),
        when(wants("lifecycle_rules"), lifecycle::read(aws, &name)),
        when(wants("cors_rules"), cors::read(aws, &name)),
        when(wants("object_ownership"), ownership(aws, &name)),
    );
    let (
        tags,
        versioning_status,
        encryption,
        public_access_block,
        lifecycle_rules,
        cors_rules,
        object_ownership,
    ) = match parts {
        Ok(parts) => parts,
        Err(error) if error.has_code("NoSuchBucket") => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(tags) = tags else { return Ok(None) };
    let inputs = Bucket {
        bucket_name: Some(name.clone()),
        versioning_status,
        encryption,
        public_access_block,
        lifecycle_rules,
        cors_rules,
        object_ownership,
        empty_on_delete: None,
        tags,
    };
    Ok(Some(Live::ready(inputs, outputs(&name, aws.region()))))
}

/// The answer of a call that is made only when it is wanted.
async fn when<T>(wanted: bool, call: impl Future<Output = Result<Option<T>>>) -> Result<Option<T>> {
    if wanted { call.await } else { Ok(None) }
}

async fn versioning(aws: &Aws, name: &str) -> Result<Option<String>> {
    let answer = aws.s3().get_bucket_versioning().bucket(name).send().await;
    let answer = answer.op("s3:GetBucketVersioning")?;
    Ok(answer.status.map(|s| s.as_str().to_owned()))
}

async fn encryption(aws: &Aws, name: &str) -> Result<Option<BucketEncryption>> {
    let answer = aws.s3().get_bucket_encryption().bucket(name).send().await;
    let answer = absent(answer.op("s3:GetEncryptionConfiguration"))?;
    let rules = answer.and_then(|a| a.server_side_encryption_configuration).map(|c| c.rules);
    Ok(rules.and_then(|r| r.into_iter().next()).and_then(|rule| {
        let default = rule.apply_server_side_encryption_by_default?;
        Some(BucketEncryption {
            sse_algorithm: default.sse_algorithm.as_str().to_owned(),
            kms_master_key_id: default.kms_master_key_id,
            bucket_key_enabled: rule.bucket_key_enabled,
        })
    }))
}

async fn access_block(aws: &Aws, name: &str) -> Result<Option<PublicAccessBlock>> {
    let answer = aws.s3().get_public_access_block().bucket(name).send().await;
    let answer = absent(answer.op("s3:GetBucketPublicAccessBlock"))?;
    Ok(answer.and_then(|a| a.public_access_block_configuration).map(|b| PublicAccessBlock {
        block_public_acls: b.block_public_acls,
        block_public_policy: b.block_public_policy,
        ignore_public_acls: b.ignore_public_acls,
        restrict_public_buckets: b.restrict_public_buckets,
    }))
}

async fn ownership(aws: &Aws, name: &str) -> Result<Option<String>> {
    let answer = aws.s3().get_bucket_ownership_controls().bucket(name).send().await;
    let answer = absent(answer.op("s3:GetBucketOwnershipControls"))?;
    let rule = answer.and_then(|a| a.ownership_controls).and_then(|c| c.rules.into_iter().next());
    Ok(rule.map(|r| r.object_ownership.as_str().to_owned()))
}

/// `None` when this part is not configured; a bucket that does not exist is an error.
pub(super) fn absent<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(error) if error.has_code("NoSuchBucket") => Err(error),
        other => found(other),
    }
}

//! The parts of a bucket's configuration that have calls of their own.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketVersioningStatus,
    ExpirationStatus, LifecycleExpiration, LifecycleRule as SdkRule, LifecycleRuleFilter,
    NoncurrentVersionExpiration, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tagging, Transition,
    TransitionStorageClass, VersioningConfiguration,
};

use super::{
    Bucket, BucketEncryption, LifecycleRule, LifecycleTransition, PublicAccessBlock, from_sdk,
    outputs, to_sdk,
};
use crate::prelude::*;

fn bad(error: impl std::fmt::Display) -> OpError {
    OpError::invalid(error.to_string())
}

impl Bucket {
    pub(super) fn declares(&self, aspect: &str) -> bool {
        match aspect {
            "object_ownership" => self.object_ownership.is_some(),
            "public_access_block" => self.public_access_block.is_some(),
            "versioning_status" => self.versioning_status.is_some(),
            "encryption" => self.encryption.is_some(),
            "lifecycle_rules" => self.lifecycle_rules.as_ref().is_some_and(|r| !r.is_empty()),
            _ => false,
        }
    }

    pub(super) async fn apply_aspects(
        &self,
        aws: &Aws,
        name: &str,
        aspects: &[&str],
    ) -> Result<(), OpError> {
        for aspect in aspects {
            match *aspect {
                "object_ownership" => self.put_ownership(aws, name).await?,
                "public_access_block" => self.put_access_block(aws, name).await?,
                "versioning_status" => self.put_versioning(aws, name).await?,
                "encryption" => self.put_encryption(aws, name).await?,
                _ => self.put_lifecycle(aws, name).await?,
            }
        }
        Ok(())
    }

    async fn put_ownership(&self, aws: &Aws, name: &str) -> Result<(), OpError> {
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

    async fn put_access_block(&self, aws: &Aws, name: &str) -> Result<(), OpError> {
        let Some(block) = &self.public_access_block else { return Ok(()) };
        let block = PublicAccessBlockConfiguration::builder()
            .set_block_public_acls(block.block_public_acls)
            .set_block_public_policy(block.block_public_policy)
            .set_ignore_public_acls(block.ignore_public_acls)
            .set_restrict_public_buckets(block.restrict_public_buckets)
            .build();
        let call = aws.s3().put_public_access_block().bucket(name);
        let answer = call.public_access_block_configuration(block).send().await;
        answer.op("s3:PutBucketPublicAccessBlock").map(drop)
    }

    async fn put_versioning(&self, aws: &Aws, name: &str) -> Result<(), OpError> {
        let Some(status) = &self.versioning_status else { return Ok(()) };
        let wanted = VersioningConfiguration::builder()
            .status(BucketVersioningStatus::from(status.as_str()))
            .build();
        let call = aws.s3().put_bucket_versioning().bucket(name);
        let answer = call.versioning_configuration(wanted).send().await;
        answer.op("s3:PutBucketVersioning").map(drop)
    }

    async fn put_encryption(&self, aws: &Aws, name: &str) -> Result<(), OpError> {
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

    async fn put_lifecycle(&self, aws: &Aws, name: &str) -> Result<(), OpError> {
        let rules = self.lifecycle_rules.as_deref().unwrap_or_default();
        if rules.is_empty() {
            let call = aws.s3().delete_bucket_lifecycle().bucket(name);
            return found(call.send().await.op("s3:PutLifecycleConfiguration")).map(drop);
        }
        let rules = rules.iter().map(rule_to_sdk).collect::<Result<_, _>>()?;
        let wanted =
            BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().map_err(bad)?;
        let call = aws.s3().put_bucket_lifecycle_configuration().bucket(name);
        let answer = call.lifecycle_configuration(wanted).send().await;
        answer.op("s3:PutLifecycleConfiguration").map(drop)
    }
}

fn rule_to_sdk(rule: &LifecycleRule) -> Result<SdkRule, OpError> {
    let filter = LifecycleRuleFilter::builder().prefix(rule.prefix.clone().unwrap_or_default());
    let transitions = rule.transitions.iter().flatten().map(|t| {
        Transition::builder()
            .days(t.transition_in_days)
            .storage_class(TransitionStorageClass::from(t.storage_class.as_str()))
            .build()
    });
    let transitions: Vec<_> = transitions.collect();
    SdkRule::builder()
        .id(&rule.id)
        .status(ExpirationStatus::from(rule.status.as_str()))
        .filter(filter.build())
        .set_expiration(
            rule.expiration_in_days.map(|d| LifecycleExpiration::builder().days(d).build()),
        )
        .set_noncurrent_version_expiration(
            rule.noncurrent_version_expiration_in_days
                .map(|d| NoncurrentVersionExpiration::builder().noncurrent_days(d).build()),
        )
        .set_abort_incomplete_multipart_upload(
            rule.abort_incomplete_multipart_upload_days.map(|d| {
                AbortIncompleteMultipartUpload::builder().days_after_initiation(d).build()
            }),
        )
        .set_transitions((!transitions.is_empty()).then_some(transitions))
        .build()
        .map_err(bad)
}

fn rule_from_sdk(rule: &SdkRule) -> LifecycleRule {
    let prefix = rule.filter.as_ref().and_then(|f| f.prefix.clone());
    let noncurrent = rule.noncurrent_version_expiration.as_ref();
    let abort = rule.abort_incomplete_multipart_upload.as_ref();
    let transitions: Vec<_> = rule
        .transitions()
        .iter()
        .filter_map(|t| {
            Some(LifecycleTransition {
                transition_in_days: t.days?,
                storage_class: t.storage_class.as_ref()?.as_str().to_owned(),
            })
        })
        .collect();
    LifecycleRule {
        id: rule.id.clone().unwrap_or_default(),
        status: rule.status.as_str().to_owned(),
        prefix: prefix.filter(|p| !p.is_empty()),
        expiration_in_days: rule.expiration.as_ref().and_then(|e| e.days),
        noncurrent_version_expiration_in_days: noncurrent.and_then(|n| n.noncurrent_days),
        abort_incomplete_multipart_upload_days: abort.and_then(|a| a.days_after_initiation),
        transitions: (!transitions.is_empty()).then_some(transitions),
    }
}

/// The tags; `None` when there is no such bucket, `Some(None)` when it has none.
pub(super) async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Option<Tags>>, OpError> {
    let answer = aws.s3().get_bucket_tagging().bucket(name).send().await;
    match answer.op("s3:GetBucketTagging") {
        Ok(answer) => Ok(Some(from_sdk(answer.tag_set()))),
        Err(error) if error.has_code("NoSuchTagSet") => Ok(Some(None)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the wanted tags, keeping those that are not ours to remove.
pub(super) async fn put_tags(
    aws: &Aws,
    name: &str,
    now: Option<&Tags>,
    wanted: Option<&Tags>,
) -> Result<(), OpError> {
    let mut all: Tags = now.cloned().unwrap_or_default();
    // What the engine took out of the program carries no mark of its own in S3, so everything
    // that is not declared goes; AWS's own tags were left out when reading.
    all.retain(|k, _| wanted.is_some_and(|w| w.contains_key(k)));
    all.extend(wanted.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
    let tagging = Tagging::builder().set_tag_set(Some(to_sdk(Some(&all))?)).build().map_err(bad)?;
    let call = aws.s3().put_bucket_tagging().bucket(name).tagging(tagging);
    call.send().await.op("s3:PutBucketTagging").map(drop)
}

/// What exists now: existence and tags, and of the rest what was declared.
pub(super) async fn read(
    aws: &Aws,
    name: String,
    known: Option<Bucket>,
) -> Result<Option<Live<Bucket>>, OpError> {
    let Some(tags) = read_tags(aws, &name).await? else { return Ok(None) };
    let wants = |aspect: &str| {
        known.as_ref().is_none_or(|k| k.declares(aspect))
            || (aspect == "lifecycle_rules"
                && known.as_ref().is_some_and(|k| k.lifecycle_rules.is_some()))
    };
    let s3 = aws.s3();
    let mut inputs = Bucket {
        bucket_name: Some(name.clone()),
        versioning_status: None,
        encryption: None,
        public_access_block: None,
        lifecycle_rules: None,
        object_ownership: None,
        empty_on_delete: None,
        tags,
    };
    if wants("versioning_status") {
        let answer = s3.get_bucket_versioning().bucket(&name).send().await;
        let answer = answer.op("s3:GetBucketVersioning")?;
        inputs.versioning_status = answer.status.map(|s| s.as_str().to_owned());
    }
    if wants("encryption") {
        let answer = s3.get_bucket_encryption().bucket(&name).send().await;
        let answer = found(answer.op("s3:GetEncryptionConfiguration"))?;
        let rule = answer
            .and_then(|a| a.server_side_encryption_configuration)
            .and_then(|c| c.rules.into_iter().next());
        inputs.encryption = rule.and_then(|r| {
            let default = r.apply_server_side_encryption_by_default?;
            Some(BucketEncryption {
                sse_algorithm: default.sse_algorithm.as_str().to_owned(),
                kms_master_key_id: default.kms_master_key_id,
                bucket_key_enabled: r.bucket_key_enabled,
            })
        });
    }
    if wants("public_access_block") {
        let answer = s3.get_public_access_block().bucket(&name).send().await;
        let answer = found(answer.op("s3:GetBucketPublicAccessBlock"))?;
        inputs.public_access_block =
            answer.and_then(|a| a.public_access_block_configuration).map(|b| PublicAccessBlock {
                block_public_acls: b.block_public_acls,
                block_public_policy: b.block_public_policy,
                ignore_public_acls: b.ignore_public_acls,
                restrict_public_buckets: b.restrict_public_buckets,
            });
    }
    if wants("lifecycle_rules") {
        let answer = s3.get_bucket_lifecycle_configuration().bucket(&name).send().await;
        let answer = found(answer.op("s3:GetLifecycleConfiguration"))?;
        inputs.lifecycle_rules = answer.map(|a| a.rules().iter().map(rule_from_sdk).collect());
    }
    if wants("object_ownership") {
        let answer = s3.get_bucket_ownership_controls().bucket(&name).send().await;
        let answer = found(answer.op("s3:GetBucketOwnershipControls"))?;
        let rule =
            answer.and_then(|a| a.ownership_controls).and_then(|c| c.rules.into_iter().next());
        inputs.object_ownership = rule.map(|r| r.object_ownership.as_str().to_owned());
    }
    Ok(Some(Live::ready(inputs, outputs(&name, aws.region()))))
}

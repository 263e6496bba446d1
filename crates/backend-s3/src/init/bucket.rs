//! The bucket.

use std::time::Duration;

use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketLocationConstraint, BucketVersioningStatus,
    CreateBucketConfiguration, PublicAccessBlockConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    VersioningConfiguration,
};
use ferrocrete_core::state::StateError;

use super::{InitOutcome, Setup, lifecycle, policy};
use crate::failure::Failure;
use crate::pause::Pauses;

/// The region that S3 does not want to be named.
const DEFAULT_REGION: &str = "us-east-1";

impl Setup<'_> {
    pub(super) async fn bucket(&mut self) -> Result<(), StateError> {
        let outcome = if self.bucket_exists().await? {
            InitOutcome::Found
        } else {
            self.create_bucket().await?
        };
        self.note_bucket("exists", outcome);
        let outcome = self.versioning().await?;
        self.note_bucket("versioning", outcome);
        let outcome = self.encryption().await?;
        self.note_bucket("default encryption", outcome);
        let outcome = self.public_access().await?;
        self.note_bucket("public access block", outcome);
        let outcome = self.tls_only().await?;
        self.note_bucket("TLS-only policy", outcome);
        let outcome = self.lifecycle().await?;
        self.note_bucket("removal of old versions", outcome);
        Ok(())
    }

    async fn bucket_exists(&self) -> Result<bool, StateError> {
        let head = self.clients.s3.head_bucket().bucket(&self.location.bucket);
        let error = match head.expected_bucket_owner(&self.account).send().await {
            Ok(_) => return Ok(true),
            Err(error) => error,
        };
        let failure = Failure::of(&error);
        match failure.status {
            Some(404) => Ok(false),
            // The answer to HEAD has no body that could tell more.
            Some(403) => Err(StateError::Unusable {
                place: format!("bucket `{}`", self.location.bucket),
                why: format!(
                    "it exists, but does not belong to account {}, or these credentials may not \
                     use it",
                    self.account
                ),
                fix: "choose another bucket name (names are shared by all AWS accounts), or \
                      check account and profile"
                    .to_owned(),
            }),
            _ => Err(self.bucket_error(&failure, "s3:HeadBucket")),
        }
    }

    async fn create_bucket(&self) -> Result<InitOutcome, StateError> {
        let region = self.clients.region.as_str();
        let constraint = (region != DEFAULT_REGION).then(|| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(region))
                .build()
        });
        let request = self
            .clients
            .s3
            .create_bucket()
            .bucket(&self.location.bucket)
            .set_create_bucket_configuration(constraint);
        let mut pauses = Pauses::conflict();
        let created = loop {
            let Err(error) = request.clone().send().await else { break InitOutcome::Created };
            let failure = Failure::of(&error);
            match failure.code.as_deref() {
                Some("BucketAlreadyOwnedByYou") => break InitOutcome::Found,
                Some("BucketAlreadyExists") => {
                    return Err(StateError::Unusable {
                        place: format!("bucket `{}`", self.location.bucket),
                        why: "the name is taken by another AWS account".to_owned(),
                        fix: "choose another bucket name: names are shared by all AWS accounts"
                            .to_owned(),
                    });
                }
                Some("OperationAborted") if pauses.pause().await => {}
                _ => return Err(self.bucket_error(&failure, "s3:CreateBucket")),
            }
        };
        let mut pauses = Pauses::new(30, Duration::from_millis(100), Duration::from_secs(2));
        while !self.bucket_exists().await? && pauses.pause().await {}
        Ok(created)
    }

    async fn versioning(&self) -> Result<InitOutcome, StateError> {
        let (s3, bucket) = (&self.clients.s3, &self.location.bucket);
        let current = s3.get_bucket_versioning().bucket(bucket).send().await;
        let current =
            current.map_err(|e| self.bucket_error(&Failure::of(&e), "s3:GetBucketVersioning"))?;
        if current.status() == Some(&BucketVersioningStatus::Enabled) {
            return Ok(InitOutcome::Found);
        }
        let wanted = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
        s3.put_bucket_versioning()
            .bucket(bucket)
            .versioning_configuration(wanted.build())
            .send()
            .await
            .map_err(|e| self.bucket_error(&Failure::of(&e), "s3:PutBucketVersioning"))?;
        Ok(InitOutcome::Changed)
    }

    async fn encryption(&self) -> Result<InitOutcome, StateError> {
        let (s3, bucket) = (&self.clients.s3, &self.location.bucket);
        match s3.get_bucket_encryption().bucket(bucket).send().await {
            Ok(current) => {
                let rules = current.server_side_encryption_configuration();
                if rules.is_some_and(|c| !c.rules().is_empty()) {
                    return Ok(InitOutcome::Found);
                }
            }
            Err(e) => {
                let failure = Failure::of(&e);
                if !failure.has_code("ServerSideEncryptionConfigurationNotFoundError") {
                    return Err(self.bucket_error(&failure, "s3:GetEncryptionConfiguration"));
                }
            }
        }
        let wanted = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::Aes256)
            .build()
            .and_then(|default| {
                let rule = ServerSideEncryptionRule::builder()
                    .apply_server_side_encryption_by_default(default);
                ServerSideEncryptionConfiguration::builder().rules(rule.build()).build()
            })
            .map_err(|e| self.unbuildable(&e))?;
        s3.put_bucket_encryption()
            .bucket(bucket)
            .server_side_encryption_configuration(wanted)
            .send()
            .await
            .map_err(|e| self.bucket_error(&Failure::of(&e), "s3:PutEncryptionConfiguration"))?;
        Ok(InitOutcome::Changed)
    }

    async fn public_access(&self) -> Result<InitOutcome, StateError> {
        let (s3, bucket) = (&self.clients.s3, &self.location.bucket);
        let wanted = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        match s3.get_public_access_block().bucket(bucket).send().await {
            Ok(current) if current.public_access_block_configuration() == Some(&wanted) => {
                return Ok(InitOutcome::Found);
            }
            Ok(_) => {}
            Err(e) => {
                let failure = Failure::of(&e);
                if !failure.has_code("NoSuchPublicAccessBlockConfiguration") {
                    return Err(self.bucket_error(&failure, "s3:GetBucketPublicAccessBlock"));
                }
            }
        }
        s3.put_public_access_block()
            .bucket(bucket)
            .public_access_block_configuration(wanted)
            .send()
            .await
            .map_err(|e| self.bucket_error(&Failure::of(&e), "s3:PutBucketPublicAccessBlock"))?;
        Ok(InitOutcome::Changed)
    }

    async fn tls_only(&self) -> Result<InitOutcome, StateError> {
        if self.clients.plain_http {
            return Ok(InitOutcome::Skipped("as this endpoint has no TLS"));
        }
        let (s3, bucket) = (&self.clients.s3, &self.location.bucket);
        let current = match s3.get_bucket_policy().bucket(bucket).send().await {
            Ok(current) => current.policy,
            Err(e) => {
                let failure = Failure::of(&e);
                if !failure.has_code("NoSuchBucketPolicy") {
                    return Err(self.bucket_error(&failure, "s3:GetBucketPolicy"));
                }
                None
            }
        };
        let wanted = policy::with_tls_only(current.as_deref(), bucket, &self.clients.region);
        let Some(wanted) = wanted else { return Ok(InitOutcome::Found) };
        s3.put_bucket_policy()
            .bucket(bucket)
            .policy(wanted)
            .send()
            .await
            .map_err(|e| self.bucket_error(&Failure::of(&e), "s3:PutBucketPolicy"))?;
        Ok(InitOutcome::Changed)
    }

    async fn lifecycle(&self) -> Result<InitOutcome, StateError> {
        let (s3, bucket) = (&self.clients.s3, &self.location.bucket);
        let current = s3.get_bucket_lifecycle_configuration().bucket(bucket).send().await;
        let (rules, least_size) = match current {
            Ok(current) => (current.rules, current.transition_default_minimum_object_size),
            Err(e) => {
                let failure = Failure::of(&e);
                if !failure.has_code("NoSuchLifecycleConfiguration") {
                    return Err(self.bucket_error(&failure, "s3:GetLifecycleConfiguration"));
                }
                (None, None)
            }
        };
        let wanted = lifecycle::with_rule(&rules.unwrap_or_default(), &self.location.prefix);
        let Some(wanted) = wanted.map_err(|e| self.unbuildable(&e))? else {
            return Ok(InitOutcome::Found);
        };
        let wanted = BucketLifecycleConfiguration::builder().set_rules(Some(wanted)).build();
        s3.put_bucket_lifecycle_configuration()
            .bucket(bucket)
            .lifecycle_configuration(wanted.map_err(|e| self.unbuildable(&e))?)
            .set_transition_default_minimum_object_size(least_size)
            .send()
            .await
            .map_err(|e| self.bucket_error(&Failure::of(&e), "s3:PutLifecycleConfiguration"))?;
        Ok(InitOutcome::Changed)
    }

    fn unbuildable(&self, error: &aws_sdk_s3::error::BuildError) -> StateError {
        StateError::Io { place: self.location.to_string(), why: error.to_string() }
    }
}

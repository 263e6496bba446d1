//! `AWS::S3::Bucket`: an object store with a name that is unique in the world.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateBucket (in us-east-1 GetBucketTagging before it), then per declared aspect PutBucketVersioning, PutBucketEncryption, PutPublicAccessBlock, PutBucketLifecycleConfiguration, PutBucketOwnershipControls, PutBucketCors |
//! | read | GetBucketTagging (existence and tags), then per declared aspect GetBucketVersioning, GetBucketEncryption, GetPublicAccessBlock, GetBucketLifecycleConfiguration, GetBucketOwnershipControls, GetBucketCors |
//! | find | GetBucketTagging |
//! | update | GetBucketTagging, PutBucketTagging; the same calls as the create of each changed aspect: PutBucketVersioning, PutBucketEncryption, PutPublicAccessBlock, PutBucketLifecycleConfiguration or DeleteBucketLifecycle, PutBucketOwnershipControls, PutBucketCors or DeleteBucketCors |
//! | delete | with `empty_on_delete` ListObjectVersions, DeleteObjects, ListMultipartUploads, AbortMultipartUpload; DeleteBucket |
//!
//! Traps: in us-east-1 CreateBucket of one's own bucket succeeds and resets its ACL, so there
//! create looks first; ownership is only what the tag says. New buckets are encrypted, private
//! and without ACLs: what is declared like that costs no call at create. Tags go with CreateBucket;
//! later they are replaced as a whole, so an update reads them first. `empty_on_delete` works
//! once it has been applied: set it, run `up`, destroy. S3 may not know a bucket of moments ago in
//! the next call (`NoSuchBucket`; TF: `internal/service/s3/bucket.go` repeats each of them). The
//! name of a deleted bucket may be refused for an hour or more (`OperationAborted`, above all in
//! another region; TF waits for 20 minutes, and so do we), so a derived name is not used again:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html>
//! Left out: replication (`replication_configuration`), notifications
//! (`notification_configuration`), logging (`logging_configuration`), website
//! (`website_configuration`, `website_url`), object lock (`object_lock_configuration`,
//! `object_lock_enabled`), acceleration (`accelerate_configuration`), reports and their like
//! (`analytics_configurations`, `inventory_configurations`, `metrics_configurations`,
//! `metadata_configuration`, `metadata_table_configuration`),
//! `intelligent_tiering_configurations`, `abac_status`; `access_control`, because ACLs are off in
//! new buckets; `bucket_name_prefix`, because names are derived; `bucket_namespace`; `domain_name`
//! and `dual_stack_domain_name`, which follow from the name;
//! `bucket_encryption.server_side_encryption_configuration.blocked_encryption_types`. Of lifecycle
//! rules: further conditions (`lifecycle_rules.object_size_greater_than`,
//! `lifecycle_rules.object_size_less_than`,
//! `lifecycle_configuration.transition_default_minimum_object_size`), days of the calendar
//! (`lifecycle_rules.expiration_date`, `lifecycle_rules.transitions.transition_date`), how many
//! old versions never expire
//! (`lifecycle_rules.noncurrent_version_expiration.newer_noncurrent_versions`), and the older
//! spellings `lifecycle_rules.transition`, `lifecycle_rules.noncurrent_version_transition` and
//! `lifecycle_configuration.rules.noncurrent_version_expiration_in_days`.
//! Differences:
//! - renamed `versioning_status` (`versioning_configuration.status`), `object_ownership`
//!   (`ownership_controls.rules.object_ownership`), `public_access_block`
//!   (`public_access_block_configuration`), `cors_rules` (`cors_configuration.cors_rules`),
//!   `lifecycle_rules` (`lifecycle_configuration.rules`): without the wrapping.
//! - renamed `encryption`
//!   (`bucket_encryption.server_side_encryption_configuration.server_side_encryption_by_default`),
//!   `encryption.bucket_key_enabled`
//!   (`bucket_encryption.server_side_encryption_configuration.bucket_key_enabled`): the same.
//! - renamed `lifecycle_rules.abort_incomplete_multipart_upload_days`
//!   (`lifecycle_configuration.rules.abort_incomplete_multipart_upload.days_after_initiation`),
//!   `lifecycle_rules.noncurrent_version_expiration_in_days`
//!   (`lifecycle_configuration.rules.noncurrent_version_expiration.noncurrent_days`): the same.
//! - read back `lifecycle_rules.expired_object_delete_marker`: AWS tells it.
//! - own `empty_on_delete`: a bucket with objects refuses to go.
//! - also needs `s3:ListBucketVersions`, `s3:DeleteObjectVersion`,
//!   `s3:ListBucketMultipartUploads`, `s3:AbortMultipartUpload`: for `empty_on_delete`.
//! - does not need `iam:PassRole`: for replication.
//! - does not need `s3tables:CreateNamespace`, `s3tables:CreateTable`,
//!   `s3tables:CreateTableBucket`, `s3tables:GetTable`, `s3tables:GetTableMetadataLocation`,
//!   `s3tables:PutTableBucketPolicy`, `s3tables:PutTableEncryption`, `s3tables:PutTablePolicy`,
//!   `s3tables:UpdateTableMetadataLocation`: for `metadata_configuration`.

mod aspects;
mod cors;
mod empty;
mod lifecycle;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Tag};

pub use cors::CorsRule;
pub use lifecycle::{LifecycleRule, LifecycleTransition, NoncurrentVersionTransition};

use ferrocrete_aws::domain;

use crate::aws::answer::{advise, partition};
use crate::prelude::*;

crate::required_tags!(Tag);

/// An object store.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::S3::Bucket",
    identity("bucket_name"),
    global,
    name_lingers,
    eventual("NoSuchBucket"),
    busy("OperationAborted"),
    busy_for = 1200,
    iam(
        create(
            "s3:CreateBucket",
            "s3:TagResource",
            "s3:PutBucketTagging",
            "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutLifecycleConfiguration",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketCORS",
            "s3:GetBucketTagging"
        ),
        find("s3:GetBucketTagging"),
        read(
            "s3:GetBucketCORS",
            "s3:GetBucketTagging",
            "s3:GetBucketVersioning",
            "s3:GetEncryptionConfiguration",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetLifecycleConfiguration",
            "s3:GetBucketOwnershipControls"
        ),
        update(
            "s3:GetBucketTagging",
            "s3:PutBucketTagging",
            "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutLifecycleConfiguration",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketCORS"
        ),
        delete(
            "s3:DeleteBucket",
            "s3:ListBucketVersions",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:ListBucketMultipartUploads",
            "s3:AbortMultipartUpload"
        )
    )
)]
pub struct Bucket {
    /// Name: 3 to 63 lower-case letters, digits, hyphens. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 63, lowercase, extra = "-"))]
    pub bucket_name: Option<String>,
    /// `Enabled` or `Suspended`; a bucket that had versions once is never without again.
    /// Default: never enabled.
    #[field(server_default)]
    pub versioning_status: Option<String>,
    /// Encryption at rest. Default: AES256.
    #[field(server_default)]
    pub encryption: Option<BucketEncryption>,
    /// Which kinds of public access are refused. Default: all.
    #[field(server_default)]
    pub public_access_block: Option<PublicAccessBlock>,
    /// When objects move or expire. Default: never.
    #[field(by("id"))]
    pub lifecycle_rules: Option<Vec<LifecycleRule>>,
    /// Which web pages of other origins may use the bucket. Default: none.
    pub cors_rules: Option<Vec<CorsRule>>,
    /// `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`. Default: the first.
    #[field(server_default)]
    pub object_ownership: Option<String>,
    /// Delete all objects and versions before deleting the bucket. Default: false, so that a
    /// bucket with objects refuses to go.
    #[field(write_only)]
    pub empty_on_delete: Option<bool>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Encryption at rest.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct BucketEncryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub sse_algorithm: String,
    /// KMS key, for the `aws:kms` algorithms. Default: the account's key for S3.
    pub kms_master_key_id: Option<String>,
    /// Fewer KMS calls through bucket keys. Default: false.
    pub bucket_key_enabled: Option<bool>,
}

/// Which kinds of public access are refused.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct PublicAccessBlock {
    /// Refuse new public ACLs. Default: false.
    #[field(default = false)]
    pub block_public_acls: Option<bool>,
    /// Refuse public bucket policies. Default: false.
    #[field(default = false)]
    pub block_public_policy: Option<bool>,
    /// Ignore public ACLs. Default: false.
    #[field(default = false)]
    pub ignore_public_acls: Option<bool>,
    /// Only AWS services and the account itself may use a bucket with a public policy.
    /// Default: false.
    #[field(default = false)]
    pub restrict_public_buckets: Option<bool>,
}

/// What AWS knows of a [`Bucket`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct BucketOutputs {
    /// Name.
    #[output(from_input)]
    pub bucket_name: String,
    /// ARN, such as `arn:aws:s3:::NAME`.
    pub arn: String,
    /// Host name, such as `NAME.s3.eu-central-1.amazonaws.com`.
    pub regional_domain_name: String,
}

impl Bucket {
    fn name(&self) -> String {
        self.bucket_name.clone().unwrap_or_default()
    }

    /// Whether an earlier attempt of this very create made it. Only us-east-1 needs to be
    /// asked beforehand, and only about names that the user chose: there AWS would hand over
    /// any bucket of the account.
    async fn made_before(&self, cx: &Cx, name: &str) -> Result<bool> {
        if cx.region() != "us-east-1" || cx.is_derived(name) {
            return Ok(false);
        }
        match aspects::read_tags(cx, name).await {
            Ok(None) => Ok(false),
            Ok(Some(tags)) if tags::is_ours(cx, &tags) => Ok(true),
            Ok(Some(_)) => Err(OpError::new(
                ErrorKind::AlreadyExists,
                format!(
                    "bucket `{name}` exists in this account and is not ours\n  what to do: choose another name"
                ),
            )),
            // Somebody else's bucket: creating it says so best.
            Err(error) if error.kind == ErrorKind::AccessDenied => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn make(&self, cx: &Cx, name: &str) -> Result<()> {
        // us-east-1 is the one region that must not be named.
        let place =
            (cx.region() != "us-east-1").then(|| BucketLocationConstraint::from(cx.region()));
        let configuration = CreateBucketConfiguration::builder()
            .set_location_constraint(place)
            .set_tags(Some(to_sdk(&self.tags)))
            .build();
        let call = cx.s3().create_bucket().bucket(name).create_bucket_configuration(configuration);
        match call.send().await.op("s3:CreateBucket") {
            // Ours only if the tag says so: made by an earlier attempt of this very operation.
            Err(error) if error.has_code("BucketAlreadyOwnedByYou") => {
                self.find(cx).await?.map(drop).ok_or(error)
            }
            other => other.map(drop),
        }
    }
}

fn outputs(name: &str, region: &str) -> BucketOutputs {
    let partition = partition(region);
    let suffix = domain(region);
    BucketOutputs {
        bucket_name: name.to_owned(),
        arn: format!("arn:{partition}:s3:::{name}"),
        regional_domain_name: format!("{name}.s3.{region}.{suffix}"),
    }
}

/// Names of the properties that are set by calls of their own, in the order of the calls.
const ASPECTS: [&str; 6] = [
    "object_ownership",
    "public_access_block",
    "versioning_status",
    "encryption",
    "lifecycle_rules",
    "cors_rules",
];

impl Resource for Bucket {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let name = self.name();
        if !self.made_before(cx, &name).await? {
            self.make(cx, &name).await?;
        }
        // Also what new buckets have by themselves: since 2023, on AWS; not in older settings of an
        // organisation, nor in other S3s.
        let declared: Vec<&str> = ASPECTS.into_iter().filter(|a| self.declares(a)).collect();
        if !declared.is_empty() {
            cx.accepted(&name).await?;
            self.apply_aspects(cx, &name, &declared).await?;
        }
        let outputs = outputs(&name, cx.region());
        Ok(Made::Ready(name, outputs))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| aspects::read(cloud, item.id.clone(), item.inputs.clone())).await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let name = self.name();
        let Some(tags) = aspects::read_tags(cx, &name).await? else { return Ok(None) };
        Ok(tags::is_ours(cx, &tags).then_some(name))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        let changed: Vec<&str> = ASPECTS.into_iter().filter(|a| changes.has(a)).collect();
        self.apply_aspects(cx, id, &changed).await?;
        if changes.has("tags") {
            // The API only replaces all tags at once, so foreign ones have to be kept by hand.
            let now = aspects::read_tags(cx, id).await?.flatten();
            let delta = tags::delta(&old.tags, &self.tags);
            aspects::put_tags(cx, id, now, delta).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let empties = self.empty_on_delete == Some(true);
        if empties && found(empty::empty(cx, id).await)?.is_none() {
            return Ok(Progress::Done);
        }
        let delete = async || cx.s3().delete_bucket().bucket(id).send().await.op("s3:DeleteBucket");
        match delete().await {
            // Something was written in between.
            Err(error) if error.has_code("BucketNotEmpty") && empties => {
                found(empty::empty(cx, id).await)?;
                gone(delete().await)
            }
            Err(error) if error.has_code("BucketNotEmpty") => Err(advise(
                error,
                "empty it, or set `empty_on_delete` to true and run `up` before you delete it",
            )),
            other => gone(other),
        }
    }
}

//! `AWS::S3::Bucket`: an object store with a name that is unique in the world.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | CreateBucket, then one Put* per declared aspect | s3:CreateBucket, s3:PutBucketTagging, s3:PutBucketVersioning, … |
//! | read | GetBucketTagging (existence and tags), one Get* per declared aspect | s3:GetBucketTagging, s3:GetBucketVersioning, … |
//! | update | the Put* or Delete* of each changed aspect | the same |
//! | delete | with `empty_on_delete` ListObjectVersions, DeleteObjects, AbortMultipartUpload; DeleteBucket | s3:DeleteBucket, s3:ListBucketVersions, s3:DeleteObjectVersion |
//!
//! Traps: in us-east-1 CreateBucket of one's own bucket succeeds, so ownership is only what
//! the tag says; new buckets are encrypted, private and without ACLs whatever is declared.
//! Left out: replication, notifications, logging, website, CORS, object lock, accelerate.

mod aspects;
mod empty;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Tag};

use crate::prelude::*;

crate::required_tags!(Tag);

/// An object store.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::S3::Bucket",
    outputs = BucketOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html",
    eventual("OperationAborted"),
    busy("OperationAborted"),
    iam(
        create(
            "s3:CreateBucket", "s3:PutBucketTagging", "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration", "s3:PutBucketPublicAccessBlock",
            "s3:PutLifecycleConfiguration", "s3:PutBucketOwnershipControls"
        ),
        read(
            "s3:ListBucket", "s3:GetBucketTagging", "s3:GetBucketVersioning",
            "s3:GetEncryptionConfiguration", "s3:GetBucketPublicAccessBlock",
            "s3:GetLifecycleConfiguration", "s3:GetBucketOwnershipControls"
        ),
        update(
            "s3:PutBucketTagging", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration",
            "s3:PutBucketPublicAccessBlock", "s3:PutLifecycleConfiguration",
            "s3:PutBucketOwnershipControls"
        ),
        delete(
            "s3:DeleteBucket", "s3:ListBucketVersions", "s3:DeleteObject", "s3:DeleteObjectVersion",
            "s3:ListBucketMultipartUploads", "s3:AbortMultipartUpload"
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
    pub lifecycle_rules: Option<Vec<LifecycleRule>>,
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
    pub block_public_acls: Option<bool>,
    /// Refuse public bucket policies. Default: false.
    pub block_public_policy: Option<bool>,
    /// Ignore public ACLs. Default: false.
    pub ignore_public_acls: Option<bool>,
    /// Only AWS services and the account itself may use a bucket with a public policy.
    /// Default: false.
    pub restrict_public_buckets: Option<bool>,
}

/// When objects move or expire.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct LifecycleRule {
    /// Name, unique in the bucket.
    pub id: String,
    /// `Enabled` or `Disabled`.
    pub status: String,
    /// Only for keys that begin like this. Default: all.
    pub prefix: Option<String>,
    /// Days after which objects expire.
    pub expiration_in_days: Option<i32>,
    /// Days after which old versions expire.
    pub noncurrent_version_expiration_in_days: Option<i32>,
    /// Days after which unfinished uploads are dropped.
    pub abort_incomplete_multipart_upload_days: Option<i32>,
    /// Moves to cheaper classes.
    pub transitions: Option<Vec<LifecycleTransition>>,
}

/// A move to another storage class.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct LifecycleTransition {
    /// Days after which objects move.
    pub transition_in_days: i32,
    /// Class, such as `STANDARD_IA` or `GLACIER`.
    pub storage_class: String,
}

/// What AWS knows of a [`Bucket`].
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct BucketOutputs {
    /// Name.
    #[output(from_input)]
    pub bucket_name: String,
    /// ARN.
    pub arn: String,
    /// Host name, such as `NAME.s3.eu-central-1.amazonaws.com`.
    pub regional_domain_name: String,
}

impl Bucket {
    fn name(&self) -> String {
        self.bucket_name.clone().unwrap_or_default()
    }
}

fn outputs(name: &str, region: &str) -> BucketOutputs {
    BucketOutputs {
        bucket_name: name.to_owned(),
        arn: format!("arn:aws:s3:::{name}"),
        regional_domain_name: format!("{name}.s3.{region}.amazonaws.com"),
    }
}

/// Names of the properties that are set by calls of their own, in the order of the calls.
const ASPECTS: [&str; 5] = [
    "object_ownership",
    "public_access_block",
    "versioning_status",
    "encryption",
    "lifecycle_rules",
];

impl Resource for Bucket {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        let name = self.name();
        // us-east-1 is the one region that must not be named.
        let place =
            (cx.region() != "us-east-1").then(|| BucketLocationConstraint::from(cx.region()));
        let configuration = CreateBucketConfiguration::builder()
            .set_location_constraint(place)
            .set_tags(Some(to_sdk(self.tags.as_ref())?))
            .build();
        let made = cx
            .s3()
            .create_bucket()
            .bucket(&name)
            .create_bucket_configuration(configuration)
            .send()
            .await
            .op("s3:CreateBucket");
        if let Err(error) = made {
            // Ours only if the tag says so: made by an earlier attempt of this very operation.
            if error.has_code("BucketAlreadyOwnedByYou") && self.find(cx).await?.is_some() {
                tracing::debug!(%name, "an earlier attempt had made the bucket");
            } else {
                return Err(error);
            }
        }
        cx.accepted(&name).await?;
        // Not every endpoint takes the tags of CreateBucket, and ownership hangs on them.
        aspects::put_tags(cx, &name, None, self.tags.as_ref()).await?;
        let declared: Vec<&str> = ASPECTS.into_iter().filter(|a| self.declares(a)).collect();
        self.apply_aspects(cx, &name, &declared).await?;
        let outputs = outputs(&name, cx.region());
        Ok(Made::Ready(name, outputs))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        batch::each(items, |item| aspects::read(cloud, item.id.clone(), item.inputs.clone())).await
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        let name = self.name();
        let Some(tags) = aspects::read_tags(cx, &name).await? else { return Ok(None) };
        let ours = tags.is_some_and(|t| t.get(OWNER) == Some(&cx.owner_tag()));
        Ok(ours.then_some(name))
    }

    async fn update(
        &self,
        cx: &Cx<Aws>,
        id: &str,
        _: &Self,
        changes: &Changes,
    ) -> Result<Progress, OpError> {
        let changed: Vec<&str> = ASPECTS.into_iter().filter(|a| changes.has(a)).collect();
        self.apply_aspects(cx, id, &changed).await?;
        if changes.has("tags") {
            // The API only replaces all tags at once, so foreign ones have to be kept by hand.
            let now = aspects::read_tags(cx, id).await?.flatten();
            aspects::put_tags(cx, id, now.as_ref(), self.tags.as_ref()).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Aws>, id: &str) -> Result<Progress, OpError> {
        if self.empty_on_delete == Some(true) && found(empty::empty(cx, id).await)?.is_none() {
            return Ok(Progress::Done);
        }
        found(cx.s3().delete_bucket().bucket(id).send().await.op("s3:DeleteBucket"))?;
        Ok(Progress::Done)
    }
}

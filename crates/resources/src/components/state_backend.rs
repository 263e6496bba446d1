//! [`StateBackend`].
//!
//! ```text
//!   snapshot, old versions ──> bucket: versioned, encrypted, TLS only, not public
//!   lock, journal          ──> table: on demand, restorable to any second
//! ```

use bon::Builder;
use ferrocrete_core::{Component, Output, Stack, interpolate};

use crate::dynamodb::{
    AttributeDefinition, KeySchemaElement, PointInTimeRecoverySpecification, Table,
};
use crate::iam::{PolicyDocument, Statement};
use crate::s3::{Bucket, BucketEncryption, BucketPolicy, LifecycleRule, PublicAccessBlock};

/// Bucket and table in which other stacks keep their state, as `backend init` would make them.
///
/// ```no_run
/// # use ferrocrete_core::Stack;
/// use ferrocrete_resources::components::StateBackend;
/// # fn program(stack: &Stack) {
/// let state = stack.component("state", StateBackend::builder().build());
/// stack.export("backend", &state.url); // for `--backend` of the others
/// # }
/// ```
#[derive(Debug, Clone, Builder)]
pub struct StateBackend {
    /// Where in the bucket state is, without slashes at the ends. Default: at the top.
    #[builder(into, default)]
    pub prefix: String,
    /// Days that a former version of state is kept. Default: 90.
    #[builder(default = 90)]
    pub former_versions_days: i32,
    /// Whether a delete of the component empties the bucket and takes the table, with the state
    /// of all stacks. Default: false, and both refuse to go.
    #[builder(default)]
    pub disposable: bool,
}

/// The parts of a [`StateBackend`].
pub struct StateBackendOutputs {
    /// `s3://BUCKET/PREFIX?table=NAME`, as `--backend` takes it.
    pub url: Output<String>,
    /// Name of the bucket.
    pub bucket_name: Output<String>,
    /// Name of the table.
    pub table_name: Output<String>,
}

impl Component for StateBackend {
    const TYPE: &'static str = "ferrocrete:StateBackend";
    type Outputs = StateBackendOutputs;

    fn build(self, scope: &Stack) -> StateBackendOutputs {
        let id = match self.prefix.as_str() {
            "" => "ferrocrete".to_owned(),
            prefix => format!("ferrocrete {prefix}"),
        };
        let below = (!self.prefix.is_empty()).then(|| format!("{}/", self.prefix));
        let bucket = scope.add(
            "bucket",
            Bucket::builder()
                .versioning_status("Enabled")
                .encryption(BucketEncryption::builder().sse_algorithm("AES256"))
                .public_access_block(
                    PublicAccessBlock::builder()
                        .block_public_acls(true)
                        .block_public_policy(true)
                        .ignore_public_acls(true)
                        .restrict_public_buckets(true),
                )
                .lifecycle_rules([LifecycleRule::builder()
                    .id(id)
                    .status("Enabled")
                    .maybe_prefix(below)
                    .noncurrent_version_expiration_in_days(self.former_versions_days)
                    .abort_incomplete_multipart_upload_days(7)])
                .empty_on_delete(self.disposable),
        );
        let arn = &bucket.arn;
        let tls_only = Statement::new()
            .sid("FerrocreteTlsOnly")
            .action("s3:*")
            .principal_everyone()
            .resources([arn.clone(), interpolate!("{arn}/*")])
            .condition("Bool", "aws:SecureTransport", ["false"]);
        scope.add(
            "bucket",
            BucketPolicy::builder()
                .bucket(&bucket.bucket_name)
                .policy_document(PolicyDocument::new().deny(tls_only)),
        );
        let table = scope.add(
            "table",
            Table::builder()
                .attribute_definitions(["pk", "sk"].map(|name| {
                    AttributeDefinition::builder().attribute_name(name).attribute_type("S")
                }))
                .key_schema([("pk", "HASH"), ("sk", "RANGE")].map(|(name, kind)| {
                    KeySchemaElement::builder().attribute_name(name).key_type(kind)
                }))
                .billing_mode("PAY_PER_REQUEST")
                .point_in_time_recovery_specification(
                    PointInTimeRecoverySpecification::builder()
                        .point_in_time_recovery_enabled(true),
                )
                .deletion_protection_enabled(!self.disposable),
        );
        let (name, table_name) = (&bucket.bucket_name, &table.table_name);
        let start = match self.prefix.as_str() {
            "" => interpolate!("s3://{name}"),
            prefix => {
                let prefix = Output::of(prefix.to_owned());
                interpolate!("s3://{name}/{prefix}")
            }
        };
        StateBackendOutputs {
            url: interpolate!("{start}?table={table_name}"),
            bucket_name: name.clone(),
            table_name: table_name.clone(),
        }
    }
}

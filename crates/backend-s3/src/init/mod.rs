//! [`init`]: makes bucket and table, or repairs their settings.

mod bucket;
mod lifecycle;
mod policy;
mod report;
mod table;

use aws_config::SdkConfig;
use ferrocrete_core::state::StateError;

use crate::clients::Clients;
use crate::failure::{About, Failure};
use crate::location::S3Location;

pub use report::{InitItem, InitOutcome, InitReport};

/// What the parts of [`init`] share.
struct Setup<'a> {
    location: &'a S3Location,
    clients: Clients,
    account: String,
    report: InitReport,
}

/// Makes the bucket and the table of `location` and sets them up for state; waits until both
/// are usable. May be run again at any time: what is there is kept, and settings that are
/// missing are repaired.
///
/// The bucket gets versioning, default encryption (SSE-S3 unless it has another), a block of
/// public access, a policy that refuses connections without TLS, and a lifecycle rule that
/// removes versions of state 90 days after they were replaced, the newest ten excepted.
/// Other statements of its policy and other lifecycle rules are kept. On an endpoint without
/// TLS (an emulator) the policy is left out, as it would shut out everybody.
///
/// The table gets keys `pk` and `sk`, on-demand capacity, deletion protection and
/// point-in-time recovery; it is encrypted by DynamoDB's default.
///
/// Needs `sts:GetCallerIdentity`; on the bucket `s3:ListBucket`, `s3:CreateBucket`, and Get
/// and Put of `BucketVersioning`, `EncryptionConfiguration`, `BucketPublicAccessBlock`,
/// `BucketPolicy` and `LifecycleConfiguration`; on the table `dynamodb:DescribeTable`,
/// `CreateTable`, `UpdateTable`, `DescribeContinuousBackups` and `UpdateContinuousBackups`.
///
/// # Errors
/// [`StateError::Unusable`] when the bucket belongs to another account or is in another
/// region, when the table has other keys, or when a permission is missing.
pub async fn init(location: &S3Location, config: &SdkConfig) -> Result<InitReport, StateError> {
    let clients = Clients::new(location, config)?;
    let account = account(&clients, location).await?;
    let report = InitReport {
        location: location.clone(),
        account: account.clone(),
        region: clients.region.clone(),
        items: Vec::new(),
    };
    let mut setup = Setup { location, clients, account, report };
    setup.bucket().await?;
    setup.table().await?;
    Ok(setup.report)
}

/// The account of the credentials in use.
async fn account(clients: &Clients, location: &S3Location) -> Result<String, StateError> {
    let sts = aws_sdk_sts::Client::new(&clients.config);
    let about = About::Bucket { bucket: &location.bucket, region: &clients.region };
    let identity = sts
        .get_caller_identity()
        .send()
        .await
        .map_err(|e| Failure::of(&e).explain("sts:GetCallerIdentity", about))?;
    Ok(identity.account.unwrap_or_default())
}

impl Setup<'_> {
    fn about_bucket(&self) -> About<'_> {
        About::Bucket { bucket: &self.location.bucket, region: &self.clients.region }
    }

    fn about_table(&self) -> About<'_> {
        About::Table { table: &self.location.table, region: &self.clients.region }
    }

    fn bucket_error(&self, failure: &Failure, call: &str) -> StateError {
        failure.explain(call, self.about_bucket())
    }

    fn table_error(&self, failure: &Failure, call: &str) -> StateError {
        failure.explain(call, self.about_table())
    }

    fn note(&mut self, place: String, what: &'static str, outcome: InitOutcome) {
        tracing::debug!(place, what, ?outcome, "backend init");
        self.report.items.push(InitItem { place, what, outcome });
    }

    fn note_bucket(&mut self, what: &'static str, outcome: InitOutcome) {
        self.note(format!("bucket `{}`", self.location.bucket), what, outcome);
    }

    fn note_table(&mut self, what: &'static str, outcome: InitOutcome) {
        self.note(format!("table `{}`", self.location.table), what, outcome);
    }
}

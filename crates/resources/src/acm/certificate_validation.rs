//! `AWS::CertificateManager::CertificateValidation`: waits until a certificate is issued.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create, update | DescribeCertificate |
//! | read, find | DescribeCertificate per certificate, concurrently |
//! | delete | none |
//!
//! Traps: not a type of CloudFormation's, whose certificate itself waits; here records of any zone,
//! or of another provider, can be declared between the two. Some minutes pass between the records
//! and the issue; AWS gives up after 72 hours, this after the option `timeouts` (an hour).
//! Differences:
//! - own type: there, the certificate itself waits.

use aws_sdk_acm::types::{CertificateDetail, CertificateStatus};

use super::shared::{broken, describe, same_domain};
use super::validation_record::records;
use crate::prelude::*;

/// Waits until a [`super::Certificate`] is issued. It makes nothing in AWS.
///
/// What uses the certificate takes `certificate_arn` from here, so that it waits, too.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::CertificateManager::CertificateValidation",
    link = "https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html",
    identity("certificate_arn"),
    eventual("ResourceNotFoundException"),
    iam(
        create("acm:DescribeCertificate"),
        read("acm:DescribeCertificate"),
        update("acm:DescribeCertificate")
    )
)]
pub struct CertificateValidation {
    /// ARN of the certificate. Replaces.
    #[field(replaces)]
    pub certificate_arn: String,
    /// Names of the validation records that are declared, such as `fqdn` of each
    /// `route53::RecordSet`: waits for them first, and refuses to wait where one is missing.
    /// Without it, say `depends_on` the records.
    #[field(set, write_only)]
    pub validation_record_fqdns: Option<Vec<String>>,
}

/// What AWS knows of a [`CertificateValidation`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct CertificateValidationOutputs {
    /// ARN of the certificate, which is issued.
    #[output(from_input)]
    pub certificate_arn: String,
}

impl Resource for CertificateValidation {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        self.check(cx).await?;
        Ok(Made::Pending(self.certificate_arn.clone()))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let Some(detail) = describe(cloud, &item.id).await? else { return Ok(None) };
            let known = item.inputs.as_ref();
            Ok(Some(Live {
                inputs: Self {
                    certificate_arn: item.id.clone(),
                    validation_record_fqdns: known.and_then(|k| k.validation_record_fqdns.clone()),
                },
                outputs: CertificateValidationOutputs { certificate_arn: item.id.clone() },
                status: progress(&detail),
            }))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        // It makes nothing, so there is nothing to lose: whoever waits, waits again.
        let there = describe(cx, &self.certificate_arn).await?.is_some();
        Ok(there.then(|| self.certificate_arn.clone()))
    }

    async fn update(&self, cx: &Cx, _: &str, _: &Self, _: &Changes) -> Result<Progress> {
        self.check(cx).await?;
        Ok(Progress::Pending)
    }

    async fn delete(&self, _: &Cx, _: &str) -> Result<Progress> {
        Ok(Progress::Done)
    }
}

impl CertificateValidation {
    /// Refuses to wait for what will not come.
    async fn check(&self, aws: &Aws) -> Result<()> {
        let Some(declared) = &self.validation_record_fqdns else { return Ok(()) };
        let Some(detail) = describe(aws, &self.certificate_arn).await? else { return Ok(()) };
        match missing(&detail, declared).as_slice() {
            [] => Ok(()),
            names => Err(OpError::invalid(format!(
                "the certificate also needs the validation records {}\n  what to do: declare a \
                 record set for each, and name it in `validation_record_fqdns`",
                names.join(", ")
            ))),
        }
    }
}

/// Records that the certificate needs and that nobody declared.
fn missing(detail: &CertificateDetail, declared: &[String]) -> Vec<String> {
    let needed = records(detail).into_iter().map(|record| record.name);
    let mut missing: Vec<String> =
        needed.filter(|name| !declared.iter().any(|d| same_domain(d, name))).collect();
    missing.sort();
    missing.dedup();
    missing
}

fn progress(detail: &CertificateDetail) -> Status {
    match (broken(detail), detail.status()) {
        (Some(why), _) => Status::Failed(why),
        (None, Some(CertificateStatus::PendingValidation)) => {
            Status::Pending("PENDING_VALIDATION".into())
        }
        _ => Status::Ready,
    }
}

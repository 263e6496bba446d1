//! Certificate Manager.

mod certificate;
mod certificate_validation;
mod lookups;

use aws_sdk_acm::types::{CertificateDetail, Tag};
use ferrocrete_resources::aws::Aws;

/// The certificate as AWS has it.
async fn find(aws: &Aws, arn: &str) -> Option<CertificateDetail> {
    let answer = aws.acm().describe_certificate().certificate_arn(arn).send().await;
    answer.ok()?.certificate
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

//! What certificates and their validation share.

use aws_sdk_acm::types::{CertificateDetail, CertificateStatus, CertificateSummary};
use aws_sdk_acm::types::{Filters, KeyAlgorithm, Tag};

use crate::prelude::*;

/// Everything about a certificate; `None` when it does not exist.
pub(super) async fn describe(aws: &Aws, arn: &str) -> Result<Option<CertificateDetail>> {
    let answer = aws.acm().describe_certificate().certificate_arn(arn).send().await;
    Ok(found(answer.op("acm:DescribeCertificate"))?.and_then(|a| a.certificate))
}

/// Why a certificate will never be usable, or no longer is.
pub(super) fn broken(detail: &CertificateDetail) -> Option<String> {
    use CertificateStatus as S;
    let status = detail.status()?;
    let why = match status {
        S::Failed => detail.failure_reason().map(|r| r.as_str().to_owned()),
        S::Revoked => detail.revocation_reason().map(|r| r.as_str().to_owned()),
        S::ValidationTimedOut => Some("nobody proved in 72 hours to own its domains".to_owned()),
        S::Expired => None,
        _ => return None,
    };
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    Some(format!("{}{why}", status.as_str()))
}

/// The certificates of exactly this domain.
pub(super) async fn certificates_of(
    aws: &Aws,
    domain: &str,
    statuses: Option<Vec<CertificateStatus>>,
) -> Result<Vec<CertificateSummary>> {
    // Without a filter, AWS lists RSA keys up to 2048 bits only.
    let types = KeyAlgorithm::values().iter().map(|name| KeyAlgorithm::from(*name)).collect();
    let filters = Filters::builder().set_key_types(Some(types)).build();
    let call = aws.acm().list_certificates().includes(filters);
    let mut pages = call.set_certificate_statuses(statuses).into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.op("acm:ListCertificates")?;
        all.extend(page.certificate_summary_list.unwrap_or_default());
    }
    all.retain(|c| c.domain_name().is_some_and(|name| same_domain(name, domain)));
    Ok(all)
}

/// A domain as AWS keeps it.
pub(super) fn bare(domain: &str) -> String {
    domain.trim_end_matches('.').to_ascii_lowercase()
}

pub(super) fn same_domain(a: &str, b: &str) -> bool {
    bare(a) == bare(b)
}

/// Its tags; the outer `None` when it does not exist.
pub(super) async fn list_tags(aws: &Aws, arn: &str) -> Result<Option<Option<Tags>>> {
    let answer = aws.acm().list_tags_for_certificate().certificate_arn(arn).send().await;
    let answer = found(answer.op("acm:ListTagsForCertificate"))?;
    let pair = |t: &Tag| (t.key().to_owned(), t.value().unwrap_or_default().to_owned());
    Ok(answer.map(|a| tags::collect(a.tags().iter().map(pair))))
}

pub(super) fn to_sdk(tags: &Option<Tags>) -> Vec<Tag> {
    let one = |(k, v)| Tag::builder().key(k).value(v).build().expect("the key is set");
    tags.iter().flatten().map(one).collect()
}

pub(super) async fn retag(
    aws: &Aws,
    arn: &str,
    old: &Option<Tags>,
    new: &Option<Tags>,
) -> Result<()> {
    let set = |set| async move {
        let call = aws.acm().add_tags_to_certificate().certificate_arn(arn);
        let call = call.set_tags(Some(to_sdk(&set)));
        call.send().await.op("acm:AddTagsToCertificate").map(drop)
    };
    let remove = |keys: Vec<String>| async move {
        let key = |key| Tag::builder().key(key).build().expect("the key is set");
        let call = aws.acm().remove_tags_from_certificate().certificate_arn(arn);
        let call = call.set_tags(Some(keys.into_iter().map(key).collect()));
        call.send().await.op("acm:RemoveTagsFromCertificate").map(drop)
    };
    tags::retag(old, new, set, remove).await
}

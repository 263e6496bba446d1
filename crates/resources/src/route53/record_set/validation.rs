//! Records by which ACM validates certificates, which all certificates of a domain share.
//!
//! ACM gives every certificate of a domain in an account the same record ("DNS validation", AWS
//! Certificate Manager User Guide; TF#7918), and looks at it again before each renewal. So one
//! that is there is as good as ours, and one that another certificate needs must stay.

use super::RecordSet;

/// Where the values of ACM's records end.
const TARGET: &str = ".acm-validations.aws";

/// Whether this record is one of ACM's.
pub(super) fn is_one(record: &RecordSet) -> bool {
    let mut values = record.resource_records.iter().flatten();
    record.record_type == "CNAME"
        && record.set_identifier.is_none()
        && values.all(|value| value.trim_end_matches('.').to_ascii_lowercase().ends_with(TARGET))
        && record.resource_records.as_ref().is_some_and(|values| values.len() == 1)
}

/// Whether these are the same one; how long resolvers may keep it does not matter.
pub(super) fn is_same(ours: &RecordSet, live: &RecordSet) -> bool {
    let value = |record: &RecordSet| {
        let value = record.resource_records.as_ref().and_then(|values| values.first());
        value.map(|value| value.trim_end_matches('.').to_ascii_lowercase())
    };
    is_one(ours) && is_one(live) && value(ours) == value(live)
}

/// The domain that a record `_x.example.org` validates.
#[cfg(feature = "acm")]
fn domain(record: &str) -> Option<String> {
    Some(super::bare_name(record).split_once('.')?.1.to_owned())
}

/// Whether a certificate that does not belong to the stack needs this record. Those of other
/// regions and accounts are not seen.
#[cfg(feature = "acm")]
pub(super) async fn is_needed(cx: &crate::prelude::Cx, name: &str) -> crate::prelude::Result<bool> {
    use aws_sdk_acm::types::{CertificateStatus, CertificateSummary, Filters, KeyAlgorithm};

    use crate::aws::answer::advise;
    use crate::prelude::*;

    const ADVICE: &str = "allow these calls, which tell whether another certificate needs the \
                          record, or leave it with the option `retain_on_delete`";

    let Some(domain) = domain(name) else { return Ok(false) };
    let is_for = |of: &str| {
        let of = of.trim_end_matches('.').to_ascii_lowercase();
        of.strip_prefix("*.").unwrap_or(&of) == domain
    };
    // Without a filter, AWS lists RSA keys up to 2048 bits only.
    let types = KeyAlgorithm::values().iter().map(|name| KeyAlgorithm::from(*name)).collect();
    let call = cx.acm().list_certificates();
    let call = call.includes(Filters::builder().set_key_types(Some(types)).build());
    let alive = [CertificateStatus::PendingValidation, CertificateStatus::Issued];
    let mut pages = call.set_certificate_statuses(Some(alive.into())).into_paginator().send();
    let mut near: Vec<String> = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.op("acm:ListCertificates").map_err(|e| advise(e, ADVICE))?;
        let concerns = |c: &CertificateSummary| {
            let names = c.subject_alternative_name_summaries();
            c.domain_name().is_some_and(is_for)
                || names.iter().any(|name| is_for(name))
                || c.has_additional_subject_alternative_names == Some(true)
        };
        let all = page.certificate_summary_list.unwrap_or_default().into_iter();
        near.extend(all.filter(concerns).filter_map(|c| c.certificate_arn));
    }
    for arn in near {
        let call = cx.acm().describe_certificate().certificate_arn(&arn).send().await;
        let answer = found(call.op("acm:DescribeCertificate"))?;
        let Some(detail) = answer.and_then(|a| a.certificate) else { continue };
        let mut records =
            detail.domain_validation_options().iter().filter_map(|o| o.resource_record());
        if !records.any(|r| super::bare_name(r.name()) == super::bare_name(name)) {
            continue;
        }
        let call = cx.acm().list_tags_for_certificate().certificate_arn(&arn).send().await;
        let Some(answer) = found(call.op("acm:ListTagsForCertificate"))? else { continue };
        let has = |key: &str, value: &str| {
            answer.tags().iter().any(|tag| tag.key() == key && tag.value() == Some(value))
        };
        let ours = has("ferrocrete:project", cx.urn().project())
            && has("ferrocrete:stack", cx.urn().stack());
        if !ours {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Without certificates, nothing is known of them.
#[cfg(not(feature = "acm"))]
pub(super) async fn is_needed(_: &crate::prelude::Cx, _: &str) -> crate::prelude::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(json: serde_json::Value) -> RecordSet {
        let mut all = serde_json::json!({
            "hosted_zone_id": "Z1", "name": "_x.example.org", "record_type": "CNAME", "ttl": 60,
            "resource_records": ["_y.abc.acm-validations.aws."],
        });
        all.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn acms_records_are_told_by_their_value() {
        let ours = record(serde_json::json!({}));
        assert!(is_one(&ours));
        let same = record(serde_json::json!({
            "ttl": 300, "resource_records": ["_Y.abc.acm-validations.aws"]
        }));
        assert!(is_same(&ours, &same));
        for other in [
            serde_json::json!({"resource_records": ["_z.abc.acm-validations.aws."]}),
            serde_json::json!({"resource_records": ["example.net"]}),
            serde_json::json!({"record_type": "TXT"}),
            serde_json::json!({"resource_records": null}),
        ] {
            assert!(!is_same(&ours, &record(other.clone())), "{other}");
        }
    }
}

//! When objects of a bucket move or expire.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus,
    LifecycleExpiration, LifecycleRule as SdkRule, LifecycleRuleAndOperator, LifecycleRuleFilter,
    NoncurrentVersionExpiration, NoncurrentVersionTransition as SdkNoncurrent, Tag, Transition,
    TransitionStorageClass,
};

use super::aspects::{absent, bad};
use crate::prelude::*;

/// When objects move or expire.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct LifecycleRule {
    /// Name, unique in the bucket.
    pub id: String,
    /// `Enabled` or `Disabled`.
    pub status: String,
    /// Only for keys that begin like this. Default: all.
    pub prefix: Option<String>,
    /// Only for objects that have all these tags. Default: all.
    pub tag_filters: Option<BTreeMap<String, String>>,
    /// Days after which objects expire.
    pub expiration_in_days: Option<i32>,
    /// Delete markers go when no version is left behind them; not with `expiration_in_days`.
    /// Default: false.
    pub expired_object_delete_marker: Option<bool>,
    /// Days after which old versions expire.
    pub noncurrent_version_expiration_in_days: Option<i32>,
    /// Days after which unfinished uploads are dropped.
    pub abort_incomplete_multipart_upload_days: Option<i32>,
    /// Moves to cheaper classes.
    #[field(by("storage_class"))]
    pub transitions: Option<Vec<LifecycleTransition>>,
    /// Moves of old versions to cheaper classes.
    #[field(by("storage_class"))]
    pub noncurrent_version_transitions: Option<Vec<NoncurrentVersionTransition>>,
}

/// A move to another storage class.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct LifecycleTransition {
    /// Days after which objects move.
    pub transition_in_days: i32,
    /// Class, such as `STANDARD_IA` or `GLACIER`.
    pub storage_class: String,
}

/// A move of old versions to another storage class.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct NoncurrentVersionTransition {
    /// Days after which a version that is no longer the newest moves.
    pub transition_in_days: i32,
    /// Class, such as `STANDARD_IA` or `GLACIER`.
    pub storage_class: String,
    /// How many old versions stay where they are, 1 to 100. Default: none.
    pub newer_noncurrent_versions: Option<i32>,
}

pub(super) async fn put(aws: &Aws, name: &str, rules: Option<&[LifecycleRule]>) -> Result<()> {
    let rules: Vec<SdkRule> =
        rules.unwrap_or_default().iter().map(to_sdk).collect::<Result<_, _>>()?;
    if rules.is_empty() {
        let call = aws.s3().delete_bucket_lifecycle().bucket(name);
        return absent(call.send().await.op("s3:PutLifecycleConfiguration")).map(drop);
    }
    let wanted =
        BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().map_err(bad)?;
    let call = aws.s3().put_bucket_lifecycle_configuration().bucket(name);
    let answer = call.lifecycle_configuration(wanted).send().await;
    answer.op("s3:PutLifecycleConfiguration").map(drop)
}

pub(super) async fn read(aws: &Aws, name: &str) -> Result<Option<Vec<LifecycleRule>>> {
    let answer = aws.s3().get_bucket_lifecycle_configuration().bucket(name).send().await;
    let answer = absent(answer.op("s3:GetLifecycleConfiguration"))?;
    Ok(answer.map(|a| a.rules().iter().map(from_sdk).collect()))
}

fn to_sdk(rule: &LifecycleRule) -> Result<SdkRule> {
    let expiration = LifecycleExpiration::builder()
        .set_days(rule.expiration_in_days)
        .set_expired_object_delete_marker(rule.expired_object_delete_marker);
    let expires = rule.expiration_in_days.is_some() || rule.expired_object_delete_marker.is_some();
    let noncurrent = rule.noncurrent_version_transitions.iter().flatten().map(|t| {
        SdkNoncurrent::builder()
            .noncurrent_days(t.transition_in_days)
            .storage_class(TransitionStorageClass::from(t.storage_class.as_str()))
            .set_newer_noncurrent_versions(t.newer_noncurrent_versions)
            .build()
    });
    let noncurrent: Vec<_> = noncurrent.collect();
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
        .filter(filter(rule)?)
        .set_expiration(expires.then(|| expiration.build()))
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
        .set_noncurrent_version_transitions((!noncurrent.is_empty()).then_some(noncurrent))
        .build()
        .map_err(bad)
}

/// Several conditions are one of their own kind.
fn filter(rule: &LifecycleRule) -> Result<LifecycleRuleFilter> {
    let tags = rule.tag_filters.iter().flatten();
    let tags = tags.map(|(key, value)| Tag::builder().key(key).value(value).build().map_err(bad));
    let mut tags: Vec<Tag> = tags.collect::<Result<_, _>>()?;
    let filter = LifecycleRuleFilter::builder();
    Ok(match (&rule.prefix, tags.len()) {
        (prefix, 0) => filter.prefix(prefix.clone().unwrap_or_default()).build(),
        (None, 1) => filter.set_tag(tags.pop()).build(),
        (prefix, _) => {
            let all = LifecycleRuleAndOperator::builder().set_prefix(prefix.clone());
            filter.and(all.set_tags(Some(tags)).build()).build()
        }
    })
}

fn from_sdk(rule: &SdkRule) -> LifecycleRule {
    let filter = rule.filter.as_ref();
    let all = filter.and_then(|f| f.and.as_ref());
    let prefix = filter.and_then(|f| f.prefix.clone()).or_else(|| all?.prefix.clone());
    let tags = all.into_iter().flat_map(|a| a.tags()).chain(filter.and_then(|f| f.tag.as_ref()));
    let tags: BTreeMap<_, _> = tags.map(|tag| (tag.key.clone(), tag.value.clone())).collect();
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
    let old_versions = rule.noncurrent_version_transitions().iter().filter_map(|t| {
        Some(NoncurrentVersionTransition {
            transition_in_days: t.noncurrent_days?,
            storage_class: t.storage_class.as_ref()?.as_str().to_owned(),
            newer_noncurrent_versions: t.newer_noncurrent_versions,
        })
    });
    let old_versions: Vec<_> = old_versions.collect();
    let expiration = rule.expiration.as_ref();
    LifecycleRule {
        id: rule.id.clone().unwrap_or_default(),
        status: rule.status.as_str().to_owned(),
        prefix: prefix.filter(|p| !p.is_empty()),
        tag_filters: (!tags.is_empty()).then_some(tags),
        expiration_in_days: expiration.and_then(|e| e.days),
        expired_object_delete_marker: expiration.and_then(|e| e.expired_object_delete_marker),
        noncurrent_version_expiration_in_days: noncurrent.and_then(|n| n.noncurrent_days),
        abort_incomplete_multipart_upload_days: abort.and_then(|a| a.days_after_initiation),
        transitions: (!transitions.is_empty()).then_some(transitions),
        noncurrent_version_transitions: (!old_versions.is_empty()).then_some(old_versions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_comes_back_as_it_was_declared() {
        let rule = LifecycleRule {
            id: "old".into(),
            status: "Enabled".into(),
            prefix: Some("logs/".into()),
            tag_filters: Some(BTreeMap::from([("keep".into(), "short".into())])),
            expired_object_delete_marker: None,
            expiration_in_days: Some(90),
            noncurrent_version_expiration_in_days: Some(30),
            abort_incomplete_multipart_upload_days: Some(7),
            transitions: Some(vec![LifecycleTransition {
                transition_in_days: 30,
                storage_class: "STANDARD_IA".into(),
            }]),
            noncurrent_version_transitions: Some(vec![NoncurrentVersionTransition {
                transition_in_days: 10,
                storage_class: "GLACIER".into(),
                newer_noncurrent_versions: Some(3),
            }]),
        };
        let back = from_sdk(&to_sdk(&rule).expect("a complete rule"));
        let json = |r: &LifecycleRule| serde_json::to_value(r).expect("it serializes");
        assert_eq!(json(&back), json(&rule));
        let tagged = LifecycleRule { prefix: None, ..rule };
        assert_eq!(json(&from_sdk(&to_sdk(&tagged).expect("a complete rule"))), json(&tagged));
        let markers = LifecycleRule {
            tag_filters: None,
            transitions: None,
            noncurrent_version_transitions: None,
            expiration_in_days: None,
            expired_object_delete_marker: Some(true),
            ..tagged
        };
        assert_eq!(json(&from_sdk(&to_sdk(&markers).expect("a complete rule"))), json(&markers));
    }
}

//! When objects of a bucket move or expire.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus,
    LifecycleExpiration, LifecycleRule as SdkRule, LifecycleRuleFilter,
    NoncurrentVersionExpiration, Transition, TransitionStorageClass,
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
    let filter = LifecycleRuleFilter::builder().prefix(rule.prefix.clone().unwrap_or_default());
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
        .filter(filter.build())
        .set_expiration(
            rule.expiration_in_days.map(|d| LifecycleExpiration::builder().days(d).build()),
        )
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
        .build()
        .map_err(bad)
}

fn from_sdk(rule: &SdkRule) -> LifecycleRule {
    let prefix = rule.filter.as_ref().and_then(|f| f.prefix.clone());
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
    LifecycleRule {
        id: rule.id.clone().unwrap_or_default(),
        status: rule.status.as_str().to_owned(),
        prefix: prefix.filter(|p| !p.is_empty()),
        expiration_in_days: rule.expiration.as_ref().and_then(|e| e.days),
        noncurrent_version_expiration_in_days: noncurrent.and_then(|n| n.noncurrent_days),
        abort_incomplete_multipart_upload_days: abort.and_then(|a| a.days_after_initiation),
        transitions: (!transitions.is_empty()).then_some(transitions),
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
            expiration_in_days: Some(90),
            noncurrent_version_expiration_in_days: Some(30),
            abort_incomplete_multipart_upload_days: Some(7),
            transitions: Some(vec![LifecycleTransition {
                transition_in_days: 30,
                storage_class: "STANDARD_IA".into(),
            }]),
        };
        let back = from_sdk(&to_sdk(&rule).expect("a complete rule"));
        let json = |r: &LifecycleRule| serde_json::to_value(r).expect("it serializes");
        assert_eq!(json(&back), json(&rule));
        let bare = LifecycleRule { prefix: None, transitions: None, ..rule };
        assert_eq!(json(&from_sdk(&to_sdk(&bare).expect("a complete rule"))), json(&bare));
    }
}

//! The lifecycle rule that removes old versions of state.

use aws_sdk_s3::error::BuildError;
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, NoncurrentVersionExpiration,
};

/// How long a replaced version is kept, in days.
const DAYS: i32 = 90;
/// How many replaced versions are kept for ever.
const KEEP: i32 = 10;

/// Our rule, for the objects below `prefix` only.
fn rule(prefix: &str) -> Result<LifecycleRule, BuildError> {
    let below = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
    LifecycleRule::builder()
        .id(id(prefix))
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix(below).build())
        .noncurrent_version_expiration(
            NoncurrentVersionExpiration::builder()
                .noncurrent_days(DAYS)
                .newer_noncurrent_versions(KEEP)
                .build(),
        )
        .expiration(LifecycleExpiration::builder().expired_object_delete_marker(true).build())
        .abort_incomplete_multipart_upload(
            AbortIncompleteMultipartUpload::builder().days_after_initiation(7).build(),
        )
        .build()
}

/// An id is at most 255 characters; of a longer prefix a digest will do.
fn id(prefix: &str) -> String {
    match prefix {
        "" => "ferrocrete".to_owned(),
        _ if prefix.len() <= 200 => format!("ferrocrete {prefix}"),
        _ => format!("ferrocrete {}", &crate::overflow::digest(prefix.as_bytes())[..32]),
    }
}

/// `current` with our rule; `None` when it has it already. A rule of ours that was changed by
/// hand but still removes or keeps versions is left as it is, so that who wants other times
/// can have them; a disabled one is enabled again.
pub(super) fn with_rule(
    current: &[LifecycleRule],
    prefix: &str,
) -> Result<Option<Vec<LifecycleRule>>, BuildError> {
    let id = id(prefix);
    let ours = |rule: &LifecycleRule| rule.id() == Some(&id);
    let works = |rule: &LifecycleRule| {
        rule.status() == &ExpirationStatus::Enabled
            && rule.noncurrent_version_expiration().is_some()
    };
    if current.iter().any(|rule| ours(rule) && works(rule)) {
        return Ok(None);
    }
    let mut rules: Vec<_> = current.iter().filter(|rule| !ours(rule)).cloned().collect();
    rules.push(self::rule(prefix)?);
    Ok(Some(rules))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_once_and_others_are_kept() {
        let mut other = rule("x").unwrap();
        other.id = Some("other".to_owned());
        let rules = with_rule(std::slice::from_ref(&other), "a/b").unwrap().unwrap();
        assert_eq!(rules.len(), 2);
        assert_eq!(rules[0], other);
        assert_eq!(rules[1].filter().unwrap().prefix(), Some("a/b/"));
        assert_eq!(with_rule(&rules, "a/b").unwrap(), None);
        // Another prefix in the same bucket has a rule of its own.
        assert_eq!(with_rule(&rules, "").unwrap().unwrap().len(), 3);
    }

    #[test]
    fn changed_times_are_respected_and_a_disabled_rule_is_not() {
        let mut rule = rule("").unwrap();
        rule.noncurrent_version_expiration =
            Some(NoncurrentVersionExpiration::builder().noncurrent_days(7).build());
        assert_eq!(with_rule(std::slice::from_ref(&rule), "").unwrap(), None);
        rule.status = ExpirationStatus::Disabled;
        let rules = with_rule(&[rule], "").unwrap().unwrap();
        assert_eq!(rules.len(), 1);
        assert_eq!(rules[0].status(), &ExpirationStatus::Enabled);
    }

    #[test]
    fn ids_are_short() {
        assert!(id(&"a/".repeat(199)).len() < 255);
    }
}

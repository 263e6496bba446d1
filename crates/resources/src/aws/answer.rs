//! What every service's answers need: fields that AWS always sends, deletes that find nothing.

use ferrocrete_core::error::{ErrorKind, OpError};
use ferrocrete_core::resource::Progress;

/// A field that AWS always sends.
///
/// # Errors
/// When it is missing all the same.
pub fn need<T>(value: Option<T>, call: &str, field: &str) -> Result<T, OpError> {
    value.ok_or_else(|| OpError::new(ErrorKind::Other, format!("{call} answered without `{field}`")))
}

/// A delete whose target is gone already has succeeded.
///
/// # Errors
/// Any error but a not-found.
pub fn gone(result: Result<(), OpError>) -> Result<Progress, OpError> {
    match result {
        Err(error) if error.kind != ErrorKind::NotFound => Err(error),
        _ => Ok(Progress::Done),
    }
}

/// The same error, with what the user can do about it.
#[must_use]
pub fn advise(mut error: OpError, advice: &str) -> OpError {
    error.message = format!("{}\n  what to do: {advice}", error.message);
    error
}

/// Whether `live` is what `declared` says in another way: a key's id or alias for its ARN.
pub fn same_key(declared: &str, live: &str) -> bool {
    // Only KMS knows what an alias stands for.
    declared == live
        || declared.starts_with("alias/")
        || declared.contains(":alias/")
        || live.rsplit_once(":key/").is_some_and(|(_, id)| id == declared)
}

/// The partition of a region: `aws`, `aws-cn` or `aws-us-gov`.
pub fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_several_names() {
        let arn = "arn:aws:kms:eu-central-1:1:key/abc";
        assert!(same_key("abc", arn) && same_key(arn, arn) && same_key("alias/x", arn));
        assert!(!same_key("abd", arn));
    }

    #[test]
    fn partitions() {
        assert_eq!(partition("cn-north-1"), "aws-cn");
        assert_eq!(partition("us-gov-west-1"), "aws-us-gov");
        assert_eq!(partition("eu-central-1"), "aws");
    }
}

//! What every service's answers need: fields that AWS always sends, deletes that find nothing.

use ferrocrete_core::error::{ErrorKind, OpError};
use ferrocrete_core::resource::{Cx, Made, Progress, Resource, Status};

use super::Aws;

/// A field that AWS always sends; `call` is the IAM-style name of the call.
///
/// # Errors
/// When it is missing all the same: no answer that anything can be done with.
pub fn need<T>(value: Option<T>, call: &str, field: &str) -> Result<T, OpError> {
    value.ok_or_else(|| OpError {
        operation: call.to_owned(),
        ..OpError::new(ErrorKind::NoAnswer, format!("the answer has no `{field}`"))
    })
}

/// A text or a word of a fixed list; one that AWS leaves empty instead of leaving it out is `None`.
pub fn text<T: AsRef<str>>(value: Option<T>) -> Option<String> {
    value.map(|v| v.as_ref().to_owned()).filter(|v| !v.is_empty())
}

/// `Pending` in one of the states `pending`, otherwise `Ready`. A type that can fail looks for
/// the states that mean this first.
pub fn status<T: AsRef<str>>(state: Option<T>, pending: &[&str]) -> Status {
    match state.as_ref().map(AsRef::as_ref) {
        Some(state) if pending.contains(&state) => Status::Pending(state.to_owned()),
        _ => Status::Ready,
    }
}

/// `None` for a not-found, the error for anything else.
///
/// # Errors
/// Any error but a not-found.
pub fn found<T>(result: Result<T, OpError>) -> Result<Option<T>, OpError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A delete whose target is gone already has succeeded.
///
/// # Errors
/// Any error but a not-found.
pub fn gone<T>(result: Result<T, OpError>) -> Result<Progress, OpError> {
    found(result).map(|_| Progress::Done)
}

/// What a create answers when the name is taken: by an earlier attempt of this very create,
/// whose answer was lost on the way, or by somebody else. What that attempt left undone is
/// made up for once it is ready.
///
/// # Errors
/// The error given, unless `find` says that it is ours.
pub async fn ours_or<R: Resource<Cloud = Aws>>(
    resource: &R,
    cx: &Cx<Aws>,
    error: OpError,
) -> Result<Made<R>, OpError> {
    if error.kind == ErrorKind::AlreadyExists
        && let Some(id) = resource.find(cx).await?
    {
        return Ok(Made::Partial(id));
    }
    Err(error)
}

/// What has to be added and removed so that `live` becomes `wanted`; `None` for nothing.
pub fn list_delta(
    live: &[String],
    wanted: &Option<Vec<String>>,
) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let wanted = wanted.as_deref().unwrap_or_default();
    let without = |from: &[String], other: &[String]| {
        let rest: Vec<String> = from.iter().filter(|x| !other.contains(x)).cloned().collect();
        (!rest.is_empty()).then_some(rest)
    };
    (without(wanted, live), without(live, wanted))
}

/// A refusal of one of several things, which AWS tells in an answer that succeeds as a whole.
pub fn refused(call: &str, code: Option<&str>, message: Option<&str>) -> OpError {
    let message = message.unwrap_or("AWS refused it");
    let kind = code.map_or(ErrorKind::Other, super::kind_of_code);
    OpError {
        operation: call.to_owned(),
        code: code.map(str::to_owned),
        ..OpError::new(kind, message)
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

pub use ferrocrete_aws::partition;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_texts_are_absent() {
        assert_eq!((text(Some("")), text::<&str>(None)), (None, None));
        assert_eq!(text(Some("a")).as_deref(), Some("a"));
    }

    #[test]
    fn a_state_is_pending_or_ready() {
        assert_eq!(status(Some("pending"), &["pending"]), Status::Pending("pending".into()));
        assert_eq!(status(Some("available"), &["pending"]), Status::Ready);
        assert_eq!(status::<&str>(None, &["pending"]), Status::Ready);
    }

    #[test]
    fn a_list_delta_adds_and_removes() {
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let found = list_delta(&list(&["a", "b"]), &Some(list(&["b", "c"])));
        assert_eq!(found, (Some(list(&["c"])), Some(list(&["a"]))));
        assert_eq!(list_delta(&list(&["a"]), &None), (None, Some(list(&["a"]))));
        assert_eq!(list_delta(&[], &None), (None, None));
    }

    #[test]
    fn a_refusal_has_its_kind() {
        let error = refused("ec2:X", Some("InvalidVpcId.NotFound"), None);
        assert_eq!((error.kind, error.operation.as_str()), (ErrorKind::NotFound, "ec2:X"));
    }

    #[test]
    fn a_key_has_several_names() {
        let arn = "arn:aws:kms:eu-central-1:1:key/abc";
        assert!(same_key("abc", arn) && same_key(arn, arn) && same_key("alias/x", arn));
        assert!(!same_key("abd", arn));
    }
}

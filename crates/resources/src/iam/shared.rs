//! What IAM types share: tags and two-part ids.

use aws_sdk_iam::types::Tag;

use crate::prelude::*;

crate::required_tags!(Tag);

/// Whether these tags hold our ownership tag.
pub(super) fn is_ours(cx: &Cx<Aws>, tags: Option<&Tags>) -> bool {
    tags.and_then(|t| t.get(OWNER)).is_some_and(|owner| *owner == cx.owner_tag())
}

/// The two halves of an id such as `role|policy`.
///
/// # Errors
/// When the id has no `|`.
pub(super) fn halves(id: &str) -> Result<(&str, &str), OpError> {
    id.split_once('|').ok_or_else(|| OpError::invalid(format!("`{id}` is not an id of two parts")))
}

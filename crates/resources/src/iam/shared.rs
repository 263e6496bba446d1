//! What IAM types share: tags and two-part ids.

use aws_sdk_iam::types::Tag;

use crate::prelude::*;

crate::required_tags!(Tag);

/// The two halves of an id such as `role|policy`.
///
/// # Errors
/// When the id has no `|`.
pub(super) fn halves(id: &str) -> Result<(&str, &str)> {
    id.split_once('|').ok_or_else(|| OpError::invalid(format!("`{id}` is not an id of two parts")))
}

//! What RDS types share: tags, filters, ARNs, names.

use aws_sdk_rds::types::{Filter, Tag};

use crate::prelude::*;

crate::optional_tags!(Tag);

/// Most items of one page.
pub(crate) const PAGE: i32 = 100;
/// Most values that one filter is given.
pub(crate) const CHUNK: usize = 100;

/// A filter on one name.
pub(crate) fn filter(name: &str, values: &[String]) -> Filter {
    Filter::builder().name(name).set_values(Some(values.to_vec())).build()
}

/// ARN of an RDS resource of this account and region; `kind` is RDS's short word, such as
/// `subgrp`.
pub(crate) async fn arn(aws: &Aws, kind: &str, name: &str) -> Result<String> {
    aws.arn("rds", &format!("{kind}:{name}")).await
}

/// The tags of what this ARN names.
///
/// # Errors
/// A not-found when it does not exist.
pub(crate) async fn list_tags(aws: &Aws, arn: &str) -> Result<Vec<Tag>> {
    let answer = aws.rds().list_tags_for_resource().resource_name(arn).send().await;
    Ok(answer.op("rds:ListTagsForResource")?.tag_list.unwrap_or_default())
}

/// Whether what this ARN names carries our ownership tag; not, when it does not exist.
pub(crate) async fn is_ours(cx: &Cx, arn: &str) -> Result<bool> {
    let tags = found(list_tags(cx, arn).await)?;
    Ok(tags.is_some_and(|tags| tags::is_ours(cx, &from_sdk(&tags))))
}

/// Sets and removes what differs between two sets of tags.
pub(crate) async fn retag(
    aws: &Aws,
    arn: &str,
    old: &Option<Tags>,
    new: &Option<Tags>,
) -> Result<()> {
    retagged!(
        aws.rds(), resource_name(arn), old => new, to_sdk,
        add_tags_to_resource: "rds:AddTagsToResource",
        remove_tags_from_resource: "rds:RemoveTagsFromResource"
    )
}

/// The declared spelling where AWS only changed the case: it keeps names in small letters.
pub(crate) fn echo_case(declared: Option<&String>, live: String) -> String {
    match declared {
        Some(text) if text.eq_ignore_ascii_case(&live) => text.clone(),
        _ => live,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_case_is_the_declared_name() {
        let declared = "Main".to_owned();
        assert_eq!(echo_case(Some(&declared), "main".into()), "Main");
        assert_eq!(echo_case(Some(&declared), "other".into()), "other");
        assert_eq!(echo_case(None, "main".into()), "main");
    }
}

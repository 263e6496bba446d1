//! What RDS types share: tags, and names that AWS turns into lower case.

use aws_sdk_rds::types::{Filter, Tag};

use crate::prelude::*;

crate::optional_tags!(Tag);

/// Whether these tags hold our ownership tag.
pub(super) fn is_ours(cx: &Cx<Aws>, tags: Option<&Tags>) -> bool {
    tags.and_then(|t| t.get(OWNER)).is_some_and(|owner| *owner == cx.owner_tag())
}

/// Tags of the resource with this ARN; none when it does not exist.
pub(super) async fn tags_of(aws: &Aws, arn: &str) -> Result<Option<Tags>, OpError> {
    let call = aws.rds().list_tags_for_resource().resource_name(arn);
    let answer = found(call.send().await.op("rds:ListTagsForResource"))?;
    Ok(answer.and_then(|a| from_sdk(a.tag_list())))
}

/// Sets and removes what differs between two sets of tags.
pub(super) async fn retag(
    aws: &Aws,
    arn: &str,
    old: Option<&Tags>,
    new: Option<&Tags>,
) -> Result<(), OpError> {
    let delta = tags::delta(old, new);
    if !delta.set.is_empty() {
        let call = aws.rds().add_tags_to_resource().resource_name(arn);
        let call = call.set_tags(Some(to_sdk(Some(&delta.set))));
        call.send().await.op("rds:AddTagsToResource")?;
    }
    if !delta.remove.is_empty() {
        let call = aws.rds().remove_tags_from_resource().resource_name(arn);
        let call = call.set_tag_keys(Some(delta.remove));
        call.send().await.op("rds:RemoveTagsFromResource")?;
    }
    Ok(())
}

/// A filter on one name.
pub(super) fn filter(name: &str, values: Vec<String>) -> Result<Filter, OpError> {
    let filter = Filter::builder().name(name).set_values(Some(values)).build();
    filter.map_err(|e| OpError::invalid(e.to_string()))
}

/// The name as declared, where AWS only changed its case.
pub(super) fn as_declared(declared: Option<&String>, live: Option<String>) -> Option<String> {
    let same = |d: &&String| live.as_ref().is_some_and(|l| l.eq_ignore_ascii_case(d));
    declared.filter(same).cloned().or(live)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_declared_case() {
        let declared = "MyDb".to_owned();
        let live = |name: &str| as_declared(Some(&declared), Some(name.to_owned()));
        assert_eq!(live("mydb").as_deref(), Some("MyDb"));
        assert_eq!(live("other").as_deref(), Some("other"));
        assert_eq!(as_declared(None, Some("x".into())).as_deref(), Some("x"));
    }
}

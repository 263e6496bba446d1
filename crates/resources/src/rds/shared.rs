//! What RDS types share.

use aws_sdk_rds::types::{Filter, Tag};

use crate::prelude::*;

crate::optional_tags!(Tag);

/// Most ids that are asked for in one call.
pub(crate) const CHUNK: usize = 100;

pub(crate) fn filter(name: &str, values: Vec<String>) -> Result<Filter, OpError> {
    let built = Filter::builder().name(name).set_values(Some(values)).build();
    Ok(built)
}

/// Sets and removes what differs between two sets of tags.
pub(crate) async fn retag(
    aws: &Aws,
    arn: &str,
    old: Option<&Tags>,
    new: Option<&Tags>,
) -> Result<(), OpError> {
    let delta = tags::delta(old, new);
    if !delta.set.is_empty() {
        let tags = to_sdk(Some(&delta.set));
        let call = aws.rds().add_tags_to_resource().resource_name(arn).set_tags(Some(tags));
        call.send().await.op("rds:AddTagsToResource")?;
    }
    if !delta.remove.is_empty() {
        let call = aws.rds().remove_tags_from_resource().resource_name(arn);
        call.set_tag_keys(Some(delta.remove)).send().await.op("rds:RemoveTagsFromResource")?;
    }
    Ok(())
}

/// Tags of something whose describe call leaves them out.
pub(crate) async fn tags_of(aws: &Aws, arn: &str) -> Result<Option<Tags>, OpError> {
    let answer = aws.rds().list_tags_for_resource().resource_name(arn).send().await;
    let answer = found(answer.op("rds:ListTagsForResource"))?;
    Ok(answer.and_then(|a| from_sdk(a.tag_list())))
}

pub(crate) fn owned(tags: Option<&Tags>, cx: &Cx<Aws>) -> bool {
    tags.and_then(|t| t.get(OWNER)).is_some_and(|t| *t == cx.owner_tag())
}

//! Finding what an interrupted create made, by its ownership tag.

use aws_sdk_ec2::types::ResourceType;

use super::shared::filter;
use crate::prelude::*;

/// The resource of this kind that carries the ownership tag of this urn and generation.
pub(crate) async fn find_owned(
    cx: &Cx<Aws>,
    kind: ResourceType,
) -> Result<Option<String>, OpError> {
    let answer = cx
        .ec2()
        .describe_tags()
        .filters(filter("key", [OWNER]))
        .filters(filter("value", [cx.owner_tag()]))
        .filters(filter("resource-type", [kind.as_str()]))
        .send()
        .await
        .op("ec2:DescribeTags")?;
    Ok(answer.tags().iter().find_map(|t| t.resource_id().map(str::to_owned)))
}

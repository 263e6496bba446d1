//! What EC2 types share: tags, ownership, filters.

use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};

use crate::prelude::*;

crate::optional_tags!(Tag);

/// Most items of one page.
pub(crate) const PAGE: i32 = 1000;

/// Tags in the form that create calls take.
pub(crate) fn specification(kind: ResourceType, tags: Option<&Tags>) -> Option<TagSpecification> {
    let tags = to_sdk(tags);
    (!tags.is_empty())
        .then(|| TagSpecification::builder().resource_type(kind).set_tags(Some(tags)).build())
}

/// A filter on one name.
pub(crate) fn filter<S: Into<String>>(name: &str, values: impl IntoIterator<Item = S>) -> Filter {
    let values = values.into_iter().map(Into::into).collect();
    Filter::builder().name(name).set_values(Some(values)).build()
}

/// Sets and removes what differs between two sets of tags.
pub(crate) async fn retag(
    aws: &Aws,
    id: &str,
    old: Option<&Tags>,
    new: Option<&Tags>,
) -> Result<(), OpError> {
    let delta = tags::delta(old, new);
    if !delta.set.is_empty() {
        let tags = to_sdk(Some(&delta.set));
        let call = aws.ec2().create_tags().resources(id).set_tags(Some(tags));
        call.send().await.op("ec2:CreateTags")?;
    }
    if !delta.remove.is_empty() {
        let tags = delta.remove.iter().map(|k| Tag::builder().key(k).build()).collect();
        let call = aws.ec2().delete_tags().resources(id).set_tags(Some(tags));
        call.send().await.op("ec2:DeleteTags")?;
    }
    Ok(())
}

/// The resource of this kind that carries our ownership tag.
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

/// A delete whose target is gone already has succeeded.
pub(crate) fn gone(result: Result<(), OpError>) -> Result<Progress, OpError> {
    match result {
        Err(error) if error.kind != ErrorKind::NotFound => Err(error),
        _ => Ok(Progress::Done),
    }
}

/// A field that AWS always sends.
pub(crate) fn need<T>(value: Option<T>, call: &str, field: &str) -> Result<T, OpError> {
    value
        .ok_or_else(|| OpError::new(ErrorKind::Other, format!("{call} answered without `{field}`")))
}

/// Reads by a filter on ids: what is missing does not fail the call. Pages and chunks.
macro_rules! describe {
    ($cloud:expr, $items:expr, $method:ident, $op:literal, $filter:literal, $list:ident, $id:ident) => {{
        let ids: Vec<String> = $items.iter().map(|i| i.id.clone()).collect();
        $crate::aws::batch::by_id(
            ids,
            |chunk| async move {
                let mut pages = $cloud
                    .ec2()
                    .$method()
                    .filters($crate::ec2::shared::filter($filter, chunk))
                    .into_paginator()
                    .page_size($crate::ec2::shared::PAGE)
                    .send();
                let mut all = Vec::new();
                while let Some(page) = pages.next().await {
                    all.extend(page.op($op)?.$list.unwrap_or_default());
                }
                Ok(all)
            },
            |item| item.$id(),
        )
        .await?
    }};
}
pub(crate) use describe;

/// Instances by id; a missing one does not fail the call.
pub(crate) async fn describe_reservations(
    aws: &Aws,
    ids: Vec<String>,
) -> Result<std::collections::HashMap<String, aws_sdk_ec2::types::Instance>, OpError> {
    batch::by_id(
        ids,
        |chunk| instances(aws, filter("instance-id", chunk)),
        |i: &aws_sdk_ec2::types::Instance| i.instance_id(),
    )
    .await
}

/// The instance that was launched with this operation's token.
pub(crate) async fn find_by_token(cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
    let found = instances(cx, filter("client-token", [cx.token()])).await?;
    let alive = found.into_iter().find(|i| {
        let state = i.state.as_ref().and_then(|s| s.name.as_ref()).map(|n| n.as_str());
        !matches!(state, Some("terminated" | "shutting-down"))
    });
    Ok(alive.and_then(|i| i.instance_id))
}

async fn instances(aws: &Aws, by: Filter) -> Result<Vec<aws_sdk_ec2::types::Instance>, OpError> {
    let mut pages =
        aws.ec2().describe_instances().filters(by).into_paginator().page_size(PAGE).send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let reservations = page.op("ec2:DescribeInstances")?.reservations.unwrap_or_default();
        all.extend(reservations.into_iter().flat_map(|r| r.instances.unwrap_or_default()));
    }
    Ok(all)
}

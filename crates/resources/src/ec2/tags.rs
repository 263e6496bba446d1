//! Tags of EC2: all types of the service are tagged by the same calls.

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};

use crate::prelude::*;

crate::optional_tags!(Tag);

/// Tags in the form that create calls take; `None` without any.
pub(crate) fn specification(
    kind: ResourceType,
    tags: &Option<Tags>,
) -> Option<Vec<TagSpecification>> {
    let tags = to_sdk(tags);
    (!tags.is_empty())
        .then(|| vec![TagSpecification::builder().resource_type(kind).set_tags(Some(tags)).build()])
}

/// Sets and removes what differs between two sets of tags, in at most one call each.
pub(crate) async fn retag(
    aws: &Aws,
    id: &str,
    old: &Option<Tags>,
    new: &Option<Tags>,
) -> Result<()> {
    let add = |set| async move {
        let call = aws.ec2().create_tags().resources(id).set_tags(Some(to_sdk(&set)));
        call.send().await.op("ec2:CreateTags").map(drop)
    };
    let remove = |keys: Vec<String>| async move {
        // Without a value, a tag is removed whatever its value is.
        let tags = keys.iter().map(|k| Tag::builder().key(k).build()).collect();
        let call = aws.ec2().delete_tags().resources(id).set_tags(Some(tags));
        call.send().await.op("ec2:DeleteTags").map(drop)
    };
    tags::retag(old, new, add, remove).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_back_without_those_of_aws() {
        let tags = Tags::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), String::new())]);
        let mut sdk = to_sdk(&Some(tags.clone()));
        sdk.push(Tag::builder().key("aws:cloudformation:stack-name").value("x").build());
        assert_eq!(from_sdk(&sdk), Some(tags));
        assert_eq!(from_sdk(&[]), None);
    }

    #[test]
    fn nothing_to_tag_is_no_specification() {
        assert!(specification(ResourceType::Vpc, &None).is_none());
        assert!(specification(ResourceType::Vpc, &Some(Tags::new())).is_none());
    }
}

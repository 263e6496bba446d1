//! ECS.

mod cluster;

use aws_sdk_ecs::types::Tag;

/// The value of a tag.
fn tag<'t>(tags: &'t [Tag], key: &str) -> Option<&'t str> {
    tags.iter().find(|t| t.key() == Some(key)).and_then(Tag::value)
}

//! ECS.

mod cluster;
mod ground;
mod service;
mod service_deployments;
mod service_properties;
mod task_definition;
mod task_definition_properties;

use aws_sdk_ecs::types::Tag;
use serde_json::Value;

/// The value of a tag.
fn tag<'t>(tags: &'t [Tag], key: &str) -> Option<&'t str> {
    tags.iter().find(|t| t.key() == Some(key)).and_then(Tag::value)
}

/// The same with another value at a place such as `container_definitions/0/image`; null is
/// nothing.
fn patched(mut json: Value, place: &str, value: Value) -> Value {
    let mut at = &mut json;
    for part in place.split('/') {
        at = match part.parse::<usize>() {
            Ok(index) => &mut at[index],
            Err(_) => &mut at[part],
        };
    }
    let removed = value.is_null();
    *at = value;
    if let (true, Some((parent, key))) = (removed, format!("/{place}").rsplit_once('/')) {
        let parent = json.pointer_mut(parent).expect("it was gone through");
        parent.as_object_mut().expect("a struct or map").remove(key);
    }
    json
}

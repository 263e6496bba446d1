//! ECR's lookup of an image by its tag.

use ferrocrete_core::Stack;
use ferrocrete_core::value::Value;
use ferrocrete_resources::ecr::{Image, Repository};

use super::push;
use crate::world::World;

fn program(tag: Option<&'static str>) -> impl Fn(&Stack) {
    move |stack| {
        let repository = stack.add("web", Repository::builder().repository_name("web"));
        stack.export("uri", &repository.repository_uri);
        if let Some(tag) = tag {
            let image = Image::builder().repository_name("web").image_tag(tag);
            let image = stack.lookup("image", image);
            stack.export("digest", &image.image_digest);
            stack.export("image", &image.image_uri);
            stack.export("tags", &image.image_tags);
            stack.export("registry", &image.registry_id);
            // Exports are recorded by a run that does something.
            stack.add(tag, Repository::builder());
        }
    }
}

async fn export(world: &World, name: &str) -> Value {
    world.state().await.exports.get(name).unwrap_or_else(|| panic!("no `{name}`")).clone()
}

#[tokio::test]
async fn an_image_is_found_by_its_tag() {
    let world = World::new().await;
    let ecr = world.aws().await.ecr().clone();
    world.up(program(None)).await;
    let first = push(&ecr, "web", "v1", "one").await;
    let second = push(&ecr, "web", "v2", "two").await;
    push(&ecr, "web", "stable", "two").await;
    assert_ne!(first, second);
    world.up(program(Some("v1"))).await;
    assert_eq!(export(&world, "digest").await, Value::String(first));
    world.up(program(Some("v2"))).await;
    assert_eq!(export(&world, "digest").await, Value::String(second.clone()));
    let uri = world.output("web", "repository_uri").await;
    assert_eq!(export(&world, "image").await, Value::String(format!("{uri}@{second}")));
    assert_eq!(export(&world, "registry").await, Value::String(world.account.id.clone()));
    let Value::List(tags) = export(&world, "tags").await else { panic!("a list") };
    assert_eq!(tags.len(), 2);
}

#[tokio::test]
async fn what_is_missing_is_said() {
    let world = World::new().await;
    let missing = async |program: &dyn Fn(&Stack)| match world.try_up(program).await {
        Ok((_, report)) => report.failures[0].error.to_string(),
        Err(error) => error.to_string(),
    };
    let alone = |stack: &Stack| {
        let image = stack.lookup("image", Image::builder().repository_name("web"));
        stack.export("image", &image.image_uri);
    };
    let why = missing(&alone).await;
    assert!(why.contains("no repository `web` in eu-central-1"), "{why}");
    assert!(why.contains("create it first"), "{why}");
    world.up(program(None)).await;
    let why = missing(&alone).await;
    assert!(why.contains("has no image with tag `latest`"), "{why}");
    assert!(why.contains("push it first"), "{why}");
}

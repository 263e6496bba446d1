//! `AWS::IAM::ServiceLinkedRole`.

use aws_sdk_iam::types::Role as SdkRole;
use ferrocrete_core::Stack;
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::iam::ServiceLinkedRole;

use super::tag;
use crate::world::{World, changed};

fn program(
    service: &'static str,
    description: Option<&'static str>,
    owner: &'static str,
) -> impl Fn(&Stack) {
    move |stack| {
        stack.add(
            "role",
            ServiceLinkedRole::builder()
                .aws_service_name(service)
                .maybe_description(description)
                .tags([("owner", owner)]),
        );
    }
}

const ECS: &str = "ecs.amazonaws.com";
const SCALING: &str = "autoscaling.amazonaws.com";

async fn find(aws: &Aws, name: &str) -> Option<SdkRole> {
    aws.iam().get_role().role_name(name).send().await.ok()?.role
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    assert_eq!(world.up(program(ECS, Some("one"), "anna")).await, ["create role"]);
    let name = world.id("role").await;
    let made = find(&aws, &name).await.unwrap();
    assert_eq!(made.path(), "/aws-service-role/ecs.amazonaws.com/");
    assert_eq!((made.description(), tag(made.tags(), "owner")), (Some("one"), Some("anna")));
    assert_eq!(world.output("role", "role_name").await, name);
    assert_eq!(world.output("role", "arn").await, made.arn);

    world.updates(program(ECS, Some("two"), "anna"), "role", &["description"]).await;
    assert_eq!(find(&aws, &name).await.unwrap().description(), Some("two"));
    world.updates(program(ECS, None, "anna"), "role", &["description"]).await;
    assert_eq!(find(&aws, &name).await.unwrap().description().unwrap_or_default(), "");
    world.updates(program(ECS, None, "ben"), "role", &["tags"]).await;
    assert_eq!(tag(find(&aws, &name).await.unwrap().tags(), "owner"), Some("ben"));

    // Drift: somebody changes the description; somebody deletes it.
    let program = |service| program(service, Some("three"), "ben");
    world.updates(program(ECS), "role", &["description"]).await;
    let call = aws.iam().update_role_description().role_name(&name).description("evil");
    call.send().await.unwrap();
    world.updates(program(ECS), "role", &["description"]).await;
    assert_eq!(find(&aws, &name).await.unwrap().description(), Some("three"));
    aws.iam().delete_service_linked_role().role_name(&name).send().await.unwrap();
    assert_eq!(world.up(program(ECS)).await, ["create role"]);

    let (old, new) = world.replaces(program(SCALING), "role", &["aws_service_name"]).await;
    assert!(find(&aws, &old).await.is_none() && find(&aws, &new).await.is_some());
    world.destroy().await;
    assert!(find(&aws, &new).await.is_none());
}

#[tokio::test]
async fn a_suffix_is_part_of_the_name() {
    let world = World::new().await;
    let aws = world.aws().await;
    let program = |suffix: &'static str| {
        move |stack: &Stack| {
            let role = ServiceLinkedRole::builder().aws_service_name(SCALING);
            stack.add("role", role.custom_suffix(suffix));
        }
    };
    world.up(program("blue")).await;
    let name = world.id("role").await;
    assert!(name.ends_with("_blue") && find(&aws, &name).await.is_some());
    assert_eq!(changed(&world.plan(program("green")).await, "role"), ["custom_suffix"].into());
    let other = World::new().await;
    other.finds(program("green"), "role", "iam:CreateServiceLinkedRole").await;
}

#[tokio::test]
async fn a_role_that_is_there_is_not_adopted() {
    let world = World::new().await;
    let aws = world.aws().await;
    aws.iam().create_service_linked_role().aws_service_name(ECS).send().await.unwrap();
    let (_, report) = world.try_up(program(ECS, None, "anna")).await.unwrap();
    let error = &report.failures[0].error;
    assert_eq!(error.code.as_deref(), Some("InvalidInput"));
    assert!(error.message.contains("what to do"), "{error}");
}

#[tokio::test]
async fn is_found_again_and_tagged() {
    let world = World::new().await;
    let aws = world.aws().await;
    let program = program(ECS, Some("one"), "anna");
    world.finds(program, "role", "iam:CreateServiceLinkedRole").await;
    let live = find(&aws, &world.id("role").await).await.unwrap();
    assert_eq!(tag(live.tags(), "owner"), Some("anna"));
    assert!(tag(live.tags(), "ferrocrete:urn").is_some());
}

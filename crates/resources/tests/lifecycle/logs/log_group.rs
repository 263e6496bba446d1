//! `AWS::Logs::LogGroup`.

use std::collections::HashMap;

use aws_sdk_cloudwatchlogs::types::LogGroup as SdkGroup;
use ferrocrete_core::Stack;
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::logs::LogGroup;

use crate::world::{World, changed};

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    name: Option<&'static str>,
    days: Option<i32>,
    key: Option<&'static str>,
    class: Option<&'static str>,
    owner: Option<&'static str>,
}

const FIRST: Wanted =
    Wanted { name: None, days: Some(7), key: None, class: None, owner: Some("anna") };
const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/one";

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        stack.add(
            "app",
            LogGroup::builder()
                .maybe_log_group_name(wanted.name)
                .maybe_retention_in_days(wanted.days)
                .maybe_kms_key_id(wanted.key)
                .maybe_log_group_class(wanted.class)
                .maybe_tags(wanted.owner.map(|o| [("owner", o)])),
        );
    }
}

async fn find(aws: &Aws, name: &str) -> Option<SdkGroup> {
    let call = aws.cloudwatchlogs().describe_log_groups().log_group_name_prefix(name);
    let groups = call.send().await.unwrap().log_groups.unwrap_or_default();
    groups.into_iter().find(|g| g.log_group_name() == Some(name))
}

async fn tags(aws: &Aws, arn: &str) -> HashMap<String, String> {
    let call = aws.cloudwatchlogs().list_tags_for_resource().resource_arn(arn);
    call.send().await.unwrap().tags.unwrap_or_default()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    assert_eq!(world.up(program(FIRST)).await, ["create app"]);
    let name = world.id("app").await;
    let made = find(&aws, &name).await.unwrap();
    assert_eq!((made.retention_in_days(), made.kms_key_id()), (Some(7), None));
    assert_eq!(made.log_group_class().unwrap().as_str(), "STANDARD");
    assert_eq!(world.output("app", "log_group_name").await, name);
    let arn = world.output("app", "arn").await;
    assert_eq!(made.arn(), Some(format!("{arn}:*").as_str()));
    assert_eq!(tags(&aws, &arn).await["owner"], "anna");

    let wanted = Wanted { days: Some(30), ..FIRST };
    world.updates(program(wanted), "app", &["retention_in_days"]).await;
    assert_eq!(find(&aws, &name).await.unwrap().retention_in_days(), Some(30));
    let wanted = Wanted { days: None, ..FIRST };
    world.updates(program(wanted), "app", &["retention_in_days"]).await;
    assert_eq!(find(&aws, &name).await.unwrap().retention_in_days(), None);
    let wanted = Wanted { key: Some(KEY), ..wanted };
    world.updates(program(wanted), "app", &["kms_key_id"]).await;
    assert_eq!(find(&aws, &name).await.unwrap().kms_key_id(), Some(KEY));
    let wanted = Wanted { key: None, ..wanted };
    world.updates(program(wanted), "app", &["kms_key_id"]).await;
    assert_eq!(find(&aws, &name).await.unwrap().kms_key_id(), None);

    let call = aws.cloudwatchlogs().tag_resource().resource_arn(&arn).tags("cost", "7");
    call.send().await.unwrap();
    let wanted = Wanted { owner: Some("ben"), ..wanted };
    world.updates(program(wanted), "app", &["tags"]).await;
    assert_eq!(tags(&aws, &arn).await["owner"], "ben");
    let wanted = Wanted { owner: None, ..wanted };
    world.updates(program(wanted), "app", &["tags"]).await;
    let live = tags(&aws, &arn).await;
    assert_eq!((live.get("owner"), live["cost"].as_str()), (None, "7"));

    // Drift: somebody sets a retention; somebody deletes it.
    let wanted = Wanted { days: Some(14), ..wanted };
    world.updates(program(wanted), "app", &["retention_in_days"]).await;
    let call = aws.cloudwatchlogs().put_retention_policy().log_group_name(&name);
    call.retention_in_days(1).send().await.unwrap();
    world.updates(program(wanted), "app", &["retention_in_days"]).await;
    assert_eq!(find(&aws, &name).await.unwrap().retention_in_days(), Some(14));
    aws.cloudwatchlogs().delete_log_group().log_group_name(&name).send().await.unwrap();
    assert_eq!(world.up(program(wanted)).await, ["create app"]);

    world.destroy().await;
    assert!(find(&aws, &name).await.is_none());
}

#[tokio::test]
async fn another_name_or_class_is_another_group() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let wanted = Wanted { name: Some("/ecs/app"), class: Some("INFREQUENT_ACCESS"), ..FIRST };
    let why = ["log_group_name", "log_group_class"];
    let (old, new) = world.replaces(program(wanted), "app", &why).await;
    assert!(find(&aws, &old).await.is_none());
    let live = find(&aws, &new).await.unwrap();
    assert_eq!(live.log_group_name(), Some("/ecs/app"));
    assert_eq!(live.log_group_class().unwrap().as_str(), "INFREQUENT_ACCESS");
    let plan = world.plan(program(Wanted { class: Some("STANDARD"), ..wanted })).await;
    assert_eq!(changed(&plan, "app"), ["log_group_class"].into());
}

#[tokio::test]
async fn a_longer_name_is_another_group() {
    let world = World::new().await;
    let aws = world.aws().await;
    let call = aws.cloudwatchlogs().create_log_group().log_group_name("app-and-more");
    call.send().await.unwrap();
    world.up(program(Wanted { name: Some("app"), ..FIRST })).await;
    aws.cloudwatchlogs().delete_log_group().log_group_name("app").send().await.unwrap();
    let again = world.up(program(Wanted { name: Some("app"), ..FIRST })).await;
    assert_eq!(again, ["create app"]);
}

#[tokio::test]
async fn a_foreign_group_is_not_adopted() {
    let world = World::new().await;
    let aws = world.aws().await;
    let call = aws.cloudwatchlogs().create_log_group().log_group_name("app");
    call.send().await.unwrap();
    let wanted = Wanted { name: Some("app"), ..FIRST };
    let (_, report) = world.try_up(program(wanted)).await.unwrap();
    let code = report.failures[0].error.code.as_deref();
    assert_eq!(code, Some("ResourceAlreadyExistsException"));
    assert_eq!(find(&aws, "app").await.unwrap().retention_in_days(), None);
}

#[tokio::test]
async fn is_found_again_with_its_retention() {
    let world = World::new().await;
    world.finds(program(FIRST), "app", "logs:CreateLogGroup").await;
    let live = find(&world.aws().await, &world.id("app").await).await.unwrap();
    assert_eq!(live.retention_in_days(), Some(7));
}

#[tokio::test]
async fn is_finished_after_a_kill_between_accepted_and_done() {
    let world = World::new().await;
    world.killed(program(FIRST), "app", 2).await;
    world.up(program(FIRST)).await;
    assert_eq!(world.count("logs:CreateLogGroup").await, 1);
}

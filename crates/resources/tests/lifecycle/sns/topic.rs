//! `AWS::SNS::Topic`.

use ferrocrete_core::Stack;
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::sns::Topic;

use super::{set_by_hand, topic};
use crate::world::{World, changed};

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    name: Option<&'static str>,
    display: Option<&'static str>,
    key: Option<&'static str>,
    fifo: Option<bool>,
    by_content: Option<bool>,
    signature: Option<&'static str>,
    tracing: Option<&'static str>,
    owner: Option<&'static str>,
}

const FIRST: Wanted = Wanted {
    name: None,
    display: Some("Alarms"),
    key: None,
    fifo: None,
    by_content: None,
    signature: None,
    tracing: None,
    owner: Some("anna"),
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        stack.add(
            "alarms",
            Topic::builder()
                .maybe_topic_name(wanted.name)
                .maybe_display_name(wanted.display)
                .maybe_kms_master_key_id(wanted.key)
                .maybe_fifo_topic(wanted.fifo)
                .maybe_content_based_deduplication(wanted.by_content)
                .maybe_signature_version(wanted.signature)
                .maybe_tracing_config(wanted.tracing)
                .maybe_tags(wanted.owner.map(|o| [("owner", o)])),
        );
    }
}

/// An attribute; empty when there is none.
async fn value(aws: &Aws, arn: &str, name: &str) -> String {
    topic(aws, arn).await.unwrap().remove(name).unwrap_or_default()
}

async fn tag(aws: &Aws, arn: &str, key: &str) -> Option<String> {
    let answer = aws.sns().list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    answer.tags().iter().find(|t| t.key() == key).map(|t| t.value().to_owned())
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    assert_eq!(world.up(program(FIRST)).await, ["create alarms"]);
    let arn = world.id("alarms").await;
    assert_eq!(value(&aws, &arn, "DisplayName").await, "Alarms");
    assert_eq!(value(&aws, &arn, "KmsMasterKeyId").await, "");
    assert_eq!(world.output("alarms", "topic_arn").await, arn);
    assert!(arn.ends_with(&format!(":{}", world.output("alarms", "topic_name").await)));
    assert_eq!(tag(&aws, &arn, "owner").await.as_deref(), Some("anna"));

    let wanted = Wanted { display: Some("Bells"), ..FIRST };
    world.updates(program(wanted), "alarms", &["display_name"]).await;
    assert_eq!(value(&aws, &arn, "DisplayName").await, "Bells");
    let wanted = Wanted { display: None, ..FIRST };
    world.updates(program(wanted), "alarms", &["display_name"]).await;
    assert_eq!(value(&aws, &arn, "DisplayName").await, "");
    let wanted = Wanted { key: Some("alias/aws/sns"), ..wanted };
    world.updates(program(wanted), "alarms", &["kms_master_key_id"]).await;
    assert_eq!(value(&aws, &arn, "KmsMasterKeyId").await, "alias/aws/sns");
    let wanted = Wanted { key: None, ..wanted };
    world.updates(program(wanted), "alarms", &["kms_master_key_id"]).await;
    assert_eq!(value(&aws, &arn, "KmsMasterKeyId").await, "");
    let wanted = Wanted { signature: Some("2"), tracing: Some("Active"), ..wanted };
    world.updates(program(wanted), "alarms", &["signature_version", "tracing_config"]).await;
    assert_eq!(value(&aws, &arn, "SignatureVersion").await, "2");
    assert_eq!(value(&aws, &arn, "TracingConfig").await, "Active");
    // Taken out of the program, they stay.
    let wanted = Wanted { signature: None, tracing: None, ..wanted };
    assert_eq!(world.up(program(wanted)).await, [""; 0]);

    let cost = aws_sdk_sns::types::Tag::builder().key("cost").value("7").build().unwrap();
    aws.sns().tag_resource().resource_arn(&arn).tags(cost).send().await.unwrap();
    let wanted = Wanted { owner: Some("ben"), ..wanted };
    world.updates(program(wanted), "alarms", &["tags"]).await;
    assert_eq!(tag(&aws, &arn, "owner").await.as_deref(), Some("ben"));
    let wanted = Wanted { owner: None, ..wanted };
    world.updates(program(wanted), "alarms", &["tags"]).await;
    assert_eq!(tag(&aws, &arn, "owner").await, None);
    assert_eq!(tag(&aws, &arn, "cost").await.as_deref(), Some("7"));

    // Drift: somebody renames the sender; somebody deletes the topic.
    let wanted = Wanted { display: Some("Alarms"), ..wanted };
    world.updates(program(wanted), "alarms", &["display_name"]).await;
    set_by_hand(&aws, &arn, "DisplayName", "Eve").await;
    world.updates(program(wanted), "alarms", &["display_name"]).await;
    assert_eq!(value(&aws, &arn, "DisplayName").await, "Alarms");
    aws.sns().delete_topic().topic_arn(&arn).send().await.unwrap();
    assert_eq!(world.up(program(wanted)).await, ["create alarms"]);

    world.destroy().await;
    assert!(topic(&aws, &arn).await.is_none());
}

#[tokio::test]
async fn a_fifo_topic_is_another_topic() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(Wanted { name: Some("orders"), ..FIRST })).await;
    let wanted = Wanted { name: Some("orders"), fifo: Some(true), ..FIRST };
    let (old, new) = world.replaces(program(wanted), "alarms", &["fifo_topic"]).await;
    assert!(topic(&aws, &old).await.is_none() && new.ends_with(":orders.fifo"), "{new}");
    assert_eq!(value(&aws, &new, "FifoTopic").await, "true");
    assert_eq!(value(&aws, &new, "ContentBasedDeduplication").await, "false");
    let wanted = Wanted { by_content: Some(true), ..wanted };
    world.updates(program(wanted), "alarms", &["content_based_deduplication"]).await;
    assert_eq!(value(&aws, &new, "ContentBasedDeduplication").await, "true");
    let plan = world.plan(program(Wanted { name: Some("other"), ..wanted })).await;
    assert_eq!(changed(&plan, "alarms"), ["topic_name"].into());
}

#[tokio::test]
async fn a_foreign_topic_is_not_adopted() {
    let world = World::new().await;
    let aws = world.aws().await;
    let made = aws.sns().create_topic().name("bells").send().await.unwrap();
    let arn = made.topic_arn.unwrap();
    let wanted = Wanted { name: Some("bells"), ..FIRST };
    let (_, report) = world.try_up(program(wanted)).await.unwrap();
    assert!(report.failures[0].error.message.contains("not ours"));
    assert_eq!(value(&aws, &arn, "DisplayName").await, "");
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "alarms", "sns:CreateTopic").await;
}

//! `AWS::SQS::Queue`.

use std::collections::HashMap;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use ferrocrete_core::Stack;
use ferrocrete_resources::sqs::Queue;
use ferrocrete_sandbox::{Config, Slow};
use serde_json::{Value, json};

use crate::world::{World, changed, replacing};

#[derive(Clone, Copy, Default)]
struct Wanted {
    name: Option<&'static str>,
    fifo: Option<bool>,
    by_content: Option<bool>,
    scope: Option<&'static str>,
    limit: Option<&'static str>,
    delay: Option<i32>,
    size: Option<i32>,
    kept: Option<i32>,
    wait: Option<i32>,
    hidden: Option<i32>,
    key: Option<&'static str>,
    reuse: Option<i32>,
    managed: Option<bool>,
    tries: Option<u32>,
    allow: Option<&'static str>,
    owner: Option<&'static str>,
}

const FIRST: Wanted = Wanted {
    name: None,
    fifo: None,
    by_content: None,
    scope: None,
    limit: None,
    delay: Some(5),
    size: Some(2048),
    kept: Some(3600),
    wait: Some(10),
    hidden: Some(60),
    key: None,
    reuse: None,
    managed: None,
    tries: Some(3),
    allow: Some("denyAll"),
    owner: Some("anna"),
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let fifo = wanted.fifo.unwrap_or(false);
        let dead = stack.add("dead", Queue::builder().fifo_queue(fifo));
        let redrive = wanted.tries.map(|tries| {
            let policy = move |arn: String| {
                json!({"deadLetterTargetArn": arn, "maxReceiveCount": tries}).to_string()
            };
            dead.arn.map(policy)
        });
        stack.add(
            "jobs",
            Queue::builder()
                .maybe_queue_name(wanted.name)
                .maybe_fifo_queue(wanted.fifo)
                .maybe_content_based_deduplication(wanted.by_content)
                .maybe_deduplication_scope(wanted.scope)
                .maybe_fifo_throughput_limit(wanted.limit)
                .maybe_delay_seconds(wanted.delay)
                .maybe_maximum_message_size(wanted.size)
                .maybe_message_retention_period(wanted.kept)
                .maybe_receive_message_wait_time_seconds(wanted.wait)
                .maybe_visibility_timeout(wanted.hidden)
                .maybe_kms_master_key_id(wanted.key)
                .maybe_kms_data_key_reuse_period_seconds(wanted.reuse)
                .maybe_sqs_managed_sse_enabled(wanted.managed)
                .maybe_redrive_policy(redrive)
                .maybe_redrive_allow_policy(
                    wanted.allow.map(|allow| json!({"redrivePermission": allow}).to_string()),
                )
                .maybe_tags(wanted.owner.map(|o| [("owner", o)])),
        );
    }
}

async fn attributes(sqs: &Client, url: &str) -> Option<HashMap<Name, String>> {
    let call = sqs.get_queue_attributes().queue_url(url).attribute_names(Name::All);
    call.send().await.ok()?.attributes
}

/// An attribute; empty when there is none.
async fn value(sqs: &Client, url: &str, name: Name) -> String {
    attributes(sqs, url).await.unwrap().remove(&name).unwrap_or_default()
}

async fn document(sqs: &Client, url: &str, name: Name) -> Value {
    serde_json::from_str(&value(sqs, url, name).await).unwrap_or_default()
}

async fn tag(sqs: &Client, url: &str, key: &str) -> Option<String> {
    let answer = sqs.list_queue_tags().queue_url(url).send().await.unwrap();
    answer.tags.unwrap_or_default().remove(key)
}

#[tokio::test]
async fn is_made_as_declared() {
    let world = World::new().await;
    let sqs = world.aws().await.sqs().clone();
    world.up(program(FIRST)).await;
    let url = world.id("jobs").await;
    let made = attributes(&sqs, &url).await.unwrap();
    for (name, expected) in [
        (Name::DelaySeconds, "5"),
        (Name::MaximumMessageSize, "2048"),
        (Name::MessageRetentionPeriod, "3600"),
        (Name::ReceiveMessageWaitTimeSeconds, "10"),
        (Name::VisibilityTimeout, "60"),
        (Name::SqsManagedSseEnabled, "true"),
    ] {
        assert_eq!(made[&name], expected, "{name:?}");
    }
    let redrive = document(&sqs, &url, Name::RedrivePolicy).await;
    let dead = world.output("dead", "arn").await;
    assert_eq!(redrive, json!({"deadLetterTargetArn": dead, "maxReceiveCount": 3}));
    let allow = document(&sqs, &url, Name::RedriveAllowPolicy).await;
    assert_eq!(allow, json!({"redrivePermission": "denyAll"}));
    assert_eq!(tag(&sqs, &url, "owner").await.as_deref(), Some("anna"));
    assert_eq!(world.output("jobs", "queue_url").await, url);
    assert_eq!(world.output("jobs", "arn").await, made[&Name::QueueArn]);
    assert!(url.ends_with(&format!("/{}", world.output("jobs", "queue_name").await)));
    world.destroy().await;
    assert!(attributes(&sqs, &url).await.is_none());
}

#[tokio::test]
async fn numbers_change_in_place_and_stay_when_taken_out() {
    let world = World::new().await;
    let sqs = world.aws().await.sqs().clone();
    world.up(program(FIRST)).await;
    let url = world.id("jobs").await;
    let steps = [
        (Wanted { delay: Some(9), ..FIRST }, "delay_seconds", Name::DelaySeconds, "9"),
        (
            Wanted { size: Some(4096), ..FIRST },
            "maximum_message_size",
            Name::MaximumMessageSize,
            "4096",
        ),
        (
            Wanted { kept: Some(7200), ..FIRST },
            "message_retention_period",
            Name::MessageRetentionPeriod,
            "7200",
        ),
        (
            Wanted { wait: Some(20), ..FIRST },
            "receive_message_wait_time_seconds",
            Name::ReceiveMessageWaitTimeSeconds,
            "20",
        ),
        (Wanted { hidden: Some(90), ..FIRST }, "visibility_timeout", Name::VisibilityTimeout, "90"),
    ];
    for (wanted, property, name, expected) in steps {
        world.updates(program(wanted), "jobs", &[property]).await;
        assert_eq!(value(&sqs, &url, name).await, expected);
        world.updates(program(FIRST), "jobs", &[property]).await;
    }
    // Taken out, AWS's documented defaults come back; of the size AWS changed its own.
    let none = Wanted { delay: None, size: None, kept: None, wait: None, hidden: None, ..FIRST };
    let properties = [
        "delay_seconds",
        "message_retention_period",
        "receive_message_wait_time_seconds",
        "visibility_timeout",
    ];
    world.updates(program(none), "jobs", &properties).await;
    for (name, default) in [
        (Name::DelaySeconds, "0"),
        (Name::MessageRetentionPeriod, "345600"),
        (Name::ReceiveMessageWaitTimeSeconds, "0"),
        (Name::VisibilityTimeout, "30"),
        (Name::MaximumMessageSize, "2048"),
    ] {
        assert_eq!(value(&sqs, &url, name.clone()).await, default, "{name}");
    }
    // Another value is drift.
    let by_hand = sqs.set_queue_attributes().queue_url(&url);
    by_hand.attributes(Name::VisibilityTimeout, "99").send().await.unwrap();
    world.updates(program(none), "jobs", &["visibility_timeout"]).await;
    assert_eq!(value(&sqs, &url, Name::VisibilityTimeout).await, "30");
}

#[tokio::test]
async fn policies_and_tags_change_in_place_and_go() {
    let world = World::new().await;
    let sqs = world.aws().await.sqs().clone();
    world.up(program(FIRST)).await;
    let url = world.id("jobs").await;
    let wanted = Wanted { tries: Some(7), ..FIRST };
    world.updates(program(wanted), "jobs", &["redrive_policy"]).await;
    assert_eq!(document(&sqs, &url, Name::RedrivePolicy).await["maxReceiveCount"], 7);
    let wanted = Wanted { tries: None, ..wanted };
    world.updates(program(wanted), "jobs", &["redrive_policy"]).await;
    assert_eq!(value(&sqs, &url, Name::RedrivePolicy).await, "");
    let wanted = Wanted { allow: Some("allowAll"), ..wanted };
    world.updates(program(wanted), "jobs", &["redrive_allow_policy"]).await;
    let allow = document(&sqs, &url, Name::RedriveAllowPolicy).await;
    assert_eq!(allow["redrivePermission"], "allowAll");
    let wanted = Wanted { allow: None, ..wanted };
    world.updates(program(wanted), "jobs", &["redrive_allow_policy"]).await;
    assert_eq!(value(&sqs, &url, Name::RedriveAllowPolicy).await, "");

    sqs.tag_queue().queue_url(&url).tags("cost", "7").send().await.unwrap();
    let wanted = Wanted { owner: Some("ben"), ..wanted };
    world.updates(program(wanted), "jobs", &["tags"]).await;
    assert_eq!(tag(&sqs, &url, "owner").await.as_deref(), Some("ben"));
    let wanted = Wanted { owner: None, ..wanted };
    world.updates(program(wanted), "jobs", &["tags"]).await;
    assert_eq!(tag(&sqs, &url, "owner").await, None);
    assert_eq!(tag(&sqs, &url, "cost").await.as_deref(), Some("7"));
}

#[tokio::test]
async fn encryption_changes_in_place() {
    let world = World::new().await;
    let sqs = world.aws().await.sqs().clone();
    world.up(program(FIRST)).await;
    let url = world.id("jobs").await;
    let wanted = Wanted { key: Some("alias/aws/sqs"), ..FIRST };
    world.updates(program(wanted), "jobs", &["kms_master_key_id"]).await;
    assert_eq!(value(&sqs, &url, Name::KmsMasterKeyId).await, "alias/aws/sqs");
    assert_eq!(value(&sqs, &url, Name::SqsManagedSseEnabled).await, "false");
    let wanted = Wanted { reuse: Some(600), ..wanted };
    world.updates(program(wanted), "jobs", &["kms_data_key_reuse_period_seconds"]).await;
    assert_eq!(value(&sqs, &url, Name::KmsDataKeyReusePeriodSeconds).await, "600");
    let wanted = Wanted { key: None, reuse: None, ..wanted };
    world.updates(program(wanted), "jobs", &["kms_master_key_id"]).await;
    assert_eq!(value(&sqs, &url, Name::KmsMasterKeyId).await, "");
    for on in [false, true] {
        let wanted = Wanted { managed: Some(on), ..wanted };
        let properties: &[&str] = if on { &["sqs_managed_sse_enabled"] } else { &[] };
        if properties.is_empty() {
            world.up(program(wanted)).await;
        } else {
            world.updates(program(wanted), "jobs", properties).await;
        }
        assert_eq!(value(&sqs, &url, Name::SqsManagedSseEnabled).await, on.to_string());
    }
    // From a KMS key to SQS's own in one call.
    world.up(program(Wanted { key: Some("alias/aws/sqs"), managed: None, ..wanted })).await;
    let own = Wanted { key: None, managed: Some(true), ..wanted };
    world.updates(program(own), "jobs", &["kms_master_key_id", "sqs_managed_sse_enabled"]).await;
    assert_eq!(value(&sqs, &url, Name::SqsManagedSseEnabled).await, "true");
}

#[tokio::test]
async fn a_fifo_queue_is_another_queue() {
    let world = World::new().await;
    let sqs = world.aws().await.sqs().clone();
    world.up(program(Wanted { name: Some("jobs"), tries: None, ..FIRST })).await;
    let wanted = Wanted { name: Some("jobs"), tries: None, fifo: Some(true), ..FIRST };
    let plan = world.plan(program(wanted)).await;
    assert_eq!(replacing(&plan, "jobs"), ["fifo_queue"].into());
    let old = world.id("jobs").await;
    world.up(program(wanted)).await;
    let url = world.id("jobs").await;
    assert!(attributes(&sqs, &old).await.is_none() && url.ends_with("/jobs.fifo"), "{url}");
    assert_eq!(value(&sqs, &url, Name::FifoQueue).await, "true");
    let wanted = Wanted { by_content: Some(true), ..wanted };
    world.updates(program(wanted), "jobs", &["content_based_deduplication"]).await;
    assert_eq!(value(&sqs, &url, Name::ContentBasedDeduplication).await, "true");
    let wanted = Wanted { scope: Some("messageGroup"), ..wanted };
    world.updates(program(wanted), "jobs", &["deduplication_scope"]).await;
    assert_eq!(value(&sqs, &url, Name::DeduplicationScope).await, "messageGroup");
    let wanted = Wanted { limit: Some("perMessageGroupId"), ..wanted };
    world.updates(program(wanted), "jobs", &["fifo_throughput_limit"]).await;
    assert_eq!(value(&sqs, &url, Name::FifoThroughputLimit).await, "perMessageGroupId");
    let plan = world.plan(program(Wanted { name: Some("other"), ..wanted })).await;
    assert_eq!(changed(&plan, "jobs"), ["queue_name"].into());
}

#[tokio::test]
async fn drift_is_mended_and_a_deleted_queues_name_waited_for() {
    let world = World::new().await;
    let sqs = world.aws().await.sqs().clone();
    let wanted = Wanted { name: Some("jobs"), ..FIRST };
    world.up(program(wanted)).await;
    let url = world.id("jobs").await;
    let call = sqs.set_queue_attributes().queue_url(&url).attributes(Name::DelaySeconds, "1");
    call.send().await.unwrap();
    world.updates(program(wanted), "jobs", &["delay_seconds"]).await;
    assert_eq!(value(&sqs, &url, Name::DelaySeconds).await, "5");

    let slow = Config::slow(std::time::Duration::from_secs(2));
    assert!(slow.slow.is_some_and(|s: Slow| !s.sqs.is_zero()));
    world.account.configure(slow).await.unwrap();
    sqs.delete_queue().queue_url(&url).send().await.unwrap();
    let before = world.tried("sqs:CreateQueue").await;
    assert_eq!(world.up(program(wanted)).await, ["create jobs"]);
    assert!(world.tried("sqs:CreateQueue").await > before + 1, "the name was refused at first");
    assert_eq!(value(&sqs, &url, Name::DelaySeconds).await, "5");
}

#[tokio::test]
async fn without_its_kms_key_a_queue_is_encrypted_by_sqs_again() {
    let world = World::new().await;
    let sqs = world.aws().await.sqs().clone();
    let keyed = Wanted { key: Some("alias/aws/sqs"), ..FIRST };
    world.up(program(keyed)).await;
    let url = world.id("jobs").await;
    assert_eq!(value(&sqs, &url, Name::SqsManagedSseEnabled).await, "false");
    world.updates(program(FIRST), "jobs", &["kms_master_key_id"]).await;
    assert_eq!(value(&sqs, &url, Name::KmsMasterKeyId).await, "");
    assert_eq!(value(&sqs, &url, Name::SqsManagedSseEnabled).await, "true");
    // Unencrypted only where the program says so.
    world.up(program(keyed)).await;
    let plain = Wanted { managed: Some(false), ..FIRST };
    world.up(program(plain)).await;
    assert_eq!(value(&sqs, &url, Name::SqsManagedSseEnabled).await, "false");
}

#[tokio::test]
async fn a_foreign_queue_is_not_adopted() {
    let world = World::new().await;
    let sqs = world.aws().await.sqs().clone();
    let url = sqs.create_queue().queue_name("jobs").send().await.unwrap().queue_url.unwrap();
    let wanted = Wanted { name: Some("jobs"), ..FIRST };
    let (_, report) = world.try_up(program(wanted)).await.unwrap();
    assert!(report.failures[0].error.message.contains("not ours"));
    assert_eq!(value(&sqs, &url, Name::DelaySeconds).await, "0");
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.up(program(FIRST)).await;
    let world = World::new().await;
    let alone = |stack: &Stack| {
        stack.add("jobs", Queue::builder().delay_seconds(5).tags([("owner", "anna")]));
    };
    world.finds(alone, "jobs", "sqs:CreateQueue").await;
}

//! `AWS::DynamoDB::Table`: stream, expiry, backups, encryption.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    ContinuousBackupsDescription, PointInTimeRecoveryStatus, TableDescription,
    TimeToLiveDescription, TimeToLiveSpecification as SdkExpiry, TimeToLiveStatus,
};
use ferrocrete_core::Stack;
use ferrocrete_resources::dynamodb::{
    AttributeDefinition, KeySchemaElement, PointInTimeRecoverySpecification, SseSpecification,
    StreamSpecification, Table, TimeToLiveSpecification,
};
use ferrocrete_resources::kms::Key;

use super::table;
use crate::world::World;

#[derive(Clone, Copy, Default)]
struct Wanted {
    stream: Option<&'static str>,
    expiry: Option<(&'static str, bool)>,
    backups: Option<(bool, Option<i32>)>,
    /// Enabled, and with which of the keys.
    encrypted: Option<(bool, Option<&'static str>)>,
}

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let keys = ["one", "two"].map(|name| (name, stack.add(name, Key::builder())));
        let key = |name| &keys.iter().find(|(n, _)| *n == name).unwrap().1.arn;
        let sse = wanted.encrypted.map(|(on, name)| {
            let sse = SseSpecification::builder().sse_enabled(on);
            sse.maybe_kms_master_key_id(name.map(key))
        });
        let expiry = wanted
            .expiry
            .map(|(name, on)| TimeToLiveSpecification::builder().attribute_name(name).enabled(on));
        let backups = wanted.backups.map(|(on, days)| {
            let backups =
                PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(on);
            backups.maybe_recovery_period_in_days(days)
        });
        let kind = |kind| StreamSpecification::builder().stream_view_type(kind);
        stack.add(
            "items",
            Table::builder()
                .attribute_definitions([AttributeDefinition::builder()
                    .attribute_name("id")
                    .attribute_type("S")])
                .key_schema([KeySchemaElement::builder().attribute_name("id").key_type("HASH")])
                .billing_mode("PAY_PER_REQUEST")
                .maybe_stream_specification(wanted.stream.map(kind))
                .maybe_time_to_live_specification(expiry)
                .maybe_point_in_time_recovery_specification(backups)
                .maybe_sse_specification(sse),
        );
    }
}

async fn live(world: &World, dynamodb: &Client) -> TableDescription {
    table(dynamodb, &world.id("items").await).await.unwrap()
}

async fn expiry(world: &World, dynamodb: &Client) -> TimeToLiveDescription {
    let call = dynamodb.describe_time_to_live().table_name(world.id("items").await);
    call.send().await.unwrap().time_to_live_description.unwrap()
}

async fn backups(world: &World, dynamodb: &Client) -> ContinuousBackupsDescription {
    let call = dynamodb.describe_continuous_backups().table_name(world.id("items").await);
    call.send().await.unwrap().continuous_backups_description.unwrap()
}

/// Days that one can go back, when that is enabled.
async fn days(world: &World, dynamodb: &Client) -> Option<i32> {
    let recovery = backups(world, dynamodb).await.point_in_time_recovery_description.unwrap();
    let on = recovery.point_in_time_recovery_status() == Some(&PointInTimeRecoveryStatus::Enabled);
    recovery.recovery_period_in_days.filter(|_| on)
}

#[tokio::test]
async fn all_of_it_is_there_after_the_create() {
    let world = World::new().await;
    let dynamodb = world.aws().await.dynamodb().clone();
    let wanted = Wanted {
        stream: Some("NEW_AND_OLD_IMAGES"),
        expiry: Some(("end", true)),
        backups: Some((true, Some(7))),
        encrypted: Some((true, Some("one"))),
    };
    world.up(program(wanted)).await;
    let made = live(&world, &dynamodb).await;
    let stream = made.stream_specification().unwrap();
    assert_eq!(stream.stream_view_type().unwrap().as_str(), "NEW_AND_OLD_IMAGES");
    assert_eq!(made.latest_stream_arn().unwrap(), world.output("items", "stream_arn").await);
    let expiry = expiry(&world, &dynamodb).await;
    assert_eq!(expiry.time_to_live_status(), Some(&TimeToLiveStatus::Enabled));
    assert_eq!(expiry.attribute_name(), Some("end"));
    assert_eq!(days(&world, &dynamodb).await, Some(7));
    let key = made.sse_description().unwrap().kms_master_key_arn().unwrap();
    assert_eq!(key, world.output("one", "arn").await);
}

#[tokio::test]
async fn the_stream_changes_in_place() {
    let world = World::new().await;
    let dynamodb = world.aws().await.dynamodb().clone();
    let with = |stream| Wanted { stream, ..Wanted::default() };
    world.up(program(with(None))).await;
    assert_eq!(world.output("items", "stream_arn").await, "");
    let mut arns = Vec::new();
    // Of another kind it is another stream: the one before goes first.
    for kind in ["KEYS_ONLY", "NEW_IMAGE"] {
        world.updates(program(with(Some(kind))), "items", &["stream_specification"]).await;
        let made = live(&world, &dynamodb).await;
        assert_eq!(made.stream_specification().unwrap().stream_view_type().unwrap().as_str(), kind);
        assert_eq!(made.latest_stream_arn().unwrap(), world.output("items", "stream_arn").await);
        arns.push(world.output("items", "stream_arn").await);
    }
    assert_ne!(arns[0], arns[1]);
    world.updates(program(with(None)), "items", &["stream_specification"]).await;
    assert!(live(&world, &dynamodb).await.stream_specification().is_none());
    assert_eq!(world.output("items", "stream_arn").await, "");
}

#[tokio::test]
async fn expiry_changes_in_place() {
    let world = World::new().await;
    let dynamodb = world.aws().await.dynamodb().clone();
    let with = |expiry| Wanted { expiry, ..Wanted::default() };
    world.up(program(with(None))).await;
    let on = async || {
        let now = expiry(&world, &dynamodb).await;
        let on = now.time_to_live_status() == Some(&TimeToLiveStatus::Enabled);
        now.attribute_name.filter(|_| on)
    };
    let steps = [
        (Some(("end", true)), Some("end")),
        (Some(("end", false)), None),
        (Some(("last", true)), Some("last")),
        (None, None),
    ];
    for (wanted, attribute) in steps {
        world.updates(program(with(wanted)), "items", &["time_to_live_specification"]).await;
        assert_eq!(on().await.as_deref(), attribute);
    }
    // Drift: somebody lets items expire no more.
    world.up(program(with(Some(("end", true))))).await;
    let off = SdkExpiry::builder().attribute_name("end").enabled(false).build().unwrap();
    let call = dynamodb.update_time_to_live().table_name(world.id("items").await);
    call.time_to_live_specification(off).send().await.unwrap();
    let wanted = program(with(Some(("end", true))));
    world.updates(wanted, "items", &["time_to_live_specification"]).await;
    assert_eq!(on().await.as_deref(), Some("end"));
}

#[tokio::test]
async fn backups_change_in_place() {
    let world = World::new().await;
    let dynamodb = world.aws().await.dynamodb().clone();
    let with = |backups| Wanted { backups, ..Wanted::default() };
    world.up(program(with(None))).await;
    let steps = [
        (Some((true, None)), Some(35)),
        (Some((true, Some(7))), Some(7)),
        (Some((false, Some(7))), None),
        (Some((true, Some(7))), Some(7)),
        (None, None),
    ];
    for (wanted, kept) in steps {
        let property = ["point_in_time_recovery_specification"];
        world.updates(program(with(wanted)), "items", &property).await;
        assert_eq!(days(&world, &dynamodb).await, kept, "{wanted:?}");
    }
}

#[tokio::test]
async fn encryption_changes_in_place() {
    let world = World::new().await;
    let dynamodb = world.aws().await.dynamodb().clone();
    let with = |encrypted| Wanted { encrypted, ..Wanted::default() };
    world.up(program(with(None))).await;
    let key = async || live(&world, &dynamodb).await.sse_description?.kms_master_key_arn;
    assert_eq!(key().await, None);
    for name in ["one", "two"] {
        let wanted = program(with(Some((true, Some(name)))));
        world.updates(wanted, "items", &["sse_specification"]).await;
        assert_eq!(key().await, Some(world.output(name, "arn").await));
    }
    let wanted = program(with(Some((false, None))));
    world.updates(wanted, "items", &["sse_specification"]).await;
    assert_eq!(key().await, None);
    // With the account's key for DynamoDB, and back.
    let wanted = program(with(Some((true, None))));
    world.updates(wanted, "items", &["sse_specification"]).await;
    assert!(key().await.is_some());
    world.updates(program(with(None)), "items", &["sse_specification"]).await;
    assert_eq!(key().await, None);
}

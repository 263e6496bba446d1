//! `AWS::DynamoDB::Table`.

use aws_sdk_dynamodb::types::{self as sdk, KeyType, ScalarAttributeType, TableStatus, Tag};
use ferrocrete_core::Stack;
use ferrocrete_resources::dynamodb::{
    AttributeDefinition, KeySchemaElement, LocalSecondaryIndex, PointInTimeRecoverySpecification,
    Projection, Table, TimeToLiveSpecification,
};

use super::{table, tag};
use crate::world::{World, changed, replacing};

#[derive(Clone, Copy)]
struct Wanted {
    name: Option<&'static str>,
    /// Names and types of the key's attributes, `HASH` first.
    key: &'static [(&'static str, &'static str)],
    /// The attribute by which the local index orders.
    order: Option<&'static str>,
    protected: Option<bool>,
    class: Option<&'static str>,
    expires: bool,
    owner: Option<&'static str>,
}

const FIRST: Wanted = Wanted {
    name: None,
    key: &[("id", "S"), ("at", "N")],
    order: Some("size"),
    protected: None,
    class: None,
    expires: false,
    owner: Some("anna"),
};

fn define(name: &str, kind: &str) -> AttributeDefinition {
    AttributeDefinition { attribute_name: name.to_owned(), attribute_type: kind.to_owned() }
}

fn element(name: &str, kind: &str) -> KeySchemaElement {
    KeySchemaElement { attribute_name: name.to_owned(), key_type: kind.to_owned() }
}

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let mut defined: Vec<_> =
            wanted.key.iter().map(|(name, kind)| define(name, kind)).collect();
        defined.extend(wanted.order.map(|order| define(order, "N")));
        let key = wanted.key.iter().zip(["HASH", "RANGE"]);
        let key: Vec<_> = key.map(|((name, _), kind)| element(name, kind)).collect();
        let local = wanted.order.map(|order| {
            [LocalSecondaryIndex::builder()
                .index_name("in-order")
                .key_schema(vec![key[0].clone(), element(order, "RANGE")])
                .projection(Projection::builder().projection_type("KEYS_ONLY"))]
        });
        let expiry = TimeToLiveSpecification::builder().attribute_name("end").enabled(true);
        let backups =
            PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true);
        stack.add(
            "items",
            Table::builder()
                .maybe_table_name(wanted.name)
                .attribute_definitions(defined)
                .key_schema(key.clone())
                .billing_mode("PAY_PER_REQUEST")
                .maybe_local_secondary_indexes(local)
                .maybe_deletion_protection_enabled(wanted.protected)
                .maybe_table_class(wanted.class)
                .maybe_time_to_live_specification(wanted.expires.then_some(expiry))
                .maybe_point_in_time_recovery_specification(wanted.expires.then_some(backups))
                .maybe_tags(wanted.owner.map(|o| [("owner", o)])),
        );
    }
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let dynamodb = world.aws().await.dynamodb().clone();
    assert_eq!(world.up(program(FIRST)).await, ["create items"]);
    let name = world.id("items").await;
    let made = table(&dynamodb, &name).await.unwrap();
    assert_eq!(made.table_status(), Some(&TableStatus::Active), "waited for");
    let keys: Vec<_> =
        made.key_schema().iter().map(|k| (k.attribute_name(), k.key_type())).collect();
    assert_eq!(keys, [("id", &KeyType::Hash), ("at", &KeyType::Range)]);
    let kind = |name| {
        let mut all = made.attribute_definitions().iter();
        all.find(|d| d.attribute_name() == name).map(|d| d.attribute_type().clone())
    };
    assert_eq!(
        (kind("id"), kind("at")),
        (Some(ScalarAttributeType::S), Some(ScalarAttributeType::N))
    );
    let local = &made.local_secondary_indexes()[0];
    assert_eq!((local.index_name(), local.key_schema().len()), (Some("in-order"), 2));
    let arn = world.output("items", "arn").await;
    assert_eq!(made.table_arn(), Some(arn.as_str()));
    assert_eq!(world.output("items", "table_name").await, name);
    assert_eq!(tag(&dynamodb, &arn, "owner").await.as_deref(), Some("anna"));

    let cost = Tag::builder().key("cost").value("7").build().unwrap();
    dynamodb.tag_resource().resource_arn(&arn).tags(cost).send().await.unwrap();
    let wanted = Wanted { owner: Some("ben"), ..FIRST };
    world.updates(program(wanted), "items", &["tags"]).await;
    assert_eq!(tag(&dynamodb, &arn, "owner").await.as_deref(), Some("ben"));
    let wanted = Wanted { owner: None, ..wanted };
    world.updates(program(wanted), "items", &["tags"]).await;
    assert_eq!(tag(&dynamodb, &arn, "owner").await, None);
    assert_eq!(tag(&dynamodb, &arn, "cost").await.as_deref(), Some("7"));

    let wanted = Wanted { class: Some("STANDARD_INFREQUENT_ACCESS"), ..wanted };
    world.updates(program(wanted), "items", &["table_class"]).await;
    let class = table(&dynamodb, &name).await.unwrap().table_class_summary.unwrap();
    assert_eq!(class.table_class().unwrap().as_str(), "STANDARD_INFREQUENT_ACCESS");

    // Drift: somebody sets it back; somebody deletes the table.
    let call = dynamodb.update_table().table_name(&name).table_class("STANDARD".into());
    call.send().await.unwrap();
    world.updates(program(wanted), "items", &["table_class"]).await;
    dynamodb.delete_table().table_name(&name).send().await.unwrap();
    while table(&dynamodb, &name).await.is_some() {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.up(program(wanted)).await, ["create items"]);
    world.destroy().await;
    assert!(table(&dynamodb, &name).await.is_none());
}

#[tokio::test]
async fn another_key_is_another_table() {
    let world = World::new().await;
    let dynamodb = world.aws().await.dynamodb().clone();
    let wanted = Wanted { name: Some("items"), ..FIRST };
    world.up(program(wanted)).await;
    let plan = world.plan(program(Wanted { name: Some("other"), ..wanted })).await;
    assert_eq!(replacing(&plan, "items"), ["table_name"].into());
    let plan = world.plan(program(Wanted { order: None, ..wanted })).await;
    assert_eq!(replacing(&plan, "items"), ["local_secondary_indexes"].into());
    // The name is chosen: the old one has to go first, which takes a while.
    let wanted = Wanted { key: &[("id", "S"), ("size", "N")], order: None, ..wanted };
    let all = ["key_schema", "local_secondary_indexes"];
    world.replaces(program(wanted), "items", &all).await;
    let made = table(&dynamodb, "items").await.unwrap();
    assert_eq!(made.key_schema()[1].attribute_name(), "size");
    assert_eq!(made.attribute_definitions().len(), 2);
    assert!(made.local_secondary_indexes().is_empty());
}

#[tokio::test]
async fn what_aws_cannot_change_is_one_clear_error() {
    let world = World::new().await;
    world.up(program(FIRST)).await;
    let message = async |program: &dyn Fn(&Stack)| {
        let (_, report) = world.try_up(program).await.unwrap();
        report.failures[0].error.message.clone()
    };
    let retyped = Wanted { key: &[("id", "N"), ("at", "N")], ..FIRST };
    let text = message(&program(retyped)).await;
    assert!(text.contains("`id`") && text.contains("replace_on_changes"), "{text}");
    let spare = |stack: &Stack| {
        let defined = vec![define("id", "S"), define("spare", "S")];
        let table = Table::builder().attribute_definitions(defined).billing_mode("PAY_PER_REQUEST");
        stack.add("other", table.key_schema(vec![element("id", "HASH")]));
    };
    let text = message(&spare).await;
    assert!(text.contains("`spare`") && text.contains("take it out"), "{text}");
    let missing = |stack: &Stack| {
        let table = Table::builder().attribute_definitions(vec![define("id", "S")]);
        let key = vec![element("id", "HASH"), element("at", "RANGE")];
        stack.add("other", table.billing_mode("PAY_PER_REQUEST").key_schema(key));
    };
    let text = message(&missing).await;
    assert!(text.contains("`at`") && text.contains("add it"), "{text}");
}

#[tokio::test]
async fn a_protected_table_refuses_to_go() {
    let world = World::new().await;
    let dynamodb = world.aws().await.dynamodb().clone();
    world.up(program(Wanted { protected: Some(true), ..FIRST })).await;
    let name = world.id("items").await;
    let (_, report) = world.try_up(|_: &Stack| {}).await.unwrap();
    let text = &report.failures[0].error.message;
    assert!(text.contains("deletion_protection_enabled"), "{text}");
    let made = table(&dynamodb, &name).await.unwrap();
    assert_eq!(made.deletion_protection_enabled(), Some(true));
    let open = program(Wanted { protected: Some(false), ..FIRST });
    world.updates(open, "items", &["deletion_protection_enabled"]).await;
    let made = table(&dynamodb, &name).await.unwrap();
    assert_eq!(made.deletion_protection_enabled(), Some(false));
    world.destroy().await;
    assert!(table(&dynamodb, &name).await.is_none());
}

#[tokio::test]
async fn a_foreign_table_is_not_adopted() {
    let world = World::new().await;
    let dynamodb = world.aws().await.dynamodb().clone();
    let id = sdk::AttributeDefinition::builder().attribute_name("id").attribute_type("S".into());
    let key = sdk::KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash);
    let theirs = dynamodb.create_table().table_name("items").billing_mode("PAY_PER_REQUEST".into());
    let theirs = theirs.attribute_definitions(id.build().unwrap());
    theirs.key_schema(key.build().unwrap()).send().await.unwrap();
    let wanted = Wanted { name: Some("items"), ..FIRST };
    let (_, report) = world.try_up(program(wanted)).await.unwrap();
    let text = &report.failures[0].error.message;
    assert!(text.contains("not ours") && text.contains("choose another name"), "{text}");
    assert_eq!(table(&dynamodb, "items").await.unwrap().key_schema().len(), 1);
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "items", "dynamodb:CreateTable").await;
    // What follows the create is made up for.
    let world = World::new().await;
    let wanted = Wanted { expires: true, ..FIRST };
    world.finds(program(wanted), "items", "dynamodb:CreateTable").await;
    assert_eq!(world.count("dynamodb:UpdateTimeToLive").await, 1);
}

#[tokio::test]
async fn goes_on_waiting_after_a_kill() {
    for (wanted, last) in [(FIRST, 2), (Wanted { expires: true, ..FIRST }, 4)] {
        for entries in 2..=last {
            let world = World::new().await;
            world.killed(program(wanted), "items", entries).await;
            world.up(program(wanted)).await;
            assert_eq!(world.count("dynamodb:CreateTable").await, 1, "after {entries} entries");
            assert!(world.plan(program(wanted)).await.is_empty());
        }
    }
    let world = World::new().await;
    world.up(program(FIRST)).await;
    let plan = world.plan(program(Wanted { owner: None, ..FIRST })).await;
    assert_eq!(changed(&plan, "items"), ["tags"].into());
}

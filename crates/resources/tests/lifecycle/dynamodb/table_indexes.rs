//! `AWS::DynamoDB::Table`: indexes, billing and capacity.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{GlobalSecondaryIndexDescription, IndexStatus, TableDescription};
use ferrocrete_core::{Input, Stack};
use ferrocrete_resources::dynamodb::{
    AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, OnDemandThroughput, Projection,
    ProvisionedThroughput, Table,
};

use super::table;
use crate::world::World;

#[derive(Clone, Copy, PartialEq)]
struct Index {
    name: &'static str,
    key: &'static str,
    kind: &'static str,
    holds: &'static [&'static str],
    reads: Option<i64>,
    limit: Option<i64>,
}

const BY_AT: Index =
    Index { name: "by-at", key: "at", kind: "S", holds: &[], reads: None, limit: None };
const BY_SIZE: Index = Index { name: "by-size", key: "size", kind: "N", ..BY_AT };
const BY_OWNER: Index = Index { name: "by-owner", key: "owner", holds: &["title"], ..BY_AT };

#[derive(Clone, Copy)]
struct Wanted {
    mode: Option<&'static str>,
    reads: Option<i64>,
    limit: Option<i64>,
    indexes: &'static [Index],
}

const BY_REQUEST: Wanted =
    Wanted { mode: Some("PAY_PER_REQUEST"), reads: None, limit: None, indexes: &[] };
const PROVISIONED: Wanted = Wanted { mode: None, reads: Some(2), ..BY_REQUEST };

fn capacity(reads: i64) -> ProvisionedThroughput {
    ProvisionedThroughput { read_capacity_units: reads, write_capacity_units: 1 }
}

fn limit(reads: i64) -> OnDemandThroughput {
    OnDemandThroughput { max_read_request_units: Some(reads), max_write_request_units: None }
}

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let define = |name: &str, kind: &str| {
            let attribute = AttributeDefinition::builder().attribute_name(name);
            attribute.attribute_type(kind).build()
        };
        let hash = |name| KeySchemaElement::builder().attribute_name(name).key_type("HASH");
        let of_indexes = wanted.indexes.iter().map(|index| define(index.key, index.kind));
        let defined: Input<_> = std::iter::once(define("id", "S")).chain(of_indexes).collect();
        let indexes = wanted.indexes.iter().map(|index| {
            let kind = if index.holds.is_empty() { "ALL" } else { "INCLUDE" };
            let holds = (!index.holds.is_empty()).then(|| index.holds.iter().copied());
            let projection = Projection::builder().projection_type(kind);
            GlobalSecondaryIndex::builder()
                .index_name(index.name)
                .key_schema([hash(index.key)])
                .projection(projection.maybe_non_key_attributes(holds.map(Input::from_iter)))
                .maybe_provisioned_throughput(index.reads.map(capacity))
                .maybe_on_demand_throughput(index.limit.map(limit))
                .build()
        });
        let some = (indexes.len() > 0).then(|| indexes.collect::<Input<_>>());
        stack.add(
            "items",
            Table::builder()
                .attribute_definitions(defined)
                .key_schema([hash("id")])
                .maybe_billing_mode(wanted.mode)
                .maybe_provisioned_throughput(wanted.reads.map(capacity))
                .maybe_on_demand_throughput(wanted.limit.map(limit))
                .maybe_global_secondary_indexes(some),
        );
    }
}

async fn live(world: &World, dynamodb: &Client) -> TableDescription {
    table(dynamodb, &world.id("items").await).await.unwrap()
}

/// The indexes by name, all of them active.
async fn indexes(world: &World, dynamodb: &Client) -> Vec<GlobalSecondaryIndexDescription> {
    let mut all = live(world, dynamodb).await.global_secondary_indexes.unwrap_or_default();
    assert!(all.iter().all(|i| i.index_status() == Some(&IndexStatus::Active)), "waited for");
    all.sort_by(|a, b| a.index_name().cmp(&b.index_name()));
    all
}

async fn names(world: &World, dynamodb: &Client) -> Vec<String> {
    indexes(world, dynamodb).await.into_iter().filter_map(|index| index.index_name).collect()
}

#[tokio::test]
async fn several_indexes_change_in_one_update() {
    let world = World::new().await;
    let dynamodb = world.aws().await.dynamodb().clone();
    world.up(program(Wanted { indexes: &[BY_AT], ..BY_REQUEST })).await;
    assert_eq!(names(&world, &dynamodb).await, ["by-at"]);
    let changed = ["attribute_definitions", "global_secondary_indexes"];

    // AWS takes one at a time.
    let wanted = Wanted { indexes: &[BY_AT, BY_SIZE, BY_OWNER], ..BY_REQUEST };
    world.updates(program(wanted), "items", &changed).await;
    assert_eq!(names(&world, &dynamodb).await, ["by-at", "by-owner", "by-size"]);
    let owner = &indexes(&world, &dynamodb).await[1];
    assert_eq!(owner.key_schema()[0].attribute_name(), "owner");
    assert_eq!(owner.projection().unwrap().non_key_attributes(), ["title"]);
    // Their order means nothing.
    let other = Wanted { indexes: &[BY_OWNER, BY_AT, BY_SIZE], ..BY_REQUEST };
    assert!(world.plan(program(other)).await.is_empty());

    let wanted = Wanted { indexes: &[BY_OWNER], ..BY_REQUEST };
    world.updates(program(wanted), "items", &changed).await;
    assert_eq!(names(&world, &dynamodb).await, ["by-owner"]);
    world.updates(program(BY_REQUEST), "items", &changed).await;
    assert_eq!(names(&world, &dynamodb).await, [""; 0]);
}

#[tokio::test]
async fn an_index_of_another_kind_is_made_anew() {
    let world = World::new().await;
    let dynamodb = world.aws().await.dynamodb().clone();
    world.up(program(Wanted { indexes: &[BY_AT, BY_SIZE], ..BY_REQUEST })).await;
    const HOLDS: Index = Index { holds: &["title"], ..BY_AT };
    let wanted = Wanted { indexes: &[HOLDS, BY_SIZE], ..BY_REQUEST };
    world.updates(program(wanted), "items", &["global_secondary_indexes"]).await;
    let all = indexes(&world, &dynamodb).await;
    assert_eq!(all[0].projection().unwrap().non_key_attributes(), ["title"]);
    assert_eq!(names(&world, &dynamodb).await, ["by-at", "by-size"]);

    const OTHER_KEY: Index = Index { key: "owner", ..HOLDS };
    let wanted = Wanted { indexes: &[OTHER_KEY, BY_SIZE], ..BY_REQUEST };
    let both = ["attribute_definitions", "global_secondary_indexes"];
    world.updates(program(wanted), "items", &both).await;
    let all = indexes(&world, &dynamodb).await;
    assert_eq!(all[0].key_schema()[0].attribute_name(), "owner");

    // The type of an attribute that only an index uses.
    const RETYPED: Index = Index { kind: "N", ..OTHER_KEY };
    let wanted = Wanted { indexes: &[RETYPED, BY_SIZE], ..BY_REQUEST };
    world.updates(program(wanted), "items", &["attribute_definitions"]).await;
    let made = live(&world, &dynamodb).await;
    let owner = made.attribute_definitions().iter().find(|d| d.attribute_name() == "owner");
    assert_eq!(owner.unwrap().attribute_type().as_str(), "N");
    assert_eq!(names(&world, &dynamodb).await, ["by-at", "by-size"]);
}

#[tokio::test]
async fn capacity_changes_in_place() {
    let world = World::new().await;
    let dynamodb = world.aws().await.dynamodb().clone();
    const HOURLY: Index = Index { reads: Some(3), ..BY_AT };
    let wanted = Wanted { indexes: &[HOURLY], ..PROVISIONED };
    world.up(program(wanted)).await;
    let reads = async || {
        let table = live(&world, &dynamodb).await.provisioned_throughput.unwrap();
        let index = indexes(&world, &dynamodb).await[0].provisioned_throughput.clone().unwrap();
        (table.read_capacity_units.unwrap(), index.read_capacity_units.unwrap())
    };
    assert_eq!(reads().await, (2, 3));
    let wanted = Wanted { reads: Some(5), ..wanted };
    world.updates(program(wanted), "items", &["provisioned_throughput"]).await;
    assert_eq!(reads().await, (5, 3));
    const MORE: Index = Index { reads: Some(7), ..BY_AT };
    let wanted = Wanted { indexes: &[MORE], ..wanted };
    world.updates(program(wanted), "items", &["global_secondary_indexes"]).await;
    assert_eq!(reads().await, (5, 7));

    let by_request = Wanted { indexes: &[BY_AT], ..BY_REQUEST };
    let both = ["billing_mode", "global_secondary_indexes"];
    world.updates(program(by_request), "items", &both).await;
    let mode = live(&world, &dynamodb).await.billing_mode_summary.unwrap();
    assert_eq!(mode.billing_mode().unwrap().as_str(), "PAY_PER_REQUEST");
    assert_eq!(reads().await, (0, 0));
    // And back, with indexes that go and come: what goes needs no capacity first.
    const SIZE: Index = Index { reads: Some(4), ..BY_SIZE };
    let back = Wanted { mode: Some("PROVISIONED"), indexes: &[SIZE], ..PROVISIONED };
    let all = [
        "attribute_definitions",
        "billing_mode",
        "global_secondary_indexes",
        "provisioned_throughput",
    ];
    world.updates(program(back), "items", &all).await;
    assert_eq!((reads().await, names(&world, &dynamodb).await), ((2, 4), vec!["by-size".into()]));
}

#[tokio::test]
async fn limits_change_in_place_and_go() {
    let world = World::new().await;
    let dynamodb = world.aws().await.dynamodb().clone();
    let limits = async || {
        let units = |limit: Option<aws_sdk_dynamodb::types::OnDemandThroughput>| {
            limit.and_then(|l| l.max_read_request_units)
        };
        let index = indexes(&world, &dynamodb).await[0].on_demand_throughput.clone();
        (units(live(&world, &dynamodb).await.on_demand_throughput), units(index))
    };
    const LIMITED: Index = Index { limit: Some(9), ..BY_AT };
    let wanted = Wanted { limit: Some(20), indexes: &[LIMITED], ..BY_REQUEST };
    world.up(program(wanted)).await;
    assert_eq!(limits().await, (Some(20), Some(9)));
    let wanted = Wanted { limit: Some(30), ..wanted };
    world.updates(program(wanted), "items", &["on_demand_throughput"]).await;
    assert_eq!(limits().await, (Some(30), Some(9)));
    let wanted = Wanted { limit: None, ..wanted };
    world.updates(program(wanted), "items", &["on_demand_throughput"]).await;
    assert_eq!(limits().await, (None, Some(9)));
    let wanted = Wanted { indexes: &[BY_AT], ..wanted };
    world.updates(program(wanted), "items", &["global_secondary_indexes"]).await;
    assert_eq!(limits().await, (None, None));

    for (wanted, property) in [
        (Wanted { reads: Some(2), ..BY_REQUEST }, "provisioned_throughput"),
        (Wanted { limit: Some(2), ..PROVISIONED }, "on_demand_throughput"),
    ] {
        let (_, report) = world.try_up(program(wanted)).await.unwrap();
        let text = &report.failures[0].error.message;
        assert!(text.contains(property) && text.contains("billing_mode"), "{text}");
    }
}

#[tokio::test]
async fn an_update_killed_between_two_parts_goes_on() {
    for entries in [1] {
        let world = World::new().await;
        let dynamodb = world.aws().await.dynamodb().clone();
        world.up(program(BY_REQUEST)).await;
        let wanted = Wanted { indexes: &[BY_AT, BY_SIZE], ..BY_REQUEST };
        world.killed(program(wanted), "items", entries).await;
        world.up(program(wanted)).await;
        assert_eq!(names(&world, &dynamodb).await, ["by-at", "by-size"]);
    }
}

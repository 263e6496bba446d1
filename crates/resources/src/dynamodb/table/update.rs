//! The calls that make a table and change it, one change at a time.

use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    BillingMode, CreateGlobalSecondaryIndexAction, DeleteGlobalSecondaryIndexAction,
    GlobalSecondaryIndexUpdate, StreamSpecification, TableClass, UpdateGlobalSecondaryIndexAction,
};

use super::convert::{definitions, keys, limit, on_demand, projection, provisioned, sse, stream};
use super::{GlobalSecondaryIndex, OnDemandThroughput, Table};
use crate::prelude::*;

pub(super) const ON_DEMAND: &str = "PAY_PER_REQUEST";

/// A create of everything that CreateTable takes, but for the tags.
pub(super) fn create(table: &Table, aws: &Aws) -> CreateTableFluentBuilder {
    use aws_sdk_dynamodb::types as sdk;
    let global = |index: &GlobalSecondaryIndex| {
        sdk::GlobalSecondaryIndex::builder()
            .index_name(&index.index_name)
            .set_key_schema(Some(keys(&index.key_schema)))
            .projection(projection(&index.projection))
            .set_provisioned_throughput(index.provisioned_throughput.as_ref().map(provisioned))
            .set_on_demand_throughput(index.on_demand_throughput.as_ref().map(on_demand))
            .build()
            .expect("name and key are set")
    };
    let local = |index: &super::LocalSecondaryIndex| {
        sdk::LocalSecondaryIndex::builder()
            .index_name(&index.index_name)
            .set_key_schema(Some(keys(&index.key_schema)))
            .projection(projection(&index.projection))
            .build()
            .expect("name and key are set")
    };
    fn list<T, U>(items: &Option<Vec<T>>, one: impl Fn(&T) -> U) -> Option<Vec<U>> {
        items.as_ref().filter(|items| !items.is_empty()).map(|i| i.iter().map(one).collect())
    }
    aws.dynamodb()
        .create_table()
        .set_table_name(table.table_name.clone())
        .set_attribute_definitions(Some(definitions(&table.attribute_definitions)))
        .set_key_schema(Some(keys(&table.key_schema)))
        .set_billing_mode(table.billing_mode.as_deref().map(BillingMode::from))
        .set_provisioned_throughput(table.provisioned_throughput.as_ref().map(provisioned))
        .set_on_demand_throughput(table.on_demand_throughput.as_ref().map(on_demand))
        .set_global_secondary_indexes(list(&table.global_secondary_indexes, global))
        .set_local_secondary_indexes(list(&table.local_secondary_indexes, local))
        .set_stream_specification(table.stream_specification.as_ref().map(stream))
        .set_sse_specification(table.sse_specification.as_ref().map(sse))
        .set_deletion_protection_enabled(table.deletion_protection_enabled)
        .set_table_class(table.table_class.as_deref().map(TableClass::from))
}

/// The next UpdateTable on the way from `old`; `None` when none is needed any more.
///
/// # Errors
/// When the type of a key changes, which AWS cannot do.
pub(super) fn next(
    table: &Table,
    aws: &Aws,
    id: &str,
    old: &Table,
    changes: &Changes,
) -> Result<Option<UpdateTableFluentBuilder>> {
    let call = aws.dynamodb().update_table().table_name(id);
    let retyped = retyped(old, table);
    if let Some(name) = retyped.iter().find(|name| is_fixed(table, name)) {
        return Err(OpError::invalid(format!(
            "the type of `{name}` cannot be changed, because it is part of the table's key\n  what to do: to give up the table with its items for a new one, replace it with `replace_on_changes`"
        )));
    }
    if changes.has("deletion_protection_enabled") {
        let on = table.deletion_protection_enabled.unwrap_or(false);
        return Ok(Some(call.deletion_protection_enabled(on)));
    }
    let wanted = table.global_secondary_indexes.as_deref().unwrap_or_default();
    let there = old.global_secondary_indexes.as_deref().unwrap_or_default();
    let indexes = changes.any(&["attribute_definitions", "global_secondary_indexes"]);
    let mut gone = there.iter().filter(|index| {
        let kept = wanted.iter().find(|w| w.index_name == index.index_name);
        kept.is_none_or(|w| !is_same(index, w, &retyped))
    });
    if indexes && let Some(index) = gone.next() {
        return Ok(Some(call.global_secondary_index_updates(removal(index))));
    }
    if let Some(call) = capacity(table, call.clone(), old, changes) {
        return Ok(Some(call));
    }
    let mut new = wanted.iter().filter(|w| there.iter().all(|i| i.index_name != w.index_name));
    if indexes && let Some(index) = new.next() {
        // Attributes of indexes that are still to come would be of no key yet.
        let mut used = old.key_attributes();
        used.extend(index.key_schema.iter().map(|e| e.attribute_name.as_str()));
        let mut defined = table.attribute_definitions.clone();
        defined.retain(|d| used.contains(&d.attribute_name.as_str()));
        let call = call.set_attribute_definitions(Some(definitions(&defined)));
        return Ok(Some(call.global_secondary_index_updates(addition(index))));
    }
    if changes.has("stream_specification") {
        // One of another kind takes its place once it is gone.
        let none = || StreamSpecification::builder().stream_enabled(false).build();
        match (&old.stream_specification, &table.stream_specification) {
            (Some(_), _) => {
                return Ok(Some(call.stream_specification(none().expect("the switch is set"))));
            }
            (None, Some(wanted)) => return Ok(Some(call.stream_specification(stream(wanted)))),
            (None, None) => {}
        }
    }
    if changes.has("sse_specification") {
        use aws_sdk_dynamodb::types::SseSpecification as Sdk;
        let off = || Sdk::builder().enabled(false).build();
        let wanted = table.sse_specification.as_ref().map_or_else(off, sse);
        return Ok(Some(call.sse_specification(wanted)));
    }
    if let (true, Some(class)) = (changes.has("table_class"), &table.table_class) {
        return Ok(Some(call.table_class(TableClass::from(class.as_str()))));
    }
    Ok(None)
}

/// Billing and capacity of the table and the indexes that stay, which go together.
fn capacity(
    table: &Table,
    call: UpdateTableFluentBuilder,
    old: &Table,
    changes: &Changes,
) -> Option<UpdateTableFluentBuilder> {
    let mode = table.billing_mode.as_ref().filter(|_| changes.has("billing_mode"));
    let by_request = table.billing_mode.as_ref().or(old.billing_mode.as_ref());
    let by_request = by_request.is_some_and(|mode| mode == ON_DEMAND);
    let mut call = call.set_billing_mode(mode.map(|mode| BillingMode::from(mode.as_str())));
    let mut any = mode.is_some();
    if !by_request
        && let Some(wanted) = &table.provisioned_throughput
        && (mode.is_some() || changes.has("provisioned_throughput"))
    {
        call = call.provisioned_throughput(provisioned(wanted));
        any = true;
    }
    if by_request && changes.has("on_demand_throughput") {
        call = call.on_demand_throughput(limit(table.on_demand_throughput.as_ref()));
        any = true;
    }
    let there = old.global_secondary_indexes.as_deref().unwrap_or_default();
    for index in table.global_secondary_indexes.iter().flatten() {
        let Some(was) = there.iter().find(|i| i.index_name == index.index_name) else { continue };
        let action = UpdateGlobalSecondaryIndexAction::builder().index_name(&index.index_name);
        let same = index.provisioned_throughput == was.provisioned_throughput;
        let action = match &index.provisioned_throughput {
            Some(wanted) if !by_request && (mode.is_some() || !same) => {
                action.provisioned_throughput(provisioned(wanted))
            }
            _ if by_request && limits(index) != limits(was) => {
                action.on_demand_throughput(limit(index.on_demand_throughput.as_ref()))
            }
            _ => continue,
        };
        let update = action.build().expect("the name is set");
        let update = GlobalSecondaryIndexUpdate::builder().update(update).build();
        call = call.global_secondary_index_updates(update);
        any = true;
    }
    any.then_some(call)
}

fn limits(index: &GlobalSecondaryIndex) -> OnDemandThroughput {
    index.on_demand_throughput.clone().unwrap_or_default()
}

fn removal(index: &GlobalSecondaryIndex) -> GlobalSecondaryIndexUpdate {
    let delete = DeleteGlobalSecondaryIndexAction::builder().index_name(&index.index_name);
    let delete = delete.build().expect("the name is set");
    GlobalSecondaryIndexUpdate::builder().delete(delete).build()
}

fn addition(index: &GlobalSecondaryIndex) -> GlobalSecondaryIndexUpdate {
    let create = CreateGlobalSecondaryIndexAction::builder()
        .index_name(&index.index_name)
        .set_key_schema(Some(keys(&index.key_schema)))
        .projection(projection(&index.projection))
        .set_provisioned_throughput(index.provisioned_throughput.as_ref().map(provisioned))
        .set_on_demand_throughput(index.on_demand_throughput.as_ref().map(on_demand))
        .build()
        .expect("name, key and projection are set");
    GlobalSecondaryIndexUpdate::builder().create(create).build()
}

/// Attributes that are there with another type.
fn retyped<'t>(old: &Table, new: &'t Table) -> Vec<&'t str> {
    let differs = |d: &&super::AttributeDefinition| {
        let was = old.attribute_definitions.iter().find(|o| o.attribute_name == d.attribute_name);
        was.is_some_and(|was| was.attribute_type != d.attribute_type)
    };
    let all = new.attribute_definitions.iter().filter(differs);
    all.map(|d| d.attribute_name.as_str()).collect()
}

/// Whether an attribute is part of a key that stays as long as the table.
fn is_fixed(table: &Table, name: &str) -> bool {
    let local = table.local_secondary_indexes.iter().flatten().map(|i| &i.key_schema);
    local.chain([&table.key_schema]).flatten().any(|e| e.attribute_name == name)
}

/// Whether the index can stay: of the same key and projection.
fn is_same(a: &GlobalSecondaryIndex, b: &GlobalSecondaryIndex, retyped: &[&str]) -> bool {
    fn sorted<T: Clone + Ord>(list: &[T]) -> Vec<T> {
        let mut list = list.to_vec();
        list.sort();
        list
    }
    let extra = |index: &GlobalSecondaryIndex| {
        sorted(index.projection.non_key_attributes.as_deref().unwrap_or_default())
    };
    sorted(&a.key_schema) == sorted(&b.key_schema)
        && a.projection.projection_type == b.projection.projection_type
        && extra(a) == extra(b)
        && !b.key_schema.iter().any(|e| retyped.contains(&e.attribute_name.as_str()))
}

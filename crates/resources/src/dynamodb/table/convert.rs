//! Tables to and from the SDK's types.

use aws_sdk_dynamodb::types as sdk;
use sdk::{
    IndexStatus, KeyType, PointInTimeRecoveryStatus, ProjectionType, ScalarAttributeType,
    SseStatus, SseType, StreamViewType, TableDescription, TableStatus, TimeToLiveStatus,
};

use super::settings::Settings;
use super::update::ON_DEMAND;
use super::*;
use crate::aws::answer::same_key;

pub(super) fn definitions(all: &[AttributeDefinition]) -> Vec<sdk::AttributeDefinition> {
    let one = |d: &AttributeDefinition| {
        sdk::AttributeDefinition::builder()
            .attribute_name(&d.attribute_name)
            .attribute_type(ScalarAttributeType::from(d.attribute_type.as_str()))
            .build()
            .expect("both are set")
    };
    all.iter().map(one).collect()
}

/// A key, its `HASH` attribute first, as AWS wants it.
pub(super) fn keys(all: &[KeySchemaElement]) -> Vec<sdk::KeySchemaElement> {
    let mut all: Vec<&KeySchemaElement> = all.iter().collect();
    all.sort_by_key(|e| e.key_type != "HASH");
    let one = |e: &KeySchemaElement| {
        sdk::KeySchemaElement::builder()
            .attribute_name(&e.attribute_name)
            .key_type(KeyType::from(e.key_type.as_str()))
            .build()
            .expect("both are set")
    };
    all.into_iter().map(one).collect()
}

pub(super) fn projection(p: &Projection) -> sdk::Projection {
    sdk::Projection::builder()
        .projection_type(ProjectionType::from(p.projection_type.as_str()))
        .set_non_key_attributes(p.non_key_attributes.clone())
        .build()
}

pub(super) fn provisioned(p: &ProvisionedThroughput) -> sdk::ProvisionedThroughput {
    sdk::ProvisionedThroughput::builder()
        .read_capacity_units(p.read_capacity_units)
        .write_capacity_units(p.write_capacity_units)
        .build()
        .expect("both are set")
}

pub(super) fn on_demand(limit: &OnDemandThroughput) -> sdk::OnDemandThroughput {
    sdk::OnDemandThroughput::builder()
        .set_max_read_request_units(limit.max_read_request_units)
        .set_max_write_request_units(limit.max_write_request_units)
        .build()
}

/// A limit where there may be one already: without one means taking it away.
pub(super) fn limit(wanted: Option<&OnDemandThroughput>) -> sdk::OnDemandThroughput {
    const NONE: i64 = -1;
    let wanted = wanted.cloned().unwrap_or_default();
    sdk::OnDemandThroughput::builder()
        .max_read_request_units(wanted.max_read_request_units.unwrap_or(NONE))
        .max_write_request_units(wanted.max_write_request_units.unwrap_or(NONE))
        .build()
}

pub(super) fn stream(s: &StreamSpecification) -> sdk::StreamSpecification {
    sdk::StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::from(s.stream_view_type.as_str()))
        .build()
        .expect("the switch is set")
}

pub(super) fn sse(s: &SseSpecification) -> sdk::SseSpecification {
    sdk::SseSpecification::builder()
        .enabled(s.sse_enabled)
        .set_sse_type(s.sse_type.as_deref().map(SseType::from))
        .set_kms_master_key_id(s.kms_master_key_id.clone())
        .build()
}

/// The table as it is.
pub(super) fn live(
    table: TableDescription,
    settings: Settings,
    known: Option<&Table>,
) -> Live<Table> {
    let status = status(&table);
    let name = table.table_name.clone().unwrap_or_default();
    let global = table.global_secondary_indexes.iter().flatten().map(from_global).collect();
    let local = table.local_secondary_indexes.iter().flatten().map(from_local).collect();
    let billing = table.billing_mode_summary.as_ref().and_then(|b| b.billing_mode.as_ref());
    let outputs = TableOutputs {
        table_name: name.clone(),
        arn: table.table_arn.clone().unwrap_or_default(),
        // The last one is told for a day after its end.
        stream_arn: table.latest_stream_arn.clone().filter(|_| from_stream(&table).is_some()),
    };
    let mut inputs = Table {
        table_name: Some(name),
        attribute_definitions: from_definitions(table.attribute_definitions()),
        key_schema: from_keys(table.key_schema()),
        billing_mode: Some(billing.map_or("PROVISIONED", |b| b.as_str()).to_owned()),
        provisioned_throughput: from_provisioned(table.provisioned_throughput.as_ref()),
        on_demand_throughput: from_on_demand(table.on_demand_throughput.as_ref()),
        global_secondary_indexes: some(global),
        local_secondary_indexes: some(local),
        stream_specification: from_stream(&table),
        time_to_live_specification: expiry(&settings, known),
        point_in_time_recovery_specification: backups(&settings, known),
        sse_specification: from_sse(table.sse_description.as_ref(), known),
        deletion_protection_enabled: Some(table.deletion_protection_enabled.unwrap_or(false)),
        table_class: Some(
            text(table.table_class_summary.as_ref().and_then(|c| c.table_class.as_ref()))
                .unwrap_or_else(|| "STANDARD".to_owned()),
        ),
        tags: settings.tags,
    };
    if inputs.billing_mode.as_deref() == Some(ON_DEMAND) {
        inputs.provisioned_throughput = None;
    }
    // What an index that is gone has left behind.
    let used: Vec<String> = inputs.key_attributes().into_iter().map(str::to_owned).collect();
    inputs.attribute_definitions.retain(|d| used.contains(&d.attribute_name));
    Live { inputs, outputs, status }
}

fn status(table: &TableDescription) -> Status {
    let word = |status: &str| Status::Pending(status.to_lowercase());
    match table.table_status() {
        Some(TableStatus::Deleting) => return Status::Deleting("deleting".into()),
        Some(s @ (TableStatus::Creating | TableStatus::Updating)) => return word(s.as_str()),
        _ => {}
    }
    let mut indexes = table.global_secondary_indexes().iter().filter_map(|i| i.index_status());
    if let Some(s) = indexes.find(|s| **s != IndexStatus::Active) {
        return Status::Pending(format!("index {}", s.as_str().to_lowercase()));
    }
    let sse = table.sse_description.as_ref().and_then(|s| s.status());
    match sse {
        Some(s @ (SseStatus::Enabling | SseStatus::Disabling | SseStatus::Updating)) => {
            Status::Pending(format!("encryption {}", s.as_str().to_lowercase()))
        }
        _ => Status::Ready,
    }
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn from_definitions(all: &[sdk::AttributeDefinition]) -> Vec<AttributeDefinition> {
    let one = |d: &sdk::AttributeDefinition| AttributeDefinition {
        attribute_name: d.attribute_name.clone(),
        attribute_type: d.attribute_type.as_str().to_owned(),
    };
    all.iter().map(one).collect()
}

fn from_keys(all: &[sdk::KeySchemaElement]) -> Vec<KeySchemaElement> {
    let one = |e: &sdk::KeySchemaElement| KeySchemaElement {
        attribute_name: e.attribute_name.clone(),
        key_type: e.key_type.as_str().to_owned(),
    };
    all.iter().map(one).collect()
}

fn from_projection(p: Option<&sdk::Projection>) -> Projection {
    Projection {
        projection_type: text(p.and_then(|p| p.projection_type())).unwrap_or_default(),
        non_key_attributes: p.and_then(|p| some(p.non_key_attributes().to_vec())),
    }
}

/// Capacity; AWS says zero of what is paid for by the request.
fn from_provisioned(
    p: Option<&sdk::ProvisionedThroughputDescription>,
) -> Option<ProvisionedThroughput> {
    let (read, write) = p.and_then(|p| p.read_capacity_units.zip(p.write_capacity_units))?;
    let one = ProvisionedThroughput { read_capacity_units: read, write_capacity_units: write };
    (read > 0).then_some(one)
}

fn from_on_demand(limit: Option<&sdk::OnDemandThroughput>) -> Option<OnDemandThroughput> {
    let real = |units: Option<i64>| units.filter(|units| *units > 0);
    let found = limit.map(|l| OnDemandThroughput {
        max_read_request_units: real(l.max_read_request_units),
        max_write_request_units: real(l.max_write_request_units),
    })?;
    (found != OnDemandThroughput::default()).then_some(found)
}

fn from_global(index: &sdk::GlobalSecondaryIndexDescription) -> GlobalSecondaryIndex {
    GlobalSecondaryIndex {
        index_name: index.index_name.clone().unwrap_or_default(),
        key_schema: from_keys(index.key_schema()),
        projection: from_projection(index.projection()),
        provisioned_throughput: from_provisioned(index.provisioned_throughput()),
        on_demand_throughput: from_on_demand(index.on_demand_throughput()),
    }
}

fn from_local(index: &sdk::LocalSecondaryIndexDescription) -> LocalSecondaryIndex {
    LocalSecondaryIndex {
        index_name: index.index_name.clone().unwrap_or_default(),
        key_schema: from_keys(index.key_schema()),
        projection: from_projection(index.projection()),
    }
}

fn from_stream(table: &TableDescription) -> Option<StreamSpecification> {
    let stream = table.stream_specification.as_ref().filter(|s| s.stream_enabled)?;
    Some(StreamSpecification { stream_view_type: text(stream.stream_view_type.as_ref())? })
}

fn expiry(settings: &Settings, known: Option<&Table>) -> Option<TimeToLiveSpecification> {
    let live = settings.expiry.as_ref()?;
    let on = [TimeToLiveStatus::Enabled, TimeToLiveStatus::Enabling];
    let enabled = live.time_to_live_status().is_some_and(|status| on.contains(status));
    if enabled {
        let attribute_name = live.attribute_name.clone().unwrap_or_default();
        return Some(TimeToLiveSpecification { attribute_name, enabled });
    }
    // Disabled is as declared, whatever the attribute, which AWS forgets.
    let declared = known?.time_to_live_specification.clone()?;
    Some(TimeToLiveSpecification { enabled, ..declared })
}

fn backups(settings: &Settings, known: Option<&Table>) -> Option<PointInTimeRecoverySpecification> {
    let live = settings.backups.as_ref()?.point_in_time_recovery_description.as_ref();
    let status = live.and_then(|l| l.point_in_time_recovery_status());
    let enabled = status == Some(&PointInTimeRecoveryStatus::Enabled);
    let declared = known.and_then(|k| k.point_in_time_recovery_specification.as_ref());
    let days = live.and_then(|l| l.recovery_period_in_days).filter(|_| enabled);
    (enabled || declared.is_some()).then(|| PointInTimeRecoverySpecification {
        point_in_time_recovery_enabled: enabled,
        recovery_period_in_days: days.or_else(|| declared?.recovery_period_in_days),
    })
}

fn from_sse(live: Option<&sdk::SseDescription>, known: Option<&Table>) -> Option<SseSpecification> {
    let declared = known.and_then(|k| k.sse_specification.clone());
    let on = [SseStatus::Enabled, SseStatus::Enabling, SseStatus::Updating];
    let Some(live) = live.filter(|l| l.status().is_some_and(|s| on.contains(s))) else {
        return declared.map(|declared| SseSpecification { sse_enabled: false, ..declared });
    };
    let key = live.kms_master_key_arn.clone();
    let wanted = declared.and_then(|d| d.kms_master_key_id);
    let same = wanted.filter(|w| key.as_ref().is_some_and(|live| same_key(w, live)));
    Some(SseSpecification {
        sse_enabled: true,
        sse_type: text(live.sse_type()),
        kms_master_key_id: same.or(key),
    })
}

//! Route 53.

mod foreign;
mod hosted_zone;
mod lookups;
mod lookups_kinds;
mod private_zone;
mod record_set;
mod record_set_kinds;

use aws_sdk_route53::Client;
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, HostedZone, ResourceRecord, ResourceRecordSet, RrType,
};

/// All zones of an account.
async fn zones(route53: &Client) -> Vec<HostedZone> {
    route53.list_hosted_zones().send().await.unwrap().hosted_zones
}

/// The records of a zone, but for its own NS and SOA.
async fn records(route53: &Client, zone: &str) -> Vec<ResourceRecordSet> {
    let answer = route53.list_resource_record_sets().hosted_zone_id(zone).send().await.unwrap();
    let mut records = answer.resource_record_sets;
    records.retain(|r| !matches!(r.r#type, RrType::Ns | RrType::Soa));
    records
}

/// The values of a record.
fn values(record: &ResourceRecordSet) -> Vec<&str> {
    record.resource_records().iter().map(|r| r.value()).collect()
}

/// A record of type A, as somebody writes it by hand.
fn by_hand(name: &str, value: &str) -> ResourceRecordSet {
    ResourceRecordSet::builder()
        .name(name)
        .r#type(RrType::A)
        .ttl(60)
        .resource_records(ResourceRecord::builder().value(value).build().unwrap())
        .build()
        .unwrap()
}

/// Somebody changes a record by hand.
async fn change(route53: &Client, zone: &str, action: ChangeAction, record: ResourceRecordSet) {
    let change = Change::builder().action(action).resource_record_set(record).build().unwrap();
    let batch = ChangeBatch::builder().changes(change).build().unwrap();
    let call = route53.change_resource_record_sets().hosted_zone_id(zone);
    call.change_batch(batch).send().await.unwrap();
}

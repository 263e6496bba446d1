//! `AWS::Route53::RecordSet`.

use aws_sdk_route53::Client;
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType,
};
use ferrocrete_core::Stack;
use ferrocrete_resources::route53::{AliasTarget, HostedZone, RecordSet};

use crate::world::World;

fn plain(
    name: &'static str,
    kind: &'static str,
    ttl: i64,
    values: &'static [&'static str],
) -> impl Fn(&Stack) {
    move |stack| {
        let zone = stack.add("root", HostedZone::builder().name("example.org"));
        stack.add(
            "api",
            RecordSet::builder()
                .hosted_zone_id(&zone.hosted_zone_id)
                .name(name)
                .record_type(kind)
                .ttl(ttl)
                .resource_records(values),
        );
    }
}

/// The records of the stack's zone, without those that every zone has.
async fn live(client: &Client, zone: &str) -> Vec<ResourceRecordSet> {
    let all = client.list_resource_record_sets().hosted_zone_id(zone).send().await.unwrap();
    let own = |r: &ResourceRecordSet| !matches!(r.r#type(), RrType::Ns | RrType::Soa);
    all.resource_record_sets.into_iter().filter(own).collect()
}

fn values(record: &ResourceRecordSet) -> Vec<&str> {
    record.resource_records().iter().map(|r| r.value()).collect()
}

/// Somebody changes or deletes a record.
async fn by_hand(client: &Client, zone: &str, action: ChangeAction, record: ResourceRecordSet) {
    let change = Change::builder().action(action).resource_record_set(record).build().unwrap();
    let batch = ChangeBatch::builder().changes(change).build().unwrap();
    let call = client.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
    call.send().await.unwrap();
}

fn record(name: &str, value: &str) -> ResourceRecordSet {
    let value = ResourceRecord::builder().value(value).build().unwrap();
    let record = ResourceRecordSet::builder().name(name).r#type(RrType::A).ttl(60);
    record.resource_records(value).build().unwrap()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let client = world.aws().await.route53().clone();
    let (one, both) = (&["192.0.2.1"][..], &["192.0.2.1", "192.0.2.2"][..]);
    world.up(plain("api.example.org", "A", 60, one)).await;
    let zone = world.id("root").await;
    let records = live(&client, &zone).await;
    assert_eq!((records[0].name(), records[0].ttl()), ("api.example.org.", Some(60)));
    assert_eq!(values(&records[0]), one);
    assert_eq!(world.output("api", "fqdn").await, "api.example.org");

    world.updates(plain("api.example.org", "A", 300, one), "api", &["ttl"]).await;
    world.updates(plain("api.example.org", "A", 300, both), "api", &["resource_records"]).await;
    let records = live(&client, &zone).await;
    assert_eq!((records[0].ttl(), values(&records[0])), (Some(300), both.to_vec()));
    let swapped = &["192.0.2.2", "192.0.2.1"];
    assert_eq!(world.up(plain("api.example.org.", "A", 300, swapped)).await, [""; 0]);

    // Drift: somebody changes it, somebody deletes it.
    by_hand(&client, &zone, ChangeAction::Upsert, record("api.example.org", "192.0.2.9")).await;
    let mended = plain("api.example.org", "A", 300, both);
    world.updates(&mended, "api", &["resource_records", "ttl"]).await;
    let now = live(&client, &zone).await.remove(0);
    by_hand(&client, &zone, ChangeAction::Delete, now).await;
    assert_eq!(world.up(&mended).await, ["create api"]);

    world.replaces(plain("www.example.org", "A", 300, both), "api", &["name"]).await;
    let text = &["\"hello\""];
    let changed = &["record_type", "resource_records"];
    let plan = world.plan(plain("www.example.org", "TXT", 300, text)).await;
    assert_eq!(crate::world::changed(&plan, "api"), changed.iter().copied().collect());
    world.up(plain("www.example.org", "TXT", 300, text)).await;
    let records = live(&client, &zone).await;
    assert_eq!((records.len(), records[0].r#type()), (1, &RrType::Txt));
    world.destroy().await;
    assert!(client.list_hosted_zones().send().await.unwrap().hosted_zones().is_empty());
}

#[tokio::test]
async fn an_alias_points_elsewhere() {
    let world = World::new().await;
    let client = world.aws().await.route53().clone();
    let program = |target: &'static str, health: bool| {
        move |stack: &Stack| {
            let zone = stack.add("root", HostedZone::builder().name("example.org"));
            let alias = AliasTarget::builder()
                .dns_name(target)
                .hosted_zone_id("Z215JYRZR1TBD5")
                .evaluate_target_health(health);
            stack.add(
                "apex",
                RecordSet::builder()
                    .hosted_zone_id(&zone.hosted_zone_id)
                    .name("example.org")
                    .record_type("A")
                    .alias_target(alias),
            );
        }
    };
    world.up(program("one.eu-central-1.elb.amazonaws.com", false)).await;
    let zone = world.id("root").await;
    for (target, health) in [("one", true), ("two", true)] {
        let target = match target {
            "one" => "one.eu-central-1.elb.amazonaws.com",
            _ => "two.eu-central-1.elb.amazonaws.com",
        };
        world.updates(program(target, health), "apex", &["alias_target"]).await;
        let records = live(&client, &zone).await;
        let alias = records[0].alias_target().unwrap();
        assert_eq!(alias.dns_name().trim_end_matches('.'), target);
        assert_eq!(alias.evaluate_target_health(), health);
    }
}

#[tokio::test]
async fn weights_share_a_name() {
    let world = World::new().await;
    let client = world.aws().await.route53().clone();
    let program = |blue: i64| {
        move |stack: &Stack| {
            let zone = stack.add("root", HostedZone::builder().name("example.org"));
            for (name, weight) in [("blue", blue), ("green", 100 - blue)] {
                stack.add(
                    name,
                    RecordSet::builder()
                        .hosted_zone_id(&zone.hosted_zone_id)
                        .name("api.example.org")
                        .record_type("A")
                        .ttl(60)
                        .resource_records(["192.0.2.1"])
                        .set_identifier(name)
                        .weight(weight),
                );
            }
        }
    };
    world.up(program(90)).await;
    let zone = world.id("root").await;
    assert_eq!(world.up(program(50)).await, ["update blue", "update green"]);
    let records = live(&client, &zone).await;
    let weights: Vec<_> = records.iter().map(|r| r.weight()).collect();
    assert_eq!(weights, [Some(50), Some(50)]);
    world.destroy().await;
}

#[tokio::test]
async fn a_foreign_record_is_not_adopted() {
    let world = World::new().await;
    let client = world.aws().await.route53().clone();
    world.up(|s: &Stack| drop(s.add("root", HostedZone::builder().name("example.org")))).await;
    let zone = world.id("root").await;
    by_hand(&client, &zone, ChangeAction::Create, record("api.example.org", "192.0.2.9")).await;
    let (_, report) =
        world.try_up(plain("api.example.org", "A", 60, &["192.0.2.1"])).await.unwrap();
    assert_eq!(report.failures.len(), 1);
    assert_eq!(values(&live(&client, &zone).await[0]), ["192.0.2.9"]);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let program = plain("api.example.org", "A", 60, &["192.0.2.1"]);
    world.finds(program, "api", "route53:ChangeResourceRecordSets").await;
}

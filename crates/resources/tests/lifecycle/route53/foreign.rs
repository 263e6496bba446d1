//! Zones and records of others are left alone; what replaces a record.

use aws_sdk_route53::types::{ChangeAction, RrType};
use ferrocrete_core::error::ErrorKind;
use ferrocrete_core::{Input, Stack};
use ferrocrete_resources::route53::{HostedZone, RecordSet};

use super::{by_hand, change, records, values, zones};
use crate::world::World;

#[derive(Clone, Copy)]
struct Wanted {
    zone: &'static str,
    name: &'static str,
    kind: &'static str,
    ttl: i64,
    values: &'static [&'static str],
}

const FIRST: Wanted =
    Wanted { zone: "zone", name: "www.example.org", kind: "A", ttl: 60, values: &["192.0.2.1"] };

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let zones = ["zone", "other"]
            .map(|name| (name, stack.add(name, HostedZone::builder().name("example.org"))));
        let zone = &zones.iter().find(|(name, _)| *name == wanted.zone).unwrap().1;
        stack.add(
            "web",
            RecordSet::builder()
                .hosted_zone_id(&zone.hosted_zone_id)
                .name(wanted.name)
                .record_type(wanted.kind)
                .ttl(wanted.ttl)
                .resource_records(wanted.values.iter().copied().collect::<Input<_>>()),
        );
    }
}

#[tokio::test]
async fn names_types_and_zones_replace() {
    let world = World::new().await;
    let route53 = world.aws().await.route53().clone();
    world.up(program(FIRST)).await;
    let (zone, other) = (world.id("zone").await, world.id("other").await);
    let wild = Wanted { name: "*.example.org", ..FIRST };
    world.replaces(program(wild), "web", &["name"]).await;
    let all = records(&route53, &zone).await;
    assert_eq!(all.iter().map(|r| r.name()).collect::<Vec<_>>(), ["\\052.example.org."]);

    let mail = Wanted { kind: "MX", values: &["10 mail.example.org"], ..wild };
    world.replaces(program(mail), "web", &["record_type"]).await;
    let all = records(&route53, &zone).await;
    assert_eq!(all.iter().map(|r| r.r#type()).collect::<Vec<_>>(), [&RrType::Mx]);
    assert_eq!(values(&all[0]), ["10 mail.example.org"]);

    world.replaces(program(Wanted { zone: "other", ..mail }), "web", &["hosted_zone_id"]).await;
    assert!(records(&route53, &zone).await.is_empty());
    assert_eq!(records(&route53, &other).await.len(), 1);

    // AWS refuses a CNAME beside another record of its name, hence the old one goes first.
    let cname = Wanted { zone: "other", kind: "CNAME", values: &["web.example.net"], ..wild };
    world.replaces(program(cname), "web", &["record_type"]).await;
    let all = records(&route53, &other).await;
    assert_eq!(all.iter().map(|r| r.r#type()).collect::<Vec<_>>(), [&RrType::Cname]);
}

#[tokio::test]
async fn not_even_an_equal_record_is_adopted() {
    let world = World::new().await;
    let route53 = world.aws().await.route53().clone();
    let empty = |stack: &Stack| {
        for name in ["zone", "other"] {
            stack.add(name, HostedZone::builder().name("example.org"));
        }
    };
    world.up(empty).await;
    let zone = world.id("zone").await;
    // Not even one that happens to have the very values that we want.
    for value in ["198.51.100.1", "192.0.2.1"] {
        let foreign = by_hand("www.example.org", value);
        change(&route53, &zone, ChangeAction::Create, foreign.clone()).await;
        let (_, report) = world.try_up(program(FIRST)).await.unwrap();
        assert_eq!(report.failures.len(), 1);
        let error = &report.failures[0].error;
        assert_eq!(error.kind, ErrorKind::AlreadyExists);
        assert!(error.to_string().contains("`www.example.org` of type A"), "{error}");
        assert!(!world.state().await.resources.keys().any(|(urn, _)| urn.name() == "web"));
        let left = records(&route53, &zone).await;
        assert_eq!(left.iter().map(values).collect::<Vec<_>>(), [[value]]);
        change(&route53, &zone, ChangeAction::Delete, foreign).await;
    }
    world.up(program(FIRST)).await;
}

#[tokio::test]
async fn what_came_in_the_place_of_a_killed_create_is_not_adopted() {
    let world = World::new().await;
    let route53 = world.aws().await.route53().clone();
    world.killed(program(FIRST), "web", 1).await;
    let zone = world.id("zone").await;
    let theirs = by_hand("www.example.org", "198.51.100.1");
    change(&route53, &zone, ChangeAction::Upsert, theirs).await;
    let (_, report) = world.try_up(program(FIRST)).await.unwrap();
    assert_eq!(report.failures[0].error.kind, ErrorKind::AlreadyExists);
    assert_eq!(values(&records(&route53, &zone).await[0]), ["198.51.100.1"]);
}

#[tokio::test]
async fn a_zone_of_the_same_name_is_not_adopted() {
    let zone = |stack: &Stack| drop(stack.add("zone", HostedZone::builder().name("example.org")));
    let world = World::new().await;
    let route53 = world.aws().await.route53().clone();
    let made = route53.create_hosted_zone().name("example.org").caller_reference("by hand");
    let foreign = made.send().await.unwrap().hosted_zone.unwrap().id;
    // Ours was made, but not recorded, and is gone again: only the foreign one has the name.
    world.killed(zone, "zone", 1).await;
    let all = zones(&route53).await;
    let ours: Vec<_> = all.iter().filter(|z| z.id != foreign).collect();
    assert_eq!(ours.len(), 1);
    route53.delete_hosted_zone().id(&ours[0].id).send().await.unwrap();
    world.up(zone).await;
    assert_ne!(foreign, format!("/hostedzone/{}", world.id("zone").await));
    assert_eq!(zones(&route53).await.len(), 2);
    world.destroy().await;
    let left = zones(&route53).await;
    assert!(left.len() == 1 && left[0].id == foreign);
}

#[tokio::test]
async fn a_record_that_somebody_changed_goes_too() {
    let world = World::new().await;
    let route53 = world.aws().await.route53().clone();
    world.up(program(FIRST)).await;
    let theirs = by_hand("www.example.org", "198.51.100.1");
    // A delete has to name the values that are there now, not those that we set.
    change(&route53, &world.id("zone").await, ChangeAction::Upsert, theirs).await;
    world.destroy().await;
    assert!(zones(&route53).await.is_empty());
}

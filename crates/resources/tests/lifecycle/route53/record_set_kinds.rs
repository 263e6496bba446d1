//! `AWS::Route53::RecordSet`: aliases, weighted records, and what does not fit together.

use aws_sdk_route53::types::{AliasTarget as SdkAlias, ChangeAction, ResourceRecordSet, RrType};
use ferrocrete_core::Stack;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_resources::route53::{AliasTarget, HostedZone, RecordSet};

use super::{by_hand, change, records, values};
use crate::world::World;

/// The zone of the load balancers of a region.
const BALANCERS: &str = "Z215JYRZR1TBD5";

fn alias(name: &'static str, health: Option<bool>) -> impl Fn(&Stack) {
    move |stack| {
        let zone = stack.add("zone", HostedZone::builder().name("example.org"));
        let target = AliasTarget::builder()
            .dns_name(name)
            .hosted_zone_id(BALANCERS)
            .maybe_evaluate_target_health(health);
        let record = RecordSet::builder()
            .hosted_zone_id(&zone.hosted_zone_id)
            .name("example.org")
            .record_type("A")
            .alias_target(target);
        stack.add("root", record);
    }
}

fn plain(value: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        let zone = stack.add("zone", HostedZone::builder().name("example.org"));
        let record = RecordSet::builder()
            .hosted_zone_id(&zone.hosted_zone_id)
            .name("example.org")
            .record_type("A")
            .ttl(60)
            .resource_records([value]);
        stack.add("root", record);
    }
}

/// Two weighted records of one name.
fn weighted(blue: i64, green: i64, second: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        let zone = stack.add("zone", HostedZone::builder().name("example.org"));
        for (name, set, weight, value) in
            [("blue", "blue", blue, "192.0.2.1"), ("green", second, green, "192.0.2.2")]
        {
            let record = RecordSet::builder()
                .hosted_zone_id(&zone.hosted_zone_id)
                .name("api.example.org")
                .record_type("A")
                .ttl(60)
                .set_identifier(set)
                .weight(weight)
                .resource_records([value]);
            stack.add(name, record);
        }
    }
}

#[tokio::test]
async fn an_alias_lives() {
    let world = World::new().await;
    let route53 = world.aws().await.route53().clone();
    world.up(alias("LB-1.eu-central-1.elb.amazonaws.com", None)).await;
    let zone = world.id("zone").await;
    let only = async || {
        let mut all = records(&route53, &zone).await;
        assert_eq!(all.len(), 1);
        all.pop().unwrap()
    };
    let target = |name: &str, health: bool| {
        let target = SdkAlias::builder().dns_name(name).hosted_zone_id(BALANCERS);
        target.evaluate_target_health(health).build().unwrap()
    };
    let record = only().await;
    let wanted = target("lb-1.eu-central-1.elb.amazonaws.com.", false);
    assert_eq!((record.alias_target(), record.ttl()), (Some(&wanted), None));
    assert!(record.resource_records().is_empty());

    let other = "lb-2.eu-central-1.elb.amazonaws.com";
    world.updates(alias(other, None), "root", &["alias_target"]).await;
    let wanted = target("lb-2.eu-central-1.elb.amazonaws.com.", false);
    assert_eq!(only().await.alias_target(), Some(&wanted));
    world.updates(alias(other, Some(true)), "root", &["alias_target"]).await;
    assert!(only().await.alias_target().unwrap().evaluate_target_health());

    // Drift: the console writes the same target with another name, which is no change …
    let console = |health: bool| {
        ResourceRecordSet::builder()
            .name("example.org")
            .r#type(RrType::A)
            .alias_target(target("dualstack.lb-2.eu-central-1.elb.amazonaws.com", health))
            .build()
            .unwrap()
    };
    change(&route53, &zone, ChangeAction::Upsert, console(true)).await;
    assert!(world.plan(alias(other, Some(true))).await.is_empty());
    // … but switching the check off is one.
    change(&route53, &zone, ChangeAction::Upsert, console(false)).await;
    world.updates(alias(other, Some(true)), "root", &["alias_target"]).await;
    assert!(only().await.alias_target().unwrap().evaluate_target_health());

    // An alias becomes a plain record, and the reverse, in place.
    let all = ["alias_target", "resource_records", "ttl"];
    world.updates(plain("192.0.2.1"), "root", &all).await;
    let record = only().await;
    assert!(record.alias_target().is_none());
    assert_eq!((record.ttl(), values(&record)), (Some(60), vec!["192.0.2.1"]));
    world.updates(alias(other, None), "root", &all).await;
    let record = only().await;
    assert!(record.alias_target().is_some() && record.ttl().is_none());
    world.destroy().await;
    assert!(super::zones(&route53).await.is_empty());
}

#[tokio::test]
async fn an_alias_is_found_again() {
    let world = World::new().await;
    let program = alias("LB-1.eu-central-1.elb.amazonaws.com", None);
    world.finds(program, "root", "route53:ChangeResourceRecordSets").await;
}

#[tokio::test]
async fn weighted_records_live_side_by_side() {
    let world = World::new().await;
    let route53 = world.aws().await.route53().clone();
    world.up(weighted(90, 10, "green")).await;
    let zone = world.id("zone").await;
    let all = async || {
        let found = records(&route53, &zone).await;
        let mut found: Vec<(String, i64, String)> = found
            .iter()
            .map(|r| {
                let set = r.set_identifier().unwrap().to_owned();
                (set, r.weight().unwrap(), values(r).join(" "))
            })
            .collect();
        found.sort();
        found
    };
    let row = |set: &str, weight: i64, value: &str| (set.to_owned(), weight, value.to_owned());
    let (blue, green) = (row("blue", 90, "192.0.2.1"), row("green", 10, "192.0.2.2"));
    assert_eq!(all().await, [blue.clone(), green.clone()]);
    assert_eq!(world.id("blue").await, format!("{zone}|api.example.org|A|blue"));

    world.updates(weighted(0, 10, "green"), "blue", &["weight"]).await;
    assert_eq!(all().await, [row("blue", 0, "192.0.2.1"), green]);
    world.updates(weighted(90, 10, "green"), "blue", &["weight"]).await;
    world.replaces(weighted(90, 10, "teal"), "green", &["set_identifier"]).await;
    assert_eq!(all().await, [blue.clone(), row("teal", 10, "192.0.2.2")]);

    // Only the one that somebody deleted is made again.
    let teal = records(&route53, &zone).await.into_iter().find(|r| r.weight() == Some(10));
    change(&route53, &zone, ChangeAction::Delete, teal.unwrap()).await;
    assert_eq!(world.up(weighted(90, 10, "teal")).await, ["create green"]);
    assert_eq!(all().await.len(), 2);
    world.destroy().await;
    assert!(super::zones(&route53).await.is_empty());
}

#[tokio::test]
async fn what_aws_would_refuse_says_what_is_wrong() {
    let world = World::new().await;
    let both = |stack: &Stack| {
        let zone = stack.add("zone", HostedZone::builder().name("example.org"));
        let target = AliasTarget::builder().dns_name("lb.example").hosted_zone_id(BALANCERS);
        let record = RecordSet::builder().hosted_zone_id(&zone.hosted_zone_id).ttl(60);
        let record = record.name("example.org").record_type("A").resource_records(["192.0.2.1"]);
        stack.add("root", record.alias_target(target));
    };
    let timeless = |stack: &Stack| {
        let zone = stack.add("zone", HostedZone::builder().name("example.org"));
        let record = RecordSet::builder().hosted_zone_id(&zone.hosted_zone_id);
        let record = record.name("example.org").record_type("A");
        stack.add("root", record.resource_records(["192.0.2.1"]));
    };
    let text = world.plan_error(both).await;
    assert!(text.contains("`alias_target`: cannot stand beside `resource_records`"), "{text}");
    let text = world.plan_error(timeless).await;
    assert!(text.contains("`ttl`: is missing"), "{text}");
    let outside = |stack: &Stack| {
        let zone = stack.add("zone", HostedZone::builder().name("example.org."));
        let record = |name: &str| {
            let record = RecordSet::builder().hosted_zone_id(&zone.hosted_zone_id).ttl(60);
            record.name(name.to_owned()).record_type("A").resource_records(["192.0.2.1"])
        };
        stack.add("root", record("Example.org"));
        stack.add("inside", record("*.example.org"));
        stack.add("near", record("myexample.org"));
    };
    let text = world.plan_error(outside).await;
    assert!(
        text.contains("`near` (AWS::Route53::RecordSet), `name`: is not in the zone"),
        "{text}"
    );
    assert!(!text.contains("inside") && !text.contains("`root`"), "{text}");
    let beside = |stack: &Stack| {
        let zone = stack.add("zone", HostedZone::builder().name("example.org"));
        for (name, kind, value) in [("a", "A", "192.0.2.1"), ("c", "CNAME", "lb.example.net")] {
            let record = RecordSet::builder().hosted_zone_id(&zone.hosted_zone_id).ttl(60);
            let record = record.name("www.example.org").record_type(kind);
            stack.add(name, record.resource_records([value]));
        }
    };
    let text = world.plan_error(beside).await;
    assert!(text.contains("`record_type`, of which one is `CNAME`"), "{text}");
    assert_eq!(world.count("route53:ChangeResourceRecordSets").await, 0);

    // A wrong value and a record that is there already have one code in AWS; only the latter
    // is called so.
    let outside = |stack: &Stack| {
        let zone = stack.add("zone", HostedZone::builder().name("example.org"));
        let computed = zone.hosted_zone_id.map(|id| id);
        let record = RecordSet::builder().hosted_zone_id(&computed).ttl(60);
        let record = record.name("www.example.net").record_type("A");
        stack.add("root", record.resource_records(["192.0.2.1"]));
    };
    let (_, report) = world.try_up(outside).await.unwrap();
    assert_ne!(report.failures[0].error.kind, ErrorKind::AlreadyExists);
    let route53 = world.aws().await.route53().clone();
    let zone = world.id("zone").await;
    change(&route53, &zone, ChangeAction::Create, by_hand("example.org", "192.0.2.7")).await;
    let (_, report) = world.try_up(plain("192.0.2.1")).await.unwrap();
    assert_eq!(report.failures[0].error.kind, ErrorKind::AlreadyExists);
}

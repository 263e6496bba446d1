//! DNS and TLS.

use std::collections::BTreeMap;

use aws_sdk_route53::types::ResourceRecordSet;
use ferrocrete_core::Stack;
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::components::{DnsAndTls, LoadBalancer, NatGateways, Network, Zone};

use crate::world::{World, changes};

/// Two load balancers behind `api`, so many of a hundred answers for the second.
fn two_colors(percent_green: u8) -> impl Fn(&Stack) {
    move |stack| {
        let network = Network::builder().nat_gateways(NatGateways::None).build();
        let network = stack.component("network", network);
        let dns = DnsAndTls::builder().domain("example.org").certificate(false).build();
        let dns = stack.component("dns", dns);
        let colors = ["blue", "green"].map(|color| {
            let made = LoadBalancer::builder().placement(network.public()).build();
            let made = stack.component(color, made);
            stack.export(color, &made.dns_name);
            made
        });
        dns.point_weighted(stack, "api", (&colors[0], &colors[1]), percent_green);
        dns.point(stack, &["", "www"], &colors[0]);
        stack.export("zone", &dns.hosted_zone_id);
    }
}

async fn records(aws: &Aws, zone: &str, kind: &str) -> Vec<ResourceRecordSet> {
    let call = aws.route53().list_resource_record_sets().hosted_zone_id(zone);
    let mut sets = call.send().await.unwrap().resource_record_sets;
    sets.retain(|s| s.r#type().as_str() == kind);
    sets
}

#[tokio::test]
async fn names_stand_for_load_balancers_by_weight() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(two_colors(10)).await;
    let zone = world.export("zone").await;
    let (blue, green) = (world.export("blue").await, world.export("green").await);

    let weights = async || -> BTreeMap<String, (i64, String)> {
        let sets = records(&aws, &zone, "A").await;
        let api = sets.iter().filter(|s| s.name() == "api.example.org.");
        api.map(|s| {
            let to = s.alias_target().unwrap().dns_name().trim_end_matches('.').to_owned();
            (s.set_identifier().unwrap().to_owned(), (s.weight().unwrap(), to))
        })
        .collect()
    };
    let expected = |green_share: i64| {
        BTreeMap::from([
            ("blue".to_owned(), (100 - green_share, blue.clone())),
            ("green".to_owned(), (green_share, green.clone())),
        ])
    };
    assert_eq!(weights().await, expected(10));
    let sets = records(&aws, &zone, "A").await;
    for name in ["example.org.", "www.example.org."] {
        let set = sets.iter().find(|s| s.name() == name).expect(name);
        let to = set.alias_target().unwrap();
        assert_eq!(to.dns_name().trim_end_matches('.'), blue);
        assert!(to.evaluate_target_health());
    }

    // More for green: two records change, nothing else.
    let plan = world.plan(two_colors(50)).await;
    assert_eq!(changes(&plan), ["update api-blue", "update api-green"]);
    world.up(two_colors(50)).await;
    assert_eq!(weights().await, expected(50));
    assert!(world.refused(two_colors(101)).contains("101 percent"));
    world.destroy().await;
}

#[tokio::test]
async fn an_existing_zone_is_used_and_stays() {
    let world = World::new().await;
    let aws = world.aws().await;
    let zone = aws.route53().create_hosted_zone().name("example.net").caller_reference("by hand");
    let zone = zone.send().await.unwrap().hosted_zone.unwrap();
    let program = |stack: &Stack| {
        let dns = DnsAndTls::builder().domain("example.net").zone(Zone::Existing);
        let dns = dns.subdomains(vec!["*".to_owned(), "api.eu".to_owned()]).build();
        let dns = stack.component("dns", dns);
        stack.export("certificate", dns.certificate_arn.as_ref().unwrap());
        stack.export("zone", &dns.hosted_zone_id);
    };
    world.up(program).await;
    let id = world.export("zone").await;
    assert!(zone.id().ends_with(&id));
    let arn = world.export("certificate").await;
    let made = aws.acm().describe_certificate().certificate_arn(&arn).send().await.unwrap();
    let made = made.certificate.unwrap();
    assert_eq!(made.status().map(|s| s.as_str()), Some("ISSUED"));
    let names = ["*.example.net", "api.eu.example.net", "example.net"];
    let mut found = made.subject_alternative_names().to_vec();
    found.sort();
    assert_eq!(found, names);
    // The wildcard is validated by the same record as the domain.
    assert_eq!(records(&aws, &id, "CNAME").await.len(), 2);

    world.destroy().await;
    assert_eq!(records(&aws, &id, "CNAME").await.len(), 0);
    aws.route53().get_hosted_zone().id(&id).send().await.expect("the zone stays");
}

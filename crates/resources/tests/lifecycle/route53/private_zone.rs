//! `AWS::Route53::HostedZone`: private zones and their VPCs.

use std::collections::BTreeSet;

use aws_sdk_route53::Client;
use aws_sdk_route53::types::{Vpc as SdkVpc, VpcRegion};
use ferrocrete_core::{Input, Stack};
use ferrocrete_resources::ec2::Vpc;
use ferrocrete_resources::route53::{HostedZone, HostedZoneVpc};

use super::zones;
use crate::world::{World, changed};

/// Three VPCs, and a zone that those named may ask; a public one when none is.
fn program(asking: &'static [&'static str]) -> impl Fn(&Stack) {
    move |stack| {
        let vpcs = ["a", "b", "c"].map(|name| {
            let vpc = stack.add(name, Vpc::builder().cidr_block("10.0.0.0/16"));
            (name, vpc.vpc_id.clone())
        });
        let any = !asking.is_empty();
        let asking: Input<_> = vpcs
            .iter()
            .filter(|(name, _)| asking.contains(name))
            .map(|(_, id)| HostedZoneVpc::builder().vpc_id(id).vpc_region("eu-central-1"))
            .collect();
        let zone = HostedZone::builder().name("internal.example");
        stack.add("zone", zone.maybe_vpcs(any.then_some(asking)));
    }
}

/// The names of the VPCs that may ask the zone, by what the account says.
async fn asking(world: &World, route53: &Client) -> BTreeSet<&'static str> {
    let zone = route53.get_hosted_zone().id(world.id("zone").await).send().await.unwrap();
    let mut names = BTreeSet::new();
    for vpc in zone.vpcs() {
        assert_eq!(vpc.vpc_region(), Some(&VpcRegion::EuCentral1));
        for name in ["a", "b", "c"] {
            if vpc.vpc_id() == Some(&world.id(name).await) {
                names.insert(name);
            }
        }
    }
    assert_eq!(names.len(), zone.vpcs().len(), "each VPC is ours, and there once");
    names
}

async fn sdk_vpc(world: &World, name: &str) -> SdkVpc {
    SdkVpc::builder().vpc_id(world.id(name).await).vpc_region(VpcRegion::EuCentral1).build()
}

#[tokio::test]
async fn come_and_go_in_place() {
    let world = World::new().await;
    let route53 = world.aws().await.route53().clone();
    world.up(program(&["a", "b"])).await;
    let id = world.id("zone").await;
    let zone = route53.get_hosted_zone().id(&id).send().await.unwrap();
    assert!(zone.hosted_zone().unwrap().config().unwrap().private_zone());
    assert_eq!(asking(&world, &route53).await, BTreeSet::from(["a", "b"]));

    let steps: [&[&str]; 3] = [&["a", "b", "c"], &["b"], &["c"]];
    for wanted in steps {
        world.updates(program(wanted), "zone", &["vpcs"]).await;
        assert_eq!(asking(&world, &route53).await, wanted.iter().copied().collect());
    }
    assert_eq!(world.id("zone").await, id);
    world.destroy().await;
    assert!(zones(&route53).await.is_empty());
}

#[tokio::test]
async fn drift_is_mended() {
    let world = World::new().await;
    let route53 = world.aws().await.route53().clone();
    world.up(program(&["a", "b"])).await;
    let id = world.id("zone").await;
    let associate = route53.associate_vpc_with_hosted_zone().hosted_zone_id(&id);
    associate.vpc(sdk_vpc(&world, "c").await).send().await.unwrap();
    let disassociate = route53.disassociate_vpc_from_hosted_zone().hosted_zone_id(&id);
    disassociate.vpc(sdk_vpc(&world, "a").await).send().await.unwrap();
    world.updates(program(&["a", "b"]), "zone", &["vpcs"]).await;
    assert_eq!(asking(&world, &route53).await, BTreeSet::from(["a", "b"]));
}

#[tokio::test]
async fn a_killed_create_is_completed() {
    let world = World::new().await;
    let route53 = world.aws().await.route53().clone();
    let wanted = ["a", "b", "c"];
    // Accepted with its first VPC; the others are missing.
    world.killed(program(&["a", "b", "c"]), "zone", 2).await;
    let plan = world.plan(program(&["a", "b", "c"])).await;
    assert!(!changed(&plan, "zone").contains("name"), "it is not made again");
    world.up(program(&["a", "b", "c"])).await;
    assert_eq!(asking(&world, &route53).await, BTreeSet::from(wanted));
    assert_eq!(world.count("route53:CreateHostedZone").await, 1);
}

#[tokio::test]
async fn an_update_whose_answer_is_lost_is_finished() {
    let world = World::new().await;
    let route53 = world.aws().await.route53().clone();
    world.up(program(&["a"])).await;
    // Killed when the update is done, before that was recorded.
    world.killed(program(&["b"]), "zone", 1).await;
    world.up(program(&["b"])).await;
    assert_eq!(asking(&world, &route53).await, BTreeSet::from(["b"]));
}

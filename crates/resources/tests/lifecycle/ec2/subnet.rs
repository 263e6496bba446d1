//! `AWS::EC2::Subnet`.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{AttributeBooleanValue, Subnet as SdkSubnet};
use ferrocrete_core::plan::{Action, Reason};
use ferrocrete_core::{Handle, Input, Stack};
use ferrocrete_resources::ec2::{Subnet, Vpc};

use super::network::{failure, tag, tag_by_hand, vpc};
use crate::world::{World, changes};

/// A subnet, and two VPCs to choose from.
fn program(subnet: impl Fn(&Handle<Vpc>, &Handle<Vpc>) -> Input<Subnet>) -> impl Fn(&Stack) {
    move |stack| {
        let (a, b) = (vpc(stack, "a", "10.0.0.0/16"), vpc(stack, "b", "10.0.0.0/16"));
        stack.add("subnet", subnet(&a, &b));
    }
}

fn tagged(public: Option<bool>, owner: &'static str) -> impl Fn(&Stack) {
    program(move |a, _| {
        let subnet = Subnet::builder().vpc_id(&a.vpc_id).cidr_block("10.0.1.0/24");
        let subnet = subnet.availability_zone("eu-central-1b").tags([("owner", owner)]);
        subnet.maybe_map_public_ip_on_launch(public).into()
    })
}

async fn find(ec2: &Client, id: &str) -> Option<SdkSubnet> {
    let all = ec2.describe_subnets().subnet_ids(id).send().await.ok()?;
    all.subnets.unwrap_or_default().into_iter().next()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(tagged(Some(true), "anna")).await;
    let id = world.id("subnet").await;
    let made = find(&ec2, &id).await.unwrap();
    assert_eq!(made.vpc_id, Some(world.id("a").await));
    assert_eq!(made.cidr_block(), Some("10.0.1.0/24"));
    assert_eq!(made.availability_zone(), Some("eu-central-1b"));
    assert_eq!(made.map_public_ip_on_launch, Some(true));
    assert_eq!(tag(made.tags(), "owner"), Some("anna"));
    for (output, live) in [
        ("subnet_id", Some(id.clone())),
        ("arn", made.subnet_arn.clone()),
        ("vpc_id", made.vpc_id.clone()),
        ("availability_zone", made.availability_zone.clone()),
        ("availability_zone_id", made.availability_zone_id.clone()),
        ("cidr_block", made.cidr_block.clone()),
    ] {
        assert_eq!(Some(world.output("subnet", output).await), live, "{output}");
    }

    world.updates(tagged(Some(false), "anna"), "subnet", &["map_public_ip_on_launch"]).await;
    assert_eq!(find(&ec2, &id).await.unwrap().map_public_ip_on_launch, Some(false));
    tag_by_hand(&ec2, &id, "cost", "7").await;
    world.updates(tagged(Some(false), "ben"), "subnet", &["tags"]).await;
    let live = find(&ec2, &id).await.unwrap();
    assert_eq!((tag(live.tags(), "owner"), tag(live.tags(), "cost")), (Some("ben"), Some("7")));

    // Drift: somebody switches it on by hand.
    let on = || AttributeBooleanValue::builder().value(true).build();
    ec2.modify_subnet_attribute()
        .subnet_id(&id)
        .map_public_ip_on_launch(on())
        .send()
        .await
        .unwrap();
    world.updates(tagged(Some(false), "ben"), "subnet", &["map_public_ip_on_launch"]).await;
    assert_eq!(find(&ec2, &id).await.unwrap().map_public_ip_on_launch, Some(false));
    // Also when nobody declares it: AWS's default stands where nothing is said.
    assert_eq!(world.up(tagged(None, "ben")).await, [""; 0]);
    ec2.modify_subnet_attribute()
        .subnet_id(&id)
        .map_public_ip_on_launch(on())
        .send()
        .await
        .unwrap();
    world.updates(tagged(None, "ben"), "subnet", &["map_public_ip_on_launch"]).await;

    // Drift: somebody deletes it.
    ec2.delete_subnet().subnet_id(&id).send().await.unwrap();
    assert_eq!(world.up(tagged(None, "ben")).await, ["create subnet"]);
    let last = world.id("subnet").await;
    assert!(last != id && find(&ec2, &last).await.is_some());
    world.destroy().await;
    assert!(find(&ec2, &last).await.is_none());
}

#[tokio::test]
async fn is_replaced() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let first = |a: &Handle<Vpc>, _: &Handle<Vpc>| {
        let subnet = Subnet::builder().vpc_id(&a.vpc_id).cidr_block("10.0.1.0/24");
        subnet.availability_zone("eu-central-1a").into()
    };
    world.up(program(first)).await;
    let range = |a: &Handle<Vpc>, _: &Handle<Vpc>| {
        let subnet = Subnet::builder().vpc_id(&a.vpc_id).cidr_block("10.0.2.0/24");
        subnet.availability_zone("eu-central-1a").into()
    };
    let (old, new) = world.replaces(program(range), "subnet", &["cidr_block"]).await;
    assert!(find(&ec2, &old).await.is_none());
    assert_eq!(find(&ec2, &new).await.unwrap().cidr_block(), Some("10.0.2.0/24"));
    let network = |_: &Handle<Vpc>, b: &Handle<Vpc>| {
        let subnet = Subnet::builder().vpc_id(&b.vpc_id).cidr_block("10.0.2.0/24");
        subnet.availability_zone("eu-central-1a").into()
    };
    let (old, new) = world.replaces(program(network), "subnet", &["vpc_id"]).await;
    assert!(find(&ec2, &old).await.is_none());
    assert_eq!(find(&ec2, &new).await.unwrap().vpc_id, Some(world.id("b").await));
    // Old and new have the same range, so the old one goes first.
    let zone = program(|_: &Handle<Vpc>, b: &Handle<Vpc>| {
        let subnet = Subnet::builder().vpc_id(&b.vpc_id).cidr_block("10.0.2.0/24");
        subnet.availability_zone("eu-central-1c").into()
    });
    let plan = world.plan(&zone).await;
    assert_eq!(changes(&plan), ["delete replaced subnet", "replace subnet"]);
    let step = plan.steps.iter().find(|s| s.action == Action::Replace).unwrap();
    let stays = vec!["vpc_id".into(), "cidr_block".into()];
    assert!(step.reasons.contains(&Reason::Unique { properties: stays }));
    let (old, new) = world.replaces(zone, "subnet", &["availability_zone"]).await;
    assert!(find(&ec2, &old).await.is_none());
    assert_eq!(find(&ec2, &new).await.unwrap().availability_zone(), Some("eu-central-1c"));
}

#[tokio::test]
async fn a_zone_is_told_by_its_id_too() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let zones = ec2.describe_availability_zones().send().await.unwrap();
    let ids: Vec<String> =
        zones.availability_zones().iter().filter_map(|z| z.zone_id.clone()).collect();
    let by_id = |id: &str, cidr: &'static str| {
        let id = id.to_owned();
        program(move |a, _| {
            let subnet = Subnet::builder().vpc_id(&a.vpc_id).cidr_block(cidr);
            subnet.availability_zone_id(&id).into()
        })
    };
    world.up(by_id(&ids[1], "10.0.1.0/24")).await;
    let live = find(&ec2, &world.id("subnet").await).await.unwrap();
    assert_eq!(live.availability_zone_id(), Some(ids[1].as_str()));
    let why = ["availability_zone_id", "cidr_block"];
    let (_, new) = world.replaces(by_id(&ids[0], "10.0.2.0/24"), "subnet", &why).await;
    let live = find(&ec2, &new).await.unwrap();
    assert_eq!(live.availability_zone_id(), Some(ids[0].as_str()));
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.finds(tagged(Some(true), "anna"), "subnet", "ec2:CreateSubnet").await;
    // The kill came before the second call of the create.
    let id = world.id("subnet").await;
    assert_eq!(find(&ec2, &id).await.unwrap().map_public_ip_on_launch, Some(true));
}

#[tokio::test]
async fn is_finished_after_a_kill_between_accepted_and_done() {
    let world = World::new().await;
    world.killed(tagged(Some(true), "anna"), "subnet", 2).await;
    world.up(tagged(Some(true), "anna")).await;
    assert_eq!(world.count("ec2:CreateSubnet").await, 1);
}

#[tokio::test]
async fn a_range_in_use_is_refused_not_adopted() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world
        .up(|stack: &Stack| {
            vpc(stack, "a", "10.0.0.0/16");
            vpc(stack, "b", "10.0.0.0/16");
        })
        .await;
    let a = world.id("a").await;
    let theirs = ec2.create_subnet().vpc_id(&a).cidr_block("10.0.1.0/24").send().await.unwrap();
    let theirs = theirs.subnet.unwrap().subnet_id.unwrap();
    let (_, report) = world.try_up(tagged(None, "anna")).await.unwrap();
    assert_eq!(failure(&report), "InvalidSubnet.Conflict");
    let theirs = find(&ec2, &theirs).await.unwrap();
    assert_eq!(tag(theirs.tags(), "ferrocrete:urn"), None);
    assert!(world.state().await.resources.values().all(|r| r.urn.name() != "subnet"));
}

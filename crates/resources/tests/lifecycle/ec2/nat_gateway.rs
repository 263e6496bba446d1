//! `AWS::EC2::NatGateway`.

use std::time::Duration;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::NatGateway as SdkGateway;
use ferrocrete_core::{Options, Stack};
use ferrocrete_resources::ec2::{
    ElasticIp, InternetGateway, NatGateway, Subnet, Subnets, VpcGatewayAttachment,
};
use ferrocrete_sandbox::{Config, Unkind};

use super::network::{failure, tag, tag_by_hand, vpc};
use crate::world::{World, changed};

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    zone: &'static str,
    address: &'static str,
    kind: Option<&'static str>,
    private_ip: Option<&'static str>,
    owner: Option<&'static str>,
}

const FIRST: Wanted =
    Wanted { zone: "a", address: "one", kind: None, private_ip: None, owner: Some("anna") };

/// A network of two zones with a way out, two addresses and a gateway.
fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let net = vpc(stack, "net", "10.0.0.0/16");
        let door = stack.add("door", InternetGateway::builder());
        let attached = stack.add(
            "door",
            VpcGatewayAttachment::builder()
                .vpc_id(&net.vpc_id)
                .internet_gateway_id(&door.internet_gateway_id),
        );
        let subnet = |zone: &str, cidr: &str| {
            let subnet = Subnet::builder().vpc_id(&net.vpc_id).cidr_block(cidr);
            let subnet = subnet.availability_zone(format!("eu-central-1{zone}"));
            stack.add(&format!("public-{zone}"), subnet).subnet_id.clone()
        };
        let (a, b) = (subnet("a", "10.0.0.0/24"), subnet("b", "10.0.1.0/24"));
        let [one, two] = ["one", "two"].map(|n| stack.add(n, ElasticIp::builder()));
        let address = if wanted.address == "one" { &one } else { &two };
        let public = wanted.kind != Some("private");
        stack.add_with(
            "nat",
            NatGateway::builder()
                .subnet_id(if wanted.zone == "a" { &a } else { &b })
                .maybe_allocation_id(public.then_some(&address.allocation_id))
                .maybe_connectivity_type(wanted.kind)
                .maybe_private_ip_address(wanted.private_ip)
                .maybe_tags(wanted.owner.map(|o| [("owner", o)])),
            Options::new().depends_on(&attached),
        );
    }
}

/// The gateway, also while it goes; `None` when it is gone.
async fn find(ec2: &Client, id: &str) -> Option<SdkGateway> {
    let all = ec2.describe_nat_gateways().nat_gateway_ids(id).send().await.ok()?;
    let found = all.nat_gateways.unwrap_or_default().into_iter().next()?;
    (found.state()?.as_str() != "deleted").then_some(found)
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(FIRST)).await;
    let id = world.id("nat").await;
    let made = find(&ec2, &id).await.unwrap();
    assert_eq!(made.state().unwrap().as_str(), "available");
    assert_eq!(made.subnet_id, Some(world.id("public-a").await));
    assert_eq!(made.connectivity_type().unwrap().as_str(), "public");
    let address = &made.nat_gateway_addresses()[0];
    assert_eq!(address.allocation_id, Some(world.id("one").await));
    assert_eq!(Some(world.output("nat", "public_ip").await), address.public_ip);
    assert_eq!(world.output("nat", "public_ip").await, world.output("one", "public_ip").await);
    assert_eq!(Some(world.output("nat", "private_ip").await), address.private_ip);
    let interface = address.network_interface_id.clone();
    assert_eq!(Some(world.output("nat", "network_interface_id").await), interface);
    assert_eq!(world.output("nat", "nat_gateway_id").await, id);

    tag_by_hand(&ec2, &id, "cost", "7").await;
    world.updates(program(Wanted { owner: Some("ben"), ..FIRST }), "nat", &["tags"]).await;
    assert_eq!(tag(find(&ec2, &id).await.unwrap().tags(), "owner"), Some("ben"));
    world.updates(program(Wanted { owner: None, ..FIRST }), "nat", &["tags"]).await;
    let live = find(&ec2, &id).await.unwrap();
    assert_eq!((tag(live.tags(), "owner"), tag(live.tags(), "cost")), (None, Some("7")));
    // What AWS fills in is no change.
    let told = Wanted { kind: Some("public"), owner: None, ..FIRST };
    assert_eq!(world.up(program(told)).await, [""; 0]);

    // Drift: somebody deletes it.
    ec2.delete_nat_gateway().nat_gateway_id(&id).send().await.unwrap();
    let wanted = Wanted { owner: None, ..FIRST };
    world.up(program(wanted)).await;
    let new = world.id("nat").await;
    assert!(new != id && find(&ec2, &new).await.is_some());

    world.destroy().await;
    assert!(find(&ec2, &new).await.is_none());
    let left = ec2.describe_addresses().send().await.unwrap();
    assert!(left.addresses().is_empty());
}

#[tokio::test]
async fn another_subnet_or_address_is_another_gateway() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(FIRST)).await;
    // The address is free again only when the old gateway is gone.
    let moved = Wanted { zone: "b", ..FIRST };
    let (old, new) = world.replaces(program(moved), "nat", &["subnet_id"]).await;
    assert!(find(&ec2, &old).await.is_none());
    let live = find(&ec2, &new).await.unwrap();
    assert_eq!(live.subnet_id, Some(world.id("public-b").await));
    assert_eq!(live.nat_gateway_addresses()[0].allocation_id, Some(world.id("one").await));

    let plan = world.plan(program(Wanted { address: "two", ..moved })).await;
    assert_eq!(changed(&plan, "nat"), ["allocation_id"].into());
    let plan = world.plan(program(Wanted { private_ip: Some("10.0.1.9"), ..moved })).await;
    assert_eq!(changed(&plan, "nat"), ["private_ip_address"].into());
    let plan = world.plan(program(Wanted { kind: Some("private"), ..moved })).await;
    assert_eq!(changed(&plan, "nat"), ["allocation_id", "connectivity_type"].into());
}

#[tokio::test]
async fn a_private_gateway_has_an_address_in_its_subnet_only() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let private = Wanted { kind: Some("private"), private_ip: Some("10.0.0.9"), ..FIRST };
    world.up(program(private)).await;
    let live = find(&ec2, &world.id("nat").await).await.unwrap();
    assert_eq!(live.connectivity_type().unwrap().as_str(), "private");
    let address = &live.nat_gateway_addresses()[0];
    assert_eq!((address.private_ip(), address.public_ip()), (Some("10.0.0.9"), None));
    assert_eq!(world.output("nat", "public_ip").await, "");
}

#[tokio::test]
async fn a_gateway_without_a_way_out_fails_with_the_reason_and_is_made_anew() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let program = |way_out: bool| {
        move |stack: &Stack| {
            let net = vpc(stack, "net", "10.0.0.0/16");
            let subnet = Subnet::builder().vpc_id(&net.vpc_id).cidr_block("10.0.0.0/24");
            let subnet = stack.add("public", subnet);
            let address = stack.add("one", ElasticIp::builder());
            let nat = NatGateway::builder().subnet_id(&subnet.subnet_id);
            let nat = nat.allocation_id(&address.allocation_id);
            if !way_out {
                stack.add("nat", nat);
                return;
            }
            let door = stack.add("door", InternetGateway::builder());
            let attached = VpcGatewayAttachment::builder().vpc_id(&net.vpc_id);
            let attached = attached.internet_gateway_id(&door.internet_gateway_id);
            let attached = stack.add("door", attached);
            stack.add_with("nat", nat, Options::new().depends_on(&attached));
        }
    };
    let (_, report) = world.try_up(program(false)).await.unwrap();
    let error = &report.failures[0].error;
    assert!(error.message.contains("Gateway.NotAttached"), "{error}");
    world.up(program(true)).await;
    let live = find(&ec2, &world.id("nat").await).await.unwrap();
    assert_eq!(live.state().unwrap().as_str(), "available");
}

#[tokio::test]
async fn an_address_that_does_not_fit_is_refused_before_any_call() {
    let world = World::new().await;
    let without = |stack: &Stack| {
        stack.add("nat", NatGateway::builder().subnet_id("subnet-1"));
    };
    let error = world.plan_error(without).await;
    assert!(error.contains("needs the id of an Elastic IP"), "{error}");
    let with = |stack: &Stack| {
        let nat = NatGateway::builder().subnet_id("subnet-1").connectivity_type("private");
        stack.add("nat", nat.allocation_id("eipalloc-1"));
    };
    let error = world.plan_error(with).await;
    assert!(error.contains("leave it out of a private one"), "{error}");
    assert_eq!(world.count("ec2:CreateNatGateway").await, 0);
}

#[tokio::test]
async fn an_unknown_address_fails_with_its_code() {
    let world = World::new().await;
    let program = |stack: &Stack| {
        // Not one made just now, which AWS may take a while to know.
        let subnets = stack.lookup("subnets", Subnets::builder().default_for_az(true));
        let subnet = subnets.subnet_ids.map(|ids| ids[0].clone());
        let nat = NatGateway::builder().subnet_id(subnet);
        stack.add("nat", nat.allocation_id("eipalloc-0123456789abcdef0"));
    };
    let (_, report) = world.try_up(program).await.unwrap();
    assert_eq!(failure(&report), "InvalidAllocationID.NotFound");
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "nat", "ec2:CreateNatGateway").await;
}

#[tokio::test]
async fn is_waited_for_after_a_kill() {
    let world = World::new().await;
    world.killed(program(FIRST), "nat", 2).await;
    world.up(program(FIRST)).await;
    assert_eq!(world.count("ec2:CreateNatGateway").await, 1);
    let ec2 = world.aws().await.ec2().clone();
    let live = find(&ec2, &world.id("nat").await).await.unwrap();
    assert_eq!(live.state().unwrap().as_str(), "available");
}

/// CreateNatGateway has codes of its own for a subnet and an address that it does not know yet.
#[tokio::test]
async fn what_ec2_does_not_know_yet_is_tried_again() {
    let world = World::new().await;
    let young = Unkind { young: Duration::from_secs(2), ..Unkind::none() };
    world.account.configure(Config::unkind(young)).await.unwrap();
    world.up(program(FIRST)).await;
    assert!(world.tried("ec2:CreateNatGateway").await >= 2);
    assert_eq!(world.count("ec2:CreateNatGateway").await, 1);
}

//! `AWS::EC2::VPCEndpoint`.

use std::collections::BTreeSet;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::VpcEndpoint as SdkEndpoint;
use ferrocrete_core::{Input, Stack};
use ferrocrete_resources::ec2::{RouteTable, SecurityGroup, Subnet, VpcEndpoint};
use ferrocrete_resources::iam::{PolicyDocument, Statement};

use super::network::{tag, tag_by_hand, vpc};
use crate::world::{World, changed};

const S3: &str = "com.amazonaws.eu-central-1.s3";
const DYNAMODB: &str = "com.amazonaws.eu-central-1.dynamodb";
const LOGS: &str = "com.amazonaws.eu-central-1.logs";

/// A gateway endpoint with these tables, of three.
#[derive(Clone, Copy)]
struct Gateway {
    net: &'static str,
    service: &'static str,
    tables: &'static [&'static str],
    action: Option<&'static str>,
    owner: &'static str,
}

const GATEWAY: Gateway =
    Gateway { net: "net", service: S3, tables: &["a"], action: None, owner: "anna" };

fn gateway(wanted: Gateway) -> impl Fn(&Stack) {
    move |stack| {
        let net = vpc(stack, "net", "10.0.0.0/16");
        let other = vpc(stack, "other", "10.0.0.0/16");
        let tables = ["a", "b", "c"].map(|name| {
            (
                name,
                stack.add(name, RouteTable::builder().vpc_id(&net.vpc_id)).route_table_id.clone(),
            )
        });
        let of = |name: &&str| tables.iter().find(|(n, _)| n == name).unwrap().1.clone();
        let tables = (!wanted.tables.is_empty())
            .then(|| wanted.tables.iter().map(of).collect::<Input<Vec<String>>>());
        let policy = wanted.action.map(|action| {
            let all = Statement::new().actions([action]).resource("*").principal_everyone();
            PolicyDocument::new().allow(all)
        });
        let net = if wanted.net == "net" { &net } else { &other };
        stack.add(
            "door",
            VpcEndpoint::builder()
                .vpc_id(&net.vpc_id)
                .service_name(wanted.service)
                .maybe_route_table_ids(tables)
                .maybe_policy_document(policy)
                .tags([("owner", wanted.owner)]),
        );
    }
}

/// An interface endpoint in some of three subnets, with one of two groups.
#[derive(Clone, Copy)]
struct Interface {
    subnets: &'static [&'static str],
    groups: &'static [&'static str],
    private_dns: Option<bool>,
}

const INTERFACE: Interface = Interface { subnets: &["a"], groups: &["web"], private_dns: None };

fn interface(wanted: Interface) -> impl Fn(&Stack) {
    move |stack| {
        let net = vpc(stack, "net", "10.0.0.0/16");
        let subnets = ["a", "b", "c"].map(|zone| {
            let n = u32::from(zone.as_bytes()[0] - b'a');
            let subnet = Subnet::builder().vpc_id(&net.vpc_id).cidr_block(format!("10.0.{n}.0/24"));
            let subnet = subnet.availability_zone(format!("eu-central-1{zone}"));
            (zone, stack.add(zone, subnet).subnet_id.clone())
        });
        let groups = ["web", "db"].map(|name| {
            let group = SecurityGroup::builder().group_description("Group").vpc_id(&net.vpc_id);
            (name, stack.add(name, group).group_id.clone())
        });
        let subnet = |name: &&str| subnets.iter().find(|(n, _)| n == name).unwrap().1.clone();
        let group = |name: &&str| groups.iter().find(|(n, _)| n == name).unwrap().1.clone();
        let groups = (!wanted.groups.is_empty())
            .then(|| wanted.groups.iter().map(group).collect::<Input<Vec<String>>>());
        stack.add(
            "logs",
            VpcEndpoint::builder()
                .vpc_id(&net.vpc_id)
                .service_name(LOGS)
                .vpc_endpoint_type("Interface")
                .subnet_ids(wanted.subnets.iter().map(subnet).collect::<Input<Vec<String>>>())
                .maybe_security_group_ids(groups)
                .maybe_private_dns_enabled(wanted.private_dns),
        );
    }
}

async fn find(ec2: &Client, id: &str) -> Option<SdkEndpoint> {
    let all = ec2.describe_vpc_endpoints().vpc_endpoint_ids(id).send().await.ok()?;
    all.vpc_endpoints.unwrap_or_default().into_iter().next()
}

/// The tables that have a route to the endpoint.
async fn led_to(ec2: &Client, world: &World, id: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    for name in ["a", "b", "c"] {
        let table = world.id(name).await;
        let answer = ec2.describe_route_tables().route_table_ids(table).send().await.unwrap();
        if answer.route_tables()[0].routes().iter().any(|r| r.gateway_id() == Some(id)) {
            found.push(name);
        }
    }
    found
}

async fn ids(world: &World, names: &[&str]) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for name in names {
        ids.insert(world.id(name).await);
    }
    ids
}

fn set(list: &[String]) -> BTreeSet<String> {
    list.iter().cloned().collect()
}

#[tokio::test]
async fn a_gateway_lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(gateway(GATEWAY)).await;
    let id = world.id("door").await;
    let made = find(&ec2, &id).await.unwrap();
    assert_eq!((made.vpc_id.clone(), made.service_name()), (Some(world.id("net").await), Some(S3)));
    assert_eq!(made.vpc_endpoint_type().unwrap().as_str(), "Gateway");
    assert_eq!(set(made.route_table_ids()), ids(&world, &["a"]).await);
    assert_eq!(led_to(&ec2, &world, &id).await, ["a"]);
    assert_eq!(world.output("door", "vpc_endpoint_id").await, id);

    let wanted = Gateway { tables: &["b", "c"], ..GATEWAY };
    world.updates(gateway(wanted), "door", &["route_table_ids"]).await;
    assert_eq!(led_to(&ec2, &world, &id).await, ["b", "c"]);
    // The order means nothing.
    let turned = Gateway { tables: &["c", "b"], ..GATEWAY };
    assert_eq!(world.up(gateway(turned)).await, [""; 0]);
    world.updates(gateway(Gateway { tables: &[], ..GATEWAY }), "door", &["route_table_ids"]).await;
    assert_eq!(led_to(&ec2, &world, &id).await, [""; 0]);
    world.updates(gateway(GATEWAY), "door", &["route_table_ids"]).await;

    tag_by_hand(&ec2, &id, "cost", "7").await;
    world.updates(gateway(Gateway { owner: "ben", ..GATEWAY }), "door", &["tags"]).await;
    let live = find(&ec2, &id).await.unwrap();
    assert_eq!((tag(live.tags(), "owner"), tag(live.tags(), "cost")), (Some("ben"), Some("7")));

    // Drift: somebody takes a table away; somebody deletes the endpoint.
    let wanted = Gateway { owner: "ben", ..GATEWAY };
    let table = world.id("a").await;
    let call = ec2.modify_vpc_endpoint().vpc_endpoint_id(&id).remove_route_table_ids(table);
    call.send().await.unwrap();
    world.updates(gateway(wanted), "door", &["route_table_ids"]).await;
    assert_eq!(led_to(&ec2, &world, &id).await, ["a"]);
    ec2.delete_vpc_endpoints().vpc_endpoint_ids(&id).send().await.unwrap();
    assert_eq!(world.up(gateway(wanted)).await, ["create door"]);

    let last = world.id("door").await;
    world.destroy().await;
    assert!(find(&ec2, &last).await.is_none());
}

#[tokio::test]
async fn the_policy_can_be_set_and_taken_away() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let action = async |id: &str| {
        let text = find(&ec2, id).await.unwrap().policy_document.unwrap();
        let policy: serde_json::Value = serde_json::from_str(&text).unwrap();
        policy["Statement"][0]["Action"].clone()
    };
    world.up(gateway(Gateway { action: Some("s3:GetObject"), ..GATEWAY })).await;
    let id = world.id("door").await;
    assert_eq!(action(&id).await, serde_json::json!(["s3:GetObject"]));
    let wanted = Gateway { action: Some("s3:*"), ..GATEWAY };
    world.updates(gateway(wanted), "door", &["policy_document"]).await;
    assert_eq!(action(&id).await, serde_json::json!(["s3:*"]));
    world.updates(gateway(GATEWAY), "door", &["policy_document"]).await;
    assert_eq!(action(&id).await, "*");

    // Drift: somebody takes the policy away.
    world.updates(gateway(wanted), "door", &["policy_document"]).await;
    ec2.modify_vpc_endpoint().vpc_endpoint_id(&id).reset_policy(true).send().await.unwrap();
    world.updates(gateway(wanted), "door", &["policy_document"]).await;
    assert_eq!(action(&id).await, serde_json::json!(["s3:*"]));
}

#[tokio::test]
async fn another_service_or_network_is_another_endpoint() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(gateway(GATEWAY)).await;
    let wanted = Gateway { service: DYNAMODB, ..GATEWAY };
    let (old, new) = world.replaces(gateway(wanted), "door", &["service_name"]).await;
    assert!(find(&ec2, &old).await.is_none());
    assert_eq!(find(&ec2, &new).await.unwrap().service_name(), Some(DYNAMODB));
    let plan = world.plan(gateway(Gateway { net: "other", tables: &[], ..wanted })).await;
    assert_eq!(changed(&plan, "door"), ["vpc_id", "route_table_ids"].into());
}

#[tokio::test]
async fn an_interface_lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(interface(INTERFACE)).await;
    let id = world.id("logs").await;
    let made = find(&ec2, &id).await.unwrap();
    assert_eq!(made.state().unwrap().as_str().to_lowercase(), "available");
    assert_eq!(made.vpc_endpoint_type().unwrap().as_str(), "Interface");
    assert_eq!(set(made.subnet_ids()), ids(&world, &["a"]).await);
    let groups = async |id: &str| -> BTreeSet<String> {
        let live = find(&ec2, id).await.unwrap();
        live.groups().iter().filter_map(|g| g.group_id.clone()).collect()
    };
    assert_eq!(groups(&id).await, ids(&world, &["web"]).await);
    assert_eq!(made.private_dns_enabled(), Some(false));
    let interfaces = world.output("logs", "network_interface_ids").await;
    assert!(interfaces.contains(made.network_interface_ids()[0].as_str()), "{interfaces}");
    let name = made.dns_entries()[0].dns_name().unwrap();
    assert!(world.output("logs", "dns_entries").await.contains(name));

    let wanted = Interface { subnets: &["b", "c"], ..INTERFACE };
    world.updates(interface(wanted), "logs", &["subnet_ids"]).await;
    let live = find(&ec2, &id).await.unwrap();
    assert_eq!(set(live.subnet_ids()), ids(&world, &["b", "c"]).await);
    let interfaces = world.output("logs", "network_interface_ids").await;
    for interface in live.network_interface_ids() {
        assert!(interfaces.contains(interface.as_str()), "{interfaces} is old");
    }
    let wanted = Interface { groups: &["db"], ..wanted };
    world.updates(interface(wanted), "logs", &["security_group_ids"]).await;
    assert_eq!(groups(&id).await, ids(&world, &["db"]).await);
    let wanted = Interface { private_dns: Some(true), ..wanted };
    world.updates(interface(wanted), "logs", &["private_dns_enabled"]).await;
    assert_eq!(find(&ec2, &id).await.unwrap().private_dns_enabled(), Some(true));
    // Taken out of the program, groups and private DNS stay as they are.
    let wanted = Interface { groups: &[], private_dns: None, ..wanted };
    assert_eq!(world.up(interface(wanted)).await, [""; 0]);

    // Drift: somebody is deleting it.
    ec2.delete_vpc_endpoints().vpc_endpoint_ids(&id).send().await.unwrap();
    world.up(interface(wanted)).await;
    let last = world.id("logs").await;
    assert!(last != id && find(&ec2, &last).await.is_some());
    world.destroy().await;
    assert!(find(&ec2, &last).await.is_none());
}

#[tokio::test]
async fn another_kind_is_another_endpoint() {
    let told = |kind: &'static str| {
        move |stack: &Stack| {
            let net = vpc(stack, "net", "10.0.0.0/16");
            let door = VpcEndpoint::builder().vpc_id(&net.vpc_id).service_name(S3);
            stack.add("door", door.vpc_endpoint_type(kind));
        }
    };
    let world = World::new().await;
    world.up(told("Gateway")).await;
    world.replaces(told("Interface"), "door", &["vpc_endpoint_type"]).await;
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(gateway(GATEWAY), "door", "ec2:CreateVpcEndpoint").await;
    World::new().await.finds(interface(INTERFACE), "logs", "ec2:CreateVpcEndpoint").await;
}

#[tokio::test]
async fn is_waited_for_after_a_kill() {
    let world = World::new().await;
    world.killed(interface(INTERFACE), "logs", 2).await;
    world.up(interface(INTERFACE)).await;
    assert_eq!(world.count("ec2:CreateVpcEndpoint").await, 1);
}

//! Network.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, RouteTable};
use ferrocrete_core::Stack;
use ferrocrete_core::execute::Report;
use ferrocrete_resources::components::{FlowLogs, NatGateways, Network};

use crate::world::{World, changes};

fn program(nat: NatGateways, zones: usize) -> impl Fn(&Stack) {
    move |stack| {
        let network = Network::builder().nat_gateways(nat).zones(zones).build();
        let made = stack.component("network", network);
        stack.export("vpc_id", &made.vpc_id);
        stack.export("placed", made.with_egress().subnet_ids.to_input());
    }
}

fn in_vpc(vpc: &str) -> Filter {
    Filter::builder().name("vpc-id").values(vpc).build()
}

/// Subnets of the VPC: range to zone and id.
async fn subnets(ec2: &Client, vpc: &str) -> BTreeMap<String, (String, String)> {
    let found = ec2.describe_subnets().filters(in_vpc(vpc)).send().await.unwrap();
    let one = |s: &aws_sdk_ec2::types::Subnet| {
        let text = |t: Option<&str>| t.unwrap_or_default().to_owned();
        (text(s.cidr_block()), (text(s.availability_zone()), text(s.subnet_id())))
    };
    found.subnets().iter().map(one).collect()
}

/// Where a subnet's traffic to everywhere goes.
async fn way_out(ec2: &Client, vpc: &str, subnet: &str) -> String {
    let found = ec2.describe_route_tables().filters(in_vpc(vpc)).send().await.unwrap();
    let holds = |t: &&RouteTable| t.associations().iter().any(|a| a.subnet_id() == Some(subnet));
    let table = found.route_tables().iter().find(holds).expect("a table of its own");
    let everywhere =
        table.routes().iter().find(|r| r.destination_cidr_block() == Some("0.0.0.0/0"));
    everywhere.map_or(String::new(), |r| {
        r.nat_gateway_id().or(r.gateway_id()).unwrap_or_default().to_owned()
    })
}

/// Whether a NAT gateway is in the subnet, its id.
async fn nat_in(ec2: &Client, subnet: &str) -> Option<String> {
    let by = Filter::builder().name("subnet-id").values(subnet).build();
    let found = ec2.describe_nat_gateways().filter(by).send().await.unwrap();
    let lives =
        |n: &&aws_sdk_ec2::types::NatGateway| n.state().is_some_and(|s| s.as_str() == "available");
    found.nat_gateways().iter().find(lives).and_then(|n| n.nat_gateway_id.clone())
}

#[tokio::test]
async fn zones_and_gateways_as_declared() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(NatGateways::One, 2)).await;
    let vpc = world.export("vpc_id").await;

    let made = ec2.describe_vpcs().vpc_ids(&vpc).send().await.unwrap();
    assert_eq!(made.vpcs()[0].cidr_block(), Some("10.0.0.0/16"));
    let found = subnets(&ec2, &vpc).await;
    let zones: Vec<_> = found.iter().map(|(range, (zone, _))| (&range[..], &zone[..])).collect();
    let (a, b) = ("eu-central-1a", "eu-central-1b");
    let expected =
        [("10.0.0.0/20", a), ("10.0.128.0/20", a), ("10.0.144.0/20", b), ("10.0.16.0/20", b)];
    assert_eq!(zones, expected);
    let id = |range: &str| found[range].1.clone();
    for public in ["10.0.0.0/20", "10.0.16.0/20"] {
        assert!(way_out(&ec2, &vpc, &id(public)).await.starts_with("igw-"), "{public}");
    }
    let nat = nat_in(&ec2, &id("10.0.0.0/20")).await.expect("a gateway in the first zone");
    for private in ["10.0.128.0/20", "10.0.144.0/20"] {
        assert_eq!(way_out(&ec2, &vpc, &id(private)).await, nat, "{private}");
    }
    let private = BTreeSet::from([id("10.0.128.0/20"), id("10.0.144.0/20")]);
    assert_eq!(world.exports("placed").await, private);

    // A gateway per zone: one more, and the second zone's route goes there.
    let plan = world.plan(program(NatGateways::OnePerZone, 2)).await;
    let expected = ["create nat-2", "create nat-2", "update private-2"];
    assert_eq!(BTreeSet::from_iter(changes(&plan)), expected.map(str::to_owned).into());
    world.up(program(NatGateways::OnePerZone, 2)).await;
    let second = nat_in(&ec2, &id("10.0.16.0/20")).await.expect("one in the second zone");
    assert_eq!(way_out(&ec2, &vpc, &id("10.0.128.0/20")).await, nat);
    assert_eq!(way_out(&ec2, &vpc, &id("10.0.144.0/20")).await, second);

    // Another zone touches nothing that is there.
    let plan = world.plan(program(NatGateways::OnePerZone, 3)).await;
    assert!(changes(&plan).iter().all(|c| c.starts_with("create")), "{:?}", changes(&plan));

    // None: private subnets have no way out, and programs run in the public ones.
    world.up(program(NatGateways::None, 2)).await;
    assert_eq!(way_out(&ec2, &vpc, &id("10.0.128.0/20")).await, "");
    assert!(nat_in(&ec2, &id("10.0.0.0/20")).await.is_none());
    let public = BTreeSet::from([id("10.0.0.0/20"), id("10.0.16.0/20")]);
    assert_eq!(world.exports("placed").await, public);

    world.destroy().await;
    assert!(ec2.describe_vpcs().vpc_ids(&vpc).send().await.is_err());
    let addresses = ec2.describe_addresses().send().await.unwrap();
    assert!(addresses.addresses().is_empty());
}

#[tokio::test]
async fn endpoints_and_flow_logs() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let program = |days: i32| {
        move |stack: &Stack| {
            let network = Network::builder()
                .nat_gateways(NatGateways::None)
                .gateway_endpoints(["s3".to_owned(), "dynamodb".to_owned()])
                .interface_endpoints(["ecr.api".to_owned()])
                .flow_logs(
                    FlowLogs::builder().retention_in_days(days).traffic_type("REJECT").build(),
                )
                .build();
            stack.export("vpc_id", &stack.component("network", network).vpc_id);
        }
    };
    world.up(program(14)).await;
    let vpc = world.export("vpc_id").await;
    let found = ec2.describe_vpc_endpoints().filters(in_vpc(&vpc)).send().await.unwrap();
    let counts: BTreeMap<_, _> = found
        .vpc_endpoints()
        .iter()
        .map(|e| {
            let name = e.service_name().unwrap_or_default();
            (name, (e.route_table_ids().len(), e.subnet_ids().len()))
        })
        .collect();
    let expected = [
        ("com.amazonaws.eu-central-1.dynamodb", (3, 0)),
        ("com.amazonaws.eu-central-1.ecr.api", (0, 2)),
        ("com.amazonaws.eu-central-1.s3", (3, 0)),
    ];
    assert_eq!(counts, expected.into());
    let logs = ec2.describe_flow_logs().send().await.unwrap();
    let log = &logs.flow_logs()[0];
    assert_eq!(log.resource_id(), Some(&vpc[..]));
    assert_eq!(log.traffic_type().map(|t| t.as_str()), Some("REJECT"));
    let group = log.log_group_name().unwrap();
    let logs = world.aws().await.cloudwatchlogs().clone();
    let kept = async || {
        let call = logs.describe_log_groups().log_group_name_prefix(group);
        call.send().await.unwrap().log_groups()[0].retention_in_days()
    };
    assert_eq!(kept().await, Some(14));

    let plan = world.plan(program(30)).await;
    assert_eq!(changes(&plan), ["update flow-logs"]);
    world.up(program(30)).await;
    assert_eq!(kept().await, Some(30));
    world.destroy().await;
}

/// What is wrong is said, all of it, before AWS is asked to make anything.
#[tokio::test]
async fn mistakes_are_said_together() {
    let world = World::new().await;
    let wrong = |stack: &Stack| {
        let network = Network::builder()
            .cidr_block("10.0.0.0/30")
            .availability_zones(vec!["eu-central-1a".to_owned()])
            .gateway_endpoints(["ecr.api".to_owned()])
            .build();
        stack.component("network", network);
    };
    let refused = world.refused(wrong);
    for part in ["component `network`", "/16 to /24", "1 zone names for 2 zones", "no gateway"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    let far = world.try_up(program(NatGateways::None, 8)).await;
    let said = match far {
        Err(error) => error.to_string(),
        Ok((_, Report { failures, .. })) => format!("{failures:?}"),
    };
    assert!(said.contains("zones only"), "{said}");
}

//! `AWS::EC2::Route`.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{ConnectivityType, Route as SdkRoute};
use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::{InternetGateway, Route, RouteTable, VpcGatewayAttachment};
use ferrocrete_sandbox::Fault;

use super::network::{failure, vpc};
use crate::world::World;

#[derive(Clone, Default)]
struct To {
    table: &'static str,
    v4: Option<&'static str>,
    v6: Option<&'static str>,
    list: Option<String>,
    /// Property and id; without one, the stack's own internet gateway.
    target: Option<(&'static str, String)>,
}

fn all() -> To {
    To { table: "one", v4: Some("0.0.0.0/0"), ..To::default() }
}

/// A VPC with an internet gateway, two tables, and perhaps a route.
fn program(route: Option<To>) -> impl Fn(&Stack) {
    move |stack| {
        let net = vpc(stack, "net", "10.0.0.0/16");
        let gateway = stack.add("gateway", InternetGateway::builder());
        let link = VpcGatewayAttachment::builder().vpc_id(&net.vpc_id);
        let link = stack.add("link", link.internet_gateway_id(&gateway.internet_gateway_id));
        let one = stack.add("one", RouteTable::builder().vpc_id(&net.vpc_id));
        let two = stack.add("two", RouteTable::builder().vpc_id(&net.vpc_id));
        let Some(to) = &route else { return };
        let table = if to.table == "one" { &one } else { &two };
        let given = |name: &str| {
            to.target.as_ref().filter(|(property, _)| *property == name).map(|(_, id)| id)
        };
        let route = Route::builder()
            .route_table_id(&table.route_table_id)
            .maybe_destination_cidr_block(to.v4)
            .maybe_destination_ipv6_cidr_block(to.v6)
            .maybe_destination_prefix_list_id(to.list.as_ref())
            .maybe_nat_gateway_id(given("nat_gateway_id"))
            .maybe_egress_only_internet_gateway_id(given("egress_only_internet_gateway_id"))
            .maybe_instance_id(given("instance_id"))
            .maybe_network_interface_id(given("network_interface_id"))
            .maybe_transit_gateway_id(given("transit_gateway_id"))
            .maybe_vpc_peering_connection_id(given("vpc_peering_connection_id"));
        if to.target.is_none() {
            stack.add("route", route.gateway_id(&link.internet_gateway_id));
        } else {
            stack.add("route", route);
        }
    }
}

/// The route of the table to the destination.
async fn find(ec2: &Client, table: &str, destination: &str) -> Option<SdkRoute> {
    let call = ec2.describe_route_tables().route_table_ids(table).send().await.ok()?;
    let routes = call.route_tables.unwrap_or_default().remove(0).routes.unwrap_or_default();
    routes.into_iter().find(|r| {
        let v4 = r.destination_cidr_block();
        let other = r.destination_ipv6_cidr_block().or(r.destination_prefix_list_id());
        v4.filter(|d| !d.is_empty()).or(other) == Some(destination)
    })
}

/// Where the route leads, as property and id.
fn target(route: &SdkRoute) -> Vec<(&'static str, String)> {
    [
        ("gateway_id", route.gateway_id()),
        ("nat_gateway_id", route.nat_gateway_id()),
        ("egress_only_internet_gateway_id", route.egress_only_internet_gateway_id()),
        ("instance_id", route.instance_id()),
        ("network_interface_id", route.network_interface_id()),
        ("transit_gateway_id", route.transit_gateway_id()),
        ("vpc_peering_connection_id", route.vpc_peering_connection_id()),
    ]
    .into_iter()
    .filter_map(|(name, id)| Some((name, id.filter(|i| !i.is_empty())?.to_owned())))
    .collect()
}

/// One target of each kind that takes IPv4, made by hand.
async fn targets(ec2: &Client, vpc: &str) -> Vec<(&'static str, String)> {
    let subnet = ec2.create_subnet().vpc_id(vpc).cidr_block("10.0.1.0/24").send().await.unwrap();
    let subnet = subnet.subnet.unwrap().subnet_id.unwrap();
    let nat = ec2.create_nat_gateway().subnet_id(&subnet);
    let nat = nat.connectivity_type(ConnectivityType::Private).send().await.unwrap();
    let card = ec2.create_network_interface().subnet_id(&subnet).send().await.unwrap();
    let transit = ec2.create_transit_gateway().send().await.unwrap();
    let other = ec2.create_vpc().cidr_block("10.9.0.0/16").send().await.unwrap();
    let other = other.vpc.unwrap().vpc_id.unwrap();
    let peering = ec2.create_vpc_peering_connection().vpc_id(vpc).peer_vpc_id(other);
    let peering = peering.send().await.unwrap().vpc_peering_connection.unwrap();
    let images = ec2.describe_images().owners("amazon").send().await.unwrap();
    let server = ec2.run_instances().image_id(images.images()[0].image_id().unwrap());
    let server = server.subnet_id(&subnet).min_count(1).max_count(1).send().await.unwrap();
    vec![
        ("nat_gateway_id", nat.nat_gateway.unwrap().nat_gateway_id.unwrap()),
        ("network_interface_id", card.network_interface.unwrap().network_interface_id.unwrap()),
        ("transit_gateway_id", transit.transit_gateway.unwrap().transit_gateway_id.unwrap()),
        ("vpc_peering_connection_id", peering.vpc_peering_connection_id.unwrap()),
        ("instance_id", server.instances()[0].instance_id().unwrap().to_owned()),
    ]
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(Some(all()))).await;
    let gateway = ("gateway_id", world.id("gateway").await);
    let (one, two) = (world.id("one").await, world.id("two").await);
    let made = find(&ec2, &one, "0.0.0.0/0").await.unwrap();
    assert_eq!(target(&made), std::slice::from_ref(&gateway));
    assert_eq!(world.output("route", "route_table_id").await, one);

    let lan = To { v4: Some("192.168.0.0/16"), ..all() };
    world.replaces(program(Some(lan.clone())), "route", &["destination_cidr_block"]).await;
    assert!(find(&ec2, &one, "0.0.0.0/0").await.is_none());
    assert!(find(&ec2, &one, "192.168.0.0/16").await.is_some());
    let elsewhere = To { table: "two", ..lan };
    world.replaces(program(Some(elsewhere.clone())), "route", &["route_table_id"]).await;
    assert!(find(&ec2, &one, "192.168.0.0/16").await.is_none());
    assert!(find(&ec2, &two, "192.168.0.0/16").await.is_some());

    // Drift: somebody deletes it.
    let by_hand = ec2.delete_route().route_table_id(&two).destination_cidr_block("192.168.0.0/16");
    by_hand.send().await.unwrap();
    assert_eq!(world.up(program(Some(elsewhere))).await, ["create route"]);
    assert!(find(&ec2, &two, "192.168.0.0/16").await.is_some());

    assert_eq!(world.up(program(None)).await, ["delete route"]);
    assert!(find(&ec2, &two, "192.168.0.0/16").await.is_none());
    world.up(program(Some(all()))).await;
    world.destroy().await;
    assert!(ec2.describe_route_tables().route_table_ids(&one).send().await.is_err());
}

#[tokio::test]
async fn each_target_is_changed_in_place() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(Some(all()))).await;
    let one = world.id("one").await;
    let mut before = "gateway_id";
    for (property, id) in targets(&ec2, &world.id("net").await).await {
        let to = To { target: Some((property, id.clone())), ..all() };
        world.updates(program(Some(to)), "route", &[before, property]).await;
        let live = find(&ec2, &one, "0.0.0.0/0").await.unwrap();
        assert!(target(&live).contains(&(property, id)), "{live:?}");
        before = property;
    }
    world.updates(program(Some(all())), "route", &[before, "gateway_id"]).await;
    let gateway = ("gateway_id", world.id("gateway").await);
    assert_eq!(
        target(&find(&ec2, &one, "0.0.0.0/0").await.unwrap()),
        std::slice::from_ref(&gateway)
    );

    // Drift: somebody leads it elsewhere.
    let card = ec2.describe_network_interfaces().send().await.unwrap();
    let card = card.network_interfaces()[0].network_interface_id().unwrap();
    let by_hand = ec2.replace_route().route_table_id(&one).destination_cidr_block("0.0.0.0/0");
    by_hand.network_interface_id(card).send().await.unwrap();
    world.updates(program(Some(all())), "route", &["gateway_id"]).await;
    assert_eq!(target(&find(&ec2, &one, "0.0.0.0/0").await.unwrap()), [gateway]);
}

#[tokio::test]
async fn leads_to_other_kinds_of_destinations() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(Some(all()))).await;
    let (net, one) = (world.id("net").await, world.id("one").await);
    let out = ec2.create_egress_only_internet_gateway().vpc_id(net).send().await.unwrap();
    let out = out.egress_only_internet_gateway.unwrap().egress_only_internet_gateway_id.unwrap();
    let out = ("egress_only_internet_gateway_id", out);
    let list = ec2.create_managed_prefix_list().prefix_list_name("p").max_entries(1);
    let list = list.address_family("IPv4").send().await.unwrap();
    let list = list.prefix_list.unwrap().prefix_list_id.unwrap();

    let v6 = To { v4: None, v6: Some("::/0"), ..all() };
    let why = ["destination_cidr_block", "destination_ipv6_cidr_block"];
    world.replaces(program(Some(v6.clone())), "route", &why).await;
    assert!(find(&ec2, &one, "0.0.0.0/0").await.is_none());
    assert!(find(&ec2, &one, "::/0").await.is_some());
    let outwards = To { target: Some(out.clone()), ..v6 };
    world.updates(program(Some(outwards)), "route", &["gateway_id", out.0]).await;
    assert_eq!(target(&find(&ec2, &one, "::/0").await.unwrap()), [out]);

    let named = To { v4: None, list: Some(list.clone()), ..all() };
    let why = ["destination_ipv6_cidr_block", "destination_prefix_list_id"];
    world.replaces(program(Some(named)), "route", &why).await;
    assert!(find(&ec2, &one, "::/0").await.is_none());
    assert!(find(&ec2, &one, &list).await.is_some());
    assert_eq!(world.up(program(None)).await, ["delete route"]);
    assert!(find(&ec2, &one, &list).await.is_none());
}

#[tokio::test]
async fn that_of_somebody_else_is_not_taken_over() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(None)).await;
    let one = world.id("one").await;
    for (v4, v6) in [(Some("0.0.0.0/0"), None), (None, Some("::/0"))] {
        let by_hand = ec2.create_route().route_table_id(&one).gateway_id(world.id("gateway").await);
        let by_hand = by_hand.set_destination_cidr_block(v4.map(str::to_owned));
        by_hand.set_destination_ipv6_cidr_block(v6.map(str::to_owned)).send().await.unwrap();
        let (_, report) = world.try_up(program(Some(To { v4, v6, ..all() }))).await.unwrap();
        assert_eq!(failure(&report), "RouteAlreadyExists");
        assert!(find(&ec2, &one, v4.or(v6).unwrap()).await.is_some());
    }
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program(Some(all())), "route", "ec2:CreateRoute").await;
}

#[tokio::test]
async fn waits_for_a_gateway_that_is_not_known_everywhere_yet() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    for code in ["InvalidInternetGatewayID.NotFound", "InvalidGatewayID.NotFound"] {
        let fault = Fault::status("CreateRoute", 400, code);
        world.account.faults([fault]).await.unwrap();
        world.up(program(Some(all()))).await;
        let one = world.id("one").await;
        assert!(find(&ec2, &one, "0.0.0.0/0").await.is_some());
        world.destroy().await;
    }
    assert_eq!(world.count("ec2:CreateRoute").await, 2);
}

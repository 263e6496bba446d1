//! `AWS::EC2::Route`: one destination of a route table.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateRoute |
//! | read, find | DescribeRouteTables |
//! | update | ReplaceRoute |
//! | delete | none when the table goes too, else DeleteRoute |
//!
//! Traps: has neither id nor tags of its own; our id is `TABLE|DESTINATION`, and what an
//! interrupted create made is told by destination and target. AWS stores `10.0.0.1/16` as
//! `10.0.0.0/16`, and IPv6 in its shortest form: both compare as equal, but the former is more
//! likely a mistake and refused here. A VPC endpoint comes back as `gateway_id`. A new gateway may be
//! unknown to CreateRoute for a moment, and a new attachment too: then the code is
//! `InvalidParameterValue`, which means everything, and the message says that table and gateway
//! `belong to different networks` (smoketurner/serverless-vpc-plugin#147).
//! Left out: carrier, local and core-network gateways (`carrier_gateway_id`, `local_gateway_id`,
//! `core_network_arn`), `odb_network_arn`.

use aws_sdk_ec2::types::Route as SdkRoute;

use super::route_table;
use super::shared::stored;
use ferrocrete_core::schema::{Finding, Known};

use crate::prelude::*;

/// One destination of a route table and the way to it: exactly one destination, one target.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::Route",
    identity(
        "route_table_id",
        "destination_cidr_block",
        "destination_ipv6_cidr_block",
        "destination_prefix_list_id"
    ),
    deleted_with = "route_table_id",
    check = check,
    eventual(
        "InvalidGatewayID.NotFound",
        "InvalidInstanceID.NotFound",
        "InvalidInternetGatewayID.NotFound",
        "InvalidNatGatewayID.NotFound",
        "InvalidNetworkInterfaceID.NotFound",
        "InvalidParameterValue" = "belong to different networks",
        "InvalidRouteTableID.NotFound",
        "InvalidTransitGatewayID.NotFound",
        "InvalidVpcEndpointId.NotFound",
        "InvalidVpcPeeringConnectionID.NotFound"
    ),
    iam(
        create("ec2:CreateRoute"),
        read("ec2:DescribeRouteTables"),
        update("ec2:ReplaceRoute"),
        delete("ec2:DeleteRoute")
    )
)]
pub struct Route {
    /// Id of the route table. Replaces.
    #[field(replaces)]
    pub route_table_id: String,
    /// IPv4 destination in CIDR notation, such as `0.0.0.0/0`. Replaces.
    #[field(replaces, cidr)]
    pub destination_cidr_block: Option<String>,
    /// IPv6 destination in CIDR notation, such as `::/0`. Replaces.
    #[field(replaces, cidr)]
    pub destination_ipv6_cidr_block: Option<String>,
    /// Id of a prefix list as destination. Replaces.
    #[field(replaces)]
    pub destination_prefix_list_id: Option<String>,
    /// Through this internet or virtual private gateway, or `local`.
    pub gateway_id: Option<String>,
    /// Through this NAT gateway (IPv4).
    pub nat_gateway_id: Option<String>,
    /// Through this egress-only internet gateway (IPv6).
    pub egress_only_internet_gateway_id: Option<String>,
    /// Through this instance, whose `source_dest_check` must be off.
    pub instance_id: Option<String>,
    /// Through this network interface.
    pub network_interface_id: Option<String>,
    /// Through this transit gateway.
    pub transit_gateway_id: Option<String>,
    /// Through this VPC endpoint, of a Gateway Load Balancer or firewall.
    pub vpc_endpoint_id: Option<String>,
    /// Through this peering connection.
    pub vpc_peering_connection_id: Option<String>,
}

/// What is known of a [`Route`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct RouteOutputs {
    /// Id of the route table; what uses this output waits for the route.
    #[output(from_input)]
    pub route_table_id: String,
}

/// The parts that CreateRoute and ReplaceRoute have in common.
macro_rules! with_properties {
    ($call:expr, $route:expr) => {
        $call
            .route_table_id(&$route.route_table_id)
            .set_destination_cidr_block($route.destination_cidr_block.clone())
            .set_destination_ipv6_cidr_block($route.destination_ipv6_cidr_block.clone())
            .set_destination_prefix_list_id($route.destination_prefix_list_id.clone())
            .set_gateway_id($route.gateway_id.clone())
            .set_nat_gateway_id($route.nat_gateway_id.clone())
            .set_egress_only_internet_gateway_id($route.egress_only_internet_gateway_id.clone())
            .set_instance_id($route.instance_id.clone())
            .set_network_interface_id($route.network_interface_id.clone())
            .set_transit_gateway_id($route.transit_gateway_id.clone())
            .set_vpc_endpoint_id($route.vpc_endpoint_id.clone())
            .set_vpc_peering_connection_id($route.vpc_peering_connection_id.clone())
    };
}

const DESTINATIONS: [&str; 3] =
    ["destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id"];
const TARGETS: [&str; 8] = [
    "gateway_id",
    "nat_gateway_id",
    "egress_only_internet_gateway_id",
    "instance_id",
    "network_interface_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
];

fn check(known: Known<'_>) -> Vec<Finding> {
    [known.exactly_one(&DESTINATIONS), known.exactly_one(&TARGETS)].into_iter().flatten().collect()
}

impl Resource for Route {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let destination = self.destination()?;
        let call = with_properties!(cx.ec2().create_route(), self);
        call.send().await.op("ec2:CreateRoute")?;
        let id = id_of(&self.route_table_id, destination);
        Ok(Made::Ready(id, RouteOutputs { route_table_id: self.route_table_id.clone() }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let tables = items.iter().filter_map(|i| Some(i.id.split_once('|')?.0.to_owned()));
        let found = route_table::by_id(cloud, tables.collect()).await?;
        let live = |i: &ReadRequest<Self>| {
            let (table, destination) = i.id.split_once('|')?;
            let mut routes = found.get(table)?.routes().iter();
            Some(live(routes.find(|r| leads_to(r, destination))?, table))
        };
        Ok(items.iter().map(live).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let id = id_of(&self.route_table_id, self.destination()?);
        let request = ReadRequest { id: id.clone(), inputs: None, follow: None };
        let live = Self::read(cx.cloud(), &[request]).await?.into_iter().flatten().next();
        Ok(live.filter(|l| self.goes_through(&l.inputs)).map(|_| id))
    }

    async fn update(&self, cx: &Cx, _: &str, _: &Self, _: &Changes) -> Result<Progress> {
        let call = with_properties!(cx.ec2().replace_route(), self);
        call.send().await.op("ec2:ReplaceRoute")?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, _: &str) -> Result<Progress> {
        let call = cx
            .ec2()
            .delete_route()
            .route_table_id(&self.route_table_id)
            .set_destination_cidr_block(self.destination_cidr_block.clone())
            .set_destination_ipv6_cidr_block(self.destination_ipv6_cidr_block.clone())
            .set_destination_prefix_list_id(self.destination_prefix_list_id.clone());
        gone(call.send().await.op("ec2:DeleteRoute"))
    }
}

impl Route {
    fn destination(&self) -> Result<&str> {
        let all = [
            &self.destination_cidr_block,
            &self.destination_ipv6_cidr_block,
            &self.destination_prefix_list_id,
        ];
        let mut given = all.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(one), None) => Ok(one),
            _ => Err(OpError::invalid(
                "give exactly one of `destination_cidr_block`, `destination_ipv6_cidr_block`, \
                 `destination_prefix_list_id`",
            )),
        }
    }

    fn targets(&self) -> [&Option<String>; 8] {
        [
            &self.gateway_id,
            &self.nat_gateway_id,
            &self.egress_only_internet_gateway_id,
            &self.instance_id,
            &self.network_interface_id,
            &self.transit_gateway_id,
            &self.vpc_endpoint_id,
            &self.vpc_peering_connection_id,
        ]
    }

    /// Whether a live route has our target; for an instance it names the interface, too.
    fn goes_through(&self, live: &Self) -> bool {
        self.targets().iter().zip(live.targets()).all(|(ours, is)| ours.is_none() || *ours == is)
    }
}

fn id_of(table: &str, destination: &str) -> String {
    format!("{table}|{}", stored(destination))
}

fn leads_to(route: &SdkRoute, destination: &str) -> bool {
    [
        route.destination_cidr_block(),
        route.destination_ipv6_cidr_block(),
        route.destination_prefix_list_id(),
    ]
    .contains(&Some(destination))
}

fn live(route: &SdkRoute, table: &str) -> Live<Route> {
    let gateway = text(route.gateway_id());
    let (endpoint, gateway) = match gateway {
        Some(id) if id.starts_with("vpce-") => (Some(id), None),
        other => (None, other),
    };
    Live::ready(
        Route {
            route_table_id: table.to_owned(),
            destination_cidr_block: text(route.destination_cidr_block()),
            destination_ipv6_cidr_block: text(route.destination_ipv6_cidr_block()),
            destination_prefix_list_id: text(route.destination_prefix_list_id()),
            gateway_id: gateway,
            nat_gateway_id: text(route.nat_gateway_id()),
            egress_only_internet_gateway_id: text(route.egress_only_internet_gateway_id()),
            instance_id: text(route.instance_id()),
            network_interface_id: text(route.network_interface_id()),
            transit_gateway_id: text(route.transit_gateway_id()),
            vpc_endpoint_id: endpoint,
            vpc_peering_connection_id: text(route.vpc_peering_connection_id()),
        },
        RouteOutputs { route_table_id: table.to_owned() },
    )
}

#[cfg(test)]
mod tests {
    use ferrocrete_core::Value;

    use super::*;

    fn route(json: serde_json::Value) -> Route {
        let mut all = serde_json::json!({"route_table_id": "rtb-1"});
        all.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn one_destination_and_one_target() {
        let found = |json: serde_json::Value| {
            let Value::Map(map) = ferrocrete_core::value::to_value(&json).unwrap() else {
                panic!()
            };
            let all = check(Known::of(&map)).into_iter();
            all.map(|f| format!("{}: {}", f.property, f.why)).collect::<Vec<_>>()
        };
        let to = "0.0.0.0/0";
        let good = serde_json::json!({"destination_cidr_block": to, "gateway_id": "igw-1"});
        assert_eq!(found(good), [""; 0]);
        let two = serde_json::json!({
            "destination_ipv6_cidr_block": "::/0", "gateway_id": "igw-1", "nat_gateway_id": "nat-1"
        });
        assert_eq!(
            found(two),
            ["nat_gateway_id: cannot stand beside `gateway_id`: give one of them"]
        );
        let none = found(serde_json::json!({"gateway_id": "igw-1"}));
        assert!(none[0].starts_with("destination_cidr_block: is missing"), "{none:?}");
        let none = route(serde_json::json!({"gateway_id": "igw-1"}));
        assert!(none.destination().is_err());
    }

    #[test]
    fn an_endpoint_comes_back_as_one() {
        let sdk =
            SdkRoute::builder().destination_cidr_block("0.0.0.0/0").gateway_id("vpce-1").build();
        let live = live(&sdk, "rtb-1").inputs;
        assert_eq!((live.vpc_endpoint_id.as_deref(), live.gateway_id), (Some("vpce-1"), None));
        assert!(leads_to(&sdk, "0.0.0.0/0") && !leads_to(&sdk, "::/0"));
    }

    #[test]
    fn a_route_through_an_instance_is_recognized_by_it() {
        let ours = route(serde_json::json!({"instance_id": "i-1"}));
        let is =
            |i: &str| route(serde_json::json!({"instance_id": i, "network_interface_id": "eni-1"}));
        assert!(ours.goes_through(&is("i-1")) && !ours.goes_through(&is("i-2")));
    }
}

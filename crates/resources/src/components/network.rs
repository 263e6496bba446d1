//! [`Network`].
//!
//! ```text
//!   internet
//!      │
//!   gateway ──────────────┬───────────────────┐
//!                 ┌───────┴───────┐   ┌───────┴───────┐
//!                 │ public-1      │   │ public-2      │   load balancers, NAT gateways
//!                 │  nat-1        │   │  nat-2        │
//!                 └───────┬───────┘   └───────┬───────┘
//!                 ┌───────┴───────┐   ┌───────┴───────┐
//!                 │ private-1     │   │ private-2     │   services, databases
//!                 └───────────────┘   └───────────────┘
//!                     zone a              zone b
//! ```

mod endpoints;
mod flow_logs;
mod ranges;

use bon::Builder;
use ferrocrete_core::program::Node;
use ferrocrete_core::{Component, Handle, Input, Options, Output, Stack, Urn};
use serde::Deserialize;

use super::placement::Placement;
use super::support::named;
use crate::ec2::{
    AvailabilityZones, ElasticIp, InternetGateway, NatGateway, Route, RouteTable, Subnet,
    SubnetRouteTableAssociation, Vpc, VpcGatewayAttachment,
};

pub use flow_logs::FlowLogs;

/// A route to everywhere, still without its way.
macro_rules! default_route {
    ($table:expr) => {
        Route::builder().route_table_id(&$table.route_table_id).destination_cidr_block("0.0.0.0/0")
    };
}

/// VPC over several availability zones, with a public and a private subnet in each.
///
/// ```no_run
/// # use ferrocrete_core::Stack;
/// use ferrocrete_resources::components::{NatGateways, Network};
/// # fn program(stack: &Stack) {
/// let network = stack.component(
///     "network",
///     Network::builder().zones(3).nat_gateways(NatGateways::OnePerZone).build(),
/// );
/// stack.export("vpc_id", &network.vpc_id);
/// # }
/// ```
#[derive(Debug, Clone, Builder)]
pub struct Network {
    /// IPv4 range, from /16 to /24 unless all subnets' ranges are given. Default: `10.0.0.0/16`.
    #[builder(into, default = "10.0.0.0/16")]
    pub cidr_block: String,
    /// How many availability zones, 1 to 8. Default: 2. Zones are taken in the order of their
    /// names; what AWS adds or closes later moves no subnet.
    #[builder(default = 2)]
    pub zones: usize,
    /// The zones by name, one per zone. Default: the region's first ones.
    pub availability_zones: Option<Vec<String>>,
    /// Ranges of the public subnets, one per zone. Default: the first sixteenths of the VPC.
    pub public_cidr_blocks: Option<Vec<String>>,
    /// Ranges of the private subnets, one per zone. Default: sixteenths of the second half.
    pub private_cidr_blocks: Option<Vec<String>>,
    /// How private subnets reach the internet. Default: one NAT gateway.
    #[builder(default)]
    pub nat_gateways: NatGateways,
    /// Services reached without NAT and free of charge: `s3`, `dynamodb`. Default: none.
    #[builder(default, with = FromIterator::from_iter)]
    pub gateway_endpoints: Vec<String>,
    /// Services reached through an interface in each private subnet, such as `ecr.api`; about
    /// 7 USD a month per zone and service. Default: none.
    #[builder(default, with = FromIterator::from_iter)]
    pub interface_endpoints: Vec<String>,
    /// Records traffic in a log group. Default: off.
    pub flow_logs: Option<FlowLogs>,
}

/// How private subnets reach the internet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NatGateways {
    /// Not at all; what must be reached goes into public subnets (see [`NetworkOutputs::with_egress`]).
    None,
    /// Through one gateway, about 33 USD a month and traffic; a lost zone cuts all others off.
    #[default]
    One,
    /// Through a gateway in each zone.
    OnePerZone,
}

/// The parts of a [`Network`], one entry per zone.
pub struct NetworkOutputs {
    /// Id of the VPC.
    pub vpc_id: Output<String>,
    /// IPv4 range of the VPC.
    pub cidr_block: Output<String>,
    /// Names of the zones.
    pub availability_zones: Vec<Output<String>>,
    /// Ids of the public subnets.
    pub public_subnet_ids: Vec<Output<String>>,
    /// Ids of the private subnets.
    pub private_subnet_ids: Vec<Output<String>>,
    /// Id of the public subnets' route table.
    pub public_route_table_id: Output<String>,
    /// Ids of the private subnets' route tables.
    pub private_route_table_ids: Vec<Output<String>>,
    /// Public addresses that private subnets are seen with, one per NAT gateway.
    pub nat_public_ips: Vec<Output<String>>,
    nat_gateways: NatGateways,
    public_routes: Vec<Urn>,
    private_routes: Vec<Urn>,
}

impl NetworkOutputs {
    /// Where programs run that must reach the internet: the private subnets, or the public ones
    /// where there is no NAT gateway.
    pub fn with_egress(&self) -> Placement {
        match self.nat_gateways {
            NatGateways::None => self.public().assign_public_ip(),
            _ => self.private(),
        }
    }

    /// The public subnets, where load balancers are.
    pub fn public(&self) -> Placement {
        Placement::new(&self.vpc_id, &self.public_subnet_ids).after(&self.public_routes)
    }

    /// The private subnets, where databases are.
    pub fn private(&self) -> Placement {
        Placement::new(&self.vpc_id, &self.private_subnet_ids).after(&self.private_routes)
    }
}

impl Component for Network {
    const TYPE: &'static str = "ferrocrete:Network";
    type Outputs = NetworkOutputs;

    fn build(self, scope: &Stack) -> NetworkOutputs {
        let (public, private) = (&self.public_cidr_blocks, &self.private_cidr_blocks);
        let ranges =
            ranges::divide(&self.cidr_block, self.zones, public.as_deref(), private.as_deref());
        let ranges = ranges.unwrap_or_else(|why| {
            scope.refuse(why);
            let none = vec![String::new(); self.zones];
            ranges::Ranges { public: none.clone(), private: none }
        });
        let vpc = scope.add(
            "vpc",
            Vpc::builder()
                .cidr_block(&self.cidr_block)
                .enable_dns_support(true)
                .enable_dns_hostnames(true)
                .tags(named(scope, "vpc")),
        );
        let door = InternetGateway::builder().tags(named(scope, "internet"));
        let door = scope.add("internet", door);
        let attached = scope.add(
            "internet",
            VpcGatewayAttachment::builder()
                .vpc_id(&vpc.vpc_id)
                .internet_gateway_id(&door.internet_gateway_id),
        );
        let zones = self.zone_names(scope);
        let public = Side { network: &self, vpc: &vpc, zones: &zones, kind: "public" };
        let private = Side { kind: "private", ..public };

        let out = public.table(scope, "public");
        let way = default_route!(out).gateway_id(&attached.internet_gateway_id);
        let out_route = scope.add("public", way);
        let public_subnets = public.subnets(scope, &ranges.public);
        let mut public_routes = vec![out_route.urn().clone()];
        for (i, subnet) in public_subnets.iter().enumerate() {
            let joined = join(scope, &format!("public-{}", i + 1), subnet, &out);
            public_routes.push(joined.urn().clone());
        }

        let nats = self.nats(scope, &public_subnets, &out_route);
        let private_subnets = private.subnets(scope, &ranges.private);
        let mut private_routes = Vec::new();
        let mut tables = Vec::new();
        for (i, subnet) in private_subnets.iter().enumerate() {
            let name = format!("private-{}", i + 1);
            let table = private.table(scope, &name);
            private_routes.push(join(scope, &name, subnet, &table).urn().clone());
            if let Some(nat) = nats.get(i).or(nats.first()) {
                let way = default_route!(table).nat_gateway_id(&nat.nat_gateway_id);
                private_routes.push(scope.add(&name, way).urn().clone());
            }
            tables.push(table);
        }
        let ids = |subnets: &[Handle<Subnet>]| -> Vec<Output<String>> {
            subnets.iter().map(|subnet| subnet.subnet_id.clone()).collect()
        };
        let outputs = NetworkOutputs {
            vpc_id: vpc.vpc_id.clone(),
            cidr_block: vpc.cidr_block.clone(),
            availability_zones: private_subnets
                .iter()
                .map(|subnet| subnet.availability_zone.clone())
                .collect(),
            public_subnet_ids: ids(&public_subnets),
            private_subnet_ids: ids(&private_subnets),
            public_route_table_id: out.route_table_id.clone(),
            private_route_table_ids: tables.iter().map(|t| t.route_table_id.clone()).collect(),
            nat_public_ips: nats
                .iter()
                .map(|n| n.public_ip.map(Option::unwrap_or_default))
                .collect(),
            nat_gateways: self.nat_gateways,
            public_routes,
            private_routes,
        };
        endpoints::build(&self, scope, &outputs);
        if let Some(logs) = &self.flow_logs {
            flow_logs::build(logs, scope, &outputs.vpc_id);
        }
        outputs
    }
}

impl Network {
    /// The zones' names: given, or the region's first.
    fn zone_names(&self, scope: &Stack) -> Vec<Input<String>> {
        if let Some(given) = &self.availability_zones {
            if given.len() != self.zones {
                let (names, zones) = (given.len(), self.zones);
                scope.refuse(format!("there are {names} zone names for {zones} zones"));
            }
            return given.iter().cycle().take(self.zones).map(Input::from).collect();
        }
        let all = scope.lookup("zones", AvailabilityZones::builder()).zone_names.clone();
        (0..self.zones)
            .map(|i| {
                let one = all.try_map(move |names: Vec<String>| {
                    names.get(i).cloned().ok_or_else(|| {
                        format!("the region has {} zones only, not {}", names.len(), i + 1)
                    })
                });
                one.into()
            })
            .collect()
    }

    fn nats(
        &self,
        scope: &Stack,
        public: &[Handle<Subnet>],
        out: &impl Node,
    ) -> Vec<Handle<NatGateway>> {
        let count = match self.nat_gateways {
            NatGateways::None => 0,
            NatGateways::One => 1,
            NatGateways::OnePerZone => public.len(),
        };
        let gateway = |(i, subnet): (usize, &Handle<Subnet>)| {
            let name = format!("nat-{}", i + 1);
            let address = scope.add(&name, ElasticIp::builder().tags(named(scope, &name)));
            let gateway = NatGateway::builder()
                .subnet_id(&subnet.subnet_id)
                .allocation_id(&address.allocation_id)
                .tags(named(scope, &name));
            // It fails where the subnet has no way out yet.
            scope.add_with(&name, gateway, Options::new().depends_on(out))
        };
        public.iter().take(count).enumerate().map(gateway).collect()
    }
}

/// What the subnets of one kind have in common.
#[derive(Clone, Copy)]
struct Side<'a> {
    network: &'a Network,
    vpc: &'a Handle<Vpc>,
    zones: &'a [Input<String>],
    kind: &'static str,
}

impl Side<'_> {
    fn table(&self, scope: &Stack, name: &str) -> Handle<RouteTable> {
        scope.add(name, RouteTable::builder().vpc_id(&self.vpc.vpc_id).tags(named(scope, name)))
    }

    fn subnets(&self, scope: &Stack, ranges: &[String]) -> Vec<Handle<Subnet>> {
        let mut subnets = Vec::new();
        for (i, (range, zone)) in ranges.iter().zip(self.zones).enumerate() {
            let name = format!("{}-{}", self.kind, i + 1);
            let subnet = Subnet::builder()
                .vpc_id(&self.vpc.vpc_id)
                .cidr_block(range)
                .availability_zone(zone)
                .tags(named(scope, &name));
            // A zone that AWS adds or closes is no reason to move what runs.
            let fixed = self.network.availability_zones.is_some();
            let ignored = (!fixed).then_some("availability_zone");
            subnets.push(scope.add_with(&name, subnet, Options::new().ignore_changes(ignored)));
        }
        subnets
    }
}

fn join(
    scope: &Stack,
    name: &str,
    subnet: &Handle<Subnet>,
    table: &Handle<RouteTable>,
) -> Handle<SubnetRouteTableAssociation> {
    scope.add(
        name,
        SubnetRouteTableAssociation::builder()
            .subnet_id(&subnet.subnet_id)
            .route_table_id(&table.route_table_id),
    )
}

//! Elastic Compute Cloud: networks, firewalls, addresses, instances.

mod elastic_ip;
mod elastic_ip_association;
mod flow_log;
mod instance;
mod interfaces;
mod internet_gateway;
mod key_pair;
mod lookups;
mod nat_gateway;
mod route;
mod route_table;
mod security_group;
mod security_group_rule;
pub(crate) mod shared;
mod subnet;
mod subnet_route_table_association;
pub(crate) mod tags;
mod vpc;
mod vpc_endpoint;
mod vpc_gateway_attachment;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use elastic_ip::*;
pub use elastic_ip_association::*;
pub use flow_log::*;
pub use instance::*;
pub use internet_gateway::*;
pub use key_pair::*;
pub use lookups::*;
pub use nat_gateway::*;
pub use route::*;
pub use route_table::*;
pub use security_group::*;
pub use security_group_rule::*;
pub use subnet::*;
pub use subnet_route_table_association::*;
pub use vpc::*;
pub use vpc_endpoint::*;
pub use vpc_gateway_attachment::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder
        .resource::<ElasticIp>()
        .resource::<ElasticIpAssociation>()
        .resource::<FlowLog>()
        .resource::<Instance>()
        .resource::<InternetGateway>()
        .resource::<KeyPair>()
        .resource::<NatGateway>()
        .resource::<Route>()
        .resource::<RouteTable>()
        .resource::<SecurityGroup>()
        .resource::<SecurityGroupEgress>()
        .resource::<SecurityGroupIngress>()
        .resource::<Subnet>()
        .resource::<SubnetRouteTableAssociation>()
        .resource::<Vpc>()
        .resource::<VpcEndpoint>()
        .resource::<VpcGatewayAttachment>()
        .lookup::<Ami>()
        .lookup::<AvailabilityZones>()
        .lookup::<DefaultVpc>()
        .lookup::<PrefixList>()
        .lookup::<Subnets>()
}

//! Elastic Compute Cloud: networks, firewalls, addresses, instances.

mod elastic_ip;
mod elastic_ip_association;
mod find;
mod instance;
mod internet_gateway;
mod key_pair;
mod lookups;
mod route;
mod route_table;
mod security_group;
mod security_group_rule;
pub(crate) mod shared;
mod subnet;
mod subnet_route_table_association;
pub(crate) mod tags;
mod vpc;
mod vpc_gateway_attachment;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use elastic_ip::{ElasticIp, ElasticIpOutputs, ElasticIpOutputsRef};
pub use elastic_ip_association::{
    ElasticIpAssociation, ElasticIpAssociationOutputs, ElasticIpAssociationOutputsRef,
};
pub use instance::{
    BlockDeviceMapping, CreditSpecification, Ebs, Instance, InstanceOutputs, InstanceOutputsRef,
    MetadataOptions,
};
pub use internet_gateway::{InternetGateway, InternetGatewayOutputs, InternetGatewayOutputsRef};
pub use key_pair::{KeyPair, KeyPairOutputs, KeyPairOutputsRef};
pub use lookups::*;
pub use route::{Route, RouteOutputs, RouteOutputsRef};
pub use route_table::{RouteTable, RouteTableOutputs, RouteTableOutputsRef};
pub use security_group::{SecurityGroup, SecurityGroupOutputs, SecurityGroupOutputsRef};
pub use security_group_rule::{
    SecurityGroupEgress, SecurityGroupEgressOutputs, SecurityGroupEgressOutputsRef,
    SecurityGroupIngress, SecurityGroupIngressOutputs, SecurityGroupIngressOutputsRef,
};
pub use subnet::{Subnet, SubnetOutputs, SubnetOutputsRef};
pub use subnet_route_table_association::{
    SubnetRouteTableAssociation, SubnetRouteTableAssociationOutputs,
    SubnetRouteTableAssociationOutputsRef,
};
pub use vpc::{Vpc, VpcOutputs, VpcOutputsRef};
pub use vpc_gateway_attachment::{
    VpcGatewayAttachment, VpcGatewayAttachmentOutputs, VpcGatewayAttachmentOutputsRef,
};

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder
        .resource::<ElasticIp>()
        .resource::<ElasticIpAssociation>()
        .resource::<Instance>()
        .resource::<InternetGateway>()
        .resource::<KeyPair>()
        .resource::<Route>()
        .resource::<RouteTable>()
        .resource::<SecurityGroup>()
        .resource::<SecurityGroupEgress>()
        .resource::<SecurityGroupIngress>()
        .resource::<Subnet>()
        .resource::<SubnetRouteTableAssociation>()
        .resource::<Vpc>()
        .resource::<VpcGatewayAttachment>()
        .lookup::<Ami>()
        .lookup::<AvailabilityZones>()
        .lookup::<DefaultVpc>()
        .lookup::<Subnets>()
}

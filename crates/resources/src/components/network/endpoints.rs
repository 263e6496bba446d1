//! Ways to AWS services that do not go through the internet.

use ferrocrete_core::{Input, Output, Stack, interpolate};

use super::{Network, NetworkOutputs};
use crate::components::support::{closed_group, named};
use crate::ec2::{SecurityGroupIngress, VpcEndpoint};
use crate::sts::CallerIdentity;

pub(super) fn build(network: &Network, scope: &Stack, made: &NetworkOutputs) {
    if network.gateway_endpoints.is_empty() && network.interface_endpoints.is_empty() {
        return;
    }
    let region = &scope.lookup("caller", CallerIdentity::builder()).region.clone();
    for service in &network.gateway_endpoints {
        if !matches!(service.as_str(), "s3" | "dynamodb") {
            scope.refuse(format!(
                "`{service}` has no gateway endpoint\n  what to do: put it into \
                 interface_endpoints; gateways are `s3` and `dynamodb`"
            ));
        }
        let mut tables: Vec<&Output<String>> = vec![&made.public_route_table_id];
        tables.extend(&made.private_route_table_ids);
        let endpoint = VpcEndpoint::builder()
            .vpc_id(&made.vpc_id)
            .service_name(name(region, service))
            .vpc_endpoint_type("Gateway")
            .route_table_ids(tables.into_iter().collect::<Input<Vec<String>>>())
            .tags(named(scope, service));
        scope.add(service, endpoint);
    }
    if network.interface_endpoints.is_empty() {
        return;
    }
    let vpc = Input::from(&made.vpc_id);
    let group = closed_group(scope, "endpoints", "AWS services, from this VPC", &vpc);
    scope.add(
        "endpoints",
        SecurityGroupIngress::builder()
            .group_id(&group.group_id)
            .ip_protocol("tcp")
            .from_port(443)
            .to_port(443)
            .cidr_ip(&made.cidr_block),
    );
    for service in &network.interface_endpoints {
        let endpoint = VpcEndpoint::builder()
            .vpc_id(&made.vpc_id)
            .service_name(name(region, service))
            .vpc_endpoint_type("Interface")
            .subnet_ids(made.private_subnet_ids.as_slice())
            .security_group_ids([&group.group_id])
            .private_dns_enabled(true)
            .tags(named(scope, service));
        scope.add(&service.replace('.', "-"), endpoint);
    }
}

fn name(region: &Output<String>, service: &str) -> Output<String> {
    interpolate!("com.amazonaws.{region}.{service}")
}

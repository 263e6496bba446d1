//! `AWS::EC2::Route`: one destination of a route table.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | CreateRoute | ec2:CreateRoute |
//! | read | DescribeRouteTables | ec2:DescribeRouteTables |
//! | update | ReplaceRoute | ec2:ReplaceRoute |
//! | delete | none when the table goes too, else DeleteRoute | ec2:DeleteRoute |
//!
//! Traps: has no id of its own; ours is `TABLE|DESTINATION`.
//! Left out: carrier, local and core-network gateways.

use std::collections::HashSet;

use aws_sdk_ec2::types::{Route as SdkRoute, RouteTable as SdkTable};

use super::shared::{filter, gone};
use crate::prelude::*;

/// One destination of a route table and the way to it.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::EC2::Route",
    outputs = RouteOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-route.html",
    delete_before_replace,
    deleted_with = "route_table_id",
    eventual("InvalidGatewayID.NotFound", "InvalidRouteTableID.NotFound", "InvalidNatGatewayID.NotFound"),
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
    #[field(replaces)]
    pub destination_cidr_block: Option<String>,
    /// IPv6 destination in CIDR notation, such as `::/0`. Replaces.
    #[field(replaces)]
    pub destination_ipv6_cidr_block: Option<String>,
    /// Prefix list as destination. Replaces.
    #[field(replaces)]
    pub destination_prefix_list_id: Option<String>,
    /// Through this internet or virtual private gateway.
    pub gateway_id: Option<String>,
    /// Through this NAT gateway.
    pub nat_gateway_id: Option<String>,
    /// Through this network interface.
    pub network_interface_id: Option<String>,
    /// Through this transit gateway.
    pub transit_gateway_id: Option<String>,
    /// Through this peering connection.
    pub vpc_peering_connection_id: Option<String>,
    /// Through this egress-only internet gateway (IPv6).
    pub egress_only_internet_gateway_id: Option<String>,
}

/// What is known of a [`Route`].
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct RouteOutputs {
    /// Id of the route table.
    #[output(from_input)]
    pub route_table_id: String,
}

impl Route {
    fn destination(&self) -> Result<&str, OpError> {
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

    fn live(route: &SdkRoute, table: &str) -> Live<Self> {
        let gateway = route.gateway_id.clone().filter(|g| !g.is_empty());
        Live::ready(
            Self {
                route_table_id: table.to_owned(),
                destination_cidr_block: route.destination_cidr_block.clone(),
                destination_ipv6_cidr_block: route.destination_ipv6_cidr_block.clone(),
                destination_prefix_list_id: route.destination_prefix_list_id.clone(),
                gateway_id: gateway,
                nat_gateway_id: route.nat_gateway_id.clone(),
                network_interface_id: route.network_interface_id.clone(),
                transit_gateway_id: route.transit_gateway_id.clone(),
                vpc_peering_connection_id: route.vpc_peering_connection_id.clone(),
                egress_only_internet_gateway_id: route.egress_only_internet_gateway_id.clone(),
            },
            RouteOutputs { route_table_id: table.to_owned() },
        )
    }
}

fn has_destination(route: &SdkRoute, destination: &str) -> bool {
    [
        &route.destination_cidr_block,
        &route.destination_ipv6_cidr_block,
        &route.destination_prefix_list_id,
    ]
    .into_iter()
    .flatten()
    .any(|d| d == destination)
}

impl Resource for Route {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        let destination = self.destination()?;
        cx.ec2()
            .create_route()
            .route_table_id(&self.route_table_id)
            .set_destination_cidr_block(self.destination_cidr_block.clone())
            .set_destination_ipv6_cidr_block(self.destination_ipv6_cidr_block.clone())
            .set_destination_prefix_list_id(self.destination_prefix_list_id.clone())
            .set_gateway_id(self.gateway_id.clone())
            .set_nat_gateway_id(self.nat_gateway_id.clone())
            .set_network_interface_id(self.network_interface_id.clone())
            .set_transit_gateway_id(self.transit_gateway_id.clone())
            .set_vpc_peering_connection_id(self.vpc_peering_connection_id.clone())
            .set_egress_only_internet_gateway_id(self.egress_only_internet_gateway_id.clone())
            .send()
            .await
            .op("ec2:CreateRoute")?;
        let route_table_id = self.route_table_id.clone();
        let id = format!("{route_table_id}|{destination}");
        Ok(Made::Ready(id, RouteOutputs { route_table_id }))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let tables: HashSet<String> =
            items.iter().filter_map(|i| Some(i.id.split_once('|')?.0.to_owned())).collect();
        let found = batch::by_id(
            tables.into_iter().collect(),
            |chunk| async move {
                let call = cloud.ec2().describe_route_tables();
                let mut pages = call
                    .filters(filter("route-table-id", chunk))
                    .into_paginator()
                    .page_size(100)
                    .send();
                let mut all = Vec::new();
                while let Some(page) = pages.next().await {
                    all.extend(
                        page.op("ec2:DescribeRouteTables")?.route_tables.unwrap_or_default(),
                    );
                }
                Ok(all)
            },
            |t: &SdkTable| t.route_table_id(),
        )
        .await?;
        let live = |i: &ReadRequest<Self>| {
            let (table, destination) = i.id.split_once('|')?;
            let routes = found.get(table)?.routes();
            let route = routes.iter().find(|r| has_destination(r, destination))?;
            Some(Self::live(route, table))
        };
        Ok(items.iter().map(live).collect())
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        let id = format!("{}|{}", self.route_table_id, self.destination()?);
        let request = ReadRequest { id: id.clone(), inputs: None };
        let live = Self::read(cx.cloud(), &[request]).await?.into_iter().flatten().next();
        // A route has no tags: the same destination through the same way is what we made.
        Ok(live.filter(|l| targets(&l.inputs) == targets(self)).map(|_| id))
    }

    async fn update(
        &self,
        cx: &Cx<Aws>,
        _: &str,
        _: &Self,
        _: &Changes,
    ) -> Result<Progress, OpError> {
        cx.ec2()
            .replace_route()
            .route_table_id(&self.route_table_id)
            .set_destination_cidr_block(self.destination_cidr_block.clone())
            .set_destination_ipv6_cidr_block(self.destination_ipv6_cidr_block.clone())
            .set_destination_prefix_list_id(self.destination_prefix_list_id.clone())
            .set_gateway_id(self.gateway_id.clone())
            .set_nat_gateway_id(self.nat_gateway_id.clone())
            .set_network_interface_id(self.network_interface_id.clone())
            .set_transit_gateway_id(self.transit_gateway_id.clone())
            .set_vpc_peering_connection_id(self.vpc_peering_connection_id.clone())
            .set_egress_only_internet_gateway_id(self.egress_only_internet_gateway_id.clone())
            .send()
            .await
            .op("ec2:ReplaceRoute")?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Aws>, _: &str) -> Result<Progress, OpError> {
        let call = cx
            .ec2()
            .delete_route()
            .route_table_id(&self.route_table_id)
            .set_destination_cidr_block(self.destination_cidr_block.clone())
            .set_destination_ipv6_cidr_block(self.destination_ipv6_cidr_block.clone())
            .set_destination_prefix_list_id(self.destination_prefix_list_id.clone());
        gone(call.send().await.op("ec2:DeleteRoute").map(drop))
    }
}

fn targets(route: &Route) -> [&Option<String>; 6] {
    [
        &route.gateway_id,
        &route.nat_gateway_id,
        &route.network_interface_id,
        &route.transit_gateway_id,
        &route.vpc_peering_connection_id,
        &route.egress_only_internet_gateway_id,
    ]
}

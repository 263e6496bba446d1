//! EC2.

mod internet_gateway;
mod network;
mod route;
mod route_table;
mod rules;
mod security_group;
mod security_group_egress;
mod security_group_ingress;
mod subnet;
mod subnet_route_table_association;
mod vpc;
mod vpc_gateway_attachment;

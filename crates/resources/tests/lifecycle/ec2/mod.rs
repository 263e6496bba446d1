//! EC2.

mod elastic_ip;
mod elastic_ip_association;
mod flow_log;
pub mod instance;
mod instance_interrupted;
mod instance_launch;
mod instance_stopped;
mod internet_gateway;
mod key_pair;
mod lookups;
mod nat_gateway;
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
mod vpc_endpoint;
mod vpc_gateway_attachment;

//! EC2.

mod internet_gateway;
mod network;
mod route_table;
mod subnet;
mod vpc;

//! Components: what most systems are made of, each a group of resources with good defaults.
//!
//! | component | what it is |
//! |---|---|
//! | [`Network`] | VPC over several zones, with subnets, internet and NAT gateways |
//! | [`Database`] | Postgres, its password and connection string, replicas, alarms |
//!
//! A component is plain Rust over the resources of this crate: where one does not fit, copy it
//! into your program and change it.

mod network;
mod support;

pub use network::{FlowLogs, NatGateways, Network, NetworkOutputs, Placement};

//! Components: what most systems are made of, each a group of resources with good defaults.
//!
//! | component | what it is |
//! |---|---|
//! | [`Network`] | VPC over several zones, with subnets, internet and NAT gateways |
//! | [`Database`] | Postgres, its password and connection string, replicas, alarms |
//! | [`LoadBalancer`] | application load balancer with TLS and alarms |
//! | [`FargateService`] | containers on Fargate, their roles, log, secrets and scaling |
//! | [`DnsAndTls`] | zone, certificate and records of a domain |
//! | [`Monitoring`] | alarms, a topic that tells of them, a dashboard |
//! | [`StateBackend`] | bucket and table for the state of other stacks |
//!
//! A component is plain Rust over the resources of this crate: where one does not fit, copy it
//! into your program and change it.

mod alarms;
mod database;
mod dns_and_tls;
mod fargate_service;
mod load_balancer;
mod monitoring;
mod network;
mod placement;
mod state_backend;
mod support;

pub use alarms::{
    DatabaseAlarms, DatabaseMetrics, LoadBalancerAlarms, LoadBalancerMetrics, ServiceAlarms,
    ServiceMetrics,
};
pub use database::{Database, DatabaseOutputs};
pub use dns_and_tls::{DnsAndTls, DnsAndTlsOutputs, Zone};
pub use fargate_service::{
    BucketAccess, ClusterRef, FargateService, FargateServiceOutputs, Scaling,
};
pub use load_balancer::{LoadBalancer, LoadBalancerOutputs, TrafficSource};
pub use monitoring::{Monitoring, MonitoringOutputs};
pub use network::{FlowLogs, NatGateways, Network, NetworkOutputs};
pub use placement::Placement;
pub use state_backend::{StateBackend, StateBackendOutputs};
pub use support::{InputMap, Inputs};

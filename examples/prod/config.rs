//! What can be set in `stack.ENV.toml`, by environment variable, or with `--set`. Every key is
//! explained in `stack.example.toml`.

use ferrocrete::components::{
    DatabaseAlarms, FlowLogs, LoadBalancerAlarms, NatGateways, Scaling, ServiceAlarms, Zone,
};
use ferrocrete::prelude::*;
use serde::Deserialize;

/// Settings of an environment: those of one system.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub owner: String,
    pub global: Option<Global>,
    pub rag: Option<Rag>,
    pub pyshop: Option<Pyshop>,
}

/// What the other environments share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Global {
    pub repository: String,
    pub kept_images: u32,
    pub disposable: bool,
}

/// The RAG service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rag {
    pub image_tag: String,
    pub zones: usize,
    pub nat_gateways: NatGateways,
    pub cpu: i32,
    pub memory: i32,
    pub tasks: i32,
    pub scaling: Option<Scaling>,
    pub log_retention_in_days: i32,
    pub certificate_arn: Option<String>,
    pub disposable: bool,
    pub openai_api_key: Option<Secret>,
    pub anthropic_api_key: Option<Secret>,
}

/// The web API platform.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pyshop {
    pub image: String,
    pub environment: String,
    pub access_token_expire_minutes: u32,
    pub nat_gateways: NatGateways,
    pub single_zone: bool,
    pub flow_logs: Option<FlowLogs>,
    pub cpu: i32,
    pub memory: i32,
    pub tasks: i32,
    pub spot: bool,
    pub scaling: Scaling,
    pub log_retention_in_days: i32,
    pub database: DatabaseConfig,
    pub domain: Option<Domain>,
    pub alarm_emails: Vec<String>,
    #[serde(default)]
    pub alarms: Alarms,
    pub disposable: bool,
}

/// The database of the web API platform.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    pub instance_class: String,
    pub multi_az: bool,
    pub replicas: usize,
}

/// The domain of the web API platform.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    pub name: String,
    pub zone: Zone,
    pub tls: bool,
}

/// When somebody is told.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alarms {
    pub service: ServiceAlarms,
    pub load_balancer: LoadBalancerAlarms,
    pub database: DatabaseAlarms,
}

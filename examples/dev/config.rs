//! What can be set in `stack.ENV.toml`, by environment variable, or with `--set`.

use ferrocrete::prelude::*;
use serde::Deserialize;

/// Settings of the stack; every key is explained in `stack.example.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub app: String,
    pub owner: String,
    pub root_domain: String,
    pub ssh_cidr: String,
    pub instance_type: String,
    pub repository: String,
    pub branch: String,
    pub public_key: Option<String>,
    pub api_address: Option<String>,
    pub tavily_api_key: Option<Secret>,
    pub gemini_api_key: Option<Secret>,
    pub database: DatabaseConfig,
}

/// A database of the stack's own, or one that is there already.
#[derive(Debug, Deserialize)]
#[serde(tag = "mode", rename_all = "lowercase", deny_unknown_fields)]
pub enum DatabaseConfig {
    New {
        name: String,
        user: String,
        instance_class: String,
        allocated_storage: i32,
        password: Option<Secret>,
    },
    Existing {
        host: String,
        port: i32,
        name: String,
        user: String,
        security_group_id: String,
        password: Secret,
    },
}

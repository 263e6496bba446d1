//! What is known of a running server.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A running sandbox, as shown to people and programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Info {
    /// The sandbox's name.
    pub name: String,
    /// The endpoint of every AWS service: `http://127.0.0.1:<port>`.
    pub endpoint: String,
    /// The port.
    pub port: u16,
    /// The server's process id.
    pub pid: u32,
    /// Changes whenever everything in the sandbox was lost: at each start and full reset.
    pub boot_id: String,
    /// The account in which [`env`](Self::env) works.
    pub account: String,
    /// The region in which [`env`](Self::env) works.
    pub region: String,
    /// Version of the emulator and of our wrapper.
    pub version: String,
    /// The server's log file.
    pub log: PathBuf,
    /// When the server was started, in seconds since 1970.
    pub started_at: f64,
    /// Environment variables with which any AWS SDK or the AWS CLI works in the sandbox.
    pub env: BTreeMap<String, String>,
}

/// The account of demonstrations; moto's own default.
pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "us-east-1";

pub(crate) fn env(endpoint: &str, account: &str, region: &str) -> BTreeMap<String, String> {
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", account),
        ("AWS_SECRET_ACCESS_KEY", "sandbox"),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// What the server writes about itself once it listens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Announcement {
    pub pid: u32,
    pub port: u16,
    pub version: String,
}

/// What the server answers to a health check.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Health {
    pub ok: bool,
    pub pid: u32,
    pub version: String,
    pub boot_id: String,
    pub started_at: f64,
}

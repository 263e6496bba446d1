//! An account of one's own, with bucket and table.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use ferrocrete_backend_s3::{S3Backend, S3Location, init};
use ferrocrete_core::state::{Holder, Lease, StateBackend};
use ferrocrete_sandbox::{Account, Options, Sandbox};

/// Longer than any test: for leases that must not run out.
pub const LONG: Duration = Duration::from_secs(600);

pub struct World {
    pub account: Account,
    pub config: SdkConfig,
    pub location: S3Location,
}

/// An empty account.
pub async fn empty() -> World {
    let sandbox = Sandbox::start(&Options::for_tests(), |_| {}).await.expect("a sandbox");
    World::of(sandbox.fresh_account())
}

/// An account with bucket and table.
pub async fn ready() -> World {
    let world = empty().await;
    init(&world.location, &world.config).await.expect("bucket and table");
    world.account.reset_calls().await.unwrap();
    world
}

pub fn config(account: &Account) -> SdkConfig {
    let credentials = Credentials::new(&account.id, "sandbox", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(account.region.clone()))
        .endpoint_url(account.endpoint())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

impl World {
    pub fn of(account: Account) -> Self {
        let config = config(&account);
        let location = S3Location::parse(&format!("s3://state-{}/team", account.id)).unwrap();
        Self { account, config, location }
    }

    pub fn backend(&self) -> S3Backend {
        self.stack("dev")
    }

    pub fn stack(&self, stack: &str) -> S3Backend {
        S3Backend::new(self.location.clone(), &self.config, "shop", stack).unwrap()
    }

    /// For a test's own calls, which meet none of the sandbox's unkind behaviours.
    pub fn kind(&self) -> SdkConfig {
        self.config.to_builder().endpoint_url(self.account.kind_endpoint()).build()
    }

    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.kind()).force_path_style(true);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    pub fn dynamo(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.kind())
    }

    /// The keys of all objects.
    pub async fn keys(&self) -> Vec<String> {
        let listed = self.s3().list_objects_v2().bucket(&self.location.bucket).send().await;
        let objects = listed.unwrap().contents.unwrap_or_default();
        objects.into_iter().filter_map(|object| object.key).collect()
    }

    /// How often an operation was called since the last time.
    pub async fn count(&self, operation: &str) -> usize {
        self.account.calls().await.unwrap().count(operation)
    }
}

pub fn holder(id: &str) -> Holder {
    Holder { id: id.to_owned(), who: format!("{id}@host"), pid: 7, command: "up".to_owned() }
}

/// Takes a free lock for long.
pub async fn lease(backend: &S3Backend) -> Lease {
    backend.acquire(&holder("anna"), LONG).await.unwrap()
}

pub fn bodies(texts: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    texts.into_iter().map(Into::into).collect()
}

/// What is stored, as sequence numbers and bodies.
pub async fn records(backend: &S3Backend) -> Vec<(u64, String)> {
    let stored = backend.load().await.unwrap();
    stored.records.into_iter().map(|record| (record.sequence, record.body)).collect()
}

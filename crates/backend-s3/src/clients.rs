//! The service clients, set up for state.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::service_config::ServiceConfigKey;
use ferrocrete_aws::{CutShort, Whole, patient_partition};
use ferrocrete_core::state::StateError;

use crate::location::S3Location;

/// Longest wait for one answer about an item: a hanging connection must not cost the lease.
const ITEM_ATTEMPT: Duration = Duration::from_secs(8);
/// Longest wait for one answer about an object, which may be a large snapshot.
const OBJECT_ATTEMPT: Duration = Duration::from_secs(120);

/// Clients for one location.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) dynamo: aws_sdk_dynamodb::Client,
    /// For heartbeats, which are repeated anyway: gives up early and says why.
    pub(crate) impatient: aws_sdk_dynamodb::Client,
    /// With the location's region.
    pub(crate) config: SdkConfig,
    pub(crate) region: String,
    /// S3 is reached without TLS: an emulator.
    pub(crate) plain_http: bool,
}

impl Clients {
    pub(crate) fn new(location: &S3Location, config: &SdkConfig) -> Result<Self, StateError> {
        let region = match (&location.region, config.region()) {
            (Some(region), _) => region.clone(),
            (None, Some(region)) => region.to_string(),
            (None, None) => return Err(no_region(location)),
        };
        let config = config.to_builder().region(aws_config::Region::new(region.clone())).build();
        let endpoint = s3_endpoint(&config);
        let s3 = aws_sdk_s3::config::Builder::from(&config)
            .force_path_style(endpoint.is_some())
            .timeout_config(timeouts(&config, OBJECT_ATTEMPT))
            .retry_partition(patient_partition("state in S3"))
            .retry_classifier(CutShort)
            .interceptor(Whole)
            .build();
        let dynamo = aws_sdk_dynamodb::config::Builder::from(&config)
            .timeout_config(timeouts(&config, ITEM_ATTEMPT))
            .retry_partition(patient_partition("state in DynamoDB"))
            .retry_classifier(CutShort)
            .interceptor(Whole);
        let few = RetryConfig::standard()
            .with_max_attempts(3)
            .with_initial_backoff(Duration::from_millis(100));
        Ok(Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            impatient: aws_sdk_dynamodb::Client::from_conf(
                dynamo.clone().retry_config(few).build(),
            ),
            dynamo: aws_sdk_dynamodb::Client::from_conf(dynamo.build()),
            region,
            plain_http: endpoint.is_some_and(|url| url.starts_with("http://")),
            config,
        })
    }
}

impl Clients {
    /// The time that requests are signed with. Only ever shown: nothing is decided by it.
    pub(crate) fn wall_clock(&self) -> SystemTime {
        self.config.time_source().unwrap_or_default().now()
    }
}

fn no_region(location: &S3Location) -> StateError {
    StateError::Unusable {
        place: location.to_string(),
        why: "no AWS region is set".to_owned(),
        fix: "add `region=…` to the URL, or set AWS_REGION or a region in the profile".to_owned(),
    }
}

/// The configured S3 endpoint, by the same order as the SDK's: code, service, general.
fn s3_endpoint(config: &SdkConfig) -> Option<String> {
    let general = config.endpoint_url().map(str::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return general;
    }
    let key = ServiceConfigKey::builder()
        .service_id("S3")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    config.service_config().and_then(|service| service.load_config(key)).or(general)
}

/// The configured timeouts, and for each attempt this one if it is shorter.
fn timeouts(config: &SdkConfig, attempt: Duration) -> TimeoutConfig {
    let given = config.timeout_config();
    let attempt = match given.and_then(TimeoutConfig::operation_attempt_timeout) {
        Some(given) => given.min(attempt),
        None => attempt,
    };
    let timeouts = given.map_or_else(TimeoutConfig::builder, |given| given.to_builder());
    timeouts.operation_attempt_timeout(attempt).build()
}

//! The service clients, set up for state.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::service_config::ServiceConfigKey;
use ferrocrete_core::state::StateError;

use crate::location::S3Location;
use crate::unreadable::Unreadable;

/// Longest wait for one answer about an item: a hanging connection must not cost the lease.
const ITEM_ATTEMPT: Duration = Duration::from_secs(8);
/// Longest wait for one answer about an object, which may be a large snapshot.
const OBJECT_ATTEMPT: Duration = Duration::from_secs(120);

/// Clients for one location.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) dynamo: aws_sdk_dynamodb::Client,
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
            .retry_classifier(Unreadable)
            .build();
        let dynamo = aws_sdk_dynamodb::config::Builder::from(&config)
            .timeout_config(timeouts(&config, ITEM_ATTEMPT))
            .retry_classifier(Unreadable)
            .build();
        Ok(Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            dynamo: aws_sdk_dynamodb::Client::from_conf(dynamo),
            region,
            plain_http: endpoint.is_some_and(|url| url.starts_with("http://")),
            config,
        })
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

/// The configured timeouts, and one for each attempt when none is set.
fn timeouts(config: &SdkConfig, attempt: Duration) -> TimeoutConfig {
    let mut timeouts = TimeoutConfig::builder().operation_attempt_timeout(attempt).build();
    if let Some(given) = config.timeout_config() {
        let mut given = given.clone();
        given.take_defaults_from(&timeouts);
        timeouts = given;
    }
    timeouts
}

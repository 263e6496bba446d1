//! [`AwsConnector`]: from settings to clients, once per provider.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig as SdkProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::sts::{AssumeRoleProvider, AssumeRoleProviderBuilder};
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use ferrocrete_core::error::{ErrorKind, OpError};
use ferrocrete_core::event::Events;
use ferrocrete_core::resource::{Connector, Namespace, ProviderConfig};
use tokio::sync::{Mutex, OnceCell};

use super::Aws;
use super::pace::Paces;

/// Attempts of one call, the first included.
const ATTEMPTS: u32 = 8;
/// Longest wait before the second attempt; each further one may wait twice as long, to 20 s.
const BACKOFF: Duration = Duration::from_millis(500);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest wait for one answer.
const ATTEMPT: Duration = Duration::from_secs(60);
/// Longest wait for the instance metadata service, which answers at once on EC2 and nowhere else.
const METADATA: Duration = Duration::from_millis(500);

const NO_REGION: &str = "no AWS region: give --region, AWS_REGION, or a region in the profile";

const NO_CREDENTIALS: &str = "no usable AWS credentials were found\n  what to do: set AWS_PROFILE or \
    --profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`; \
    to try everything without an account, add --sandbox";

const REFUSED: &str = "AWS does not accept the credentials in use\n  what to do: renew them (`aws sso \
    login`, or new keys), or choose others with AWS_PROFILE or --profile";

/// Where and as whom to connect; empty fields are left to the AWS environment.
#[derive(Clone, Default)]
pub struct AwsSettings {
    /// Region; default: environment, then profile.
    pub region: Option<String>,
    /// Profile of the AWS configuration files; default: `AWS_PROFILE`, then `default`.
    pub profile: Option<String>,
    /// Another endpoint for every service, such as the sandbox's.
    pub endpoint_url: Option<String>,
    /// Fixed access key id and secret access key, such as the sandbox's.
    pub keys: Option<(String, String)>,
}

impl fmt::Debug for AwsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsSettings")
            .field("region", &self.region)
            .field("profile", &self.profile)
            .field("endpoint_url", &self.endpoint_url)
            .field("keys", &self.keys.as_ref().map(|(id, _)| (id, "[secret]")))
            .finish()
    }
}

impl AwsSettings {
    /// The SDK configuration for a provider: eight attempts of each call, one HTTP client
    /// for everything.
    ///
    /// # Errors
    /// When no region is known.
    pub async fn load(&self, provider: &ProviderConfig) -> Result<SdkConfig, OpError> {
        let profile = provider.profile.clone().or_else(|| self.profile.clone());
        let region = match provider.region.clone().or_else(|| self.region.clone()) {
            Some(region) => Region::new(region),
            None => default_region(profile.as_deref())
                .await
                .ok_or_else(|| OpError::invalid(NO_REGION))?,
        };
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region.clone())
            .http_client(http_client())
            // Not adaptive: its rate limiter holds every call of a service up for 10 to 20 s
            // after one throttled call, for longer than a lease. See `pace` for ours.
            .retry_config(
                RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(BACKOFF),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT)
                    .operation_attempt_timeout(ATTEMPT)
                    .build(),
            )
            .stalled_stream_protection(
                StalledStreamProtectionConfig::enabled().upload_enabled(false).build(),
            );
        if let Ok(name) = AppName::new("ferrocrete") {
            loader = loader.app_name(name);
        }
        if let Some(profile) = &profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        loader = match (&self.keys, &profile) {
            (Some((id, secret)), _) => {
                loader.credentials_provider(Credentials::new(id, secret, None, None, "ferrocrete"))
            }
            (None, Some(profile)) => loader.credentials_provider(of_profile(profile, region)),
            (None, None) => loader.credentials_provider(of_environment(region).await),
        };
        let config = loader.load().await;
        match &provider.assume_role {
            None => Ok(config),
            Some(role) => {
                let caller = config.to_builder().retry_config(few_attempts()).build();
                let assumed = session(role, provider).configure(&caller).build().await;
                let assumed = SharedCredentialsProvider::new(assumed);
                Ok(config.into_builder().credentials_provider(assumed).build())
            }
        }
    }
}

/// The session in which a role is assumed.
fn session(role: &str, provider: &ProviderConfig) -> AssumeRoleProviderBuilder {
    let name = provider.session_name.as_deref().unwrap_or("ferrocrete");
    let mut session = AssumeRoleProvider::builder(role).session_name(name);
    if let Some(id) = &provider.external_id {
        session = session.external_id(id);
    }
    if let Some(seconds) = provider.session_seconds {
        session = session.session_length(Duration::from_secs(seconds));
    }
    if !provider.session_tags.is_empty() {
        session = session.tags(provider.session_tags.clone());
    }
    session
}

/// For the first calls of a run, which without a network should fail in seconds.
pub(super) fn few_attempts() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}

/// From environment or profile. The instance metadata service is not asked: off EC2 that takes
/// a second, and on EC2 the region of a deployment should not depend on where it is started.
async fn default_region(profile: Option<&str>) -> Option<Region> {
    let mut own = ProfileFileRegionProvider::builder();
    if let Some(profile) = profile {
        own = own.profile_name(profile);
    }
    RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(own.build())
        .region()
        .await
}

/// Those of a profile that was asked for, and no others: keys that happen to stand in the
/// environment may be another account's.
fn of_profile(profile: &str, region: Region) -> ProfileFileCredentialsProvider {
    let config = SdkProviderConfig::without_region().with_region(Some(region));
    ProfileFileCredentialsProvider::builder().configure(&config).profile_name(profile).build()
}

/// The SDK's own chain, impatient with a metadata service that is not there.
async fn of_environment(region: Region) -> DefaultCredentialsChain {
    let metadata = aws_config::imds::Client::builder()
        .connect_timeout(METADATA)
        .read_timeout(METADATA * 2)
        .max_attempts(2)
        .build();
    DefaultCredentialsChain::builder().region(region).imds_client(metadata).build().await
}

/// One client, and so one connection pool and one reading of the root certificates, for all
/// services. Not one for the whole process: connections live in the runtime that made them.
fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .build_https()
}

type Cell = Arc<OnceCell<Aws>>;

/// Connects to AWS once per provider.
#[derive(Clone, Default)]
pub struct AwsConnector {
    settings: AwsSettings,
    clouds: Arc<Mutex<BTreeMap<ProviderConfig, Cell>>>,
    paces: Paces,
}

impl AwsConnector {
    /// A connector with these settings; makes no call.
    pub fn new(settings: AwsSettings) -> Self {
        Self { settings, clouds: Arc::default(), paces: Paces::default() }
    }

    /// The settings.
    pub fn settings(&self) -> &AwsSettings {
        &self.settings
    }
}

impl Connector for AwsConnector {
    type Cloud = Aws;

    async fn connect(&self, provider: &ProviderConfig) -> Result<Aws, OpError> {
        let cell = self.clouds.lock().await.entry(provider.clone()).or_default().clone();
        let connect = async || {
            let config = self.settings.load(provider).await?;
            let as_whom = ProviderConfig { region: None, ..provider.clone() };
            let who = format!("{as_whom:?}");
            Ok(Aws::with_paces(config, self.paces.clone(), who))
        };
        cell.get_or_try_init(connect).await.cloned()
    }

    fn listen(&self, events: &Events) {
        self.paces.listen(events);
    }

    async fn namespace(&self, provider: &ProviderConfig) -> Result<Namespace, OpError> {
        let aws = self.connect(provider).await?;
        let profile = provider.profile.as_ref().or(self.settings.profile.as_ref());
        let role = provider.assume_role.as_ref();
        aws.namespace().await.map_err(|error| explain(error, profile, role))
    }
}

/// What to do about missing or refused credentials, with the SDK's own reason.
fn explain(error: OpError, profile: Option<&String>, role: Option<&String>) -> OpError {
    if error.kind != ErrorKind::NoCredentials {
        return error;
    }
    let advice = match (&error.code, profile, role) {
        (Some(_), ..) => REFUSED.to_owned(),
        (None, _, Some(role)) => format!(
            "the role {role} could not be assumed\n  what to do: check that it exists, that its \
             trust policy names the caller and asks for no other external id, session tags or \
             session name than the provider has, and that the caller's own credentials work"
        ),
        (None, Some(profile), None) => format!(
            "the profile `{profile}` gives no usable AWS credentials\n  what to do: check that it \
             stands in ~/.aws/config, or log in with `aws sso login --profile {profile}`; to try \
             everything without an account, add --sandbox"
        ),
        (None, None, None) => NO_CREDENTIALS.to_owned(),
    };
    OpError { message: format!("{advice}\n  reason: {}", error.message), ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> AwsSettings {
        AwsSettings {
            region: Some("eu-central-1".into()),
            keys: Some(("id".into(), "very-secret".into())),
            ..AwsSettings::default()
        }
    }

    #[test]
    fn debug_hides_the_key() {
        let text = format!("{:?}", settings());
        assert!(text.contains("eu-central-1") && !text.contains("very-secret"), "{text}");
    }

    #[tokio::test]
    async fn a_provider_overrides_the_region_and_is_connected_once() {
        let connector = AwsConnector::new(settings());
        let other = ProviderConfig { region: Some("us-east-1".into()), ..Default::default() };
        let (home, there) = (ProviderConfig::default(), other);
        let (a, b, c) = tokio::join!(
            connector.connect(&home),
            connector.connect(&home),
            connector.connect(&there)
        );
        let (a, b, c) = (a.unwrap(), b.unwrap(), c.unwrap());
        assert!(std::ptr::eq(a.config(), b.config()));
        assert_eq!((a.region(), c.region()), ("eu-central-1", "us-east-1"));
    }

    #[test]
    fn missing_and_refused_credentials_are_told_apart() {
        let missing = || OpError::new(ErrorKind::NoCredentials, "nothing found");
        let (profile, role) = ("prod".to_owned(), "arn:role".to_owned());
        assert!(explain(missing(), None, None).message.contains("AWS_PROFILE"));
        assert!(explain(missing(), Some(&profile), None).message.contains("--profile prod"));
        assert!(explain(missing(), Some(&profile), Some(&role)).message.contains("role arn:role"));
        let expired = OpError { code: Some("ExpiredToken".into()), ..missing() };
        let text = explain(expired, Some(&profile), None).message;
        assert!(text.contains("renew") && text.contains("nothing found"), "{text}");
    }
}

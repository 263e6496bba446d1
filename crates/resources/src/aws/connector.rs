//! [`AwsConnector`]: from settings to clients, once per provider.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_config::meta::region::RegionProviderChain;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, timeout::TimeoutConfig};
use aws_types::SdkConfig;
use ferrocrete_core::error::{ErrorKind, OpError};
use ferrocrete_core::resource::{Connector, Namespace, ProviderConfig};
use tokio::sync::{Mutex, OnceCell};

use super::Aws;

/// Where and as whom to connect; empty fields are left to the AWS environment.
#[derive(Debug, Clone, Default)]
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

impl AwsSettings {
    /// The SDK configuration for a provider: adaptive retries, eight attempts.
    ///
    /// # Errors
    /// When no region is known.
    pub async fn load(&self, provider: &ProviderConfig) -> Result<SdkConfig, OpError> {
        let region = provider.region.clone().or_else(|| self.region.clone());
        let profile = provider.profile.clone().or_else(|| self.profile.clone());
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .retry_config(RetryConfig::adaptive().with_max_attempts(8))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .operation_attempt_timeout(Duration::from_secs(60))
                    .build(),
            )
            .app_name(app_name());
        if let Some(profile) = &profile {
            loader = loader.profile_name(profile);
        }
        loader = match region {
            Some(region) => loader.region(Region::new(region)),
            // Asking the instance metadata service for a region takes seconds off EC2.
            None => loader.region(
                RegionProviderChain::first_try(aws_config::environment::EnvironmentVariableRegionProvider::new())
                    .or_else({
                        let mut own = aws_config::profile::ProfileFileRegionProvider::builder();
                        if let Some(profile) = &profile {
                            own = own.profile_name(profile);
                        }
                        own.build()
                    }),
            ),
        };
        if let Some(url) = &self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some((id, secret)) = &self.keys {
            loader = loader.credentials_provider(aws_sdk_sts::config::Credentials::new(
                id, secret, None, None, "ferrocrete",
            ));
        }
        let config = loader.load().await;
        if config.region().is_none() {
            return Err(OpError::invalid(
                "no AWS region is known\n  what to do: give --region, set AWS_REGION, or add a region to the profile",
            ));
        }
        match &provider.assume_role {
            None => Ok(config),
            Some(role) => {
                let assumed = AssumeRoleProvider::builder(role)
                    .configure(&config)
                    .session_name("ferrocrete")
                    .build()
                    .await;
                let shared = aws_sdk_sts::config::SharedCredentialsProvider::new(assumed);
                Ok(config.into_builder().credentials_provider(shared).build())
            }
        }
    }
}

fn app_name() -> aws_config::AppName {
    aws_config::AppName::new("ferrocrete").unwrap_or_else(|_| unreachable!("the name is valid"))
}

type Cell = Arc<OnceCell<Aws>>;

/// Connects to AWS once per provider.
#[derive(Clone, Default)]
pub struct AwsConnector {
    settings: AwsSettings,
    clouds: Arc<Mutex<BTreeMap<ProviderConfig, Cell>>>,
}

impl AwsConnector {
    /// A connector with these settings; makes no call.
    pub fn new(settings: AwsSettings) -> Self {
        Self { settings, clouds: Arc::default() }
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
        cell.get_or_try_init(async || Ok(Aws::new(self.settings.load(provider).await?)))
            .await
            .cloned()
    }

    async fn namespace(&self, provider: &ProviderConfig) -> Result<Namespace, OpError> {
        let aws = self.connect(provider).await?;
        aws.namespace().await.map_err(|error| match error.kind {
            ErrorKind::NoCredentials => OpError {
                message: "no AWS credentials were found\n  what to do: set AWS_PROFILE or --profile, or \
                          AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws sso login`; or try \
                          everything without an account: add --sandbox"
                    .into(),
                ..error
            },
            _ => error,
        })
    }
}

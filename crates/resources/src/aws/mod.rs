//! Clients, connection, errors, batching and tags: what every resource file shares.

pub mod answer;
pub mod batch;
pub mod claim;
mod codes;
mod connector;
mod error;
mod fence;
mod inventory;
mod once;
mod pace;
mod refusal;
pub mod spelling;
pub mod tags;

use std::sync::{Arc, OnceLock};

use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use aws_types::SdkConfig;
use ferrocrete_core::error::{ErrorKind, OpError};
use ferrocrete_core::resource::Namespace;

pub use answer::{found, gone, need, status, text};
pub use codes::kind_of_code;
pub use connector::{AwsConnector, AwsSettings};
pub use error::SdkResultExt;
pub(crate) use inventory::AwsInventory;
use pace::Paces;

/// SDK clients of one account, region and role; cheap to clone, made on first use.
#[derive(Clone)]
pub struct Aws(Arc<Inner>);

struct Inner {
    config: SdkConfig,
    paces: Paces,
    /// As whom calls are made: profile and role.
    who: String,
    caller: tokio::sync::OnceCell<GetCallerIdentityOutput>,
    sts: OnceLock<aws_sdk_sts::Client>,
    clients: Clients,
    #[cfg(feature = "route53")]
    zones: crate::route53::Zones,
}

/// What our clients have over plain ones: they wait for their turn, learn from refusals, repeat
/// what may be repeated, and send nothing once the lock is lost.
macro_rules! ours {
    ($config:expr, $aws:expr, $pace:expr) => {{
        let pace: Arc<pace::Pace> = $pace;
        $config
            .timeout_config(pace::queueing($aws.config()))
            .identity_cache(pace::Gate::new($aws.config(), pace.clone()))
            .retry_partition(pace.partition())
            .retry_classifier(ferrocrete_aws::CutShort)
            .retry_classifier(refusal::Verdict)
            .interceptor(once::Once)
            .interceptor(fence::Fence)
            .interceptor(ferrocrete_aws::Whole)
            .interceptor(pace::Watch(pace))
    }};
}
use ours;

/// The clients that the features ask for: `"feature": client in crate`. S3's is made by hand.
macro_rules! clients {
    ($($feature:literal: $name:ident in $sdk:ident,)*) => {
        #[derive(Default)]
        struct Clients {
            $(#[cfg(feature = $feature)] $name: OnceLock<$sdk::Client>,)*
            #[cfg(feature = "s3")]
            s3: OnceLock<aws_sdk_s3::Client>,
        }

        impl Aws {
            $(
                #[doc = concat!("The client of `", stringify!($sdk), "`.")]
                #[cfg(feature = $feature)]
                pub fn $name(&self) -> &$sdk::Client {
                    self.0.clients.$name.get_or_init(|| {
                        let config = $sdk::config::Builder::from(&self.0.config);
                        let config = ours!(config, self, self.pace($feature));
                        $sdk::Client::from_conf(config.build())
                    })
                }
            )*
        }
    };
}

clients! {
    "acm": acm in aws_sdk_acm,
    "applicationautoscaling": applicationautoscaling in aws_sdk_applicationautoscaling,
    "cloudwatch": cloudwatch in aws_sdk_cloudwatch,
    "dynamodb": dynamodb in aws_sdk_dynamodb,
    "ec2": ec2 in aws_sdk_ec2,
    "ecr": ecr in aws_sdk_ecr,
    "ecs": ecs in aws_sdk_ecs,
    "elbv2": elasticloadbalancingv2 in aws_sdk_elasticloadbalancingv2,
    "iam": iam in aws_sdk_iam,
    "kms": kms in aws_sdk_kms,
    "logs": cloudwatchlogs in aws_sdk_cloudwatchlogs,
    "rds": rds in aws_sdk_rds,
    "route53": route53 in aws_sdk_route53,
    "secretsmanager": secretsmanager in aws_sdk_secretsmanager,
    "sns": sns in aws_sdk_sns,
    "sqs": sqs in aws_sdk_sqs,
    "ssm": ssm in aws_sdk_ssm,
}

impl Aws {
    /// Clients that share this configuration.
    pub fn new(config: SdkConfig) -> Self {
        Self::with_paces(config, Paces::default(), String::new())
    }

    /// Clients that share this configuration, and their rates with others of `paces` that call
    /// as the same one.
    fn with_paces(config: SdkConfig, paces: Paces, who: String) -> Self {
        Self(Arc::new(Inner {
            config,
            paces,
            who,
            caller: tokio::sync::OnceCell::new(),
            sts: OnceLock::new(),
            clients: Clients::default(),
            #[cfg(feature = "route53")]
            zones: Default::default(),
        }))
    }

    /// The configuration behind the clients.
    pub fn config(&self) -> &SdkConfig {
        &self.0.config
    }

    /// The region, such as `eu-central-1`.
    pub fn region(&self) -> &str {
        self.0.config.region().map_or("", |r| r.as_ref())
    }

    /// The client of STS.
    pub fn sts(&self) -> &aws_sdk_sts::Client {
        self.0.sts.get_or_init(|| {
            let config = aws_sdk_sts::config::Builder::from(&self.0.config);
            aws_sdk_sts::Client::from_conf(ours!(config, self, self.pace("sts")).build())
        })
    }

    fn pace(&self, service: &'static str) -> Arc<pace::Pace> {
        self.pace_in(service, self.region())
    }

    fn pace_in(&self, service: &'static str, region: &str) -> Arc<pace::Pace> {
        // An emulator has no rates.
        let aws = !has_own_endpoint(&self.0.config, "Route 53");
        self.0.paces.of(&self.0.who, service, region, aws)
    }

    /// The client of S3; with an endpoint of one's own, buckets stand in the path.
    #[cfg(feature = "s3")]
    pub fn s3(&self) -> &aws_sdk_s3::Client {
        self.0.clients.s3.get_or_init(|| {
            let config = aws_sdk_s3::config::Builder::from(&self.0.config)
                .force_path_style(has_own_endpoint(&self.0.config, "S3"));
            aws_sdk_s3::Client::from_conf(ours!(config, self, self.pace("s3")).build())
        })
    }

    /// Changes of Route 53's zones that are about to go out together.
    #[cfg(feature = "route53")]
    pub(crate) fn zones(&self) -> &crate::route53::Zones {
        &self.0.zones
    }

    /// Account and region.
    ///
    /// # Errors
    /// When there are no valid credentials.
    pub async fn namespace(&self) -> Result<Namespace, OpError> {
        let account = self.caller().await?.account.clone();
        Ok(Namespace {
            account: need(account, "sts:GetCallerIdentity", "account")?,
            region: self.region().to_owned(),
        })
    }

    /// The ARN of something in this account and region: `rest` of `service`.
    ///
    /// # Errors
    /// When there are no valid credentials.
    pub async fn arn(&self, service: &str, rest: &str) -> Result<String, OpError> {
        let own = self.namespace().await?;
        let partition = answer::partition(&own.region);
        Ok(format!("arn:{partition}:{service}:{}:{}:{rest}", own.region, own.account))
    }

    /// Who calls; one GetCallerIdentity, then cached.
    pub(crate) async fn caller(&self) -> Result<&GetCallerIdentityOutput, OpError> {
        /// Rounds of few attempts, where STS is there but has no time.
        const ROUNDS: u32 = 4;
        let few = aws_sdk_sts::Config::builder().retry_config(connector::few_attempts());
        let ask = async || {
            let mut round = 1;
            loop {
                let call = self.sts().get_caller_identity().customize();
                let asked = call.config_override(few.clone()).send().await;
                match asked.op("sts:GetCallerIdentity") {
                    Err(error)
                        if matches!(error.kind, ErrorKind::Throttled | ErrorKind::Service)
                            && round < ROUNDS =>
                    {
                        round += 1;
                    }
                    other => return other,
                }
            }
        };
        self.0.caller.get_or_try_init(ask).await
    }
}

/// Whether a service is reached elsewhere than at AWS: by `endpoint_url` in code, environment
/// or profile, for all services or for this one.
fn has_own_endpoint(config: &SdkConfig, service: &str) -> bool {
    use aws_types::service_config::ServiceConfigKey;
    let key = ServiceConfigKey::builder()
        .service_id(service)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let own = key.ok().and_then(|key| config.service_config()?.load_config(key));
    config.endpoint_url().is_some() || own.is_some()
}

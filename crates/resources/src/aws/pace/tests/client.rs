//! SDK clients against a service that has no time.

use std::sync::atomic::AtomicU32;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::Client;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use ferrocrete_core::error::{ErrorKind, OpError};
use futures::future::join_all;

use super::*;
use crate::aws::{Aws, SdkResultExt};

const REFUSED: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>CODE</Code>\
    <Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>";
const ANSWER: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
    <Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

/// STS, which refuses the first calls.
#[derive(Clone, Debug)]
struct Sts {
    code: &'static str,
    status: u16,
    refusals: Arc<AtomicU32>,
    calls: Arc<AtomicU32>,
}

impl HttpConnector for Sts {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let sts = self.clone();
        HttpConnectorFuture::new(async move {
            sts.calls.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(50)).await;
            let left = sts.refusals.load(Ordering::Relaxed);
            sts.refusals.store(left.saturating_sub(1), Ordering::Relaxed);
            let (status, body) = match left {
                0 => (200, ANSWER.to_owned()),
                _ => (sts.status, REFUSED.replace("CODE", sts.code)),
            };
            Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body)))
        })
    }
}

impl Sts {
    fn refusing(refusals: u32, status: u16, code: &'static str) -> Self {
        let (refusals, calls) = (Arc::new(AtomicU32::new(refusals)), Arc::default());
        Self { code, status, refusals, calls }
    }

    fn config(&self, region: &'static str) -> SdkConfig {
        let connector = SharedHttpConnector::new(self.clone());
        let keys = Credentials::new("id", "secret", None, None, "test");
        SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(Region::new(region))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .retry_config(RetryConfig::standard().with_max_attempts(8))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build()
    }
}

async fn ask(client: &Client) -> Result<(), OpError> {
    client.get_caller_identity().send().await.op("sts:GetCallerIdentity").map(|_| ())
}

async fn failures(client: &Client, calls: u32) -> Vec<OpError> {
    let answers = join_all((0..calls).map(|_| ask(client))).await;
    answers.into_iter().filter_map(Result::err).collect()
}

#[tokio::test(start_paused = true)]
async fn the_tokens_of_a_plain_client_run_out_and_ours_do_not() {
    let sts = Sts::refusing(400, 400, "Throttling");
    let plain = failures(&Client::new(&sts.config("eu-west-1")), 100).await;
    assert!(plain.len() > 40, "{}", plain.len());

    let sts = Sts::refusing(400, 400, "Throttling");
    let ours = Aws::new(sts.config("eu-west-1"));
    assert_eq!(failures(ours.sts(), 100).await.len(), 0);
    assert_eq!(sts.calls.load(Ordering::Relaxed), 500);
    // Nor is one call repeated for ever: that is the engine's business.
    let sts = Sts::refusing(u32::MAX, 400, "Throttling");
    let failed = failures(Aws::new(sts.config("eu-west-1")).sts(), 1).await;
    assert_eq!(failed[0].kind, ErrorKind::Throttled);
    assert_eq!(sts.calls.load(Ordering::Relaxed), 8);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_is_not_called_for_ever() {
    let sts = Sts::refusing(u32::MAX, 500, "InternalFailure");
    let failed = failures(Aws::new(sts.config("eu-west-1")).sts(), 100).await;
    assert!(failed.iter().all(|error| error.kind == ErrorKind::Service));
    // One try each, and what 500 tokens buy.
    let calls = sts.calls.load(Ordering::Relaxed);
    assert!(calls <= 200, "{calls}");
}

#[tokio::test(start_paused = true)]
async fn what_aws_has_none_of_is_said_at_once() {
    let sts = Sts::refusing(u32::MAX, 500, "InsufficientInstanceCapacity");
    let start = Instant::now();
    let failed = failures(Aws::new(sts.config("eu-west-1")).sts(), 1).await;
    assert_eq!(failed[0].kind, ErrorKind::NoCapacity);
    assert!(failed[0].message.contains("what to do: choose another instance type"));
    assert_eq!(sts.calls.load(Ordering::Relaxed), 1);
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_turn_is_no_timeout() {
    use aws_smithy_types::timeout::TimeoutConfig;
    let sts = Sts::refusing(0, 400, "");
    let second = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(1));
    let config = sts.config("eu-west-1").into_builder().timeout_config(second.build()).build();
    let aws = Aws::new(config);
    *lock(&aws.pace("sts").limit) = Limit::new(Some(1.0));
    let start = Instant::now();
    assert_eq!(failures(aws.sts(), 20).await.len(), 0);
    assert_eq!(start.elapsed().as_secs(), 19);
    assert_eq!(sts.calls.load(Ordering::Relaxed), 20);
}

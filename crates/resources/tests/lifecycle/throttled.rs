//! A large stack and a service that has no time for it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use ferrocrete_core::error::OpError;
use ferrocrete_core::execute::{Interrupt, Report};
use ferrocrete_core::resource::{Connector, Namespace, ProviderConfig, Registry};
use ferrocrete_core::state::{FixedKey, Holder, MemoryBackend};
use ferrocrete_core::{Engine, Stack};
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::route53::{HostedZone, RecordSet};
use ferrocrete_sandbox::{Config, Fault};
use tokio::time::Instant;

use crate::world::World;

const THROTTLED: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>\
    <Message>Rate exceeded</Message></Error><RequestId>r</RequestId></ErrorResponse>";
const CHANGED: &str = "<ChangeResourceRecordSetsResponse><ChangeInfo><Id>/change/C1</Id>\
    <Status>INSYNC</Status><SubmittedAt>2024-01-01T00:00:00Z</SubmittedAt></ChangeInfo>\
    </ChangeResourceRecordSetsResponse>";

/// Route 53, which refuses the first calls and then more than five a second.
#[derive(Clone, Debug)]
struct Route53 {
    refusals: Arc<AtomicUsize>,
    calls: Arc<AtomicUsize>,
    /// When calls of the last second were answered.
    answered: Arc<Mutex<Vec<Instant>>>,
    made: Arc<Mutex<Vec<String>>>,
}

impl HttpConnector for Route53 {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let zone = self.clone();
        HttpConnectorFuture::new(async move {
            zone.calls.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(80)).await;
            let (status, body) = match zone.is_too_much() {
                true => (400, THROTTLED),
                false => {
                    let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default());
                    let names = body.split("<Name>").skip(1).filter_map(|s| s.split_once('<'));
                    zone.made.lock().unwrap().extend(names.map(|(name, _)| name.to_owned()));
                    (200, CHANGED)
                }
            };
            Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body)))
        })
    }
}

impl Route53 {
    fn is_too_much(&self) -> bool {
        let left = self.refusals.load(Ordering::Relaxed);
        self.refusals.store(left.saturating_sub(1), Ordering::Relaxed);
        let (mut answered, now) = (self.answered.lock().unwrap(), Instant::now());
        answered.retain(|at| now.duration_since(*at) < Duration::from_secs(1));
        let too_much = left > 0 || answered.len() >= 5;
        if !too_much {
            answered.push(now);
        }
        too_much
    }
}

#[derive(Clone)]
struct ToRoute53(Aws);

impl Connector for ToRoute53 {
    type Cloud = Aws;

    async fn connect(&self, _: &ProviderConfig) -> Result<Aws, OpError> {
        Ok(self.0.clone())
    }

    async fn namespace(&self, _: &ProviderConfig) -> Result<Namespace, OpError> {
        Ok(Namespace { account: "111122223333".into(), region: "eu-central-1".into() })
    }
}

impl Route53 {
    fn refusing(refusals: usize) -> Self {
        let refusals = Arc::new(AtomicUsize::new(refusals));
        Self { refusals, calls: Arc::default(), answered: Arc::default(), made: Arc::default() }
    }

    /// What was made, in order of names.
    fn made(&self) -> Vec<String> {
        let mut made = self.made.lock().unwrap().clone();
        made.sort();
        made
    }

    /// `up` of so many records.
    async fn up(&self, count: usize, backend: &MemoryBackend, interrupt: &Interrupt) -> Report {
        let connector = SharedHttpConnector::new(self.clone());
        let keys = Credentials::new("id", "secret", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .retry_config(RetryConfig::standard().with_max_attempts(8))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        let connector = ToRoute53(Aws::new(config));
        let registry = Registry::builder(connector).resource::<RecordSet>().build();
        let (backend, keys) = (Arc::new(backend.clone()), Arc::new(FixedKey::for_tests()));
        let engine = Engine::new("test", "dev", registry, backend, keys);
        let stack = engine.stack();
        for n in 0..count {
            let record = RecordSet::builder()
                // What falls together in one zone is one call; here each record is one.
                .hosted_zone_id(format!("Z{n}"))
                .name(format!("r{n:03}.example.com"))
                .record_type("A")
                .ttl(60)
                .resource_records(["10.0.0.1"]);
            stack.add(&format!("r{n:03}"), record);
        }
        let graph = engine.graph(&stack).unwrap();
        let holder = Holder { id: "t".into(), who: "t".into(), pid: 1, command: "up".into() };
        let session = engine.session(&holder).await.unwrap();
        let plan = session.plan(&graph).await.unwrap();
        let report = session.apply(Some(&graph), &plan, interrupt).await.unwrap();
        session.close().await.unwrap();
        report
    }
}

#[tokio::test(start_paused = true)]
async fn three_hundred_records_get_through() {
    let route53 = Route53::refusing(600);
    let report = route53.up(300, &MemoryBackend::new(), &Interrupt::new()).await;
    assert!(report.is_success(), "{:?}", report.failures.first());
    let mut made = route53.made();
    assert_eq!(made.len(), 300);
    made.dedup();
    assert_eq!(made.len(), 300, "each once");
    // The first 600 cannot be helped; after them few calls are too many.
    let calls = route53.calls.load(Ordering::Relaxed);
    assert!(calls <= 600 + 300 + 60, "{calls} calls");
}

#[tokio::test(start_paused = true)]
async fn a_second_interrupt_sends_nothing_of_what_waits_for_its_turn() {
    let (route53, interrupt) = (Route53::refusing(0), Interrupt::new());
    let stop = async {
        tokio::time::sleep(Duration::from_secs(4)).await;
        interrupt.raise_to(2);
        (Instant::now(), route53.calls.load(Ordering::Relaxed))
    };
    let backend = MemoryBackend::new();
    let (report, (stopped, calls)) = tokio::join!(route53.up(300, &backend, &interrupt), stop);
    assert!(stopped.elapsed() < Duration::from_secs(1), "{:?}", stopped.elapsed());
    assert!(report.interrupted && report.failures.is_empty(), "{:?}", report.failures);
    assert!(report.open.len() > 20, "what was waiting: {:?}", report.open);
    assert_eq!(route53.calls.load(Ordering::Relaxed), calls, "nothing was sent after that");
}

#[tokio::test]
async fn no_call_of_a_life_fails_for_it() {
    let world = World::new().await;
    let zone = |stack: &Stack| {
        stack.add("zone", HostedZone::builder().name("example.com"));
    };
    // More refusals than the SDK has attempts.
    for operation in ["CreateHostedZone", "GetHostedZone"] {
        let often = Fault::status(operation, 400, "Throttling").times(9);
        world.account.faults([often]).await.unwrap();
    }
    assert_eq!(world.up(zone).await, ["create zone"]);
    assert_eq!(world.account.faults_hit().await.unwrap(), 18);
}

#[tokio::test]
async fn a_service_s_rate_is_found() {
    let world = World::new().await;
    world.account.configure(Config::rate("route53", 5)).await.unwrap();
    let zones = |stack: &Stack| {
        for n in 0..8 {
            stack.add(&format!("z{n}"), HostedZone::builder().name(format!("z{n}.example.com")));
        }
    };
    assert_eq!(world.up(zones).await.len(), 8);
}

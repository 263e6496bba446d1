//! Run-time settings, faults, and the record of calls.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use crate::Unkind;

pub(crate) fn seconds<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(value.as_secs_f64())
}

fn maybe_seconds<S: Serializer>(value: &Option<Duration>, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_f64(value.unwrap_or_default().as_secs_f64())
}

/// How long AWS's slow things take, each way (creating and deleting).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Slow {
    /// Databases: creating, modifying, deleting.
    #[serde(serialize_with = "seconds")]
    pub rds: Duration,
    /// NAT gateways: pending, deleting.
    #[serde(serialize_with = "seconds")]
    pub nat: Duration,
    /// EC2 instances: pending, stopping, shutting-down.
    #[serde(serialize_with = "seconds")]
    pub instance: Duration,
    /// Certificates: `PENDING_VALIDATION`.
    #[serde(serialize_with = "seconds")]
    pub acm: Duration,
    /// ECS services: until the deployment is steady, and until a deleted one is inactive.
    #[serde(serialize_with = "seconds")]
    pub ecs: Duration,
    /// Load balancers: provisioning.
    #[serde(serialize_with = "seconds")]
    pub elb: Duration,
    /// Route 53 changes: `PENDING` until `INSYNC`.
    #[serde(serialize_with = "seconds")]
    pub route53: Duration,
    /// DynamoDB tables: creating, updating, deleting.
    #[serde(serialize_with = "seconds")]
    pub dynamodb: Duration,
    /// Names of deleted SQS queues: until they can be used again.
    #[serde(serialize_with = "seconds")]
    pub sqs: Duration,
}

impl Slow {
    /// Everything equally slow.
    pub fn all(duration: Duration) -> Self {
        Self {
            rds: duration,
            nat: duration,
            instance: duration,
            acm: duration,
            ecs: duration,
            elb: duration,
            route53: duration,
            dynamodb: duration,
            sqs: duration,
        }
    }

    /// Nothing is slow.
    pub fn none() -> Self {
        Self::all(Duration::ZERO)
    }

    /// For demonstrations: 2 s for databases, NAT gateways and certificates, 1 s for the others.
    pub fn demo() -> Self {
        let two = Duration::from_secs(2);
        Self { rds: two, nat: two, acm: two, ..Self::all(Duration::from_secs(1)) }
    }

    /// For tests: 0.2 s, enough to be seen by a poll.
    pub fn tests() -> Self {
        Self::all(Duration::from_millis(200))
    }
}

/// A change of settings; what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Config {
    /// How slow slow things are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slow: Option<Slow>,
    /// Which unkind behaviours of AWS are on. Default: those that the server was started with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unkind: Option<Unkind>,
    /// How many calls a second a service takes before it throttles, by signing name, such as
    /// `route53` (AWS: 5 per account). Default: no limit. A change replaces all limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<BTreeMap<String, u32>>,
    /// How long newly created resources stay invisible to describe calls. Default: not at all.
    #[serde(
        rename = "late_visibility_seconds",
        serialize_with = "maybe_seconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub late_visibility: Option<Duration>,
    /// Whether certificates are issued by themselves (default), or only once their validation
    /// record exists in a Route 53 zone of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acm_auto_issue: Option<bool>,
}

impl Config {
    /// Everything equally slow.
    pub fn slow(duration: Duration) -> Self {
        Self { slow: Some(Slow::all(duration)), ..Self::default() }
    }

    /// These unkind behaviours.
    pub fn unkind(unkind: Unkind) -> Self {
        Self { unkind: Some(unkind), ..Self::default() }
    }

    /// One service takes so many calls a second; the others as many as they get.
    pub fn rate(service: impl Into<String>, calls_per_second: u32) -> Self {
        let rate = BTreeMap::from([(service.into(), calls_per_second)]);
        Self { rate: Some(rate), ..Self::default() }
    }

    /// Newly created resources stay invisible for that long.
    pub fn late_visibility(duration: Duration) -> Self {
        Self { late_visibility: Some(duration), ..Self::default() }
    }
}

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultMode {
    /// The connection is reset; AWS has not seen the call.
    DropBefore,
    /// The call is carried out, then the connection is reset: the answer is lost.
    DropAfter,
    /// The call is carried out later.
    DelayBefore,
    /// The call is carried out, the answer comes later.
    DelayAfter,
    /// An AWS error is answered, in the call's own protocol; the call is not carried out.
    Status,
}

/// What goes wrong with the next calls that match.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fault {
    /// The operation, such as `CreateVpc`; `*` is any.
    #[serde(rename = "match")]
    pub operation: String,
    /// How it goes wrong.
    pub mode: FaultMode,
    /// Only calls of this account. [`Account::faults`](crate::Account::faults) sets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Only calls of this service, by its signing name, such as `ec2` or `elasticloadbalancing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// How many calls are hit. Default 1.
    pub times: u32,
    /// How many matching calls are let through first. Default 0.
    pub skip: u32,
    /// For the delays. Default 0.
    #[serde(serialize_with = "seconds")]
    pub seconds: Duration,
    /// For [`FaultMode::Status`]: the HTTP status. Default 503.
    pub status: u16,
    /// For [`FaultMode::Status`]: the AWS error code. Default `ServiceUnavailable`.
    pub code: String,
}

impl Fault {
    fn new(operation: impl Into<String>, mode: FaultMode) -> Self {
        Self {
            operation: operation.into(),
            mode,
            account: None,
            service: None,
            times: 1,
            skip: 0,
            seconds: Duration::ZERO,
            status: 503,
            code: "ServiceUnavailable".into(),
        }
    }

    /// The call never reaches AWS.
    pub fn drop_before(operation: impl Into<String>) -> Self {
        Self::new(operation, FaultMode::DropBefore)
    }

    /// The call is carried out, its answer is lost.
    pub fn drop_after(operation: impl Into<String>) -> Self {
        Self::new(operation, FaultMode::DropAfter)
    }

    /// The call is carried out later.
    pub fn delay_before(operation: impl Into<String>, by: Duration) -> Self {
        Self { seconds: by, ..Self::new(operation, FaultMode::DelayBefore) }
    }

    /// The call is carried out at once, its answer comes later.
    pub fn delay_after(operation: impl Into<String>, by: Duration) -> Self {
        Self { seconds: by, ..Self::new(operation, FaultMode::DelayAfter) }
    }

    /// The call is answered with this error and not carried out.
    pub fn status(operation: impl Into<String>, status: u16, code: impl Into<String>) -> Self {
        Self { status, code: code.into(), ..Self::new(operation, FaultMode::Status) }
    }

    /// Hits that many calls.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Lets that many matching calls through first.
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Only calls of this service, by its signing name.
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Only calls of this account.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }
}

/// One recorded call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// When it arrived, in milliseconds of a monotonic clock.
    pub at_ms: f64,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
    /// The service, by its signing name.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// The region.
    pub region: String,
    /// The resource it was about, where that was cheap to tell; else empty.
    pub resource: String,
    /// The HTTP status; 0 where a fault cut the connection.
    pub status: u16,
    /// The AWS error code, or the fault's mode where it cut the connection.
    pub error: Option<String>,
}

/// The calls of one account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CallLog {
    /// How many calls there were.
    pub total: usize,
    /// How many per `service:Operation`.
    pub counts: BTreeMap<String, usize>,
    /// The calls in order of arrival (the last 20,000).
    pub calls: Vec<Call>,
}

impl CallLog {
    /// How often an operation was called, by `service:Operation`, such as `ec2:DescribeVpcs`.
    pub fn count(&self, operation: &str) -> usize {
        self.counts.get(operation).copied().unwrap_or(0)
    }

    /// How often it was carried out: not refused, nor cut off before.
    pub fn carried_out(&self, operation: &str) -> usize {
        let done = |call: &&Call| call.error.as_deref().is_none_or(|why| why == "drop_after");
        let named = |call: &&Call| {
            operation.split_once(':') == Some((call.service.as_str(), call.operation.as_str()))
        };
        self.calls.iter().filter(named).filter(done).count()
    }
}

//! [`Once`]: a create without idempotency token is not repeated by the SDK after a lost answer.
//!
//! Retrying it blindly could make the thing twice. The engine does better: it looks for what
//! the call may have made, and calls again only if there is nothing. Throttling is still
//! retried, because a throttled call was not carried out.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextMut, Error, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::{Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::retry::RetryConfig;

use ferrocrete_core::error::ErrorKind;

use super::refusal;

/// Makes sure that what makes something is done at most once per call.
#[derive(Debug)]
pub(super) struct Once;

/// Set on calls that must not be repeated without looking.
#[derive(Debug)]
struct Unrepeatable;

impl Storable for Unrepeatable {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Once {
    fn name(&self) -> &'static str {
        "Once"
    }

    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.request().body().bytes().unwrap_or_default();
        let makes = cfg.load::<Metadata>().is_some_and(|m| makes_something(m.name(), body));
        if makes && !has_token(body) {
            cfg.interceptor_state().store_put(Unrepeatable);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let status = response.map(|r| r.status().as_u16());
        let definite = || {
            let kind = response.and_then(refusal::kind);
            matches!(kind, Some(ErrorKind::Throttled | ErrorKind::NoCapacity))
        };
        let unclear = match context.output_or_error() {
            Some(Err(error)) => is_unclear(error, status) && !definite(),
            _ => false,
        };
        if unclear && cfg.load::<Unrepeatable>().is_some() {
            cfg.interceptor_state().store_put(RetryConfig::disabled());
        }
        Ok(())
    }
}

/// Operations that make or join something, by AWS's verbs.
fn makes_something(operation: &str, body: &[u8]) -> bool {
    const VERBS: [&str; 8] = [
        "Allocate",
        "Associate",
        "Attach",
        "Authorize",
        "Create",
        "Import",
        "RegisterTaskDefinition",
        "Run",
    ];
    // Route 53 has one call for all; repeated, a create is refused because of itself.
    let record = operation == "ChangeResourceRecordSets" && has(body, b"<Action>CREATE</Action>");
    record || VERBS.iter().any(|verb| operation.starts_with(verb))
}

/// Whether AWS itself recognizes a repetition, by the names that its APIs give the token.
fn has_token(body: &[u8]) -> bool {
    const NAMES: [&[u8]; 5] = [
        b"ClientToken",
        b"ClientRequestToken",
        b"CallerReference",
        b"IdempotencyToken",
        b"clientToken",
    ];
    NAMES.iter().any(|name| has(body, name))
}

fn has(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|w| w == part)
}

fn is_success(status: Option<u16>) -> bool {
    matches!(status, Some(200..=299))
}

/// Whether the call may have been carried out. 503 means refused for load, not half done.
fn is_unclear(error: &OrchestratorError<Error>, status: Option<u16>) -> bool {
    error.is_timeout_error()
        || error.is_response_error()
        || error.is_connector_error()
        || is_success(status)
        || matches!(status, Some(500 | 502 | 504))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_something_is_known_by_its_verb() {
        for makes in ["CreateVpc", "RunInstances"] {
            assert!(makes_something(makes, b""), "{makes}");
        }
        for does_not in ["DescribeVpcs", "ModifyVpcAttribute"] {
            assert!(!makes_something(does_not, b""), "{does_not}");
        }
        let records = |body: &[u8]| makes_something("ChangeResourceRecordSets", body);
        assert!(records(b"<Change><Action>CREATE</Action>"));
        assert!(!records(b"<Change><Action>UPSERT</Action>"));
    }

    #[test]
    fn tokens_are_seen_in_each_protocol() {
        assert!(has_token(b"Action=RunInstances&ClientToken=ab"));
        assert!(has_token(br#"{"ClientRequestToken":"ab"}"#));
        assert!(has_token(b"<CallerReference>ab</CallerReference>"));
        assert!(!has_token(b"Action=CreateVpc&CidrBlock=10.0.0.0/16"));
    }
}

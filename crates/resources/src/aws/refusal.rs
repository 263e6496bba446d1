//! What a refusal means, before the SDK decides whether to repeat a call.
//!
//! [`Verdict`] corrects that decision where the SDK goes by the status or by a list of codes that
//! is the same for every service:
//!
//! - `InsufficientInstanceCapacity` comes as HTTP 500, but is definite: AWS knows that it has
//!   none. Repeated, it only costs minutes (`TF#43193`, `TF#21293`).
//! - `LimitExceededException` counts as throttling there, but is a quota in all services that are
//!   used here; but for DynamoDB's limit of tables that change at once.

use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, RetryReason,
};
use aws_smithy_types::retry::ErrorKind as RetryKind;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_core::execute::is_in_haste;

use super::codes::kind_of_answer;

/// Longest wait before a throttled call queues for its turn again; the waits are spread out, so
/// that calls that were refused together do not come back together.
const SPREAD: Duration = Duration::from_secs(1);

/// Repeats what was throttled, and nothing that is definite.
#[derive(Debug)]
pub(super) struct Verdict;

impl ClassifyRetry for Verdict {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        self.classify_retry_v2(context, &RetryAction::NoActionIndicated)
    }

    fn classify_retry_v2(&self, context: &InterceptorContext, sdk: &RetryAction) -> RetryAction {
        let (Some(response), Some(Err(_))) = (context.response(), context.output_or_error()) else {
            return RetryAction::NoActionIndicated;
        };
        match (kind(response), sdk) {
            // Whoever is in haste does not wait for that.
            (Some(ErrorKind::Throttled), _) if is_in_haste() => RetryAction::RetryForbidden,
            (
                Some(ErrorKind::Throttled),
                RetryAction::RetryIndicated(RetryReason::RetryableError {
                    retry_after: Some(_),
                    ..
                }),
            ) => RetryAction::NoActionIndicated,
            (Some(ErrorKind::Throttled), _) => {
                RetryAction::RetryIndicated(RetryReason::RetryableError {
                    kind: RetryKind::ThrottlingError,
                    retry_after: Some(SPREAD.mul_f64(rand::random())),
                })
            }
            (Some(ErrorKind::NoCapacity), _) => RetryAction::RetryForbidden,
            // A quota, which the SDK takes for a rate.
            (Some(ErrorKind::Invalid), RetryAction::RetryIndicated(reason))
                if is_throttling(reason) =>
            {
                RetryAction::RetryForbidden
            }
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Verdict"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

fn is_throttling(reason: &RetryReason) -> bool {
    matches!(reason, RetryReason::RetryableError { kind: RetryKind::ThrottlingError, .. })
}

/// The kind of the error in an answer; `None` for an answer without one.
pub(super) fn kind(response: &HttpResponse) -> Option<ErrorKind> {
    let status = response.status().as_u16();
    if response.status().is_success() {
        return None;
    }
    let refusal = Refusal::of(response);
    Some(kind_of_answer(refusal.code.as_deref(), refusal.message.as_deref(), status))
}

/// Code and message of an error, in whatever protocol it comes.
#[derive(Debug, Default, PartialEq)]
struct Refusal {
    code: Option<String>,
    message: Option<String>,
}

impl Refusal {
    fn of(response: &HttpResponse) -> Self {
        let body = response.body().bytes().unwrap_or_default();
        let in_body = match body.trim_ascii_start().first() {
            Some(b'<') => Self::of_xml(body),
            Some(b'{') => Self::of_json(body),
            Some(_) => Self::of_cbor(body),
            None => Self::default(),
        };
        // `Code;Sender` of services that had the query protocol once, and JSON's own header.
        let header = ["x-amzn-query-error", "x-amzn-errortype"]
            .iter()
            .find_map(|name| response.headers().get(*name))
            .map(|code| bare(code.split(';').next().unwrap_or(code)));
        Self { code: header.or(in_body.code), ..in_body }
    }

    /// `<Code>…</Code>`, whatever stands around it.
    fn of_xml(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let element = |name: &str| {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            let (value, _) = rest.split_once(&format!("</{name}>"))?;
            Some(value.trim().to_owned())
        };
        Self { code: element("Code"), message: element("Message") }
    }

    fn of_json(body: &[u8]) -> Self {
        let value: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |names: &[&str]| {
            names.iter().find_map(|name| value.get(*name)?.as_str()).map(str::to_owned)
        };
        Self {
            code: text(&["__type", "code", "Code"]).map(|code| bare(&code)),
            message: text(&["message", "Message", "errorMessage"]),
        }
    }

    /// The text after the key, which is a text of less than 256 bytes.
    fn of_cbor(body: &[u8]) -> Self {
        let text = |key: &str| {
            let key = [&[0x60 | key.len() as u8], key.as_bytes()].concat();
            let at = body.windows(key.len()).position(|part| part == key)? + key.len();
            let (length, start) = match body.get(at)? {
                short @ 0x60..=0x77 => (usize::from(short - 0x60), at + 1),
                0x78 => (usize::from(*body.get(at + 1)?), at + 2),
                _ => return None,
            };
            String::from_utf8(body.get(start..start + length)?.to_vec()).ok()
        };
        Self { code: text("__type").map(|code| bare(&code)), message: text("message") }
    }
}

/// `Code` of `namespace#Code:http://more`.
fn bare(code: &str) -> String {
    let code = code.rsplit_once('#').map_or(code, |(_, code)| code);
    code.split(':').next().unwrap_or(code).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::interceptors::context::{Error, Input};
    use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &[u8]) -> HttpResponse {
        let status = status.try_into().unwrap();
        let mut response = HttpResponse::new(status, SdkBody::from(body.to_vec()));
        for (name, value) in headers {
            response.headers_mut().insert(*name, *value);
        }
        response
    }

    fn code(headers: &[(&'static str, &'static str)], body: &[u8]) -> String {
        Refusal::of(&answer(400, headers, body)).code.unwrap_or_default()
    }

    #[test]
    fn codes_are_read_in_each_protocol() {
        let ec2 = b"<?xml version=\"1.0\"?>\n<Response><Errors><Error>\
            <Code>RequestLimitExceeded</Code><Message>m</Message></Error></Errors></Response>";
        assert_eq!(code(&[], ec2), "RequestLimitExceeded");
        let query = b"<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type>\
            <Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";
        assert_eq!(code(&[], query), "Throttling");
        let json = br#"{"__type":"com.amazonaws.x#ThrottlingException","message":"m"}"#;
        assert_eq!(code(&[], json), "ThrottlingException");
        let header = [("x-amzn-errortype", "SlowDown:http://internal.amazon.com/")];
        assert_eq!(code(&header, b""), "SlowDown");
        let both = [("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender")];
        assert_eq!(code(&both, json), "AWS.SimpleQueueService.NonExistentQueue");
        let cbor = b"\xbf\x66__type\x78\x20com.amazonaws.x#LimitExceededFau\x67message\x61m\xff";
        assert_eq!(code(&[], cbor), "LimitExceededFau");
        for nothing in [&b""[..], b"<html>no</html>", b"{}", b"no", b"\xbf\x66__type\x78"] {
            assert_eq!(code(&[], nothing), "", "{}", String::from_utf8_lossy(nothing));
        }
    }

    fn verdict(response: HttpResponse, sdk: RetryAction) -> RetryAction {
        let mut context = InterceptorContext::new(Input::doesnt_matter());
        context.set_response(response);
        let error = Error::erase(std::io::Error::other("refused"));
        context.set_output_or_error(Err(OrchestratorError::operation(error)));
        Verdict.classify_retry_v2(&context, &sdk)
    }

    fn json(status: u16, code: &str, message: &str) -> HttpResponse {
        let body = serde_json::json!({ "__type": code, "message": message }).to_string();
        answer(status, &[], body.as_bytes())
    }

    #[test]
    fn what_is_definite_is_not_repeated_whatever_its_status() {
        for code in ["InsufficientInstanceCapacity", "InsufficientCapacity"] {
            let found = verdict(json(500, code, "none left"), RetryAction::transient_error());
            assert_eq!(found, RetryAction::RetryForbidden, "{code}");
        }
        let unclear = verdict(json(500, "InternalError", "sorry"), RetryAction::transient_error());
        assert_eq!(unclear, RetryAction::NoActionIndicated, "left to the SDK");
    }

    #[test]
    fn a_quota_is_no_rate() {
        let quota = || json(400, "LimitExceededException", "Resource limit exceeded.");
        let found = verdict(quota(), RetryAction::throttling_error());
        assert_eq!(found, RetryAction::RetryForbidden);
        let tables = "Subscriber limit exceeded: Only 500 tables can be created, updated, or \
                      deleted simultaneously";
        let tables = json(400, "LimitExceededException", tables);
        assert!(matches!(
            verdict(tables, RetryAction::throttling_error()),
            RetryAction::RetryIndicated(RetryReason::RetryableError {
                kind: RetryKind::ThrottlingError,
                ..
            })
        ));
    }

    #[test]
    fn a_throttled_call_comes_back_soon_or_when_it_is_told_to() {
        let throttled = || json(400, "ThrottlingException", "Rate exceeded");
        for _ in 0..20 {
            let found = verdict(throttled(), RetryAction::throttling_error());
            let RetryAction::RetryIndicated(RetryReason::RetryableError {
                kind: RetryKind::ThrottlingError,
                retry_after: Some(wait),
            }) = found
            else {
                panic!("{found:?}")
            };
            assert!(wait <= SPREAD, "{wait:?}");
        }
        let told = RetryAction::retryable_error_with_explicit_delay(
            RetryKind::ThrottlingError,
            Duration::from_secs(7),
        );
        assert_eq!(verdict(throttled(), told), RetryAction::NoActionIndicated);
    }
}

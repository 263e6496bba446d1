//! What the SDK may repeat, beyond its own rules.

use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};

use crate::whole;

/// Repeats a call whose answer was cut short, be it a success or a refusal. The SDK takes it for an
/// error of the service, and gives up. What is whole and cannot be read would be so again.
///
/// Whoever must not repeat a call after a lost answer says so by the call's `RetryConfig`.
#[derive(Debug)]
pub struct CutShort;

impl ClassifyRetry for CutShort {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let (Some(response), Some(Err(_))) = (context.response(), context.output_or_error()) else {
            return RetryAction::NoActionIndicated;
        };
        if whole::is_cut_short(response) {
            return RetryAction::transient_error();
        }
        RetryAction::NoActionIndicated
    }

    fn name(&self) -> &'static str {
        "CutShort"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// A bucket of tokens for retries that throttling does not empty. Clients that are given clones
/// of one partition share its bucket.
///
/// The SDK's own bucket has 500 tokens for each service and process, and fills only by calls
/// that succeed at once. A long run that is throttled now and then empties it, and from then on
/// nothing is repeated. Here a throttled call costs nothing. What fails in another way costs as
/// usual, so that a service that is down is not called for ever.
pub fn patient_partition(name: &'static str) -> RetryPartition {
    let bucket = TokenBucket::builder().throttling_retry_cost(0).build();
    RetryPartition::custom(name).token_bucket(bucket).build()
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::interceptors::context::{Error, Input};
    use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn classified(status: u16, kind: &'static str, body: &'static str) -> RetryAction {
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        response.headers_mut().insert("content-type", kind);
        let mut context = InterceptorContext::new(Input::erase(()));
        context.set_response(response);
        context
            .set_output_or_error(Err(OrchestratorError::operation(Error::erase(std::fmt::Error))));
        CutShort.classify_retry(&context)
    }

    #[test]
    fn what_was_cut_short_is_asked_for_again() {
        let json = "application/x-amz-json-1.0";
        let again = RetryAction::transient_error();
        assert_eq!(classified(200, json, r#"{"Tables":["a"#), again);
        assert_eq!(classified(200, json, ""), again);
        // The code of a refusal stands where the body was cut.
        assert_eq!(classified(400, json, r#"{"__type":"com.amaz"#), again);
        assert_eq!(classified(404, "application/xml", "<Error><Code>NoSu"), again);
    }

    #[test]
    fn what_is_whole_is_left_to_the_sdk() {
        let json = "application/x-amz-json-1.0";
        for (status, kind, body) in [
            (400, json, r#"{"__type":"ConditionalCheckFailedException"}"#),
            (404, "application/xml", "<Error><Code>NoSuchKey</Code></Error>"),
            (404, "application/xml", ""),
            // A page of something between us and AWS.
            (200, json, "not JSON"),
        ] {
            assert_eq!(classified(status, kind, body), RetryAction::NoActionIndicated, "{body}");
        }
    }
}

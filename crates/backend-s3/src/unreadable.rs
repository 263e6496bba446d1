//! [`Unreadable`]: an answer that was cut short is no answer. The SDK takes it for one of the
//! service's errors, and would give up.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};

/// Retries what succeeded with an answer that cannot be read. Every write of state may be
/// repeated: it is conditional, and its repetition is recognized.
#[derive(Debug)]
pub(crate) struct Unreadable;

impl ClassifyRetry for Unreadable {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let succeeded = context.response().is_some_and(|r| r.status().is_success());
        match context.output_or_error() {
            Some(Err(_)) if succeeded => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Unreadable"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

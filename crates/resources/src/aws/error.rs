//! From SDK errors to [`OpError`]: told apart by code, never by text.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use ferrocrete_core::error::{ErrorKind, OpError};

use super::answer::advise;
use super::codes::{advice, kind_of_answer};
use super::pace::NotSent;

/// Adds [`SdkResultExt::op`] to results of SDK calls.
pub trait SdkResultExt<T> {
    /// Turns an SDK error into an [`OpError`]; `operation` is the IAM-style name of the call,
    /// such as `ec2:CreateVpc`.
    ///
    /// # Errors
    /// The call's error, with kind, code, message and request id.
    fn op(self, operation: &'static str) -> Result<T, OpError>;
}

impl<T, E> SdkResultExt<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn op(self, operation: &'static str) -> Result<T, OpError> {
        self.map_err(|error| convert(&error, operation))
    }
}

fn convert<E>(error: &SdkError<E, HttpResponse>, operation: &'static str) -> OpError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let op = match error {
        // It was done, but the answer was cut short, or is none that this SDK can read.
        SdkError::ServiceError(service)
            if service.raw().status().is_success() && service.err().code().is_none() =>
        {
            let whole = !ferrocrete_aws::is_cut_short(service.raw());
            let said = if whole { unreadable(service.raw(), error) } else { no_answer(error) };
            OpError { request_id: request_id(service.raw()), ..said }
        }
        SdkError::ServiceError(service) => {
            let (meta, raw) = (service.err(), service.raw());
            answered(meta.code(), meta.message(), raw.status().as_u16(), request_id(raw))
        }
        // Signing needs credentials; without any, nothing is ever sent.
        _ if caused_by::<CredentialsError>(error) => {
            OpError::new(ErrorKind::NoCredentials, chain(error))
        }
        _ if caused_by::<NotSent>(error) => OpError::new(ErrorKind::Interrupted, chain(error)),
        SdkError::TimeoutError(_) => no_answer(error),
        SdkError::DispatchFailure(failure) if !failure.is_user() => no_answer(error),
        SdkError::ResponseError(broken) => {
            OpError { request_id: request_id(broken.raw()), ..no_answer(error) }
        }
        _ => OpError::new(ErrorKind::Other, chain(error)),
    };
    OpError { operation: operation.to_owned(), ..op }
}

/// The service answered, with an error.
fn answered(code: Option<&str>, text: Option<&str>, status: u16, id: Option<String>) -> OpError {
    let kind = kind_of_answer(code, text, status);
    let message = match text.filter(|t| !t.is_empty()) {
        Some(text) => text.to_owned(),
        None => format!("AWS answered with status {status}"),
    };
    let error =
        OpError { code: code.map(str::to_owned), request_id: id, ..OpError::new(kind, message) };
    match (kind, code) {
        (ErrorKind::NoCapacity, Some(code)) => advise(error, advice(code)),
        _ => error,
    }
}

fn no_answer(error: &(dyn std::error::Error + 'static)) -> OpError {
    OpError::new(ErrorKind::NoAnswer, format!("no answer from AWS: {}", chain(error)))
}

fn unreadable(raw: &HttpResponse, error: &(dyn std::error::Error + 'static)) -> OpError {
    let (status, why) = (raw.status().as_u16(), chain(error));
    let what = format!(
        "AWS answered with status {status}, and the answer cannot be read: {why}\n  what to do: if \
         something stands between this machine and AWS (a proxy, an endpoint of your own), look \
         there; else this program is older than the answer, so use a newer one"
    );
    OpError::new(ErrorKind::Unreadable, what)
}

fn request_id(raw: &HttpResponse) -> Option<String> {
    const HEADERS: [&str; 3] = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"];
    HEADERS.iter().find_map(|h| raw.headers().get(h)).map(str::to_owned)
}

fn caused_by<E: std::error::Error + 'static>(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |e| e.source()).any(|e| e.is::<E>())
}

/// The error's sources, outermost first, each text once: the error itself only says "dispatch
/// failure" and the like.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for source in std::iter::successors(error.source(), |e| e.source()) {
        let text = source.to_string();
        if parts.last() != Some(&text) {
            parts.push(text);
        }
    }
    if parts.is_empty() { error.to_string() } else { parts.join(": ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_without_a_known_code_go_by_status() {
        for (status, kind) in [
            (404, ErrorKind::NotFound),
            (403, ErrorKind::AccessDenied),
            (429, ErrorKind::Throttled),
            (503, ErrorKind::Service),
            (400, ErrorKind::Other),
        ] {
            let error = answered(None, None, status, None);
            assert_eq!(error.kind, kind, "{status}");
            assert!(error.message.contains(&status.to_string()));
        }
        let none = answered(Some("InsufficientInstanceCapacity"), Some("none left"), 500, None);
        assert_eq!(none.kind, ErrorKind::NoCapacity);
        assert!(none.message.starts_with("none left\n  what to do: choose"), "{}", none.message);
        let known = answered(Some("NoSuchKey"), Some("no such key"), 503, Some("r-1".into()));
        assert_eq!((known.kind, known.message.as_str()), (ErrorKind::NotFound, "no such key"));
        assert_eq!(known.request_id.as_deref(), Some("r-1"));
    }

    /// What a call gets when this body comes with status 200.
    fn of_answer(body: &'static str) -> OpError {
        use aws_sdk_ssm::operation::get_parameter::GetParameterError;

        let mut raw = HttpResponse::new(200.try_into().unwrap(), body.into());
        raw.headers_mut().insert("content-type", "application/x-amz-json-1.1");
        raw.headers_mut().insert("x-amzn-requestid", "r-1");
        let unread = GetParameterError::unhandled("expected value at line 1");
        let error: SdkError<GetParameterError, _> = SdkError::service_error(unread, raw);
        convert(&error, "ssm:GetParameter")
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_an_error_of_its_own() {
        let error = of_answer("<html>Please log in</html>");
        assert_eq!(error.kind, ErrorKind::Unreadable);
        assert!(!error.is_passing());
        let said = error.to_string();
        assert!(said.contains("ssm:GetParameter") && said.contains("status 200"), "{said}");
        assert!(said.contains("what to do"), "{said}");
        assert_eq!(error.request_id.as_deref(), Some("r-1"));
        // One that lacks its end, or all of it, may be whole the next time.
        for cut in [r#"{"Parameter":{"Na"#, ""] {
            assert_eq!(of_answer(cut).kind, ErrorKind::NoAnswer, "{cut}");
        }
    }

    #[test]
    fn a_timeout_is_no_answer() {
        let error: SdkError<
            aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError,
            _,
        > = SdkError::timeout_error("too slow");
        let op = convert(&error, "sts:GetCallerIdentity");
        assert_eq!(
            (op.kind, op.operation.as_str()),
            (ErrorKind::NoAnswer, "sts:GetCallerIdentity")
        );
        assert!(op.message.contains("too slow"));
    }
}

//! From SDK errors to [`OpError`]: told apart by code, never by text.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use ferrocrete_core::error::{ErrorKind, OpError};

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
    let mut op = OpError::new(ErrorKind::Other, "");
    op.operation = operation.to_owned();
    match error {
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            op.code = service.err().code().map(str::to_owned);
            op.message = match (service.err().message(), status) {
                (Some(text), _) => text.to_owned(),
                (None, status) => format!("AWS answered with status {status}"),
            };
            let headers = service.raw().headers();
            op.request_id = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"]
                .iter()
                .find_map(|h| headers.get(h))
                .map(str::to_owned);
            op.kind = match &op.code {
                Some(code) => kind_of_code(code),
                None => ErrorKind::Other,
            };
            if op.kind == ErrorKind::Other {
                // HEAD requests of S3 carry no code.
                op.kind = match status {
                    404 => ErrorKind::NotFound,
                    401 | 403 => ErrorKind::AccessDenied,
                    429 => ErrorKind::Throttled,
                    500.. => ErrorKind::Service,
                    _ => ErrorKind::Other,
                };
            }
        }
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => {
            op.kind = ErrorKind::NoAnswer;
            op.message = format!("no answer: {}", chain(error));
        }
        SdkError::DispatchFailure(failure) => {
            // Signing needs credentials; without any, nothing is ever sent.
            op.kind = if no_credentials(error) {
                ErrorKind::NoCredentials
            } else if failure.is_user() {
                ErrorKind::Other
            } else {
                ErrorKind::NoAnswer
            };
            op.message = format!("the call could not be made: {}", chain(error));
        }
        _ => op.message = chain(error),
    }
    op
}

fn no_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(here) = next {
        if here.is::<aws_credential_types::provider::error::CredentialsError>() {
            return true;
        }
        next = here.source();
    }
    false
}

/// The error and its sources, outermost first, each text once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(here) = next {
        let text = here.to_string();
        if parts.last() != Some(&text) {
            parts.push(text);
        }
        next = here.source();
    }
    if parts.is_empty() { error.to_string() } else { parts.join(": ") }
}

/// What an AWS error code means to the engine.
pub fn kind_of_code(code: &str) -> ErrorKind {
    const NOT_FOUND: &[&str] = &[
        "NoSuchEntity", "NoSuchBucket", "NoSuchKey", "NotFound", "NoSuchBucketPolicy",
        "NoSuchTagSet", "NoSuchLifecycleConfiguration", "NoSuchPublicAccessBlockConfiguration",
        "NoSuchCORSConfiguration", "ServerSideEncryptionConfigurationNotFoundError",
        "OwnershipControlsNotFoundError", "NoSuchHostedZone", "NoSuchChange",
        "DBInstanceNotFound", "DBInstanceNotFoundFault", "DBSubnetGroupNotFoundFault",
        "DBParameterGroupNotFound", "DBParameterGroupNotFoundFault", "ResourceNotFoundException",
        "404",
    ];
    const EXISTS: &[&str] = &[
        "EntityAlreadyExists", "BucketAlreadyExists", "BucketAlreadyOwnedByYou",
        "ResourceExistsException", "DBInstanceAlreadyExists", "DBSubnetGroupAlreadyExists",
        "DBParameterGroupAlreadyExists", "HostedZoneAlreadyExists", "InvalidGroup.Duplicate",
        "InvalidKeyPair.Duplicate", "InvalidPermission.Duplicate", "RouteAlreadyExists",
        "Resource.AlreadyAssociated",
    ];
    const DENIED: &[&str] = &[
        "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthFailure",
        "NotAuthorized", "OptInRequired", "Forbidden",
    ];
    const CREDENTIALS: &[&str] = &[
        "InvalidClientTokenId", "UnrecognizedClientException", "ExpiredToken",
        "ExpiredTokenException", "InvalidAccessKeyId", "SignatureDoesNotMatch",
        "MissingAuthenticationToken", "RequestExpired",
    ];
    const THROTTLED: &[&str] = &[
        "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded",
        "TooManyRequestsException", "SlowDown", "RequestThrottled", "PriorRequestNotComplete",
        "BandwidthLimitExceeded", "RequestThrottledException",
    ];
    const DEPENDENCY: &[&str] = &[
        "DependencyViolation", "DeleteConflict", "BucketNotEmpty", "HostedZoneNotEmpty",
        "InvalidDBSubnetGroupStateFault", "InvalidDBParameterGroupState", "InvalidGroup.InUse",
        "InvalidIPAddress.InUse", "ResourceInUseException", "ResourceInUse",
    ];
    const SERVICE: &[&str] =
        &["InternalError", "InternalFailure", "InternalServiceError", "ServiceUnavailable",
          "ServiceFailure", "Unavailable", "InternalServerError"];
    let listed = |codes: &[&str]| codes.contains(&code);
    if listed(NOT_FOUND) || code.ends_with(".NotFound") {
        ErrorKind::NotFound
    } else if listed(EXISTS) {
        ErrorKind::AlreadyExists
    } else if listed(DENIED) {
        ErrorKind::AccessDenied
    } else if listed(CREDENTIALS) {
        ErrorKind::NoCredentials
    } else if listed(THROTTLED) {
        ErrorKind::Throttled
    } else if listed(DEPENDENCY) {
        ErrorKind::Dependency
    } else if listed(SERVICE) {
        ErrorKind::Service
    } else if code.starts_with("Invalid")
        || code.starts_with("Validation")
        || code.starts_with("Malformed")
        || code.starts_with("Missing")
        || code.ends_with("LimitExceeded")
        || code.ends_with("QuotaExceeded")
        || code == "UnsupportedOperation"
    {
        ErrorKind::Invalid
    } else {
        ErrorKind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_kinds() {
        for (code, kind) in [
            ("InvalidVpcID.NotFound", ErrorKind::NotFound),
            ("InvalidGroup.NotFound", ErrorKind::NotFound),
            ("NoSuchEntity", ErrorKind::NotFound),
            ("InvalidGroup.Duplicate", ErrorKind::AlreadyExists),
            ("UnauthorizedOperation", ErrorKind::AccessDenied),
            ("RequestLimitExceeded", ErrorKind::Throttled),
            ("DependencyViolation", ErrorKind::Dependency),
            ("InvalidParameterValue", ErrorKind::Invalid),
            ("ExpiredToken", ErrorKind::NoCredentials),
            ("InternalError", ErrorKind::Service),
            ("Whatever", ErrorKind::Other),
        ] {
            assert_eq!(kind_of_code(code), kind, "{code}");
        }
    }
}

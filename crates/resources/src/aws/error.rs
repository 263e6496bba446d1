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
    let op = match error {
        // It was done, but the answer was cut short.
        SdkError::ServiceError(service)
            if service.raw().status().is_success() && service.err().code().is_none() =>
        {
            OpError { request_id: request_id(service.raw()), ..no_answer(error) }
        }
        SdkError::ServiceError(service) => {
            let (meta, raw) = (service.err(), service.raw());
            answered(meta.code(), meta.message(), raw.status().as_u16(), request_id(raw))
        }
        // Signing needs credentials; without any, nothing is ever sent.
        _ if no_credentials(error) => OpError::new(ErrorKind::NoCredentials, chain(error)),
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
    let kind = match (code.map_or(ErrorKind::Other, kind_of_code), status) {
        // HEAD requests of S3 carry no code, and not every code is in the table.
        (ErrorKind::Other, 404) => ErrorKind::NotFound,
        (ErrorKind::Other, 401 | 403) => ErrorKind::AccessDenied,
        (ErrorKind::Other, 429) => ErrorKind::Throttled,
        (ErrorKind::Other, 500..) => ErrorKind::Service,
        (kind, _) => kind,
    };
    let message = match text.filter(|t| !t.is_empty()) {
        Some(text) => text.to_owned(),
        None => format!("AWS answered with status {status}"),
    };
    OpError { code: code.map(str::to_owned), request_id: id, ..OpError::new(kind, message) }
}

fn no_answer(error: &(dyn std::error::Error + 'static)) -> OpError {
    OpError::new(ErrorKind::NoAnswer, format!("no answer from AWS: {}", chain(error)))
}

fn request_id(raw: &HttpResponse) -> Option<String> {
    const HEADERS: [&str; 3] = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"];
    HEADERS.iter().find_map(|h| raw.headers().get(h)).map(str::to_owned)
}

fn no_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |e| e.source())
        .any(|e| e.is::<aws_credential_types::provider::error::CredentialsError>())
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

/// What an AWS error code means to the engine, the same for every service.
pub fn kind_of_code(code: &str) -> ErrorKind {
    let listed = TABLE.iter().find(|(_, codes)| codes.contains(&code)).map(|(kind, _)| *kind);
    listed.unwrap_or_else(|| by_shape(code))
}

/// Codes that are in no list, by the way AWS forms them.
fn by_shape(code: &str) -> ErrorKind {
    // The query protocols of RDS and IAM add a suffix now and then.
    let stem = code.trim_end_matches("Exception").trim_end_matches("Fault");
    let starts = |words: &[&str]| words.iter().any(|w| stem.starts_with(w));
    let ends = |words: &[&str]| words.iter().any(|w| stem.ends_with(w));
    if ends(&["NotFound", "NotFoundError"]) || stem.starts_with("NoSuch") {
        ErrorKind::NotFound
    } else if ends(&["AlreadyExists", ".Duplicate", "AlreadyAssociated"]) {
        ErrorKind::AlreadyExists
    } else if ends(&[".InUse", "InUse", "NotEmpty"]) {
        ErrorKind::Dependency
    } else if starts(&["Throttl"]) {
        ErrorKind::Throttled
    } else if starts(&["Invalid", "Validation", "Malformed", "Missing", "Unsupported"])
        || ends(&["LimitExceeded", "QuotaExceeded", "TooLong", "NotSupported"])
    {
        ErrorKind::Invalid
    } else {
        ErrorKind::Other
    }
}

/// Codes whose shape does not tell, or tells wrongly.
const TABLE: &[(ErrorKind, &[&str])] = &[
    (
        ErrorKind::NotFound,
        &[
            "404",
            "AWS.SimpleQueueService.NonExistentQueue",
            "NoSuchEntity",
            "NotFound",
            "QueueDoesNotExist",
        ],
    ),
    (
        ErrorKind::AlreadyExists,
        &[
            "BucketAlreadyOwnedByYou",
            "DuplicateListener",
            "DuplicateLoadBalancerName",
            "DuplicateTargetGroupName",
            "EntityAlreadyExists",
            "InvalidGroup.Duplicate",
            "InvalidKeyPair.Duplicate",
            "InvalidPermission.Duplicate",
            "InvalidChangeBatch.AlreadyExists",
            "PriorityInUse",
            "ResourceExistsException",
            "RouteAlreadyExists",
        ],
    ),
    (
        ErrorKind::AccessDenied,
        &[
            "403",
            "AccessDenied",
            "AccessDeniedException",
            "AllAccessDisabled",
            "AuthFailure",
            "AuthorizationError",
            "Blocked",
            "Forbidden",
            "NotAuthorized",
            "OptInRequired",
            "SubscriptionRequiredException",
            "UnauthorizedAccess",
            "UnauthorizedOperation",
        ],
    ),
    (
        ErrorKind::NoCredentials,
        &[
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSecurityToken",
            "InvalidToken",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "RequestExpired",
            "SignatureDoesNotMatch",
            "TokenRefreshRequired",
            "UnrecognizedClientException",
        ],
    ),
    (
        ErrorKind::Throttled,
        &[
            "BandwidthLimitExceeded",
            "EC2ThrottledException",
            "LimitExceededException.Throttled",
            "PriorRequestNotComplete",
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "TooManyRequestsException",
            "TransactionInProgressException",
        ],
    ),
    (
        ErrorKind::Dependency,
        &[
            "DeleteConflict",
            "DeleteConflictException",
            "DependencyViolation",
            "InvalidDBInstanceState",
            "InvalidDBInstanceStateFault",
            "InvalidDBParameterGroupState",
            "InvalidDBParameterGroupStateFault",
            "InvalidDBSubnetGroupStateFault",
            "InvalidGroup.InUse",
            "InvalidIPAddress.InUse",
            "ResourceInUseException",
        ],
    ),
    (
        ErrorKind::Service,
        &[
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "InternalServiceError",
            "InternalServiceErrorException",
            "RequestTimeout",
            "RequestTimeoutException",
            "ServiceFailure",
            "ServiceUnavailable",
            "ServiceUnavailableException",
            "Unavailable",
        ],
    ),
    (
        ErrorKind::Invalid,
        &["IdempotentParameterMismatch", "IncorrectState", "OperationNotPermitted"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_kinds() {
        use ErrorKind as K;
        for (kind, codes) in [
            (
                K::NotFound,
                "InvalidVpcID.NotFound InvalidGroup.NotFound InvalidKeyPair.NotFound \
                 InvalidSecurityGroupRuleId.NotFound InvalidRoute.NotFound NoSuchEntity \
                 NoSuchBucket NoSuchHostedZone NoSuchTagSet NoSuchChange DBInstanceNotFound \
                 DBInstanceNotFoundFault DBParameterGroupNotFound DBSubnetGroupNotFoundFault \
                 ServerSideEncryptionConfigurationNotFoundError ResourceNotFoundException NotFound",
            ),
            (
                K::AlreadyExists,
                "InvalidGroup.Duplicate InvalidPermission.Duplicate EntityAlreadyExists \
                 BucketAlreadyExists BucketAlreadyOwnedByYou DBInstanceAlreadyExists \
                 HostedZoneAlreadyExists ResourceExistsException RouteAlreadyExists \
                 Resource.AlreadyAssociated",
            ),
            (
                K::AccessDenied,
                "UnauthorizedOperation AccessDenied AccessDeniedException AuthFailure",
            ),
            (
                K::NoCredentials,
                "ExpiredToken ExpiredTokenException InvalidClientTokenId SignatureDoesNotMatch \
                 UnrecognizedClientException InvalidAccessKeyId",
            ),
            (
                K::Throttled,
                "RequestLimitExceeded Throttling ThrottlingException SlowDown ThrottledException \
                 TooManyRequestsException PriorRequestNotComplete",
            ),
            (
                K::Dependency,
                "DependencyViolation DeleteConflict BucketNotEmpty HostedZoneNotEmpty \
                 InvalidIPAddress.InUse InvalidGroup.InUse InvalidDBSubnetGroupStateFault \
                 ResourceInUseException ResourceInUse",
            ),
            (
                K::Invalid,
                "InvalidParameterValue InvalidParameterException ValidationError \
                 MalformedPolicyDocument MissingParameter VpcLimitExceeded AddressLimitExceeded \
                 LimitExceeded UnsupportedOperation IncorrectState InvalidInput",
            ),
            (K::Service, "InternalError ServiceUnavailable InternalFailure RequestTimeout"),
            (K::Other, "Whatever IncompleteThing"),
        ] {
            for code in codes.split_whitespace() {
                assert_eq!(kind_of_code(code), kind, "{code}");
            }
        }
    }

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
        let known = answered(Some("NoSuchKey"), Some("no such key"), 503, Some("r-1".into()));
        assert_eq!((known.kind, known.message.as_str()), (ErrorKind::NotFound, "no such key"));
        assert_eq!(known.request_id.as_deref(), Some("r-1"));
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

//! What AWS's error codes mean to the engine.

use ferrocrete_core::error::ErrorKind;

/// What an answer with this status means, by its code and, where that says too little, by its
/// status or a documented piece of its message.
pub(super) fn kind_of_answer(code: Option<&str>, message: Option<&str>, status: u16) -> ErrorKind {
    // DynamoDB has one code for two limits. That of tables that change at once is over in a
    // moment (API reference of CreateTable: 500 of them, 250 with indexes); that of tables is not.
    let simultaneous = || message.is_some_and(|text| text.contains("simultaneously"));
    match (code.map_or(ErrorKind::Other, kind_of_code), status) {
        _ if code == Some("LimitExceededException") && simultaneous() => ErrorKind::Throttled,
        // HEAD requests of S3 carry no code, and not every code is in the table.
        (ErrorKind::Other, 404) => ErrorKind::NotFound,
        (ErrorKind::Other, 401 | 403) => ErrorKind::AccessDenied,
        // 509 as botocore's `_retry.json` has it: too much bandwidth.
        (ErrorKind::Other, 429 | 509) => ErrorKind::Throttled,
        (ErrorKind::Other, 500..) => ErrorKind::Service,
        (kind, _) => kind,
    }
}

/// What to do when AWS has none left; by code, because messages say only what is missing.
pub(super) fn advice(code: &str) -> &'static str {
    if code.contains("Subnet") {
        "use a subnet with more free addresses, or free some in this one"
    } else if code.contains("DB") || code.contains("Storage") {
        "choose another instance class, or subnets in other zones, or run it again later"
    } else {
        "choose another instance type or another zone, or run it again later; AWS adds to what it \
         has all the time"
    }
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
    } else if starts(&["Insufficient"]) && stem.contains("Capacity") {
        ErrorKind::NoCapacity
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
        // Those of the SDK and of botocore's `_retry.json`; `KMS…` of SNS and SQS, whose calls
        // use a key. Route 53's `PriorRequestNotComplete` is a zone that is busy: it was not
        // carried out either. Not `LimitExceededException`, see `kind_of_answer`.
        ErrorKind::Throttled,
        &[
            "BandwidthLimitExceeded",
            "EC2ThrottledException",
            "KMSThrottling",
            "KMSThrottlingException",
            "KmsThrottled",
            "PriorRequestNotComplete",
            "ProvisionedThroughputExceeded",
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "TooManyRequests",
            "TooManyRequestsException",
            "TransactionInProgressException",
        ],
    ),
    (
        // EC2's "server errors", most of which come with status 500 though they are definite, and
        // what RDS and load balancers have (`service-2.json`); `Insufficient…Capacity` by shape.
        ErrorKind::NoCapacity,
        &[
            "InsufficientAvailableIPsInSubnet",
            "InsufficientAvailableIPsInSubnetFault",
            "InsufficientFreeAddressesInSubnet",
            "ReservationCapacityExceeded",
            "UnfulfillableCapacity",
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
            "DependencyTimeoutException",
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "InternalServerException",
            "InternalServiceError",
            "InternalServiceErrorException",
            "InternalServiceException",
            "KMSInternalException",
            "KeyUnavailableException",
            "RequestTimeout",
            "RequestTimeoutException",
            "ServerException",
            "ServerInternal",
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
                 TooManyRequestsException PriorRequestNotComplete RequestThrottled Throttled \
                 KMSThrottling KmsThrottled BandwidthLimitExceeded EC2ThrottledException",
            ),
            (
                K::NoCapacity,
                "InsufficientInstanceCapacity InsufficientHostCapacity InsufficientVolumeCapacity \
                 InsufficientAddressCapacity InsufficientReservedInstanceCapacity \
                 InsufficientCapacity InsufficientCapacityOnHost UnfulfillableCapacity \
                 InsufficientFreeAddressesInSubnet InsufficientDBInstanceCapacity \
                 InsufficientDBInstanceCapacityFault InsufficientDBClusterCapacityFault \
                 InsufficientStorageClusterCapacity InsufficientAvailableIPsInSubnetFault",
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
    fn what_the_sdk_takes_for_throttling_is_throttling_but_for_quotas() {
        for code in aws_runtime::retries::classifiers::THROTTLING_ERRORS {
            let quota = *code == "LimitExceededException";
            let kind = if quota { ErrorKind::Invalid } else { ErrorKind::Throttled };
            assert_eq!(kind_of_code(code), kind, "{code}");
        }
    }

    #[test]
    fn a_message_tells_dynamodb_s_two_limits_apart() {
        let kind = |text: &str| kind_of_answer(Some("LimitExceededException"), Some(text), 400);
        let at_once = "Subscriber limit exceeded: Only 500 tables can be created, updated, or \
                       deleted simultaneously";
        assert_eq!(kind(at_once), ErrorKind::Throttled);
        assert_eq!(kind("Subscriber limit exceeded: no more tables"), ErrorKind::Invalid);
    }
}

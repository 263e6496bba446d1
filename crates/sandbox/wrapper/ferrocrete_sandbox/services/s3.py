"""S3: names of other accounts, and deletes that are refused."""

from __future__ import annotations

import copy
import json
from typing import Any

import xmltodict
from moto.core.serialize import S3Serializer
from moto.s3 import models, responses
from moto.s3.exceptions import BucketAlreadyExists, MissingBucket, S3ClientError

from .. import unkind

_DELETION = "s3_deletion"
_YOUNG = "young"

_ENCRYPTED = {
    "Rule": {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BucketKeyEnabled": "false",
    }
}

_create_bucket = models.S3Backend.create_bucket


class _TakenByAnother(S3ClientError):
    """Not a `BucketAlreadyExists`: moto would then look into the other account."""

    code = "BucketAlreadyExists"

    def __init__(self) -> None:
        super().__init__(
            "BucketAlreadyExists",
            "The requested bucket name is not available. The bucket namespace is shared by all "
            "users of the system. Please select a different name and try again.",
        )


class _Conflict(S3ClientError):
    """What S3 says of a name whose bucket was deleted a moment ago: TF:
    `internal/service/s3/bucket.go`, which creates again while it is told so."""

    code = "OperationAborted"
    http_status = 409

    def __init__(self) -> None:
        super().__init__(
            "OperationAborted",
            "A conflicting conditional operation is currently in progress against this resource. "
            "Please try again.",
        )


def create_bucket(self: models.S3Backend, bucket_name: str, *args: Any, **kwargs: Any) -> Any:
    if unkind.lasts(self.account_id, _DELETION, bucket_name):
        raise _Conflict
    try:
        bucket = _create_bucket(self, bucket_name, *args, **kwargs)
        _usual_settings(bucket)
        return bucket
    except BucketAlreadyExists:
        owner = models.s3_backends.bucket_accounts[bucket_name][1]
        if owner != self.account_id:
            raise _TakenByAnother() from None
        raise


def put_bucket(self: responses.S3Response, request: Any, bucket_name: str, query: Any) -> Any:
    """The tags of `CreateBucketConfiguration`, which moto overlooks."""
    existed = bucket_name in self.backend.buckets
    # That the name is taken is known at once, also of a bucket that is not found everywhere yet.
    with unkind.kindly(existed and not query):
        answer = _put_bucket(self, request, bucket_name, query)
    if not existed and bucket_name in self.backend.buckets and self.body:
        tags = _tags(xmltodict.parse(self.body, force_list=("Tag",)))
        if tags:
            self.backend.put_bucket_tagging(bucket_name, tags)
    if not existed:
        unkind.mark(self.backend.account_id, _YOUNG, ("s3", bucket_name))
    return answer


_get_bucket = models.S3Backend.get_bucket


def get_bucket(self: models.S3Backend, bucket_name: str) -> models.FakeBucket:
    """A new bucket is there for some calls later than for others: TF waits with each of its
    resources about buckets (`bucketPropagationTimeout`)."""
    if unkind.lasts(self.account_id, _YOUNG, ("s3", bucket_name)):
        raise MissingBucket(bucket=bucket_name)
    return _get_bucket(self, bucket_name)


_delete_bucket = models.S3Backend.delete_bucket


def delete_bucket(self: models.S3Backend, bucket_name: str) -> Any:
    deleted = _delete_bucket(self, bucket_name)
    if deleted is not None:
        unkind.mark(self.account_id, _DELETION, bucket_name)
    return deleted


models.S3Backend.get_bucket = get_bucket  # type: ignore[method-assign]
models.S3Backend.delete_bucket = delete_bucket  # type: ignore[method-assign]


def _tags(body: dict[str, Any]) -> dict[str, str]:
    configuration = body.get("CreateBucketConfiguration") or {}
    tags = (configuration.get("Tags") or {}).get("Tag") or []
    return {tag["Key"]: tag["Value"] or "" for tag in tags}


_get_permission = models.FakeBucket.get_permission


def get_permission(self: models.FakeBucket, action: str, resource: str) -> Any:
    """moto ignores conditions, so "nobody without TLS" would be nobody. The emulator's loopback
    connection stands for AWS's, which has TLS."""
    if self.policy is None:
        return _get_permission(self, action, resource)
    document = json.loads(self.policy)
    statements = document.get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    kept = [s for s in statements if not _refuses_plain(s)]
    if len(kept) == len(statements):
        return _get_permission(self, action, resource)
    checked = copy.copy(self)
    checked.policy = json.dumps({**document, "Statement": kept}).encode() if kept else None
    return _get_permission(checked, action, resource)


def _refuses_plain(statement: dict[str, Any]) -> bool:
    secure = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    plain = secure if isinstance(secure, list) else [secure]
    return statement.get("Effect") == "Deny" and plain in (["false"], [False])


models.FakeBucket.get_permission = get_permission  # type: ignore[method-assign]

_put_bucket = responses.S3Response._bucket_response_put
responses.S3Response._bucket_response_put = put_bucket  # type: ignore[method-assign]


def _usual_settings(bucket: models.FakeBucket) -> None:
    """What a bucket has from the start, since January and April 2023."""
    bucket.encryption = copy.deepcopy(_ENCRYPTED)
    bucket.public_access_block = models.PublicAccessBlock("true", "true", "true", "true")
    bucket.ownership_rule = "BucketOwnerEnforced"  # type: ignore[assignment]


def delete_bucket_encryption(self: models.S3Backend, bucket_name: str) -> None:
    """Encryption is never off; this goes back to the default."""
    self.get_bucket(bucket_name).encryption = copy.deepcopy(_ENCRYPTED)


def get_object_lock(self: models.S3Backend, bucket_name: str) -> Any:
    """Days or years, not both with a zero."""
    enabled, mode, days, years = _get_object_lock(self, bucket_name)
    return enabled, mode, days or None, years or None


_get_object_lock = models.S3Backend.get_object_lock_configuration
models.S3Backend.get_object_lock_configuration = get_object_lock  # type: ignore[method-assign]
models.S3Backend.delete_bucket_encryption = (  # type: ignore[method-assign]
    delete_bucket_encryption
)
models.S3Backend.create_bucket = create_bucket  # type: ignore[method-assign]

# The element around each answer, which strict SDKs (Rust's among them) look at. moto writes
# `<OPERATIONResponse>` around all of them.
_ROOTS = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectTagging": "Tagging",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListParts": "ListPartsResult",
}
_serialize_body = S3Serializer._serialize_body


def serialize_body(self: S3Serializer, body: Any) -> str:
    operation = self.operation_model.name
    wrong = f"{operation}Response"
    if operation in _ROOTS and list(body) == [wrong]:
        body = {_ROOTS[operation]: body[wrong]}
    return _serialize_body(self, body)


S3Serializer._serialize_body = serialize_body  # type: ignore[method-assign]

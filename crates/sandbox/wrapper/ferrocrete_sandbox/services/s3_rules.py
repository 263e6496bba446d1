"""S3: names of buckets, rules of a lifecycle and tags that it does not take."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import Any

from moto.s3 import models
from moto.s3.exceptions import S3ClientError

#: botocore's model of S3, `TransitionStorageClass`.
_CLASSES = (
    "GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR",
)  # fmt: skip
_ACTIONS = (
    "Expiration", "Transition", "NoncurrentVersionExpiration", "NoncurrentVersionTransition",
    "AbortIncompleteMultipartUpload",
)  # fmt: skip


class _Refused(S3ClientError):
    code = 400

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)


def _malformed() -> _Refused:
    return _Refused(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )


def _is_address(name: str) -> bool:
    try:
        IPv4Address(name)
    except ValueError:
        return False
    return True


#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def _is_name(name: str) -> bool:
    return (
        re.fullmatch(r"[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]", name) is not None
        and ".." not in name
        and not _is_address(name)
        and not name.startswith(_PREFIXES)
        and not name.endswith(_SUFFIXES)
    )


_create_bucket = models.S3Backend.create_bucket


def create_bucket(self: models.S3Backend, bucket_name: str, *args: Any, **kwargs: Any) -> Any:
    if not _is_name(bucket_name):
        raise _Refused("InvalidBucketName", "The specified bucket is not valid.")
    return _create_bucket(self, bucket_name, *args, **kwargs)


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _check_rule(rule: dict[str, Any]) -> None:
    """Actions: crossplane-contrib/provider-aws#1337; the rest:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html"""
    if all(rule.get(action) is None for action in _ACTIONS):
        raise _Refused("InvalidRequest", "At least one action needs to be specified in a rule")
    expires = (rule.get("Expiration") or {}).get("Days")
    if expires is not None and int(expires) < 1:
        raise _Refused(
            "InvalidArgument", "'Days' for Expiration action must be a positive integer"
        )
    for transition in _all(rule.get("Transition")):
        kind, days = transition.get("StorageClass"), transition.get("Days")
        if kind not in _CLASSES:
            raise _malformed()
        if days is None:
            continue
        if kind in ("STANDARD_IA", "ONEZONE_IA") and int(days) < 30:
            raise _Refused(
                "InvalidArgument",
                "'Days' in Transition action must be greater than or equal to 30 for "
                f"storageClass '{kind}'",
            )
        if expires is not None and int(expires) <= int(days):
            raise _Refused(
                "InvalidArgument",
                "'Days' in the Expiration action for filter must be greater than 'Days' in the "
                "Transition action",
            )
    for transition in _all(rule.get("NoncurrentVersionTransition")):
        if transition.get("StorageClass") not in _CLASSES:
            raise _malformed()


_put_lifecycle = models.S3Backend.put_bucket_lifecycle_configuration


def put_lifecycle(self: models.S3Backend, bucket_name: str, rules: list[dict[str, Any]]) -> None:
    names = [rule["ID"] for rule in rules if rule.get("ID")]
    if len(names) != len(set(names)):
        raise _Refused("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
    for rule in rules:
        _check_rule(rule)
    _put_lifecycle(self, bucket_name, rules)


_put_tags = models.S3Backend.put_bucket_tagging


def put_tags(self: models.S3Backend, bucket_name: str, tags: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html"""
    if len(tags) > 50:
        raise _Refused("BadRequest", "Bucket tag count cannot be greater than 50")
    _put_tags(self, bucket_name, tags)


models.S3Backend.create_bucket = create_bucket  # type: ignore[method-assign]
models.S3Backend.put_bucket_lifecycle_configuration = (  # type: ignore[method-assign]
    put_lifecycle
)
models.S3Backend.put_bucket_tagging = put_tags  # type: ignore[method-assign]

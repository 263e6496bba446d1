"""Tags that AWS reserves for itself, and more than fifty, outside of EC2 and S3.

That a resource has at most 50 tags, and that `aws:` is AWS's own prefix:
https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html#id_tags_naming_best_practices
Codes and words of KMS: recordings `kms__kms.json`, test_create_key_with_too_many_tags_raises_error and
…_with_invalid_tag_key; of the others: the errors of these operations in botocore's model, and where it
has none for it, the code that the service has for values that do not fit (`model.py`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from moto.core.exceptions import JsonRESTError

from ..hooks import AwsError, Call, Proceed, around

_MOST = 50
_RESERVED = "aws: prefixed tag key names are not allowed for external use."


class _Rules(NamedTuple):
    """What a service answers, and to which operations."""

    operations: tuple[str, ...]
    #: Code and words for a reserved key.
    reserved: tuple[str, str]
    #: The same for too many; none where its model says so already.
    many: tuple[str, str] | None


_TOO_MANY = "You've reached the limit on the number of tags for this resource."
_SERVICES = {
    "acm": _Rules(
        ("RequestCertificate", "AddTagsToCertificate"), ("InvalidTagException", _RESERVED), None
    ),
    "cloudwatch": _Rules(
        ("PutMetricAlarm", "PutCompositeAlarm", "TagResource"),
        ("InvalidParameterValue", _RESERVED),
        ("InvalidParameterValue", _TOO_MANY),
    ),
    "dynamodb": _Rules(
        ("CreateTable", "TagResource"),
        ("ValidationException", _RESERVED),
        ("ValidationException", _TOO_MANY),
    ),
    "ecr": _Rules(
        ("CreateRepository", "TagResource"),
        ("InvalidTagParameterException", _RESERVED),
        ("TooManyTagsException", _TOO_MANY),
    ),
    "ecs": _Rules(
        ("CreateCluster", "CreateService", "RegisterTaskDefinition", "TagResource"),
        ("InvalidParameterException", _RESERVED),
        None,
    ),
    "elbv2": _Rules(
        ("CreateLoadBalancer", "CreateTargetGroup", "CreateListener", "CreateRule", "AddTags"),
        ("ValidationError", _RESERVED),
        ("TooManyTags", _TOO_MANY),
    ),
    "iam": _Rules(
        ("CreateRole", "CreatePolicy", "CreateInstanceProfile", "CreateOpenIDConnectProvider",
         "TagRole", "TagPolicy", "TagInstanceProfile", "TagOpenIDConnectProvider"),
        ("InvalidInput", _RESERVED),
        None,
    ),
    "kms": _Rules(
        ("CreateKey", "TagResource"),
        ("TagException", "Tags beginning with aws: are reserved"),
        ("TagException", "Too many tags"),
    ),
    "logs": _Rules(
        ("CreateLogGroup", "TagResource"), ("InvalidParameterException", _RESERVED), None
    ),
    "rds": _Rules(
        ("CreateDBInstance", "CreateDBSubnetGroup", "CreateDBParameterGroup",
         "CreateDBInstanceReadReplica", "AddTagsToResource"),
        ("InvalidParameterValue", _RESERVED),
        ("InvalidParameterValue", _TOO_MANY),
    ),
    "secretsmanager": _Rules(
        ("CreateSecret", "TagResource"),
        ("InvalidParameterException", _RESERVED),
        ("InvalidParameterException", _TOO_MANY),
    ),
    "sns": _Rules(
        ("CreateTopic", "TagResource"),
        ("InvalidParameter", f"Invalid parameter: Tags Reason: {_RESERVED}"),
        ("TagLimitExceeded", "Can't add more than 50 tags to a topic."),
    ),
    "sqs": _Rules(
        ("CreateQueue", "TagQueue"),
        ("InvalidParameterValue", _RESERVED),
        ("InvalidParameterValue", _TOO_MANY),
    ),
    "ssm": _Rules(
        ("PutParameter", "AddTagsToResource"),
        ("ValidationException", _RESERVED),
        ("TooManyTagsError", _TOO_MANY),
    ),
}  # fmt: skip


def _keys(params: dict[str, Any]) -> list[str]:
    """Tags are a list of pairs, or a map."""
    tags = params.get("Tags") or params.get("tags") or []
    if isinstance(tags, dict):
        return [str(key) for key in tags]
    names = ("Key", "key", "TagKey")
    return [str(tag[name]) for tag in tags for name in names if name in tag]


def _hook(service: str, rules: _Rules) -> None:
    # moto writes the answers of this one by itself, and knows another error.
    kind: Any = JsonRESTError if service == "kms" else AwsError

    @around(service, *rules.operations)
    def limits(call: Call, proceed: Proceed) -> Any:
        keys = _keys(call.params)
        if any(key.lower().startswith("aws:") for key in keys):
            raise kind(*rules.reserved)
        if rules.many and len(keys) > _MOST:
            raise kind(*rules.many)
        return proceed()


for _service, _rules in _SERVICES.items():
    _hook(_service, _rules)

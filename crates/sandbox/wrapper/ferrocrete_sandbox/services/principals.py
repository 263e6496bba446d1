"""Principals in policies: who may stand there, and how AWS writes them.

An account's id becomes the ARN of its root
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html); a
role or user must exist, and be known to the service that checks it (`unkind.young_role`); when it
is deleted, its unique id stands there (the same page, "the ARN is mapped to the principal ID").
Messages: go-to-k/cdkd's measurements of each service (its issues 839 and 2026), TF:
`internal/service/iam/role.go`, `.../ecr/repository_policy.go`, `.../secretsmanager/secret_policy.go`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.s3 import models as s3_models
from moto.s3.exceptions import S3ClientError

from .. import unkind
from ..hooks import AwsError, Call, Proceed, around, backend

_ACCOUNT = re.compile(r"\d{12}\Z")
_UNIQUE = re.compile(r"(AROA|AIDA)[A-Z0-9]+\Z")


def _statements(document: Any) -> list[dict[str, Any]]:
    found = document.get("Statement") if isinstance(document, dict) else None
    found = found if isinstance(found, list) else [found]
    return [statement for statement in found if isinstance(statement, dict)]


def _holders(document: Any) -> Iterator[dict[str, Any]]:
    """The dicts that have principals under `AWS`."""
    for statement in _statements(document):
        for name in ("Principal", "NotPrincipal"):
            if isinstance(statement.get(name), dict) and "AWS" in statement[name]:
                yield statement[name]


def _changed(document: Any, change: Callable[[str], str]) -> bool:
    """Rewrites each principal; says whether any is another one now."""
    before = json.dumps(document)
    for holder in _holders(document):
        named = holder["AWS"]
        holder["AWS"] = [change(str(p)) for p in named] if isinstance(named, list) else change(str(named))
    return json.dumps(document) != before


def _loaded(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None


def written(text: str, conditions: bool = False) -> str:
    """The policy as AWS gives it back: accounts as ARNs; in conditions (where a service looks at
    them: S3, SQS, SNS) `false` as `"false"`, which hashicorp/awspolicyequivalence holds equal."""
    document = _loaded(text)
    before = json.dumps(document)
    _changed(document, lambda p: f"arn:aws:iam::{p}:root" if _ACCOUNT.match(p) else p)
    for statement in _statements(document) if conditions else []:
        for operator in (statement.get("Condition") or {}).values():
            for key, value in operator.items():
                operator[key] = _text(value)
    after = json.dumps(document)
    return text if after == before else json.dumps(document, separators=(",", ":"))


def _text(value: Any) -> Any:
    if isinstance(value, list):
        return [_text(one) for one in value]
    return value if isinstance(value, str) else json.dumps(value)


def unknown(account: str, text: Any) -> str | None:
    """The first principal of this account that does not exist, or not yet for a service."""
    iam = backend("iam", account, "us-east-1")
    roles = {role.name: role for role in iam.roles.values()}
    for holder in _holders(_loaded(text)):
        named = holder["AWS"]
        for principal in named if isinstance(named, list) else [named]:
            name = str(principal).rsplit("/", 1)[-1]
            if _UNIQUE.match(str(principal)):
                users = [user.id for user in iam.users.values()]
                if principal not in (*iam.roles, *users):
                    return str(principal)
            elif str(principal).startswith(f"arn:aws:iam::{account}:role/"):
                young = unkind.lasts(account, "young_role", ("new", name))
                if name not in roles or roles[name].arn != principal or young:
                    return str(principal)
            elif str(principal).startswith(f"arn:aws:iam::{account}:user/"):
                if name not in iam.users or iam.users[name].arn != principal:
                    return str(principal)
    return None


@around("iam", "CreateRole")
def new_role(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    unkind.mark(call.account, "young_role", ("new", call.get("RoleName")))
    return result


Refusal = Callable[[str], Exception]


def _register(
    service: str,
    operations: tuple[str, ...],
    policy: Callable[[Call], Any],
    holder: Callable[[Call, Any], Any],
    attribute: str,
    refusal: Refusal,
) -> None:
    """Operations that set a policy: where it is in the call, and where moto keeps it."""

    @around(service, *operations)
    def put(call: Call, proceed: Proceed) -> Any:
        text = policy(call)
        wrong = unknown(call.account, text) if text else None
        if wrong:
            raise refusal(wrong)
        result = proceed()
        kept = holder(call, result) if text else None
        if kept is not None and isinstance(getattr(kept, attribute), str):
            conditions = service in ("sqs", "sns")
            setattr(kept, attribute, written(getattr(kept, attribute), conditions))
        return result


def _role(call: Call, _: Any) -> Any:
    return call.backend("iam").get_role(call.get("RoleName"))


def _malformed(principal: str) -> Exception:
    return AwsError(
        "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{principal}"'
    )


_register(
    "iam", ("CreateRole",), lambda c: c.get("AssumeRolePolicyDocument"), _role,
    "assume_role_policy_document", _malformed,
)  # fmt: skip
_register(
    "iam", ("UpdateAssumeRolePolicy",), lambda c: c.get("PolicyDocument"), _role,
    "assume_role_policy_document", _malformed,
)  # fmt: skip


def _queue(call: Call, _: Any) -> Any:
    name = str(call.get("QueueUrl") or call.get("QueueName")).rsplit("/", 1)[-1]
    return call.backend("sqs").queues.get(name)


_register(
    "sqs", ("CreateQueue", "SetQueueAttributes"),
    lambda c: (c.get("Attributes") or {}).get("Policy"), _queue, "policy",
    lambda _: AwsError("InvalidAttributeValue", "Invalid value for the parameter Policy."),
)  # fmt: skip


def _topic_policy(call: Call) -> Any:
    if call.operation == "CreateTopic":
        return (call.get("Attributes") or {}).get("Policy")
    return call.get("AttributeValue") if call.get("AttributeName") == "Policy" else None


def _topic(call: Call, _: Any) -> Any:
    arn = call.get("TopicArn") or f"arn:aws:sns:{call.region}:{call.account}:{call.get('Name')}"
    return call.backend("sns").topics.get(arn)


_register(
    "sns", ("CreateTopic", "SetTopicAttributes"), _topic_policy, _topic, "policy",
    lambda _: AwsError("InvalidParameter", "Invalid parameter: Policy Error: PrincipalNotFound"),
)  # fmt: skip


def _key(call: Call, result: Any) -> Any:
    kms = call.backend("kms")
    made = json.loads(result)["KeyMetadata"]["KeyId"] if call.operation == "CreateKey" else None
    return kms.keys[made or kms.any_id_to_key_id(call.get("KeyId"))]


_register(
    "kms", ("CreateKey", "PutKeyPolicy"), lambda c: c.get("Policy"), _key, "policy",
    lambda _: JsonRESTError(
        "MalformedPolicyDocumentException",
        "Policy contains a statement with one or more invalid principals.",
    ),
)  # fmt: skip
_register(
    "ecr", ("SetRepositoryPolicy",), lambda c: c.get("policyText"),
    lambda c, _: c.backend("ecr").repositories.get(c.get("repositoryName")), "policy",
    lambda _: AwsError(
        "InvalidParameterException",
        "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository "
        "policy provided'",
    ),
)  # fmt: skip
_register(
    "secretsmanager", ("PutResourcePolicy",), lambda c: c.get("ResourcePolicy"),
    lambda c, _: c.backend("secretsmanager").secrets.get(c.get("SecretId")), "policy",
    lambda _: JsonRESTError(
        "MalformedPolicyDocumentException",
        "This resource policy contains an unsupported principal.",
    ),
)  # fmt: skip

#: The order in which S3 writes a statement (recordings `s3__s3_api.json`, test_bucket_policy_crud).
_ORDER = (
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
    "NotResource", "Condition",
)  # fmt: skip


def _ordered(text: str) -> str:
    """S3 orders members, and writes a list of one as that one (awspolicyequivalence)."""
    document = _loaded(text)
    if not _statements(document):
        return text
    document["Statement"] = [
        {name: _alone(statement[name]) for name in _ORDER if name in statement}
        for statement in _statements(document)
    ]
    return json.dumps(document, separators=(",", ":"))


def _alone(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _alone(one) for key, one in value.items()}
    return value[0] if isinstance(value, list) and len(value) == 1 else value


_put_bucket_policy = s3_models.S3Backend.put_bucket_policy


def put_bucket_policy(self: s3_models.S3Backend, bucket_name: str, policy: bytes) -> None:
    if unknown(self.account_id, policy):
        raise S3ClientError("MalformedPolicy", "Invalid principal in policy")
    text = policy.decode() if isinstance(policy, bytes) else policy
    _put_bucket_policy(self, bucket_name, _ordered(written(text, conditions=True)).encode())


s3_models.S3Backend.put_bucket_policy = put_bucket_policy  # type: ignore[method-assign]

#: Where moto keeps policies that name principals: service, what holds them, attribute.
_KEPT: tuple[tuple[str, Callable[[Any], Any], str], ...] = (
    ("iam", lambda b: b.roles.values(), "assume_role_policy_document"),
    ("s3", lambda b: b.buckets.values(), "policy"),
    ("sqs", lambda b: b.queues.values(), "policy"),
    ("sns", lambda b: b.topics.values(), "policy"),
    ("kms", lambda b: b.keys.values(), "policy"),
    ("ecr", lambda b: b.repositories.values(), "policy"),
    ("secretsmanager", lambda b: dict.values(b.secrets), "policy"),
)


def _forget(call: Call, arn: str, identifier: str) -> None:
    """Writes the unique id wherever the principal was named."""
    from moto.backends import get_backend

    for service, holders, attribute in _KEPT:
        if f"moto.{service}.models" not in sys.modules:
            continue
        for of_region in dict(get_backend(service)[call.account]).values():
            for holder in holders(of_region):
                kept = getattr(holder, attribute)
                document = _loaded(kept)
                if _changed(document, lambda p: identifier if p == arn else p):
                    text = json.dumps(document, separators=(",", ":"))
                    setattr(holder, attribute, text.encode() if isinstance(kept, bytes) else text)


@around("iam", "DeleteRole", "DeleteUser")
def delete(call: Call, proceed: Proceed) -> Any:
    iam = call.backend("iam")
    role = call.operation == "DeleteRole"
    gone = iam.get_role(call.get("RoleName")) if role else iam.get_user(call.get("UserName"))
    result = proceed()
    _forget(call, gone.arn, gone.id)
    return result

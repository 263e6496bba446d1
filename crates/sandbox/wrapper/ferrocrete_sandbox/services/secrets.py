"""Secrets Manager: what is scheduled for deletion keeps its name; schedules and policies."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.secretsmanager.exceptions import (
    InvalidParameterException,
    InvalidRequestException,
    SecretNotFoundException,
    SecretsManagerClientError,
)

from .. import clock, unkind
from ..events import event
from ..hooks import Call, Proceed, around, backend

#: How long a forced deletion takes.
_DELETION = "secret_deletion"

_init = SecretsManagerClientError.__init__


def _bad_request(self: SecretsManagerClientError, error_type: str, message: str) -> None:
    """Always 400, also for what is not found: recordings `secretsmanager__secretsmanager.json`."""
    self.code = 400
    _init(self, error_type, message)


SecretsManagerClientError.__init__ = _bad_request  # type: ignore[method-assign]


def _marked() -> InvalidRequestException:
    """test_tag_untag_resource_on_deleted_secret of the same recordings."""
    return InvalidRequestException(
        "You can't perform this operation on the secret because it was marked for deletion."
    )


def _secret(call: Call) -> Any:
    return call.backend("secretsmanager").secrets.get(call.get("SecretId") or call.get("Name"))


@around("secretsmanager", "CreateSecret")
def create(call: Call, proceed: Proceed) -> Any:
    """A name that is scheduled for deletion is taken, whatever the token. Names: recordings
    `secretsmanager__secretsmanager.json`, test_invalid_secret_name."""
    if not re.fullmatch(r"[\w/+=.@!-]+", str(call.get("Name")), re.ASCII):
        raise JsonRESTError(
            "ValidationException",
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of "
            "the following: -/_+=.@!",
        )
    secret = _secret(call)
    if secret is not None and secret.is_deleted():
        raise InvalidRequestException(
            "You can't create this secret because a secret with this name is already "
            "scheduled for deletion."
        )
    return proceed()


@around(
    "secretsmanager",
    "UpdateSecret", "PutSecretValue", "TagResource", "UntagResource", "GetSecretValue",
    "UpdateSecretVersionStage", "PutResourcePolicy", "DeleteResourcePolicy", "CancelRotateSecret",
)  # fmt: skip
def change(call: Call, proceed: Proceed) -> Any:
    secret = _secret(call)
    if secret is not None and secret.is_deleted():
        raise _marked()
    if call.operation != "UpdateSecret" or secret is None:
        return proceed()
    # An empty description is a description; moto takes it for none.
    result = proceed()
    if call.get("Description") is not None:
        secret.description = call.get("Description")
    return result


@around("secretsmanager", "DeleteSecret")
def delete(call: Call, proceed: Proceed) -> Any:
    """Even a forced deletion is done in the background, and holds the name meanwhile:
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html"""
    secret = _secret(call)
    force = call.get("ForceDeleteWithoutRecovery")
    if secret is not None and secret.is_deleted() and not force:
        raise InvalidRequestException(
            "You tried to perform the operation on a secret that's currently marked deleted."
        )
    seconds = unkind.seconds(call.account, _DELETION)
    if secret is None or not force or seconds <= 0:
        return proceed()
    at = time.time()
    secret.delete(at)
    secret.sandbox_going = True
    secrets = call.backend("secretsmanager").secrets

    def arrive() -> None:
        if secrets.get(secret.name) is secret:
            secrets.pop(secret.name)

    clock.later(call.account, seconds, arrive)
    return json.dumps({"ARN": secret.arn, "Name": secret.name, "DeletionDate": at})


@around("secretsmanager", "DescribeSecret", "GetSecretValue")
def look(call: Call, proceed: Proceed) -> Any:
    """Whoever meets nothing of this sees no secret that is going (see `unkind.kindly`)."""
    if getattr(_secret(call), "sandbox_going", False) and not unkind.is_on(call.account, _DELETION):
        raise SecretNotFoundException
    secret, result = _secret(call), proceed()
    if call.operation == "GetSecretValue" and secret is not None:
        # The day alone, in UTC.
        secret.sandbox_accessed = int(time.time()) // 86_400 * 86_400
    if hasattr(secret, "sandbox_accessed") and call.operation == "DescribeSecret":
        # Missing in moto: recordings `secretsmanager__secretsmanager.json`,
        # test_create_and_update_secret.
        return json.dumps({**json.loads(result), "LastAccessedDate": secret.sandbox_accessed})
    return result


@around("secretsmanager", "ListSecrets")
def look_through(call: Call, proceed: Proceed) -> Any:
    """Nor does it stand in the list."""
    result = proceed()
    if unkind.is_on(call.account, _DELETION) or not isinstance(result, str):
        return result
    found = json.loads(result)
    secrets = call.backend("secretsmanager").secrets.values()
    going = {s.arn for s in list(secrets) if getattr(s, "sandbox_going", False)}
    found["SecretList"] = [s for s in found.get("SecretList", []) if s["ARN"] not in going]
    return json.dumps(found)


@around("secretsmanager", "RestoreSecret")
def restore(call: Call, proceed: Proceed) -> Any:
    """Not what was deleted by force: there is no way back."""
    if getattr(_secret(call), "sandbox_going", False):
        raise _marked()
    return proceed()


@event("secretsmanager_expire")
def expire(account: str, region: str, values: dict[str, Any]) -> None:
    """The recovery window of a deleted secret is over."""
    backend("secretsmanager", account, region).secrets.pop(values["resource"])


@around("secretsmanager", "ListSecretVersionIds")
def versions(call: Call, proceed: Proceed) -> Any:
    """moto answers the id where the ARN belongs; the key, and no token on the last page: recordings
    `secretsmanager__secretsmanager.json`, test_update_secret_version_stages_current_previous."""
    secret = _secret(call)
    result = proceed()
    if secret is None or not isinstance(result, str):
        return result
    answer = {**json.loads(result), "ARN": secret.arn}
    if not answer.get("NextToken"):
        answer.pop("NextToken", None)
    for version in answer["Versions"]:
        version["KmsKeyIds"] = [secret.kms_key_id or "DefaultEncryptionKey"]
        version.pop("LastAccessedDate", None)
    return json.dumps(answer)


@around("secretsmanager", "RotateSecret")
def rotate(call: Call, proceed: Proceed) -> Any:
    """The schedule is noted; there is no function to call."""
    secret = _secret(call)
    if secret is None:
        return proceed()
    rules = call.get("RotationRules") or {}
    if bool(rules.get("AutomaticallyAfterDays")) == bool(rules.get("ScheduleExpression")):
        raise InvalidParameterException(
            "RotationRules needs either AutomaticallyAfterDays or ScheduleExpression."
        )
    if secret.is_deleted():
        raise _marked()
    secret.rotation_requested = secret.rotation_enabled = True
    secret.rotation_lambda_arn = call.get("RotationLambdaARN") or secret.rotation_lambda_arn
    secret.sandbox_rules = rules
    if call.get("RotateImmediately") is not False:
        secret.last_rotation_date = int(time.time())
    return json.dumps({"ARN": secret.arn, "Name": secret.name})


@around("secretsmanager", "CancelRotateSecret")
def stop_rotating(call: Call, proceed: Proceed) -> Any:
    """Also of what rotates without a function of one's own."""
    secret = _secret(call)
    if secret is None or secret.is_deleted():
        return proceed()
    secret.rotation_enabled = False
    return json.dumps({"ARN": secret.arn, "Name": secret.name})


@around("secretsmanager", "DescribeSecret")
def describe(call: Call, proceed: Proceed) -> Any:
    """moto knows days only, and answers an empty function."""
    secret = _secret(call)
    result = proceed()
    rules = getattr(secret, "sandbox_rules", None)
    if rules is None or not isinstance(result, str):
        return result
    shown = {**json.loads(result), "RotationEnabled": secret.rotation_enabled}
    shown.pop("RotationRules", None)
    if secret.rotation_enabled:
        shown["RotationRules"] = rules
    if not shown.get("RotationLambdaARN"):
        shown.pop("RotationLambdaARN", None)
    return json.dumps(shown)


@around("secretsmanager", "PutResourcePolicy")
def put_policy(call: Call, proceed: Proceed) -> Any:
    """Refused as AWS does: what is no policy, and what is for everybody if so asked."""
    try:
        statements = json.loads(call.get("ResourcePolicy") or "").get("Statement")
    except (ValueError, AttributeError):
        statements = None
    if statements is None:
        raise JsonRESTError("MalformedPolicyDocumentException", "This resource policy is invalid.")
    statements = statements if isinstance(statements, list) else [statements]
    allowed = [s.get("Principal") for s in statements if s.get("Effect") == "Allow"]
    public = any(p == "*" or (isinstance(p, dict) and p.get("AWS") == "*") for p in allowed)
    if public and call.get("BlockPublicPolicy"):
        raise JsonRESTError("PublicPolicyException", "This resource policy grants public access.")
    return proceed()

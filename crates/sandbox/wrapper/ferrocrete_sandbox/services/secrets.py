"""Secrets Manager: what is scheduled for deletion keeps its name."""

from __future__ import annotations

import json
from typing import Any

from moto.secretsmanager.exceptions import InvalidRequestException

from ..hooks import Call, Proceed, around


def _secret(call: Call) -> Any:
    return call.backend("secretsmanager").secrets.get(call.get("SecretId") or call.get("Name"))


@around("secretsmanager", "CreateSecret")
def create(call: Call, proceed: Proceed) -> Any:
    """A name that is scheduled for deletion is taken, whatever the token."""
    secret = _secret(call)
    if secret is not None and secret.is_deleted():
        raise InvalidRequestException(
            "You can't create this secret because a secret with this name is already "
            "scheduled for deletion."
        )
    return proceed()


@around("secretsmanager", "UpdateSecret", "PutSecretValue", "TagResource", "UntagResource")
def change(call: Call, proceed: Proceed) -> Any:
    secret = _secret(call)
    if secret is not None and secret.is_deleted():
        raise InvalidRequestException(
            "You can't perform this operation on the secret because it was marked for deletion."
        )
    if call.operation != "UpdateSecret" or secret is None:
        return proceed()
    # An empty description is a description; moto takes it for none.
    result = proceed()
    if call.get("Description") is not None:
        secret.description = call.get("Description")
    return result


@around("secretsmanager", "ListSecretVersionIds")
def versions(call: Call, proceed: Proceed) -> Any:
    """moto answers the id where the ARN belongs."""
    secret = _secret(call)
    result = proceed()
    if secret is None or not isinstance(result, str):
        return result
    return json.dumps({**json.loads(result), "ARN": secret.arn})

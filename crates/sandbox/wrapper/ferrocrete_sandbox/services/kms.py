"""KMS: what is refused in a key's states, and how often a key rotates."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.utils import utcnow
from moto.kms.models import Key

from ..hooks import Call, Proceed, around

#: Days between rotations, unless told otherwise.
_YEAR = 365


_to_dict = Key.to_dict


def _shown(self: Key) -> dict[str, Any]:
    """With the id of its material: recordings `kms__kms.json`, test_create_key."""
    shown = _to_dict(self)
    if self.key_spec == "SYMMETRIC_DEFAULT":
        material = uuid.uuid5(uuid.NAMESPACE_URL, self.arn).hex * 2
        shown["KeyMetadata"]["CurrentKeyMaterialId"] = material
    return shown


Key.to_dict = _shown  # type: ignore[method-assign]


def _key(call: Call) -> Any:
    kms = call.backend("kms")
    name = str(call.get("KeyId") or call.get("TargetKeyId") or "")
    return kms.keys.get(kms.any_id_to_key_id(name)) if name else None


def _refuse_going(key: Any) -> None:
    if key is not None and key.key_state == "PendingDeletion":
        raise JsonRESTError("KMSInvalidStateException", f"{key.arn} is pending deletion.")


def _refuse_disabled(key: Any) -> None:
    if key is not None and not key.enabled:
        raise JsonRESTError("DisabledException", f"{key.arn} is disabled.")


def _refuse_kind(key: Any) -> None:
    if key is not None and key.key_spec != "SYMMETRIC_DEFAULT":
        raise JsonRESTError("UnsupportedOperationException", f"{key.arn} does not rotate.")


@around("kms", "CreateKey")
def create(call: Call, proceed: Proceed) -> Any:
    """A key is for encryption unless it says otherwise."""
    _check_policy(call.get("Policy"))
    answer = json.loads(proceed())
    key = call.backend("kms").keys[answer["KeyMetadata"]["KeyId"]]
    if not key.key_usage:
        key.key_usage = "ENCRYPT_DECRYPT"
    if key.multi_region is None:
        key.multi_region = False
    return json.dumps(key.to_dict())


def _check_policy(policy: str | None) -> None:
    try:
        document = {} if policy is None else json.loads(policy)
    except ValueError:
        document = None
    if policy is not None and not (isinstance(document, dict) and document.get("Statement")):
        raise JsonRESTError("MalformedPolicyDocumentException", "The policy is not valid.")


@around("kms", "PutKeyPolicy")
def put_policy(call: Call, proceed: Proceed) -> Any:
    _refuse_going(_key(call))
    _check_policy(call.get("Policy"))
    return proceed()


@around(
    "kms",
    "UpdateKeyDescription", "EnableKey", "DisableKey", "TagResource", "UntagResource",
    "ScheduleKeyDeletion", "CreateAlias", "UpdateAlias",
)  # fmt: skip
def refuse_going(call: Call, proceed: Proceed) -> Any:
    _refuse_going(_key(call))
    return proceed()


@around("kms", "EnableKeyRotation", "DisableKeyRotation")
def rotate(call: Call, proceed: Proceed) -> Any:
    key = _key(call)
    _refuse_going(key)
    _refuse_disabled(key)
    _refuse_kind(key)
    result = proceed()
    if call.operation == "EnableKeyRotation":
        days = call.get("RotationPeriodInDays")
        if days is not None and not 90 <= days <= 2560:
            raise JsonRESTError("ValidationException", "RotationPeriodInDays is out of range.")
        key.sandbox_days = days or getattr(key, "sandbox_days", _YEAR)
    return result


@around("kms", "GetKeyRotationStatus")
def rotation(call: Call, proceed: Proceed) -> Any:
    key = _key(call)
    _refuse_going(key)
    _refuse_kind(key)
    answer = json.loads(proceed())
    if answer.get("KeyRotationEnabled"):
        days = getattr(key, "sandbox_days", _YEAR)
        answer["RotationPeriodInDays"] = days
        answer["NextRotationDate"] = (utcnow() + timedelta(days=days)).timestamp()
    return json.dumps({"KeyId": key.id, **answer})


@around("kms", "CreateAlias")
def create_alias(call: Call, proceed: Proceed) -> Any:
    """Recordings `kms__kms.json`, test_create_alias."""
    if not str(call.get("AliasName")).startswith("alias/"):
        raise JsonRESTError(
            "ValidationException",
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        )
    if str(call.get("AliasName")).startswith("alias/aws/"):
        # https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html: reserved
        raise JsonRESTError("NotAuthorizedException", "")
    return proceed()

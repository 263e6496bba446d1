"""STS: whom a role's trust policy lets in, and for how long."""

from __future__ import annotations

import json
from typing import Any, Iterator

from ..hooks import AwsError, Call, Proceed, around, backend

_USUAL = 3_600


@around("sts", "AssumeRole")
def assume(call: Call, proceed: Proceed) -> Any:
    """External id: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html,
    session tags: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html, duration:
    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html. A role that moto does not
    know is left to moto, which lets anybody be anybody."""
    arn = str(call.get("RoleArn"))
    roles = backend("iam", arn.split(":")[4], call.region).roles.values()
    role = next((role for role in roles if role.arn == arn), None)
    if role is None:
        return proceed()
    statements = list(_statements(role.assume_role_policy_document))
    if not any(_fits(one, call) for one in statements):
        raise _denied("sts:AssumeRole", arn, call)
    if call.get("Tags") and not any("sts:TagSession" in _list(one["Action"]) for one in statements):
        raise _denied("sts:TagSession", arn, call)
    seconds = int(call.get("DurationSeconds") or _USUAL)
    if seconds > int(role.max_session_duration or _USUAL):
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    return proceed()


def _statements(document: Any) -> Iterator[dict[str, Any]]:
    found = json.loads(document or "{}").get("Statement") or []
    for one in _list(found):
        if one.get("Effect") == "Allow" and "Action" in one:
            yield one


def _fits(statement: dict[str, Any], call: Call) -> bool:
    if "sts:AssumeRole" not in _list(statement["Action"]):
        return False
    asked = ((statement.get("Condition") or {}).get("StringEquals") or {}).get("sts:ExternalId")
    return asked is None or call.get("ExternalId") in _list(asked)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _denied(action: str, arn: str, call: Call) -> AwsError:
    who = f"arn:aws:iam::{call.account}:root"
    return AwsError(
        "AccessDenied", f"User: {who} is not authorized to perform: {action} on resource: {arn}"
    )

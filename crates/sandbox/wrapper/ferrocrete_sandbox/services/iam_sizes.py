"""IAM: how long policies may be.

The numbers, and that white space does not count:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
Words: docker/docs#6218 (managed), kops#12558 (inline).
"""

from __future__ import annotations

import re
from typing import Any

from ..hooks import AwsError, Call, Proceed, around

_MANAGED = 6_144
_TRUST = 2_048
#: All inline policies of one together.
_INLINE = {"role": 10_240, "user": 2_048, "group": 5_120}


def _size(document: Any) -> int:
    return len(re.sub(r"\s", "", str(document or "")))


@around("iam", "CreatePolicy", "CreatePolicyVersion")
def managed(call: Call, proceed: Proceed) -> Any:
    if _size(call.get("PolicyDocument")) > _MANAGED:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for PolicySize: {_MANAGED}")
    return proceed()


@around("iam", "CreateRole", "UpdateAssumeRolePolicy")
def trust(call: Call, proceed: Proceed) -> Any:
    document = call.get("AssumeRolePolicyDocument") or call.get("PolicyDocument")
    if _size(document) > _TRUST:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {_TRUST}")
    return proceed()


@around("iam", "PutRolePolicy", "PutUserPolicy", "PutGroupPolicy")
def inline(call: Call, proceed: Proceed) -> Any:
    """One that is there already is replaced, and does not count."""
    kind = call.operation.removeprefix("Put").removesuffix("Policy").lower()
    name = call.get(f"{kind.capitalize()}Name")
    holder = getattr(call.backend("iam"), f"get_{kind}")(name)
    others = {k: v for k, v in _policies(holder).items() if k != call.get("PolicyName")}
    size = sum(map(_size, [*others.values(), call.get("PolicyDocument")]))
    if size > _INLINE[kind]:
        raise AwsError(
            "LimitExceeded",
            f"Maximum policy size of {_INLINE[kind]} bytes exceeded for {kind} {name}",
        )
    return proceed()


def _policies(holder: Any) -> dict[str, Any]:
    return dict(holder.policies or {})

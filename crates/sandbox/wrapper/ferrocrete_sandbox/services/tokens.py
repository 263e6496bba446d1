"""Idempotency tokens: the same token gives the first answer again."""

from __future__ import annotations

import copy
import json
from typing import Any

from ..hooks import AwsError, Call, Proceed
from . import memory


def idempotent(
    call: Call,
    proceed: Proceed,
    token_name: str,
    mismatch: str = "IdempotentParameterMismatch",
) -> Any:
    """Answers a repeated call as the first time, and refuses other parameters."""
    params = dict(call.params)
    token = params.pop(token_name, None)
    if not token:
        return proceed()
    params.pop("DryRun", None)
    seen = memory.table(call.account, f"token:{call.operation}:{call.region}")
    digest = json.dumps(params, sort_keys=True, default=str)
    if token in seen:
        first_digest, result = seen[token]
        if digest != first_digest:
            raise AwsError(
                mismatch,
                f"Arguments on this idempotent request are inconsistent with arguments "
                f"used in previous request(s) with the token {token}.",
            )
        return result
    result = proceed()
    seen[token] = (copy.copy(digest), result)
    return result

"""Systems Manager: parameters that AWS would refuse."""

from __future__ import annotations

import re
from typing import Any

from ..hooks import AwsError, Call, Proceed, around


@around("ssm", "PutParameter")
def put(call: Call, proceed: Proceed) -> Any:
    versions = call.backend("ssm")._parameters.get(call.get("Name")) or []
    before = versions[-1] if versions else None
    if before and before.tier == "Advanced" and call.get("Tier") == "Standard":
        raise AwsError(
            "ValidationException",
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter "
            "from the advanced-parameter tier to the standard-parameter tier.",
        )
    pattern = call.get("AllowedPattern")
    if pattern is None and before:
        pattern = before.allowed_pattern
    if pattern and not re.search(pattern, call.get("Value") or ""):
        raise AwsError(
            "ParameterPatternMismatchException", "Parameter value failed to satisfy the pattern."
        )
    return proceed()

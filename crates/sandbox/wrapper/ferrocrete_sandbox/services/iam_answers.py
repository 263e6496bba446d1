"""IAM: what the answer to a create does not have yet, although a look at it does."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import ManagedPolicy

from ..hooks import Call, Proceed, around, result_of

#: Recordings `iam__iam.json`, test_role_with_path_lifecycle.
_LATER = ("max_session_duration", "role_last_used")


class _New:
    """A role without what only later answers tell."""

    def __init__(self, role: Any):
        self._role = role

    def __getattr__(self, name: str) -> Any:
        if name in _LATER:
            raise AttributeError(name)
        return getattr(self._role, name)


# Missing in moto: recordings `iam__iam.json`, test_role_attach_policy.
ManagedPolicy.permissions_boundary_usage_count = 0  # type: ignore[attr-defined]


@around("iam", "CreateRole")
def create_role(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    role = result_of(result, "Role")
    return result if role is None else ActionResult({"Role": _New(role)})

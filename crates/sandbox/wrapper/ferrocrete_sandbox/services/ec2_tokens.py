"""Idempotency tokens of EC2."""

from __future__ import annotations

from typing import Any

from ..hooks import Call, Proceed, around
from .tokens import idempotent


@around(
    "ec2",
    "RunInstances",
    "CreateFlowLogs",
    "CreateNatGateway",
    "CreateVpcEndpoint",
    "CreateLaunchTemplate",
)
def client_token(call: Call, proceed: Proceed) -> Any:
    """The same token gives the same resource, even after it is gone."""
    return idempotent(call, proceed, "ClientToken")

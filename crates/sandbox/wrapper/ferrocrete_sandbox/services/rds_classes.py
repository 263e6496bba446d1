"""RDS: classes of databases that exist."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from moto.core.utils import get_service_model

from ..hooks import AwsError, Call, Proceed, around


@lru_cache(maxsize=None)
def _machines() -> frozenset[str]:
    """EC2's types, of which those of RDS are made."""
    return frozenset(get_service_model("ec2").shape_for("InstanceType").enum)


@around("rds", "CreateDBInstance", "CreateDBInstanceReadReplica", "ModifyDBInstance")
def classes(call: Call, proceed: Proceed) -> Any:
    """Words: ryanmurakami/trash-panda-buffet#5; classes are EC2's types, perhaps with an addition:
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html"""
    wanted = call.get("DBInstanceClass")
    if wanted is None or wanted == "db.serverless":
        return proceed()
    prefix, _, machine = str(wanted).partition(".")
    if prefix != "db" or ".".join(machine.split(".")[:2]) not in _machines():
        raise AwsError("InvalidParameterValue", f"Invalid DB Instance class: {wanted}")
    return proceed()

"""What RDS does by itself, when a test says so: `POST events`.

Upgrades: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html
Storage: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
Failover: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html
"""

from __future__ import annotations

from typing import Any

from ..events import event
from ..hooks import backend
from . import rds, rds_settings


def _database(account: str, region: str, values: dict[str, Any]) -> Any:
    return backend("rds", account, region).databases[values["resource"]]


@event("rds_upgrade")
def upgrade(account: str, region: str, values: dict[str, Any]) -> None:
    """The minor version rises in the maintenance window."""
    _database(account, region, values).engine_version = values["to"]


@event("rds_grow")
def grow(account: str, region: str, values: dict[str, Any]) -> None:
    """Storage that is nearly full grows."""
    database = _database(account, region, values)
    database.allocated_storage = int(values["to"])
    rds_settings.storage(database)


@event("rds_failover")
def fail_over(account: str, region: str, values: dict[str, Any]) -> None:
    """The other zone takes over."""
    database = _database(account, region, values)
    first, second = database.availability_zone, database.secondary_availability_zone
    database.availability_zone, database.secondary_availability_zone = second, first


@event("rds_backup")
def back_up(account: str, region: str, values: dict[str, Any]) -> None:
    """The backup window begins; the backup takes `seconds`."""
    rds.back_up(account, _database(account, region, values), float(values["seconds"]))

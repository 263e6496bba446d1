"""Read replicas: databases of their own, which take a while to be made and promoted."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult

from .. import clock
from ..hooks import AwsError, Call, Proceed, around
from . import rds_settings


def _source(call: Call, name: str) -> Any:
    database = call.backend("rds").databases.get(name.rsplit(":", 1)[-1])
    if database is None:
        raise AwsError("DBInstanceNotFound", f"DBInstance {name} not found.")
    return database


@around("rds", "CreateDBInstanceReadReplica")
def create(call: Call, proceed: Proceed) -> Any:
    rds, name = call.backend("rds"), call.get("DBInstanceIdentifier")
    source = _source(call, call.get("SourceDBInstanceIdentifier"))
    if name in rds.databases:
        raise AwsError("DBInstanceAlreadyExists", "DB instance already exists")
    if not source.backup_retention_period:
        raise AwsError(
            "InvalidDBInstanceState",
            "Automated backups are not enabled for this database instance. To enable automated "
            "backups, use ModifyDBInstance to set the backup retention period to a non-zero "
            "value.",
        )
    if source.status != "available":
        raise AwsError(
            "InvalidDBInstanceState", "Source database instance is not in available state."
        )
    result = proceed()
    replica = rds.databases[name]
    source_name = source.db_instance_identifier
    source.replicas = [r for r in source.replicas if r.rsplit(":", 1)[-1] != name] + [name]
    replica.source_db_instance_identifier = source_name
    replica.backup_retention_period = 0
    rds_settings.forget_origin(call, replica)
    replica.status = "creating"
    clock.slowly(call.account, "rds", lambda: _arrive(replica, "creating"))
    return result


def _arrive(database: Any, expected: str) -> None:
    if database.status == expected:
        database.status = "available"


@around("rds", "PromoteReadReplica")
def promote(call: Call, proceed: Proceed) -> Any:
    database = _source(call, call.get("DBInstanceIdentifier"))
    if not database.is_replica or database.status != "available":
        raise AwsError(
            "InvalidDBInstanceState",
            f"DB instance {database.db_instance_identifier} is no read replica, or is "
            f"{database.status}.",
        )
    days = call.get("BackupRetentionPeriod")
    window = call.get("PreferredBackupWindow")
    database.status = "modifying"

    def arrive() -> None:
        source = call.backend("rds").databases.get(database.source_db_instance_identifier)
        if source is not None:
            source.remove_replica(database)
        database.is_replica = False
        database.source_db_instance_identifier = None
        database.backup_retention_period = 1 if days is None else days
        database.preferred_backup_window = window or database.preferred_backup_window
        _arrive(database, "modifying")

    clock.slowly(call.account, "rds", arrive)
    return ActionResult({"DBInstance": database})


@around("rds", "DeleteDBInstance")
def delete(call: Call, proceed: Proceed) -> Any:
    """No last snapshot is made of a replica."""
    database = _source(call, call.get("DBInstanceIdentifier"))
    if database.is_replica and call.get("FinalDBSnapshotIdentifier"):
        raise AwsError(
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier cannot be specified when deleting a read replica.",
        )
    return proceed()

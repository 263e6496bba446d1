"""Databases from snapshots and points in time: they take a while, and begin with settings of their own.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html
"""

from __future__ import annotations

from typing import Any

from ..hooks import AwsError, Call, Proceed, around, result_of
from . import rds, rds_settings


@around("rds", "RestoreDBInstanceFromDBSnapshot")
def from_snapshot(call: Call, proceed: Proceed) -> Any:
    name = str(call.get("DBSnapshotIdentifier")).rsplit(":", 1)[-1]
    snapshot = call.backend("rds").database_snapshots.get(name)
    if snapshot is None:
        raise AwsError("DBSnapshotNotFound", f"DBSnapshot {name} not found.")
    return _restore(call, proceed, snapshot.database)


@around("rds", "RestoreDBInstanceToPointInTime")
def to_point(call: Call, proceed: Proceed) -> Any:
    source = _source(call)
    if not source.backup_retention_period:
        raise AwsError(
            "PointInTimeRestoreNotEnabled",
            f"Point in time restore is not enabled for {source.db_instance_identifier}.",
        )
    if bool(call.get("UseLatestRestorableTime")) == bool(call.get("RestoreTime")):
        raise AwsError(
            "InvalidParameterCombination",
            "Either RestoreTime or UseLatestRestorableTime must be specified, not both.",
        )
    params = call.response.params
    params["SourceDBInstanceIdentifier"] = source.db_instance_identifier
    params["DBInstanceIdentifier"] = call.get("TargetDBInstanceIdentifier")
    return _restore(call, proceed, source)


def _source(call: Call) -> Any:
    name, identifier = call.get("SourceDBInstanceIdentifier"), call.get("SourceDbiResourceId")
    for database in call.backend("rds").databases.values():
        if name == database.db_instance_identifier or identifier == database.dbi_resource_id:
            return database
    raise AwsError("DBInstanceNotFound", f"DBInstance {name or identifier} not found.")


def _restore(call: Call, proceed: Proceed, origin: Any) -> Any:
    params = call.response.params
    if params.get("Engine") not in (None, origin.engine):
        raise AwsError(
            "InvalidParameterCombination",
            f"The engine {params['Engine']} is not that of the origin, {origin.engine}.",
        )
    result = proceed()
    database = result_of(result, "DBInstance")
    rds_settings.forget_origin(call, database)
    rds.begin(call, database)
    return result

"""Databases: creating, modifying and deleting take a while, and are refused as on RDS."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult

from .. import clock, unkind
from ..hooks import AwsError, Call, Proceed, around, result_of
from . import rds_engines, rds_settings

_LATE = "rds_late_modify"
_BACKUP = "rds_backup"


def _database(call: Call) -> Any:
    name = call.get("DBInstanceIdentifier") or ""
    database = call.backend("rds").databases.get(name)
    if database is None:
        raise AwsError("DBInstanceNotFound", f"DBInstance {name} not found.")
    return database


def _invalid_state() -> AwsError:
    return AwsError("InvalidDBInstanceState", "Database instance is not in available state.")


@around("rds", "CreateDBInstance")
def create(call: Call, proceed: Proceed) -> Any:
    params = call.response.params
    if params.get("EngineVersion") or not params.get("DBClusterIdentifier"):
        params["EngineVersion"] = rds_engines.resolve(
            params.get("Engine"), params.get("EngineVersion")
        )
    _check_new(call)
    result = proceed()
    database = result_of(result, "DBInstance")
    rds_settings.complete(call, database)
    begin(call, database)
    return result


def begin(call: Call, database: Any) -> None:
    """A new database takes a while to be made, and is then backed up."""
    database.status = "creating"
    clock.slowly(call.account, "rds", lambda: _first_backup(call.account, database))


def _arrive(database: Any, expected: str) -> None:
    if database.status == expected:
        database.status = "available"


def _first_backup(account: str, database: Any) -> None:
    """A new database with backups is backed up before it is available:
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html"""
    _arrive(database, "creating")
    if database.backup_retention_period:
        back_up(account, database, unkind.seconds(account, _BACKUP))


def back_up(account: str, database: Any, seconds: float) -> None:
    """The database is `backing-up` for so long, and takes no change meanwhile."""
    if database.status == "available" and seconds > 0:
        database.status = "backing-up"
        clock.later(account, seconds, lambda: _arrive(database, "backing-up"))


def _check_new(call: Call) -> None:
    """What RDS refuses at once, and moto accepts."""
    password = call.get("MasterUserPassword")
    clustered = call.get("DBClusterIdentifier")
    managed = call.get("ManageMasterUserPassword")
    if not clustered and not managed and not password:
        raise AwsError(
            "InvalidParameterValue",
            "The parameter MasterUserPassword must be provided and must not be blank.",
        )
    if managed and password:
        raise AwsError(
            "InvalidParameterCombination",
            "You can't specify MasterUserPassword for an instance that manages its password.",
        )
    _check_password(password)
    _check_groups(call, call.get("DBSubnetGroupName"))


def _check_password(password: str | None) -> None:
    if password is not None and (len(password) < 8 or any(c in password for c in '/@" ')):
        raise AwsError(
            "InvalidParameterValue",
            "The parameter MasterUserPassword is not a valid password because it is shorter "
            "than 8 characters, or has one of '/', '@', '\"', ' '.",
        )


def _check_groups(call: Call, subnet_group: str | None) -> None:
    ec2, rds = call.backend("ec2"), call.backend("rds")
    group = rds.subnet_groups.get((subnet_group or "").lower())
    for identifier in call.get("VpcSecurityGroupIds") or []:
        security_group = ec2.get_security_group_from_id(identifier)
        if security_group is None:
            raise AwsError(
                "InvalidParameterValue", f"Invalid security group, groupId= {identifier}"
            )
        if group is not None and group.vpc_id != security_group.vpc_id:
            raise AwsError(
                "InvalidParameterCombination",
                "The DB instance and EC2 security group are in different VPCs.",
            )


@around("rds", "ModifyDBInstance")
def modify(call: Call, proceed: Proceed) -> Any:
    """Some settings change at once; the others when asked, or in the maintenance window."""
    database = _database(call)
    if database.status not in ("available", "stopped", "storage-optimization"):
        raise _invalid_state()
    _check_asks_for_something(call, database)
    _check_password(call.get("MasterUserPassword"))
    group = getattr(database, "db_subnet_group", None)
    _check_groups(call, group.name if group else None)
    params = call.response.params
    if params.get("EngineVersion"):
        params["EngineVersion"] = rds_engines.resolve(database.engine, params["EngineVersion"])
    _check_growth(call, database)
    now = bool(call.get("ApplyImmediately"))
    held = rds_settings.hold_back(call, database)
    former = database.db_parameter_group_name
    if call.get("DBParameterGroupName") not in (None, former):
        database.sandbox_parameters = "pending-reboot"
        _hold_former_group(call, database, former)
    result = proceed()
    rds_settings.change(call, database)
    due = frozenset(held) if now else rds_settings.AT_ONCE & frozenset(held)
    if due:
        # For up to a minute the database looks as if nothing had been asked for, but for what is
        # pending: TF: `internal/service/rds/instance.go`, which waits before it looks.
        late = unkind.seconds(call.account, _LATE)
        clock.later(call.account, late, lambda: _start_modifying(call.account, database, due))
    return result


def _check_asks_for_something(call: Call, database: Any) -> None:
    """A call that changes nothing, and has nothing to apply: crossplane-contrib/provider-aws#1795."""
    how = {"DBInstanceIdentifier", "ApplyImmediately", "AllowMajorVersionUpgrade"}
    asked = {name for name, value in call.params.items() if value is not None} - how
    waiting = call.get("ApplyImmediately") and getattr(database, "sandbox_pending", {})
    if not asked and not waiting:
        raise AwsError("InvalidParameterCombination", "No modifications were requested")


def _start_modifying(account: str, database: Any, due: frozenset[str]) -> None:
    if database.status not in ("available", "stopped", "storage-optimization"):
        return
    database.status = "modifying"

    def arrive() -> None:
        rds_settings.apply(database, due)
        _arrive(database, "modifying")

    clock.slowly(account, "rds", arrive)


def _hold_former_group(call: Call, database: Any, former: str) -> None:
    """The former parameter group has its member for a while (TF retries its delete for minutes:
    `internal/service/rds/parameter_group.go`)."""
    held = getattr(database, "sandbox_former_groups", [])
    database.sandbox_former_groups = [*held, former]
    late = unkind.seconds(call.account, _LATE)
    clock.later(call.account, late, lambda: database.sandbox_former_groups.remove(former))


def _check_growth(call: Call, database: Any) -> None:
    """Storage does not shrink, and versions do not go back."""
    size, kind = call.get("AllocatedStorage"), call.get("StorageType") or database.storage_type
    if size is not None and size < database.allocated_storage:
        raise AwsError(
            "InvalidParameterCombination",
            f"Invalid storage size for engine name {database.engine} and storage type {kind}: "
            f"{size}",
        )
    wanted, now = call.response.params.get("EngineVersion"), database.engine_version
    if wanted and rds_engines.number(wanted) < rds_engines.number(now):
        raise AwsError(
            "InvalidParameterCombination",
            f"Cannot upgrade {database.engine} from {now} to {wanted}",
        )
    family = rds_engines.family
    major = wanted and family(database.engine, wanted) != family(database.engine, now)
    if major and not call.get("AllowMajorVersionUpgrade"):
        raise AwsError(  # aws-controllers-k8s/community#1265
            "InvalidParameterCombination",
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major "
            "version.",
        )


@around("rds", "RebootDBInstance")
def reboot(call: Call, proceed: Proceed) -> Any:
    database = _database(call)
    if database.status != "available":
        raise _invalid_state()
    database.status = "rebooting"

    def arrive() -> None:
        database.sandbox_parameters = "in-sync"
        _arrive(database, "rebooting")

    clock.slowly(call.account, "rds", arrive)
    return proceed()


@around("rds", "StopDBInstance", "StartDBInstance")
def stop_or_start(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    database = result_of(result, "DBInstance")
    after = database.status
    between = "stopping" if after == "stopped" else "starting"
    database.status = between

    def arrive() -> None:
        if database.status == between:
            database.status = after

    clock.slowly(call.account, "rds", arrive)
    return result


@around("rds", "DeleteDBInstance")
def delete(call: Call, proceed: Proceed) -> Any:
    """The instance is described as `deleting` until it is gone, and holds what it uses."""
    database = _database(call)
    if database.status == "deleting":
        raise AwsError(
            "InvalidDBInstanceState",
            f"Instance {database.db_instance_identifier} is already being deleted.",
        )
    if database.deletion_protection:
        raise AwsError(
            "InvalidParameterCombination",
            "Cannot delete protected DB Instance, please disable deletion protection and "
            "try again.",
        )
    skip, snapshot = call.get("SkipFinalSnapshot"), call.get("FinalDBSnapshotIdentifier")
    if bool(skip) == bool(snapshot) and not call.get("DBClusterIdentifier"):
        clustered = database.db_cluster_identifier is not None
        if not (clustered and not snapshot):
            raise AwsError(
                "InvalidParameterCombination",
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified, "
                "and cannot be specified with it.",
            )
    parameters = call.response.params
    rds = call.backend("rds")
    if snapshot and database.status == "creating":
        raise AwsError(
            "InvalidDBInstanceState",
            f"Instance {database.db_instance_identifier} is currently creating - a final snapshot "
            "cannot be taken.",
        )
    if snapshot:
        rds.validate_db_snapshot_identifier(
            snapshot, parameter_name="FinalDBSnapshotIdentifier"
        )
        rds.create_db_snapshot(
            database.db_instance_identifier, snapshot, snapshot_type="manual"
        )
    database.status = "deleting"
    backups = parameters.get("DeleteAutomatedBackups")

    def arrive() -> None:
        rds.delete_db_instance(
            database.db_instance_identifier,
            skip_final_snapshot=True,
            delete_automated_backups=True if backups is None else backups,
        )

    clock.slowly(call.account, "rds", arrive)
    return ActionResult({"DBInstance": database})

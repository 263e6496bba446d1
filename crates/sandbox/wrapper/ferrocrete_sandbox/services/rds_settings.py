"""What was sent to RDS is read back; what waits for the maintenance window is pending."""

from __future__ import annotations

import uuid
from typing import Any

from moto.rds.models import DBInstance

from ..hooks import Call
from . import rds_engines

#: Wait for the maintenance window unless `ApplyImmediately`: parameter -> attribute.
_PENDING = {
    "DBInstanceClass": "db_instance_class",
    "AllocatedStorage": "allocated_storage",
    "EngineVersion": "engine_version",
    "MultiAZ": "multi_az",
    "Iops": "iops",
    "StorageType": "storage_type",
    "StorageThroughput": "storage_throughput",
    "MasterUserPassword": "master_user_password",
    "LicenseModel": "license_model",
    "CACertificateIdentifier": "ca_certificate_identifier",
    "DBPortNumber": "port",
    "EnableIAMDatabaseAuthentication": "enable_iam_database_authentication",
    "BackupRetentionPeriod": "backup_retention_period",
}
#: Of these, what AWS applies at once, whatever `ApplyImmediately` says.
AT_ONCE = frozenset({"MasterUserPassword", "DBPortNumber"})
#: Shown under another name while pending.
_SHOWN = {
    "DBPortNumber": "Port",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
}
#: What a copy has as every new database, not from its source: parameter -> attribute, value.
_OWN: dict[str, tuple[str, Any]] = {
    "MultiAZ": ("multi_az", False),
    "DeletionProtection": ("deletion_protection", False),
    "CopyTagsToSnapshot": ("copy_tags_to_snapshot", False),
    "EnableIAMDatabaseAuthentication": ("enable_iam_database_authentication", False),
    "MonitoringInterval": ("monitoring_interval", 0),
    "MonitoringRoleArn": ("monitoring_role_arn", None),
    "EnablePerformanceInsights": ("performance_insights_enabled", False),
    "PerformanceInsightsKMSKeyId": ("performance_insights_kms_key_id", None),
}
_LICENSES = {"postgres": "postgresql-license", "mysql": "general-public-license"}


def complete(call: Call, database: Any) -> None:
    """Fills in what moto forgets or invents."""
    params = call.params
    database.dbi_resource_id = f"db-{uuid.uuid4().hex[:26].upper()}"
    database.sandbox_parameters = "in-sync"
    if params.get("CACertificateIdentifier") is None:
        database.ca_certificate_identifier = "rds-ca-rsa2048-g1"
    if params.get("LicenseModel") is None and database.db_cluster_identifier is None:
        database.license_model = _LICENSES.get(database.engine, "general-public-license")
    database.publicly_accessible = bool(params.get("PubliclyAccessible"))
    database.max_allocated_storage_given = params.get("MaxAllocatedStorage")
    database.network_type = params.get("NetworkType") or "IPV4"
    database.dedicated_log_volume = bool(params.get("DedicatedLogVolume"))
    database.backup_target = params.get("BackupTarget") or "region"
    database.customer_owned_ip_enabled = False
    database.activity_stream_status = "stopped"
    if params.get("MultiAZ"):
        database.secondary_availability_zone = f"{call.region}b"
    group = getattr(database, "db_subnet_group", None)
    zones = [s.availability_zone for s in group._subnets] if group else []
    if zones and params.get("AvailabilityZone") is None:
        database.availability_zone = zones[0]
    storage(database)
    change(call, database)


def forget_origin(call: Call, copy: Any) -> None:
    """A replica or a restored database has these settings as a new one, not from its origin."""
    for parameter, (attribute, value) in _OWN.items():
        given = call.get(parameter)
        setattr(copy, attribute, value if given is None else given)
    copy.__dict__.pop("master_user_secret", None)
    copy.manage_master_user_password = False
    copy.tags = list(call.get("Tags") or [])
    copy.enabled_cloudwatch_logs_exports = list(call.get("EnableCloudwatchLogsExports") or [])
    copy.performance_insights_retention_period = None
    copy.sandbox_pending, copy.pending_modified_values = {}, {}
    complete(call, copy)


def storage(database: Any) -> None:
    """gp3 has IOPS and throughput even when none were asked for."""
    if database.db_cluster_identifier is None and database.storage_type == "gp3":
        large = database.allocated_storage >= 400
        database.iops = database.iops or (12000 if large else 3000)
        database.storage_throughput = database.storage_throughput or (500 if large else 125)


def change(call: Call, database: Any) -> None:
    """Settings that moto keeps under other names or not at all. They apply at once."""
    params = call.params
    enabled = params.get("EnablePerformanceInsights")
    if enabled is not None:
        database.performance_insights_enabled = enabled
        if not enabled:
            database.performance_insights_retention_period = None
            database.performance_insights_kms_key_id = None
    if getattr(database, "performance_insights_enabled", None) is None:
        database.performance_insights_enabled = False
    if database.performance_insights_enabled:
        kept = getattr(database, "performance_insights_retention_period", None)
        database.performance_insights_retention_period = (
            params.get("PerformanceInsightsRetentionPeriod") or kept or 7
        )
        key = params.get("PerformanceInsightsKMSKeyId")
        if key:
            database.performance_insights_kms_key_id = key
    for name, attribute in (
        ("DatabaseInsightsMode", "database_insights_mode"),
        ("NetworkType", "network_type"),
        ("DedicatedLogVolume", "dedicated_log_volume"),
        ("MaxAllocatedStorage", "max_allocated_storage_given"),
    ):
        if params.get(name) is not None:
            setattr(database, attribute, params[name])
    if getattr(database, "database_insights_mode", None) is None:
        database.database_insights_mode = "standard"
    interval = params.get("MonitoringInterval")
    if interval == 0:
        database.monitoring_role_arn = None


def hold_back(call: Call, database: Any) -> dict[str, Any]:
    """Takes what must wait out of the call, and notes it as pending."""
    params = call.response.params
    held = dict(getattr(database, "sandbox_pending", {}))
    for name, attribute in _PENDING.items():
        if params.get(name) is None:
            continue
        value = params[name]
        if name == "BackupRetentionPeriod" and value and database.backup_retention_period:
            # Only turning backups on or off waits: "from one non-zero value to another non-zero
            # value, the change is asynchronously applied as soon as possible" (ModifyDBInstance).
            continue
        del params[name]
        if name == "MasterUserPassword" or value != getattr(database, attribute, None):
            held[name] = value
        else:
            held.pop(name, None)
    database.sandbox_pending = held
    _show(database)
    return held


def _show(database: Any) -> None:
    database.pending_modified_values = {
        _SHOWN.get(name, name): "****" if name == "MasterUserPassword" else value
        for name, value in database.sandbox_pending.items()
    }


def apply(database: Any, names: frozenset[str]) -> None:
    """Makes these of the pending settings real."""
    pending = getattr(database, "sandbox_pending", {})
    held = {name: value for name, value in pending.items() if name in names}
    for name, value in held.items():
        setattr(database, _PENDING[name], value)
    if "MultiAZ" in held:
        zone = f"{database.region}b" if held["MultiAZ"] else None
        database.secondary_availability_zone = zone
    if "StorageType" in held or "AllocatedStorage" in held:
        storage(database)
    database.sandbox_pending = {n: v for n, v in pending.items() if n not in held}
    _show(database)


def _parameter_groups(self: DBInstance) -> list[dict[str, Any]]:
    status = getattr(self, "sandbox_parameters", "in-sync")
    return [
        {"DBParameterGroupName": group.name, "ParameterApplyStatus": status}
        for group in self.db_parameter_groups()
    ]


def _family(self: DBInstance) -> tuple[str, str]:
    family = rds_engines.family(self.engine.lower(), str(self.engine_version))
    return family, f"default.{family}"


def _endpoint(self: DBInstance) -> dict[str, Any] | None:
    """There is none until the instance is up."""
    if self.status == "creating":
        return None
    return {"Address": self.address, "Port": self.port, "HostedZoneId": "Z2R2ITUGPM61AM"}


def _certificate(self: DBInstance) -> dict[str, Any]:
    return {"CAIdentifier": self.ca_certificate_identifier}


def _max_storage(self: DBInstance) -> int | None:
    """Only there when autoscaling is on."""
    given: int | None = getattr(self, "max_allocated_storage_given", None)
    return given if given and given > self.allocated_storage else None


def _monitoring(self: DBInstance) -> str | None:
    if not getattr(self, "monitoring_interval", 0):
        return None
    return (
        f"arn:aws:logs:{self.region}:{self.account_id}:log-group:RDSOSMetrics:log-stream:"
        f"{self.dbi_resource_id}"
    )


DBInstance.default_db_parameter_group_details = _family  # type: ignore[method-assign]
DBInstance.db_parameter_group_status_list = property(  # type: ignore[assignment,method-assign]
    _parameter_groups
)
DBInstance.endpoint = property(_endpoint)  # type: ignore[assignment,method-assign]
DBInstance.certificate_details = property(_certificate)  # type: ignore[attr-defined]
DBInstance.max_allocated_storage = property(  # type: ignore[assignment,method-assign]
    _max_storage, lambda self, value: None
)
DBInstance.enhanced_monitoring_resource_arn = property(_monitoring)  # type: ignore[attr-defined]

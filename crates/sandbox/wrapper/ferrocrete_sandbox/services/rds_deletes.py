"""Subnet groups and parameter groups: refused deletes, lookups, changes."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.models import DBParameterGroup

from ..hooks import AwsError, Call, Proceed, around, result_of


def _databases(call: Call) -> list[Any]:
    rds = call.backend("rds")
    return [*rds.databases.values(), *rds.clusters.values()]


def _name(database: Any) -> str:
    name = getattr(database, "db_instance_identifier", None)
    return str(name or database.db_cluster_identifier)


def _lower(call: Call) -> str:
    """RDS keeps names in lower case, and so does moto, but not its keys."""
    params = call.response.params
    name = str(params.get("DBSubnetGroupName") or "").lower()
    if name:
        params["DBSubnetGroupName"] = name
    return name


@around("rds", "CreateDBSubnetGroup")
def create_subnet_group(call: Call, proceed: Proceed) -> Any:
    name = _lower(call)
    if name in call.backend("rds").subnet_groups:
        raise AwsError(
            "DBSubnetGroupAlreadyExists", f"The DB subnet group '{name}' already exists."
        )
    _check_zones(call)
    return proceed()


def _check_zones(call: Call) -> None:
    subnets = [call.backend("ec2").get_subnet(s) for s in call.get("SubnetIds") or []]
    if len({subnet.availability_zone for subnet in subnets}) < 2:
        raise AwsError(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "
            "Add subnets to cover at least 2 AZs.",
        )
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise AwsError("InvalidSubnet", "Subnets are in different VPCs.")


@around("rds", "ModifyDBSubnetGroup")
def modify_subnet_group(call: Call, proceed: Proceed) -> Any:
    """moto loses the group."""
    name = _lower(call)
    groups = call.backend("rds").subnet_groups
    if name not in groups:
        raise AwsError("DBSubnetGroupNotFoundFault", f"DBSubnetGroup {name} not found.")
    _check_zones(call)
    first = call.backend("ec2").get_subnet(call.get("SubnetIds")[0])
    if first.vpc_id != groups[name].vpc_id:  # TF#16419
        raise AwsError(
            "InvalidParameterValue",
            "The new Subnets are not in the same Vpc as the existing subnet group",
        )
    result = proceed()
    groups[name] = result_of(result, "DBSubnetGroup")
    return result


@around("rds", "DescribeDBSubnetGroups")
def describe_subnet_groups(call: Call, proceed: Proceed) -> Any:
    _lower(call)
    return proceed()


@around("rds", "DeleteDBSubnetGroup")
def delete_subnet_group(call: Call, proceed: Proceed) -> Any:
    name = _lower(call)
    for database in _databases(call):
        group = getattr(database, "db_subnet_group", None)
        used = group if isinstance(group, str) else getattr(group, "name", None)
        if used and used.lower() == name:
            raise AwsError(
                "InvalidDBSubnetGroupStateFault",
                f"Cannot delete the subnet group '{name}' because at least one database "
                f"instance: {_name(database)} is still using it.",
            )
    return proceed()


@around("rds", "DeleteDBParameterGroup")
def delete_parameter_group(call: Call, proceed: Proceed) -> Any:
    name = str(call.get("DBParameterGroupName"))
    if name.startswith("default."):
        raise AwsError(
            "InvalidDBParameterGroupState", "Default parameter groups cannot be deleted."
        )
    for database in call.backend("rds").databases.values():
        former = getattr(database, "sandbox_former_groups", [])
        if name in (database.db_parameter_group_name, *former):
            raise AwsError(
                "InvalidDBParameterGroupState",
                f"One or more database instances are still members of this parameter group "
                f"{name}, so the group cannot be deleted",
            )
    return proceed()


@around("rds", "DescribeDBParameterGroups")
def describe_parameter_groups(call: Call, proceed: Proceed) -> Any:
    """An unknown name is an error, not an empty list."""
    name = call.get("DBParameterGroupName")
    if name is not None and not _group(call, name):
        raise AwsError("DBParameterGroupNotFound", f"DBParameterGroup {name} not found.")
    return proceed()


def _group(call: Call, name: str) -> DBParameterGroup | None:
    groups: dict[str, DBParameterGroup] = call.backend("rds").db_parameter_groups
    return groups.get(name) or groups.get(name.lower())


@around("rds", "ModifyDBParameterGroup")
def modify_parameter_group(call: Call, proceed: Proceed) -> Any:
    parameters = call.get("Parameters") or []
    if len(parameters) > 20:
        raise AwsError("InvalidParameterValue", "At most 20 parameters can be modified at once.")
    result = proceed()
    group = _group(call, call.get("DBParameterGroupName"))
    for parameter in group.parameters.values() if group else []:
        parameter["Source"] = "user"
        parameter.setdefault("IsModifiable", True)
        parameter.setdefault("ApplyType", "dynamic")
        parameter.setdefault("DataType", "string")
    return result


@around("rds", "DescribeDBParameters")
def describe_parameters(call: Call, proceed: Proceed) -> Any:
    """moto knows only those that were set, hence only source `user`."""
    result = proceed()
    if call.get("Source") in (None, "user"):
        return ActionResult({"Parameters": list(result_of(result, "Parameters"))})
    return ActionResult({"Parameters": []})


@around("rds", "ResetDBParameterGroup")
def reset_parameter_group(call: Call, proceed: Proceed) -> Any:
    """Missing in moto."""
    name = call.get("DBParameterGroupName")
    group = _group(call, name)
    if group is None:
        raise AwsError("DBParameterGroupNotFound", f"DBParameterGroup {name} not found.")
    if call.get("ResetAllParameters"):
        group.parameters.clear()
    for parameter in call.get("Parameters") or []:
        group.parameters.pop(parameter["ParameterName"], None)
    return ActionResult({"DBParameterGroupName": name})

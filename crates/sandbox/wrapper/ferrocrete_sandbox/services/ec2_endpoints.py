"""VPC endpoints and flow logs: slow states, and what moto leaves out."""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.utils import random_private_ip

from .. import clock
from ..hooks import AwsError, Call, Proceed, around, result_of


# The filter on ids.
VPCEndPoint.vpc_endpoint_id = property(lambda self: self.id)  # type: ignore[attr-defined]


def _is_interface(endpoint: Any) -> bool:
    return bool((endpoint.vpc_endpoint_type or "").lower() == "interface")


@around("ec2", "CreateVpcEndpoint")
def create(call: Call, proceed: Proceed) -> Any:
    """An interface endpoint is pending first, has a group, and private DNS only if asked for."""
    result = proceed()
    endpoint = result_of(result, "VpcEndpoint")
    endpoint.vpc_endpoint_type = endpoint.vpc_endpoint_type or "Gateway"
    endpoint.private_dns_enabled = bool(call.get("PrivateDnsEnabled", False))
    if not _is_interface(endpoint):
        return result
    if not endpoint.security_group_ids:
        ec2 = call.backend("ec2")
        group = ec2.get_security_group_from_name("default", endpoint.vpc_id)
        endpoint.security_group_ids = [group.id]
    endpoint.interfaces = dict(zip(endpoint.subnet_ids, endpoint.network_interface_ids))
    _wait(call, endpoint)
    return result


def _wait(call: Call, endpoint: Any) -> None:
    endpoint.state = "pending"

    def arrive() -> None:
        if endpoint.state == "pending":
            endpoint.state = "available"

    clock.slowly(call.account, "nat", arrive)


@around("ec2", "ModifyVpcEndpoint")
def modify(call: Call, proceed: Proceed) -> Any:
    """moto changes lists only: routes, interfaces, private DNS and the policy are left."""
    ec2 = call.backend("ec2")
    endpoint = ec2.get_vpc_end_point(call.get("VpcEndpointId"))
    if endpoint.state == "deleting":
        raise _not_found(endpoint.id)
    for table in call.get("AddRouteTableIds") or []:
        if table in endpoint.route_table_ids:
            raise AwsError("RouteAlreadyExists", f"{table} has a route to {endpoint.id} already")
        ec2.get_route_table(table)
    result = proceed()
    prefix_list = endpoint.destination_prefix_list_id
    if prefix_list:
        for table in call.get("AddRouteTableIds") or []:
            ec2.create_route(
                table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefix_list
            )
        for table in call.get("RemoveRouteTableIds") or []:
            ec2.delete_route(table, prefix_list)
    if call.get("PrivateDnsEnabled") is not None:
        endpoint.private_dns_enabled = bool(call.get("PrivateDnsEnabled"))
    if call.get("ResetPolicy"):
        endpoint.policy_document = json.dumps(endpoint.DEFAULT_POLICY)
    if _is_interface(endpoint):
        _place(call, endpoint)
        _wait(call, endpoint)
    return result


def _place(call: Call, endpoint: Any) -> None:
    """One network interface per subnet."""
    ec2 = call.backend("ec2")
    for subnet in [s for s in endpoint.interfaces if s not in endpoint.subnet_ids]:
        ec2.enis.pop(endpoint.interfaces.pop(subnet), None)
    for subnet in [s for s in endpoint.subnet_ids if s not in endpoint.interfaces]:
        endpoint.interfaces[subnet] = ec2.create_network_interface(subnet, random_private_ip()).id
    endpoint.network_interface_ids = list(endpoint.interfaces.values())


@around("ec2", "DeleteVpcEndpoints")
def delete(call: Call, proceed: Proceed) -> Any:
    """What is not there is told, and an interface endpoint goes slowly."""
    ec2 = call.backend("ec2")
    refused = []
    for identifier in call.get("VpcEndpointIds") or []:
        endpoint = ec2.vpc_end_points.get(identifier)
        if endpoint is None:
            error = _not_found(identifier)
            refused.append(
                {
                    "ResourceId": identifier,
                    "Error": {"Code": error.code, "Message": error.message},
                }
            )
        elif endpoint.state != "deleting":
            _go(call, endpoint)
    return ActionResult({"Unsuccessful": refused})


def _go(call: Call, endpoint: Any) -> None:
    ec2 = call.backend("ec2")

    def gone() -> None:
        """moto keeps what is deleted for ever."""
        ec2.vpc_end_points.pop(endpoint.id, None)
        for interface in endpoint.network_interface_ids:
            ec2.enis.pop(interface, None)

    if _is_interface(endpoint):
        endpoint.state = "deleting"
        clock.slowly(call.account, "nat", gone)
        return
    for table in endpoint.route_table_ids:
        if table in ec2.route_tables and endpoint.destination_prefix_list_id:
            ec2.delete_route(table, endpoint.destination_prefix_list_id)
    gone()


def _not_found(identifier: str) -> AwsError:
    return AwsError(
        "InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{identifier}' does not exist"
    )


@around("ec2", "CreateFlowLogs")
def create_flow_logs(call: Call, proceed: Proceed) -> Any:
    """moto forgets how the files are written. Recordings `ec2__ec2.json`, test_ec2_flow_logs_s3 and
    …_validation."""
    if call.get("LogGroupName") and call.get("LogDestination"):
        raise AwsError(
            "InvalidParameter", "Please only provide LogGroupName or only provide LogDestination."
        )
    result = proceed()
    for identifier in result_of(result, "FlowLogIds"):
        log = call.backend("ec2").flow_logs[identifier]
        options = call.get("DestinationOptions")
        if log.log_destination_type == "s3":
            options = {**_FILES, **(options or {})}
        log.destination_options = options
    for refused in result_of(result, "Unsuccessful") or []:
        error = refused.get("Error") or {}
        error["Message"] = str(error.get("Message", "")).rstrip(".")
    result.result["ClientToken"] = call.get("ClientToken") or str(uuid.uuid4())
    return result


_FILES = {
    "FileFormat": "plain-text",
    "HiveCompatiblePartitions": False,
    "PerHourPartition": False,
}

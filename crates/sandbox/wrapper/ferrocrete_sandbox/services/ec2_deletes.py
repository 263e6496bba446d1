"""Deletes that EC2 refuses, and moto does not."""

from __future__ import annotations

from typing import Any

from ..hooks import AwsError, Call, Proceed, around
from . import ec2_late, ec2_use


def _dependency(kind: str, identifier: str) -> AwsError:
    return AwsError(
        "DependencyViolation",
        f"The {kind} '{identifier}' has dependencies and cannot be deleted.",
    )


@around("ec2", "DeleteSubnet")
def subnet(call: Call, proceed: Proceed) -> Any:
    """Refused while used. Its route table association goes with it."""
    identifier = call.get("SubnetId")
    ec2 = call.backend("ec2")
    ec2.get_subnet(identifier)
    if any(ec2_use.users_of_subnet(call, identifier)):
        raise _dependency("subnet", identifier)
    result = proceed()
    for table in ec2.route_tables.values():
        for association in [a for a, s in table._associations.items() if s == identifier]:
            del table._associations[association]
    for acl in ec2.network_acls.values():
        for key in [k for k, a in acl._associations.items() if a.subnet_id == identifier]:
            del acl._associations[key]
    return result


@around("ec2", "DeleteSecurityGroup")
def security_group(call: Call, proceed: Proceed) -> Any:
    ec2 = call.backend("ec2")
    name = call.get("GroupId") or call.get("GroupName")
    group = ec2.get_security_group_by_name_or_id(name)
    if group is not None:
        if group.is_default or group.name == "default":
            raise AwsError(
                "CannotDelete",
                f'the specified group: "{group.id}" name: "default" cannot be deleted by a user',
            )
        if any(ec2_use.users_of_group(call, group.id)):
            raise AwsError(
                "DependencyViolation", f"resource {group.id} has a dependent object"
            )
    return proceed()


@around("ec2", "DeleteVpc")
def vpc(call: Call, proceed: Proceed) -> Any:
    identifier = call.get("VpcId")
    ec2 = call.backend("ec2")
    ec2.get_vpc(identifier)
    groups = [g for g in ec2.groups.get(identifier, {}).values() if g.name != "default"]
    gateways = [g for g in ec2.internet_gateways.values() if g.vpc and g.vpc.id == identifier]
    endpoints = [e for e in ec2.vpc_end_points.values() if e.vpc_id == identifier]
    enis = [e for e in ec2.enis.values() if e.vpc_id == identifier]
    if groups or gateways or endpoints or enis:
        raise _dependency("vpc", identifier)
    for table in ec2.route_tables.values():
        if table.vpc_id == identifier and not table.main_association_id:
            raise _dependency("vpc", identifier)
        if table.vpc_id == identifier:
            table._associations.clear()
    return proceed()


@around("ec2", "DetachInternetGateway")
def internet_gateway(call: Call, proceed: Proceed) -> Any:
    """Not while public addresses are mapped into the VPC."""
    identifier = call.get("VpcId")
    gateway = call.backend("ec2").internet_gateways.get(call.get("InternetGatewayId"))
    attached = gateway is not None and gateway.vpc and gateway.vpc.id == identifier
    if attached and ec2_use.addresses_in_vpc(call, identifier):
        raise AwsError(
            "DependencyViolation",
            f"Network {identifier} has some mapped public address(es). Please unmap those "
            "public address(es) before detaching the gateway.",
        )
    return proceed()


@around("ec2", "DeleteRouteTable")
def route_table(call: Call, proceed: Proceed) -> Any:
    identifier = call.get("RouteTableId")
    if call.backend("ec2").get_route_table(identifier).main_association_id:
        raise _dependency("routeTable", identifier)
    return proceed()


@around("ec2", "DeleteNetworkInterface")
def network_interface(call: Call, proceed: Proceed) -> Any:
    identifier = call.get("NetworkInterfaceId")
    eni = call.backend("ec2").enis.get(identifier)
    if eni is not None and (eni.attachment_id or eni.interface_type == "nat_gateway"):
        raise AwsError(
            "InvalidParameterValue",
            f"Network interface '{identifier}' is currently in use.",
        )
    return proceed()


def _address(call: Call) -> Any:
    ec2 = call.backend("ec2")
    for address in ec2.addresses:
        if (call.get("AllocationId") or call.get("PublicIp") or call.get("AssociationId")) in (
            address.allocation_id,
            address.public_ip,
            address.association_id,
        ):
            return address
    return None


def _held_by_nat(address: Any) -> bool:
    return bool(address.eni and address.eni.interface_type == "nat_gateway")


@around("ec2", "ReleaseAddress")
def release_address(call: Call, proceed: Proceed) -> Any:
    """Real EC2 calls a NAT gateway's address a matter of permission."""
    address = _address(call)
    if address is not None and _held_by_nat(address):
        raise ec2_late.not_yours()
    if address is not None and address.association_id:
        raise AwsError(
            "InvalidIPAddress.InUse",
            f"The address {address.public_ip} is in use.",
        )
    return proceed()


@around("ec2", "DisassociateAddress")
def disassociate_address(call: Call, proceed: Proceed) -> Any:
    address = _address(call)
    if address is not None and _held_by_nat(address):
        raise ec2_late.not_yours()
    return proceed()

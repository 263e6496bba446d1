"""VPCs, subnets, routes, addresses and key pairs: read-back and lookups."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models.availability_zones_and_regions import Zone
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.route_tables import Route
from moto.ec2.models.subnets import Subnet

from ..hooks import AwsError, Call, Proceed, around, result_of
from . import ec2_use

ElasticAddress.network_border_group = property(  # type: ignore[attr-defined]
    lambda self: self.ec2_backend.region_name
)
ElasticAddress.public_ipv4_pool = "amazon"  # type: ignore[attr-defined]


#: Recordings `ec2__ec2.json`, test_describe_availability_zones_filters.
Zone.group_name = property(lambda self: f"{self.region_name}-zg-1")  # type: ignore[attr-defined]
Zone.network_border_group = property(lambda self: self.region_name)  # type: ignore[attr-defined]
Zone.opt_in_status = "opt-in-not-required"  # type: ignore[attr-defined]


@around("ec2", "CreateSubnet")
def create_subnet(call: Call, proceed: Proceed) -> Any:
    """None is a default one, which gives public addresses; moto takes the first of a zone for it:
    https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html"""
    result = proceed()
    subnet = result_of(result, "Subnet")
    subnet.map_public_ip_on_launch = subnet.default_for_az = "false"
    return result


def _instance_of(self: ElasticAddress) -> str:
    """The machine also when the address was given to its interface."""
    instance = self.instance or (self.eni.instance if self.eni else None)
    return str(instance.id) if instance else ""


ElasticAddress.instance_id = property(_instance_of)  # type: ignore[assignment]


def _take(self: Subnet, ip: str, instance: Any) -> None:
    """What moto answers with an internal error is the caller's error on AWS."""
    if ip in self._subnet_ips:
        raise AwsError("InvalidIPAddress.InUse", f"Address {ip} is in use.")
    if ip_address(ip) not in self.cidr:
        raise AwsError(
            "InvalidParameterValue",
            f"Address {ip} does not fall within the subnet's address range",
        )
    _original_take(self, ip, instance)


_original_take = Subnet.request_ip
Subnet.request_ip = _take  # type: ignore[method-assign]


def _state(self: Route) -> str:
    """A route whose target is gone is a black hole."""
    target = self.gateway
    if target is not None and hasattr(target, "vpc"):
        attached = target.vpc and target.vpc.id == self.route_table.vpc_id
        return "active" if attached else "blackhole"
    if self.nat_gateway is not None:
        gone = self.nat_gateway.state in ("deleted", "failed")
        return "blackhole" if gone else "active"
    if self.instance is not None:
        return "active" if self.instance.state == "running" else "blackhole"
    if self.interface is not None:
        known = self.interface.id in self.route_table.ec2_backend.enis
        return "active" if known else "blackhole"
    return "active"


Route.state = property(_state)  # type: ignore[attr-defined]


@around("ec2", "CreateRoute", "ReplaceRoute")
def route(call: Call, proceed: Proceed) -> Any:
    """The target must exist, and a destination has one route only."""
    ec2 = call.backend("ec2")
    if call.operation == "CreateRoute":
        _refuse_second_route(call)
    gateway = call.get("GatewayId")
    if gateway and gateway.startswith("igw-"):
        found = ec2.internet_gateways.get(gateway)
        if found is None:
            raise AwsError(
                "InvalidInternetGatewayID.NotFound",
                f"The internetGateway ID '{gateway}' does not exist",
            )
        vpc_id = ec2.get_route_table(call.get("RouteTableId")).vpc_id
        if not found.vpc or found.vpc.id != vpc_id:
            raise AwsError(
                "InvalidParameterValue",
                f"route table {call.get('RouteTableId')} and network gateway {gateway} "
                "belong to different networks",
            )
    nat = call.get("NatGatewayId")
    if nat:
        found = ec2.nat_gateways.get(nat)
        if found is None or found.state == "deleted":
            raise AwsError(
                "InvalidNatGatewayID.NotFound", f"The natGateway ID '{nat}' does not exist"
            )
    return proceed()


def _refuse_second_route(call: Call) -> None:
    """moto overwrites routes to IPv6 ranges and prefix lists."""
    table = call.backend("ec2").get_route_table(call.get("RouteTableId"))
    destinations = {
        "destination_cidr_block": call.get("DestinationCidrBlock"),
        "destination_ipv6_cidr_block": call.get("DestinationIpv6CidrBlock"),
        "destination_prefix_list_id": call.get("DestinationPrefixListId"),
    }
    for known in table.routes:
        for attribute, wanted in destinations.items():
            if wanted and getattr(known, attribute) == wanted:
                raise AwsError(
                    "RouteAlreadyExists", f"The route identified by {wanted} already exists."
                )


@around("ec2", "AssociateRouteTable")
def associate_table(call: Call, proceed: Proceed) -> Any:
    """A subnet that uses another table keeps it; moto answers that association instead."""
    wanted, subnet_id = call.get("RouteTableId"), call.get("SubnetId")
    ec2 = call.backend("ec2")
    ec2.get_route_table(wanted)
    for table in ec2.route_tables.values():
        for association, target in table._associations.items():
            if subnet_id and target == subnet_id and table.id != wanted:
                raise AwsError(
                    "Resource.AlreadyAssociated",
                    f"the specified association for route table {wanted} conflicts with an "
                    f"existing association {association}",
                )
    return proceed()


_SUBNET = {
    "EnableDns64": "enable_dns64",
    "CustomerOwnedIpv4Pool": "customer_owned_ipv4_pool",
    "EnableLniAtDeviceIndex": "enable_lni_at_device_index",
}


@around("ec2", "ModifySubnetAttribute")
def subnet(call: Call, proceed: Proceed) -> Any:
    """Attributes moto does not know. One per call, as on EC2."""
    found = call.backend("ec2").get_subnet(call.get("SubnetId"))
    options = found.private_dns_name_options_on_launch
    if call.get("PrivateDnsHostnameTypeOnLaunch"):
        options["HostnameType"] = call.get("PrivateDnsHostnameTypeOnLaunch")
        return EmptyResult()
    for name, key in (
        ("EnableResourceNameDnsARecordOnLaunch", "EnableResourceNameDnsARecord"),
        ("EnableResourceNameDnsAAAARecordOnLaunch", "EnableResourceNameDnsAAAARecord"),
    ):
        if call.get(name) is not None:
            options[key] = call.get(name)["Value"]
            return EmptyResult()
    for name, attribute in _SUBNET.items():
        wanted = call.get(name)
        if wanted is not None:
            setattr(found, attribute, wanted["Value"] if isinstance(wanted, dict) else wanted)
            return EmptyResult()
    return proceed()


@around("ec2", "AssociateAddress")
def associate(call: Call, proceed: Proceed) -> Any:
    """Associating again with the same target changes nothing; another one must be asked for."""
    for address in call.backend("ec2").addresses:
        same = address.association_id and (
            (call.get("AllocationId") and call.get("AllocationId") == address.allocation_id)
            or (call.get("PublicIp") and call.get("PublicIp") == address.public_ip)
        )
        target = call.get("InstanceId") or call.get("NetworkInterfaceId")
        if same and target in (address.instance_id, address.network_interface_id):
            return ActionResult({"AssociationId": address.association_id})
        if same and not call.get("AllowReassociation"):
            raise AwsError(
                "Resource.AlreadyAssociated",
                f"resource {address.allocation_id} is already associated with "
                f"associate-id {address.association_id}",
            )
    vpc_id = _vpc_of_target(call)
    if vpc_id and not ec2_use.has_internet(call, vpc_id):
        raise AwsError(
            "Gateway.NotAttached",
            f"Network {vpc_id} is not attached to any internet gateway",
        )
    return proceed()


def _vpc_of_target(call: Call) -> str | None:
    ec2 = call.backend("ec2")
    if call.get("InstanceId"):
        return str(ec2.get_instance(call.get("InstanceId")).vpc_id)
    eni = ec2.enis.get(call.get("NetworkInterfaceId"))
    return eni.vpc_id if eni else None


@around("ec2", "DescribeKeyPairs")
def key_pairs(call: Call, proceed: Proceed) -> Any:
    """Also by id."""
    result = proceed()
    wanted = call.get("KeyPairIds") or []
    if wanted:
        found = [key for key in result_of(result, "KeyPairs") if key.id in wanted]
        missing = set(wanted) - {key.id for key in found}
        if missing:
            raise AwsError(
                "InvalidKeyPair.NotFound", f"The key pair '{missing.pop()}' does not exist"
            )
        return ActionResult({"KeyPairs": found})
    return result


@around("ec2", "DeleteKeyPair")
def delete_key_pair(call: Call, proceed: Proceed) -> Any:
    """Also by id; one that is gone already is no error."""
    pairs = call.backend("ec2").key_pairs
    identifier = call.get("KeyPairId")
    if identifier:
        for name in [name for name, key in pairs.items() if key.id == identifier]:
            del pairs[name]
        return ActionResult({"Return": True, "KeyPairId": identifier})
    return proceed()

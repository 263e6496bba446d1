"""Late visibility: which creates and describes it concerns."""

from __future__ import annotations

from typing import Any, NamedTuple

from .. import late
from ..hooks import AwsError, Call, Proceed, around, result_of


class _Kind(NamedTuple):
    create: str
    made: str  # member of the create's answer, "" if the answer is the thing
    describe: str
    found: str  # member of the describe's answer
    ids: str  # parameter with wanted ids
    missing: str  # error code when a wanted id is not found


_EC2 = (
    _Kind("CreateVpc", "Vpc", "DescribeVpcs", "Vpcs", "VpcIds", "InvalidVpcID.NotFound"),
    _Kind(
        "CreateSubnet", "Subnet", "DescribeSubnets", "Subnets", "SubnetIds",
        "InvalidSubnetID.NotFound",
    ),
    _Kind(
        "CreateSecurityGroup", "GroupId", "DescribeSecurityGroups", "SecurityGroups",
        "GroupIds", "InvalidGroup.NotFound",
    ),
    _Kind(
        "CreateInternetGateway", "InternetGateway", "DescribeInternetGateways",
        "InternetGateways", "InternetGatewayIds", "InvalidInternetGatewayID.NotFound",
    ),
    _Kind(
        "CreateRouteTable", "RouteTable", "DescribeRouteTables", "RouteTables",
        "RouteTableIds", "InvalidRouteTableID.NotFound",
    ),
    _Kind(
        "CreateNatGateway", "NatGateway", "DescribeNatGateways", "NatGateways",
        "NatGatewayIds", "NatGatewayNotFound",
    ),
    _Kind(
        "AllocateAddress", "AllocationId", "DescribeAddresses", "Addresses",
        "AllocationIds", "InvalidAllocationID.NotFound",
    ),
)  # fmt: skip


def _id(thing: Any) -> str:
    return thing if isinstance(thing, str) else str(thing.id)


def _register(kind: _Kind) -> None:
    @around("ec2", kind.create)
    def create(call: Call, proceed: Proceed) -> Any:
        result = proceed()
        late.born(call.account, _id(result_of(result, kind.made)))
        return result

    @around("ec2", kind.describe)
    def describe(call: Call, proceed: Proceed) -> Any:
        result = proceed()
        for wanted in call.get(kind.ids) or []:
            if late.hidden(call.account, wanted):
                raise AwsError(kind.missing, f"The ID '{wanted}' does not exist")
        found = result_of(result, kind.found)
        result.result[kind.found] = [x for x in found if not late.hidden(call.account, _id(x))]
        return result


for _kind in _EC2:
    _register(_kind)


@around("ec2", "RunInstances")
def run_instances(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    for instance in result.result.instances:
        late.born(call.account, instance.id)
    return result


@around("ec2", "DescribeInstances")
def describe_instances(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    for wanted in call.get("InstanceIds") or []:
        if late.hidden(call.account, wanted):
            raise AwsError(
                "InvalidInstanceID.NotFound", f"The instance ID '{wanted}' does not exist"
            )
    visible = []
    for reservation in result_of(result, "Reservations"):
        reservation.instances = [
            i for i in reservation.instances if not late.hidden(call.account, i.id)
        ]
        if reservation.instances:
            visible.append(reservation)
    result.result["Reservations"] = visible
    return result


_IAM = (
    ("role", "Role", "RoleName", ("GetRole", "ListAttachedRolePolicies", "ListRolePolicies")),
    ("profile", "InstanceProfile", "InstanceProfileName", ("GetInstanceProfile",)),
    ("user", "User", "UserName", ("GetUser",)),
)


def _register_iam(kind: str, noun: str, parameter: str, reads: tuple[str, ...]) -> None:
    @around("iam", f"Delete{noun}")
    def deleted(call: Call, proceed: Proceed) -> Any:
        result = proceed()
        late.gone(call.account, f"{kind}:{call.get(parameter)}")
        return result

    @around("iam", f"Create{noun}")
    def made(call: Call, proceed: Proceed) -> Any:
        result = proceed()
        late.born(call.account, f"{kind}:{call.get(parameter)}")
        return result

    @around("iam", *reads)
    def read(call: Call, proceed: Proceed) -> Any:
        name = call.get(parameter)
        if late.hidden(call.account, f"{kind}:{name}"):
            raise AwsError("NoSuchEntity", f"The {kind} with name {name} cannot be found.")
        return proceed()


for _entry in _IAM:
    _register_iam(*_entry)


@around("iam", "CreatePolicy")
def create_policy(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    late.born(call.account, result_of(result, "Policy").arn)
    return result


@around("iam", "GetPolicy", "AttachRolePolicy")
def get_policy(call: Call, proceed: Proceed) -> Any:
    arn = call.get("PolicyArn")
    if late.hidden(call.account, arn):
        raise AwsError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")
    return proceed()


@around("route53", "CreateHostedZone")
def create_zone(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    late.born(call.account, result_of(result, "HostedZone").resource_id)
    return result


@around("route53", "GetHostedZone")
def get_zone(call: Call, proceed: Proceed) -> Any:
    identifier = call.get("Id").replace("/hostedzone/", "")
    if late.hidden(call.account, identifier):
        raise AwsError("NoSuchHostedZone", f"No hosted zone found with ID: {identifier}")
    return proceed()


@around("route53", "ListHostedZones", "ListHostedZonesByName")
def list_zones(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    result.result["HostedZones"] = [
        zone
        for zone in result_of(result, "HostedZones")
        if not late.hidden(call.account, zone.resource_id)
    ]
    return result

"""EC2 in a bad mood: gateways that attach late, addresses that are held, no capacity."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.internet_gateways import InternetGateway

from .. import unkind
from ..hooks import AwsError, Call, Proceed, around

_ATTACH = "gateway_attach"
_ADDRESS = "nat_address"


@around("ec2", "AttachInternetGateway")
def attach(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    unkind.mark(call.account, _ATTACH, call.get("InternetGatewayId"))
    return result


@around("ec2", "DetachInternetGateway")
def detach(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    unkind.clear(call.account, _ATTACH, call.get("InternetGatewayId"))
    return result


def _attachments(self: InternetGateway) -> list[dict[str, str]]:
    """`attaching` first: TF: `internal/service/ec2/status.go`."""
    if self.vpc is None:
        return []
    young = unkind.lasts(self.ec2_backend.account_id, _ATTACH, self.id)
    return [{"State": "attaching" if young else "available", "VpcId": self.vpc.id}]


InternetGateway.attachments = property(_attachments)  # type: ignore[assignment,method-assign]


@around("ec2", "CreateRoute", "ReplaceRoute")
def route(call: Call, proceed: Proceed) -> Any:
    """To a gateway that is attaching: TF: `internal/service/ec2/vpc_route.go`, terraform#1775."""
    gateway = call.get("GatewayId")
    if gateway and unkind.lasts(call.account, _ATTACH, gateway):
        raise AwsError(
            "InvalidParameterValue",
            f"route table {call.get('RouteTableId')} and network gateway {gateway} belong to "
            "different networks",
        )
    return proceed()


def not_yours() -> AwsError:
    """EC2's answer to who touches an address or interface that a service holds; a 400, unlike
    other failures of this code."""
    return AwsError(
        "AuthFailure", "You do not have permission to access the specified resource.", status=400
    )


def hold(account: str, allocation: str) -> None:
    """A NAT gateway let go of this address just now."""
    unkind.mark(account, _ADDRESS, allocation)


@around("ec2", "ReleaseAddress")
def release(call: Call, proceed: Proceed) -> Any:
    """TF#13763: the gateway is `deleted`, and its address is not yet the caller's again."""
    if unkind.lasts(call.account, _ADDRESS, call.get("AllocationId")):
        raise not_yours()
    return proceed()


#: There is never enough of these.
_SCARCE = "p5.48xlarge"


@around("ec2", "RunInstances")
def capacity(call: Call, proceed: Proceed) -> Any:
    """A refusal that comes as HTTP 500 (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html,
    server errors), so that it looks like a lost answer."""
    if call.get("InstanceType") != _SCARCE:
        return proceed()
    zone = (call.get("Placement") or {}).get("AvailabilityZone") or f"{call.region}a"
    if call.get("SubnetId"):
        zone = call.backend("ec2").get_subnet(call.get("SubnetId")).availability_zone
    raise AwsError(
        "InsufficientInstanceCapacity",
        f"We currently do not have sufficient {_SCARCE} capacity in the Availability Zone you "
        f"requested ({zone}). Our system will be working on provisioning additional capacity. "
        f"You can currently get {_SCARCE} capacity by not specifying an Availability Zone in "
        f"your request or choosing {call.region}b, {call.region}c.",
        status=500,
    )

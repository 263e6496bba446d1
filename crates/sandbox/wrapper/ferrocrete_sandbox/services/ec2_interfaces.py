"""Network interfaces that services make for themselves, and leave late or never.

Load balancers and Fargate tasks have interfaces in the caller's subnets, managed by the service
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html). They hold
subnets, security groups and gateways, for up to 45 minutes after their owner is gone (TF#9495:
`unkind.interfaces`); some are left behind `available`, and it is up to the caller to delete them
(`unkind.interfaces_left`; TF: `internal/service/ec2/vpc_network_interface.go`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any, NamedTuple

from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.utils import random_public_ip

from .. import clock, unkind
from ..hooks import AwsError, Call, Proceed, around, backend
from . import memory

_LINGER = "interfaces"
_LEFT = "interfaces_left"


class Place(NamedTuple):
    """Where an owner has an interface."""

    subnet: str
    groups: tuple[str, ...]
    public: bool


class Kind(NamedTuple):
    """What is told of an interface."""

    description: str
    requester: str
    #: `interface`, or `network_load_balancer`.
    type: str = "interface"


def _table(account: str, region: str) -> dict[Any, Any]:
    """By owner: its interfaces, each with its place."""
    return memory.table(account, f"ec2:interfaces:{region}")


def settle(call: Call, owner: str, kind: Kind, places: Iterable[Place]) -> None:
    """Makes and removes interfaces of an owner until it has those; groups are exchanged."""
    ec2 = call.backend("ec2")
    mine = _table(call.account, call.region).setdefault(owner, [])
    wanted = list(places)
    for eni in list(mine):
        place = next((p for p in wanted if p.subnet == eni.subnet_id), None)
        if place is None:
            mine.remove(eni)
            _remove(ec2, eni)
            continue
        wanted.remove(place)
        eni._group_set = [ec2.get_security_group_from_id(g) for g in place.groups]
    mine += [_make(call, kind, place) for place in wanted]


def _make(call: Call, kind: Kind, place: Place) -> NetworkInterface:
    ec2 = call.backend("ec2")
    subnet = ec2.get_subnet(place.subnet)
    eni: NetworkInterface = ec2.create_network_interface(
        subnet, _last_free(subnet), group_ids=list(place.groups), description=kind.description
    )
    subnet._subnet_ips[eni.private_ip_address] = eni
    eni.status, eni.interface_type = "in-use", kind.type
    eni.requester_managed, eni.requester_id = True, kind.requester
    if place.public:
        eni.public_ip = random_public_ip()
    eni.sandbox_attachment = {  # type: ignore[attr-defined]
        "AttachmentId": f"ela-attach-{uuid.uuid4().hex[:17]}",
        "DeleteOnTermination": False,
        "DeviceIndex": 1,
        "InstanceOwnerId": kind.requester,
        "Status": "attached",
    }
    return eni


def _last_free(subnet: Any) -> str:
    """From the end of the range, where callers seldom choose addresses."""
    network = ip_network(subnet.cidr_block)
    for back in range(2, network.num_addresses - 3):
        if str(network[-back]) not in subnet._subnet_ips:
            return str(network[-back])
    raise AwsError(
        "InsufficientFreeAddressesInSubnet",
        f"The specified subnet does not have enough free addresses: {subnet.id}",
    )


def _remove(ec2: Any, eni: NetworkInterface) -> None:
    if eni.id in ec2.enis:
        eni.delete()


def release(account: str, region: str, owner: str) -> None:
    """The owner is gone; its interfaces go later, but for one that may be left behind."""
    ec2 = backend("ec2", account, region)

    def arrive() -> None:
        mine = _table(account, region).pop(owner, [])
        if mine and unkind.is_on(account, _LEFT):
            left = mine.pop(0)
            left.status, left.public_ip = "available", None
            left.sandbox_attachment = None
        for eni in mine:
            _remove(ec2, eni)

    clock.later(account, unkind.seconds(account, _LINGER), arrive)


_attachment = NetworkInterface.attachment


def _shown(self: NetworkInterface) -> Any:
    """Also of what is attached to no instance of the caller."""
    return getattr(self, "sandbox_attachment", None) or _attachment.fget(self)  # type: ignore[attr-defined]


NetworkInterface.attachment = property(_shown)  # type: ignore[assignment,method-assign]

_filter_value = NetworkInterface.get_filter_value
_FILTERS = {
    "interface-type": "interface_type",
    "requester-id": "requester_id",
    "requester-managed": "requester_managed",
    "status": "status",
}


def get_filter_value(self: NetworkInterface, name: str, method: str | None = None) -> Any:
    """More filters than moto has."""
    attachment = getattr(self, "sandbox_attachment", None)
    if attachment and name == "attachment.attachment-id":
        return attachment["AttachmentId"]
    if attachment and name == "attachment.instance-owner-id":
        return attachment["InstanceOwnerId"]
    if name in _FILTERS:
        value = getattr(self, _FILTERS[name])
        return str(value).lower() if isinstance(value, bool) else value
    return _filter_value(self, name, method)


NetworkInterface.get_filter_value = get_filter_value  # type: ignore[method-assign]


@around("ec2", "DetachNetworkInterface")
def detach(call: Call, proceed: Proceed) -> Any:
    """As told in kops and many other places."""
    for eni in call.backend("ec2").enis.values():
        attachment = getattr(eni, "sandbox_attachment", None)
        if attachment and attachment["AttachmentId"] == call.get("AttachmentId"):
            raise AwsError(
                "OperationNotPermitted",
                "You are not allowed to manage 'ela-attach' attachments.",
            )
    return proceed()


@around("ec2", "DeleteNetworkInterface")
def delete(call: Call, proceed: Proceed) -> Any:
    identifier = call.get("NetworkInterfaceId")
    eni = call.backend("ec2").enis.get(identifier)
    if eni is not None and getattr(eni, "sandbox_attachment", None):
        raise AwsError(
            "InvalidParameterValue", f"Network interface '{identifier}' is currently in use."
        )
    return proceed()

"""EC2 writes ranges without host bits, and shows both ends of a route to a machine."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from moto.ec2.models.route_tables import Route, RouteTable

from ..hooks import Call, Proceed, around

#: Parameters that hold a range: the documentation of CreateVpc, CreateSubnet, CreateRoute and
#: AuthorizeSecurityGroupIngress ("canonicalizes") in botocore's model.
_RANGES = (
    "CidrBlock", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "CidrIp", "CidrIpv6",
    "CidrIpv4",
)  # fmt: skip


def canonical(text: str) -> str:
    """`100.68.0.18/18` is `100.68.0.0/18`; what is no range is left to moto to refuse."""
    try:
        return str(ip_network(text, strict=False)) if "/" in text else text
    except ValueError:
        return text


def _rewrite(value: Any) -> None:
    """In place, since the parser's own objects are what moto reads."""
    if isinstance(value, list):
        for one in value:
            _rewrite(one)
    elif hasattr(value, "items"):
        for key, one in list(value.items()):
            if isinstance(one, str) and _name(key) in _RANGES:
                value[key] = canonical(one)
            elif not isinstance(one, str):
                _rewrite(one)


def _name(key: str) -> str:
    """The parser's objects take either spelling of a name, and list the one of Python."""
    return "".join(part.capitalize() for part in key.split("_")) if "_" in key else key


@around(
    "ec2",
    "CreateVpc", "CreateSubnet", "AssociateVpcCidrBlock", "CreateRoute", "ReplaceRoute",
    "DeleteRoute", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress",
    "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress", "ModifySecurityGroupRules",
)  # fmt: skip
def ranges(call: Call, proceed: Proceed) -> Any:
    _rewrite(call.response.params)
    return proceed()


def _machine(self: Route) -> Any:
    return self.instance or (self.interface.instance if self.interface else None)


def _instance_id(self: Route) -> str | None:
    """Also where the route was made to the machine's interface: the documentation of `Route` in
    botocore's model, TF: `internal/service/ec2/vpc_route.go`."""
    machine = _machine(self)
    return machine.id if machine else None


def _interface_id(self: Route) -> str | None:
    if self.interface:
        return str(self.interface.id)
    return str(self.instance.nics[0].id) if self.instance and self.instance.nics else None


def _owner(self: Route) -> str | None:
    return str(self.route_table.ec2_backend.account_id) if _machine(self) else None


Route.instance_id = property(_instance_id)  # type: ignore[assignment,method-assign]
Route.network_interface_id = property(_interface_id)  # type: ignore[assignment,method-assign]
Route.instance_owner_id = property(_owner)  # type: ignore[attr-defined]

# Missing in moto: recordings `ec2__ec2.json`, test_create_route_table_association.
RouteTable.propagating_vgws = []  # type: ignore[attr-defined]

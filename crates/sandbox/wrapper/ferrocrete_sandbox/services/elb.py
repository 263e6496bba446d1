"""Load balancers: idempotent creates, protection, provisioning."""

from __future__ import annotations

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.models import AvailabilityZone, FakeLoadBalancer

from .. import clock
from ..hooks import AwsError, Call, Proceed, around, result_of
from . import ec2_interfaces, ec2_use, elb_attributes


def digest_of(call: Call) -> str:
    values = {k: v for k, v in call.params.items() if k not in ("Tags",)}
    for name in ("Subnets", "SecurityGroups"):
        values[name] = sorted(values.get(name) or [])
    return json.dumps(values, sort_keys=True, default=str)


def _activate(self: FakeLoadBalancer) -> None:
    """moto activates at the first describe; here it takes its time."""


def _zones(self: FakeLoadBalancer) -> list[AvailabilityZone]:
    """With the addresses that were asked for, which moto forgets."""
    zones = [AvailabilityZone(subnet) for subnet in self.subnets]
    mappings = getattr(self, "sandbox_mappings", {})
    for zone in zones:
        mapping = mappings.get(zone.subnet_id) or {}
        address = {
            "AllocationId": mapping.get("AllocationId"),
            "PrivateIPv4Address": mapping.get("PrivateIPv4Address"),
            "IPv6Address": mapping.get("IPv6Address"),
        }
        address = {key: value for key, value in address.items() if value}
        zone.load_balancer_addresses = [address] if address else []  # type: ignore[attr-defined]
    return zones


FakeLoadBalancer.activate = _activate  # type: ignore[method-assign]
FakeLoadBalancer.availability_zones = property(_zones)  # type: ignore[assignment]


@around("elbv2", "CreateLoadBalancer")
def create(call: Call, proceed: Proceed) -> Any:
    """The same name gives the same load balancer, or is refused with other settings."""
    elb = call.backend("elbv2")
    digest = digest_of(call)
    for balancer in elb.load_balancers.values():
        if balancer.name == call.get("Name"):
            if getattr(balancer, "sandbox_digest", "") == digest:
                return ActionResult({"LoadBalancers": [balancer]})
            raise AwsError(
                "DuplicateLoadBalancerName",
                f"A load balancer with the same name '{balancer.name}' exists, but with "
                "different settings",
            )
    _check(call)
    result = proceed()
    (balancer,) = result_of(result, "LoadBalancers")
    balancer.sandbox_digest = digest
    balancer.state = "provisioning"
    _complete(call, balancer)
    _settle(call, balancer)

    def arrive() -> None:
        balancer.state = "active"

    clock.slowly(call.account, "elb", arrive)
    return result


def _settle(call: Call, balancer: FakeLoadBalancer) -> None:
    """An interface in each subnet, described by the end of the ARN:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""
    network = balancer.type == "network"
    kind = ec2_interfaces.Kind(
        f"ELB {balancer.arn.split(':loadbalancer/')[1]}",
        "amazon-elb",
        "network_load_balancer" if network else "interface",
    )
    groups = tuple(balancer.security_groups or [])
    public = balancer.scheme == "internet-facing"
    places = [ec2_interfaces.Place(s.id, groups, public) for s in balancer.subnets]
    ec2_interfaces.settle(call, balancer.arn, kind, places)


def _complete(call: Call, balancer: FakeLoadBalancer) -> None:
    """What AWS fills in."""
    if balancer.type == "network":
        _rename(call, balancer)
    balancer.scheme = call.get("Scheme") or "internet-facing"
    balancer.attrs = elb_attributes.of_balancer(balancer)
    _map(call, balancer)
    if balancer.type == "application" and not balancer.security_groups:
        groups = call.backend("ec2").groups[balancer.vpc_id].values()
        balancer.security_groups = [g.id for g in groups if g.name == "default"]
    if balancer.type == "network" and balancer.security_groups:
        _enforce(balancer, "on")


def _rename(call: Call, balancer: FakeLoadBalancer) -> None:
    """moto gives every ARN the middle of an application load balancer's."""
    elb, old = call.backend("elbv2"), balancer.arn
    balancer.arn = old.replace(":loadbalancer/app/", ":loadbalancer/net/")
    elb.load_balancers[balancer.arn] = elb.load_balancers.pop(old)
    tags = elb.tagging_service.list_tags_for_resource(old)["Tags"]
    elb.tagging_service.delete_all_tags_for_resource(old)
    elb.tagging_service.tag_resource(balancer.arn, tags)


def _map(call: Call, balancer: FakeLoadBalancer) -> None:
    mappings = call.get("SubnetMappings") or []
    balancer.sandbox_mappings = {m["SubnetId"]: m for m in mappings}  # type: ignore[attr-defined]


def _enforce(balancer: FakeLoadBalancer, value: str) -> None:
    name = "enforce_security_group_inbound_rules_on_private_link_traffic"
    setattr(balancer, name, value)


@around("elbv2", "SetSecurityGroups")
def set_security_groups(call: Call, proceed: Proceed) -> Any:
    balancer = call.backend("elbv2").load_balancers.get(call.get("LoadBalancerArn"))
    if balancer is not None and balancer.type == "network" and not balancer.security_groups:
        raise AwsError(
            "InvalidConfigurationRequest",
            "A load balancer that was created without security groups cannot have any",
        )
    result = proceed()
    enforce = call.get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic")
    if enforce:
        _enforce(balancer, enforce)
    if balancer is not None:
        _settle(call, balancer)
    return result


@around("elbv2", "SetSubnets")
def set_subnets(call: Call, proceed: Proceed) -> Any:
    """One zone does for a network load balancer; moto wants two."""
    balancer = call.backend("elbv2").load_balancers.get(call.get("LoadBalancerArn"))
    if balancer is None:
        return proceed()
    _check_subnets(call, balancer.type)
    ec2 = call.backend("ec2")
    balancer.subnets = [ec2.get_subnet(identifier) for identifier in _subnets(call)]
    _map(call, balancer)
    _settle(call, balancer)
    return ActionResult({"AvailabilityZones": balancer.availability_zones})


@around("elbv2", "DescribeLoadBalancers")
def describe(call: Call, proceed: Proceed) -> Any:
    """One that is missing fails the call; moto may answer with the others."""
    result = proceed()
    wanted = set(call.get("LoadBalancerArns") or call.get("Names") or [])
    if len(result_of(result, "LoadBalancers")) < len(wanted):
        raise AwsError("LoadBalancerNotFound", "One or more load balancers not found")
    return result


def _subnets(call: Call) -> list[str]:
    mappings = call.get("SubnetMappings") or []
    return [*(call.get("Subnets") or []), *(mapping["SubnetId"] for mapping in mappings)]


def _check_subnets(call: Call, kind: str) -> dict[str, Any]:
    wanted = _subnets(call)
    known = {s.id: s for zone in call.backend("ec2").subnets.values() for s in zone.values()}
    for identifier in wanted:
        if identifier not in known:
            raise AwsError("SubnetNotFound", f"The subnet ID '{identifier}' does not exist")
    zones = {known[identifier].availability_zone for identifier in wanted}
    if kind == "application" and len(zones) < 2:
        raise AwsError(
            "ValidationError",
            "At least two subnets in two different Availability Zones must be specified",
        )
    return known


def _check(call: Call) -> None:
    ec2 = call.backend("ec2")
    wanted = _subnets(call)
    known = _check_subnets(call, call.get("Type") or "application")
    for identifier in call.get("SecurityGroups") or []:
        if ec2.get_security_group_from_id(identifier) is None:
            raise AwsError(
                "InvalidSecurityGroup", f"The security group '{identifier}' does not exist"
            )
    vpc_id = known[wanted[0]].vpc_id if wanted else ""
    if call.get("Scheme") != "internal" and not ec2_use.has_internet(call, vpc_id):
        raise AwsError("InvalidSubnet", f"VPC {vpc_id} has no internet gateway")


@around("elbv2", "DeleteLoadBalancer")
def delete(call: Call, proceed: Proceed) -> Any:
    arn = call.get("LoadBalancerArn")
    balancer = call.backend("elbv2").load_balancers.get(arn)
    if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
        raise AwsError(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )
    result = proceed()
    if balancer is not None:
        ec2_interfaces.release(call.account, call.region, arn)
    return result

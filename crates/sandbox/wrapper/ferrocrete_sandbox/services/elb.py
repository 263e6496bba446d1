"""Load balancers: idempotent creates, protection, provisioning."""

from __future__ import annotations

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.models import FakeLoadBalancer

from .. import clock
from ..hooks import AwsError, Call, Proceed, around, result_of
from . import ec2_use


def _digest(call: Call) -> str:
    values = {k: v for k, v in call.params.items() if k not in ("Tags",)}
    for name in ("Subnets", "SecurityGroups"):
        values[name] = sorted(values.get(name) or [])
    return json.dumps(values, sort_keys=True, default=str)


def _activate(self: FakeLoadBalancer) -> None:
    """moto activates at the first describe; here it takes its time."""


FakeLoadBalancer.activate = _activate  # type: ignore[method-assign]


@around("elbv2", "CreateLoadBalancer")
def create(call: Call, proceed: Proceed) -> Any:
    """The same name gives the same load balancer, or is refused with other settings."""
    elb = call.backend("elbv2")
    digest = _digest(call)
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

    def arrive() -> None:
        balancer.state = "active"

    clock.slowly(call.account, "elb", arrive)
    return result


def _check(call: Call) -> None:
    ec2 = call.backend("ec2")
    wanted = list(call.get("Subnets") or [])
    wanted += [mapping["SubnetId"] for mapping in call.get("SubnetMappings") or []]
    known = {s.id: s for zone in ec2.subnets.values() for s in zone.values()}
    for identifier in wanted:
        if identifier not in known:
            raise AwsError("SubnetNotFound", f"The subnet ID '{identifier}' does not exist")
    for identifier in call.get("SecurityGroups") or []:
        if ec2.get_security_group_from_id(identifier) is None:
            raise AwsError(
                "InvalidSecurityGroup", f"The security group '{identifier}' does not exist"
            )
    vpc_id = known[wanted[0]].vpc_id if wanted else ""
    if call.get("Scheme") != "internal" and not ec2_use.has_internet(call, vpc_id):
        raise AwsError("InvalidSubnet", f"VPC {vpc_id} has no internet gateway")
    zones = {known[identifier].availability_zone for identifier in wanted}
    if (call.get("Type") or "application") == "application" and len(zones) < 2:
        raise AwsError(
            "ValidationError",
            "At least two subnets in two different Availability Zones must be specified",
        )


@around("elbv2", "DeleteLoadBalancer")
def delete(call: Call, proceed: Proceed) -> Any:
    arn = call.get("LoadBalancerArn")
    balancer = call.backend("elbv2").load_balancers.get(arn)
    if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
        raise AwsError(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )
    return proceed()


@around("elbv2", "CreateTargetGroup")
def create_target_group(call: Call, proceed: Proceed) -> Any:
    """The same name with the same settings is the same target group."""
    digest = _digest(call)
    for group in call.backend("elbv2").target_groups.values():
        if group.name == call.get("Name") and getattr(group, "sandbox_digest", "") == digest:
            return ActionResult({"TargetGroups": [group]})
    result = proceed()
    result_of(result, "TargetGroups")[0].sandbox_digest = digest
    return result

"""Target groups: health checks and targets."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from ..hooks import AwsError, Call, Proceed, around, result_of
from . import elb, elb_attributes


@around("elbv2", "CreateTargetGroup")
def create(call: Call, proceed: Proceed) -> Any:
    """The same name with the same settings is the same target group."""
    digest = elb.digest_of(call)
    for group in call.backend("elbv2").target_groups.values():
        if group.name == call.get("Name"):
            if getattr(group, "sandbox_digest", "") == digest:
                return ActionResult({"TargetGroups": [group]})
            raise AwsError(
                "DuplicateTargetGroupName",
                f"A target group with the same name '{group.name}' exists, but with different "
                "settings",
            )
    result = proceed()
    (group,) = result_of(result, "TargetGroups")
    group.sandbox_digest = digest
    group.attributes = elb_attributes.of_group(group)
    _complete(call, group)
    return result


def _complete(call: Call, group: Any) -> None:
    """moto hears no `false`, and knows no gRPC."""
    if call.get("HealthCheckEnabled") is not None:
        group.health_check_enabled = call.get("HealthCheckEnabled")
    elif group.target_type == "lambda":
        group.health_check_enabled = False
    checked = group.health_check_protocol in ("HTTP", "HTTPS")
    if checked or group.target_type == "lambda":
        group.health_check_path = group.health_check_path or "/"
        if group.protocol_version == "GRPC":
            group.matcher = call.get("Matcher") or {"GrpcCode": "12"}
            group.health_check_path = call.get("HealthCheckPath") or "/AWS.ALB/healthcheck"
        elif group.protocol not in ("HTTP", "HTTPS", None):
            group.matcher = call.get("Matcher") or {"HttpCode": "200-399"}


@around("elbv2", "ModifyTargetGroup")
def modify(call: Call, proceed: Proceed) -> Any:
    """moto overlooks the matcher."""
    result = proceed()
    (group,) = result_of(result, "TargetGroups")
    if call.get("Matcher"):
        group.matcher = call.get("Matcher")
    return result


@around("elbv2", "RegisterTargets")
def register(call: Call, proceed: Proceed) -> Any:
    group = call.backend("elbv2").target_groups.get(call.get("TargetGroupArn"))
    if group is not None and group.target_type == "instance":
        for target in call.get("Targets") or []:
            if call.backend("ec2").get_instance_by_id(target["Id"]) is None:
                raise AwsError("InvalidTarget", f"The instance '{target['Id']}' does not exist")
    return proceed()


@around("elbv2", "DeregisterTargets")
def deregister(call: Call, proceed: Proceed) -> Any:
    """One that is not registered is no error; a port means that registration alone."""
    group = call.backend("elbv2").target_groups.get(call.get("TargetGroupArn"))
    if group is None:
        return proceed()
    for target in call.get("Targets") or []:
        there = group.targets.get(target["Id"])
        if there is not None and target.get("Port") in (None, there["Port"]):
            group.deregister([target])
    return EmptyResult()

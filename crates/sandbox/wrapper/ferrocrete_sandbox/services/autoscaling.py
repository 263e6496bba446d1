"""Application Auto Scaling: targets with tags, policies that keep their ARN, what hangs on what."""

from __future__ import annotations

import json
from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from .. import unkind
from ..hooks import AwsError, Call, Proceed, around

_BUSY = "scaling_busy"
_SERVICE = "application-autoscaling"
_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}
_KEY = ("ServiceNamespace", "ResourceId", "ScalableDimension")


def _missing(what: str) -> AwsError:
    return AwsError("ObjectNotFoundException", f"No {what} found")


def _target(call: Call) -> Any:
    targets = call.backend(_SERVICE).targets.get(call.get("ScalableDimension")) or {}
    return targets.get(call.get("ResourceId"))


def _is_of(call: Call, thing: Any) -> bool:
    key = (thing.service_namespace, thing.resource_id, thing.scalable_dimension)
    return key == tuple(call.get(name) for name in _KEY)


@around(_SERVICE, "RegisterScalableTarget")
def register(call: Call, proceed: Proceed) -> Any:
    """Tags only count for a new one; suspensions that are not named stay."""
    before = _target(call)
    least, most = call.get("MinCapacity"), call.get("MaxCapacity")
    if before is None and (least is None or most is None):
        raise AwsError("ValidationException", "A new target needs MinCapacity and MaxCapacity")
    if before is not None and call.get("Tags"):
        raise AwsError("ValidationException", "Tags cannot be given for a registered target")
    least = before.min_capacity if least is None else least
    most = before.max_capacity if most is None else most
    if least > most:
        raise AwsError("ValidationException", "Maximum capacity cannot be less than minimum")
    suspended = {**_SUSPENDED, **((before and before.suspended_state) or {})}
    result = proceed()
    target = _target(call)
    target.suspended_state = {**suspended, **(call.get("SuspendedState") or {})}
    if before is None:
        target.sandbox_tags = dict(call.get("Tags") or {})
    service = call.get("ServiceNamespace")
    # Those that have a role of their own ignore the one that is given.
    target.role_arn = (
        f"arn:aws:iam::{call.account}:role/aws-service-role/"
        f"{service}.application-autoscaling.amazonaws.com/"
        f"AWSServiceRoleForApplicationAutoScaling_{service}"
    )
    return result


@around(_SERVICE, "DeregisterScalableTarget")
def deregister(call: Call, proceed: Proceed) -> Any:
    """Policies and scheduled actions go along."""
    if _target(call) is None:
        raise _missing("scalable target")
    result = proceed()
    backend = call.backend(_SERVICE)
    for key, policy in list(backend.policies.items()):
        if _is_of(call, policy):
            policy.delete_alarms(call.account, call.region)
            del backend.policies[key]
    backend.scheduled_actions = [a for a in backend.scheduled_actions if not _is_of(call, a)]
    return result


def _tagged(call: Call) -> Any:
    for targets in call.backend(_SERVICE).targets.values():
        for target in targets.values():
            if target.arn == call.get("ResourceARN"):
                return target
    raise AwsError("ResourceNotFoundException", "The ARN does not exist")


@around(_SERVICE, "ListTagsForResource")
def list_tags(call: Call, proceed: Proceed) -> Any:
    """Missing in moto."""
    return ActionResult({"Tags": getattr(_tagged(call), "sandbox_tags", {})})


@around(_SERVICE, "TagResource")
def tag(call: Call, proceed: Proceed) -> Any:
    """Missing in moto."""
    target = _tagged(call)
    target.sandbox_tags = {**getattr(target, "sandbox_tags", {}), **call.get("Tags")}
    return EmptyResult()


@around(_SERVICE, "UntagResource")
def untag(call: Call, proceed: Proceed) -> Any:
    """Missing in moto."""
    target = _tagged(call)
    tags = getattr(target, "sandbox_tags", {})
    target.sandbox_tags = {k: v for k, v in tags.items() if k not in call.get("TagKeys")}
    return EmptyResult()


@around(_SERVICE, "PutScalingPolicy")
def put_policy(call: Call, proceed: Proceed) -> Any:
    """A policy that is changed keeps its ARN, and its old alarms go."""
    if _target(call) is None:
        raise _missing("scalable target")
    policies = call.backend(_SERVICE).policies
    key = "\t".join([*(call.get(name) for name in _KEY), call.get("PolicyName")])
    before = policies.get(key)
    answer = json.loads(proceed())
    if before is not None:
        before.delete_alarms(call.account, call.region)
        policies[key].policy_arn = before.policy_arn
        answer["PolicyARN"] = before.policy_arn
    return json.dumps(answer)


def _metric(policy: dict[str, Any]) -> str | None:
    """What a target-tracking policy follows."""
    tracking = policy.get("TargetTrackingScalingPolicyConfiguration") or {}
    names = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")
    followed = {name: tracking[name] for name in names if tracking.get(name)}
    return json.dumps(followed, sort_keys=True) if followed else None


@around(_SERVICE, "PutScalingPolicy")
def one_policy_per_metric(call: Call, proceed: Proceed) -> Any:
    """TF#41179."""
    wanted = _metric(call.params)
    for policy in call.backend(_SERVICE).policies.values():
        other = {"TargetTrackingScalingPolicyConfiguration": policy.target_tracking_scaling_policy_configuration}
        same = wanted is not None and _metric(other) == wanted
        if same and _is_of(call, policy) and policy.policy_name != call.get("PolicyName"):
            raise AwsError(
                "ValidationException",
                "Only one TargetTrackingScaling policy for a given metric specification is "
                "allowed.",
            )
    return proceed()


@around(_SERVICE, "PutScalingPolicy", "DeleteScalingPolicy")
def one_at_a_time(call: Call, proceed: Proceed) -> Any:
    """Two policies of one target in quick succession (TF#17915). A fault of the server, as
    Smithy's model has it: HTTP 500."""
    target = tuple(call.get(name) for name in _KEY)
    if unkind.lasts(call.account, _BUSY, target):
        raise AwsError(
            "ConcurrentUpdateException",
            "You already have a pending update to an Auto Scaling resource.",
            status=500,
        )
    result = proceed()
    unkind.mark(call.account, _BUSY, target)
    return result


@around(_SERVICE, "DescribeScalingPolicies")
def describe_policies(call: Call, proceed: Proceed) -> Any:
    """moto overlooks names, and takes the beginning of a resource's id for the whole."""
    answer = json.loads(proceed())

    def fits(policy: dict[str, Any]) -> bool:
        names = call.get("PolicyNames")
        return call.get("ResourceId") in (None, policy["ResourceId"]) and (
            not names or policy["PolicyName"] in names
        )

    answer["ScalingPolicies"] = [p for p in answer["ScalingPolicies"] if fits(p)]
    return json.dumps(answer)


@around(_SERVICE, "DeleteScalingPolicy")
def delete_policy(call: Call, proceed: Proceed) -> Any:
    policies = call.backend(_SERVICE).policies.values()
    if not any(_is_of(call, p) and p.policy_name == call.get("PolicyName") for p in policies):
        raise _missing("scaling policy")
    return proceed()


def _action(call: Call) -> Any:
    name = call.get("ScheduledActionName")
    for action in call.backend(_SERVICE).scheduled_actions:
        if _is_of(call, action) and action.scheduled_action_name == name:
            return action
    return None


@around(_SERVICE, "PutScheduledAction")
def put_action(call: Call, proceed: Proceed) -> Any:
    if _target(call) is None:
        raise _missing("scalable target")
    if not call.get("Schedule"):
        raise AwsError("ValidationException", "A schedule is needed")
    return proceed()


@around(_SERVICE, "DeleteScheduledAction")
def delete_action(call: Call, proceed: Proceed) -> Any:
    """moto says nothing about one that is missing."""
    if _action(call) is None:
        raise _missing("scheduled action")
    return proceed()

"""Who uses a target group, a port, a priority: what a load balancer has once only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.models import FakeListener, FakeTargetGroup, elbv2_backends

from ..hooks import AwsError, Call, Proceed, around

#: Highest priority of a rule that is not the default one.
_LAST = 50_000


def _groups_of(actions: Any) -> Iterator[str]:
    """The target groups of actions, as sent or as moto keeps them."""
    for action in actions or []:
        data = action if isinstance(action, dict) else action.data
        if data.get("TargetGroupArn"):
            yield data["TargetGroupArn"]
        for group in (data.get("ForwardConfig") or {}).get("TargetGroups") or []:
            yield group["TargetGroupArn"]


def _used_by(balancer: Any) -> set[str]:
    """The target groups that a load balancer's listeners and rules forward to."""
    rules = (rule for listener in balancer.listeners.values() for rule in listener.rules.values())
    return {arn for rule in rules for arn in _groups_of(rule.actions)}


def _balancers_of(self: FakeTargetGroup) -> list[str]:
    """moto notes every load balancer once and for ever; AWS tells those that use it now."""
    balancers = elbv2_backends[self.account_id][self.region_name].load_balancers.values()
    return [balancer.arn for balancer in balancers if self.arn in _used_by(balancer)]


def _noted(self: FakeTargetGroup, value: Any) -> None:
    """moto's constructor sets it."""


class _Deaf(list):  # type: ignore[type-arg]
    """What moto appends to the answer of the property is not kept."""


FakeTargetGroup.load_balancer_arns = property(  # type: ignore[assignment]
    lambda self: _Deaf(_balancers_of(self)), _noted
)


def _balancer_of(call: Call) -> str:
    """The ARN of the load balancer that a call is about; the middle of each other ARN has it."""
    arn = call.get("LoadBalancerArn") or call.get("ListenerArn") or call.get("RuleArn")
    head, kind, tail = arn.partition(":listener-rule/")
    if not kind:
        head, kind, tail = arn.partition(":listener/")
    return f"{head}:loadbalancer/{'/'.join(tail.split('/')[:3])}" if kind else str(arn)


@around("elbv2", "CreateListener", "ModifyListener", "CreateRule", "ModifyRule")
def one_balancer_per_group(call: Call, proceed: Proceed) -> Any:
    """A target group serves one load balancer (TF#22005)."""
    mine = _balancer_of(call)
    wanted = [*_groups_of(call.get("DefaultActions")), *_groups_of(call.get("Actions"))]
    groups = call.backend("elbv2").target_groups
    for arn in dict.fromkeys(wanted):
        if arn in groups and set(groups[arn].load_balancer_arns) - {mine}:
            raise AwsError(
                "TargetGroupAssociationLimit",
                "The following target groups cannot be associated with more than one load "
                f"balancer: {arn}",
            )
    return proceed()


@around("elbv2", "DeleteTargetGroup")
def delete_group(call: Call, proceed: Proceed) -> Any:
    """Not while a listener or a rule forwards to it (aws-load-balancer-controller#1568)."""
    group = call.backend("elbv2").target_groups.get(call.get("TargetGroupArn"))
    if group is not None and group.load_balancer_arns:
        raise AwsError(
            "ResourceInUse",
            f"Target group '{group.arn}' is currently in use by a listener or a rule",
        )
    return proceed()


def _in_use(priority: int) -> AwsError:
    """As told in stelligent/mu#324."""
    return AwsError("PriorityInUse", f"Priority '{priority}' is currently in use")


def _number(rule: Any) -> int | None:
    return None if rule.is_default else int(rule.priority)


def _rules(self: FakeListener) -> dict[Any, Any]:
    """In the order in which they are tried, as AWS lists them; the default one is last."""
    rules = sorted(self._non_default_rules.items(), key=lambda item: int(item[1].priority))
    return dict([*rules, *self._default_rule.items()])


FakeListener.rules = property(_rules)  # type: ignore[assignment]


@around("elbv2", "CreateRule")
def create_rule(call: Call, proceed: Proceed) -> Any:
    """A priority has one rule."""
    listeners = call.backend("elbv2").describe_listeners(None, [call.get("ListenerArn")])
    for rule in (rule for listener in listeners for rule in listener.rules.values()):
        if _number(rule) == int(call.get("Priority")):
            raise _in_use(int(call.get("Priority")))
    return proceed()


@around("elbv2", "SetRulePriorities")
def set_priorities(call: Call, proceed: Proceed) -> Any:
    """All or none, seen together, so that rules can exchange their places in one call:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetRulePriorities.html
    moto refuses a priority that a rule of the same call gives up."""
    elb = call.backend("elbv2")
    wanted = {pair["RuleArn"]: int(pair["Priority"]) for pair in call.get("RulePriorities")}
    priorities = [int(pair["Priority"]) for pair in call.get("RulePriorities")]
    for priority in priorities:
        if not 1 <= priority <= _LAST:
            raise AwsError("ValidationError", f"Priority '{priority}' must be between 1-{_LAST}")
        if priorities.count(priority) > 1:
            raise AwsError(
                "ValidationError", f"Priority '{priority}' was provided multiple times"
            )
    rules = {arn: elb.describe_rules(None, [arn])[0] for arn in wanted}
    if any(rule.is_default for rule in rules.values()):
        raise AwsError(
            "OperationNotPermitted", "The priority of the default rule cannot be changed"
        )
    for rule in rules.values():
        (listener,) = elb.describe_listeners(None, [rule.listener_arn])
        for other in listener.rules.values():
            if other.arn not in wanted and _number(other) in priorities:
                raise _in_use(int(other.priority))
    for arn, rule in rules.items():
        rule.priority = wanted[arn]
    return ActionResult({"Rules": list(rules.values())})

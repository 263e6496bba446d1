"""Listener rules, and tags of what does not exist."""

from __future__ import annotations

from typing import Any

from ..hooks import AwsError, Call, Proceed, around, result_of
from . import elb_actions


@around("elbv2", "CreateRule", "ModifyRule")
def complete(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    (rule,) = result_of(result, "Rules")
    elb_actions.complete(rule.actions)
    elb_actions.complete_conditions(rule.conditions)
    return result


@around("elbv2", "DeleteRule")
def delete(call: Call, proceed: Proceed) -> Any:
    """moto says nothing about one that is missing."""
    (rule,) = call.backend("elbv2").describe_rules(None, [call.get("RuleArn")])
    if rule.is_default:
        raise AwsError("OperationNotPermitted", "The default rule cannot be deleted")
    return proceed()


@around("elbv2", "DescribeTags")
def describe_tags(call: Call, proceed: Proceed) -> Any:
    """One that is missing fails the call."""
    for arn in call.get("ResourceArns") or []:
        call.backend("elbv2")._get_resource_by_arn(arn)
    return proceed()

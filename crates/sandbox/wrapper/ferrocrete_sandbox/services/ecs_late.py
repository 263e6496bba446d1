"""ECS in a bad mood: old deployments, lists in another order, what happens by itself."""

from __future__ import annotations

import copy
from typing import Any

from .. import unkind
from ..events import event
from ..hooks import Call, Proceed, around, backend, result_of

_STALE = "ecs_stale"
_REORDER = "ecs_reorder"


def _service(call: Call) -> Any:
    ecs = call.backend("ecs")
    cluster = ecs._get_cluster(call.get("cluster") or "default")
    name = str(call.get("service") or call.get("serviceName")).rsplit("/", 1)[-1]
    return ecs.services.get(f"{cluster.name}:{name}")


@around("ecs", "CreateService")
def create(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    service = _service(call)
    if not unkind.lasts(call.account, _STALE, service.arn):
        service.sandbox_before = None
    unkind.mark(call.account, _STALE, service.arn)
    return result


@around("ecs", "UpdateService")
def update(call: Call, proceed: Proceed) -> Any:
    service = _service(call)
    before = copy.copy(service)
    if service is not None:
        before.deployments = copy.deepcopy(service.deployments)
    result = proceed()
    if not unkind.lasts(call.account, _STALE, service.arn):
        service.sandbox_before = before
    unkind.mark(call.account, _STALE, service.arn)
    return result


@around("ecs", "DescribeServices")
def describe(call: Call, proceed: Proceed) -> Any:
    """For a moment services are shown as they were before the last change: with the deployment
    before ours, completed (aws-actions/amazon-ecs-deploy-task-definition PR#860); new ones not at
    all (TF: `internal/service/ecs/service.go`, failure `MISSING`)."""
    result = proceed()
    shown, failures = [], list(result_of(result, "failures"))
    for service in result_of(result, "services"):
        if not unkind.lasts(call.account, _STALE, service.arn):
            shown.append(service)
        elif getattr(service, "sandbox_before", None) is not None:
            shown.append(service.sandbox_before)
        else:
            failures.append({"arn": service.arn, "reason": "MISSING"})
    result.result.update(services=shown, failures=failures)
    return result


@around("ecs", "RegisterTaskDefinition", "DescribeTaskDefinition")
def reorder(call: Call, proceed: Proceed) -> Any:
    """Lists of named things have no order of their own (TF PR#36029, TF PR#11463, TF PR#35792)."""
    result = proceed()
    if not unkind.is_on(call.account, _REORDER):
        return result
    shown = copy.copy(result_of(result, "taskDefinition"))
    shown.volumes = list(reversed(shown.volumes or []))
    shown.container_definitions = [
        {k: list(reversed(v)) if k in _NAMED else v for k, v in container.items()}
        for container in reversed(shown.container_definitions)
    ]
    result.result["taskDefinition"] = shown
    return result


#: Lists of a container in which each entry has a name.
_NAMED = ("environment", "secrets")


def _named(account: str, region: str, values: dict[str, Any]) -> Any:
    cluster, name = values["resource"].split("/")
    return backend("ecs", account, region).services[f"{cluster}:{name}"]


@event("ecs_scale")
def scale(account: str, region: str, values: dict[str, Any]) -> None:
    """Application Auto Scaling changes the number of tasks."""
    service, count = _named(account, region, values), int(values["to"])
    service.desired_count = service.running_count = count
    for deployment in service.deployments[:1]:
        deployment.update(desiredCount=count, runningCount=count)


@event("ecs_break")
def break_next(account: str, region: str, values: dict[str, Any]) -> None:
    """The tasks of the next deployment do not start, whatever their definition says: an image
    that changed under its tag, a secret that is gone. It is rolled back to the same definition."""
    _named(account, region, values).sandbox_breaks = True

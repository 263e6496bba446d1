"""ECS: deployments take a while, fail when tasks do not start, and are rolled back.

A task does not start when one of its images has the tag `does-not-start`.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from .. import clock
from ..hooks import Call, Proceed, around
from . import ecs_stopped


def deploy(call: Call, service: Any, fresh: bool) -> None:
    """Starts a deployment, which takes a while. The old one goes when it is done."""
    if fresh:
        _remember(call, service)
        _make_primary(service)
        service.running_count = min(service.running_count, service.desired_count)
    _progress(service, 0 if fresh else service.running_count)
    primary = service.deployments[0]

    def arrive() -> None:
        if service.deployments[:1] != [primary] or service.status != "ACTIVE":
            return
        broken = service.__dict__.pop("sandbox_breaks", False)
        if not broken and _starts(call, primary["taskDefinition"]):
            _complete(service)
            service.sandbox_good = primary["taskDefinition"]
            record = _history(service)[0]
            if record["status"] == "IN_PROGRESS":
                record.update(status="SUCCESSFUL", finishedAt=utcnow())
        else:
            _fail(call, service)

    clock.slowly(call.account, "ecs", arrive)


def _make_primary(service: Any) -> None:
    for old in service.deployments:
        old["status"] = "ACTIVE"
    primary = {
        "id": f"ecs-svc/{mock_random.randint(10**15, 10**19 - 1)}",
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "createdAt": utcnow(),
        "failedTasks": 0,
        "launchType": service.launch_type,
        "platformVersion": service.platform_version,
        "networkConfiguration": service.network_configuration or None,
    }
    service.deployments.insert(0, primary)


def _progress(service: Any, running: int) -> None:
    primary, desired = service.deployments[0], service.desired_count
    primary.update(
        desiredCount=desired,
        runningCount=running,
        pendingCount=max(desired - running, 0),
        rolloutState="IN_PROGRESS",
        rolloutStateReason=f"ECS deployment {primary['id']} in progress.",
        updatedAt=utcnow(),
    )
    service.pending_count = max(desired - service.running_count, 0)


def _complete(service: Any) -> None:
    primary = service.deployments[0]
    del service.deployments[1:]
    service.running_count, service.pending_count = service.desired_count, 0
    primary.update(
        runningCount=service.desired_count,
        pendingCount=0,
        rolloutState="COMPLETED",
        rolloutStateReason=f"ECS deployment {primary['id']} completed.",
        updatedAt=utcnow(),
    )
    service.events.insert(
        0,
        {
            "id": str(mock_random.uuid4()),
            "createdAt": utcnow(),
            "message": f"(service {service.name}) has reached a steady state.",
        },
    )


def _starts(call: Call, definition: str) -> bool:
    found = call.backend("ecs").describe_task_definition(definition)
    images = [container.get("image", "") for container in found.container_definitions]
    return not any(image.endswith(":does-not-start") for image in images)


def _fail(call: Call, service: Any) -> None:
    """Tasks were tried in vain: for ever, unless there is a circuit breaker."""
    primary = service.deployments[0]
    primary.update(failedTasks=3, updatedAt=utcnow())
    ecs_stopped.did_not_start(call, service, tasks=3)
    breaker = service.deployment_configuration["deploymentCircuitBreaker"]
    if not breaker["enable"]:
        return
    reason = "ECS deployment circuit breaker: tasks failed to start."
    primary.update(rolloutState="FAILED", rolloutStateReason=reason)
    record = _history(service)[0]
    good = getattr(service, "sandbox_good", None)
    if not (breaker["rollback"] and good):
        record.update(status="STOPPED", statusReason=reason, finishedAt=utcnow())
        return
    service.task_definition = good
    _make_primary(service)
    _progress(service, service.running_count)
    back = service.deployments[0]
    primary["rolloutStateReason"] = (
        f"ECS deployment circuit breaker: rolling back to deploymentId {back['id']}."
    )
    record.update(status="ROLLBACK_IN_PROGRESS", statusReason=reason)

    def arrive() -> None:
        if service.deployments[:1] != [back] or service.status != "ACTIVE":
            return
        _complete(service)
        service.current_service_deployment = record["serviceDeploymentArn"]
        record.update(status="ROLLBACK_SUCCESSFUL", finishedAt=utcnow())

    clock.slowly(call.account, "ecs", arrive)


def _history(service: Any) -> list[dict[str, Any]]:
    """What ListServiceDeployments answers, newest first."""
    if not hasattr(service, "sandbox_history"):
        service.sandbox_history, service.sandbox_revisions = [], {}
    return service.sandbox_history  # type: ignore[no-any-return]


def _remember(call: Call, service: Any) -> None:
    history = _history(service)
    for older in history:
        if older["status"] in ("IN_PROGRESS", "ROLLBACK_IN_PROGRESS"):
            older.update(status="STOPPED", finishedAt=utcnow())
    number = len(history) + 1

    def arn(kind: str) -> str:
        return f"{service.arn.replace(':service/', f':{kind}/')}/{number:019}"

    revision = arn("service-revision")
    service.sandbox_revisions[revision] = service.task_definition
    service.current_service_deployment = arn("service-deployment")
    history.insert(
        0,
        {
            "serviceDeploymentArn": arn("service-deployment"),
            "serviceArn": service.arn,
            "clusterArn": service.cluster_arn,
            "createdAt": utcnow(),
            "startedAt": utcnow(),
            "status": "IN_PROGRESS",
            "targetServiceRevisionArn": revision,
        },
    )


@around("ecs", "ListServiceDeployments")
def list_service_deployments(call: Call, _: Proceed) -> Any:
    """In pages of 20, unless asked for others (botocore's model)."""
    ecs = call.backend("ecs")
    service = ecs._get_service(call.get("cluster") or "default", call.get("service"))
    wanted = call.get("status") or []
    found = [d for d in _history(service) if not wanted or d["status"] in wanted]
    start, most = int(call.get("nextToken") or 0), int(call.get("maxResults") or 20)
    more = len(found) > start + most
    answer = {"serviceDeployments": found[start : start + most]}
    return ActionResult({**answer, "nextToken": str(start + most)} if more else answer)


@around("ecs", "DescribeServiceDeployments")
def describe_service_deployments(call: Call, _: Proceed) -> Any:
    known = {
        deployment["serviceDeploymentArn"]: deployment
        for service in call.backend("ecs").services.values()
        for deployment in _history(service)
    }
    found, failures = [], []
    for arn in call.get("serviceDeploymentArns") or []:
        if arn not in known:
            failures.append({"arn": arn, "reason": "MISSING"})
            continue
        target = known[arn]["targetServiceRevisionArn"]
        found.append({**known[arn], "targetServiceRevision": {"arn": target}})
    return ActionResult({"serviceDeployments": found, "failures": failures})


@around("ecs", "DescribeServiceRevisions")
def describe_service_revisions(call: Call, _: Proceed) -> Any:
    known = {
        arn: (service, definition)
        for service in call.backend("ecs").services.values()
        for arn, definition in getattr(service, "sandbox_revisions", {}).items()
    }
    found, failures = [], []
    for arn in call.get("serviceRevisionArns") or []:
        if arn not in known:
            failures.append({"arn": arn, "reason": "MISSING"})
            continue
        service, definition = known[arn]
        found.append(
            {
                "serviceRevisionArn": arn,
                "serviceArn": service.arn,
                "clusterArn": service.cluster_arn,
                "taskDefinition": definition,
            }
        )
    return ActionResult({"serviceRevisions": found, "failures": failures})

"""ECS: tasks that did not start are described for a while, with the reason:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from ..hooks import Call, Proceed, around
from . import memory


def _all(call: Call) -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = memory.table(call.account, f"ecs-stopped:{call.region}")
    return table


def did_not_start(call: Call, service: Any, tasks: int) -> None:
    """So many tasks of the service's newest deployment could not pull their image."""
    primary = service.deployments[0]
    definition = call.backend("ecs").describe_task_definition(primary["taskDefinition"])
    for _ in range(tasks):
        arn = service.arn.replace(":service/", ":task/").rsplit("/", 1)[0]
        arn = f"{arn}/{str(mock_random.uuid4()).replace('-', '')}"
        image = definition.container_definitions[0].get("image", "")
        reason = (
            "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to "
            f"resolve ref {image}: not found"
        )
        _all(call)[arn] = {
            "taskArn": arn,
            "clusterArn": service.cluster_arn,
            "taskDefinitionArn": definition.arn,
            "group": f"service:{service.name}",
            "startedBy": primary["id"],
            "lastStatus": "STOPPED",
            "desiredStatus": "STOPPED",
            "stopCode": "TaskFailedToStart",
            "stoppedReason": reason,
            "stoppedAt": utcnow(),
            "containers": [
                {"name": container["name"], "lastStatus": "STOPPED", "reason": reason}
                for container in definition.container_definitions
            ],
        }


@around("ecs", "ListTasks")
def list_tasks(call: Call, proceed: Proceed) -> Any:
    if call.get("desiredStatus") != "STOPPED":
        return proceed()
    cluster = str(call.get("cluster") or "default").rsplit("/", 1)[-1]
    name = str(call.get("serviceName") or "").rsplit("/", 1)[-1]
    found = [
        arn
        for arn, task in reversed(_all(call).items())
        if task["clusterArn"].rsplit("/", 1)[-1] == cluster
        and (not name or task["group"] == f"service:{name}")
    ]
    return ActionResult({"taskArns": found[: int(call.get("maxResults") or 100)]})


@around("ecs", "DescribeTasks")
def describe_tasks(call: Call, proceed: Proceed) -> Any:
    stopped, asked = _all(call), call.get("tasks") or []
    if not any(arn in stopped for arn in asked):
        return proceed()
    missing = [{"arn": arn, "reason": "MISSING"} for arn in asked if arn not in stopped]
    tasks = [stopped[arn] for arn in asked if arn in stopped]
    return ActionResult({"tasks": tasks, "failures": missing})

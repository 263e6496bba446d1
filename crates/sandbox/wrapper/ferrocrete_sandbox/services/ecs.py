"""ECS: services become steady after a while, keep their settings, and hold their cluster."""

from __future__ import annotations

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from .. import clock
from ..hooks import AwsError, Call, Proceed, around, result_of

#: Sent to CreateService and UpdateService, answered by DescribeServices, forgotten by moto.
_KEPT = {
    "enableExecuteCommand": "enable_execute_command",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "capacityProviderStrategy": "capacity_provider_strategy",
    "placementStrategy": "placement_strategy",
    "placementConstraints": "placement_constraints",
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "networkConfiguration": "network_configuration",
    "loadBalancers": "load_balancers",
    "serviceRegistries": "service_registries",
    "platformVersion": "platform_version",
    "propagateTags": "propagate_tags",
}
#: A change of these starts a new deployment.
_DEPLOYED = ("taskDefinition", "networkConfiguration", "capacityProviderStrategy",
             "platformVersion", "loadBalancers", "forceNewDeployment")  # fmt: skip


def _keep(call: Call, service: Any) -> None:
    params = call.params
    for name, attribute in _KEPT.items():
        if params.get(name) is not None:
            setattr(service, attribute, params[name])
    configuration = dict(getattr(service, "deployment_configuration", None) or {})
    configuration.update(params.get("deploymentConfiguration") or {})
    configuration.setdefault("maximumPercent", 200)
    configuration.setdefault("minimumHealthyPercent", 100)
    breaker = configuration.setdefault("deploymentCircuitBreaker", {})
    breaker.setdefault("enable", False)
    breaker.setdefault("rollback", False)
    service.deployment_configuration = configuration


def _deploy(call: Call, service: Any, fresh: bool) -> None:
    """Starts a deployment, which takes a while. The old one goes when it is done."""
    desired = service.desired_count
    if fresh:
        for old in service.deployments:
            old["status"] = "ACTIVE"
        identifier = f"ecs-svc/{mock_random.randint(10**15, 10**19 - 1)}"
        primary = {
            "id": identifier,
            "status": "PRIMARY",
            "taskDefinition": service.task_definition,
            "createdAt": utcnow(),
            "failedTasks": 0,
            "launchType": service.launch_type,
            "platformVersion": service.platform_version,
            "networkConfiguration": service.network_configuration or None,
        }
        service.deployments.insert(0, primary)
        service.running_count = min(service.running_count, desired)
    primary = service.deployments[0]
    primary.update(
        desiredCount=desired,
        runningCount=0 if fresh else service.running_count,
        pendingCount=max(desired - (0 if fresh else service.running_count), 0),
        rolloutState="IN_PROGRESS",
        rolloutStateReason=f"ECS deployment {primary['id']} in progress.",
        updatedAt=utcnow(),
    )
    service.pending_count = max(desired - service.running_count, 0)

    def arrive() -> None:
        if service.deployments[:1] != [primary] or service.status != "ACTIVE":
            return
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

    clock.slowly(call.account, "ecs", arrive)


def _service(call: Call) -> Any:
    ecs = call.backend("ecs")
    cluster = ecs._get_cluster(call.get("cluster") or "default")
    name = str(call.get("service") or call.get("serviceName")).split("/")[-1]
    return ecs.services.get(f"{cluster.name}:{name}")


@around("ecs", "CreateService")
def create(call: Call, proceed: Proceed) -> Any:
    """Idempotent for equal parameters, refused for others while the name is taken."""
    digest = json.dumps(
        {k: v for k, v in call.params.items() if k != "clientToken"}, sort_keys=True, default=str
    )
    existing = _service(call)
    if existing is not None and existing.status != "INACTIVE":
        if existing.status == "ACTIVE" and getattr(existing, "sandbox_digest", "") == digest:
            return ActionResult({"service": existing})
        raise AwsError(
            "InvalidParameterException",
            "Unable to Start a service that is still Draining."
            if existing.status == "DRAINING"
            else "Creation of service was not idempotent.",
        )
    result = proceed()
    service = result_of(result, "service")
    service.sandbox_digest = digest
    service.created_at = utcnow()
    service.enable_execute_command = False
    service.enable_ecs_managed_tags = False
    if call.get("capacityProviderStrategy"):
        service.launch_type = None
    _keep(call, service)
    service.running_count = 0
    if service.deployments:
        service.deployments = []
        _deploy(call, service, fresh=True)
    return result


@around("ecs", "UpdateService")
def update(call: Call, proceed: Proceed) -> Any:
    service = _service(call)
    if service is not None and service.status != "ACTIVE":
        raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
    before = service and (service.running_count, list(service.deployments))
    definition = call.get("taskDefinition")
    old_definition = service and service.task_definition
    old = {name: getattr(service, attribute, None) for name, attribute in _KEPT.items()}
    result = proceed()
    service.running_count, service.deployments = before
    service.sandbox_digest = ""
    if definition:
        service.task_definition = call.backend("ecs").describe_task_definition(definition).arn
    for name in ("deploymentConfiguration",):
        if call.get(name) is not None and service.deployment_configuration is call.get(name):
            service.deployment_configuration = dict(call.get(name))
    _keep(call, service)
    fresh = bool(call.get("forceNewDeployment")) or service.task_definition != old_definition
    for name in _DEPLOYED:
        if name in _KEPT and call.get(name) is not None and call.get(name) != old[name]:
            fresh = True
    if fresh or call.get("desiredCount") is not None:
        if service.deployments or fresh:
            _deploy(call, service, fresh)
    return result


@around("ecs", "DeleteService")
def delete(call: Call, proceed: Proceed) -> Any:
    """Draining first, then inactive."""
    service = _service(call)
    if service is not None and service.status == "INACTIVE":
        raise AwsError("ServiceNotFoundException", "Service not found.")
    result = proceed()
    service.status = "DRAINING"
    service.desired_count = 0
    service.deployments = []

    def arrive() -> None:
        service.status = "INACTIVE"
        service.running_count = 0

    clock.slowly(call.account, "ecs", arrive)
    return result


@around("ecs", "DeleteCluster")
def delete_cluster(call: Call, proceed: Proceed) -> Any:
    ecs = call.backend("ecs")
    cluster = ecs._get_cluster(call.get("cluster"))
    held = [
        service
        for service in ecs.services.values()
        if service.cluster_name == cluster.name and service.status != "INACTIVE"
    ]
    if held:
        raise AwsError(
            "ClusterContainsServicesException",
            "The Cluster cannot be deleted while Services are active.",
        )
    return proceed()

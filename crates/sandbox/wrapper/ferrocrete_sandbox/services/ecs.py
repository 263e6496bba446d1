"""ECS: services become steady after a while, keep their settings, and hold their cluster."""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ecs.models import Service

from .. import clock
from ..hooks import AwsError, Call, Proceed, around, result_of
from . import ec2_interfaces
from .ecs_deployments import deploy

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
    "deploymentController": "deployment_controller",
}
#: A change of these starts a new deployment.
_DEPLOYED = ("taskDefinition", "networkConfiguration", "capacityProviderStrategy",
             "platformVersion", "loadBalancers", "forceNewDeployment")  # fmt: skip

#: More interfaces of one service would show nothing new.
_MOST_INTERFACES = 8


#: How ECS writes what tasks are placed by: TF: `internal/service/ecs/service.go`.
_FIELDS = {"host": "instanceId", "cpu": "CPU", "memory": "MEMORY"}


def _placed(strategy: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {k: _FIELDS.get(v, v) if k == "field" else v for k, v in one.items()} for one in strategy
    ]


def _keep(call: Call, service: Any) -> None:
    params = call.params
    for name, attribute in _KEPT.items():
        if params.get(name) is not None:
            value = params[name]
            setattr(service, attribute, _placed(value) if name == "placementStrategy" else value)
    configuration = dict(getattr(service, "deployment_configuration", None) or {})
    configuration.update(params.get("deploymentConfiguration") or {})
    configuration.setdefault("maximumPercent", 200)
    configuration.setdefault("minimumHealthyPercent", 100)
    breaker = configuration.setdefault("deploymentCircuitBreaker", {})
    breaker.setdefault("enable", False)
    breaker.setdefault("rollback", False)
    service.deployment_configuration = configuration


def _settle(call: Call, service: Any) -> None:
    """Each task in a network of its own has an interface, described by its attachment:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html"""
    network = getattr(service, "network_configuration", None) or {}
    vpc = network.get("awsvpcConfiguration")
    if not vpc:
        return
    uid = f"{service.arn.replace(':service/', ':attachment/').rsplit('/', 1)[0]}"
    kind = ec2_interfaces.Kind(f"{uid}/{service.sandbox_uid}", "amazon-ecs")
    public = vpc.get("assignPublicIp") == "ENABLED"
    groups = tuple(vpc.get("securityGroups") or [])
    subnets = vpc["subnets"]
    places = [
        ec2_interfaces.Place(subnets[n % len(subnets)], groups, public)
        for n in range(min(service.desired_count or 0, _MOST_INTERFACES))
    ]
    ec2_interfaces.settle(call, service.arn, kind, places)


def _service(call: Call) -> Any:
    ecs = call.backend("ecs")
    cluster = ecs._get_cluster(call.get("cluster") or "default")
    name = str(call.get("service") or call.get("serviceName")).split("/")[-1]
    return ecs.services.get(f"{cluster.name}:{name}")


_moto_validates = Service._validate_network


def _validate_network(self: Service, configuration: dict[str, Any]) -> dict[str, Any]:
    """Security groups may be left out; a public address is as usual then."""
    vpc = {"securityGroups": [], **configuration["awsvpcConfiguration"]}
    _moto_validates(self, {"awsvpcConfiguration": vpc})
    configuration["awsvpcConfiguration"].setdefault("assignPublicIp", "DISABLED")
    return configuration


Service._validate_network = _validate_network  # type: ignore[method-assign]


def _check(call: Call) -> None:
    """What AWS looks at before it makes a service."""
    for balancer in call.get("loadBalancers") or []:
        arn = balancer.get("targetGroupArn")
        if not arn:
            continue
        group = call.backend("elbv2").target_groups.get(arn)
        if group is None:
            raise AwsError(
                "InvalidParameterException", f"The target group {arn} does not exist."
            )
        if not group.load_balancer_arns:
            raise AwsError(
                "InvalidParameterException",
                f"The target group with targetGroupArn {arn} does not have an associated load "
                "balancer.",
            )
    if call.get("launchType") and call.get("capacityProviderStrategy"):
        raise AwsError(
            "InvalidParameterException",
            "Specifying both a launch type and capacity provider strategy is not supported.",
        )
    cluster = call.backend("ecs")._get_cluster(call.get("cluster") or "default")
    for item in call.get("capacityProviderStrategy") or []:
        if item["capacityProvider"] not in (cluster.capacity_providers or []):
            raise AwsError(
                "InvalidParameterException",
                "The strategy has a capacity provider that is not associated with the cluster.",
            )


@around("ecs", "DescribeServices")
def describe(call: Call, proceed: Proceed) -> Any:
    if len(call.get("services") or []) > 10:
        raise AwsError(
            "InvalidParameterException", "Services cannot have more than 10 elements."
        )
    return proceed()


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
    _check(call)
    result = proceed()
    service = result_of(result, "service")
    service.sandbox_digest = digest
    service.created_at = utcnow()
    service.enable_execute_command = False
    service.enable_ecs_managed_tags = False
    if call.get("capacityProviderStrategy"):
        service.launch_type = None
    _keep(call, service)
    default = call.backend("ecs")._get_cluster(service.cluster_arn).default_capacity_provider_strategy
    if default and not call.get("launchType") and not call.get("capacityProviderStrategy"):
        service.launch_type, service.capacity_provider_strategy = None, default
    if service.launch_type == "FARGATE" and not service.platform_version:
        service.platform_version = "LATEST"
    service.running_count = 0
    service.sandbox_uid = uuid.uuid4()
    _settle(call, service)
    if service.deployments:
        service.deployments = []
        deploy(call, service, fresh=True)
    return result


@around("ecs", "UpdateService")
def update(call: Call, proceed: Proceed) -> Any:
    service = _service(call)
    if service is not None and service.status != "ACTIVE":
        raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
    _check(call)
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
    if call.get("capacityProviderStrategy"):
        service.launch_type = None
    _settle(call, service)
    if fresh or call.get("desiredCount") is not None:
        if service.deployments or fresh:
            deploy(call, service, fresh)
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
        ec2_interfaces.release(call.account, call.region, service.arn)

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

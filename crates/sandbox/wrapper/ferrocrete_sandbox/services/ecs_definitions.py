"""ECS: clusters and task definitions are read back as AWS keeps them."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from .. import clock
from ..hooks import AwsError, Call, Proceed, around, result_of

_FARGATE = ("FARGATE", "FARGATE_SPOT")


@around("ecs", "CreateCluster")
def create_cluster(call: Call, proceed: Proceed) -> Any:
    """A name that is taken gives the cluster that is there, as it is."""
    ecs = call.backend("ecs")
    existing = ecs.clusters.get(call.get("clusterName") or "default")
    if existing is not None and existing.status != "INACTIVE":
        return ActionResult({"cluster": existing})
    _check_providers(call)
    result = proceed()
    cluster = result_of(result, "cluster")
    if not call.get("capacityProviders"):
        return result
    cluster.status = "PROVISIONING"

    def arrive() -> None:
        if cluster.status == "PROVISIONING":
            cluster.status = "ACTIVE"

    clock.slowly(call.account, "ecs", arrive)
    return result


@around("ecs", "DescribeClusters")
def describe_clusters(call: Call, proceed: Proceed) -> Any:
    """moto does not count services."""
    result = proceed()
    services = call.backend("ecs").services.values()
    for cluster in result_of(result, "clusters"):
        active = (s for s in services if s.status == "ACTIVE" and s.cluster_name == cluster.name)
        cluster.active_services_count = sum(1 for _ in active)
    return result


@around(
    "ecs", "PutClusterCapacityProviders", "DeleteCluster", "UpdateCluster", "UpdateClusterSettings"
)
def refuse_busy(call: Call, proceed: Proceed) -> Any:
    """Operations: botocore's model. TF: `internal/service/ecs/cluster_capacity_providers.go`."""
    cluster = call.backend("ecs")._get_cluster(call.get("cluster"))
    if getattr(cluster, "attachments_status", None) == "UPDATE_IN_PROGRESS":
        raise AwsError(
            "UpdateInProgressException",
            "The specified cluster is in a busy state. Cluster attachments must be in "
            "UPDATE_COMPLETE or UPDATE_FAILED state before they can be updated.",
        )
    return proceed()


@around("ecs", "PutClusterCapacityProviders")
def put_cluster_capacity_providers(call: Call, proceed: Proceed) -> Any:
    cluster = call.backend("ecs")._get_cluster(call.get("cluster"))
    _check_providers(call)
    result = proceed()
    cluster.attachments_status = "UPDATE_IN_PROGRESS"

    def arrive() -> None:
        cluster.attachments_status = "UPDATE_COMPLETE"

    clock.slowly(call.account, "ecs", arrive)
    return result


def _check_providers(call: Call) -> None:
    providers = call.get("capacityProviders") or []
    known = call.backend("ecs").capacity_providers
    for name in providers:
        if name not in _FARGATE and name not in known:
            raise AwsError(
                "InvalidParameterException", f"The capacity provider {name} does not exist."
            )
    for item in call.get("defaultCapacityProviderStrategy") or []:
        if item["capacityProvider"] not in providers:
            raise AwsError(
                "InvalidParameterException",
                "The strategy has a capacity provider that is not associated with the cluster.",
            )


@around("ecs", "UpdateCluster")
def update_cluster(call: Call, proceed: Proceed) -> Any:
    """An empty namespace takes the default away."""
    result = proceed()
    cluster = result_of(result, "cluster")
    if (call.get("serviceConnectDefaults") or {}).get("namespace") == "":
        cluster.service_connect_defaults = None
    return result


@around("ecs", "RegisterTaskDefinition")
def register(call: Call, proceed: Proceed) -> Any:
    """AWS fills in what is as usual, and writes amounts as plain numbers."""
    if "FARGATE" in (call.get("requiresCompatibilities") or []):
        _check_fargate(call)
    result = proceed()
    definition = result_of(result, "taskDefinition")
    definition.cpu = _amount(definition.cpu)
    definition.memory = _amount(definition.memory)
    definition.registered_at = utcnow()
    definition.enable_fault_injection = bool(call.get("enableFaultInjection"))
    for container in definition.container_definitions:
        for mapping in container.get("portMappings") or []:
            mapping.setdefault("protocol", "tcp")
            same = definition.network_mode in ("awsvpc", "host")
            if "containerPort" in mapping:
                mapping.setdefault("hostPort", mapping["containerPort"] if same else 0)
        container.setdefault("systemControls", [])
        # TF#39533, aws-actions/amazon-ecs-deploy-task-definition#216.
        container["environment"] = [e for e in container["environment"] if e.get("value")]
        if container.get("healthCheck"):
            for name, value in (("interval", 30), ("timeout", 5), ("retries", 3)):
                container["healthCheck"].setdefault(name, value)
    return result


#: Which memory fits which CPU:
#: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size
_SIZES = {
    256: (512, 1_024, 2_048),
    512: range(1_024, 4_096 + 1, 1_024),
    1_024: range(2_048, 8_192 + 1, 1_024),
    2_048: range(4_096, 16_384 + 1, 1_024),
    4_096: range(8_192, 30_720 + 1, 1_024),
    8_192: range(16_384, 61_440 + 1, 4_096),
    16_384: range(32_768, 122_880 + 1, 8_192),
}


def _check_fargate(call: Call) -> None:
    for name in ("cpu", "memory"):
        if not call.get(name):
            raise AwsError(
                "ClientException", f"Fargate requires that '{name}' be defined at the task level."
            )
    cpu, memory = (str(_amount(call.get(name))) for name in ("cpu", "memory"))
    if not (cpu.isdecimal() and memory.isdecimal() and int(memory) in _SIZES.get(int(cpu), ())):
        raise AwsError("ClientException", "No Fargate configuration exists for given values.")
    if call.get("networkMode") not in (None, "awsvpc"):
        raise AwsError("ClientException", "Fargate only supports network mode 'awsvpc'.")
    needs = [
        container["name"]
        for container in call.get("containerDefinitions") or []
        if container.get("secrets")
        or (container.get("logConfiguration") or {}).get("logDriver") == "awslogs"
    ]
    if needs and not call.get("executionRoleArn"):
        raise AwsError(
            "ClientException",
            "Fargate requires task definition to have execution role ARN to support log driver "
            "awslogs and secrets.",
        )


def _amount(text: Any) -> Any:
    """`.5 vCPU` and `1 GB` as units of 1/1024 and MiB."""
    lower = str(text or "").strip().lower()
    for unit in ("vcpu", "gb"):
        if lower.endswith(unit):
            return str(round(float(lower.removesuffix(unit)) * 1024))
    return text


@around("ecs", "ListTaskDefinitions")
def list_task_definitions(call: Call, proceed: Proceed) -> Any:
    """In the order that is asked for."""
    result = proceed()

    def order(arn: str) -> tuple[str, int]:
        family, _, revision = arn.rpartition(":")
        return family, int(revision)

    descending = call.get("sort") == "DESC"
    result.result["taskDefinitionArns"].sort(key=order, reverse=descending)
    return result

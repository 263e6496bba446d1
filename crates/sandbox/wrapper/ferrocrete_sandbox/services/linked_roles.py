"""Service-linked roles: made by the first use of a service, deleted by a task that may fail.

First use: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/818
(ECS), https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html
(RDS; the message is told in its troubleshooting), TF: `internal/service/appautoscaling/target.go`.
No source tells of a load balancer that is refused for that reason; so none is, here.
The setting `unkind.first_use` says how long the role cannot be assumed; without it, nothing of
this happens.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.iam.models import IAMBackend, Role

from .. import unkind
from ..clock import now
from ..hooks import AwsError, Call, Proceed, around
from . import memory

_FIRST = "first_use"
_DELETION = "role_deletion"
_ECS = "ecs.amazonaws.com"
_ROLE = "AWSServiceRoleFor"
_SCALING = "application-autoscaling.amazonaws.com"

#: Names that moto does not guess, as IAM gave them: recordings `iam__iam.json`,
#: test_service_role_lifecycle; those of Application Auto Scaling:
#: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
_NAMES = {
    "acm.amazonaws.com": "CertificateManager",
    "backup.amazonaws.com": "Backup",
    "batch.amazonaws.com": "Batch",
    "cloudtrail.amazonaws.com": "CloudTrail",
    "config.amazonaws.com": "Config",
    "ecr.amazonaws.com": "ECRTemplate",
    "pullthroughcache.ecr.amazonaws.com": "ECRPullThroughCache",
    "replication.ecr.amazonaws.com": "ECRReplication",
    _ECS: "ECS",
    "elasticache.amazonaws.com": "ElastiCache",
    "elasticloadbalancing.amazonaws.com": "ElasticLoadBalancing",
    "cks.kms.amazonaws.com": "KeyManagementServiceCustomKeyStores",
    "mrk.kms.amazonaws.com": "KeyManagementServiceMultiRegionKeys",
    "rds.amazonaws.com": "RDS",
    "ssm.amazonaws.com": "AmazonSSM",
    f"dynamodb.{_SCALING}": "ApplicationAutoScaling_DynamoDBTable",
    f"ecs.{_SCALING}": "ApplicationAutoScaling_ECSService",
    f"rds.{_SCALING}": "ApplicationAutoScaling_RDSCluster",
}
#: Services that have several roles, told apart by a suffix (the same recordings).
_SUFFIXED = ("autoscaling.amazonaws.com", "connect.amazonaws.com", "lexv2.amazonaws.com")

_create = IAMBackend.create_service_linked_role


def _create_named(self: IAMBackend, service_name: str, description: str, suffix: str) -> Role:
    """moto's role, by the name that IAM gives it."""
    known = _NAMES.get(service_name)
    if known and any(role.name == _ROLE + known for role in self.get_roles()):
        raise ServiceException("EntityAlreadyExists", f"Role with name {_ROLE}{known} exists.")
    role = _create(self, service_name, description, suffix)
    role.name = _ROLE + known if known else role.name
    return role


IAMBackend.create_service_linked_role = _create_named  # type: ignore[method-assign]


@around("iam", "CreateServiceLinkedRole")
def create(call: Call, proceed: Proceed) -> Any:
    """A role that is there already has a code of its own; few services know suffixes."""
    service = call.get("AWSServiceName")
    if call.get("CustomSuffix") and service not in _SUFFIXED:
        raise AwsError("InvalidInput", f"Custom suffix is not allowed for {service}")
    try:
        result = proceed()
    except ServiceException as error:
        if error.code != "EntityAlreadyExists":
            raise
        name = _NAMES.get(service)
        taken = _ROLE + name if name else _roles_of(call, service)[0].name
        raise AwsError(
            "InvalidInput",
            f"Service role name {taken} has been taken in this account, please try a different "
            "suffix.",
        ) from error
    unkind.mark(call.account, _FIRST, service)
    return result


def _roles_of(call: Call, service: str) -> list[Any]:
    path = f"/aws-service-role/{service}/"
    return [role for role in call.backend("iam").roles.values() if role.path == path]


def _usable(call: Call, service: str) -> bool:
    """Makes the role where it is missing, and says whether it can be assumed by now."""
    if not unkind.is_on(call.account, _FIRST):
        return True
    if not _roles_of(call, service):
        call.backend("iam").create_service_linked_role(service, "", "")
        unkind.mark(call.account, _FIRST, service)
    return not unkind.lasts(call.account, _FIRST, service)


@around("ecs", "CreateCluster", "CreateService", "PutClusterCapacityProviders")
def ecs(call: Call, proceed: Proceed) -> Any:
    if not _usable(call, _ECS):
        raise AwsError(
            "InvalidParameterException",
            "Unable to assume the service linked role. Please verify that the ECS service linked "
            "role exists.",
        )
    return proceed()


@around("application-autoscaling", "RegisterScalableTarget")
def scaling(call: Call, proceed: Proceed) -> Any:
    service = f"{call.get('ServiceNamespace')}.application-autoscaling.amazonaws.com"
    if not _usable(call, service):
        (role,) = _roles_of(call, service)
        raise AwsError("ValidationException", f"Unable to assume IAM role: {role.arn}")
    return proceed()


@around("rds", "CreateDBInstance", "CreateDBCluster")
def rds(call: Call, proceed: Proceed) -> Any:
    if not _usable(call, "rds.amazonaws.com"):
        raise AwsError(
            "InvalidParameterValue",
            "Unable to create the resource. Verify that you have permission to create service "
            "linked role. Otherwise wait and try again later",
        )
    return proceed()


#: What services hold by their role: service -> moto's name, and its resources' ARNs.
_HELD: dict[str, tuple[str, Any]] = {
    _ECS: ("ecs", lambda b: [c.arn for c in b.clusters.values() if c.status != "INACTIVE"]),
    "elasticloadbalancing.amazonaws.com": ("elbv2", lambda b: list(b.load_balancers)),
    "rds.amazonaws.com": ("rds", lambda b: [d.db_instance_arn for d in b.databases.values()]),
}


def _usage(call: Call, service: str) -> Iterator[dict[str, Any]]:
    """What the role's service still has, per region."""
    name, resources = _HELD.get(service, ("", None))
    if resources is None or f"moto.{name}.models" not in sys.modules:
        return
    from moto.backends import get_backend

    for region, backend in dict(get_backend(name)[call.account]).items():
        held = resources(backend)
        if held:
            yield {"Region": region, "Resources": held}


@around("iam", "DeleteServiceLinkedRole")
def delete(call: Call, proceed: Proceed) -> Any:
    """A task, which fails while the service still uses the role:
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html"""
    role = call.backend("iam").get_role(call.get("RoleName"))
    service = role.path.split("/")[2]
    tasks = memory.table(call.account, "iam:deletions")
    for identifier, task in tasks.items():
        if task["role"] == role.name and _status(call, task) == "IN_PROGRESS":
            return ActionResult({"DeletionTaskId": identifier})
    identifier = f"task/aws-service-role/{service}/{role.name}/{uuid.uuid4()}"
    tasks[identifier] = {"role": role.name, "service": service, "since": now(), "end": None}
    _status(call, tasks[identifier])
    return ActionResult({"DeletionTaskId": identifier})


def _status(call: Call, task: dict[str, Any]) -> str:
    """Decides a task whose time has come."""
    if task["end"] is None:
        if now() - task["since"] < unkind.seconds(call.account, _DELETION):
            return "IN_PROGRESS"
        task["usage"] = list(_usage(call, task["service"]))
        task["end"] = "FAILED" if task["usage"] else "SUCCEEDED"
        iam = call.backend("iam")
        for role in [r for r in iam.roles.values() if r.name == task["role"]]:
            if task["end"] == "SUCCEEDED":
                del iam.roles[role.id]
    return str(task["end"])


@around("iam", "GetServiceLinkedRoleDeletionStatus")
def deletion(call: Call, proceed: Proceed) -> Any:
    task = memory.table(call.account, "iam:deletions").get(call.get("DeletionTaskId"))
    if task is None:
        raise AwsError(
            "NoSuchEntity", f"Deletion task {call.get('DeletionTaskId')} cannot be found."
        )
    answer: dict[str, Any] = {"Status": _status(call, task)}
    if answer["Status"] == "FAILED":
        answer["Reason"] = {
            "Reason": "The role is being used by the resources of its service.",
            "RoleUsageList": task["usage"],
        }
    return ActionResult(answer)


@around("iam", "GetRole", "ListRoles")
def decide(call: Call, proceed: Proceed) -> Any:
    """Nobody has to ask for a task's status for it to end."""
    for task in memory.table(call.account, "iam:deletions").values():
        _status(call, task)
    return proceed()


_PROTECTED = (
    "AddRoleToInstanceProfile", "AttachRolePolicy", "DeleteRole", "DeleteRolePolicy",
    "DeleteRolePermissionsBoundary", "DetachRolePolicy", "PutRolePermissionsBoundary",
    "PutRolePolicy", "UpdateAssumeRolePolicy",
)  # fmt: skip


@around("iam", *_PROTECTED)
def protect(call: Call, proceed: Proceed) -> Any:
    """Only its service changes such a role: botocore's model, `UnmodifiableEntity`; the message:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html"""
    name = call.get("RoleName")
    for role in call.backend("iam").roles.values():
        if role.name == name and role.path.startswith("/aws-service-role/"):
            raise AwsError(
                "UnmodifiableEntity",
                f"Cannot perform the operation on the protected role '{name}' - this role is only "
                "modifiable by AWS",
            )
    return proceed()

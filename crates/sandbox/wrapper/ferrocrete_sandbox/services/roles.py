"""Who may use a role, and since when: services learn late of roles, trust and policies.

IAM is consistent at once for those who read it, and late for the services that use it:
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
The setting `unkind.young_role` says how late.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from .. import late, unkind
from ..hooks import AwsError, Call, Proceed, around

_YOUNG = "young_role"


def _role(call: Call, name: str) -> Any:
    roles = call.backend("iam").roles.values()
    return next((role for role in roles if role.name == name), None)


def _mark(call: Call, kind: str, name: str) -> None:
    unkind.mark(call.account, _YOUNG, (kind, name))


def _young(call: Call, kind: str, name: str) -> bool:
    return unkind.lasts(call.account, _YOUNG, (kind, name))


@around("iam", "CreateRole", "UpdateAssumeRolePolicy")
def trust(call: Call, proceed: Proceed) -> Any:
    """What services still go by: the trust policy from before, if there was one."""
    name = call.get("RoleName")
    before = _role(call, name)
    document = before.assume_role_policy_document if before else None
    result = proceed()
    role = _role(call, name)
    if not _young(call, "trust", name):
        role.sandbox_trust_before = document
    _mark(call, "trust", name)
    return result


@around("iam", "AttachRolePolicy", "PutRolePolicy")
def first_policy(call: Call, proceed: Proceed) -> Any:
    """A role that could do nothing so far can do nothing for a while."""
    name = call.get("RoleName")
    role = _role(call, name)
    bare = role is not None and not role.managed_policies and not role.policies
    result = proceed()
    if bare:
        _mark(call, "policy", name)
    return result


@around("iam", "CreateInstanceProfile", "AddRoleToInstanceProfile")
def profile(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    kind = "profile" if call.operation.startswith("Create") else "profile's role"
    _mark(call, kind, call.get("InstanceProfileName"))
    return result


def _trusts(document: Any, principal: str) -> bool:
    if document is None:
        return False
    if isinstance(document, str):
        document = json.loads(unquote(document))
    statements = document.get("Statement") or []
    for statement in statements if isinstance(statements, list) else [statements]:
        named = statement.get("Principal") or {}
        services = named.get("Service") or [] if isinstance(named, dict) else [named]
        services = services if isinstance(services, list) else [services]
        if statement.get("Effect") == "Allow" and (principal in services or "*" in services):
            return True
    return False


def usable(
    call: Call, arn: str | None, principal: str | None = None, acting: bool = False
) -> bool:
    """Whether a service can use this role of the account by now: find it, be trusted by it (if
    it looks), act by its policies (if it tries). Roles of other accounts are not looked at."""
    if not arn or arn.split(":")[4:5] != [call.account]:
        return True
    name = arn.rsplit("/", 1)[-1]
    role = _role(call, name)
    if role is None:
        return False
    document = role.assume_role_policy_document
    if _young(call, "trust", name):
        document = getattr(role, "sandbox_trust_before", None)
    if document is None or (principal and not _trusts(document, principal)):
        return False
    return not (acting and _young(call, "policy", name))


@around("ecs", "RegisterTaskDefinition")
def task_roles(call: Call, proceed: Proceed) -> Any:
    """For example https://github.com/terraform-aws-modules/terraform-aws-ecs/issues/414."""
    for name in ("executionRoleArn", "taskRoleArn"):
        if not usable(call, call.get(name)):
            raise AwsError("ClientException", "Role is not valid")
    return proceed()


@around("ecs", "CreateService")
def service_role(call: Call, proceed: Proceed) -> Any:
    """Roles for load balancers (amazon-ecs-cli#21; TF: `internal/service/ecs/service.go`)."""
    role = call.get("role")
    if role and not role.startswith("arn:"):
        role = f"arn:aws:iam::{call.account}:role/{role}"
    if not usable(call, role, "ecs.amazonaws.com", acting=True):
        raise AwsError(
            "InvalidParameterException",
            "Unable to assume role and validate the specified targetGroupArn. Please verify that "
            "the ECS service role being passed has the proper permissions.",
        )
    return proceed()


@around("ec2", "CreateFlowLogs")
def flow_log_role(call: Call, proceed: Proceed) -> Any:
    """TF#29323."""
    arn = call.get("DeliverLogsPermissionArn")
    if not usable(call, arn, "vpc-flow-logs.amazonaws.com"):
        raise AwsError("InvalidParameter", f"Unable to assume given IAM role: '{arn}'")
    return proceed()


@around("ec2", "RunInstances", "AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation")
def instance_profile(call: Call, proceed: Proceed) -> Any:
    """EC2 learns late of a profile, and of the role in it (terraform#2037; TF:
    `internal/service/ec2/ec2_instance.go` for both messages)."""
    wanted = call.get("IamInstanceProfile") or {}
    field = "name" if wanted.get("Name") else "arn"
    value = wanted.get("Name") or wanted.get("Arn")
    if not value:
        return proceed()
    name = value.rsplit("/", 1)[-1]
    found = call.backend("iam").instance_profiles.get(name)
    known = found is not None and value in (found.name, found.arn)
    new = late.hidden(call.account, f"profile:{name}") or _young(call, "profile", name)
    if not known or new:
        what = "name" if field == "name" else "ARN"
        raise AwsError(
            "InvalidParameterValue",
            f"Value ({value}) for parameter iamInstanceProfile.{field} is invalid. "
            f"Invalid IAM Instance Profile {what}",
        )
    if not found.roles or _young(call, "profile's role", name):
        raise AwsError(
            "InvalidParameterValue",
            f'IAM Instance Profile "{found.arn}" has no associated IAM Roles',
        )
    return proceed()


@around("rds", "CreateDBInstance", "ModifyDBInstance", "CreateDBInstanceReadReplica")
def monitoring_role(call: Call, proceed: Proceed) -> Any:
    """https://github.com/hashicorp/terraform/issues/5455."""
    arn = call.get("MonitoringRoleArn")
    if not usable(call, arn, "monitoring.rds.amazonaws.com", acting=True):
        raise AwsError(
            "InvalidParameterValue",
            "IAM role ARN value is invalid or does not include the required permissions for: "
            "ENHANCED_MONITORING",
        )
    return proceed()

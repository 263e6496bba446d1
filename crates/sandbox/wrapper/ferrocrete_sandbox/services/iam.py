"""IAM: deletes that are refused."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult

from ..hooks import AwsError, Call, Proceed, around


@around("iam", "DeletePolicy")
def delete_policy(call: Call, proceed: Proceed) -> Any:
    """Not while attached, and not while it has versions besides the default one."""
    iam = call.backend("iam")
    arn = call.get("PolicyArn")
    policy = iam.get_policy(arn)
    holders = [*iam.roles.values(), *iam.users.values(), *iam.groups.values()]
    if any(arn in holder.managed_policies for holder in holders):
        raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.")
    boundaries = [getattr(h, "permissions_boundary_arn", None) for h in holders]
    if arn in boundaries:
        raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise AwsError(
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy.",
        )
    return proceed()


@around("iam", "DeleteUser")
def delete_user(call: Call, proceed: Proceed) -> Any:
    user = call.backend("iam").get_user(call.get("UserName"))
    for what, held in (
        ("detach all policies", user.managed_policies),
        ("delete policies", user.policies),
        ("delete access keys", user.access_keys),
    ):
        if held:
            raise AwsError("DeleteConflict", f"Cannot delete entity, must {what} first.")
    return proceed()


@around("iam", "AddRoleToInstanceProfile")
def add_role(call: Call, proceed: Proceed) -> Any:
    """A profile holds one role."""
    profile = call.backend("iam").get_instance_profile(call.get("InstanceProfileName"))
    if profile.roles:
        raise AwsError(
            "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
        )
    return proceed()


@around("iam", "RemoveRoleFromInstanceProfile")
def remove_role(call: Call, proceed: Proceed) -> Any:
    """moto fails when the role is not in it (any more)."""
    iam = call.backend("iam")
    profile = iam.get_instance_profile(call.get("InstanceProfileName"))
    role = call.get("RoleName")
    if all(held.name != role for held in profile.roles):
        raise AwsError("NoSuchEntity", f"The role {role} is not in this instance profile.")
    return proceed()


@around("iam", "ListInstanceProfileTags")
def profile_tags(call: Call, proceed: Proceed) -> Any:
    """Missing in moto."""
    profile = call.backend("iam").get_instance_profile(call.get("InstanceProfileName"))
    tags = [{"Key": k, "Value": v} for k, v in _tags(profile.tags).items()]
    return ActionResult({"Tags": tags, "IsTruncated": False})


def _tags(tags: Any) -> dict[str, str]:
    if isinstance(tags, dict):
        return {k: v["Value"] if isinstance(v, dict) else v for k, v in tags.items()}
    return {tag["Key"]: tag["Value"] for tag in tags or []}


@around("iam", "AddClientIDToOpenIDConnectProvider")
def add_client_id(call: Call, proceed: Proceed) -> Any:
    """Missing in moto."""
    clients = _provider(call).client_id_list
    if call.get("ClientID") not in clients:
        clients.append(call.get("ClientID"))
    return EmptyResult()


@around("iam", "RemoveClientIDFromOpenIDConnectProvider")
def remove_client_id(call: Call, proceed: Proceed) -> Any:
    """Missing in moto."""
    clients = _provider(call).client_id_list
    if call.get("ClientID") in clients:
        clients.remove(call.get("ClientID"))
    return EmptyResult()


def _provider(call: Call) -> Any:
    return call.backend("iam").get_open_id_connect_provider(call.get("OpenIDConnectProviderArn"))


@around("iam", "CreateServiceLinkedRole")
def create_service_linked_role(call: Call, proceed: Proceed) -> Any:
    """A role that is there already has a code of its own."""
    try:
        return proceed()
    except ServiceException as error:
        if error.code != "EntityAlreadyExists":
            raise
        name = call.get("AWSServiceName")
        raise AwsError(
            "InvalidInput", f"Service role name for {name} has been taken in this account"
        ) from error

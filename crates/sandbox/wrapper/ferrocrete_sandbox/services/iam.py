"""IAM: deletes that are refused, attachments that are there, one change at a time."""

from __future__ import annotations

import json
from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from .. import unkind
from ..hooks import AwsError, Call, Proceed, around

_BUSY = "iam_busy"


@around("iam", "DeletePolicy")
def delete_policy(call: Call, proceed: Proceed) -> Any:
    """Not while attached, and not while it has versions besides the default one."""
    iam = call.backend("iam")
    arn = call.get("PolicyArn")
    if arn not in iam.managed_policies:
        # Recordings `iam__iam.json`, test_delete_non_existent_policy_returns_no_such_entity.
        raise AwsError("NoSuchEntity", f"Policy {arn} was not found.")
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
        ("delete login profile", user.password),
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


@around("iam", "AttachRolePolicy", "AttachUserPolicy")
def attach(call: Call, proceed: Proceed) -> Any:
    """What is attached already stays so; moto counts it once more. The ARN must be one:
    recordings `iam__iam.json`, test_role_attach_policy."""
    iam = call.backend("iam")
    if not str(call.get("PolicyArn")).startswith("arn:"):
        raise AwsError("ValidationError", "Invalid ARN:  Could not be parsed!")
    role = call.operation == "AttachRolePolicy"
    holder = iam.get_role(call.get("RoleName")) if role else iam.get_user(call.get("UserName"))
    return EmptyResult() if call.get("PolicyArn") in holder.managed_policies else proceed()


#: What changes an entity, and may meet another change: botocore's model, and (for policies of
#: roles) TF: `internal/service/iam/role_policy_attachment.go`.
_CHANGES = {
    "RoleName": (
        "CreateRole", "DeleteRole", "TagRole", "UntagRole", "UpdateRole", "UpdateRoleDescription",
        "UpdateAssumeRolePolicy", "AttachRolePolicy", "DetachRolePolicy", "PutRolePolicy",
        "DeleteRolePolicy", "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary",
    ),
    "InstanceProfileName": (
        "CreateInstanceProfile", "DeleteInstanceProfile", "TagInstanceProfile",
        "UntagInstanceProfile", "AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile",
    ),
    "PolicyArn": (
        "TagPolicy", "UntagPolicy", "CreatePolicyVersion", "DeletePolicyVersion", "DeletePolicy",
    ),
    "OpenIDConnectProviderArn": (
        "AddClientIDToOpenIDConnectProvider", "RemoveClientIDFromOpenIDConnectProvider",
        "UpdateOpenIDConnectProviderThumbprint", "TagOpenIDConnectProvider",
        "UntagOpenIDConnectProvider",
    ),
    "UserName": ("DeleteUser", "TagUser", "UntagUser", "UpdateUser"),
}  # fmt: skip


def _one_at_a_time(parameter: str, operations: tuple[str, ...]) -> None:
    @around("iam", *operations)
    def change(call: Call, proceed: Proceed) -> Any:
        """The first of two changes in quick succession makes the second fail, once."""
        key = (parameter, call.get(parameter))
        if unkind.once(call.account, _BUSY, key, call.operation):
            raise AwsError(
                "ConcurrentModification",
                "The request was rejected because multiple requests to change this object were "
                "submitted simultaneously. Wait a few minutes and submit your request again.",
            )
        result = proceed()
        unkind.mark(call.account, _BUSY, key)
        return result


for _parameter, _operations in _CHANGES.items():
    _one_at_a_time(_parameter, _operations)


@around("iam", "CreateLoginProfile", "UpdateLoginProfile", "DeleteLoginProfile")
def login_profile(call: Call, proceed: Proceed) -> Any:
    """TF: `internal/service/iam/user_login_profile.go`."""
    key = ("login", call.get("UserName"))
    if call.operation == "CreateLoginProfile":
        result = proceed()
        unkind.mark(call.account, _BUSY, key)
        return result
    if unkind.lasts(call.account, _BUSY, key):
        raise AwsError(
            "EntityTemporarilyUnmodifiable",
            f"Login Profile for User {call.get('UserName')} cannot be modified while login "
            "profile is being created.",
        )
    return proceed()


#: Who is asked for, in IAM's words: recordings `iam__iam.json` (users), and TF's tests of
#: `internal/service/iam` (roles, profiles).
_READ = {
    "GetRole": ("RoleName", lambda iam: {role.name for role in iam.roles.values()}, "role"),
    "GetUser": ("UserName", lambda iam: set(iam.users), "user"),
}


def _of_one(operation: str) -> None:
    parameter, names, kind = _READ[operation]

    @around("iam", operation)
    def read(call: Call, proceed: Proceed) -> Any:
        name = call.get(parameter)
        if name and name not in names(call.backend("iam")):
            raise AwsError("NoSuchEntity", f"The {kind} with name {name} cannot be found.")
        return proceed()


for _operation in _READ:
    _of_one(_operation)


@around("iam", "CreateRole", "UpdateAssumeRolePolicy")
def trust(call: Call, proceed: Proceed) -> Any:
    """moto looks at the document of the second only; recordings `iam__iam.json`,
    test_create_role_with_malformed_assume_role_policy_document."""
    document = call.get("AssumeRolePolicyDocument") or call.get("PolicyDocument")
    try:
        json.loads(document)
    except ValueError as error:
        raise AwsError(
            "MalformedPolicyDocument", "This policy contains invalid Json"
        ) from error
    return proceed()

"""What was made a moment ago is not found by the next call: `unkind.young`.

Creating and describing are not concerned (see `late.py`), but second calls on what is new: settings,
rules, routes, policies, tags, and the parts of a read. TF retries each of them by these codes, for
example `internal/service/ec2/find.go` (TF PR#31877), `internal/service/kms/key.go`,
`internal/service/iam/role_policy_attachment.go`. Buckets: `s3.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .. import unkind
from ..hooks import AwsError, Call, Proceed, around, result_of

_YOUNG = "young"

#: Of EC2, by the beginning of the id: code and message.
_EC2 = {
    "vpc": ("InvalidVpcID.NotFound", "The vpc ID '{}' does not exist"),
    "subnet": ("InvalidSubnetID.NotFound", "The subnet ID '{}' does not exist"),
    "sg": ("InvalidGroup.NotFound", "The security group '{}' does not exist"),
    "rtb": ("InvalidRouteTableID.NotFound", "The routeTable ID '{}' does not exist"),
    "igw": ("InvalidInternetGatewayID.NotFound", "The internetGateway ID '{}' does not exist"),
    "eipalloc": ("InvalidAllocationID.NotFound", "The allocation ID '{}' does not exist"),
    "nat": ("InvalidNatGatewayID.NotFound", "The natGateway ID '{}' does not exist"),
    "i": ("InvalidInstanceID.NotFound", "The instance ID '{}' does not exist"),
}
#: CreateNatGateway has codes of its own: TF#27087, openshift/hypershift#711, TF:
#: `internal/service/ec2/vpc_nat_gateway.go`.
_NAT = {
    "eipalloc": ("InvalidElasticIpID.NotFound", "Elastic IP {} could not be found"),
    "subnet": ("InvalidSubnet", "The subnet ID '{}' does not exist"),
}
#: What creates them, and where the answer has the id.
_EC2_MADE = {
    "CreateVpc": "Vpc",
    "CreateSubnet": "Subnet",
    "CreateSecurityGroup": "GroupId",
    "CreateRouteTable": "RouteTable",
    "CreateInternetGateway": "InternetGateway",
    "AllocateAddress": "AllocationId",
    "CreateNatGateway": "NatGateway",
    "RunInstances": "instances",
}
_EC2_NEXT = (
    "ModifyVpcAttribute", "DescribeVpcAttribute", "ModifySubnetAttribute",
    "ModifyInstanceAttribute", "DescribeInstanceAttribute", "MonitorInstances",
    "ModifyInstanceMetadataOptions", "ModifyInstanceCreditSpecification",
    "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress",
    "RevokeSecurityGroupEgress", "CreateRoute", "ReplaceRoute", "AssociateRouteTable",
    "AttachInternetGateway", "AssociateAddress", "CreateVpcEndpoint", "CreateFlowLogs",
    *_EC2_MADE,
)  # fmt: skip


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


@around("ec2", *_EC2_NEXT)
def ec2(call: Call, proceed: Proceed) -> Any:
    if not unkind.is_on(call.account, _YOUNG):
        return proceed()
    for text in _strings(call.params):
        if unkind.lasts(call.account, _YOUNG, ("ec2", text)):
            known = {**_EC2, **_NAT} if call.operation == "CreateNatGateway" else _EC2
            code, message = known[text.split("-")[0]]
            raise AwsError(code, message.format(text))
    result = proceed()
    member = _EC2_MADE.get(call.operation)
    if member:
        made = result_of(result, member)
        for one in made if isinstance(made, list) else [made]:
            identifier = one if isinstance(one, str) else one.id
            unkind.mark(call.account, _YOUNG, ("ec2", str(identifier)))
    return result


class _Kind(NamedTuple):
    """Things of another service that have a name or an id."""

    service: str
    create: str
    #: The parameter of `create` that is the name, or a function of call and answer.
    name: str | Callable[[Call, Any], str]
    #: The parameter of the following calls that is the name.
    parameter: str
    code: str
    message: str
    next: tuple[str, ...]


def _key_id(call: Call, answer: Any) -> str:
    return str(json.loads(answer)["KeyMetadata"]["KeyId"])


_KINDS = (
    _Kind(
        "iam", "CreateRole", "RoleName", "RoleName",
        "NoSuchEntity", "The role with name {} cannot be found.",
        ("AttachRolePolicy", "PutRolePolicy", "TagRole", "ListRoleTags", "UpdateRole",
         "UpdateAssumeRolePolicy", "AddRoleToInstanceProfile", "PutRolePermissionsBoundary"),
    ),
    _Kind(
        "iam", "CreateInstanceProfile", "InstanceProfileName", "InstanceProfileName",
        "NoSuchEntity", "Instance Profile {} cannot be found.",
        ("AddRoleToInstanceProfile", "TagInstanceProfile"),
    ),
    _Kind(
        "kms", "CreateKey", _key_id, "KeyId",
        "NotFoundException", "Key '{}' does not exist",
        ("EnableKeyRotation", "PutKeyPolicy", "GetKeyPolicy", "GetKeyRotationStatus",
         "ListResourceTags", "TagResource", "DisableKey", "UpdateKeyDescription"),
    ),
    _Kind(
        "logs", "CreateLogGroup", "logGroupName", "logGroupName",
        "ResourceNotFoundException", "The specified log group does not exist.",
        ("PutRetentionPolicy", "AssociateKmsKey", "PutMetricFilter", "ListTagsLogGroup"),
    ),
    _Kind(
        "sqs", "CreateQueue", "QueueName", "QueueUrl",
        "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.",
        ("SetQueueAttributes", "GetQueueAttributes", "TagQueue", "ListQueueTags"),
    ),
    _Kind(
        "sns", "CreateTopic", "Name", "TopicArn",
        "NotFound", "Topic does not exist",
        ("SetTopicAttributes", "GetTopicAttributes", "Subscribe"),
    ),
    _Kind(
        "ecr", "CreateRepository", "repositoryName", "repositoryName",
        "RepositoryNotFoundException",
        "The repository with name '{}' does not exist in the registry",
        ("PutLifecyclePolicy", "SetRepositoryPolicy", "GetLifecyclePolicy", "GetRepositoryPolicy"),
    ),
    _Kind(
        "secretsmanager", "CreateSecret", "Name", "SecretId",
        "ResourceNotFoundException", "Secrets Manager can't find the specified secret.",
        ("PutResourcePolicy", "GetResourcePolicy", "RotateSecret", "PutSecretValue"),
    ),
)  # fmt: skip


def _names(given: str) -> set[str]:
    """The name in a URL or an ARN; that of a secret ends in six characters more."""
    after_colon = given.rsplit(":", 1)[-1]
    return {given, given.rsplit("/", 1)[-1], after_colon, after_colon[:-7]}


def _register(kind: _Kind) -> None:
    def key(name: str) -> tuple[str, str, str]:
        return kind.service, kind.create, name

    @around(kind.service, kind.create)
    def create(call: Call, proceed: Proceed) -> Any:
        answer = proceed()
        name = kind.name(call, answer) if callable(kind.name) else call.get(kind.name)
        unkind.mark(call.account, _YOUNG, key(name))
        return answer

    @around(kind.service, *kind.next)
    def follow(call: Call, proceed: Proceed) -> Any:
        given = call.get(kind.parameter) or ""
        for name in _names(given):
            if unkind.lasts(call.account, _YOUNG, key(name)):
                raise AwsError(kind.code, kind.message.format(given))
        return proceed()


for _kind in _KINDS:
    _register(_kind)

"""EC2: words and numbers that it does not take: names, descriptions, ports, tags, keys."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..hooks import AwsError, Call, Proceed, around

_CHARACTERS = r"a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
_SAID = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
#: Codes of ICMP take the place of the second port.
_ICMP = ("icmp", "icmpv6", "1", "58")
_PORTS = ("tcp", "udp", "6", "17")


@around("ec2", "CreateSecurityGroup")
def group(call: Call, proceed: Proceed) -> Any:
    """Names: pulumi-awsx#328. Descriptions: TF PR#43854, cfn-lint#173; lengths:
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"""
    for parameter in ("GroupName", "GroupDescription"):
        name = "Description" if parameter == "GroupDescription" else parameter
        value = str(call.get(name) or call.get(parameter) or "")
        if not value.isascii():
            raise AwsError(
                "InvalidParameterValue",
                f"Value ({value}) for parameter {parameter} is invalid. Character sets beyond "
                "ASCII are not supported.",
            )
        if not _SAID.fullmatch(value):
            raise AwsError(
                "InvalidParameterValue",
                f"Invalid security group {'name' if name == 'GroupName' else 'description'}. "
                f"Valid {name.removeprefix('Group').lower()}s are strings less than 256 "
                f"characters from the following set:  {_CHARACTERS}",
            )
        if parameter == "GroupName" and value.lower().startswith("sg-"):
            raise AwsError(
                "InvalidParameterValue",
                f"Value ({value}) for parameter GroupName is invalid. Group names may not be in "
                "the format sg-*.",
            )
    return proceed()


def _rules(call: Call) -> Iterator[dict[str, Any]]:
    for permission in call.get("IpPermissions") or []:
        yield permission
    if call.get("IpProtocol"):
        yield call.params
    for change in call.get("SecurityGroupRules") or []:
        yield change.get("SecurityGroupRule") or {}


def _descriptions(rule: dict[str, Any]) -> Iterator[str]:
    yield rule.get("Description") or ""
    for kind in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"):
        for one in rule.get(kind) or []:
            yield one.get("Description") or ""


@around(
    "ec2",
    "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "ModifySecurityGroupRules",
    "UpdateSecurityGroupRuleDescriptionsIngress", "UpdateSecurityGroupRuleDescriptionsEgress",
)  # fmt: skip
def rules(call: Call, proceed: Proceed) -> Any:
    """Ports: aws-cli#1066, boto3#336, aws-sdk-go-v2#1203; descriptions: cfn-lint#173; protocols:
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html"""
    for rule in _rules(call):
        _check_ports(str(rule.get("IpProtocol") or "-1").lower(), rule)
        for said in _descriptions(rule):
            if not _SAID.fullmatch(said):
                raise AwsError(
                    "InvalidParameterValue",
                    "Invalid rule description. Valid descriptions are strings less than 256 "
                    f"characters from the following set:  {_CHARACTERS}",
                )
    return proceed()


def _check_ports(protocol: str, rule: dict[str, Any]) -> None:
    if protocol not in (*_ICMP, *_PORTS) and not re.fullmatch(r"-1|all|\d+", protocol):
        raise AwsError(
            "InvalidParameterValue",
            f"Invalid value '{protocol}' for IP protocol. Unknown protocol.",
        )
    if protocol not in _PORTS:
        return
    low, high = rule.get("FromPort"), rule.get("ToPort")
    if low is None or high is None:
        raise AwsError(
            "InvalidParameterValue",
            "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
        )
    for end, port in (("from", int(low)), ("to", int(high))):
        if not 0 <= port <= 65535:
            raise AwsError(
                "InvalidParameterValue", f"TCP/UDP ({end}) port ({port}) out of range"
            )
    if int(low) > int(high):
        raise AwsError(
            "InvalidParameterValue", f"Invalid TCP/UDP port range ({low}:{high})"
        )


def _tags(params: dict[str, Any]) -> Iterable[dict[str, Any]]:
    yield from params.get("Tags") or []
    for specification in params.get("TagSpecifications") or []:
        yield from specification.get("Tags") or []


_TAGGING = (
    "AllocateAddress", "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress",
    "CreateFlowLogs", "CreateInternetGateway", "CreateNatGateway", "CreateRouteTable",
    "CreateSecurityGroup", "CreateSubnet", "CreateTags", "CreateVpc", "CreateVpcEndpoint",
    "ImportKeyPair", "RunInstances",
)  # fmt: skip


@around("ec2", *_TAGGING)
def tags(call: Call, proceed: Proceed) -> Any:
    """Reserved: cloud-custodian#5975; lengths and numbers:
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions"""
    wanted = list(_tags(call.params))
    for tag in wanted:
        key, value = str(tag.get("Key") or ""), str(tag.get("Value") or "")
        if key.lower().startswith("aws:"):
            raise AwsError(
                "InvalidParameterValue",
                f"Value ( {key} ) for parameter key is invalid. Tag keys starting with 'aws:' are "
                "reserved for internal use",
            )
        if not 0 < len(key) <= 128:
            raise AwsError(
                "InvalidParameterValue",
                f"Tag key exceeds the maximum length of 128 characters: '{key}'",
            )
        if len(value) > 256:
            raise AwsError(
                "InvalidParameterValue",
                f"Tag value exceeds the maximum length of 256 characters: '{value}'",
            )
    if len(wanted) > 50:
        raise AwsError(
            "TagLimitExceeded", "The maximum number of Tags for a resource has been reached."
        )
    return proceed()


@around("ec2", "ImportKeyPair")
def key_pair(call: Call, proceed: Proceed) -> Any:
    """What is no public key, such as a private one:
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (InvalidKey.Format)"""
    material = call.get("PublicKeyMaterial") or b""
    text = material.decode("utf-8", "replace") if isinstance(material, bytes) else str(material)
    if not text.lstrip().startswith("ssh-"):
        try:
            text = base64.b64decode(text, validate=True).decode()
        except ValueError:
            pass
    if not re.match(r"\s*(ssh-|---- BEGIN SSH2 PUBLIC KEY)", text):
        raise AwsError("InvalidKey.Format", "Key is not in valid OpenSSH public key format")
    return proceed()

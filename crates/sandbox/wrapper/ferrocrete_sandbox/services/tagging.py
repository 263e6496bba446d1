"""Resource Groups Tagging API: types that AWS lists and moto does not.

IAM roles and users are left out here as they are there.
"""

from __future__ import annotations

from typing import Any, Iterator

from moto.core.resource_tagging import TaggedResource, make_tag_matcher, match_resource_type
from moto.core.responses import ActionResult


from ..hooks import Call, Proceed, around

#: Where what is global is listed.
_GLOBAL = "us-east-1"


@around("resourcegroupstaggingapi", "GetResources")
def get_resources(call: Call, proceed: Proceed) -> Any:
    """The rest comes with the first page."""
    result = proceed()
    if call.get("PaginationToken") or not isinstance(result, ActionResult):
        return result
    matches = make_tag_matcher(call.get("TagFilters"))
    types = call.get("ResourceTypeFilters")
    arns = call.get("ResourceARNList")
    found = result.result["ResourceTagMappingList"]
    known = {one["ResourceARN"] for one in found}
    for one in _missing(call):
        if (
            one.tags
            and one.arn not in known
            and matches(one.tags)
            and match_resource_type(one.resource_type, types)
            and (not arns or one.arn in arns)
        ):
            tags = [{"Key": key, "Value": value} for key, value in one.tags.items()]
            found.append({"ResourceARN": one.arn, "Tags": tags})
    return result


def _missing(call: Call) -> Iterator[TaggedResource]:
    yield from _ec2(call)
    for group in call.backend("rds").subnet_groups.values():
        yield TaggedResource(group.arn, _pairs(group.get_tags()), "rds:subgrp")
    if call.region != _GLOBAL:
        return
    iam = call.backend("iam")
    for policy in iam.managed_policies.values():
        # moto keeps them as tag key -> {Key, Value}.
        tags = _pairs(policy.tags.values()) if getattr(policy, "tags", None) else {}
        yield TaggedResource(policy.arn, tags, "iam:policy")
    for profile in iam.instance_profiles.values():
        yield TaggedResource(profile.arn, _pairs(profile.tags), "iam:instance-profile")
    zones = call.backend("route53")
    for zone in zones.zones.values():
        id_ = zone.id.rsplit("/", 1)[-1]
        tags = dict(zones.list_tags_for_resource(id_))
        yield TaggedResource(f"arn:aws:route53:::hostedzone/{id_}", tags, "route53:hostedzone")


def _ec2(call: Call) -> Iterator[TaggedResource]:
    ec2 = call.backend("ec2")

    def one(kind: str, id_: str) -> TaggedResource:
        arn = f"arn:aws:ec2:{call.region}:{call.account}:{kind}/{id_}"
        return TaggedResource(arn, dict(ec2.tags.get(id_, {})), f"ec2:{kind}")

    for address in ec2.addresses:
        yield one("elastic-ip", address.allocation_id)
    for pair in ec2.key_pairs.values():
        yield one("key-pair", pair.id)
    for groups in ec2.groups.values():
        for group in groups.values():
            for rule in (*group.ingress_rules, *group.egress_rules):
                yield one("security-group-rule", rule.id)


def _pairs(tags: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags or ()}

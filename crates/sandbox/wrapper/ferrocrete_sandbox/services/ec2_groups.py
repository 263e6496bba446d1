"""Security groups: rules are added whole, compared without their descriptions, read back."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import aws_api_matches
from moto.ec2.models import security_groups as model

from ..hooks import AwsError, Call, Proceed, around

Rule = model.SecurityGroupRule


def _peer(rule: Rule) -> tuple[Any, ...]:
    """To what or from where a rule allows: what makes two rules the same."""
    return (
        rule.ip_range.get("CidrIp"),
        rule.ip_range.get("CidrIpv6"),
        (rule.source_group or {}).get("GroupId"),
        rule.prefix_list_id,
    )


def _same(self: Rule, other: object) -> bool:
    """As EC2 compares: the description is not part of a rule's identity."""
    if not isinstance(other, Rule):
        return NotImplemented
    mine = (self.ip_protocol, self.from_port, self.to_port, *_peer(self))
    return mine == (other.ip_protocol, other.from_port, other.to_port, *_peer(other))


_rule_init = Rule.__init__


def _init(self: Rule, *args: Any, **kwargs: Any) -> None:
    _rule_init(self, *args, **kwargs)
    given = kwargs.get("prefix_list_id") or (args[7] if len(args) > 7 else None)
    self.prefix_description = (given or {}).get("Description")
    # Each rule its own: an update of one must not show in the permission that was sent.
    self.ip_range, self.source_group = dict(self.ip_range), dict(self.source_group)
    self.filters.update(
        {
            "description": lambda values: _any(values, self.description),
            "is-egress": lambda values: str(self.is_egress).lower() in values,
        }
    )


def _any(values: list[str], value: str | None) -> bool:
    return any(aws_api_matches(wanted, value) for wanted in values)


def _description(self: Rule) -> str | None:
    return (
        self.ip_range.get("Description")
        or (self.source_group or {}).get("Description")
        or getattr(self, "prefix_description", None)
        or None
    )


def _flattened(self: model.SecurityGroup, rules: list[Rule]) -> list[Any]:
    views: dict[tuple[Any, ...], model.GroupedSecurityRuleView] = {}
    for rule in rules:
        key = (rule.from_port, rule.to_port, rule.ip_protocol)
        view = views.setdefault(key, model.GroupedSecurityRuleView(*key))
        if rule.ip_range:
            view.all_ip_ranges.append(rule.ip_range)
        if rule.source_group:
            view.source_groups.append(rule.source_group)
        if rule.prefix_list_id:
            entry = {"PrefixListId": rule.prefix_list_id}
            if _description(rule):
                entry["Description"] = str(_description(rule))
            view.prefix_list_ids.append(entry)
    return list(views.values())


Rule.__init__ = _init  # type: ignore[method-assign]
Rule.__eq__ = _same  # type: ignore[method-assign]
Rule.__hash__ = object.__hash__  # type: ignore[method-assign]
Rule.description = property(_description)  # type: ignore[assignment,method-assign]
Rule.group_owner_id = property(lambda self: self.ec2_backend.account_id)  # type: ignore[attr-defined]
model.SecurityGroup._flattened_rules = _flattened  # type: ignore[method-assign]


def _group(call: Call) -> model.SecurityGroup:
    name = call.get("GroupId") or call.get("GroupName")
    group: model.SecurityGroup | None = call.backend("ec2").get_security_group_by_name_or_id(name)
    if group is None:
        raise AwsError("InvalidGroup.NotFound", f"The security group '{name}' does not exist")
    return group


@around("ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
def authorize(call: Call, proceed: Proceed) -> Any:
    """All rules or none; and all of them are answered, not only the last."""
    group = _group(call)
    before = list(group.ingress_rules), list(group.egress_rules)
    try:
        proceed()
    except Exception as error:
        group.ingress_rules, group.egress_rules = before
        if getattr(error, "code", "") == "InvalidPermission.Duplicate":
            raise _duplicate(call, group) from error
        raise
    old = {rule.id for rules in before for rule in rules}
    added = [r for r in (*group.ingress_rules, *group.egress_rules) if r.id not in old]
    return ActionResult({"Return": True, "SecurityGroupRules": added})


def _duplicate(call: Call, group: model.SecurityGroup) -> AwsError:
    """AWS names the first rule that is there already (terraform#2376)."""
    egress = call.operation.endswith("Egress")
    there = {
        (rule.ip_protocol, rule.from_port, rule.to_port, peer)
        for rule in (group.egress_rules if egress else group.ingress_rules)
        for peer in _peer(rule)
        if peer
    }
    for permission in call.get("IpPermissions") or []:
        ports = permission.get("FromPort"), permission.get("ToPort")
        protocol = str(permission["IpProtocol"])
        for peer in _peers(permission):
            if (protocol, *ports, peer) in there:
                return _already(protocol, *ports, peer)
    return AwsError("InvalidPermission.Duplicate", "The specified rule already exists")


def _peers(permission: dict[str, Any]) -> list[str]:
    found = [r["CidrIp"] for r in permission.get("IpRanges") or []]
    found += [r["CidrIpv6"] for r in permission.get("Ipv6Ranges") or []]
    found += [r["PrefixListId"] for r in permission.get("PrefixListIds") or []]
    return found + [p["GroupId"] for p in permission.get("UserIdGroupPairs") or [] if "GroupId" in p]


def _already(protocol: str, start: int | None, end: int | None, peer: str) -> AwsError:
    every = protocol == "-1"
    ports = "" if every else f", from port: {start}, to port: {end}"
    name = "ALL" if every else protocol.upper()
    return AwsError(
        "InvalidPermission.Duplicate",
        f'the specified rule "peer: {peer}, {name}{ports}, ALLOW" already exists',
    )


@around("ec2", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")
def revoke(call: Call, proceed: Proceed) -> Any:
    group = _group(call)
    before = list(group.ingress_rules), list(group.egress_rules)
    try:
        return proceed()
    except Exception:
        group.ingress_rules, group.egress_rules = before
        raise


@around("ec2", "ModifySecurityGroupRules")
def modify(call: Call, proceed: Proceed) -> Any:
    """Every kind of rule; what is not sent is gone afterwards, as on EC2."""
    group = _group(call)
    changes = []
    for update in call.get("SecurityGroupRules") or []:
        identifier, wanted = update["SecurityGroupRuleId"], update["SecurityGroupRule"]
        rule = group.get_rule(identifier)
        if rule is None:
            raise AwsError(
                "InvalidSecurityGroupRuleId.NotFound",
                f"The security group rule ID '{identifier}' does not exist",
            )
        changes.append((rule, _changed(call, rule, wanted)))
    for rule, changed in changes:
        rule.__dict__.update(changed)
    return ActionResult({"Return": True})


def _changed(call: Call, rule: Rule, wanted: dict[str, Any]) -> dict[str, Any]:
    keys = ("CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId")
    given = [key for key in keys if wanted.get(key) is not None]
    if len(given) != 1:
        code = "InvalidParameterCombination" if given else "MissingParameter"
        raise AwsError(code, f"The request must contain exactly one of: {', '.join(keys)}")
    if wanted.get("IpProtocol") is None:
        raise AwsError("InvalidParameterValue", "Invalid value 'null' for protocol.")
    key, value = given[0], wanted[given[0]]
    description = {"Description": wanted["Description"]} if wanted.get("Description") else {}
    ip_range: dict[str, str] = {}
    source_group: dict[str, str] = {}
    if key.startswith("Cidr"):
        ip_range = {"CidrIp" if key == "CidrIpv4" else "CidrIpv6": value, **description}
    elif key == "ReferencedGroupId":
        source_group = {"GroupId": value, "UserId": call.account, **description}
    template = Rule(
        rule.ec2_backend,
        wanted["IpProtocol"],
        rule.group_id,
        wanted.get("FromPort", -1),
        wanted.get("ToPort", -1),
        ip_range,
        source_group,
        {"PrefixListId": value, **description} if key == "PrefixListId" else None,
        is_egress=rule.is_egress,
    )
    kept = ("ip_protocol", "from_port", "to_port", "ip_range", "source_group")
    return {name: template.__dict__[name] for name in (*kept, "prefix_list_id", "prefix_description")}


@around(
    "ec2",
    "UpdateSecurityGroupRuleDescriptionsIngress",
    "UpdateSecurityGroupRuleDescriptionsEgress",
)
def describe_rules(call: Call, proceed: Proceed) -> Any:
    """Also by rule id, and for prefix lists."""
    group = _group(call)
    for wanted in call.get("SecurityGroupRuleDescriptions") or []:
        rule = group.get_rule(wanted["SecurityGroupRuleId"])
        if rule is not None:
            _describe(rule, wanted.get("Description"))
    rules = group.egress_rules if call.operation.endswith("Egress") else group.ingress_rules
    for permission in call.get("IpPermissions") or []:
        for entry in permission.get("PrefixListIds") or []:
            for rule in rules:
                if rule.prefix_list_id == entry["PrefixListId"]:
                    _describe(rule, entry.get("Description"))
    if call.get("IpPermissions"):
        proceed()
    return ActionResult({"Return": True})


def _describe(rule: Rule, description: str | None) -> None:
    if rule.prefix_list_id:
        rule.prefix_description = description  # type: ignore[attr-defined]
    else:
        (rule.ip_range or rule.source_group)["Description"] = description or ""

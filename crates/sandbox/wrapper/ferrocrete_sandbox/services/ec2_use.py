"""Who uses a subnet, a security group or an address: across services."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from ..hooks import Call


def _loaded(service: str, call: Call) -> Any:
    """Another service's backend, unless nobody has used that service at all."""
    if f"moto.{service}.models" not in sys.modules:
        return None
    return call.backend(service)


def live_instances(call: Call) -> Iterator[Any]:
    """Instances that are not terminated."""
    for reservation in call.backend("ec2").reservations.values():
        yield from (i for i in reservation.instances if i.state != "terminated")


def load_balancers(call: Call) -> list[Any]:
    elb = _loaded("elbv2", call)
    return list(elb.load_balancers.values()) if elb else []


def databases(call: Call) -> list[Any]:
    rds = _loaded("rds", call)
    return list(rds.databases.values()) if rds else []


def services(call: Call) -> list[Any]:
    """ECS services that may have tasks."""
    ecs = _loaded("ecs", call)
    if not ecs:
        return []
    return [s for s in ecs.services.values() if s.status in ("ACTIVE", "DRAINING")]


def _service_network(service: Any) -> dict[str, Any]:
    configuration = getattr(service, "network_configuration", None) or {}
    found = configuration.get("awsvpcConfiguration") or {}
    return dict(found)


def users_of_subnet(call: Call, subnet_id: str) -> Iterator[str]:
    """What would keep AWS from deleting the subnet."""
    ec2 = call.backend("ec2")
    for eni in ec2.enis.values():
        if eni.subnet_id == subnet_id:
            yield eni.id
    for instance in live_instances(call):
        if instance.subnet_id == subnet_id:
            yield instance.id
    for balancer in load_balancers(call):
        if subnet_id in [subnet.id for subnet in balancer.subnets]:
            yield balancer.arn
    for database in databases(call):
        group = getattr(database, "db_subnet_group", None)
        if group and subnet_id in [s.id for s in getattr(group, "_subnets", group.subnets)]:
            yield str(database.db_instance_identifier)
    for service in services(call):
        if service.desired_count and subnet_id in _service_network(service).get("subnets", []):
            yield str(service.arn)
    for endpoint in ec2.vpc_end_points.values():
        if subnet_id in (getattr(endpoint, "subnet_ids", None) or []):
            yield endpoint.id


def users_of_group(call: Call, group_id: str) -> Iterator[str]:
    """What would keep AWS from deleting the security group."""
    ec2 = call.backend("ec2")
    for eni in ec2.enis.values():
        if group_id in [g.id for g in eni.group_set]:
            yield eni.id
    for instance in live_instances(call):
        if group_id in [g.id for g in instance.security_groups]:
            yield instance.id
    for balancer in load_balancers(call):
        if group_id in (balancer.security_groups or []):
            yield balancer.arn
    for database in databases(call):
        if group_id in (getattr(database, "vpc_security_group_ids", None) or []):
            yield str(database.db_instance_identifier)
    for service in services(call):
        if service.desired_count and group_id in _service_network(service).get(
            "securityGroups", []
        ):
            yield str(service.arn)
    for endpoint in ec2.vpc_end_points.values():
        if group_id in (getattr(endpoint, "security_group_ids", None) or []):
            yield endpoint.id
    yield from rules_that_name(ec2, group_id)


def rules_that_name(ec2: Any, group_id: str) -> Iterator[str]:
    """Other groups whose rules refer to the group."""
    for groups in ec2.groups.values():
        for group in groups.values():
            if group.id == group_id:
                continue
            for rule in (*group.ingress_rules, *group.egress_rules):
                if (rule.source_group or {}).get("GroupId") == group_id:
                    yield group.id


def has_internet(call: Call, vpc_id: str) -> bool:
    """Whether an internet gateway is attached to the VPC."""
    # AWS makes every default VPC with an internet gateway; moto leaves it out.
    default = call.backend("ec2").get_default_vpc()
    if default is not None and default.id == vpc_id:
        return True
    gateways = call.backend("ec2").internet_gateways.values()
    return any(gateway.vpc and gateway.vpc.id == vpc_id for gateway in gateways)


def addresses_in_vpc(call: Call, vpc_id: str) -> list[Any]:
    """Elastic and automatic public addresses that are mapped into the VPC."""
    ec2 = call.backend("ec2")
    mapped = [eni.id for eni in ec2.enis.values() if eni.vpc_id == vpc_id and eni.public_ip]
    mapped += [
        balancer.arn
        for balancer in load_balancers(call)
        if balancer.vpc_id == vpc_id and balancer.scheme == "internet-facing"
    ]
    return mapped

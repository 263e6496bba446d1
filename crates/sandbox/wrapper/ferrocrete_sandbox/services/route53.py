"""Route 53: change batches are atomic and strict; changes take a while."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.route53.models import FakeZone, RecordSet, reverse_domain_name

from .. import late, settings, unkind
from ..clock import now
from ..hooks import AwsError, Call, Proceed, around
from . import memory
from .route53_conflicts import Key, conflicts, stored_name as _name
from .route53_values import faults


#: What changes a zone, one after the other: botocore's model, `PriorRequestNotComplete`.
_ONE_AT_A_TIME = (
    "ChangeResourceRecordSets",
    "ChangeTagsForResource",
    "DeleteHostedZone",
    "UpdateHostedZoneComment",
    "AssociateVPCWithHostedZone",
)
_BUSY = "route53_busy"


def _change(call: Call) -> dict[str, Any]:
    """A change of its own id, in sync after a while."""
    identifier = f"/change/C{uuid.uuid4().hex[:20].upper()}"
    memory.table(call.account, "route53:changes")[identifier] = now()
    return _change_info(call, identifier)


def _change_info(call: Call, identifier: str) -> dict[str, Any]:
    made = memory.table(call.account, "route53:changes")[identifier]
    pending = now() - made < settings.of(call.account).slow["route53"]
    return {
        "Id": identifier,
        "Status": "PENDING" if pending else "INSYNC",
        "SubmittedAt": utcnow(),
    }


@around("route53", "GetChange")
def get_change(call: Call, proceed: Proceed) -> Any:
    identifier = call.get("Id")
    if not identifier.startswith("/change/"):
        identifier = f"/change/{identifier}"
    if identifier not in memory.table(call.account, "route53:changes"):
        raise AwsError("NoSuchChange", f"Could not find resource with ID: {identifier}")
    return ActionResult({"ChangeInfo": _change_info(call, identifier)})


@around("route53", "CreateHostedZone")
def create_zone(call: Call, proceed: Proceed) -> Any:
    """A caller reference can be used once, even after the zone is gone."""
    reference = call.get("CallerReference")
    seen = memory.table(call.account, "route53:references")
    if reference in seen:
        raise AwsError(
            "HostedZoneAlreadyExists",
            "A hosted zone has already been created with the specified caller reference.",
        )
    result = proceed()
    zone = result.result["HostedZone"]
    seen[reference] = zone.resource_id
    _first_records(zone)
    _only_servers(result)
    result.result["ChangeInfo"] = _change(call)
    return result


def _first_records(zone: FakeZone) -> None:
    """As AWS writes them: recordings `..._recordset.json`, test_create_record_set_via_id."""
    servers = [f"{name.rstrip('.')}." for name in zone.delegation_set.name_servers]
    for record in zone.rrsets:
        if record.type == "NS":
            record.records = servers
        elif record.type == "SOA":
            host = "awsdns-hostmaster.amazon.com."
            record.records = [f"{servers[0]} {host} 1 7200 900 1209600 86400"]


def _only_servers(result: Any) -> None:
    """A zone's own delegation set has neither id nor reference: `route53__route53.json`."""
    found = result.result.get("DelegationSet")
    if found is not None and not found.id:
        result.result["DelegationSet"] = {"NameServers": found.name_servers}


@around("route53", "GetHostedZone")
def get_zone(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    _only_servers(result)
    return result


@around("route53", "DeleteHostedZone")
def delete_zone(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    result.result["ChangeInfo"] = _change(call)
    identifier = call.get("Id").replace("/hostedzone/", "")
    call.backend("route53").resource_tags.pop(identifier, None)
    return result


def _vpc(call: Call) -> tuple[Any, str]:
    """The zone and the VPC that a call is about."""
    zone = call.backend("route53").get_hosted_zone(call.get("HostedZoneId"))
    return zone, (call.get("VPC") or {}).get("VPCId") or ""


@around("route53", "AssociateVPCWithHostedZone")
def associate(call: Call, proceed: Proceed) -> Any:
    """A VPC asks one zone of a name, and a zone once."""
    zone, vpc = _vpc(call)
    for other in call.backend("route53").zones.values():
        same_name = _name(other.name) == _name(zone.name)
        if same_name and any(v.get("vpc_id") == vpc for v in other.vpcs):
            raise AwsError(
                "ConflictingDomainExists",
                f"The VPC {vpc} has already been associated with the hosted zone "
                f"{other.resource_id} with the same domain name.",
            )
    return proceed()


@around("route53", "DisassociateVPCFromHostedZone")
def disassociate(call: Call, proceed: Proceed) -> Any:
    zone, vpc = _vpc(call)
    if not any(v.get("vpc_id") == vpc for v in zone.vpcs):
        raise AwsError(
            "VPCAssociationNotFound",
            f"The VPC {vpc} is not associated with the hosted zone.",
        )
    return proceed()


def _key(record: Any) -> Key:
    if isinstance(record, RecordSet):
        return (_name(record.name), record.type or "", record.set_identifier)
    return (_name(record["Name"]), record["Type"], record.get("SetIdentifier"))


@around("route53", "ListHostedZonesByName")
def list_zones(call: Call, proceed: Proceed) -> Any:
    """From a name on, not only the zones of that name; in any case of letters."""
    start = call.get("DNSName")
    if not start:
        return proceed()
    first = reverse_domain_name(_name(start))
    zones = [
        (reverse_domain_name(_name(zone.name)), zone.resource_id, zone)
        for zone in call.backend("route53").zones.values()
        if not late.hidden(call.account, zone.resource_id)
    ]
    found = [zone for name, _, zone in sorted(zones, key=lambda z: z[:2]) if name >= first]
    most = int(call.get("MaxItems") or 100)
    return ActionResult(
        {
            "DNSName": _name(start),
            "HostedZones": found[:most],
            "IsTruncated": len(found) > most,
            "NextDNSName": found[most].name if len(found) > most else None,
            "NextHostedZoneId": found[most].resource_id if len(found) > most else None,
            "MaxItems": most,
        }
    )


def _text(key: Key) -> str:
    identifier = f", set-identifier='{key[2]}'" if key[2] else ""
    return f"resource record set [name='{key[0]}', type='{key[1]}'{identifier}]"


def _value(record: Any) -> tuple[Any, ...]:
    """What must be the same for a delete."""
    if isinstance(record, RecordSet):
        alias, ttl, values = record.alias_target, record.ttl, record.records or []
        extra = (record.weight, record.region, record.failover)
    else:
        alias, ttl = record.get("AliasTarget"), record.get("TTL")
        values = [r["Value"] for r in record.get("ResourceRecords") or []]
        extra = (record.get("Weight"), record.get("Region"), record.get("Failover"))
    target = None
    if alias:
        target = (
            alias["HostedZoneId"],
            _name(alias["DNSName"]),
            str(alias.get("EvaluateTargetHealth", False)).lower(),
        )
    return (target, int(ttl) if ttl is not None else None, sorted(values), *map(str, extra))


@around("route53", "ChangeResourceRecordSets")
def change_records(call: Call, proceed: Proceed) -> Any:
    """All changes of a batch or none; all that is wrong with it in one message."""
    zone = call.backend("route53").get_hosted_zone(call.get("HostedZoneId"))
    records = {_key(record): record for record in zone.rrsets}
    wrong: list[str] = []
    changed: set[Key] = set()
    for change in copy.deepcopy(call.params["ChangeBatch"]["Changes"]):
        changed.add(_key(change["ResourceRecordSet"]))
        if change["Action"] != "DELETE":
            wrong += faults(change["ResourceRecordSet"])
        problem = _apply(zone, records, change["Action"], change["ResourceRecordSet"])
        if problem:
            wrong.append(problem)
    wrong += conflicts(zone.name, records, changed)
    if wrong:
        raise AwsError("InvalidChangeBatch", f"[{', '.join(wrong)}]")
    zone.rrsets = list(records.values())
    return ActionResult({"ChangeInfo": _change(call)})


def _apply(zone: FakeZone, records: dict[Key, Any], action: str, record: Any) -> str | None:
    key = _key(record)
    zone_name = _name(zone.name)
    if key[0] != zone_name and not key[0].endswith(f".{zone_name}"):
        return f"RRSet with DNS name {key[0]} is not permitted in zone {zone_name}"
    values = record.get("ResourceRecords")
    if bool(record.get("AliasTarget")) == bool(values and record.get("TTL") is not None):
        return (
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and "
            f"ResourceRecords], or TrafficPolicyInstanceId] in Change with [Action={action}, "
            f"Name={key[0]}, Type={key[1]}, SetIdentifier={key[2]}]"
        )
    if action == "DELETE":
        return _delete(zone_name, records, key, record)
    if action == "CREATE" and key in records:
        return f"Tried to create {_text(key)} but it already exists"
    stored = dict(record, Name=key[0], ResourceRecords=[v["Value"] for v in values or []])
    if stored.get("AliasTarget"):
        stored["AliasTarget"]["DNSName"] = _name(stored["AliasTarget"]["DNSName"])
    records[key] = RecordSet(stored)
    return None


def _delete(zone_name: str, records: dict[Key, Any], key: Key, record: Any) -> str | None:
    if key not in records:
        return f"Tried to delete {_text(key)} but it was not found"
    if _value(records[key]) != _value(record):
        return (
            f"Tried to delete {_text(key)} but the values provided do not match the "
            "current values"
        )
    if key[0] == zone_name and key[1] in ("NS", "SOA"):
        return f"A HostedZone must contain at least one {key[1]} record for the zone itself."
    del records[key]
    return None


@around("route53", *_ONE_AT_A_TIME)
def one_at_a_time(call: Call, proceed: Proceed) -> Any:
    """A zone takes a change only when the one before is processed (TF#1194 of terraform,
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html)."""
    zone = call.get("HostedZoneId") or call.get("Id") or call.get("ResourceId")
    zone = zone.replace("/hostedzone/", "")
    if unkind.lasts(call.account, _BUSY, zone):
        raise AwsError(
            "PriorRequestNotComplete",
            "The request was rejected because Route 53 was still processing a prior request.",
        )
    result = proceed()
    unkind.mark(call.account, _BUSY, zone)
    return result


# Where a listing starts among records of one name and type; calls are made one at a time.
_start_identifier: str | None = None


@around("route53", "ListResourceRecordSets")
def list_records(call: Call, proceed: Proceed) -> Any:
    """Starts at the set identifier that was asked for, which moto overlooks."""
    global _start_identifier
    _start_identifier = call.get("StartRecordIdentifier")
    try:
        return proceed()
    finally:
        _start_identifier = None


_get_record_sets = FakeZone.get_record_sets


def get_record_sets(self: FakeZone, start_type: str, start_name: str) -> list[RecordSet]:
    found = list(_get_record_sets(self, start_type, start_name))
    if not _start_identifier or not found:
        return found
    first = found[0]
    alike = [r for r in found if (r.name, r.type) == (first.name, first.type)]
    alike.sort(key=lambda r: r.set_identifier or "")
    rest = found[len(alike) :]
    return [r for r in alike if (r.set_identifier or "") >= _start_identifier] + rest


FakeZone.get_record_sets = get_record_sets  # type: ignore[method-assign]

"""Which record sets of a zone exclude each other, and what Route 53 says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: Name, type, set identifier.
Key = tuple[str, str, "str | None"]

#: What makes a record set one of a routing policy, in the words of Route 53's messages.
_POLICIES = (
    ("weight", "weighted"),
    ("region", "latency"),
    ("failover", "failover"),
    ("geo_location", "geolocation"),
    ("multi_value_answer", "multivalue answer"),
)


def stored_name(name: str) -> str:
    """As Route 53 stores it: lower case, with a final dot, `*` escaped."""
    name = name.lower().rstrip(".") + "."
    return name.replace("*", "\\052", 1) if name.startswith("*") else name


def conflicts(zone: str, records: dict[Key, Any], changed: set[Key]) -> list[str]:
    """What is wrong between the records of a zone after a batch that changed some of them."""
    by_name: dict[str, list[Key]] = {}
    for key in records:
        by_name.setdefault(key[0], []).append(key)
    found = []
    for name in sorted({key[0] for key in changed if key in records}):
        mine = by_name[name]
        found += _of_cname(stored_name(zone), name, mine, changed)
        for kind in sorted({key[1] for key in mine}):
            found += _of_policies(records, [key for key in mine if key[1] == kind], changed)
    return found


def _of_cname(zone: str, name: str, keys: list[Key], changed: set[Key]) -> Iterator[str]:
    """A CNAME stands alone, whichever came first (aws-sdk-java#1996, boto3#1475)."""
    others = sorted({kind for _, kind, _ in keys if kind != "CNAME"})
    cnames = [key for key in keys if key[1] == "CNAME"]
    if cnames and name == zone:
        yield f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone}"
    elif cnames and others and changed.intersection(cnames):
        yield (
            f"RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with "
            f"other records with the same DNS name in zone {zone}"
        )
    elif cnames:
        for kind in others:
            yield (
                f"RRSet of type {kind} with DNS name {name} is not permitted because a "
                "conflicting RRSet of type  CNAME with the same DNS name already exists in zone "
                f"{zone}"
            )


def _policy(record: Any) -> str:
    for attribute, policy in _POLICIES:
        if getattr(record, attribute, None) is not None:
            return policy
    return "simple"


def _of_policies(
    records: dict[Key, Any], keys: list[Key], changed: set[Key]
) -> Iterator[str]:
    """One name and type has one routing policy (TF#1852, TF#11485, chef-boneyard/route53#100),
    and its weighted record sets have one TTL (aws-sdk-go-v2#518)."""
    policies = {key: _policy(records[key]) for key in keys}
    for key in keys:
        if key not in changed:
            continue
        name, kind, identifier = key
        policy = policies[key]
        if set(policies.values()) != {policy}:
            yield (
                f"RRSet with DNS name {name}, type {kind} cannot be created as other RRSets "
                "exist with the same name and type."
                if identifier is None
                else f"RRSet with DNS name {name}, type {kind}, SetIdentifier {identifier} "
                f"cannot be created as a non-{policy} set exists with the same name and type."
            )
        elif policy == "weighted" and len({_ttl(records[other]) for other in keys}) > 1:
            yield (
                f"RRSet with DNS name {name} and type {kind}, SetIdentifier {identifier} cannot "
                "be created as weighted sets must contain the same TTL."
            )


def _ttl(record: Any) -> int | None:
    return int(record.ttl) if record.ttl is not None else None

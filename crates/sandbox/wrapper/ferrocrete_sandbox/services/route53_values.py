"""Route 53: names and values that are no names and values of their type.

What each type's value looks like:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
Words: octodns#1196, external-dns#1176 (quotation marks), boto3#1462 (too long).
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Any

_STRINGS = re.compile(r'\s*("(?:[^"\\]|\\.)*"\s*)+')
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\[0-7]{3}|\\.")
#: What a value has to look like, and what it is called.
_SHAPES = {
    "MX": (r"\d+\s+\S+", "MXRDATAFormatInvalid (Value is not a valid MX record)"),
    "SRV": (r"\d+\s+\d+\s+\d+\s+\S+", "SRVRDATANotFourFields (Value should have four fields)"),
    "CAA": (r'\d+\s+[a-zA-Z0-9]+\s+"[^"]*"', "CAARDATAFormatInvalid (Value is not a CAA record)"),
}


def _address(kind: type, value: str) -> bool:
    try:
        kind(value)
    except ValueError:
        return False
    return True


def _fault(kind: str, value: str) -> str | None:
    """What is wrong with one value of a record of this type."""
    if kind == "A" and not _address(IPv4Address, value):
        return "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)"
    if kind == "AAAA" and not _address(IPv6Address, value):
        return "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)"
    if kind in ("TXT", "SPF"):
        if not _STRINGS.fullmatch(value):
            return "InvalidCharacterString (Value should be enclosed in quotation marks)"
        if any(len(_ESCAPED.sub("x", text)) > 255 for text in _STRING.findall(value)):
            return "CharacterStringTooLong (Value is too long)"
    if kind in ("CNAME", "NS", "PTR") and (not value or re.search(r"\s", value)):
        return "DomainNameInvalid (Value is not a valid domain name)"
    shape = _SHAPES.get(kind)
    return shape[1] if shape and not re.fullmatch(shape[0], value.strip()) else None


def faults(record: dict[str, Any]) -> list[str]:
    """In Route 53's words, of a record that is to be made."""
    kind, name = record["Type"], record["Name"]
    values = [value["Value"] for value in record.get("ResourceRecords") or []]
    found = []
    labels = name.rstrip(".").split(".")
    if any(len(_ESCAPED.sub("x", label)) > 63 for label in labels):
        found.append(f"FATAL problem: DomainLabelTooLong (Domain label is too long) encountered with '{name}'")
    elif "" in labels and name not in ("", "."):
        found.append(f"FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with '{name}'")
    for value in values:
        fault = _fault(kind, value)
        if fault:
            found.append(f"Invalid Resource Record: FATAL problem: {fault} encountered with '{value}'")
    if len(values) != len(set(values)):
        found.append(f"Duplicate Resource Record: '{next(v for v in values if values.count(v) > 1)}'")
    if kind == "CNAME" and len(values) > 1:
        found.append(
            "Invalid Resource Record: FATAL problem: MultipleCNAMERRs (A CNAME record has one value)"
            f" encountered with '{values[1]}'"
        )
    return found

"""What AWS's own model of an operation forbids is refused before anybody acts.

The constraints are those of botocore's `service-2.json`: lengths, patterns, ranges, enums, numbers of
members, what must be there. The words are AWS's: recordings `kms__kms.json`, `sns__sns.json`,
`cloudwatch__cloudwatch.json`, `iam__iam.json` ("1 validation error detected: …"). Patterns that
Python's expressions do not have are left out.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Iterator

from moto.core.utils import get_service_model

if TYPE_CHECKING:
    from moto.core.responses import BaseResponse

#: The code of each service for it; `ValidationException` where it is not said. Recordings, and
#: the errors that the operations' models have.
_CODES = {
    "cloudwatch": "ValidationError",
    "ec2": "InvalidParameterValue",
    "ecr": "InvalidParameterException",
    "ecs": "InvalidParameterException",
    "elbv2": "ValidationError",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
    "rds": "ValidationError",
    "route53": "InvalidInput",
    "sns": "ValidationError",
    "sqs": "InvalidParameterValue",
    "sts": "ValidationError",
}
#: Of these operations the model says less than what the service takes, or the service has an
#: answer of its own that says more, which is in its module.
_OWN = {
    ("iam", "CreatePolicy"),
}


def refusal(response: BaseResponse, operation: str) -> tuple[str, str] | None:
    """Code and message, if the model forbids what was sent."""
    service = response.boto3_service_name
    shape = get_service_model(service).operation_model(operation).input_shape
    if shape is None:
        return None
    found = list(_faults(shape, _sent(response), ""))
    if not found:
        return None
    many = "error" if len(found) == 1 else "errors"
    message = f"{len(found)} validation {many} detected: " + "; ".join(found)
    return _CODES.get(service, "ValidationException"), message


def _sent(response: BaseResponse) -> Any:
    """The parameters, as far as they can be told: moto parses those of most services."""
    if response.automated_parameter_parsing:
        params: Any = response.params
        return params.original_dict() if hasattr(params, "original_dict") else params
    try:
        return json.loads(response.body or "{}")
    except ValueError:
        return {}


def _faults(shape: Any, value: Any, at: str) -> Iterator[str]:
    """Each with AWS's words."""
    limits = shape.metadata
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        for name in shape.required_members:
            if value.get(name) is None:
                yield _fault(None, _below(at, name), "Member must not be null")
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _faults(member, value[name], _below(at, name))
    elif kind == "list" and isinstance(value, list):
        yield from _size(len(value), value, limits, at, "length")
        for number, member in enumerate(value, 1):
            yield from _faults(shape.member, member, f"{at}.{number}.member")
    elif kind == "map" and isinstance(value, dict):
        yield from _size(len(value), value, limits, at, "length")
        for key, member in value.items():
            yield from _faults(shape.value, member, f"{at}.{key}.member")
    elif kind == "string" and isinstance(value, str):
        yield from _size(len(value), value, limits, at, "length")
        if shape.enum and value not in shape.enum:
            wanted = "[" + ", ".join(shape.enum) + "]"
            yield _fault(value, at, f"Member must satisfy enum value set: {wanted}")
        pattern = _pattern(limits.get("pattern"))
        if pattern and not pattern.fullmatch(value):
            yield _fault(
                value, at, f"Member must satisfy regular expression pattern: {limits['pattern']}"
            )
    elif kind in ("integer", "long", "float", "double") and isinstance(value, (int, float)):
        yield from _size(value, value, limits, at, "value")


def _size(size: float, value: Any, limits: Any, at: str, what: str) -> Iterator[str]:
    if "min" in limits and size < limits["min"]:
        yield _fault(value, at, f"Member must have {what} greater than or equal to {limits['min']}")
    if "max" in limits and size > limits["max"]:
        yield _fault(value, at, f"Member must have {what} less than or equal to {limits['max']}")


def _below(at: str, name: str) -> str:
    return f"{at}.{name[0].lower()}{name[1:]}" if at else f"{name[0].lower()}{name[1:]}"


def _fault(value: Any, at: str, wanted: str) -> str:
    said = "null" if value is None else f"'{value}'"
    return f"Value {said} at '{at}' failed to satisfy constraint: {wanted}"


@lru_cache(maxsize=None)
def _pattern(text: str | None) -> re.Pattern[str] | None:
    """As Python writes it: classes by Unicode property are what the documentation means by them,
    letters, spaces and digits."""
    if text is None:
        return None
    for theirs, ours in (
        (r"\p{L}", r"a-zA-Z\u00aa-\uffff"),
        (r"\p{Z}", r" \u00a0\u2000-\u200a"),
        (r"\p{N}", r"0-9"),
    ):
        text = text.replace(theirs, ours)
    try:
        return re.compile(text)
    except re.error:
        return None

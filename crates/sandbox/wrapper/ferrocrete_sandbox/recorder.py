"""Records calls, for tests that assert a call budget."""

from __future__ import annotations

import re
from collections import deque
from typing import Any

from . import clock
from .request import AwsRequest

#: Older calls are dropped from the list; the counts stay exact.
KEEP = 20_000

_CODE = re.compile(rb"<Code>([^<]*)</Code>")
_TYPE = re.compile(rb'"__type"\s*:\s*"(?:[^"#]*#)?([^"]*)"')
_start = clock.now()


class _Log:
    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.calls: deque[dict[str, Any]] = deque(maxlen=KEEP)


_logs: dict[str, _Log] = {}


def error_code(status: int, headers: list[tuple[str, str]], body: bytes) -> str | None:
    """The AWS error code of an answer; None for success."""
    if status < 400:
        return None
    for name, value in headers:
        if name.lower() == "x-amzn-errortype":
            return value.split("#")[-1].split(":")[0]
        if name.lower() == "x-amzn-query-error":
            return value.split(";")[0]
    found = _CODE.search(body) or _TYPE.search(body)
    return found.group(1).decode("utf-8", "replace") if found else str(status)


def record(request: AwsRequest, started: float, status: int, code: str | None) -> None:
    """Adds one call. Status 0 means the connection was cut instead of an answer."""
    log = _logs.setdefault(request.account, _Log())
    key = f"{request.service}:{request.operation}"
    log.counts[key] = log.counts.get(key, 0) + 1
    log.calls.append(
        {
            "at_ms": round((started - _start) * 1000, 1),
            "took_ms": round((clock.now() - started) * 1000, 1),
            "service": request.service,
            "operation": request.operation,
            "region": request.region,
            "resource": request.resource,
            "status": status,
            "error": code,
        }
    )


def of(account: str | None) -> dict[str, Any]:
    """Counts and calls of one account, or of all together."""
    logs = list(_logs.values()) if account is None else [_logs.get(account) or _Log()]
    counts: dict[str, int] = {}
    for log in logs:
        for key, count in log.counts.items():
            counts[key] = counts.get(key, 0) + count
    calls = sorted((c for log in logs for c in log.calls), key=lambda c: c["at_ms"])
    total = sum(counts.values())
    return {"total": total, "counts": dict(sorted(counts.items())), "calls": calls}


def reset(account: str | None) -> None:
    if account is None:
        _logs.clear()
    else:
        _logs.pop(account, None)

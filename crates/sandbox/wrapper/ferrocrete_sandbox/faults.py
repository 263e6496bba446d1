"""Faults on request: lost answers, lost requests, delays, error answers."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from .request import AwsRequest

MODES = ("drop_before", "drop_after", "delay_before", "delay_after", "status")


@dataclass
class Fault:
    """What goes wrong with the next `times` calls that match."""

    match: str
    mode: str
    account: str | None = None
    service: str | None = None
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    status: int = 503
    code: str = "ServiceUnavailable"
    message: str = "fault injected by the sandbox"
    fired: int = 0

    @staticmethod
    def parse(values: dict[str, Any]) -> Fault:
        known = {f for f in Fault.__dataclass_fields__ if f != "fired"}
        unknown = set(values) - known
        if unknown:
            raise ValueError(f"unknown fields of a fault: {sorted(unknown)}")
        values = {key: value for key, value in values.items() if value is not None}
        fault = Fault(**values)
        if fault.mode not in MODES:
            raise ValueError(f"unknown mode {fault.mode!r}, known are {MODES}")
        return fault

    def concerns(self, request: AwsRequest) -> bool:
        return (
            self.match in ("*", request.operation)
            and self.account in (None, request.account)
            and self.service in (None, request.service)
        )


_faults: list[Fault] = []
_lock = threading.Lock()


def add(values: list[dict[str, Any]]) -> None:
    """Adds faults. All are checked before the first is added."""
    parsed = [Fault.parse(value) for value in values]
    with _lock:
        _faults.extend(parsed)


def clear(account: str | None) -> None:
    """Drops the faults of one account, or all."""
    with _lock:
        _faults[:] = [] if account is None else [f for f in _faults if f.account != account]


def listed() -> list[dict[str, Any]]:
    with _lock:
        return [dict(f.__dict__) for f in _faults]


def take(request: AwsRequest) -> Fault | None:
    """The fault that hits this call, if any; counts it as fired."""
    if not _faults:
        return None
    with _lock:
        for fault in _faults:
            if fault.fired < fault.times and fault.concerns(request):
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.fired += 1
                return fault
    return None

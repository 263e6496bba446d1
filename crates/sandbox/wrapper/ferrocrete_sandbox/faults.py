"""Faults on request: lost answers, lost requests, delays, error answers."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
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
    #: Set when the fault is removed: calls that it holds up go on.
    removed: threading.Event = field(default_factory=threading.Event, repr=False)

    @staticmethod
    def parse(values: dict[str, Any]) -> Fault:
        known = set(Fault.__dataclass_fields__) - {"fired", "removed"}
        unknown = set(values) - known
        if unknown:
            raise ValueError(f"unknown fields of a fault: {sorted(unknown)}")
        values = {key: value for key, value in values.items() if value is not None}
        fault = Fault(**values)
        if fault.mode not in MODES:
            raise ValueError(f"unknown mode {fault.mode!r}, known are {MODES}")
        return fault

    def hold(self) -> None:
        """Holds a call up for `seconds`, or until the fault is removed."""
        self.removed.wait(self.seconds)

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
    """Drops the faults of one account, or all; calls that they hold up go on."""
    with _lock:
        for fault in _faults:
            if account in (None, fault.account):
                fault.removed.set()
        _faults[:] = [f for f in _faults if not f.removed.is_set()]


def listed() -> list[dict[str, Any]]:
    with _lock:
        return [{k: v for k, v in f.__dict__.items() if k != "removed"} for f in _faults]


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

"""Things that happen later: a NAT gateway that becomes available, a database that goes.

There is no thread. What is due is done, under the global lock, before the next
request is answered; nobody can tell the difference from outside.
"""

from __future__ import annotations

import heapq
import itertools
import sys
import time
import traceback
from typing import Callable

from . import settings

now = time.monotonic

_queue: list[tuple[float, int, str, Callable[[], None]]] = []
_order = itertools.count()


def later(account: str, seconds: float, action: Callable[[], None]) -> None:
    """Does `action` in `seconds`; at once if that is nothing."""
    if seconds <= 0:
        action()
    else:
        heapq.heappush(_queue, (now() + seconds, next(_order), account, action))


def slowly(account: str, kind: str, action: Callable[[], None]) -> None:
    """Does `action` after the account's delay for this kind of slow state."""
    later(account, settings.of(account).slow[kind], action)


def run_due() -> None:
    """Does what is due. The caller holds the global lock."""
    while _queue and _queue[0][0] <= now():
        action = heapq.heappop(_queue)[3]
        try:
            action()
        except Exception:  # noqa: BLE001 - one bad transition must not stop the server
            traceback.print_exc(file=sys.stderr)


def forget(account: str | None) -> None:
    """Drops what is pending, of one account or of all."""
    _queue[:] = [] if account is None else [e for e in _queue if e[2] != account]
    heapq.heapify(_queue)

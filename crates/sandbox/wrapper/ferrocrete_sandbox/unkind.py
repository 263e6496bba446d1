"""Unkind behaviours of AWS that a test can switch on, one by one: `settings.unkind`.

`UNKIND_SECONDS` and `UNKIND_FLAGS` in `settings.py` name them. What AWS refuses always
needs no switch, and is not here.
"""

from __future__ import annotations

from typing import Any

from . import settings
from .clock import now

#: When something happened last, per account and behaviour.
_moments: dict[tuple[str, str], dict[Any, float]] = {}


def seconds(account: str, name: str) -> float:
    """How long this behaviour lasts in this account; 0 is off."""
    return float(settings.of(account).unkind[name])


def is_on(account: str, name: str) -> bool:
    """Whether this behaviour is on in this account."""
    return bool(settings.of(account).unkind[name])


def mark(account: str, name: str, key: Any) -> None:
    """Notes that what this behaviour is about happened to `key` just now."""
    if is_on(account, name):
        _moments.setdefault((account, name), {})[key] = now()


def clear(account: str, name: str, key: Any) -> None:
    """It counts no longer for `key`."""
    _moments.get((account, name), {}).pop(key, None)


def lasts(account: str, name: str, key: Any) -> bool:
    """Whether it happened to `key` so recently that the behaviour still lasts."""
    moment = _moments.get((account, name), {}).get(key)
    return moment is not None and now() - moment < seconds(account, name)


def end(account: str | None) -> None:
    """Settings have changed: what is off now is over, also when it is switched on again."""
    for entry in [e for e in _moments if account in (None, e[0]) and not is_on(*e)]:
        del _moments[entry]


def forget(account: str | None) -> None:
    for entry in [e for e in _moments if account in (None, e[0])]:
        del _moments[entry]

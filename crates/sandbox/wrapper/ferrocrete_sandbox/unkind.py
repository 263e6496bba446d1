"""Unkind behaviours of AWS that a test can switch on, one by one: `settings.unkind`.

`UNKIND_SECONDS` and `UNKIND_FLAGS` in `settings.py` name them. What AWS refuses always
needs no switch, and is not here.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator

from . import settings
from .clock import now
from .services import memory

#: When something happened last, per account and behaviour.
_moments: dict[tuple[str, str], dict[Any, float]] = {}
#: Whether the call that is being answered meets none of them; calls are answered one by one.
_kind = False


@contextmanager
def kindly(wanted: bool) -> Iterator[None]:
    """All of them are off meanwhile, if that is wanted."""
    global _kind
    before = _kind
    _kind = wanted or before
    try:
        yield
    finally:
        _kind = before


def seconds(account: str, name: str) -> float:
    """How long this behaviour lasts in this account; 0 is off."""
    return 0.0 if _kind else float(settings.of(account).unkind[name])


def is_on(account: str, name: str) -> bool:
    """Whether this behaviour is on in this account."""
    return not _kind and bool(settings.of(account).unkind[name])


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


def once(account: str, name: str, key: Any, operation: str) -> bool:
    """The same, but true for each operation on `key` only once: a caller whose update is several
    calls starts again with the first of them, and would never come to an end."""
    met = memory.table(account, f"unkind:{name}")
    if (key, operation) in met or not lasts(account, name, key):
        return False
    met[key, operation] = True
    clear(account, name, key)
    return True


def end(account: str | None) -> None:
    """Settings have changed: what is off now is over, also when it is switched on again."""
    for entry in [
        e for e in _moments if account in (None, e[0]) and not settings.of(e[0]).unkind[e[1]]
    ]:
        del _moments[entry]


def forget(account: str | None) -> None:
    for entry in [e for e in _moments if account in (None, e[0])]:
        del _moments[entry]

"""Late visibility: what was just created is not yet found, as happens on AWS.

`born` is told of what was created; `hidden` says whether it may not be seen yet.
"""

from __future__ import annotations

from . import clock, settings

_born: dict[tuple[str, str], float] = {}
_serving = ""


def now_serving(account: str) -> None:
    """Notes whose request is being answered."""
    global _serving
    _serving = account


def serving() -> str:
    """The account whose request is being answered (under the global lock)."""
    return _serving


def born(account: str, key: str) -> None:
    """`key` (an id, or a kind and a name) was created just now."""
    if settings.of(account).late_visibility_seconds > 0:
        _born[(account, key)] = clock.now()


def hidden(account: str, key: str) -> bool:
    """Whether `key` was created so recently that it is not found yet."""
    if not _born:
        return False
    created = _born.get((account, key))
    if created is None:
        return False
    if clock.now() - created < settings.of(account).late_visibility_seconds:
        return True
    del _born[(account, key)]
    return False


def forget(account: str | None) -> None:
    for entry in [e for e in _born if account in (None, e[0])]:
        del _born[entry]

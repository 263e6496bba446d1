"""Late visibility: what was just created is not yet found, as happens on AWS.

`born` is told of what was created; `hidden` says whether it may not be seen yet.
"""

from __future__ import annotations

from . import clock, settings

_born: dict[tuple[str, str], float] = {}


def born(account: str, key: str) -> None:
    """`key` (an id, or a kind and a name) was created just now. Said again, as when a token
    is repeated, it changes nothing; `gone` makes a name new again."""
    if settings.of(account).late_visibility_seconds > 0:
        _born.setdefault((account, key), clock.now())


def gone(account: str, key: str) -> None:
    """`key` was deleted; if it is created again, that is news."""
    _born.pop((account, key), None)


def hidden(account: str, key: str) -> bool:
    """Whether `key` was created so recently that it is not found yet."""
    if not _born:
        return False
    created = _born.get((account, key))
    if created is None:
        return False
    return clock.now() - created < settings.of(account).late_visibility_seconds


def forget(account: str | None) -> None:
    for entry in [e for e in _born if account in (None, e[0])]:
        del _born[entry]

"""What the hooks remember beside moto's models, per account."""

from __future__ import annotations

from typing import Any

_tables: dict[str, dict[str, dict[Any, Any]]] = {}


def table(account: str, name: str) -> dict[Any, Any]:
    """A dict of this account, made on first use; a reset drops it."""
    return _tables.setdefault(account, {}).setdefault(name, {})


def forget(account: str | None) -> None:
    if account is None:
        _tables.clear()
    else:
        _tables.pop(account, None)

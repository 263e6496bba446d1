"""What AWS does by itself, when a test says so: kinds of events, and what each does."""

from __future__ import annotations

from typing import Any, Callable

from . import hooks

Event = Callable[[str, str, dict[str, Any]], None]

_events: dict[str, Event] = {}


def event(kind: str) -> Callable[[Event], Event]:
    """Registers what happens; it gets account, region, and the request's values."""

    def register(happens: Event) -> Event:
        _events[kind] = happens
        return happens

    return register


def happen(values: dict[str, Any]) -> None:
    """Lets an event happen. The caller holds the global lock."""
    kind = values["event"]
    hooks.load(kind.split("_")[0])
    if kind not in _events:
        raise ValueError(f"unknown event: {kind}, known are {sorted(_events)}")
    _events[kind](values["account"], values.get("region", "us-east-1"), values)

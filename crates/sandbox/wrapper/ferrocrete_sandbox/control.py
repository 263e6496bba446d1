"""The sandbox's own endpoints, below /_sandbox/."""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from typing import Any, Callable
from urllib.parse import parse_qs

from . import clock, events, faults, late, rate, recorder, settings, unkind
from .server import Emulator
from .services import memory


class Controls:
    """Health, configuration, calls, faults, reset, shutdown."""

    def __init__(self, emulator: Emulator, version: str, shutdown: Callable[[], None]):
        self.emulator = emulator
        self.version = version
        self.boot_id = str(uuid.uuid4())
        self.started_at = time.time()
        self._shutdown = shutdown

    def __call__(self, method: str, path: str, query: str, body: bytes) -> tuple[int, Any]:
        """Answers one request: status and a JSON value."""
        route = getattr(self, f"{method.lower()}_{path.strip('/').replace('/', '_')}", None)
        if route is None or path.startswith("_"):
            return 404, {"error": f"unknown endpoint {method} /_sandbox/{path}"}
        try:
            value = json.loads(body) if body.strip() else {}
            if method == "GET":
                value = {name: found[0] for name, found in parse_qs(query).items()}
            return 200, route(value)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return 400, {"error": str(error)}

    def get_health(self, _: Any) -> Any:
        return {
            "ok": True,
            "version": self.version,
            "boot_id": self.boot_id,
            "pid": os.getpid(),
            "started_at": self.started_at,
        }

    def post_config(self, value: dict[str, Any]) -> Any:
        with self.emulator.lock:
            changed = settings.configure(value.get("account"), value)
            unkind.end(value.get("account"))
            return changed.as_json()

    def get_config(self, value: dict[str, Any]) -> Any:
        return settings.of(value.get("account", "")).as_json()

    def get_calls(self, value: dict[str, Any]) -> Any:
        return recorder.of(value.get("account"))

    def post_calls_reset(self, value: dict[str, Any]) -> Any:
        recorder.reset(value.get("account"))
        return {}

    def get_faults(self, _: Any) -> Any:
        return faults.listed()

    def post_faults(self, value: Any) -> Any:
        faults.add(value if isinstance(value, list) else [value])
        return {}

    def post_faults_reset(self, value: dict[str, Any]) -> Any:
        faults.clear(value.get("account"))
        return {}

    def post_events(self, value: dict[str, Any]) -> Any:
        with self.emulator.lock:
            clock.run_due()
            events.happen(value)
        return {}

    def post_reset(self, value: dict[str, Any]) -> Any:
        account = value.get("account")
        with self.emulator.lock:
            self._forget(account)
            if account is None:
                self.boot_id = str(uuid.uuid4())
        return {"boot_id": self.boot_id}

    def _forget(self, account: str | None) -> None:
        drop_backends(account)
        for module in (clock, late, rate, settings, unkind, memory):
            module.forget(account)
        recorder.reset(account)
        faults.clear(account)

    def forget_idle(self, seconds: float) -> None:
        """Drops accounts without a call for that long: tests use an account each, and a
        server that runs for days must not grow."""
        with self.emulator.lock:
            for account, last in list(self.emulator.last_calls.items()):
                if time.monotonic() - last > seconds:
                    del self.emulator.last_calls[account]
                    self._forget(account)

    def post_shutdown(self, _: Any) -> Any:
        # From another thread, and late enough for this answer to leave.
        threading.Timer(0.05, self._shutdown).start()
        return {"pid": os.getpid()}


def drop_backends(account: str | None) -> None:
    """Forgets what moto holds of one account, or everything."""
    from moto.core.base_backend import BackendDict

    for backends in list(BackendDict._instances):
        if account is None:
            backends.clear()
            getattr(backends, "bucket_accounts", {}).clear()
        elif account in backends.keys():
            _drop_buckets(backends, account)
            dict.pop(backends, account)


def _drop_buckets(backends: Any, account: str) -> None:
    """Bucket names are global; the register of names is outside of the account."""
    register = getattr(backends, "bucket_accounts", {})
    for name in [name for name, (_, owner) in register.items() if owner == account]:
        del register[name]

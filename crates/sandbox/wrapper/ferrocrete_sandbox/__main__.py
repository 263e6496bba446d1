"""Starts the server: ``python -m ferrocrete_sandbox --announce FILE``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from typing import Any

from . import env


def main() -> None:
    arguments = _arguments()
    env.apply()

    # The slow imports come after the environment is set.
    from . import server as http
    from . import settings
    from .control import Controls

    settings.configure(None, json.loads(arguments.config))
    try:
        server = http.Server(arguments.port)
    except OSError:
        server = http.Server(0)  # the wished port is taken
    server.emulator = http.Emulator()
    controls = Controls(server.emulator, arguments.version, server.shutdown)
    server.control = controls

    # The terminal that started us may close; the sandbox goes on.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    threading.Thread(target=_warm_up, args=(server.emulator,), daemon=True).start()
    threading.Thread(
        target=_watch, args=(server, controls, arguments), daemon=True
    ).start()
    _announce(arguments.announce, controls, server.server_address[1])
    try:
        server.serve_forever(poll_interval=0.05)
    finally:
        _withdraw(arguments.announce)
    # Tearing down moto's many objects would take longer than all the rest.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="ferrocrete_sandbox", description=__doc__)
    parser.add_argument("--announce", required=True, help="file to write once listening")
    parser.add_argument("--port", type=int, default=0, help="wished port; any if taken")
    parser.add_argument("--version", default="unknown", help="reported by health")
    parser.add_argument("--config", default="{}", help="default settings, JSON")
    parser.add_argument("--idle-hours", type=float, default=12.0)
    parser.add_argument(
        "--forget-after", type=float, help="seconds until idle accounts are dropped"
    )
    return parser.parse_args()


def _announce(path: str, controls: Any, port: int) -> None:
    """Written whole or not at all: readers poll for it."""
    value = {
        "pid": os.getpid(),
        "port": port,
        "version": controls.version,
        "boot_id": controls.boot_id,
        "started_at": controls.started_at,
    }
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(value, file)
    os.replace(temporary, path)


def _withdraw(path: str) -> None:
    """Removes the announcement, if it is still ours."""
    try:
        with open(path, encoding="utf-8") as file:
            if json.load(file).get("pid") == os.getpid():
                os.remove(path)
    except (OSError, ValueError):
        pass


def _warm_up(emulator: Any) -> None:
    """Loads what almost every stack uses, while the first caller gets ready."""
    from . import hooks

    for service in ("ec2", "iam"):
        with emulator.lock:
            hooks.load(service)


def _watch(server: Any, controls: Any, arguments: Any) -> None:
    """Stops an idle server, and forgets idle accounts if it is told to."""
    stop_after = arguments.idle_hours * 3600
    forget_after = arguments.forget_after or float("inf")
    while True:
        time.sleep(min(30.0, stop_after, forget_after))
        controls.forget_idle(forget_after)
        if time.monotonic() - server.emulator.last_call > stop_after:
            print(f"idle for {arguments.idle_hours:g} h: stopping", file=sys.stderr)
            server.shutdown()
            return


if __name__ == "__main__":
    main()

"""HTTP/1.1 with keep-alive, and the path of one request.

moto is not thread-safe: threads read requests and write answers side by side, and
one global lock surrounds everything that touches moto.
"""

from __future__ import annotations

import io
import json
import socket
import struct
import threading
import time
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from typing import Any, Callable

from moto.core.utils import get_service_model
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)

from . import cbor, clock, errors, faults, hooks, rate, recorder, request, unkind

Answer = errors.Answer
Control = Callable[[str, str, str, bytes], "tuple[int, Any]"]

PREFIX = "/_sandbox/"
#: Before the path of a call that meets no unkind behaviour: a test's own look into the account.
KIND = "/_kind"


class Cut(Exception):
    """The connection is to be cut instead of answered."""


class Emulator:
    """moto, its hooks, the recorder and the faults behind one lock."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.last_call = time.monotonic()
        self.last_calls: dict[str, float] = {}
        hooks.install()

    def answer(self, environ: dict[str, Any], body: bytes) -> Answer:
        """Answers one AWS request. Raises `Cut` where a fault says so."""
        started = clock.now()
        self.last_call = time.monotonic()
        with self.lock:
            aws = request.parse(environ, body)
        try:
            return self._answer(aws, started)
        finally:
            self.last_call = self.last_calls[aws.account] = time.monotonic()

    def _answer(self, aws: request.AwsRequest, started: float) -> Answer:
        fault = faults.take(aws)
        mode = fault.mode if fault else ""
        if fault and mode == "drop_before":
            recorder.record(aws, started, 0, "drop_before")
            raise Cut
        if fault and mode == "delay_before":
            fault.hold()
        if fault and mode == "status":
            answer = errors.answer(aws, fault.status, fault.code, fault.message)
        else:
            with self.lock:
                clock.run_due()
                throttled = rate.exceeded(aws)
                with unkind.kindly(aws.environ.get(KIND, False)):
                    answer = errors.answer(aws, *throttled) if throttled else self._moto(aws)
        status, headers, answered = answer
        code = recorder.error_code(status, headers, answered)
        if fault and mode == "drop_after":
            recorder.record(aws, started, 0, "drop_after")
            raise Cut
        if fault and mode == "delay_after":
            fault.hold()
        recorder.record(aws, started, status, code)
        return answer

    def _moto(self, aws: request.AwsRequest) -> Answer:
        environ, body = aws.environ, aws.body
        if aws.protocol == "cbor":
            body = cbor.to_json(environ, body)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        started: list[Any] = []

        def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
            started[:] = [int(status.split(" ", 1)[0]), headers]

        try:
            hooks.load(aws.service)
            chunks = self.moto(environ, start_response)
            try:
                answered = b"".join(chunks)
            finally:
                getattr(chunks, "close", lambda: None)()
        except Exception as error:  # noqa: BLE001 - whatever moto raises becomes an AWS error
            return errors.of_exception(aws, error)
        status, headers = started
        if status >= 400 and answered[:9].lower() == b"<!doctype":
            code = "InvalidAction" if status == 404 else "InternalFailure"
            return errors.answer(aws, status, code, f"not emulated: {aws.operation}")
        if aws.protocol == "cbor":
            return _in_cbor(aws, status, headers, answered)
        return status, headers, answered


def _without_kind(environ: dict[str, Any]) -> dict[str, Any]:
    """The request as AWS would get it; whether it asked for kindness is noted."""
    if f"{environ['PATH_INFO']}/".startswith(f"{KIND}/"):
        for name in ("PATH_INFO", "REQUEST_URI", "RAW_URI"):
            rest = str(environ.get(name, "")).replace(KIND, "", 1)
            environ[name] = "/" + rest.lstrip("/")
        environ[KIND] = True
    return environ


def _in_cbor(aws: request.AwsRequest, status: int, headers: Any, body: bytes) -> Answer:
    """moto's JSON answer as the caller reads it."""
    if status >= 400:
        said = json.loads(body)
        code = next((v for k, v in headers if k.lower() == "x-amzn-query-error"), "")
        code = code.split(";")[0] or said.get("__type", "").split("#")[-1]
        return errors.answer(aws, status, code, said.get("message", ""))
    kept = [(k, v) for k, v in headers if k.lower() not in ("content-type", "content-length")]
    model = get_service_model("cloudwatch")
    return status, [*kept, *cbor.HEADERS], cbor.answer(model, aws.operation, body)


class Handler(MotoRequestHandler):
    """One connection. Replaces werkzeug's, which closes after each request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 600
    server: Server  # type: ignore[assignment]

    def handle_expect_100(self) -> bool:
        self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.wfile.flush()
        return True

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        body = self._read_body(environ)
        path = environ["PATH_INFO"]
        try:
            if path.startswith(PREFIX):
                status, value = self.server.control(
                    self.command, path[len(PREFIX) :], environ["QUERY_STRING"], body
                )
                self._send(status, *_json(value))
            else:
                self._send(*self.server.emulator.answer(_without_kind(environ), body))
        except Cut:
            self._cut()

    def _read_body(self, environ: dict[str, Any]) -> bytes:
        if environ.get("wsgi.input_terminated"):
            return bytes(environ["wsgi.input"].read())
        length = int(environ.get("CONTENT_LENGTH") or 0)
        return self.rfile.read(length) if length else b""

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "Unknown"
        lines = [f"HTTP/1.1 {status} {phrase}"]
        has_length = has_date = False
        for name, value in headers:
            lower = name.lower()
            if lower == "content-length":
                if self.command != "HEAD":
                    continue
                has_length = True
            has_date = has_date or lower == "date"
            if lower not in ("connection", "transfer-encoding"):
                lines.append(f"{name}: {value}")
        if not has_length and status not in (204, 304):
            lines.append(f"Content-Length: {len(body)}")
        if not has_date:  # AWS always tells; SDKs measure by it how wrong their clock is
            lines.append(f"Date: {self.date_time_string()}")
        head = "\r\n".join(lines) + "\r\n\r\n"
        self.wfile.write(head.encode("latin-1", "replace"))
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(body)
        self.wfile.flush()

    def _cut(self) -> None:
        """A reset, so that the caller learns of it at once."""
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            pass  # cut on purpose, or the caller has gone

    def handle_one_request(self) -> None:
        # werkzeug's class has none of its own; http.server's needs do_GET and so on.
        try:
            self.raw_requestline = self.rfile.readline(65537)
        except (OSError, ValueError):
            self.close_connection = True
            return
        if not self.raw_requestline:
            self.close_connection = True
        elif self.parse_request():
            self.run_wsgi()

    def log_message(self, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Listens on the loopback interface only."""

    daemon_threads = True
    request_queue_size = 512
    allow_reuse_address = True
    # What werkzeug's make_environ asks its server for.
    ssl_context = None
    multithread = True
    multiprocess = False
    _server_version = "ferrocrete-sandbox"

    def __init__(self, port: int):
        self.emulator: Emulator = None  # type: ignore[assignment] # set by __main__
        self.control: Control = None  # type: ignore[assignment]
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        import sys

        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def _json(value: Any) -> tuple[list[tuple[str, str]], bytes]:
    return [("Content-Type", "application/json")], json.dumps(value).encode()

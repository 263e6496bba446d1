"""RPC v2 CBOR, which SDKs speak with CloudWatch and moto does not: to JSON and back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer

HEADERS = [("Content-Type", "application/cbor"), ("Smithy-Protocol", "rpc-v2-cbor")]


def is_spoken(environ: dict[str, Any]) -> bool:
    """Whether this request came in CBOR, also after `to_json`."""
    return environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor"


def operation(environ: dict[str, Any]) -> str:
    """The last part of `/service/<name>/operation/<operation>`."""
    return str(environ.get("PATH_INFO", "")).rsplit("/", 1)[-1]


def decode(body: bytes) -> Any:
    """What a body says."""
    parser = RpcV2CBORParser()
    return parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)) if body else {}


def to_json(environ: dict[str, Any], body: bytes) -> bytes:
    """Turns a request into the same one in JSON, in place; returns its body."""
    _, _, service, _, name = environ["PATH_INFO"].split("/")
    environ["HTTP_X_AMZ_TARGET"] = f"{service}.{name}"
    environ["CONTENT_TYPE"] = "application/x-amz-json-1.0"
    for path in ("PATH_INFO", "RAW_URI", "REQUEST_URI"):
        environ[path] = "/"
    return json.dumps(decode(body), default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"not expected in a request: {type(value)}")


def answer(service_model: Any, name: str, body: bytes) -> bytes:
    """The JSON answer of an operation, in CBOR."""
    shape = service_model.operation_model(name).output_shape
    out = bytearray()
    if shape is not None:
        value = json.loads(body or b"{}")
        RpcV2CBORSerializer()._serialize_data_item(out, value, shape)
    return bytes(out)


def error(code: str, message: str) -> bytes:
    """The body of an error."""
    out = bytearray([0xA2])
    for text in ("__type", code, "message", message):
        RpcV2CBORSerializer()._serialize_type_string(out, text, None, None)
    return bytes(out)

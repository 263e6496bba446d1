"""AWS error bodies, in the protocol of the call."""

from __future__ import annotations

import json
import sys
import traceback
import uuid
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from . import cbor

if TYPE_CHECKING:
    from .request import AwsRequest

Answer = tuple[int, list[tuple[str, str]], bytes]


def answer(request: AwsRequest, status: int, code: str, message: str) -> Answer:
    """A well-formed error answer to this request."""
    request_id = str(uuid.uuid4())
    headers = [("x-amzn-RequestId", request_id)]
    protocol = request.protocol
    if protocol == "cbor":
        fault = "Sender" if status < 500 else "Receiver"
        headers += [*cbor.HEADERS, ("x-amzn-query-error", f"{code};{fault}")]
        return status, headers, cbor.error(code, message)
    if protocol in ("json", "rest-json"):
        headers += [
            ("Content-Type", "application/x-amz-json-1.1"),
            ("x-amzn-ErrorType", code),
        ]
        body = json.dumps({"__type": code, "message": message, "Message": message})
    else:
        headers.append(("Content-Type", "text/xml"))
        fault = "Sender" if status < 500 else "Receiver"
        error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        if protocol == "ec2":
            body = (
                f"<Response><Errors><Error>{error}</Error></Errors>"
                f"<RequestID>{request_id}</RequestID></Response>"
            )
        elif protocol == "s3":
            body = f"<Error>{error}<RequestId>{request_id}</RequestId></Error>"
        else:
            body = (
                f"<ErrorResponse><Error><Type>{fault}</Type>{error}</Error>"
                f"<RequestId>{request_id}</RequestId></ErrorResponse>"
            )
        body = '<?xml version="1.0" encoding="UTF-8"?>\n' + body
    return status, headers, body.encode()


def of_exception(request: AwsRequest, error: Exception) -> Answer:
    """What moto let through. 400 for what is not implemented, so that no SDK retries."""
    name = type(error).__name__
    print(f"{request.service}:{request.operation}: {name}: {error}", file=sys.stderr)
    if isinstance(error, (NotImplementedError, ModuleNotFoundError)) or "NotImplemented" in name:
        text = str(error) or getattr(error, "description", "") or name
        return answer(request, 400, "NotImplemented", f"not emulated: {text}")
    # A bug of the emulator does not go away by asking again, but a caller must be able to
    # tell it from a refusal.
    traceback.print_exception(error, file=sys.stderr)
    return answer(request, 500, "InternalFailure", f"emulator: {name}: {error}")

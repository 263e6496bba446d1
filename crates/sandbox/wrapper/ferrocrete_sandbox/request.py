"""What is known of a request before moto sees it: account, region, service, operation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from . import cbor

DEFAULT_ACCOUNT = "123456789012"
_SCOPE = re.compile(r"(?P<key>[^/\s=,]+)/(?P<date>\d{8})/(?P<rest>[^,\s]+)/aws4_request")
_ACCOUNT = re.compile(r"\d{12}\Z")
_REST_XML = ("route53", "cloudfront", "s3-control")
#: Parameters that say which resource a call is about, most telling first.
_HINTS = re.compile(
    r"(?:^|\.)(?:\w*(?:Id|Ids|Identifier|Name|Arn|Names|Arns)|cluster|services|service)"
    r"(?:\.(?:member\.)?1)?$"
)


@dataclass
class AwsRequest:
    """One request to AWS, as far as its envelope tells."""

    environ: dict[str, Any]
    body: bytes
    account: str = DEFAULT_ACCOUNT
    region: str = "us-east-1"
    service: str = "s3"
    signed: bool = False
    operation: str = "?"
    form: dict[str, list[str]] = field(default_factory=dict)

    @property
    def protocol(self) -> str:
        """Which error body the caller reads: ec2, query, json, cbor, rest-json, rest-xml, s3."""
        if cbor.is_spoken(self.environ):
            return "cbor"
        if "HTTP_X_AMZ_TARGET" in self.environ:
            return "json"
        if self.service == "s3":
            return "s3"
        if self.service in _REST_XML:
            return "rest-xml"
        if self.form:
            return "ec2" if self.service == "ec2" else "query"
        return "rest-json"

    @property
    def resource(self) -> str:
        """The resource this call is about, if the parameters tell cheaply."""
        if self.form:
            for key, values in self.form.items():
                if key not in ("Action", "Version") and _HINTS.search(key):
                    return values[0]
            return ""
        if self.protocol == "json":
            found = re.search(
                rb'"(?:SecretId|TableName|Name|service|services|cluster|clusterName'
                rb'|serviceName|family|CertificateArn|DomainName|logGroupName|KeyId)"'
                rb'\s*:\s*\[?\s*"([^"]*)"',
                self.body,
            )
            return found.group(1).decode("utf-8", "replace") if found else ""
        return unquote(self.environ.get("PATH_INFO", ""))


def parse(environ: dict[str, Any], body: bytes) -> AwsRequest:
    """Reads the envelope, and tells moto the account."""
    request = AwsRequest(environ, body)
    content_type = environ.get("CONTENT_TYPE", "")
    if content_type.startswith("application/x-www-form-urlencoded"):
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        request.form = form if "Action" in form else {}
    query = environ.get("QUERY_STRING", "")
    if not request.form and "Action=" in query:
        request.form = parse_qs(query, keep_blank_values=True)
    _read_scope(request, query)
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = request.account
    request.operation = _operation(request)
    return request


def _read_scope(request: AwsRequest, query: str) -> None:
    found = _SCOPE.search(request.environ.get("HTTP_AUTHORIZATION", ""))
    if not found and "X-Amz-Credential=" in query:
        credential = parse_qs(query).get("X-Amz-Credential", [""])[0]
        found = _SCOPE.search(credential)
    if not found and "AWSAccessKeyId=" in query:  # version 2 signatures, S3 only
        key = parse_qs(query).get("AWSAccessKeyId", [""])[0]
        request.account = account_of(key)
    if not found:
        return
    request.signed = True
    *region, service = found["rest"].split("/")
    request.region = region[0] if region else request.region  # sigv4a has no region
    request.service = service.lower()
    request.account = account_of(found["key"])


def account_of(access_key: str) -> str:
    """Twelve digits are the account itself; other keys are those moto has issued."""
    if _ACCOUNT.match(access_key):
        return access_key
    from moto.iam.models import get_account_id_from

    return get_account_id_from(access_key) or DEFAULT_ACCOUNT


def _operation(request: AwsRequest) -> str:
    if request.form:
        return request.form["Action"][0]
    if cbor.is_spoken(request.environ):
        return cbor.operation(request.environ)
    target = request.environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return target.rsplit(".", 1)[-1]
    return _routed(request) or (
        f"{request.environ['REQUEST_METHOD']} {request.environ.get('PATH_INFO', '/')}"
    )


def _routed(request: AwsRequest) -> str | None:
    """REST protocols: the operation follows from method and path."""
    from botocore.exceptions import UnknownServiceError
    from moto.core.request import Request
    from moto.core.routing import get_service_router
    from werkzeug.exceptions import HTTPException

    try:
        environ = dict(request.environ)
        if request.service == "s3":
            _path_style(environ)
        matched, _ = get_service_router(request.service).match(Request(environ))
        return str(matched.name)
    except (HTTPException, UnknownServiceError, NotImplementedError):
        return None


def _path_style(environ: dict[str, Any]) -> None:
    """bucket.s3.localhost/key and bucket.localhost/key read as /bucket/key."""
    host = environ.get("HTTP_HOST", "").split(":")[0]
    if not host.endswith(".localhost"):
        return
    bucket = host.removesuffix(".localhost").removesuffix(".s3").removesuffix("s3")
    if bucket:
        environ["PATH_INFO"] = f"/{bucket}{environ.get('PATH_INFO', '/')}"

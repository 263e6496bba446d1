"""Throttling: a token bucket per account, region and service, as AWS has one.

`settings.rate` says how many calls a second a service takes; the bucket holds the tokens of
one second. Codes and statuses are each service's own: botocore's `_retry.json` (EC2, SQS,
Route 53, the general ones), https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
and the documentation of `Throttling` in the common errors of each service.
"""

from __future__ import annotations

from . import settings
from .clock import now
from .request import AwsRequest

#: Status, code, message of services that have their own; see `_usual`.
_OWN = {
    "ec2": (503, "RequestLimitExceeded", "Request limit exceeded."),
    "s3": (503, "SlowDown", "Please reduce your request rate."),
    "monitoring": (400, "Throttling", "Rate exceeded"),
    "sqs": (403, "RequestThrottled", "Request is throttled."),
}

#: Tokens left, and when that was so.
_buckets: dict[tuple[str, str, str], tuple[float, float]] = {}


def exceeded(request: AwsRequest) -> tuple[int, str, str] | None:
    """Takes a token for this call; if there is none: the error's status, code and message."""
    per_second = settings.of(request.account).rate.get(request.service)
    if not per_second:
        return None
    key = (request.account, request.region, request.service)
    most = max(per_second, 1.0)
    left, moment = _buckets.get(key, (most, now()))
    left = min(most, left + (now() - moment) * per_second)
    if left < 1:
        _buckets[key] = left, now()
        return _OWN.get(request.service) or _usual(request)
    _buckets[key] = left - 1, now()
    return None


def _usual(request: AwsRequest) -> tuple[int, str, str]:
    """Services with XML say `Throttling`, those with JSON `ThrottlingException`."""
    xml = request.protocol in ("query", "rest-xml")
    return 400, "Throttling" if xml else "ThrottlingException", "Rate exceeded"


def forget(account: str | None) -> None:
    for entry in [e for e in _buckets if account in (None, e[0])]:
        del _buckets[entry]

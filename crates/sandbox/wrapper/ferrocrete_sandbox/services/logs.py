"""CloudWatch Logs: keys, classes, retention that AWS would refuse, metric filters."""

from __future__ import annotations

import json
import time
from typing import Any

from moto.core.responses import EmptyResult

from .. import unkind
from ..hooks import AwsError, Call, Proceed, around

_BUSY = "logs_busy"

_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)
_YEARS = (1096, 1827, 2192, 2557, 2922, 3288, 3653)


def _group(call: Call) -> Any:
    group = call.backend("logs").groups.get(call.get("logGroupName"))
    if group is None:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return group


@around("logs", "CreateLogGroup")
def create(call: Call, proceed: Proceed) -> Any:
    """moto forgets the class."""
    result = proceed()
    group = _group(call)
    group.sandbox_class = call.get("logGroupClass") or "STANDARD"
    group.sandbox_protected = bool(call.get("deletionProtectionEnabled"))
    return result


@around("logs", "DescribeLogGroups")
def describe(call: Call, proceed: Proceed) -> Any:
    answer = json.loads(proceed())
    groups = call.backend("logs").groups
    for group in answer["logGroups"]:
        known = groups[group["logGroupName"]]
        group["logGroupClass"] = getattr(known, "sandbox_class", "STANDARD")
        # Recordings `logs__logs_groups.json`, test_describe_log_groups_with_prefix.
        group["deletionProtectionEnabled"] = getattr(known, "sandbox_protected", False)
    return json.dumps(answer)


@around("logs", "PutRetentionPolicy")
def retention(call: Call, proceed: Proceed) -> Any:
    if call.get("retentionInDays") not in (*_DAYS, *_YEARS):
        raise AwsError("InvalidParameterException", "Invalid retentionInDays value.")
    return proceed()


@around("logs", "AssociateKmsKey")
def associate_key(call: Call, proceed: Proceed) -> Any:
    """Missing in moto."""
    _group(call).kms_key_id = call.get("kmsKeyId")
    return EmptyResult()


@around("logs", "DisassociateKmsKey")
def disassociate_key(call: Call, proceed: Proceed) -> Any:
    """Missing in moto."""
    _group(call).kms_key_id = None
    return EmptyResult()


@around("logs", "PutMetricFilter")
def put_filter(call: Call, proceed: Proceed) -> Any:
    """moto adds a second filter of the same name, to any group, and forgets the newer fields."""
    _group(call)
    _remove_filter(call, call.get("logGroupName"), call.get("filterName"))
    answer = proceed()
    made = call.backend("logs").filters.metric_filters[-1]
    # Recordings `logs__logs_metric_filters.json`, test_put_metric_filter_basic.
    made["creationTime"] = int(time.time() * 1000)
    made["applyOnTransformedLogs"] = bool(call.get("applyOnTransformedLogs"))
    for name in ("fieldSelectionCriteria", "emitSystemFieldDimensions"):
        if call.get(name):
            made[name] = call.get(name)
    return answer


@around("logs", "DescribeMetricFilters")
def describe_filters(call: Call, proceed: Proceed) -> Any:
    if call.get("logGroupName"):
        _group(call)
    return proceed()


@around("logs", "DeleteMetricFilter")
def delete_filter(call: Call, proceed: Proceed) -> Any:
    _group(call)
    if not _remove_filter(call, call.get("logGroupName"), call.get("filterName")):
        raise AwsError(
            "ResourceNotFoundException", "The specified metric filter does not exist."
        )
    return proceed()


@around("logs", "DeleteLogGroup")
def delete_group(call: Call, proceed: Proceed) -> Any:
    """A group's filters go with it."""
    answer = proceed()
    _remove_filter(call, call.get("logGroupName"), None)
    return answer


def _remove_filter(call: Call, group: str, name: str | None) -> bool:
    filters = call.backend("logs").filters
    kept = [
        one
        for one in filters.metric_filters
        if one["logGroupName"] != group or name not in (None, one["filterName"])
    ]
    removed = len(kept) < len(filters.metric_filters)
    filters.metric_filters = kept
    return removed


def _aborted() -> AwsError:
    return AwsError(
        "OperationAbortedException",
        "A conflicting operation is currently in progress against this resource. Please try again.",
    )


@around("logs", "CreateLogGroup", "DeleteLogGroup")
def come_and_go(call: Call, proceed: Proceed) -> Any:
    """The name of a group that was deleted cannot be used at once."""
    key = ("deleted", call.region, call.get("logGroupName"))
    if call.operation == "CreateLogGroup" and unkind.lasts(call.account, _BUSY, key):
        raise _aborted()
    result = proceed()
    if call.operation == "DeleteLogGroup":
        unkind.mark(call.account, _BUSY, key)
    return result


@around(
    "logs",
    "PutRetentionPolicy", "DeleteRetentionPolicy", "AssociateKmsKey", "DisassociateKmsKey",
    "PutMetricFilter", "DeleteMetricFilter", "DeleteLogGroup",
)  # fmt: skip
def one_at_a_time(call: Call, proceed: Proceed) -> Any:
    """The first of two changes in quick succession makes the second fail, once: botocore's model,
    and CDK's log retention, which tries again (`aws-logs/lib/log-retention`)."""
    key = ("changed", call.region, call.get("logGroupName"))
    if unkind.once(call.account, _BUSY, key, call.operation):
        raise _aborted()
    result = proceed()
    unkind.mark(call.account, _BUSY, key)
    return result

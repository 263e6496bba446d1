"""SQS: names that were deleted lately, and attributes that moto forgets or keeps."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.utils import camelcase_to_underscores

from .. import clock
from ..hooks import AwsError, Call, Proceed, around, result_of
from . import memory


def _queue(call: Call) -> Any:
    name = str(call.get("QueueUrl") or "").rsplit("/", 1)[-1]
    return call.backend("sqs").queues.get(name)


def _deleted(call: Call) -> dict[Any, Any]:
    return memory.table(call.account, f"sqs:{call.region}")


@around("sqs", "CreateQueue")
def create(call: Call, proceed: Proceed) -> Any:
    name = call.get("QueueName")
    if name in _deleted(call):
        raise AwsError(
            "AWS.SimpleQueueService.QueueDeletedRecently",
            "You must wait 60 seconds after deleting a queue before you can create another "
            "with the same name.",
        )
    attributes = call.get("Attributes") or {}
    _check(attributes)
    if attributes.get("FifoQueue") == "false":
        raise AwsError("InvalidAttributeName", "Unknown Attribute FifoQueue.")
    if not attributes.get("FifoQueue"):
        _check_standard(attributes)
    try:
        result = proceed()
        if attributes.get("KmsMasterKeyId"):
            call.backend("sqs").queues[name].sqs_managed_sse_enabled = False
        return result
    except ServiceException as error:
        queue = call.backend("sqs").queues.get(name)
        if queue is None or error.code not in ("QueueAlreadyExists", "QueueNameExists"):
            raise
        raise _exists(queue, attributes) from error


def _exists(queue: Any, attributes: dict[str, Any]) -> AwsError:
    """Names the first attribute that differs: recordings `sqs__sqs.json`,
    test_create_queue_with_different_attributes_raises_exception."""
    differ = (
        name
        for name, value in attributes.items()
        if str(getattr(queue, camelcase_to_underscores(name), None)).lower() != str(value).lower()
    )
    return AwsError(
        "QueueAlreadyExists",
        "A queue already exists with the same name and a different value for attribute "
        f"{next(differ, 'Policy')}",
    )


def _check_standard(attributes: dict[str, Any]) -> None:
    for name in ("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"):
        if name in attributes:
            raise AwsError("InvalidAttributeName", f"Unknown Attribute {name}.")


#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
_NUMBERS = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1_024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}


def _check(attributes: dict[str, Any]) -> None:
    """Recordings `sqs__sqs.json`, test_sse_kms_and_sqs_are_mutually_exclusive."""
    if attributes.get("KmsMasterKeyId") and attributes.get("SqsManagedSseEnabled") == "true":
        raise AwsError(
            "InvalidAttributeName",
            "You can use one type of server-side encryption (SSE) at one time. You can either "
            "enable KMS SSE or SQS SSE.",
        )
    for name, (least, most) in _NUMBERS.items():
        value = str(attributes.get(name, least))
        if not (value.isdecimal() and least <= int(value) <= most):
            raise AwsError("InvalidAttributeValue", f"Invalid value for the parameter {name}.")


@around("sqs", "DeleteQueue")
def delete(call: Call, proceed: Proceed) -> Any:
    queue = _queue(call)
    result = proceed()
    if queue is not None:
        deleted = _deleted(call)
        deleted[queue.name] = True
        clock.slowly(call.account, "sqs", lambda: deleted.pop(queue.name, None))
    return result


def _check_kind(queue: Any, attributes: dict[str, Any]) -> None:
    """Recordings `sqs__sqs.json`, test_set_unsupported_attribute_fifo and …_standard."""
    if "FifoQueue" in attributes and queue.fifo_queue and attributes["FifoQueue"] != "true":
        raise AwsError(
            "InvalidAttributeValue",
            "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not "
            "supported.",
        )
    if "FifoQueue" in attributes and not queue.fifo_queue:
        raise AwsError("InvalidAttributeName", "Unknown Attribute FifoQueue.")
    if not queue.fifo_queue:
        _check_standard(attributes)


@around("sqs", "SetQueueAttributes")
def change(call: Call, proceed: Proceed) -> Any:
    """moto drops the policy with every change."""
    queue = _queue(call)
    attributes = call.get("Attributes") or {}
    _check(attributes)
    if queue is None:
        return proceed()
    _check_kind(queue, attributes)
    policy = queue.policy
    result = proceed()
    if "Policy" not in attributes:
        queue.policy = policy
    if attributes.get("SqsManagedSseEnabled") == "true":
        queue.kms_master_key_id = None
    elif attributes.get("KmsMasterKeyId"):
        # The one excludes the other, and taking the key away brings nothing back:
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
        queue.sqs_managed_sse_enabled = False
    return result


@around("sqs", "GetQueueAttributes")
def attributes(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    queue = _queue(call)
    names = call.get("AttributeNames") or []
    found = result_of(result, "Attributes")
    if queue is None or found is None:
        return result

    def show(name: str, value: Any) -> None:
        if value and ("All" in names or name in names):
            found[name] = value

    for moment in ("CreatedTimestamp", "LastModifiedTimestamp"):
        if moment in found:  # whole seconds
            found[moment] = str(int(float(found[moment])))
    show("RedriveAllowPolicy", getattr(queue, "redrive_allow_policy", None))
    if queue.kms_master_key_id:
        show("SqsManagedSseEnabled", "false")
    return result

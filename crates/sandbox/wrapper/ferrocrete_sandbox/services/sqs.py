"""SQS: names that were deleted lately, and attributes that moto forgets or keeps."""

from __future__ import annotations

from typing import Any

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
    if not attributes.get("FifoQueue"):
        _check_standard(attributes)
    return proceed()


def _check_standard(attributes: dict[str, Any]) -> None:
    for name in ("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"):
        if name in attributes:
            raise AwsError("InvalidAttributeName", f"Unknown Attribute {name}.")


def _check(attributes: dict[str, Any]) -> None:
    if attributes.get("KmsMasterKeyId") and attributes.get("SqsManagedSseEnabled") == "true":
        raise AwsError(
            "InvalidAttributeValue", "You can use one type of server-side encryption at one time."
        )


@around("sqs", "DeleteQueue")
def delete(call: Call, proceed: Proceed) -> Any:
    queue = _queue(call)
    result = proceed()
    if queue is not None:
        deleted = _deleted(call)
        deleted[queue.name] = True
        clock.slowly(call.account, "sqs", lambda: deleted.pop(queue.name, None))
    return result


@around("sqs", "SetQueueAttributes")
def change(call: Call, proceed: Proceed) -> Any:
    """moto drops the policy with every change."""
    queue = _queue(call)
    attributes = call.get("Attributes") or {}
    _check(attributes)
    if queue is None:
        return proceed()
    if not queue.fifo_queue:
        _check_standard(attributes)
    policy = queue.policy
    result = proceed()
    if "Policy" not in attributes:
        queue.policy = policy
    if attributes.get("SqsManagedSseEnabled") == "true":
        queue.kms_master_key_id = None
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

    show("RedriveAllowPolicy", getattr(queue, "redrive_allow_policy", None))
    if queue.kms_master_key_id:
        show("SqsManagedSseEnabled", "false")
    return result

"""SNS: topics of one name, attributes that moto does not answer with, completed policies."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.utils import camelcase_to_underscores

from ..hooks import AwsError, Call, Proceed, around, result_of


def _invalid(what: str) -> AwsError:
    return AwsError("InvalidParameter", f"Invalid parameter: {what}")


def _same(sent: Any, known: Any) -> bool:
    """Documents are equal however they are spaced."""
    if str(sent).lower() == str(known).lower():
        return True
    try:
        return bool(json.loads(sent) == json.loads(known))
    except (TypeError, ValueError):
        return False


@around("sns", "CreateTopic")
def create(call: Call, proceed: Proceed) -> Any:
    """A topic of that name is the answer, unless its tags or attributes are others. Recordings
    `sns__sns.json`, test_create_topic_name_constraints, …_different_attrs. Policies are not
    compared: AWS writes them anew."""
    attributes = call.get("Attributes") or {}
    fifo = attributes.get("FifoTopic") == "true"
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,256}" + (r"\.fifo" if fifo else ""), call.get("Name")):
        raise _invalid("Topic Name")
    region, account = call.region, call.account
    arn = f"arn:aws:sns:{region}:{account}:{call.get('Name')}"
    topic = call.backend("sns").topics.get(arn)
    tags = {tag["Key"]: tag["Value"] for tag in call.get("Tags") or []}
    if topic is not None and tags and tags != topic._tags:
        raise _invalid("Tags Reason: Topic already exists with different tags")
    if topic is not None and any(
        name != "Policy" and not _same(value, getattr(topic, camelcase_to_underscores(name), ""))
        for name, value in attributes.items()
    ):
        raise _invalid("Attributes Reason: Topic already exists with different attributes")
    return proceed()


#: `Subscribe`: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
_PROTOCOLS = {
    "http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose",
}  # fmt: skip


#: Only people can confirm these; of web addresses we take it that they do so by themselves.
_BY_PEOPLE = {"email", "email-json"}


@around("sns", "Subscribe")
def subscribe(call: Call, proceed: Proceed) -> Any:
    """The subscription that is there is the answer, unless an attribute that is sent differs:
    recordings `sns__sns.json`, test_subscribe_idempotency, test_subscribe_with_invalid_protocol,
    test_subscribe_invalid_filter_policy."""
    protocol = call.get("Protocol")
    if protocol not in _PROTOCOLS:
        raise _invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    sent = call.get("Attributes") or {}
    _parsed(sent.get("FilterPolicy"), "Attributes Reason: FilterPolicy")
    sns = call.backend("sns")
    known = sns._find_subscription(call.get("TopicArn"), call.get("Endpoint"), protocol)
    if known is not None and any(
        not _same(value, known.attributes.get(name)) for name, value in sent.items()
    ):
        raise _invalid(
            "Attributes Reason: Subscription already exists with different attributes"
        )
    result = proceed()
    if known is None and protocol in _BY_PEOPLE:
        new = sns._find_subscription(call.get("TopicArn"), call.get("Endpoint"), protocol)
        new.attributes["PendingConfirmation"] = True
        new.attributes["ConfirmationWasAuthenticated"] = False
    return result


def _is_pending(subscription: Any) -> bool:
    return str(subscription.attributes.get("PendingConfirmation")).lower() == "true"


@around("sns", "Unsubscribe")
def unsubscribe(call: Call, proceed: Proceed) -> Any:
    """What nobody has confirmed goes by itself, after days: go-to-k/cdkd#1301, TF:
    `internal/service/sns/topic_subscription.go`."""
    subscription = call.backend("sns").subscriptions.get(call.get("SubscriptionArn"))
    if subscription is not None and _is_pending(subscription):
        raise _invalid(
            "SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation"
        )
    return proceed()


@around("sns", "ListSubscriptionsByTopic", "ListSubscriptions")
def list_subscriptions(call: Call, proceed: Proceed) -> Any:
    """One that is not confirmed has no ARN here."""
    result = proceed()
    shown = []
    for subscription in result_of(result, "Subscriptions"):
        if _is_pending(subscription):
            subscription = copy.copy(subscription)
            subscription.arn = "PendingConfirmation"
        shown.append(subscription)
    result.result["Subscriptions"] = shown
    return result


def _parsed(document: str | None, of: str) -> None:
    """The rest of AWS's message is its parser's."""
    try:
        json.loads(document or "{}")
    except ValueError as error:
        raise _invalid(f"{of}: failed to parse JSON.") from error


@around("sns", "SetSubscriptionAttributes")
def change_subscription(call: Call, proceed: Proceed) -> Any:
    """Recordings `sns__sns.json`, test_validate_set_sub_attributes."""
    name = call.get("AttributeName")
    if name == "FilterPolicy":
        _parsed(call.get("AttributeValue"), name)
    try:
        return proceed()
    except ServiceException as error:
        raise _invalid("AttributeName") if error.message == "AttributeName" else error


@around("sns", "GetTopicAttributes")
def attributes(call: Call, proceed: Proceed) -> Any:
    elements = len(str(call.get("TopicArn")).split(":"))
    if elements < 6:
        raise _invalid(f"TopicArn Reason: An ARN must have at least 6 elements, not {elements}")
    result = proceed()
    found = result_of(result, "Attributes")
    if not found.get("DeliveryPolicy"):
        found.pop("DeliveryPolicy", None)
    topic = call.backend("sns").topics[call.get("TopicArn")]
    for name, attribute in (
        ("SignatureVersion", "signature_version"),
        ("TracingConfig", "tracing_config"),
    ):
        if hasattr(topic, attribute):
            found[name] = getattr(topic, attribute)
    _complete_topic(found)
    return result


#: Recordings `sns__sns.json`: test_create_topic_with_attributes, test_topic_delivery_policy_crud.
_RETRY = {
    "minDelayTarget": 20,
    "maxDelayTarget": 20,
    "numRetries": 3,
    "numMaxDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numMinDelayRetries": 0,
    "backoffFunction": "linear",
}
_REQUEST = {"headerContentType": "text/plain; charset=UTF-8"}


def _http(attributes: dict[str, Any]) -> dict[str, Any]:
    try:
        return dict(json.loads(attributes.get("DeliveryPolicy") or "{}").get("http") or {})
    except ValueError:
        return {}


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _effective(http: dict[str, Any]) -> dict[str, Any]:
    retry = {k: v for k, v in (http.get("defaultHealthyRetryPolicy") or {}).items() if v is not None}
    return {
        **http,
        "defaultHealthyRetryPolicy": {**_RETRY, **retry},
        "disableSubscriptionOverrides": http.get("disableSubscriptionOverrides", False),
        "defaultRequestPolicy": {**_REQUEST, **(http.get("defaultRequestPolicy") or {})},
    }


def _complete_topic(found: dict[str, Any]) -> None:
    """What was sent comes back with one member more; what is in force, with all of them."""
    http = _http(found)
    if found.get("DeliveryPolicy"):
        found["DeliveryPolicy"] = _dump({"http": {**http, "disableSubscriptionOverrides": http.get("disableSubscriptionOverrides", False)}})
    found["EffectiveDeliveryPolicy"] = _dump({"http": _effective(http)})


@around("sns", "GetSubscriptionAttributes")
def subscription(call: Call, proceed: Proceed) -> Any:
    """A policy of a subscription comes back with every member, null where it was not sent:
    recordings, test_subscribe_external_http_endpoint_content_type; TF:
    `internal/service/sns/topic_subscription_test.go`."""
    result = proceed()
    found = result_of(result, "Attributes")
    # Recordings `sns__sns.json`, test_publish_sqs_from_sns.
    found.setdefault("SubscriptionPrincipal", f"arn:aws:iam::{call.account}:root")
    if found.get("Protocol") not in ("http", "https"):
        found.pop("EffectiveDeliveryPolicy", None)
        return result
    topic = call.backend("sns").topics.get(found["TopicArn"])
    above = _effective(_http({"DeliveryPolicy": getattr(topic, "delivery_policy", "")}))
    sent = json.loads(found.get("DeliveryPolicy") or "{}")
    retry = sent.get("healthyRetryPolicy")
    shown = {
        "healthyRetryPolicy": {**dict.fromkeys(_RETRY), **retry} if retry else None,
        "sicklyRetryPolicy": sent.get("sicklyRetryPolicy"),
        "throttlePolicy": sent.get("throttlePolicy"),
        "requestPolicy": sent.get("requestPolicy"),
        "guaranteed": sent.get("guaranteed", False),
    }
    if sent:
        found["DeliveryPolicy"] = _dump(shown)
    given = {k: v for k, v in (retry or {}).items() if v is not None}
    effective = {
        **shown,
        "healthyRetryPolicy": {**(_RETRY if retry else above["defaultHealthyRetryPolicy"]), **given},
        "requestPolicy": shown["requestPolicy"] or above["defaultRequestPolicy"],
    }
    found["EffectiveDeliveryPolicy"] = _dump(effective)
    return result

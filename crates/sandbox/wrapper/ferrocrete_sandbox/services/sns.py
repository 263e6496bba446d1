"""SNS: topics of one name, attributes that moto does not answer with, completed policies."""

from __future__ import annotations

import json
from typing import Any

from ..hooks import AwsError, Call, Proceed, around, result_of


@around("sns", "CreateTopic")
def create(call: Call, proceed: Proceed) -> Any:
    """A topic of that name is the answer, unless its tags are others."""
    region, account = call.region, call.account
    arn = f"arn:aws:sns:{region}:{account}:{call.get('Name')}"
    topic = call.backend("sns").topics.get(arn)
    tags = {tag["Key"]: tag["Value"] for tag in call.get("Tags") or []}
    if topic is not None and tags and tags != topic._tags:
        raise AwsError(
            "InvalidParameter",
            "Invalid parameter: Tags Reason: Topic already exists with different tags",
        )
    return proceed()


@around("sns", "GetTopicAttributes")
def attributes(call: Call, proceed: Proceed) -> Any:
    result = proceed()
    found = result_of(result, "Attributes")
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

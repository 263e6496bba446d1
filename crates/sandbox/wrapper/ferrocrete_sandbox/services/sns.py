"""SNS: topics of one name, and attributes that moto does not answer with."""

from __future__ import annotations

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
    return result

//! What SNS types share: tags and attributes.

use std::collections::HashMap;

use aws_sdk_sns::types::Tag;

use crate::prelude::*;

crate::required_tags!(Tag);

/// All attributes of a topic; `None` when it does not exist.
pub(super) async fn topic_attributes(
    aws: &Aws,
    arn: &str,
) -> Result<Option<HashMap<String, String>>> {
    let answer = aws.sns().get_topic_attributes().topic_arn(arn).send().await;
    let answer = found(answer.op("sns:GetTopicAttributes"))?;
    Ok(answer.map(|a| a.attributes.unwrap_or_default()))
}

/// An attribute that AWS has; empty ones count as absent.
pub(super) fn attribute(attributes: &HashMap<String, String>, name: &str) -> Option<String> {
    text(attributes.get(name))
}

/// A switch among the attributes.
pub(super) fn switch(attributes: &HashMap<String, String>, name: &str) -> Option<bool> {
    attributes.get(name).map(|value| value == "true")
}

/// Sets one attribute of a topic.
pub(super) async fn set_topic_attribute(
    aws: &Aws,
    arn: &str,
    name: &str,
    value: &str,
) -> Result<()> {
    let call = aws.sns().set_topic_attributes().topic_arn(arn);
    let call = call.attribute_name(name).attribute_value(value);
    call.send().await.op("sns:SetTopicAttributes").map(drop)
}

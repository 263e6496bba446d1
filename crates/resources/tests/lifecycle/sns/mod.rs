//! SNS.

mod subscription;
mod topic;
mod topic_policy;

use std::collections::HashMap;

use ferrocrete_resources::aws::Aws;

/// All attributes of a topic; `None` when it is gone.
async fn topic(aws: &Aws, arn: &str) -> Option<HashMap<String, String>> {
    aws.sns().get_topic_attributes().topic_arn(arn).send().await.ok()?.attributes
}

/// Somebody sets an attribute of a topic by hand.
async fn set_by_hand(aws: &Aws, arn: &str, name: &str, value: &str) {
    let call = aws.sns().set_topic_attributes().topic_arn(arn);
    call.attribute_name(name).attribute_value(value).send().await.unwrap();
}

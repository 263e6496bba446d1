//! `AWS::SNS::TopicPolicy`: who may do what with a topic.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | GetTopicAttributes, SetTopicAttributes |
//! | read, find | GetTopicAttributes per topic, concurrently |
//! | update, delete | SetTopicAttributes |
//!
//! Traps: a topic always has a policy. The one that AWS gives it counts as none, and deleting
//! brings it back. A policy that somebody else wrote is not overwritten; it has no tags, so one
//! with the same content counts as ours. A principal that IAM made moments ago is `Policy Error:
//! PrincipalNotFound` (TF#26041).
//! Left out: nothing.
//! Differences:
//! - renamed `topic_arn` (`topics`): there, a list; here each topic has a policy of its own,
//!   because a policy names its topic.
//! - replaces `topic_arn`: the policy of another topic is another policy.
//! - also needs `sns:GetTopicAttributes`: looks before it overwrites.

use ferrocrete_core::plan::same_policy;
use serde_json::{Value, json};

use super::shared::{set_topic_attribute, topic_attributes};
use crate::prelude::*;

/// Who may do what with a topic, such as an AWS service that publishes to it.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::SNS::TopicPolicy",
    identity("topic_arn"),
    deleted_with = "topic_arn",
    eventual("NotFound", "InvalidParameter" = "PrincipalNotFound"),
    iam(
        create("sns:GetTopicAttributes", "sns:SetTopicAttributes"),
        read("sns:GetTopicAttributes"),
        find("sns:GetTopicAttributes"),
        update("sns:SetTopicAttributes"),
        delete("sns:SetTopicAttributes")
    )
)]
pub struct TopicPolicy {
    /// ARN of the topic. Replaces.
    #[field(replaces)]
    pub topic_arn: String,
    /// The policy as JSON, such as an `iam::PolicyDocument`.
    #[field(policy)]
    pub policy_document: String,
}

/// What AWS knows of a [`TopicPolicy`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct TopicPolicyOutputs {
    /// ARN of the topic.
    #[output(from_input)]
    pub topic_arn: String,
}

impl Resource for TopicPolicy {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let arn = &self.topic_arn;
        if get(cx, arn).await?.is_some_and(|policy| !self.is(&policy)) {
            return Err(OpError::new(
                ErrorKind::AlreadyExists,
                format!(
                    "topic `{arn}` has another policy, which is not ours\n  what to do: delete that policy first, or put its statements into this one"
                ),
            ));
        }
        set_topic_attribute(cx, arn, "Policy", &self.policy_document).await?;
        Ok(Made::Ready(arn.clone(), TopicPolicyOutputs { topic_arn: arn.clone() }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let policy = get(cloud, &item.id).await?;
            let topic_arn = item.id.clone();
            Ok(policy.map(|policy_document| {
                Live::ready(
                    Self { topic_arn: topic_arn.clone(), policy_document },
                    TopicPolicyOutputs { topic_arn },
                )
            }))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let policy = get(cx, &self.topic_arn).await?;
        Ok(policy.filter(|policy| self.is(policy)).map(|_| self.topic_arn.clone()))
    }

    async fn update(&self, cx: &Cx, id: &str, _: &Self, _: &Changes) -> Result<Progress> {
        set_topic_attribute(cx, id, "Policy", &self.policy_document).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let account = cx.namespace().await?.account;
        gone(set_topic_attribute(cx, id, "Policy", &default_policy(id, &account)).await)
    }
}

impl TopicPolicy {
    fn is(&self, policy: &str) -> bool {
        same_policy(policy, &self.policy_document)
    }
}

const DEFAULT: &str = "__default_policy_ID";

/// The policy of a topic, unless it is AWS's.
async fn get(aws: &Aws, arn: &str) -> Result<Option<String>> {
    let attributes = topic_attributes(aws, arn).await?;
    let policy = attributes.and_then(|mut a| a.remove("Policy"));
    Ok(policy.filter(|policy| !is_default(policy)))
}

fn is_default(policy: &str) -> bool {
    let policy = serde_json::from_str::<Value>(policy).unwrap_or_default();
    policy.get("Id").is_some_and(|id| id == DEFAULT)
}

/// What AWS gives a new topic: its account may do everything.
fn default_policy(arn: &str, account: &str) -> String {
    let actions = [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
    ];
    json!({
        "Version": "2008-10-17",
        "Id": DEFAULT,
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": actions.map(|action| format!("SNS:{action}")),
            "Resource": arn,
            "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
        }],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policy_counts_as_none() {
        assert!(is_default(&default_policy("arn:aws:sns:x:1:a", "1")));
        assert!(
            !is_default(r#"{"Version":"2012-10-17","Statement":[]}"#) && !is_default("no JSON")
        );
    }
}

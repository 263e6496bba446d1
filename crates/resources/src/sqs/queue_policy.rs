//! `AWS::SQS::QueuePolicy`: who may do what with a queue.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | GetQueueAttributes, SetQueueAttributes |
//! | read, find | GetQueueAttributes per queue, concurrently |
//! | update, delete | SetQueueAttributes |
//!
//! Traps: a policy that somebody else wrote is not overwritten; it has no tags, so one with the same
//! content counts as ours. AddPermission writes into the same policy, and is not used. A queue that
//! was made moments ago may be missing still. A principal that IAM made moments ago is refused with
//! `Invalid value for the parameter Policy` (TF: `internal/service/sqs/queue_policy.go`), as is any
//! other policy that SQS does not understand.
//! Left out: nothing.
//! Differences:
//! - renamed `queue_url` (`queues`): there, a list; here each queue has a policy of its own, because a
//!   policy names its queue.
//! - replaces `queue_url`: the policy of another queue is another policy.
//! - also needs `sqs:GetQueueAttributes`: looks before it overwrites.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName as Name;
use ferrocrete_core::plan::same_policy;

use crate::prelude::*;

/// Who may do what with a queue, such as a topic, a bucket or a rule that delivers to it.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::SQS::QueuePolicy",
    identity("queue_url"),
    deleted_with = "queue_url",
    eventual(
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
        "InvalidAttributeValue" = "Invalid value for the parameter Policy"
    ),
    iam(
        create("sqs:GetQueueAttributes", "sqs:SetQueueAttributes"),
        read("sqs:GetQueueAttributes"),
        find("sqs:GetQueueAttributes"),
        update("sqs:SetQueueAttributes"),
        delete("sqs:SetQueueAttributes")
    )
)]
pub struct QueuePolicy {
    /// Address of the queue. Replaces.
    #[field(replaces)]
    pub queue_url: String,
    /// The policy as JSON, such as an `iam::PolicyDocument`.
    #[field(policy)]
    pub policy_document: String,
}

/// What AWS knows of a [`QueuePolicy`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct QueuePolicyOutputs {
    /// Address of the queue.
    #[output(from_input)]
    pub queue_url: String,
}

impl Resource for QueuePolicy {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let url = &self.queue_url;
        if get(cx, url).await?.is_some_and(|policy| !self.is(&policy)) {
            return Err(OpError::new(
                ErrorKind::AlreadyExists,
                format!(
                    "queue `{url}` has another policy, which is not ours\n  what to do: delete that policy first, or put its statements into this one"
                ),
            ));
        }
        set(cx, url, &self.policy_document).await?;
        Ok(Made::Ready(url.clone(), QueuePolicyOutputs { queue_url: url.clone() }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let policy = get(cloud, &item.id).await?;
            let queue_url = item.id.clone();
            Ok(policy.map(|policy_document| {
                Live::ready(
                    Self { queue_url: queue_url.clone(), policy_document },
                    QueuePolicyOutputs { queue_url },
                )
            }))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let policy = get(cx, &self.queue_url).await?;
        Ok(policy.filter(|policy| self.is(policy)).map(|_| self.queue_url.clone()))
    }

    async fn update(&self, cx: &Cx, id: &str, _: &Self, _: &Changes) -> Result<Progress> {
        set(cx, id, &self.policy_document).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        gone(set(cx, id, "").await)
    }
}

impl QueuePolicy {
    fn is(&self, policy: &str) -> bool {
        same_policy(policy, &self.policy_document)
    }
}

/// The policy of a queue; `None` when it has none, or is not there.
async fn get(aws: &Aws, url: &str) -> Result<Option<String>> {
    let call = aws.sqs().get_queue_attributes().queue_url(url).attribute_names(Name::Policy);
    let answer = found(call.send().await.op("sqs:GetQueueAttributes"))?;
    let attributes = answer.and_then(|answer| answer.attributes);
    Ok(text(attributes.and_then(|mut all| all.remove(&Name::Policy))))
}

/// Sets the policy; an empty one takes it away.
async fn set(aws: &Aws, url: &str, policy: &str) -> Result<()> {
    let attributes = HashMap::from([(Name::Policy, policy.to_owned())]);
    let call = aws.sqs().set_queue_attributes().queue_url(url).set_attributes(Some(attributes));
    call.send().await.op("sqs:SetQueueAttributes").map(drop)
}

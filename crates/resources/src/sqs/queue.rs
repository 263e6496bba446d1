//! `AWS::SQS::Queue`: messages that wait for somebody who takes them.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | GetQueueUrl when the name is chosen, CreateQueue |
//! | read | GetQueueAttributes per queue, concurrently; ListQueueTags when tags are declared |
//! | find | GetQueueUrl, ListQueueTags |
//! | update | SetQueueAttributes, TagQueue, UntagQueue |
//! | delete | DeleteQueue |
//!
//! Traps: CreateQueue answers with a queue of that name and those attributes that is there
//! already, so create looks first: SQS knows a queue by its name. The name of a deleted queue is
//! free after 60 s (API_DeleteQueue), for which a create waits; a derived name that comes back is
//! another one. A dead-letter queue of moments ago may be missing still (`Dead letter target does
//! not exist`). The name of a FIFO queue ends in `.fifo`, which is added here when it is missing.
//! AWS may take a minute until everybody sees a change.
//! Left out: the policy, which is [`super::QueuePolicy`].

mod live;

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName as Name;
use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

use self::live::live;
use crate::aws::spelling;
use crate::prelude::*;

/// Messages that wait for somebody who takes them.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::SQS::Queue",
    // A FIFO queue and one that is not may be declared by the same name.
    unique("queue_name", "fifo_queue"),
    claims = claims,
    name_lingers,
    eventual(
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
        "InvalidParameterValue" = "Dead letter target does not exist"
    ),
    busy("AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently"),
    // Three times of what AWS says, as TF: `internal/service/sqs/queue.go`.
    busy_for = 180,
    iam(
        create("sqs:GetQueueUrl", "sqs:ListQueueTags", "sqs:CreateQueue", "sqs:TagQueue"),
        read("sqs:GetQueueAttributes", "sqs:ListQueueTags"),
        find("sqs:GetQueueUrl", "sqs:ListQueueTags"),
        update("sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"),
        delete("sqs:DeleteQueue", "sqs:GetQueueAttributes")
    )
)]
pub struct Queue {
    /// Name, up to 75 letters, digits, `-` and `_`. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 75, extra = "-_"))]
    pub queue_name: Option<String>,
    /// Messages in their order, each once. Default: false. Replaces.
    #[field(replaces, server_default)]
    pub fifo_queue: Option<bool>,
    /// A FIFO queue knows a repeated message by its content. Default: false.
    #[field(server_default)]
    pub content_based_deduplication: Option<bool>,
    /// Where a FIFO queue looks for repeated messages: `queue` or `messageGroup`. Default:
    /// `queue`.
    #[field(server_default)]
    pub deduplication_scope: Option<String>,
    /// What a FIFO queue's quota is for: `perQueue` or `perMessageGroupId`. Default: `perQueue`.
    #[field(server_default)]
    pub fifo_throughput_limit: Option<String>,
    /// Seconds before a new message can be taken, 0 to 900. Default: 0.
    #[field(default = 0)]
    pub delay_seconds: Option<i32>,
    /// Bytes of the largest message, 1,024 to 1,048,576. Default: AWS's.
    #[field(server_default)]
    pub maximum_message_size: Option<i32>,
    /// Seconds that a message is kept, 60 to 1,209,600. Default: 345,600 (4 days).
    #[field(default = 345_600)]
    pub message_retention_period: Option<i32>,
    /// Seconds that taking waits for a message, 0 to 20. Default: 0.
    #[field(default = 0)]
    pub receive_message_wait_time_seconds: Option<i32>,
    /// Seconds in which a message that was taken is hidden from others, 0 to 43,200. Default: 30.
    #[field(default = 30)]
    pub visibility_timeout: Option<i32>,
    /// KMS key that encrypts messages: ARN, id or alias. Taken out, a key of SQS's own encrypts them
    /// again. Default: none; see `sqs_managed_sse_enabled`.
    pub kms_master_key_id: Option<String>,
    /// Seconds that a data key of that KMS key is used again, 60 to 86,400. Default: 300.
    #[field(server_default)]
    pub kms_data_key_reuse_period_seconds: Option<i32>,
    /// Encrypted with a key of SQS's own. Default: true unless a KMS key is given.
    #[field(server_default)]
    pub sqs_managed_sse_enabled: Option<bool>,
    /// Where messages go that were taken too often, as JSON:
    /// `{"deadLetterTargetArn":"…","maxReceiveCount":5}`.
    #[field(json)]
    pub redrive_policy: Option<String>,
    /// Whose messages may come here that way, as JSON:
    /// `{"redrivePermission":"byQueue","sourceQueueArns":["…"]}`. Default: every queue's.
    #[field(json)]
    pub redrive_allow_policy: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`Queue`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct QueueOutputs {
    /// Address: what senders and takers use.
    pub queue_url: String,
    /// ARN: what policies, subscriptions and redrive policies take.
    pub arn: String,
    /// Name, with `.fifo` at the end of a FIFO queue's.
    pub queue_name: String,
}

fn claims(queue: &PropertyMap) -> Vec<Claim> {
    let spell = |fifo: bool| move |name: &str| with_end(name, fifo);
    let claim = spelling::is_on(queue, "fifo_queue")
        .and_then(|fifo| spelling::name(queue, "AWS::SQS::Queue", "queue_name", spell(fifo)));
    claim.map(Claim::as_identity).into_iter().collect()
}

impl Resource for Queue {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "sqs:CreateQueue";
        let name = self.name();
        let chosen = !cx.is_derived(self.queue_name.as_deref().unwrap_or_default());
        if chosen && let Some(url) = url(cx, &name).await? {
            if tags::is_ours(cx, &list_tags(cx, &url).await?.flatten()) {
                return Ok(Made::Partial(url));
            }
            return Err(OpError::new(
                ErrorKind::AlreadyExists,
                format!(
                    "a queue `{name}` is there already, and is not ours\n  what to do: choose another name, or delete that queue"
                ),
            ));
        }
        let call = cx.sqs().create_queue().queue_name(&name);
        let call = call.set_attributes(Some(self.attributes()).filter(|a| !a.is_empty()));
        let answer = call.set_tags(Some(tags::to_map(&self.tags))).send().await.op(CALL)?;
        let queue_url = need(answer.queue_url, CALL, "queue_url")?;
        let arn = cx.arn("sqs", &name).await?;
        Ok(Made::Ready(queue_url.clone(), QueueOutputs { queue_url, arn, queue_name: name }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let known = item.inputs.as_ref();
            let call = cloud.sqs().get_queue_attributes().queue_url(&item.id);
            let answer = call.attribute_names(Name::All).send().await;
            let Some(answer) = found(answer.op("sqs:GetQueueAttributes"))? else {
                return Ok(None);
            };
            let tags = match known {
                Some(Self { tags: None, .. }) => Some(None),
                _ => list_tags(cloud, &item.id).await?,
            };
            let attributes = answer.attributes.unwrap_or_default();
            Ok(tags.map(|tags| live(&item.id, &attributes, tags, known)))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let Some(url) = url(cx, &self.name()).await? else { return Ok(None) };
        Ok(tags::is_ours(cx, &list_tags(cx, &url).await?.flatten()).then_some(url))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        let mut wanted = self.attributes();
        let changed = PROPERTIES.iter().filter(|(property, _)| changes.has(property));
        let mut set: HashMap<Name, String> = changed
            .filter_map(|(property, name)| {
                let without = taken_out(property).map(str::to_owned);
                Some((name.clone(), wanted.remove(name).or(without)?))
            })
            .collect();
        // Without a KMS key a queue is encrypted with SQS's own, unless the program says otherwise:
        // taking the key away alone would leave it unencrypted.
        if changes.has("kms_master_key_id") && self.kms_master_key_id.is_none() {
            let managed = self.sqs_managed_sse_enabled.unwrap_or(true);
            set.insert(Name::SqsManagedSseEnabled, managed.to_string());
        }
        if !set.is_empty() {
            let call = cx.sqs().set_queue_attributes().queue_url(id).set_attributes(Some(set));
            call.send().await.op("sqs:SetQueueAttributes")?;
        }
        if changes.has("tags") {
            retagged!(
                cx.sqs(), queue_url(id), &old.tags => &self.tags, tags::to_map,
                tag_queue: "sqs:TagQueue",
                untag_queue: "sqs:UntagQueue"
            )?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let answer =
            found(cx.sqs().delete_queue().queue_url(id).send().await.op("sqs:DeleteQueue"));
        Ok(if answer?.is_some() { Progress::Pending } else { Progress::Done })
    }
}

/// Properties that are attributes, with AWS's names.
const PROPERTIES: [(&str, Name); 14] = [
    ("fifo_queue", Name::FifoQueue),
    ("content_based_deduplication", Name::ContentBasedDeduplication),
    ("deduplication_scope", Name::DeduplicationScope),
    ("fifo_throughput_limit", Name::FifoThroughputLimit),
    ("delay_seconds", Name::DelaySeconds),
    ("maximum_message_size", Name::MaximumMessageSize),
    ("message_retention_period", Name::MessageRetentionPeriod),
    ("receive_message_wait_time_seconds", Name::ReceiveMessageWaitTimeSeconds),
    ("visibility_timeout", Name::VisibilityTimeout),
    ("kms_master_key_id", Name::KmsMasterKeyId),
    ("kms_data_key_reuse_period_seconds", Name::KmsDataKeyReusePeriodSeconds),
    ("sqs_managed_sse_enabled", Name::SqsManagedSseEnabled),
    ("redrive_policy", Name::RedrivePolicy),
    ("redrive_allow_policy", Name::RedriveAllowPolicy),
];

const FIFO: &str = ".fifo";

/// What stands where the property is taken out of the program: AWS's default (API_CreateQueue), or
/// nothing. The rest stays as it is.
fn taken_out(property: &str) -> Option<&'static str> {
    match property {
        "kms_master_key_id" | "redrive_policy" | "redrive_allow_policy" => Some(""),
        "delay_seconds" | "receive_message_wait_time_seconds" => Some("0"),
        "message_retention_period" => Some("345600"),
        "visibility_timeout" => Some("30"),
        _ => None,
    }
}

impl Queue {
    /// The name as AWS has it.
    fn name(&self) -> String {
        with_end(self.queue_name.as_deref().unwrap_or_default(), self.fifo_queue == Some(true))
    }

    /// What is declared, by AWS's names.
    fn attributes(&self) -> HashMap<Name, String> {
        let switch = |on: Option<bool>| on.map(|on| on.to_string());
        let number = |number: Option<i32>| number.map(|number| number.to_string());
        let values = [
            // A queue that is not FIFO must not say so.
            switch(self.fifo_queue.filter(|on| *on)),
            switch(self.content_based_deduplication),
            self.deduplication_scope.clone(),
            self.fifo_throughput_limit.clone(),
            number(self.delay_seconds),
            number(self.maximum_message_size),
            number(self.message_retention_period),
            number(self.receive_message_wait_time_seconds),
            number(self.visibility_timeout),
            self.kms_master_key_id.clone(),
            number(self.kms_data_key_reuse_period_seconds),
            switch(self.sqs_managed_sse_enabled),
            self.redrive_policy.clone(),
            self.redrive_allow_policy.clone(),
        ];
        let pairs = PROPERTIES.iter().zip(values);
        pairs.filter_map(|((_, name), value)| Some((name.clone(), value?))).collect()
    }
}

/// A queue's name as AWS has it.
fn with_end(name: &str, fifo: bool) -> String {
    if fifo && !name.ends_with(FIFO) { format!("{name}{FIFO}") } else { name.to_owned() }
}

/// The address of the queue of this name.
async fn url(aws: &Aws, name: &str) -> Result<Option<String>> {
    let answer = aws.sqs().get_queue_url().queue_name(name).send().await;
    Ok(found(answer.op("sqs:GetQueueUrl"))?.and_then(|a| a.queue_url))
}

/// The tags of a queue; `None` when SQS does not find it.
async fn list_tags(aws: &Aws, url: &str) -> Result<Option<Option<Tags>>> {
    let answer =
        found(aws.sqs().list_queue_tags().queue_url(url).send().await.op("sqs:ListQueueTags"));
    Ok(answer?.map(|a| tags::from_map(a.tags())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(json: serde_json::Value) -> Queue {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn the_end_of_a_fifo_name_is_added_once() {
        let fifo = |name: &str| queue(serde_json::json!({"queue_name": name, "fifo_queue": true}));
        assert_eq!((fifo("a").name(), fifo("a.fifo").name()), ("a.fifo".into(), "a.fifo".into()));
        let live = live("https://sqs/1/a.fifo", &HashMap::new(), None, Some(&fifo("a")));
        assert_eq!(live.inputs.queue_name.as_deref(), Some("a"));
        assert_eq!(live.outputs.queue_name, "a.fifo");
    }

    #[test]
    fn only_what_is_declared_is_sent() {
        let plain = queue(serde_json::json!({"queue_name": "a", "fifo_queue": false}));
        assert!(plain.attributes().is_empty());
        let slow = queue(serde_json::json!({"queue_name": "a", "delay_seconds": 5}));
        assert_eq!(slow.attributes(), HashMap::from([(Name::DelaySeconds, "5".to_owned())]));
    }
}

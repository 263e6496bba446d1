//! `AWS::SNS::Topic`: hands a message to everybody who has subscribed.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | GetTopicAttributes when the name is chosen, CreateTopic |
//! | read | GetTopicAttributes per topic, concurrently; ListTagsForResource when tags are declared |
//! | find | ListTagsForResource |
//! | update | SetTopicAttributes per attribute, TagResource, UntagResource |
//! | delete | DeleteTopic |
//!
//! Traps: CreateTopic answers with a topic of that name that is there already, so create looks
//! first: SNS knows a topic by its name. The name of a FIFO topic ends in `.fifo`, which is added
//! here when it is missing. SNS takes one change of tags at a time, and for a while the tags of a
//! deleted topic of that name are in the way (`ConcurrentAccess`, `StaleTag`: botocore's model).
//! Deleting a topic deletes its subscriptions.
//! Left out: `subscription`; see [`super::Subscription`]. `archive_policy`,
//! `data_protection_policy`, `delivery_status_logging`, `fifo_throughput_scope`,
//! `maximum_message_size`.
//! Differences:
//! - does not need `iam:GetRole`, `iam:PassRole`: for `delivery_status_logging`.

use std::collections::HashMap;

use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

use super::shared::{attribute, from_sdk, set_topic_attribute, switch, to_sdk, topic_attributes};
use crate::aws::answer::same_key;
use crate::aws::spelling;
use crate::prelude::*;

/// Hands a message to everybody who has subscribed.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::SNS::Topic",
    // A FIFO topic and one that is not may be declared by the same name.
    unique("topic_name", "fifo_topic"),
    claims = claims,
    eventual("NotFound", "ResourceNotFound"),
    busy("ConcurrentAccess", "StaleTag"),
    iam(
        create(
            "sns:CreateTopic",
            "sns:TagResource",
            "sns:GetTopicAttributes",
            "sns:SetTopicAttributes",
            "sns:ListTagsForResource"
        ),
        read("sns:GetTopicAttributes", "sns:ListTagsForResource"),
        find("sns:ListTagsForResource"),
        update("sns:SetTopicAttributes", "sns:TagResource", "sns:UntagResource"),
        delete("sns:DeleteTopic")
    )
)]
pub struct Topic {
    /// Name, up to 251 letters, digits, `-` and `_`. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 251, extra = "-_"))]
    pub topic_name: Option<String>,
    /// Name that people see as the sender, up to 100 characters. Default: none.
    pub display_name: Option<String>,
    /// KMS key that encrypts messages: ARN, id or alias. Default: not encrypted.
    pub kms_master_key_id: Option<String>,
    /// Messages in their order, to SQS queues only. Default: false. Replaces.
    #[field(replaces, server_default)]
    pub fifo_topic: Option<bool>,
    /// A FIFO topic knows a repeated message by its content. Default: false.
    #[field(server_default)]
    pub content_based_deduplication: Option<bool>,
    /// How messages are signed: `1` (SHA-1) or `2` (SHA-256). Default: `1`.
    #[field(server_default)]
    pub signature_version: Option<String>,
    /// X-Ray traces: `PassThrough` or `Active`. Default: `PassThrough`.
    #[field(server_default)]
    pub tracing_config: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`Topic`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct TopicOutputs {
    /// ARN: what publishers, alarms and subscriptions take.
    pub topic_arn: String,
    /// Name, with `.fifo` at the end of a FIFO topic's.
    pub topic_name: String,
}

fn claims(topic: &PropertyMap) -> Vec<Claim> {
    let spell = |fifo: bool| move |name: &str| with_end(name, fifo);
    let claim = spelling::is_on(topic, "fifo_topic")
        .and_then(|fifo| spelling::name(topic, "AWS::SNS::Topic", "topic_name", spell(fifo)));
    claim.map(Claim::as_identity).into_iter().collect()
}

impl Resource for Topic {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "sns:CreateTopic";
        let name = self.name();
        let chosen = !cx.is_derived(self.topic_name.as_deref().unwrap_or_default());
        if chosen {
            let arn = cx.arn("sns", &name).await?;
            if topic_attributes(cx, &arn).await?.is_some() && !is_ours(cx, &arn).await? {
                return Err(OpError::new(
                    ErrorKind::AlreadyExists,
                    format!(
                        "a topic `{name}` is there already, and is not ours\n  what to do: choose another name, or delete that topic"
                    ),
                ));
            }
        }
        let call = cx.sns().create_topic().name(&name).set_tags(Some(to_sdk(&self.tags)));
        let answer = call.set_attributes(Some(self.attributes())).send().await.op(CALL)?;
        let topic_arn = need(answer.topic_arn, CALL, "topic_arn")?;
        Ok(Made::Ready(topic_arn.clone(), TopicOutputs { topic_arn, topic_name: name }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let known = item.inputs.as_ref();
            let Some(attributes) = topic_attributes(cloud, &item.id).await? else {
                return Ok(None);
            };
            let tags = match known {
                Some(Self { tags: None, .. }) => Some(None),
                _ => list_tags(cloud, &item.id).await?,
            };
            Ok(tags.map(|tags| live(&item.id, &attributes, tags, known)))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let arn = cx.arn("sns", &self.name()).await?;
        Ok(is_ours(cx, &arn).await?.then_some(arn))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        let mut wanted = self.attributes();
        for (property, name) in ATTRIBUTES.iter().filter(|(property, _)| changes.has(property)) {
            // Both may be taken out of the program; the rest has a default, and stays.
            let may_be_empty = matches!(*property, "display_name" | "kms_master_key_id");
            match wanted.remove(*name) {
                Some(value) => set_topic_attribute(cx, id, name, &value).await?,
                None if may_be_empty => set_topic_attribute(cx, id, name, "").await?,
                None => {}
            }
        }
        if changes.has("tags") {
            retagged!(
                cx.sns(), resource_arn(id), &old.tags => &self.tags, to_sdk,
                tag_resource: "sns:TagResource",
                untag_resource: "sns:UntagResource"
            )?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        gone(cx.sns().delete_topic().topic_arn(id).send().await.op("sns:DeleteTopic"))
    }
}

/// Properties that are attributes, with AWS's names.
const ATTRIBUTES: [(&str, &str); 6] = [
    ("display_name", "DisplayName"),
    ("kms_master_key_id", "KmsMasterKeyId"),
    ("fifo_topic", "FifoTopic"),
    ("content_based_deduplication", "ContentBasedDeduplication"),
    ("signature_version", "SignatureVersion"),
    ("tracing_config", "TracingConfig"),
];

impl Topic {
    /// The name as AWS has it.
    fn name(&self) -> String {
        with_end(self.topic_name.as_deref().unwrap_or_default(), self.fifo_topic == Some(true))
    }

    /// What is declared, by AWS's names.
    fn attributes(&self) -> HashMap<String, String> {
        let switch = |on: Option<bool>| on.map(|on| on.to_string());
        let values = [
            self.display_name.clone(),
            self.kms_master_key_id.clone(),
            // A topic that is not FIFO must not say so.
            switch(self.fifo_topic.filter(|on| *on)),
            switch(self.content_based_deduplication),
            self.signature_version.clone(),
            self.tracing_config.clone(),
        ];
        let pairs = ATTRIBUTES.iter().zip(values);
        pairs.filter_map(|((_, name), value)| Some(((*name).to_owned(), value?))).collect()
    }
}

/// A topic's name as AWS has it.
fn with_end(name: &str, fifo: bool) -> String {
    const FIFO: &str = ".fifo";
    if fifo && !name.ends_with(FIFO) { format!("{name}{FIFO}") } else { name.to_owned() }
}

/// The tags of a topic; `None` when SNS does not find it.
async fn list_tags(aws: &Aws, arn: &str) -> Result<Option<Option<Tags>>> {
    let answer = aws.sns().list_tags_for_resource().resource_arn(arn).send().await;
    let answer = found(answer.op("sns:ListTagsForResource"))?;
    Ok(answer.map(|a| from_sdk(a.tags())))
}

async fn is_ours(cx: &Cx, arn: &str) -> Result<bool> {
    Ok(tags::is_ours(cx, &list_tags(cx, arn).await?.flatten()))
}

fn live(
    arn: &str,
    attributes: &HashMap<String, String>,
    tags: Option<Tags>,
    known: Option<&Topic>,
) -> Live<Topic> {
    let name = arn.rsplit(':').next().unwrap_or_default();
    let declared = known.filter(|k| k.name() == name).and_then(|k| k.topic_name.clone());
    let key = attribute(attributes, "KmsMasterKeyId");
    let wanted = known.and_then(|k| k.kms_master_key_id.clone());
    let same = wanted.filter(|w| key.as_ref().is_some_and(|live| same_key(w, live)));
    let or = |name: &str, default: &str| {
        Some(attribute(attributes, name).unwrap_or_else(|| default.to_owned()))
    };
    Live::ready(
        Topic {
            topic_name: Some(declared.unwrap_or_else(|| name.to_owned())),
            display_name: attribute(attributes, "DisplayName"),
            kms_master_key_id: same.or(key),
            // AWS leaves out what is as usual.
            fifo_topic: Some(switch(attributes, "FifoTopic").unwrap_or(false)),
            content_based_deduplication: Some(
                switch(attributes, "ContentBasedDeduplication").unwrap_or(false),
            ),
            signature_version: or("SignatureVersion", "1"),
            tracing_config: or("TracingConfig", "PassThrough"),
            tags,
        },
        TopicOutputs { topic_arn: arn.to_owned(), topic_name: name.to_owned() },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(json: serde_json::Value) -> Topic {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn the_end_of_a_fifo_name_is_added_once() {
        let fifo = |name: &str| topic(serde_json::json!({"topic_name": name, "fifo_topic": true}));
        assert_eq!((fifo("a").name(), fifo("a.fifo").name()), ("a.fifo".into(), "a.fifo".into()));
        assert_eq!(topic(serde_json::json!({"topic_name": "a"})).name(), "a");
        let live = live("arn:aws:sns:x:1:a.fifo", &HashMap::new(), None, Some(&fifo("a")));
        assert_eq!(live.inputs.topic_name.as_deref(), Some("a"));
        assert_eq!(live.outputs.topic_name, "a.fifo");
    }

    #[test]
    fn only_what_is_declared_is_sent() {
        let plain = topic(serde_json::json!({"topic_name": "a", "fifo_topic": false}));
        assert!(plain.attributes().is_empty());
        let signed = topic(serde_json::json!({"topic_name": "a", "signature_version": "2"}));
        assert_eq!(signed.attributes()["SignatureVersion"], "2");
    }
}

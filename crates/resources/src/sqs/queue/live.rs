//! Queues from SQS's attributes.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName as Name;

use super::{Queue, QueueOutputs};
use crate::aws::answer::same_key;
use crate::prelude::*;

pub(super) fn live(
    url: &str,
    attributes: &HashMap<Name, String>,
    tags: Option<Tags>,
    known: Option<&Queue>,
) -> Live<Queue> {
    let get = |name: Name| text(attributes.get(&name));
    let number = |name: Name| get(name).and_then(|text| text.parse().ok());
    // AWS leaves switches out that do not fit the kind of queue.
    let switch = |name: Name| Some(get(name).is_some_and(|text| text == "true"));
    let arn = get(Name::QueueArn).unwrap_or_default();
    let name = url.rsplit('/').next().unwrap_or_default();
    let declared = known.filter(|k| k.name() == name).and_then(|k| k.queue_name.clone());
    let key = get(Name::KmsMasterKeyId);
    let wanted = known.and_then(|k| k.kms_master_key_id.clone());
    let same = wanted.filter(|w| key.as_ref().is_some_and(|live| same_key(w, live)));
    Live::ready(
        Queue {
            queue_name: Some(declared.unwrap_or_else(|| name.to_owned())),
            fifo_queue: switch(Name::FifoQueue),
            content_based_deduplication: switch(Name::ContentBasedDeduplication),
            deduplication_scope: get(Name::DeduplicationScope),
            fifo_throughput_limit: get(Name::FifoThroughputLimit),
            delay_seconds: number(Name::DelaySeconds),
            maximum_message_size: number(Name::MaximumMessageSize),
            message_retention_period: number(Name::MessageRetentionPeriod),
            receive_message_wait_time_seconds: number(Name::ReceiveMessageWaitTimeSeconds),
            visibility_timeout: number(Name::VisibilityTimeout),
            kms_master_key_id: same.or(key),
            kms_data_key_reuse_period_seconds: number(Name::KmsDataKeyReusePeriodSeconds)
                .or_else(|| known.and_then(|k| k.kms_data_key_reuse_period_seconds)),
            sqs_managed_sse_enabled: switch(Name::SqsManagedSseEnabled),
            redrive_policy: echo_redrive(
                known.and_then(|k| k.redrive_policy.as_deref()),
                get(Name::RedrivePolicy),
            ),
            redrive_allow_policy: get(Name::RedriveAllowPolicy),
            tags,
        },
        QueueOutputs { queue_url: url.to_owned(), arn, queue_name: name.to_owned() },
    )
}

/// The declared policy where AWS only writes its count as the number that it is (documentation of
/// Terraform's `aws_sqs_queue`, `redrive_policy`).
fn echo_redrive(declared: Option<&str>, live: Option<String>) -> Option<String> {
    let parse = |text: &str| {
        let mut policy: serde_json::Value = serde_json::from_str(text).ok()?;
        if let Some(count) = policy.get_mut("maxReceiveCount")
            && let Some(number) = count.as_str().and_then(|text| text.parse::<i64>().ok())
        {
            *count = number.into();
        }
        Some(policy)
    };
    let same = |declared: &&str| {
        let policy = parse(declared);
        policy.is_some() && live.as_deref().is_some_and(|live| parse(live) == policy)
    };
    declared.filter(same).map(str::to_owned).or(live)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_of_a_redrive_policy_is_a_number() {
        let (text, number) = (r#"{"maxReceiveCount": "5"}"#, r#"{"maxReceiveCount":5}"#);
        assert_eq!(echo_redrive(Some(text), Some(number.into())).as_deref(), Some(text));
        let other = r#"{"maxReceiveCount":6}"#;
        assert_eq!(echo_redrive(Some(text), Some(other.into())).as_deref(), Some(other));
        assert_eq!(echo_redrive(Some("a"), Some("b".into())).as_deref(), Some("b"));
        assert_eq!(echo_redrive(Some(text), None), None);
        assert_eq!(echo_redrive(None, Some(number.into())).as_deref(), Some(number));
    }
}

//! CloudWatch.

mod alarm;
mod alarm_math;
mod composite_alarm;
mod dashboard;

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm, MetricAlarm, Tag};
use ferrocrete_resources::aws::Aws;

async fn metric_alarm(aws: &Aws, name: &str) -> Option<MetricAlarm> {
    let answer = aws.cloudwatch().describe_alarms().alarm_names(name).send().await.unwrap();
    answer.metric_alarms.unwrap_or_default().into_iter().next()
}

async fn composite_alarm(aws: &Aws, name: &str) -> Option<CompositeAlarm> {
    let call = aws.cloudwatch().describe_alarms().alarm_names(name);
    let answer = call.alarm_types(AlarmType::CompositeAlarm).send().await.unwrap();
    answer.composite_alarms.unwrap_or_default().into_iter().next()
}

async fn delete_alarm(aws: &Aws, name: &str) {
    aws.cloudwatch().delete_alarms().alarm_names(name).send().await.unwrap();
}

async fn tags(aws: &Aws, arn: &str) -> BTreeMap<String, String> {
    let answer = aws.cloudwatch().list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    let pair = |t: &Tag| Some((t.key()?.to_owned(), t.value()?.to_owned()));
    answer.tags().iter().filter_map(pair).collect()
}

async fn tag_by_hand(aws: &Aws, arn: &str, key: &str, value: &str) {
    let tag = Tag::builder().key(key).value(value).build();
    aws.cloudwatch().tag_resource().resource_arn(arn).tags(tag).send().await.unwrap();
}

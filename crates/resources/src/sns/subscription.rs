//! `AWS::SNS::Subscription`: who hears of a topic's messages.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | Subscribe |
//! | read | GetSubscriptionAttributes per subscription, concurrently |
//! | find | ListSubscriptionsByTopic |
//! | update | SetSubscriptionAttributes per attribute |
//! | delete | Unsubscribe; GetSubscriptionAttributes when refused |
//!
//! Traps: subscribing the same endpoint again answers with the subscription that is there, and
//! subscriptions have no tags, so one with the same topic, protocol and endpoint counts as ours.
//! SNS knows a subscription by these three, whatever its ARN. AWS tells the password of a web address
//! as `****`. People must confirm e-mail: nothing comes before, and AWS forgets them after some days.
//! No call deletes what is not confirmed (TF: `internal/service/sns/topic_subscription.go`,
//! go-to-k/cdkd#1301), so it counts as gone when it is asked to go. Declared again, it is the same one.
//! Left out: topics of another region (`region`); `replay_policy`.
//! Differences:
//! - renamed `subscription_arn` (`arn`): what SNS calls it.
//! - required `endpoint`: every protocol has one.
//! - also needs `sns:ListSubscriptionsByTopic`: finds what an interrupted create made.
//! - does not need `iam:GetRole`: only CloudFormation itself looks at the role.

use std::collections::HashMap;

use super::shared::{attribute, switch};
use crate::prelude::*;

/// Who hears of a topic's messages: a queue, function, web address, mailbox or telephone.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::SNS::Subscription",
    identity("topic_arn", "protocol", "endpoint"),
    deleted_with = "topic_arn",
    eventual("NotFound"),
    iam(
        create("sns:Subscribe", "iam:PassRole"),
        read("sns:GetSubscriptionAttributes"),
        find("sns:ListSubscriptionsByTopic"),
        update("sns:SetSubscriptionAttributes", "iam:PassRole"),
        delete("sns:Unsubscribe", "sns:GetSubscriptionAttributes")
    )
)]
pub struct Subscription {
    /// ARN of the topic. Replaces.
    #[field(replaces)]
    pub topic_arn: String,
    /// `sqs`, `lambda`, `https`, `http`, `email`, `email-json`, `sms`, `application` or
    /// `firehose`. Replaces.
    #[field(replaces)]
    pub protocol: String,
    /// ARN, web address, mail address or telephone number, as the protocol is. Replaces.
    #[field(replaces)]
    pub endpoint: String,
    /// Only messages that fit, as JSON. Default: all.
    #[field(json)]
    pub filter_policy: Option<String>,
    /// What the filter looks at: `MessageAttributes` or `MessageBody`. Default:
    /// `MessageAttributes`.
    #[field(default = "MessageAttributes")]
    pub filter_policy_scope: Option<String>,
    /// The message alone, without SNS's envelope. Default: false.
    #[field(default = false)]
    pub raw_message_delivery: Option<bool>,
    /// Where messages go that cannot be delivered, as JSON: `{"deadLetterTargetArn":"…"}`.
    #[field(json)]
    pub redrive_policy: Option<String>,
    /// How often delivery to a web address is tried again, as JSON. Default: AWS's.
    #[field(partial_json)]
    pub delivery_policy: Option<String>,
    /// ARN of the role that writes to Firehose; for `firehose` only.
    pub subscription_role_arn: Option<String>,
}

/// What AWS knows of a [`Subscription`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct SubscriptionOutputs {
    /// ARN.
    pub subscription_arn: String,
}

/// Properties that are attributes, with AWS's names; a filter's scope comes before the filter.
const ATTRIBUTES: [(&str, &str); 6] = [
    ("filter_policy_scope", "FilterPolicyScope"),
    ("filter_policy", "FilterPolicy"),
    ("raw_message_delivery", "RawMessageDelivery"),
    ("redrive_policy", "RedrivePolicy"),
    ("delivery_policy", "DeliveryPolicy"),
    ("subscription_role_arn", "SubscriptionRoleArn"),
];

impl Resource for Subscription {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "sns:Subscribe";
        let call = cx
            .sns()
            .subscribe()
            .topic_arn(&self.topic_arn)
            .protocol(&self.protocol)
            .endpoint(&self.endpoint)
            .return_subscription_arn(true)
            .set_attributes(Some(self.attributes()).filter(|a| !a.is_empty()));
        let answer = call.send().await.op(CALL)?;
        let arn = need(answer.subscription_arn, CALL, "subscription_arn")?;
        Ok(Made::Ready(arn.clone(), SubscriptionOutputs { subscription_arn: arn }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let call = cloud.sns().get_subscription_attributes().subscription_arn(&item.id);
            let answer = found(call.send().await.op("sns:GetSubscriptionAttributes"))?;
            let known = item.inputs.as_ref();
            Ok(answer.map(|a| live(&item.id, &a.attributes.unwrap_or_default(), known)))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let call = cx.sns().list_subscriptions_by_topic().topic_arn(&self.topic_arn);
        let mut pages = call.into_paginator().send();
        let endpoint = masked(&self.endpoint);
        while let Some(page) = pages.next().await {
            let Some(page) = found(page.op("sns:ListSubscriptionsByTopic"))? else { break };
            let same =
                page.subscriptions.unwrap_or_default().into_iter().find(|s| {
                    s.protocol() == Some(&self.protocol) && s.endpoint() == Some(&endpoint)
                });
            // One that is not confirmed has no ARN here; subscribing again answers with it.
            let arn = same.and_then(|s| s.subscription_arn).filter(|arn| arn.starts_with("arn:"));
            if arn.is_some() {
                return Ok(arn);
            }
        }
        Ok(None)
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        // A new filter has the scope that is wanted, whatever the one before it had.
        let fresh = changes.has("filter_policy") && old.filter_policy.is_none();
        let sends = |name: &str| changes.has(name) || (fresh && name == "filter_policy_scope");
        let mut wanted = self.attributes();
        let mut order = ATTRIBUTES;
        // A filter has to fit its scope at every moment: one of the body may be nested, so the wider
        // scope comes before it, and goes after it.
        if self.scope() != BODY {
            order.swap(0, 1);
        }
        for (property, name) in order.iter().filter(|(property, _)| sends(property)) {
            let value = wanted.remove(*name);
            // Without a filter there is nothing that could have a scope.
            if *property == "filter_policy_scope" && self.filter_policy.is_none() {
                continue;
            }
            // Documents are taken away by an empty one.
            let empty = match *property {
                "filter_policy" => "{}",
                "filter_policy_scope" => self.scope(),
                "raw_message_delivery" => "false",
                _ => "",
            };
            let call = cx.sns().set_subscription_attributes().subscription_arn(id);
            let call = call.attribute_name(*name);
            let call = call.attribute_value(value.as_deref().unwrap_or(empty));
            call.send().await.op("sns:SetSubscriptionAttributes")?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let answer = cx.sns().unsubscribe().subscription_arn(id).send().await;
        let error = match gone(answer.op("sns:Unsubscribe")) {
            Err(error) if error.has_code("InvalidParameter") => error,
            other => return other,
        };
        let call = cx.sns().get_subscription_attributes().subscription_arn(id);
        let now = found(call.send().await.op("sns:GetSubscriptionAttributes"))?;
        let waits = now
            .and_then(|now| now.attributes)
            .is_none_or(|attributes| switch(&attributes, "PendingConfirmation") == Some(true));
        if waits { Ok(Progress::Done) } else { Err(error) }
    }
}

/// The scope that takes nested filters; the other one is AWS's default.
const BODY: &str = "MessageBody";
const BY_ATTRIBUTES: &str = "MessageAttributes";

impl Subscription {
    fn scope(&self) -> &str {
        self.filter_policy_scope.as_deref().unwrap_or(BY_ATTRIBUTES)
    }

    /// What is declared, by AWS's names.
    fn attributes(&self) -> HashMap<String, String> {
        let values = [
            self.filter_policy_scope.clone(),
            self.filter_policy.clone(),
            self.raw_message_delivery.map(|on| on.to_string()),
            self.redrive_policy.clone(),
            self.delivery_policy.clone(),
            self.subscription_role_arn.clone(),
        ];
        let pairs = ATTRIBUTES.iter().zip(values);
        pairs.filter_map(|((_, name), value)| Some(((*name).to_owned(), value?))).collect()
    }
}

/// An endpoint as AWS tells it: without the password of a web address (TF's
/// `aws_sns_topic_subscription` compares it in this way, too).
fn masked(endpoint: &str) -> String {
    let parts = endpoint.split_once("://").and_then(|(scheme, rest)| {
        let (user, host) = rest.split('/').next()?.rsplit_once('@')?;
        let (name, _) = user.split_once(':')?;
        Some(format!("{scheme}://{name}:****@{host}{}", &rest[user.len() + 1 + host.len()..]))
    });
    parts.unwrap_or_else(|| endpoint.to_owned())
}

fn live(
    arn: &str,
    attributes: &HashMap<String, String>,
    known: Option<&Subscription>,
) -> Live<Subscription> {
    let endpoint = attribute(attributes, "Endpoint").unwrap_or_default();
    let declared = known.map(|k| &k.endpoint).filter(|declared| masked(declared) == endpoint);
    let document = |name: &str| attribute(attributes, name).filter(|text| text != "{}");
    let filter = document("FilterPolicy");
    // Without a filter a scope means nothing, and AWS keeps none.
    let declared_scope = known.filter(|_| filter.is_none()).map(|k| k.scope().to_owned());
    let scope = declared_scope.or_else(|| attribute(attributes, "FilterPolicyScope"));
    Live::ready(
        Subscription {
            topic_arn: attribute(attributes, "TopicArn").unwrap_or_default(),
            protocol: attribute(attributes, "Protocol").unwrap_or_default(),
            endpoint: declared.cloned().unwrap_or(endpoint),
            filter_policy: filter,
            filter_policy_scope: Some(scope.unwrap_or_else(|| BY_ATTRIBUTES.to_owned())),
            raw_message_delivery: Some(switch(attributes, "RawMessageDelivery").unwrap_or(false)),
            redrive_policy: document("RedrivePolicy"),
            delivery_policy: document("DeliveryPolicy"),
            subscription_role_arn: attribute(attributes, "SubscriptionRoleArn"),
        },
        SubscriptionOutputs { subscription_arn: arn.to_owned() },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_an_endpoint_is_hidden() {
        for (endpoint, told) in [
            ("https://user:secret@example.com/a:b@c", "https://user:****@example.com/a:b@c"),
            ("https://user:p@ss:word@example.com", "https://user:****@example.com"),
            ("https://user@example.com/a", "https://user@example.com/a"),
            ("https://example.com/a:b@c", "https://example.com/a:b@c"),
            ("arn:aws:sqs:eu-central-1:1:q", "arn:aws:sqs:eu-central-1:1:q"),
            ("anna@example.com", "anna@example.com"),
        ] {
            assert_eq!(masked(endpoint), told);
        }
        let one = |endpoint: &str| Subscription {
            topic_arn: "t".into(),
            protocol: "https".into(),
            endpoint: endpoint.into(),
            filter_policy: None,
            filter_policy_scope: None,
            raw_message_delivery: None,
            redrive_policy: None,
            delivery_policy: None,
            subscription_role_arn: None,
        };
        let told = HashMap::from([("Endpoint".to_owned(), "https://u:****@h".to_owned())]);
        let endpoint = |known: &str| live("a", &told, Some(&one(known))).inputs.endpoint;
        assert_eq!(endpoint("https://u:p@h"), "https://u:p@h");
        assert_eq!(endpoint("https://v:p@h"), "https://u:****@h");
    }
}

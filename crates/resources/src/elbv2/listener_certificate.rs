//! `AWS::ElasticLoadBalancingV2::ListenerCertificate`: a further certificate of a listener.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | AddListenerCertificates |
//! | read, find | DescribeListenerCertificates per listener, concurrently |
//! | delete | RemoveListenerCertificates |
//!
//! Traps: the listener's own certificate is [`super::Listener`]'s `certificate_arn`, and does not
//! count here. It has no tags: one that somebody else added is taken for ours, as it is the same.
//! Left out: nothing.
//! Differences:
//! - renamed `certificate_arn` (`certificates.certificate_arn`): there, a list; declare one
//!   resource for each.
//! - replaces `certificate_arn`: another certificate is another resource.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::Certificate;

use crate::prelude::*;

/// A further certificate of a listener; which one a client gets depends on the name it asks for.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::ElasticLoadBalancingV2::ListenerCertificate",
    identity("listener_arn", "certificate_arn"),
    deleted_with = "listener_arn",
    eventual("ListenerNotFound", "CertificateNotFound"),
    iam(
        create("elasticloadbalancing:AddListenerCertificates"),
        read("elasticloadbalancing:DescribeListenerCertificates"),
        find("elasticloadbalancing:DescribeListenerCertificates"),
        delete("elasticloadbalancing:RemoveListenerCertificates")
    )
)]
pub struct ListenerCertificate {
    /// ARN of the listener, of HTTPS or TLS. Replaces.
    #[field(replaces)]
    pub listener_arn: String,
    /// ARN of the certificate. Replaces.
    #[field(replaces)]
    pub certificate_arn: String,
}

/// What AWS knows of a [`ListenerCertificate`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ListenerCertificateOutputs {
    /// ARN of the listener. What uses this waits until the certificate is there.
    #[output(from_input)]
    pub listener_arn: String,
    /// ARN of the certificate.
    #[output(from_input)]
    pub certificate_arn: String,
}

impl Resource for ListenerCertificate {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let call = cx.elasticloadbalancingv2().add_listener_certificates();
        let call =
            call.listener_arn(&self.listener_arn).certificates(certificate(&self.certificate_arn));
        call.send().await.op("elasticloadbalancing:AddListenerCertificates")?;
        Ok(Made::Ready(self.id(), live(&self.listener_arn, &self.certificate_arn).outputs))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let asked: Vec<(&str, &str)> =
            items.iter().map(|item| halves(&item.id)).collect::<Result<_>>()?;
        let listeners: BTreeSet<&str> = asked.iter().map(|(listener, _)| *listener).collect();
        let listeners: Vec<String> = listeners.into_iter().map(str::to_owned).collect();
        let lists = batch::each(&listeners, |listener| {
            let listener = listener.clone();
            async move { list(cloud, &listener).await }
        })
        .await?;
        let there = |listener: &str, arn: &str| {
            let mut pairs = listeners.iter().zip(&lists);
            pairs.any(|(l, list)| l == listener && list.iter().any(|a| a == arn))
        };
        Ok(asked.iter().map(|(l, arn)| there(l, arn).then(|| live(l, arn))).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let there = list(cx, &self.listener_arn).await?.contains(&self.certificate_arn);
        Ok(there.then(|| self.id()))
    }

    async fn update(&self, _: &Cx, _: &str, _: &Self, _: &Changes) -> Result<Progress> {
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let (listener, arn) = halves(id)?;
        let call = cx.elasticloadbalancingv2().remove_listener_certificates();
        let call = call.listener_arn(listener).certificates(certificate(arn));
        gone(call.send().await.op("elasticloadbalancing:RemoveListenerCertificates"))
    }
}

impl ListenerCertificate {
    fn id(&self) -> String {
        format!("{}|{}", self.listener_arn, self.certificate_arn)
    }
}

fn certificate(arn: &str) -> Certificate {
    Certificate::builder().certificate_arn(arn).build()
}

fn halves(id: &str) -> Result<(&str, &str)> {
    let halves = id.split_once('|');
    halves.ok_or_else(|| OpError::invalid(format!("`{id}` is no LISTENER_ARN|CERTIFICATE_ARN")))
}

/// ARNs of a listener's further certificates; none when the listener does not exist.
async fn list(aws: &Aws, listener: &str) -> Result<Vec<String>> {
    let call = aws.elasticloadbalancingv2().describe_listener_certificates();
    let mut pages = call.listener_arn(listener).into_paginator().send();
    let mut arns = Vec::new();
    while let Some(page) = pages.next().await {
        let page = found(page.op("elasticloadbalancing:DescribeListenerCertificates"))?;
        let Some(page) = page else { break };
        let others = page.certificates.unwrap_or_default().into_iter();
        let others = others.filter(|certificate| certificate.is_default != Some(true));
        arns.extend(others.filter_map(|certificate| certificate.certificate_arn));
    }
    Ok(arns)
}

fn live(listener: &str, arn: &str) -> Live<ListenerCertificate> {
    let (listener_arn, certificate_arn) = (listener.to_owned(), arn.to_owned());
    Live::ready(
        ListenerCertificate {
            listener_arn: listener_arn.clone(),
            certificate_arn: certificate_arn.clone(),
        },
        ListenerCertificateOutputs { listener_arn, certificate_arn },
    )
}

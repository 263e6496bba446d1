//! `AWS::ElasticLoadBalancingV2::Listener`: a port of a load balancer, and what happens there.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateListener, ModifyListenerAttributes when attributes are declared |
//! | read | DescribeListeners, DescribeTags when tags are declared, DescribeListenerAttributes per listener when attributes are |
//! | find | DescribeListeners of the load balancer, DescribeTags |
//! | update | ModifyListener, ModifyListenerAttributes, AddTags, RemoveTags |
//! | delete | DeleteListener |
//!
//! Traps: one listener per port of a load balancer. A change between HTTP and HTTPS takes
//! certificate and policy along in the same call. AWS never returns a client secret of OpenID
//! Connect. Further certificates are [`super::ListenerCertificate`]. A target group belongs to one
//! load balancer (`TargetGroupAssociationLimit`, TF#22005), so a listener that takes its group to
//! another one deletes the old listener first.
//! Left out: gateway load balancers; the attributes that rename headers of mutual TLS; of actions
//! `default_actions.target_group_arn`, which a list of one in its configuration stands for;
//! `default_actions.authenticate_oidc_config.use_existing_client_secret`, because the secret is
//! known; `default_actions.jwt_validation_config`.
//! Differences:
//! - renamed `certificate_arn` (`certificates.certificate_arn`): there, a list of one.
//! - renamed `default_actions.action_type` (`default_actions.type`): a word that Rust reserves.
//! - spelled out `tcp_idle_timeout_seconds`, `server_header_enabled`, `response_headers`
//!   (`listener_attributes`): each has its type.
//! - required `port`, `protocol`: there, a gateway load balancer has none.

mod attributes;

use aws_sdk_elasticloadbalancingv2::types::{
    AdvertiseTrustStoreCaNamesEnum, Certificate, Listener as SdkListener,
    MutualAuthenticationAttributes, ProtocolEnum,
};
use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

use super::Action;
use super::action::{actions_from_sdk, actions_to_sdk};
use super::shared::{by_arn, declared_tags, declares, first_of_ours, forwards, ids, retag, to_sdk};
use crate::prelude::*;

/// A port of a load balancer, and what happens to requests that no rule is about.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::ElasticLoadBalancingV2::Listener",
    deleted_with = "load_balancer_arn",
    unique("load_balancer_arn", "port"),
    claims = Listener::claims,
    eventual(
        "CertificateNotFound",
        "ListenerNotFound",
        "LoadBalancerNotFound",
        "TargetGroupNotFound",
        "TrustStoreNotFound"
    ),
    iam(
        create(
            "elasticloadbalancing:CreateListener",
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:ModifyListenerAttributes",
            "cognito-idp:DescribeUserPoolClient"
        ),
        read(
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeListenerAttributes"
        ),
        find("elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeTags"),
        update(
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:ModifyListenerAttributes",
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:RemoveTags",
            "cognito-idp:DescribeUserPoolClient"
        ),
        delete("elasticloadbalancing:DeleteListener")
    )
)]
pub struct Listener {
    /// ARN of the load balancer. Replaces.
    #[field(replaces)]
    pub load_balancer_arn: String,
    /// Port, 1 to 65535.
    pub port: i32,
    /// `HTTP` or `HTTPS` of an application load balancer; `TCP`, `TLS`, `UDP` or `TCP_UDP` of a
    /// network one.
    pub protocol: String,
    /// What happens, such as [`Action::forward`].
    pub default_actions: Vec<Action>,
    /// ARN of the certificate, for HTTPS and TLS; clients that ask for no known name get it.
    pub certificate_arn: Option<String>,
    /// Protocols and ciphers, such as `ELBSecurityPolicy-TLS13-1-2-2021-06`, for HTTPS and TLS.
    /// Default: `ELBSecurityPolicy-2016-08`.
    #[field(server_default)]
    pub ssl_policy: Option<String>,
    /// `HTTP1Only`, `HTTP2Only`, `HTTP2Optional`, `HTTP2Preferred` or `None`, for TLS. Default:
    /// none.
    pub alpn_policy: Option<String>,
    /// Whether clients have to show a certificate, for HTTPS. Default: no.
    pub mutual_authentication: Option<MutualAuthentication>,
    /// Seconds without data after which a TCP connection is closed, 60 to 6000; network load
    /// balancers. Default: 350.
    #[field(server_default)]
    pub tcp_idle_timeout_seconds: Option<i32>,
    /// Whether answers have the header `Server`; application load balancers. Default: true.
    #[field(server_default)]
    pub server_header_enabled: Option<bool>,
    /// Headers that answers get; application load balancers. Default: none.
    pub response_headers: Option<ListenerResponseHeaders>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

pub use attributes::ListenerResponseHeaders;

/// Whether clients have to show a certificate.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct MutualAuthentication {
    /// `verify` (by a trust store), `passthrough` (the targets do it) or `off`.
    pub mode: String,
    /// ARN of the trust store, for `verify`.
    pub trust_store_arn: Option<String>,
    /// Lets certificates in that have expired. Default: false.
    #[field(server_default)]
    pub ignore_client_certificate_expiry: Option<bool>,
    /// Tells clients which authorities are trusted: `on` or `off`. Default: `off`.
    #[field(server_default)]
    pub advertise_trust_store_ca_names: Option<String>,
}

/// What AWS knows of a [`Listener`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ListenerOutputs {
    /// ARN.
    pub listener_arn: String,
}

const DESCRIBE: &str = "elasticloadbalancing:DescribeListeners";

impl Resource for Listener {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "elasticloadbalancing:CreateListener";
        let call = cx
            .elasticloadbalancingv2()
            .create_listener()
            .load_balancer_arn(&self.load_balancer_arn)
            .port(self.port)
            .protocol(ProtocolEnum::from(self.protocol.as_str()))
            .set_default_actions(Some(actions_to_sdk(&self.default_actions)))
            .set_certificates(self.certificates())
            .set_ssl_policy(self.ssl_policy.clone())
            .set_alpn_policy(self.alpn_policy.clone().map(|policy| vec![policy]))
            .set_mutual_authentication(
                self.mutual_authentication.as_ref().map(MutualAuthentication::to_sdk),
            )
            .set_tags(Some(to_sdk(&self.tags)));
        let answer = call.send().await.op(CALL)?;
        let made = answer.listeners.unwrap_or_default().into_iter().next();
        let arn = need(need(made, CALL, "listener")?.listener_arn, CALL, "listener_arn")?;
        let attributes = self.attributes(|_| true, None);
        if !attributes.is_empty() {
            cx.accepted(&arn).await?;
            attributes::set(cx, &arn, attributes).await?;
        }
        Ok(Made::Ready(arn.clone(), ListenerOutputs { listener_arn: arn }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let listeners = by_arn(ids(items), |arns| async move {
            let call = cloud.elasticloadbalancingv2().describe_listeners();
            let answer = call.set_listener_arns(Some(arns)).send().await.op(DESCRIBE)?;
            Ok(answer.listeners.unwrap_or_default())
        })
        .await?;
        let there = |id: &str| listeners.iter().find(|l| l.listener_arn() == Some(id));
        let tags = declared_tags(cloud, items, |id| there(id).is_some(), |i| &i.tags).await?;
        batch::each(items, |item| {
            let (listener, tags) = (there(&item.id), tags.of(&item.id));
            async move {
                let (Some(listener), Some(tags)) = (listener, tags) else { return Ok(None) };
                let mut inputs = live(listener, tags);
                if declares(item.inputs.as_ref(), &[Self::ATTRIBUTES, attributes::MORE]) {
                    match found(attributes::get(cloud, &item.id).await)? {
                        Some(attributes) => inputs.take(&attributes),
                        None => return Ok(None),
                    }
                }
                Ok(Some(Live::ready(inputs, ListenerOutputs { listener_arn: item.id.clone() })))
            }
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let call = cx.elasticloadbalancingv2().describe_listeners();
        let call = call.load_balancer_arn(&self.load_balancer_arn);
        let mut pages = call.into_paginator().send();
        let mut arns = Vec::new();
        while let Some(page) = pages.next().await {
            let Some(page) = found(page.op(DESCRIBE))? else { break };
            let all = page.listeners.unwrap_or_default().into_iter();
            arns.extend(all.filter_map(|listener| listener.listener_arn));
        }
        first_of_ours(cx, arns).await
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        const SETTINGS: [&str; 7] = [
            "port",
            "protocol",
            "default_actions",
            "certificate_arn",
            "ssl_policy",
            "alpn_policy",
            "mutual_authentication",
        ];
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        if changes.any(&SETTINGS) {
            self.modify(cx, id, changes).await?;
        }
        let attributes = self.attributes(|name| changes.has(name), Some(old));
        attributes::set(cx, id, attributes).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.elasticloadbalancingv2().delete_listener().listener_arn(id);
        gone(call.send().await.op("elasticloadbalancing:DeleteListener"))
    }
}

impl Listener {
    fn claims(properties: &PropertyMap) -> Vec<Claim> {
        forwards(properties, "load_balancer_arn", "default_actions")
    }

    fn certificates(&self) -> Option<Vec<Certificate>> {
        let one = |arn: &String| vec![Certificate::builder().certificate_arn(arn).build()];
        self.certificate_arn.as_ref().map(one)
    }

    /// All changes in one call. What belongs to TLS goes along with the protocol.
    async fn modify(&self, aws: &Aws, arn: &str, changes: &Changes) -> Result<()> {
        let mut call = aws.elasticloadbalancingv2().modify_listener().listener_arn(arn);
        if changes.has("port") {
            call = call.port(self.port);
        }
        let protocol = changes.has("protocol");
        if protocol {
            call = call.protocol(ProtocolEnum::from(self.protocol.as_str()));
        }
        if changes.has("default_actions") {
            call = call.set_default_actions(Some(actions_to_sdk(&self.default_actions)));
        }
        if protocol || changes.has("certificate_arn") {
            call = call.set_certificates(self.certificates());
        }
        if protocol || changes.has("ssl_policy") {
            call = call.set_ssl_policy(self.ssl_policy.clone());
        }
        if changes.has("alpn_policy") {
            // Of a protocol that has none, none may be named.
            let none = (self.protocol == "TLS").then(|| "None".to_owned());
            let policy = self.alpn_policy.clone().or(none);
            call = call.set_alpn_policy(policy.map(|policy| vec![policy]));
        }
        if changes.has("mutual_authentication") {
            let wanted = self.mutual_authentication.as_ref().map(MutualAuthentication::to_sdk);
            let off = || MutualAuthenticationAttributes::builder().mode("off").build();
            let none = (self.protocol == "HTTPS").then(off);
            call = call.set_mutual_authentication(wanted.or(none));
        }
        call.send().await.op("elasticloadbalancing:ModifyListener").map(drop)
    }
}

impl MutualAuthentication {
    fn to_sdk(&self) -> MutualAuthenticationAttributes {
        let names = self.advertise_trust_store_ca_names.as_deref();
        MutualAuthenticationAttributes::builder()
            .mode(&self.mode)
            .set_trust_store_arn(self.trust_store_arn.clone())
            .set_ignore_client_certificate_expiry(self.ignore_client_certificate_expiry)
            .set_advertise_trust_store_ca_names(names.map(AdvertiseTrustStoreCaNamesEnum::from))
            .build()
    }

    /// `None` for AWS's way to say that there is none.
    fn from_sdk(live: &MutualAuthenticationAttributes) -> Option<Self> {
        let mode = text(live.mode()).filter(|mode| mode != "off")?;
        Some(Self {
            mode,
            trust_store_arn: text(live.trust_store_arn()),
            ignore_client_certificate_expiry: live.ignore_client_certificate_expiry,
            advertise_trust_store_ca_names: text(live.advertise_trust_store_ca_names()),
        })
    }
}

fn live(listener: &SdkListener, tags: Option<Tags>) -> Listener {
    let certificate = listener.certificates().first();
    // `None` is also what AWS calls no policy.
    let alpn = listener.alpn_policy().first().filter(|policy| *policy != "None");
    Listener {
        load_balancer_arn: text(listener.load_balancer_arn()).unwrap_or_default(),
        port: listener.port.unwrap_or_default(),
        protocol: text(listener.protocol()).unwrap_or_default(),
        default_actions: actions_from_sdk(listener.default_actions()),
        certificate_arn: text(certificate.and_then(|c| c.certificate_arn())),
        ssl_policy: text(listener.ssl_policy()),
        alpn_policy: alpn.cloned(),
        mutual_authentication: listener
            .mutual_authentication()
            .and_then(MutualAuthentication::from_sdk),
        tcp_idle_timeout_seconds: None,
        server_header_enabled: None,
        response_headers: None,
        tags,
    }
}

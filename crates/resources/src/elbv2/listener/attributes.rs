//! What AWS keeps as attributes of a listener: texts by name.

use aws_sdk_elasticloadbalancingv2::types::ListenerAttribute;

use super::Listener;
use crate::elbv2::shared::{Attributes, attributes, declares};
use crate::prelude::*;

/// Headers that answers get, whatever the targets say.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ListenerResponseHeaders {
    /// `Strict-Transport-Security`, such as `max-age=31536000; includeSubDomains`.
    pub strict_transport_security: Option<String>,
    /// `Content-Security-Policy`.
    pub content_security_policy: Option<String>,
    /// `X-Content-Type-Options`: `nosniff`.
    pub x_content_type_options: Option<String>,
    /// `X-Frame-Options`: `DENY`, `SAMEORIGIN` or `ALLOW-FROM` with an address.
    pub x_frame_options: Option<String>,
    /// `Access-Control-Allow-Origin`.
    pub access_control_allow_origin: Option<String>,
    /// `Access-Control-Allow-Methods`.
    pub access_control_allow_methods: Option<String>,
    /// `Access-Control-Allow-Headers`.
    pub access_control_allow_headers: Option<String>,
    /// `Access-Control-Allow-Credentials`: `true`.
    pub access_control_allow_credentials: Option<String>,
    /// `Access-Control-Expose-Headers`.
    pub access_control_expose_headers: Option<String>,
    /// `Access-Control-Max-Age` in seconds.
    pub access_control_max_age: Option<String>,
}

attributes!(Listener {
    tcp_idle_timeout_seconds: "tcp.idle_timeout.seconds",
    server_header_enabled: "routing.http.response.server.enabled",
});

attributes!(ListenerResponseHeaders {
    strict_transport_security: "routing.http.response.strict_transport_security.header_value",
    content_security_policy: "routing.http.response.content_security_policy.header_value",
    x_content_type_options: "routing.http.response.x_content_type_options.header_value",
    x_frame_options: "routing.http.response.x_frame_options.header_value",
    access_control_allow_origin: "routing.http.response.access_control_allow_origin.header_value",
    access_control_allow_methods: "routing.http.response.access_control_allow_methods.header_value",
    access_control_allow_headers: "routing.http.response.access_control_allow_headers.header_value",
    access_control_allow_credentials: "routing.http.response.access_control_allow_credentials.header_value",
    access_control_expose_headers: "routing.http.response.access_control_expose_headers.header_value",
    access_control_max_age: "routing.http.response.access_control_max_age.header_value",
});

/// The property that is several attributes.
pub(super) const MORE: &[&str] = &["response_headers"];

/// All attributes of a listener.
pub(super) async fn get(aws: &Aws, arn: &str) -> Result<Attributes> {
    let call = aws.elasticloadbalancingv2().describe_listener_attributes().listener_arn(arn);
    let answer = call.send().await.op("elasticloadbalancing:DescribeListenerAttributes")?;
    let pair = |a: ListenerAttribute| Some((a.key?, a.value.unwrap_or_default()));
    Ok(answer.attributes.unwrap_or_default().into_iter().filter_map(pair).collect())
}

/// Sets these in one call, if there are any.
pub(super) async fn set(aws: &Aws, arn: &str, wanted: Vec<(String, String)>) -> Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let one = |(key, value)| ListenerAttribute::builder().key(key).value(value).build();
    let call = aws.elasticloadbalancingv2().modify_listener_attributes().listener_arn(arn);
    let call = call.set_attributes(Some(wanted.into_iter().map(one).collect()));
    call.send().await.op("elasticloadbalancing:ModifyListenerAttributes").map(drop)
}

impl Listener {
    /// The attributes of these properties, and those of `old` that are declared no more: empty.
    pub(super) fn attributes(
        &self,
        of: impl Fn(&str) -> bool,
        old: Option<&Self>,
    ) -> Vec<(String, String)> {
        let mut all = self.plain_attributes(&of);
        if !of("response_headers") {
            return all;
        }
        let headers = |listener: Option<&Self>| match listener {
            Some(Self { response_headers: Some(headers), .. }) => {
                headers.plain_attributes(|_| true)
            }
            _ => Vec::new(),
        };
        let wanted = headers(Some(self));
        let mut gone = headers(old);
        gone.retain(|(key, _)| wanted.iter().all(|(wanted, _)| wanted != key));
        all.extend(wanted);
        all.extend(gone.into_iter().map(|(key, _)| (key, String::new())));
        all
    }

    /// Takes over what AWS has.
    pub(super) fn take(&mut self, live: &Attributes) {
        self.take_attributes(live);
        let mut headers: ListenerResponseHeaders =
            serde_json::from_str("{}").expect("no property is needed");
        headers.take_attributes(live);
        let some = declares(Some(&headers), &[ListenerResponseHeaders::ATTRIBUTES]);
        self.response_headers = some.then_some(headers);
    }
}

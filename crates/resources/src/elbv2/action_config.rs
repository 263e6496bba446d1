//! The details of each kind of [`super::Action`].

use std::collections::{BTreeMap, HashMap};

use aws_sdk_elasticloadbalancingv2::types::{
    AuthenticateCognitoActionConditionalBehaviorEnum, AuthenticateCognitoActionConfig,
    AuthenticateOidcActionConditionalBehaviorEnum, AuthenticateOidcActionConfig,
    FixedResponseActionConfig, ForwardActionConfig, RedirectActionConfig,
    RedirectActionStatusCodeEnum, TargetGroupStickinessConfig as SdkStickiness,
    TargetGroupTuple as SdkTuple,
};

use crate::prelude::*;

/// Where a `forward` goes.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ForwardConfig {
    /// Groups, one to five.
    #[field(by("target_group_arn"))]
    pub target_groups: Vec<TargetGroupTuple>,
    /// Whether a client stays with its group. Default: no.
    #[field(server_default)]
    pub target_group_stickiness_config: Option<TargetGroupStickinessConfig>,
}

/// A group and its share.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct TargetGroupTuple {
    /// ARN of the group.
    pub target_group_arn: String,
    /// Share among the others, 0 to 999. What a blue/green deployment of an ECS service makes of it
    /// is no difference. Default: 1.
    #[field(server_default, moves(steered))]
    pub weight: Option<i32>,
}

/// Whether a client stays with the group that it was sent to first.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct TargetGroupStickinessConfig {
    /// Whether it does.
    pub enabled: bool,
    /// For how long: seconds, 1 to 604800 (7 days). Needed when enabled.
    #[field(server_default)]
    pub duration_seconds: Option<i32>,
}

/// Where a `redirect` goes. `#{protocol}`, `#{host}`, `#{port}`, `#{path}` and `#{query}` stand
/// for what was asked.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct RedirectConfig {
    /// `HTTP_301` (for good) or `HTTP_302` (for now).
    pub status_code: String,
    /// `HTTP` or `HTTPS`. Default: as asked.
    #[field(server_default)]
    pub protocol: Option<String>,
    /// Port. Default: as asked.
    #[field(server_default)]
    pub port: Option<String>,
    /// Host name. Default: as asked.
    #[field(server_default)]
    pub host: Option<String>,
    /// Path with its leading slash. Default: as asked.
    #[field(server_default)]
    pub path: Option<String>,
    /// Query without `?`. Default: as asked.
    #[field(server_default)]
    pub query: Option<String>,
}

/// What a `fixed-response` answers.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct FixedResponseConfig {
    /// HTTP status: 2xx, 4xx or 5xx.
    pub status_code: i32,
    /// `text/plain`, `text/css`, `text/html`, `application/javascript` or `application/json`.
    #[field(server_default)]
    pub content_type: Option<String>,
    /// Body, up to 1024 characters. Default: empty.
    pub message_body: Option<String>,
}

/// Who may go on, by OpenID Connect.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct AuthenticateOidcConfig {
    /// Issuer, such as `https://accounts.example.com`.
    pub issuer: String,
    /// URL of the provider's authorization endpoint.
    pub authorization_endpoint: String,
    /// URL of the provider's token endpoint.
    pub token_endpoint: String,
    /// URL of the provider's user info endpoint.
    pub user_info_endpoint: String,
    /// Client id that the provider gave.
    pub client_id: String,
    /// Client secret that the provider gave; AWS never returns it.
    #[field(secret, write_only)]
    pub client_secret: String,
    /// Name of the session's cookie. Default: `AWSELBAuthSessionCookie`.
    #[field(server_default)]
    pub session_cookie_name: Option<String>,
    /// Scopes, separated by spaces. Default: `openid`.
    #[field(server_default)]
    pub scope: Option<String>,
    /// Longest session in seconds. Default: 604800 (7 days).
    #[field(server_default)]
    pub session_timeout: Option<i64>,
    /// Up to ten more parameters of the authorization request.
    pub authentication_request_extra_params: Option<BTreeMap<String, String>>,
    /// `deny`, `allow` or `authenticate`. Default: `authenticate`.
    #[field(server_default)]
    pub on_unauthenticated_request: Option<String>,
}

/// Who may go on, by a Cognito user pool.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct AuthenticateCognitoConfig {
    /// ARN of the user pool.
    pub user_pool_arn: String,
    /// Id of the user pool's client.
    pub user_pool_client_id: String,
    /// Domain of the user pool, or its prefix.
    pub user_pool_domain: String,
    /// Name of the session's cookie. Default: `AWSELBAuthSessionCookie`.
    #[field(server_default)]
    pub session_cookie_name: Option<String>,
    /// Scopes, separated by spaces. Default: `openid`.
    #[field(server_default)]
    pub scope: Option<String>,
    /// Longest session in seconds. Default: 604800 (7 days).
    #[field(server_default)]
    pub session_timeout: Option<i64>,
    /// Up to ten more parameters of the authorization request.
    pub authentication_request_extra_params: Option<BTreeMap<String, String>>,
    /// `deny`, `allow` or `authenticate`. Default: `authenticate`.
    #[field(server_default)]
    pub on_unauthenticated_request: Option<String>,
}

fn params(live: Option<&HashMap<String, String>>) -> Option<BTreeMap<String, String>> {
    let live = live.filter(|params| !params.is_empty())?;
    Some(live.iter().map(|(k, v)| (k.clone(), v.clone())).collect())
}

impl ForwardConfig {
    pub(super) fn to_one(target_group_arn: &str) -> Self {
        let target_group_arn = target_group_arn.to_owned();
        let target_groups = vec![TargetGroupTuple { target_group_arn, weight: None }];
        Self { target_groups, target_group_stickiness_config: None }
    }

    pub(super) fn to_sdk(&self) -> ForwardActionConfig {
        let tuple = |g: &TargetGroupTuple| {
            let tuple = SdkTuple::builder().target_group_arn(&g.target_group_arn);
            tuple.set_weight(g.weight).build()
        };
        let sticky = self.target_group_stickiness_config.as_ref().map(|s| {
            let sticky = SdkStickiness::builder().enabled(s.enabled);
            sticky.set_duration_seconds(s.duration_seconds).build()
        });
        ForwardActionConfig::builder()
            .set_target_groups(Some(self.target_groups.iter().map(tuple).collect()))
            .set_target_group_stickiness_config(sticky)
            .build()
    }

    pub(super) fn from_sdk(config: &ForwardActionConfig) -> Self {
        let tuple = |g: &SdkTuple| TargetGroupTuple {
            target_group_arn: text(g.target_group_arn()).unwrap_or_default(),
            weight: g.weight,
        };
        let sticky = |s: &SdkStickiness| TargetGroupStickinessConfig {
            enabled: s.enabled == Some(true),
            duration_seconds: s.duration_seconds,
        };
        Self {
            target_groups: config.target_groups().iter().map(tuple).collect(),
            target_group_stickiness_config: config.target_group_stickiness_config().map(sticky),
        }
    }
}

impl RedirectConfig {
    pub(super) fn to_sdk(&self) -> RedirectActionConfig {
        RedirectActionConfig::builder()
            .status_code(RedirectActionStatusCodeEnum::from(self.status_code.as_str()))
            .set_protocol(self.protocol.clone())
            .set_port(self.port.clone())
            .set_host(self.host.clone())
            .set_path(self.path.clone())
            .set_query(self.query.clone())
            .build()
    }

    pub(super) fn from_sdk(config: &RedirectActionConfig) -> Self {
        Self {
            status_code: text(config.status_code()).unwrap_or_default(),
            protocol: text(config.protocol()),
            port: text(config.port()),
            host: text(config.host()),
            path: text(config.path()),
            // Unlike the others, an empty query means something: to drop the one asked.
            query: config.query.clone(),
        }
    }
}

impl FixedResponseConfig {
    pub(super) fn to_sdk(&self) -> FixedResponseActionConfig {
        FixedResponseActionConfig::builder()
            .status_code(self.status_code.to_string())
            .set_content_type(self.content_type.clone())
            .set_message_body(self.message_body.clone())
            .build()
    }

    pub(super) fn from_sdk(config: &FixedResponseActionConfig) -> Self {
        let status = config.status_code().and_then(|s| s.parse().ok());
        Self {
            status_code: status.unwrap_or_default(),
            content_type: text(config.content_type()),
            message_body: text(config.message_body()),
        }
    }
}

impl AuthenticateOidcConfig {
    pub(super) fn to_sdk(&self) -> AuthenticateOidcActionConfig {
        let behavior = self.on_unauthenticated_request.as_deref();
        AuthenticateOidcActionConfig::builder()
            .issuer(&self.issuer)
            .authorization_endpoint(&self.authorization_endpoint)
            .token_endpoint(&self.token_endpoint)
            .user_info_endpoint(&self.user_info_endpoint)
            .client_id(&self.client_id)
            .client_secret(&self.client_secret)
            .set_session_cookie_name(self.session_cookie_name.clone())
            .set_scope(self.scope.clone())
            .set_session_timeout(self.session_timeout)
            .set_authentication_request_extra_params(
                self.authentication_request_extra_params
                    .clone()
                    .map(|params| params.into_iter().collect()),
            )
            .set_on_unauthenticated_request(
                behavior.map(AuthenticateOidcActionConditionalBehaviorEnum::from),
            )
            .build()
    }

    pub(super) fn from_sdk(config: &AuthenticateOidcActionConfig) -> Self {
        let need = |value: Option<&str>| value.unwrap_or_default().to_owned();
        Self {
            issuer: need(config.issuer()),
            authorization_endpoint: need(config.authorization_endpoint()),
            token_endpoint: need(config.token_endpoint()),
            user_info_endpoint: need(config.user_info_endpoint()),
            client_id: need(config.client_id()),
            client_secret: String::new(),
            session_cookie_name: text(config.session_cookie_name()),
            scope: text(config.scope()),
            session_timeout: config.session_timeout,
            authentication_request_extra_params: params(
                config.authentication_request_extra_params(),
            ),
            on_unauthenticated_request: text(config.on_unauthenticated_request()),
        }
    }
}

impl AuthenticateCognitoConfig {
    pub(super) fn to_sdk(&self) -> AuthenticateCognitoActionConfig {
        let behavior = self.on_unauthenticated_request.as_deref();
        AuthenticateCognitoActionConfig::builder()
            .user_pool_arn(&self.user_pool_arn)
            .user_pool_client_id(&self.user_pool_client_id)
            .user_pool_domain(&self.user_pool_domain)
            .set_session_cookie_name(self.session_cookie_name.clone())
            .set_scope(self.scope.clone())
            .set_session_timeout(self.session_timeout)
            .set_authentication_request_extra_params(
                self.authentication_request_extra_params
                    .clone()
                    .map(|params| params.into_iter().collect()),
            )
            .set_on_unauthenticated_request(
                behavior.map(AuthenticateCognitoActionConditionalBehaviorEnum::from),
            )
            .build()
    }

    pub(super) fn from_sdk(config: &AuthenticateCognitoActionConfig) -> Self {
        let need = |value: Option<&str>| value.unwrap_or_default().to_owned();
        Self {
            user_pool_arn: need(config.user_pool_arn()),
            user_pool_client_id: need(config.user_pool_client_id()),
            user_pool_domain: need(config.user_pool_domain()),
            session_cookie_name: text(config.session_cookie_name()),
            scope: text(config.scope()),
            session_timeout: config.session_timeout,
            authentication_request_extra_params: params(
                config.authentication_request_extra_params(),
            ),
            on_unauthenticated_request: text(config.on_unauthenticated_request()),
        }
    }
}

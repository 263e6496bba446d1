//! What a listener does with a request.

use super::action_config::{
    AuthenticateCognitoConfig, AuthenticateOidcConfig, FixedResponseConfig, ForwardConfig,
    RedirectConfig, TargetGroupTuple,
};
use aws_sdk_elasticloadbalancingv2::types::{Action as SdkAction, ActionTypeEnum};
use ferrocrete_core::Input;

use crate::prelude::*;

/// What a listener does with a request. The last one of a list forwards, redirects or answers;
/// those before it authenticate.
///
/// ```
/// use ferrocrete_core::Output;
/// use ferrocrete_resources::elbv2::Action;
/// fn actions(target_group_arn: &Output<String>) {
///     Action::forward(target_group_arn);
///     Action::forward_weighted([(target_group_arn, 90), (target_group_arn, 10)]);
///     Action::redirect_to_https();
///     Action::fixed_response(404, "nothing here");
/// }
/// ```
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Action {
    /// `forward`, `redirect`, `fixed-response`, `authenticate-oidc` or `authenticate-cognito`.
    pub action_type: String,
    /// Place among several, from 1. Default: as in the list.
    #[field(server_default)]
    pub order: Option<i32>,
    /// Where a `forward` goes.
    pub forward_config: Option<ForwardConfig>,
    /// Where a `redirect` goes.
    pub redirect_config: Option<RedirectConfig>,
    /// What a `fixed-response` answers.
    pub fixed_response_config: Option<FixedResponseConfig>,
    /// Who may go on, by OpenID Connect.
    pub authenticate_oidc_config: Option<AuthenticateOidcConfig>,
    /// Who may go on, by a Cognito user pool.
    pub authenticate_cognito_config: Option<AuthenticateCognitoConfig>,
}

impl Action {
    /// To the targets of one group.
    pub fn forward(target_group_arn: impl Into<Input<String>>) -> Input<Self> {
        let group = TargetGroupTuple::builder().target_group_arn(target_group_arn);
        Self::forward_config(ForwardConfig::builder().target_groups([group]))
    }

    /// To several groups, by weight from 0 to 999.
    pub fn forward_weighted<A: Into<Input<String>>>(
        groups: impl IntoIterator<Item = (A, i32)>,
    ) -> Input<Self> {
        let tuple = |(arn, weight): (A, i32)| {
            TargetGroupTuple::builder().target_group_arn(arn).weight(weight)
        };
        let groups: Input<Vec<TargetGroupTuple>> = groups.into_iter().map(tuple).collect();
        Self::forward_config(ForwardConfig::builder().target_groups(groups))
    }

    /// To groups with weights and stickiness.
    pub fn forward_config(config: impl Into<Input<ForwardConfig>>) -> Input<Self> {
        Self::builder().action_type("forward").forward_config(config).into()
    }

    /// To the same address by HTTPS on port 443, for good.
    pub fn redirect_to_https() -> Input<Self> {
        let config = RedirectConfig::builder().protocol("HTTPS").port("443");
        Self::redirect(config.status_code("HTTP_301"))
    }

    /// To another address.
    pub fn redirect(config: impl Into<Input<RedirectConfig>>) -> Input<Self> {
        Self::builder().action_type("redirect").redirect_config(config).into()
    }

    /// An answer of the load balancer's own, in plain text.
    pub fn fixed_response(status_code: i32, body: impl Into<Input<String>>) -> Input<Self> {
        let config = FixedResponseConfig::builder().status_code(status_code);
        Self::fixed_response_config(config.content_type("text/plain").message_body(body))
    }

    /// An answer of the load balancer's own, of any kind.
    pub fn fixed_response_config(config: impl Into<Input<FixedResponseConfig>>) -> Input<Self> {
        Self::builder().action_type("fixed-response").fixed_response_config(config).into()
    }

    /// Lets people in by OpenID Connect.
    pub fn authenticate_oidc(config: impl Into<Input<AuthenticateOidcConfig>>) -> Input<Self> {
        Self::builder().action_type("authenticate-oidc").authenticate_oidc_config(config).into()
    }

    /// Lets people of a Cognito user pool in.
    pub fn authenticate_cognito(
        config: impl Into<Input<AuthenticateCognitoConfig>>,
    ) -> Input<Self> {
        let action = Self::builder().action_type("authenticate-cognito");
        action.authenticate_cognito_config(config).into()
    }
}

/// For the SDK; several are numbered as in the list.
pub(super) fn actions_to_sdk(actions: &[Action]) -> Vec<SdkAction> {
    let several = actions.len() > 1;
    let numbered = (1..).zip(actions);
    numbered
        .map(|(place, action)| {
            SdkAction::builder()
                .r#type(ActionTypeEnum::from(action.action_type.as_str()))
                .set_order(action.order.or(several.then_some(place)))
                .set_forward_config(action.forward_config.as_ref().map(ForwardConfig::to_sdk))
                .set_redirect_config(action.redirect_config.as_ref().map(RedirectConfig::to_sdk))
                .set_fixed_response_config(
                    action.fixed_response_config.as_ref().map(FixedResponseConfig::to_sdk),
                )
                .set_authenticate_oidc_config(
                    action.authenticate_oidc_config.as_ref().map(AuthenticateOidcConfig::to_sdk),
                )
                .set_authenticate_cognito_config(
                    action
                        .authenticate_cognito_config
                        .as_ref()
                        .map(AuthenticateCognitoConfig::to_sdk),
                )
                .build()
        })
        .collect()
}

/// As AWS has them, in their order.
pub(super) fn actions_from_sdk(actions: &[SdkAction]) -> Vec<Action> {
    let mut all: Vec<Action> = actions.iter().map(from_sdk).collect();
    all.sort_by_key(|action| action.order.unwrap_or(i32::MAX));
    all
}

fn from_sdk(action: &SdkAction) -> Action {
    // A forward to one group may be told by its ARN alone.
    let alone = action.target_group_arn().map(ForwardConfig::to_one);
    let forward = action.forward_config().filter(|f| !f.target_groups().is_empty());
    Action {
        action_type: text(action.r#type()).unwrap_or_default(),
        order: action.order,
        forward_config: forward.map(ForwardConfig::from_sdk).or(alone),
        redirect_config: action.redirect_config().map(RedirectConfig::from_sdk),
        fixed_response_config: action.fixed_response_config().map(FixedResponseConfig::from_sdk),
        authenticate_oidc_config: action
            .authenticate_oidc_config()
            .map(AuthenticateOidcConfig::from_sdk),
        authenticate_cognito_config: action
            .authenticate_cognito_config()
            .map(AuthenticateCognitoConfig::from_sdk),
    }
}

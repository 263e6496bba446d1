//! Actions of listeners: each kind as it is declared, changed, and as AWS has it.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::Action as SdkAction;
use ferrocrete_core::{Input, Stack};
use ferrocrete_resources::elbv2::{
    Action, AuthenticateCognitoConfig, AuthenticateOidcConfig, FixedResponseConfig, ForwardConfig,
    Listener, RedirectConfig, TargetGroupStickinessConfig, TargetGroupTuple,
};

use super::listener::find;
use super::{balancer, certificate, group, network};
use crate::world::World;

/// A listener with these actions.
fn program(
    balancer: &str,
    certificate: &str,
    actions: Vec<Input<Action>>,
) -> impl Fn(&Stack) + use<> {
    let (balancer, certificate) = (balancer.to_owned(), certificate.to_owned());
    move |stack| {
        let listener = Listener::builder().load_balancer_arn(balancer.as_str()).port(443);
        let listener = listener.protocol("HTTPS").certificate_arn(certificate.as_str());
        let actions: Input<Vec<Action>> = actions.clone().into_iter().collect();
        stack.add("it", listener.default_actions(actions));
    }
}

async fn live(elb: &Client, arn: &str) -> Vec<SdkAction> {
    find(elb, arn).await.unwrap().default_actions.unwrap()
}

#[tokio::test]
async fn each_kind() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let web = balancer(&aws, &network, "web", "application").await;
    let certificate = certificate(&aws, "a.example").await;
    let (a, b) =
        (group(&aws, &network, "a", "HTTP").await, group(&aws, &network, "b", "HTTP").await);
    let to = |actions: Vec<Input<Action>>| program(&web, &certificate, actions);
    world.up(to(vec![Action::forward(a.as_str())])).await;
    let id = world.id("it").await;
    assert_eq!(live(elb, &id).await[0].target_group_arn(), Some(a.as_str()));
    let becomes = async |actions: Vec<Input<Action>>| {
        world.updates(to(actions), "it", &["default_actions"]).await;
        live(elb, &id).await
    };

    let shares = Action::forward_weighted([(a.as_str(), 90), (b.as_str(), 10)]);
    let now = becomes(vec![shares]).await;
    let weights = |action: &SdkAction| {
        let groups = action.forward_config().unwrap().target_groups().iter();
        let pair = |g: &aws_sdk_elasticloadbalancingv2::types::TargetGroupTuple| {
            (g.target_group_arn.clone().unwrap(), g.weight.unwrap())
        };
        groups.map(pair).collect::<Vec<_>>()
    };
    assert_eq!(weights(&now[0]), [(a.clone(), 90), (b.clone(), 10)]);
    // The order of groups means nothing.
    let swapped = Action::forward_weighted([(b.as_str(), 10), (a.as_str(), 90)]);
    assert_eq!(world.up(to(vec![swapped])).await, [""; 0]);

    let sticky = ForwardConfig::builder()
        .target_groups([TargetGroupTuple::builder().target_group_arn(a.as_str())])
        .target_group_stickiness_config(
            TargetGroupStickinessConfig::builder().enabled(true).duration_seconds(60),
        );
    let now = becomes(vec![Action::forward_config(sticky)]).await;
    let config = now[0].forward_config().unwrap().target_group_stickiness_config().unwrap();
    assert_eq!((config.enabled(), config.duration_seconds()), (Some(true), Some(60)));

    let elsewhere = RedirectConfig::builder()
        .status_code("HTTP_302")
        .protocol("HTTPS")
        .port("8443")
        .host("b.example")
        .path("/new/#{path}")
        .query("from=a");
    let now = becomes(vec![Action::redirect(elsewhere)]).await;
    let redirect = now[0].redirect_config().unwrap();
    assert_eq!(redirect.status_code().unwrap().as_str(), "HTTP_302");
    assert_eq!((redirect.host(), redirect.port()), (Some("b.example"), Some("8443")));
    assert_eq!((redirect.path(), redirect.query()), (Some("/new/#{path}"), Some("from=a")));

    let now = becomes(vec![Action::fixed_response(404, "nothing here")]).await;
    let fixed = now[0].fixed_response_config().unwrap();
    assert_eq!((fixed.status_code(), fixed.content_type()), (Some("404"), Some("text/plain")));
    assert_eq!(fixed.message_body(), Some("nothing here"));
    let json = FixedResponseConfig::builder().status_code(503).content_type("application/json");
    let now = becomes(vec![Action::fixed_response_config(json.message_body("{}"))]).await;
    let fixed = now[0].fixed_response_config().unwrap();
    assert_eq!((fixed.status_code(), fixed.message_body()), (Some("503"), Some("{}")));
    // Without a body.
    let json = FixedResponseConfig::builder().status_code(503).content_type("application/json");
    let now = becomes(vec![Action::fixed_response_config(json)]).await;
    assert_eq!(now[0].fixed_response_config().unwrap().message_body(), None);
}

#[tokio::test]
async fn drift_of_an_action_is_taken_back() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let web = balancer(&aws, &network, "web", "application").await;
    let certificate = certificate(&aws, "a.example").await;
    let (a, b) =
        (group(&aws, &network, "a", "HTTP").await, group(&aws, &network, "b", "HTTP").await);
    let program = program(&web, &certificate, vec![Action::forward(a.as_str())]);
    world.up(&program).await;
    let id = world.id("it").await;
    let mut other = live(elb, &id).await.remove(0);
    other.target_group_arn = Some(b);
    other.forward_config = None;
    elb.modify_listener().listener_arn(&id).default_actions(other).send().await.unwrap();
    world.updates(&program, "it", &["default_actions"]).await;
    assert_eq!(live(elb, &id).await[0].target_group_arn(), Some(a.as_str()));
}

#[tokio::test]
async fn people_have_to_log_in_first() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let web = balancer(&aws, &network, "web", "application").await;
    let certificate = certificate(&aws, "a.example").await;
    let group = group(&aws, &network, "a", "HTTP").await;
    let oidc = |secret: &'static str, scope: Option<&'static str>| {
        let config = AuthenticateOidcConfig::builder()
            .issuer("https://login.example")
            .authorization_endpoint("https://login.example/auth")
            .token_endpoint("https://login.example/token")
            .user_info_endpoint("https://login.example/user")
            .client_id("shop")
            .client_secret(secret)
            .session_cookie_name("login")
            .session_timeout(3600)
            .authentication_request_extra_params([("prompt", "login")])
            .on_unauthenticated_request("deny")
            .maybe_scope(scope);
        let login = Action::authenticate_oidc(config);
        program(&web, &certificate, vec![login, Action::forward(group.as_str())])
    };
    world.up(oidc("s3cret-one", None)).await;
    let id = world.id("it").await;
    let all = live(elb, &id).await;
    assert_eq!((all[0].order(), all[1].order()), (Some(1), Some(2)));
    let config = all[0].authenticate_oidc_config().unwrap();
    assert_eq!(
        (config.issuer(), config.client_id()),
        (Some("https://login.example"), Some("shop"))
    );
    assert_eq!((config.scope(), config.session_timeout()), (Some("openid"), Some(3600)));
    assert_eq!(config.session_cookie_name(), Some("login"));
    assert_eq!(config.on_unauthenticated_request().unwrap().as_str(), "deny");
    assert_eq!(config.authentication_request_extra_params().unwrap()["prompt"], "login");
    assert!(!world.stored().contains("s3cret"));
    // AWS never returns the secret; another one is a change all the same.
    world.updates(oidc("s3cret-two", None), "it", &["default_actions"]).await;
    world.updates(oidc("s3cret-two", Some("openid email")), "it", &["default_actions"]).await;
    let all = live(elb, &id).await;
    assert_eq!(all[0].authenticate_oidc_config().unwrap().scope(), Some("openid email"));
    assert!(!world.stored().contains("s3cret"));
    world.destroy().await;

    let pool = "arn:aws:cognito-idp:eu-central-1:1:userpool/eu-central-1_a";
    let config = AuthenticateCognitoConfig::builder()
        .user_pool_arn(pool)
        .user_pool_client_id("client")
        .user_pool_domain("shop")
        .session_timeout(60);
    let login = Action::authenticate_cognito(config);
    world.up(program(&web, &certificate, vec![login, Action::forward(group.as_str())])).await;
    let all = live(elb, &world.id("it").await).await;
    let config = all[0].authenticate_cognito_config().unwrap();
    assert_eq!((config.user_pool_arn(), config.user_pool_domain()), (Some(pool), Some("shop")));
    assert_eq!(
        (config.user_pool_client_id(), config.session_timeout()),
        (Some("client"), Some(60))
    );
}

//! `AWS::ElasticLoadBalancingV2::ListenerRule`.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{
    Action as SdkAction, ActionTypeEnum, FixedResponseActionConfig, Rule, RuleCondition,
    RulePriorityPair,
};
use ferrocrete_core::error::ErrorKind;
use ferrocrete_core::{Input, Stack};
use ferrocrete_resources::elbv2::{Action, Condition, Listener, ListenerRule};

use super::{balancer, network, tag, tag_by_hand};
use crate::world::World;

async fn find(elb: &Client, arn: &str) -> Option<Rule> {
    let all = elb.describe_rules().rule_arns(arn).send().await.ok()?;
    all.rules.unwrap_or_default().into_iter().next()
}

/// What a test changes.
#[derive(Clone)]
struct Wanted {
    priority: i32,
    conditions: Vec<Input<Condition>>,
    body: &'static str,
    owner: Option<&'static str>,
}

impl Default for Wanted {
    fn default() -> Self {
        let conditions = vec![Condition::path(["/api/*"])];
        Self { priority: 10, conditions, body: "api", owner: Some("anna") }
    }
}

fn listener(
    stack: &Stack,
    name: &str,
    balancer: &str,
    port: i32,
) -> ferrocrete_core::Handle<Listener> {
    let listener = Listener::builder().load_balancer_arn(balancer).port(port).protocol("HTTP");
    stack.add(name, listener.default_actions([Action::fixed_response(404, "nothing")]))
}

fn program(balancer: &str, port: i32, wanted: Wanted) -> impl Fn(&Stack) + use<> {
    let balancer = balancer.to_owned();
    move |stack| {
        let http = listener(stack, &format!("http-{port}"), &balancer, port);
        let wanted = wanted.clone();
        let conditions: Input<Vec<Condition>> = wanted.conditions.into_iter().collect();
        let rule = ListenerRule::builder()
            .listener_arn(&http.listener_arn)
            .priority(wanted.priority)
            .conditions(conditions)
            .actions([Action::fixed_response(200, wanted.body)]);
        stack.add("it", rule.maybe_tags(wanted.owner.map(|owner| [("owner", owner)])));
    }
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let web = balancer(&aws, &network, "web", "application").await;
    let to = |wanted: Wanted| program(&web, 80, wanted);
    assert_eq!(world.up(to(Wanted::default())).await, ["create http-80", "create it"]);
    let id = world.id("it").await;
    assert_eq!(world.output("it", "rule_arn").await, id);
    let made = find(elb, &id).await.unwrap();
    assert_eq!(made.priority(), Some("10"));
    assert_eq!(made.conditions()[0].path_pattern_config().unwrap().values(), ["/api/*"]);
    let body = |rule: &Rule| {
        let config = rule.actions()[0].fixed_response_config().unwrap();
        config.message_body().unwrap().to_owned()
    };
    assert_eq!(body(&made), "api");
    assert_eq!(tag(elb, &id, "owner").await.as_deref(), Some("anna"));

    world.updates(to(Wanted { priority: 20, ..Wanted::default() }), "it", &["priority"]).await;
    assert_eq!(find(elb, &id).await.unwrap().priority(), Some("20"));
    let other = Wanted { priority: 20, body: "v2", ..Wanted::default() };
    world.updates(to(other.clone()), "it", &["actions"]).await;
    assert_eq!(body(&find(elb, &id).await.unwrap()), "v2");
    world.updates(to(Wanted { owner: Some("ben"), ..other.clone() }), "it", &["tags"]).await;
    assert_eq!(tag(elb, &id, "owner").await.as_deref(), Some("ben"));
    tag_by_hand(elb, &id, "cost", "7").await;
    let other = Wanted { owner: None, ..other };
    world.updates(to(other.clone()), "it", &["tags"]).await;
    assert_eq!(tag(elb, &id, "owner").await, None);
    assert_eq!(tag(elb, &id, "cost").await.as_deref(), Some("7"));

    // Drift: somebody gives it another place.
    let pair = RulePriorityPair::builder().rule_arn(&id).priority(30).build();
    elb.set_rule_priorities().rule_priorities(pair).send().await.unwrap();
    world.updates(to(other.clone()), "it", &["priority"]).await;
    assert_eq!(find(elb, &id).await.unwrap().priority(), Some("20"));
    // Drift: somebody deletes it.
    elb.delete_rule().rule_arn(&id).send().await.unwrap();
    assert_eq!(world.up(to(other)).await, ["create it"]);
    let last = world.id("it").await;
    world.destroy().await;
    assert!(find(elb, &last).await.is_none());
    // It went with its listener.
    assert_eq!(world.count("elasticloadbalancing:DeleteListener").await, 1);
    assert_eq!(world.count("elasticloadbalancing:DeleteRule").await, 1);
}

#[tokio::test]
async fn another_listener_is_another_rule() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let web = balancer(&aws, &network, "web", "application").await;
    let program = |second: bool| {
        let web = web.clone();
        move |stack: &Stack| {
            let listeners = [listener(stack, "a", &web, 80), listener(stack, "b", &web, 81)];
            let rule = ListenerRule::builder()
                .listener_arn(&listeners[usize::from(second)].listener_arn)
                .priority(10)
                .conditions([Condition::path(["/api/*"])])
                .actions([Action::redirect_to_https()]);
            stack.add("it", rule);
        }
    };
    world.up(program(false)).await;
    let (old, new) = world.replaces(program(true), "it", &["listener_arn"]).await;
    assert!(find(elb, &old).await.is_none() && find(elb, &new).await.is_some());
}

#[tokio::test]
async fn each_kind_of_condition() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let web = balancer(&aws, &network, "web", "application").await;
    let to = |conditions: Vec<Input<Condition>>| {
        program(&web, 80, Wanted { conditions, ..Wanted::default() })
    };
    world.up(to(vec![Condition::path(["/a"])])).await;
    let id = world.id("it").await;
    let becomes = async |conditions: Vec<Input<Condition>>| {
        world.updates(to(conditions), "it", &["conditions"]).await;
        find(elb, &id).await.unwrap().conditions.unwrap()
    };
    let now = becomes(vec![Condition::path(["/a", "/b"])]).await;
    assert_eq!(now[0].path_pattern_config().unwrap().values(), ["/a", "/b"]);
    // The order means nothing.
    assert_eq!(world.up(to(vec![Condition::path(["/b", "/a"])])).await, [""; 0]);
    let now = becomes(vec![Condition::host(["a.example", "*.b.example"])]).await;
    assert_eq!(now[0].host_header_config().unwrap().values(), ["a.example", "*.b.example"]);
    let now = becomes(vec![Condition::http_header("X-Tenant", ["a", "b"])]).await;
    let header = now[0].http_header_config().unwrap();
    assert_eq!(header.http_header_name(), Some("X-Tenant"));
    assert_eq!(header.values(), ["a", "b"]);
    let now = becomes(vec![Condition::http_method(["GET", "HEAD"])]).await;
    assert_eq!(now[0].http_request_method_config().unwrap().values(), ["GET", "HEAD"]);
    let now = becomes(vec![Condition::source_ip(["10.0.0.0/8"])]).await;
    assert_eq!(now[0].source_ip_config().unwrap().values(), ["10.0.0.0/8"]);
    becomes(vec![Condition::source_ip(["2001:DB8::/32", "10.0.0.0/8"])]).await;
    let again = vec![Condition::source_ip(["10.0.0.0/8", "2001:db8:0::/32"])];
    assert_eq!(world.up(to(again)).await, [""; 0]);
    let now = becomes(vec![Condition::query_string([("v", "1"), ("", "*beta*")])]).await;
    let pairs = now[0].query_string_config().unwrap().values();
    let pairs: Vec<_> = pairs.iter().map(|p| (p.key(), p.value())).collect();
    assert_eq!(pairs, [(Some("v"), Some("1")), (None, Some("*beta*"))]);
    let both = vec![Condition::http_method(["POST"]), Condition::path(["/a"])];
    let now = becomes(both).await;
    assert_eq!(now.len(), 2);
    let swapped = vec![Condition::path(["/a"]), Condition::http_method(["POST"])];
    assert_eq!(world.up(to(swapped)).await, [""; 0]);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    let web = balancer(&aws, &network, "web", "application").await;
    let program = program(&web, 80, Wanted::default());
    world.finds(program, "it", "elasticloadbalancing:CreateRule").await;
}

#[tokio::test]
async fn a_priority_that_another_rule_has_is_refused() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    let web = balancer(&aws, &network, "web", "application").await;
    let only = |names: &'static [&'static str]| {
        let web = web.clone();
        move |stack: &Stack| {
            let http = listener(stack, "http", &web, 80);
            for name in names {
                let rule = ListenerRule::builder().listener_arn(&http.listener_arn).priority(10);
                let rule = rule.conditions([Condition::path([format!("/{name}")])]);
                stack.add(name, rule.actions([Action::fixed_response(200, *name)]));
            }
        }
    };
    world.up(only(&[])).await;
    // Declared twice: known before anything is done.
    let error = world.try_up(only(&["it", "other"])).await.map(drop).unwrap_err();
    assert!(error.to_string().contains("`listener_arn` and `priority`"), "{error}");
    // Somebody else has it.
    let path = RuleCondition::builder().field("path-pattern").values("/theirs").build();
    let gone = FixedResponseActionConfig::builder().status_code("410").build();
    let gone = SdkAction::builder()
        .r#type(ActionTypeEnum::FixedResponse)
        .fixed_response_config(gone)
        .build();
    let theirs = aws.elasticloadbalancingv2().create_rule().priority(10).conditions(path);
    let theirs = theirs.listener_arn(world.id("http").await).actions(gone);
    theirs.send().await.unwrap();
    let (_, report) = world.try_up(only(&["it"])).await.unwrap();
    let error = &report.failures[0].error;
    assert!(error.has_code("PriorityInUse"), "{error}");
    assert_eq!(error.kind, ErrorKind::AlreadyExists);
}

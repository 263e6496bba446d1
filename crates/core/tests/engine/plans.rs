//! Plans: what is created, kept, refused.

use ferrocrete_core::plan::{Action, PlanError, Reason};
use ferrocrete_core::program::Node;
use ferrocrete_core::{Error, Options, Stack, interpolate};

use super::types::{Network, Rule, Server};
use super::world::{World, action, changes};

fn program(stack: &Stack) {
    stack.default_tags([("owner", "anna")]);
    let net = stack.add("net", Network::builder().cidr("10.0.0.0/16"));
    let web = stack.add("web", Server::builder().network_id(&net.network_id).size(2));
    stack.add("ssh", Rule::builder().network_id(&net.network_id).port(22));
    stack.export("url", interpolate!("http://{}/", &web.address));
}

#[tokio::test(start_paused = true)]
async fn up_then_nothing_to_do_then_destroy() {
    let world = World::new();
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(report.done.create, 3);
    assert_eq!(report.exports["url"].as_str(), Some("http://10.0.0.2/"));
    assert_eq!(world.cloud.existing().len(), 3);
    world.cloud.take_calls();

    let plan = world.plan(program).await;
    assert!(plan.is_empty(), "{:?}", changes(&plan));
    // One read per type, however many there are.
    let mut calls = world.cloud.take_calls();
    calls.sort();
    assert_eq!(calls, ["read network", "read rule", "read server"]);

    let report = world.destroy().await;
    assert!(report.is_success(), "{report:?}");
    assert!(world.cloud.existing().is_empty());
    // The rule goes with its network, without a call of its own.
    let calls = world.cloud.take_calls();
    assert!(!calls.contains(&"delete rule".to_owned()), "{calls:?}");
    assert!(world.state().await.resources.is_empty());
}

#[tokio::test(start_paused = true)]
async fn creates_make_no_needless_calls() {
    let world = World::new();
    world
        .up(|s| {
            let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
            for i in 0..20 {
                s.add(&format!("r{i}"), Rule::builder().network_id(&net.network_id).port(i));
            }
        })
        .await;
    let calls = world.cloud.take_calls();
    assert_eq!(calls.len(), 21, "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn an_update_in_place_is_one_update() {
    let world = World::new();
    world.up(program).await;
    let bigger = |stack: &Stack| {
        stack.default_tags([("owner", "anna")]);
        let net = stack.add("net", Network::builder().cidr("10.0.0.0/16"));
        let web = stack.add("web", Server::builder().network_id(&net.network_id).size(3));
        stack.add("ssh", Rule::builder().network_id(&net.network_id).port(22));
        stack.export("url", interpolate!("http://{}/", &web.address));
    };
    let plan = world.plan(bigger).await;
    assert_eq!(changes(&plan), ["update web"]);
    // The address follows the size, so the plan cannot know it.
    assert!(plan.exports["url"].new.as_ref().unwrap().has_unknown());
    let report = world.up(bigger).await;
    assert_eq!(report.done.update, 1);
    assert_eq!(report.exports["url"].as_str(), Some("http://10.0.0.3/"));
    assert!(world.plan(bigger).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_plan_is_deterministic() {
    let world = World::new();
    let one = world.plan(program).await;
    let two = world.plan(program).await;
    assert_eq!(one, two);
}

#[tokio::test(start_paused = true)]
async fn protected_resources_stop_the_plan() {
    let world = World::new();
    let with = |cidr: &'static str| {
        move |s: &Stack| {
            s.add_with("net", Network::builder().cidr(cidr), Options::new().protect(true));
        }
    };
    world.up(with("10.0.0.0/16")).await;
    let graph = world.graph(with("10.9.0.0/16")).unwrap();
    let error = world.engine().plan(&graph).await.unwrap_err();
    assert!(matches!(error, Error::Plan(PlanError::Protected { .. })), "{error}");
    let error = world.engine().plan_destroy().await.unwrap_err();
    assert!(error.to_string().contains("`net`"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn retained_resources_are_forgotten_not_deleted() {
    let world = World::new();
    world
        .up(|s| {
            let options = Options::new().retain_on_delete(true);
            s.add_with("net", Network::builder().cidr("10.0.0.0/16"), options);
        })
        .await;
    world.up(|_| {}).await;
    assert!(world.state().await.resources.is_empty());
    assert_eq!(world.cloud.existing().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_removed_property_is_unset_and_ignored_changes_are_kept() {
    let world = World::new();
    let described = |text: Option<&'static str>, ignore: bool| {
        move |s: &Stack| {
            let options = if ignore {
                Options::new().ignore_changes(["description"])
            } else {
                Options::new()
            };
            let net = Network::builder().cidr("10.0.0.0/16").maybe_description(text);
            s.add_with("net", net, options);
        }
    };
    world.up(described(Some("one"), false)).await;
    assert!(world.plan(described(Some("two"), true)).await.is_empty());
    let plan = world.plan(described(None, false)).await;
    assert_eq!(changes(&plan), ["update net"]);
    world.up(described(None, false)).await;
    assert!(world.plan(described(None, false)).await.is_empty());
}

#[test]
fn a_cycle_is_named() {
    let world = World::new();
    let error = world
        .graph(|s| {
            let a = s.add("a", Network::builder().cidr("10.0.0.0/16"));
            let b = s.add("b", Server::builder().network_id(&a.network_id));
            let c = s.add("c", Server::builder().network_id(&a.network_id));
            s.add_dependency(&b, &c);
            s.add_dependency(&c, &b);
        })
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("b\n  -> c\n  -> b"), "{text}");
}

#[test]
fn names_and_options_are_checked_together() {
    let world = World::new();
    let error = world
        .graph(|s| {
            s.add("a b", Network::builder().cidr("10.0.0.0/16"));
            s.add("net", Network::builder().cidr("10.0.0.0/16"));
            s.add("net", Network::builder().cidr("10.1.0.0/16"));
            let options = Options::new().ignore_changes(["colour"]);
            s.add_with("x", Network::builder().cidr("10.0.0.0/16"), options);
        })
        .unwrap_err()
        .to_string();
    for part in ["`a b` is not valid", "`net` (Fake::Network) is declared twice", "`colour`"] {
        assert!(error.contains(part), "{part} is missing in:\n{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn reasons_name_the_chain() {
    let world = World::new();
    world.up(program).await;
    let moved = |stack: &Stack| {
        stack.default_tags([("owner", "anna")]);
        let net = stack.add("net", Network::builder().cidr("10.7.0.0/16"));
        let web = stack.add("web", Server::builder().network_id(&net.network_id).size(2));
        stack.add("ssh", Rule::builder().network_id(&net.network_id).port(22));
        stack.export("url", interpolate!("http://{}/", &web.address));
        assert_eq!(net.urn().name(), "net");
    };
    let plan = world.plan(moved).await;
    assert_eq!(action(&plan, "net"), Action::Replace);
    let web = plan.steps.iter().find(|s| s.urn.name() == "web").unwrap();
    assert_eq!(web.action, Action::Replace);
    let Reason::Dependency { property, urn, action } = &web.reasons[0] else {
        panic!("{:?}", web.reasons)
    };
    assert_eq!((property.as_str(), urn.name(), *action), ("network_id", "net", Action::Replace));
    let net = plan.steps.iter().find(|s| s.urn.name() == "net").unwrap();
    assert_eq!(net.reasons[0], Reason::Changed { property: "cidr".into() });
}

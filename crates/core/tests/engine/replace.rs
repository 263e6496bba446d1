//! Replacements: order of create and delete, and what they carry with them.

use ferrocrete_core::plan::{Action, Reason};
use ferrocrete_core::{Options, Stack};

use super::types::{Network, Rule, Server};
use super::world::{World, changes};

fn chain(cidr: &'static str, delete_first: bool) -> impl Fn(&Stack) {
    move |s: &Stack| {
        let options = Options::new().delete_before_replace(delete_first);
        let net = s.add_with("net", Network::builder().cidr(cidr), options);
        s.add("web", Server::builder().network_id(&net.network_id));
    }
}

fn order(calls: &[String]) -> Vec<&str> {
    let changing = |c: &&String| c.starts_with("create") || c.starts_with("delete");
    calls.iter().filter(changing).map(String::as_str).collect()
}

#[tokio::test(start_paused = true)]
async fn creates_first_and_deletes_in_reverse() {
    let world = World::new();
    world.up(chain("10.0.0.0/16", false)).await;
    world.cloud.take_calls();
    let report = world.up(chain("10.1.0.0/16", false)).await;
    assert!(report.is_success(), "{report:?}");
    let calls = world.cloud.take_calls();
    assert_eq!(
        order(&calls),
        ["create network", "create server", "delete server", "delete network"]
    );
    assert_eq!(world.cloud.existing().len(), 2);
    assert!(world.plan(chain("10.1.0.0/16", false)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn delete_first_takes_dependents_along() {
    let world = World::new();
    world.up(chain("10.0.0.0/16", true)).await;
    world.cloud.take_calls();
    world.up(chain("10.1.0.0/16", true)).await;
    let calls = world.cloud.take_calls();
    assert_eq!(
        order(&calls),
        ["delete server", "delete network", "create network", "create server"]
    );
    assert_eq!(world.cloud.existing().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_fixed_name_forces_delete_first() {
    let world = World::new();
    let named = |cidr: &'static str| {
        move |s: &Stack| {
            s.add("net", Network::builder().cidr(cidr).name("fixed"));
        }
    };
    world.up(named("10.0.0.0/16")).await;
    world.cloud.take_calls();
    world.up(named("10.1.0.0/16")).await;
    assert_eq!(order(&world.cloud.take_calls()), ["delete network", "create network"]);
}

/// A server in a slot, if any, of the first or second network.
fn slotted(net: usize, slot: Option<i32>, image: &'static str) -> impl Fn(&Stack) {
    move |s: &Stack| {
        let nets = ["10.0.0.0/16", "10.1.0.0/16"].map(|c| (c, Network::builder().cidr(c)));
        let nets = nets.map(|(c, net)| s.add(&format!("net-{}", &c[3..4]), net));
        let web = Server::builder().network_id(&nets[net].network_id).image(image);
        s.add("web", web.maybe_slot(slot));
    }
}

#[tokio::test(start_paused = true)]
async fn what_only_one_can_have_is_given_up_first() {
    let world = World::new();
    world.up(slotted(0, Some(7), "a")).await;
    let plan = world.plan(slotted(0, Some(7), "b")).await;
    let step = plan.steps.iter().find(|s| s.action == Action::Replace).unwrap();
    let stays = Reason::Unique { properties: vec!["network_id".into(), "slot".into()] };
    assert_eq!(step.reasons, [Reason::Changed { property: "image".into() }, stays]);
    world.cloud.take_calls();
    world.up(slotted(0, Some(7), "b")).await;
    assert_eq!(order(&world.cloud.take_calls()), ["delete server", "create server"]);
    // Part of it changes, or it is not declared: old and new can stand side by side.
    for next in [slotted(1, Some(7), "b"), slotted(1, Some(8), "c"), slotted(1, None, "d")] {
        world.up(next).await;
        assert_eq!(order(&world.cloud.take_calls()), ["create server", "delete server"]);
    }
    world.up(slotted(1, None, "e")).await;
    assert_eq!(order(&world.cloud.take_calls()), ["create server", "delete server"]);
}

#[tokio::test(start_paused = true)]
async fn the_program_has_the_last_word_on_what_goes_first() {
    let world = World::new();
    let program = |image: &'static str| {
        move |s: &Stack| {
            let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
            let web = Server::builder().network_id(&net.network_id).slot(7).image(image);
            s.add_with("web", web, Options::new().delete_before_replace(false));
        }
    };
    world.up(program("a")).await;
    world.cloud.take_calls();
    world.up(program("b")).await;
    assert_eq!(order(&world.cloud.take_calls()), ["create server", "delete server"]);
}

#[tokio::test(start_paused = true)]
async fn another_spelling_of_a_value_is_no_change() {
    let world = World::new();
    let program = |protocol: &'static str| {
        move |s: &Stack| {
            let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
            s.add("r", Rule::builder().network_id(&net.network_id).port(1).protocol(protocol));
        }
    };
    world.up(program("tcp")).await;
    assert!(world.plan(program("6")).await.is_empty());
    assert_eq!(changes(&world.plan(program("17")).await), ["replace r", "delete replaced r"]);
    world.up(program("udp")).await;
    assert!(world.plan(program("17")).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn removing_what_others_used_waits_until_they_let_go() {
    let world = World::new();
    world
        .up(|s: &Stack| {
            let a = s.add("a", Network::builder().cidr("10.0.0.0/16"));
            let b = s.add("b", Network::builder().cidr("10.1.0.0/16"));
            let peer = Rule::builder().network_id(&a.network_id).peer_id(&b.network_id).port(1);
            s.add("r", peer);
        })
        .await;
    world.cloud.take_calls();
    let report = world
        .up(|s: &Stack| {
            let a = s.add("a", Network::builder().cidr("10.0.0.0/16"));
            s.add("r", Rule::builder().network_id(&a.network_id).port(1));
        })
        .await;
    assert!(report.is_success(), "{report:?}");
    let calls = world.cloud.take_calls();
    assert_eq!(order(&calls), ["create rule", "delete rule", "delete network"]);
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_holds_another_network_is_deleted_itself() {
    let world = World::new();
    world
        .up(|s: &Stack| {
            let a = s.add("a", Network::builder().cidr("10.0.0.0/16"));
            let b = s.add("b", Network::builder().cidr("10.1.0.0/16"));
            s.add("ab", Rule::builder().network_id(&a.network_id).peer_id(&b.network_id).port(1));
            s.add("ba", Rule::builder().network_id(&b.network_id).peer_id(&a.network_id).port(1));
        })
        .await;
    world.cloud.take_calls();
    world.destroy().await;
    let calls = world.cloud.take_calls();
    let deleted = calls.iter().filter(|c| *c == "delete rule").count();
    assert_eq!(deleted, 2, "{calls:?}");
    assert!(world.cloud.existing().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_value_that_comes_out_the_same_cancels_the_replacement() {
    let world = World::new();
    let program = |size: i32| {
        move |s: &Stack| {
            let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
            let web = s.add("web", Server::builder().network_id(&net.network_id).size(size));
            // The part of the address that does not change with the size.
            let prefix = web.address.map(|a| a.rsplit_once('.').map(|p| p.0.to_owned()));
            let cidr = prefix.map(|p| format!("{}.0/24", p.unwrap_or_default()));
            s.add("inner", Network::builder().cidr(&cidr));
        }
    };
    world.up(program(1)).await;
    let plan = world.plan(program(2)).await;
    assert_eq!(changes(&plan), ["update web", "replace inner", "delete replaced inner"]);
    world.cloud.take_calls();
    let report = world.up(program(2)).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(order(&world.cloud.take_calls()), Vec::<&str>::new());
    assert!(world.plan(program(2)).await.is_empty());
}

/// `inner` is replaced unless it proves that what it is made from stays as it is.
fn flipping(size: i32, description: &'static str) -> impl Fn(&Stack) {
    move |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let web = s.add("web", Server::builder().network_id(&net.network_id).size(size));
        let prefix = web.address.map(|a| a.rsplit_once('.').map(|p| p.0.to_owned()));
        let cidr = prefix.map(|p| format!("{}.0/24", p.unwrap_or_default()));
        s.add("inner", Network::builder().cidr(&cidr).description(description));
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_replacement_undoes_drift_all_the_same() {
    let world = World::new();
    world.up(flipping(1, "ours")).await;
    let inner = world.cloud.existing().into_iter().filter(|(_, kind)| *kind == "network").nth(1);
    let inner = inner.unwrap().0;
    world.cloud.meddle(&inner, "description", "theirs".into());
    let report = world.up(flipping(2, "ours")).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(world.cloud.get(&inner).unwrap().props["description"], "ours");
    assert!(world.plan(flipping(2, "ours")).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_replacement_finishes_an_update_that_failed() {
    let world = World::new();
    world.up(flipping(1, "old")).await;
    world.cloud.trouble("update network", super::cloud::Trouble::Says("no".into()));
    assert_eq!(world.up(flipping(1, "new")).await.failures.len(), 1);
    let report = world.up(flipping(2, "new")).await;
    assert!(report.is_success(), "{report:?}");
    let networks = world.cloud.existing().into_iter().filter(|(_, kind)| *kind == "network");
    let inner = networks.map(|(id, _)| world.cloud.get(&id).unwrap()).nth(1).unwrap();
    assert_eq!(inner.props["description"], "new");
    assert!(world.plan(flipping(2, "new")).await.is_empty());
}

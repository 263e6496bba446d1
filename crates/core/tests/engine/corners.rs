//! Plans that are late, and replacements that only seem unnecessary.

use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::plan::{PlanError, Reason, plan_destroy};
use ferrocrete_core::resource::ProviderConfig;
use ferrocrete_core::state::{Completeness, State};
use ferrocrete_core::{Error, Options, Stack, Urn};

use super::types::{Network, Server};
use super::world::{World, changes, holder};

fn net(s: &Stack) {
    s.add("net", Network::builder().cidr("10.0.0.0/16"));
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_applied_once() {
    let world = World::new();
    let graph = world.graph(net).unwrap();
    let session = world.engine().session(&holder()).await.unwrap();
    let plan = session.plan(&graph).await.unwrap();
    let interrupt = Interrupt::new();
    assert!(session.apply(Some(&graph), &plan, &interrupt).await.unwrap().is_success());
    let again = session.apply(Some(&graph), &plan, &interrupt).await.unwrap_err();
    assert!(matches!(again, Error::Plan(PlanError::Stale { .. })), "{again}");
    assert!(again.to_string().contains("make the plan again"), "{again}");
    session.close().await.unwrap();
    assert_eq!(world.cloud.existing().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_yesterday_is_refused() {
    let world = World::new();
    let graph = world.graph(net).unwrap();
    let late = world.engine().plan(&graph).await.unwrap();
    world.up(net).await;
    let session = world.engine().session(&holder()).await.unwrap();
    let error = session.apply(Some(&graph), &late, &Interrupt::new()).await.unwrap_err();
    assert!(matches!(error, Error::Plan(PlanError::Stale { .. })), "{error}");
    let other = ferrocrete_core::plan::Plan { stack: "prod".into(), ..late };
    let error = session.apply(Some(&graph), &other, &Interrupt::new()).await.unwrap_err();
    assert!(matches!(error, Error::Plan(PlanError::OtherStack { .. })), "{error}");
    session.close().await.unwrap();
    assert_eq!(world.cloud.existing().len(), 1);
}

/// `b` reads from `a` what is not known before the apply, and then turns out to be as it was.
fn pair(size: i32) -> impl Fn(&Stack) {
    move |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let a = s.add("a", Server::builder().network_id(&net.network_id).size(size));
        let image = a.address.map(|_| "the same".to_owned());
        s.add("b", Server::builder().network_id(&net.network_id).image(&image));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_broken_is_replaced_whatever_turns_out_to_be_the_same() {
    let world = World::new();
    world.up(pair(1)).await;
    let before = world.cloud.existing();
    let state = world.state().await;
    let id = |state: &State, name: &str| {
        let found = state.resources.values().find(|r| r.urn.name() == name);
        found.unwrap().id.clone()
    };
    let broken = id(&state, "b");
    world.cloud.inner.lock().unwrap().items.get_mut(&broken).unwrap().broken =
        Some("failed".into());
    let report = world.up(pair(2)).await;
    assert!(report.is_success(), "{report:?}");
    assert_ne!(id(&world.state().await, "b"), broken);
    assert_eq!(world.cloud.existing().len(), before.len());
}

/// As [`pair`], with `b` in another region.
fn far(size: i32) -> impl Fn(&Stack) {
    move |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let a = s.add("a", Server::builder().network_id(&net.network_id).size(size));
        let image = a.address.map(|_| "the same".to_owned());
        let provider = ProviderConfig { region: Some("venus-1".into()), ..Default::default() };
        let b = Server::builder().network_id(&net.network_id).image(&image);
        s.add_with("b", b, Options::new().provider(provider));
    }
}

#[tokio::test(start_paused = true)]
async fn another_region_replaces_whatever_turns_out_to_be_the_same() {
    let world = World::new();
    world.up(pair(1)).await;
    let report = world.up(far(2)).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(report.done.replace, 1, "{report:?}");
    assert_eq!(world.cloud.existing().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn protection_is_taken_away_before_a_replacement() {
    let program = |cidr: &'static str, protect: bool| {
        move |s: &Stack| {
            let options = Options::new().protect(protect);
            s.add_with("net", Network::builder().cidr(cidr), options);
        }
    };
    let world = World::new();
    world.up(program("10.0.0.0/16", true)).await;
    let both = world.try_up(program("10.1.0.0/16", false), &Interrupt::new()).await.unwrap_err();
    assert!(matches!(both, Error::Plan(PlanError::Protected { .. })), "{both}");
    world.up(program("10.0.0.0/16", false)).await;
    assert!(world.up(program("10.1.0.0/16", false)).await.is_success());
}

/// The old `a` was made from `b`, and `b` is made from the new `a`.
#[tokio::test(start_paused = true)]
async fn destroy_deletes_an_old_generation_that_uses_what_uses_the_new_one() {
    let world = World::new();
    let program = |s: &Stack| {
        let a = s.add("a", Network::builder().cidr("10.0.0.0/16"));
        s.add("b", Server::builder().network_id(&a.network_id));
    };
    world.up(program).await;
    let mut state = world.state().await;
    let urn = |name: &str| -> Urn {
        state.resources.values().find(|r| r.urn.name() == name).unwrap().urn.clone()
    };
    let (a, b) = (urn("a"), urn("b"));
    let mut old = state.current(&a).unwrap().clone();
    let mut new = old.clone();
    old.completeness = Completeness::PendingDelete;
    old.dependencies = [b.clone()].into();
    old.inputs.insert("description".into(), state.current(&b).unwrap().id.clone().into());
    new.generation = 2;
    new.id = "the-new-one".into();
    let user = state.resources.get_mut(&(b.clone(), 1)).unwrap();
    user.inputs.insert("network_id".into(), "the-new-one".into());
    state.resources.insert((a.clone(), 1), old);
    state.resources.insert((a.clone(), 2), new);
    let observed = Default::default();
    let plan = plan_destroy(&world.registry(), "proj", "dev", &state, &observed).unwrap();
    let order: Vec<String> =
        plan.steps.iter().map(|s| format!("{}@{}", s.urn.name(), s.generation)).collect();
    assert_eq!(order, ["a@1", "b@1", "a@2"], "{:?}", changes(&plan));
    assert!(plan.steps.iter().all(|s| !s.reasons.contains(&Reason::New)));
}

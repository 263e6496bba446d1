//! What a plan names as the cause of a change.

use ferrocrete_core::plan::{Action, Plan, Reason};
use ferrocrete_core::render::because;
use ferrocrete_core::{Stack, interpolate};

use super::types::{Network, Rule, Server};
use super::world::World;

fn reasons(plan: &Plan, name: &str) -> Vec<Reason> {
    plan.steps.iter().find(|s| s.urn.name() == name).unwrap().reasons.clone()
}

fn changed(property: &str) -> Reason {
    Reason::Changed { property: property.into() }
}

/// `web` reads the id of `net`, which an update does not change.
fn program(description: &'static str, image: &'static str) -> impl Fn(&Stack) {
    move |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16").description(description));
        let image = interpolate!("{}-{image}", &net.network_id);
        s.add("web", Server::builder().network_id(&net.network_id).image(image));
    }
}

#[tokio::test(start_paused = true)]
async fn an_updated_dependency_is_not_blamed_for_what_the_program_changes() {
    let world = World::new();
    world.up(program("a", "v1")).await;
    let plan = world.plan(program("b", "v2")).await;
    assert_eq!(reasons(&plan, "web"), [changed("image")]);
    assert_eq!(reasons(&plan, "net"), [changed("description")]);
}

#[tokio::test(start_paused = true)]
async fn an_updated_dependency_is_not_blamed_for_drift() {
    let world = World::new();
    world.up(program("a", "v1")).await;
    world.cloud.meddle("server-2", "image", "theirs".into());
    let plan = world.plan(program("b", "v1")).await;
    assert_eq!(reasons(&plan, "web"), [Reason::Drifted { property: "image".into() }]);
}

#[tokio::test(start_paused = true)]
async fn an_output_that_changes_is_blamed() {
    let follows = |size: i32| {
        move |s: &Stack| {
            let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
            let a = s.add("a", Server::builder().network_id(&net.network_id).size(size));
            s.add("b", Server::builder().network_id(&net.network_id).image(&a.address));
        }
    };
    let world = World::new();
    world.up(follows(1)).await;
    let plan = world.plan(follows(2)).await;
    let [Reason::Dependency { property, urn, action }] = &reasons(&plan, "b")[..] else {
        panic!("{:?}", reasons(&plan, "b"));
    };
    assert_eq!((property.as_str(), urn.name(), *action), ("image", "a", Action::Update));
}

/// In the chain nobody can take a property for one of the resource that is replaced.
#[tokio::test(start_paused = true)]
async fn a_chain_says_whose_property_it_means() {
    let chain = |cidr: &'static str, description: &'static str, port: i32| {
        move |s: &Stack| {
            let net = Network::builder().cidr(cidr).description(description);
            let net = s.add("net", net);
            s.add("ssh", Rule::builder().network_id(&net.network_id).port(port));
        }
    };
    let world = World::new();
    world.up(chain("10.0.0.0/16", "a", 22)).await;
    let plan = world.plan(chain("10.1.0.0/16", "b", 22)).await;
    let step = plan.steps.iter().find(|s| s.urn.name() == "ssh").unwrap();
    assert_eq!(
        because(&plan, step).unwrap(),
        "replaced because `network_id` changes, because Network `net` is replaced, because its \
         `cidr` changed"
    );
}

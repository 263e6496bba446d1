//! Components, parents, derived names, exports.

use ferrocrete_core::{Component, Options, Output, Stack};

use super::types::{Network, Server};
use super::world::World;

struct Site {
    cidr: &'static str,
}

struct SiteOutputs {
    address: Output<String>,
}

impl Component for Site {
    const TYPE: &'static str = "test:Site";
    type Outputs = SiteOutputs;

    fn build(self, scope: &Stack) -> SiteOutputs {
        let net = scope.add("net", Network::builder().cidr(self.cidr));
        let web = scope.add("web", Server::builder().network_id(&net.network_id));
        SiteOutputs { address: web.address.clone() }
    }
}

#[tokio::test(start_paused = true)]
async fn components_name_protect_and_order_their_resources() {
    let world = World::new();
    let program = |s: &Stack| {
        let a = s.component_with("a", Site { cidr: "10.0.0.0/16" }, Options::new().protect(true));
        let options = Options::new().depends_on(&a);
        s.component_with("b", Site { cidr: "10.1.0.0/16" }, options);
        s.export("address", &a.address);
    };
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");
    let calls = world.cloud.take_calls();
    let creates: Vec<_> = calls.iter().filter(|c| c.starts_with("create")).collect();
    // Everything of `b` waits for everything of `a`.
    assert_eq!(creates, ["create network", "create server", "create network", "create server"]);
    let state = world.state().await;
    let names: Vec<_> = state.resources.values().map(|r| r.urn.short()).collect();
    assert_eq!(names, ["a/net", "a/web", "b/net", "b/web"]);
    assert!(state.resources.values().all(|r| r.protect == r.urn.path().starts_with('a')));
}

#[tokio::test(start_paused = true)]
async fn derived_names_are_stable_and_known_in_the_plan() {
    let world = World::new();
    let program = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        s.export("name", &net.name);
    };
    let plan = world.plan(program).await;
    let planned = plan.exports["name"].new.clone().unwrap();
    assert!(planned.as_str().is_some_and(|n| n.starts_with("proj-dev-net-")), "{planned}");
    let report = world.up(program).await;
    assert_eq!(report.exports["name"], planned);
}

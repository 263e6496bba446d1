//! Components, parents, derived names, exports.

use std::collections::BTreeMap;

use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::plan::{Action, Reason};
use ferrocrete_core::value::Value;
use ferrocrete_core::{Component, Options, Output, Secret, Stack};

use super::types::{Network, NetworkByCidr, Server};
use super::world::{World, changes};

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

#[tokio::test(start_paused = true)]
async fn another_case_is_the_same_name_where_names_are_in_small_letters() {
    let world = World::new();
    let program = |name: &'static str, cidr: &'static str| {
        move |s: &Stack| drop(s.add("net", Network::builder().cidr(cidr).name(name)))
    };
    world.up(program("Main", "10.0.0.0/16")).await;
    assert!(world.plan(program("main", "10.0.0.0/16")).await.is_empty());
    // And nobody can have it twice.
    let plan = world.plan(program("main", "10.1.0.0/16")).await;
    let step = plan.steps.iter().find(|s| s.action == Action::Replace).unwrap();
    assert!(step.delete_first);
    assert_eq!(step.reasons[1], Reason::Unique { properties: vec!["name".into()] });
    assert_eq!(changes(&world.plan(program("other", "10.0.0.0/16")).await)[0], "replace net");
}

#[tokio::test(start_paused = true)]
async fn an_output_that_a_change_takes_away_is_not_kept() {
    let world = World::new();
    let program = |size: i32| {
        move |s: &Stack| {
            let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
            let web = s.add("web", Server::builder().network_id(&net.network_id).size(size));
            s.export("rack", &web.rack);
        }
    };
    let report = world.up(program(9)).await;
    assert_eq!(report.exports["rack"], Value::from("rack-9"));
    let report = world.up(program(2)).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(report.exports["rack"], Value::Null);
    assert!(world.plan(program(2)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn literals_and_lists_are_exported_without_ceremony() {
    let world = World::new();
    let program = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16").name("one"));
        s.export("text", "hello");
        s.export("owned", String::from("hello"));
        s.export("number", 7);
        s.export("part", 0.5);
        s.export("on", true);
        s.export("names", [&net.name, &net.name]);
        s.export("words", vec!["a", "b"]);
        s.export("map", BTreeMap::from([("a", &net.name)]));
        s.export("secret", Secret::new("hidden".to_owned()));
    };
    let exports = world.up(program).await.exports;
    assert_eq!((&exports["text"], &exports["owned"]), (&"hello".into(), &"hello".into()));
    assert_eq!((&exports["number"], &exports["part"]), (&Value::Int(7), &Value::Float(0.5)));
    assert_eq!(exports["on"], Value::Bool(true));
    assert_eq!(exports["names"], Value::List(vec!["one".into(), "one".into()]));
    assert_eq!(exports["words"], Value::List(vec!["a".into(), "b".into()]));
    assert_eq!(exports["map"], Value::Map([("a".to_owned(), "one".into())].into()));
    assert!(exports["secret"].has_secret());
}

#[tokio::test(start_paused = true)]
async fn an_export_that_cannot_be_computed_is_no_success() {
    let world = World::new();
    let program = |refuse: bool| {
        move |s: &Stack| {
            let net = s.add("net", Network::builder().cidr("10.0.0.0/16").name("one"));
            s.export("id", &net.network_id);
            s.export(
                "port",
                net.network_id
                    .try_map(move |_: String| if refuse { Err("no port yet") } else { Ok(80) }),
            );
        }
    };
    let error = world.try_up(program(true), &Interrupt::new()).await.unwrap_err().to_string();
    assert!(error.contains("export `port`") && error.contains("no port yet"), "{error}");
    // What was made is recorded, and so is the export that is well.
    let state = world.state().await;
    assert_eq!(state.resources.len(), 1);
    assert!(state.exports.contains_key("id"));
    assert_eq!(world.up(program(false)).await.exports["port"], Value::Int(80));
}

#[tokio::test(start_paused = true)]
async fn what_is_owned_comes_after_its_owner_whatever_it_is() {
    let world = World::new();
    let program = |s: &Stack| {
        let hub = s.add("hub", Network::builder().cidr("10.9.0.0/16"));
        s.component_with("site", Site { cidr: "10.1.0.0/16" }, Options::new().parent(&hub));
        let found = NetworkByCidr::builder().cidr("10.9.0.0/16");
        let found = s.lookup_with("found", found, Options::new().parent(&hub));
        s.add("web", Server::builder().network_id(&found.network_id));
    };
    // The lookup finds what is made in the same run.
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");
    let state = world.state().await;
    let names: Vec<_> = state.resources.values().map(|r| r.urn.short()).collect();
    assert_eq!(names, ["hub", "web", "hub/site/net", "hub/site/web"]);
    let hub = &state.resources.values().find(|r| r.urn.short() == "hub").unwrap().urn;
    let others = state.resources.values().filter(|r| r.urn != *hub);
    assert!(others.clone().count() == 3 && others.clone().all(|r| r.dependencies.contains(hub)));
    world.cloud.take_calls();
    assert!(world.destroy().await.is_success());
    let calls = world.cloud.take_calls();
    let mut deletes = calls.iter().filter(|c| c.starts_with("delete"));
    assert_eq!(deletes.next_back().unwrap(), "delete network");
}

#[tokio::test(start_paused = true)]
async fn a_component_as_parent_is_only_a_place() {
    let world = World::new();
    let program = |s: &Stack| {
        let site = s.component("site", Site { cidr: "10.1.0.0/16" });
        for (name, cidr) in [("one", "10.2.0.0/16"), ("two", "10.3.0.0/16")] {
            s.add_with(name, Network::builder().cidr(cidr), Options::new().parent(&site));
        }
        s.component_with("more", Site { cidr: "10.4.0.0/16" }, Options::new().parent(&site));
    };
    let report = world.up(program).await;
    assert!(report.is_success() && report.done.create == 6, "{report:?}");
}

#[test]
fn two_components_of_one_name_are_refused() {
    struct Other;

    impl Component for Other {
        const TYPE: &'static str = "test:Other";
        type Outputs = ();

        fn build(self, _: &Stack) {}
    }

    let world = World::new();
    let error = world.graph(|s: &Stack| {
        s.component("a", Site { cidr: "10.0.0.0/16" });
        s.component("a", Other);
        s.component("b", Other);
    });
    let error = error.unwrap_err().to_string();
    assert!(error.starts_with("two components are called `a`, a test:Site and a test:Other"));
    assert!(error.contains("what to do: give one of them another name"), "{error}");
}

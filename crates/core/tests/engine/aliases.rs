//! Renames and moves: nothing changes in the cloud, names and tags stay.

use ferrocrete_core::graph::GraphError;
use ferrocrete_core::plan::PlanError;
use ferrocrete_core::program::Node;
use ferrocrete_core::render::{Style, plan_json, plan_markdown, plan_text};
use ferrocrete_core::state::{Completeness, State};
use ferrocrete_core::{Alias, Component, Error, Options, Stack, Urn};

use super::cloud::Trouble;
use super::types::{Network, Rule, Server};
use super::world::{World, changes, holder};

fn before(s: &Stack) {
    let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
    let web = s.add("web", Server::builder().network_id(&net.network_id).size(1));
    s.export("name", &net.name);
    s.export("id", &web.server_id);
}

fn renamed(s: &Stack) {
    let net = Network::builder().cidr("10.0.0.0/16");
    let net = s.add_with("main", net, Options::new().alias("net"));
    let web = Server::builder().network_id(&net.network_id).size(1);
    let web = s.add_with("site", web, Options::new().alias("web"));
    s.export("name", &net.name);
    s.export("id", &web.server_id);
}

/// Plans to no change, moves these and leaves the cloud as it is, now and in the next plan.
async fn only_moves(world: &World, program: impl Fn(&Stack), moves: &[&str]) -> State {
    let (stored, existing) = (world.backend.everything(), format!("{:?}", items(world)));
    world.cloud.take_calls();
    let plan = world.plan(&program).await;
    assert!(plan.is_empty(), "{:?}", changes(&plan));
    assert!(plan.exports.values().all(|e| e.old == e.new));
    let planned: Vec<_> =
        plan.moves.iter().map(|m| format!("{} to {}", m.from.short(), m.to.short())).collect();
    assert_eq!(planned, moves);
    assert_eq!(world.backend.everything(), stored, "a plan writes nothing");

    let report = world.up(&program).await;
    assert!(report.is_success(), "{report:?}");
    let calls = world.cloud.take_calls();
    assert!(calls.iter().all(|c| c.starts_with("read")), "{calls:?}");
    assert_eq!(format!("{:?}", items(world)), existing);
    let state = world.state().await;
    state.verify().unwrap();
    let plan = world.plan(&program).await;
    assert!(plan.is_empty() && plan.moves.is_empty(), "once is enough");
    assert!(plan.steps.iter().all(|s| !s.record));
    state
}

fn items(world: &World) -> std::collections::BTreeMap<String, super::cloud::Item> {
    world.cloud.inner.lock().unwrap().items.clone()
}

fn names(state: &State) -> Vec<String> {
    state.resources.values().map(|r| r.urn.short()).collect()
}

fn urn(type_name: &str, name: &str) -> Urn {
    Urn::new("proj", "dev", &[], type_name, name).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_rename_changes_nothing() {
    let world = World::new();
    let first = world.up(before).await.exports;
    let state = only_moves(&world, renamed, &["net to main", "web to site"]).await;
    assert_eq!(state.exports, first);
    assert_eq!(names(&state), ["main", "site"]);
    let site = state.current(&urn("Fake::Server", "site")).unwrap();
    assert_eq!(site.named_after, Some(urn("Fake::Server", "web")));
    assert_eq!(site.dependencies, [urn("Fake::Network", "main")].into());
    // Without the alias, too, from here on.
    let settled = |s: &Stack| {
        let net = s.add("main", Network::builder().cidr("10.0.0.0/16"));
        let web = s.add("site", Server::builder().network_id(&net.network_id).size(1));
        s.export("name", &net.name);
        s.export("id", &web.server_id);
    };
    assert!(world.plan(settled).await.is_empty());
    // And back.
    let back = |s: &Stack| {
        let net = Network::builder().cidr("10.0.0.0/16");
        let net = s.add_with("net", net, Options::new().alias("main"));
        let web = Server::builder().network_id(&net.network_id).size(1);
        let web = s.add_with("web", web, Options::new().alias(urn("Fake::Server", "site")));
        s.export("name", &net.name);
        s.export("id", &web.server_id);
    };
    let state = only_moves(&world, back, &["main to net", "site to web"]).await;
    assert!(state.resources.values().all(|r| r.named_after.is_none()));
}

struct Site<F>(F);

impl<F: Fn(&Stack)> Component for Site<F> {
    const TYPE: &'static str = "test:Site";
    type Outputs = Stack;

    fn build(self, scope: &Stack) -> Stack {
        (self.0)(scope);
        scope.clone()
    }
}

fn flat(s: &Stack) {
    let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
    s.add("web", Server::builder().network_id(&net.network_id).size(1));
}

#[tokio::test(start_paused = true)]
async fn into_a_component_and_with_it() {
    let world = World::new();
    world.up(flat).await;
    let inside = |s: &Stack| {
        let moved = || Options::new().alias(Alias::new().top_level());
        let net = s.add_with("net", Network::builder().cidr("10.0.0.0/16"), moved());
        let web = Server::builder().network_id(&net.network_id).size(1);
        s.add_with("server", web, moved().alias(Alias::new().top_level().name("web")));
    };
    let program = move |s: &Stack| drop(s.component("a", Site(inside)));
    let moves = ["net to a/net", "web to a/server"];
    assert_eq!(names(&only_moves(&world, program, &moves).await), ["a/net", "a/server"]);

    // The component is renamed, and a child with it; then both go into another one.
    let settled = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let web = Server::builder().network_id(&net.network_id).size(1);
        s.add_with("web", web, Options::new().alias("server"));
    };
    let program = move |s: &Stack| {
        s.component_with("b", Site(settled), Options::new().alias("a"));
    };
    let moves = ["a/net to b/net", "a/server to b/web"];
    only_moves(&world, program, &moves).await;
    let outer = move |s: &Stack| {
        s.component_with("b", Site(settled), Options::new().alias(Alias::new().top_level()));
    };
    let program = move |s: &Stack| drop(s.component("outer", Site(outer)));
    let moves = ["b/net to outer/b/net", "b/web to outer/b/web"];
    only_moves(&world, program, &moves).await;
    // Out again, from whole urns.
    let program = |s: &Stack| {
        let old = |t, n| Urn::new("proj", "dev", &["outer", "b"], t, n).unwrap();
        let net = Network::builder().cidr("10.0.0.0/16");
        let net = s.add_with("net", net, Options::new().alias(old("Fake::Network", "net")));
        let web = Server::builder().network_id(&net.network_id).size(1);
        let parent = Alias::new().parent("outer/b");
        s.add_with("web", web, Options::new().alias(parent));
    };
    let state = only_moves(&world, program, &["outer/b/net to net", "outer/b/web to web"]).await;
    assert!(state.resources.values().all(|r| r.named_after.is_none()));
}

/// The component is somebody else's and knows nothing of aliases.
#[tokio::test(start_paused = true)]
async fn into_a_component_from_a_library() {
    let world = World::new();
    world.up(flat).await;
    let moved = |s: &Stack| {
        let options = Options::new()
            .alias_of("site/net", Alias::new().top_level())
            .alias_of("site/web", Alias::new().top_level().name("web"));
        let library = Site(|s: &Stack| drop(s.component("site", Site(flat))));
        s.component_with("all", library, options);
    };
    only_moves(&world, moved, &["net to all/site/net", "web to all/site/web"]).await;
    let wrong = |s: &Stack| {
        s.component_with("all", Site(flat), Options::new().alias_of("nat", "old"));
    };
    let error = world.graph(wrong).unwrap_err().to_string();
    assert!(error.starts_with("`all` is given an alias of `all/nat`, but declares"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_a_resource_is_parent_of_moves_along() {
    let world = World::new();
    let program = |name: &'static str, former: Option<&'static str>| {
        move |s: &Stack| {
            let options = former.into_iter().fold(Options::new(), Options::alias);
            let net = s.add_with(name, Network::builder().cidr("10.0.0.0/16"), options);
            let rule = Rule::builder().network_id(&net.network_id).port(1);
            let rule = s.add_with("rule", rule, Options::new().parent(&net));
            assert_eq!(rule.urn().path(), name);
        }
    };
    world.up(program("net", None)).await;
    let moves = ["net to main", "net/rule to main/rule"];
    only_moves(&world, program("main", Some("net")), &moves).await;
}

#[tokio::test(start_paused = true)]
async fn renamed_and_changed_at_once() {
    let world = World::new();
    world.up(before).await;
    let program = |s: &Stack| {
        let net = Network::builder().cidr("10.0.0.0/16").description("new");
        let net = s.add_with("main", net, Options::new().alias("net"));
        s.add_with(
            "site",
            Server::builder().network_id(&net.network_id).size(2).slot(1),
            Options::new().alias("web"),
        );
    };
    let plan = world.plan(program).await;
    assert_eq!(changes(&plan), ["update main", "replace site", "delete replaced site"]);
    let text = plan_text(&plan, Style::Plain);
    assert!(
        text.contains(
            "Renamed here, unchanged in AWS:\n  Fake::Network main, was net\n  \
             Fake::Server site, was web\n\nPlan: 1 to update, 1 to replace.\n"
        ),
        "{text}"
    );
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");
    // What stays keeps its name and tag; what is new is named after what it is now.
    let tag = |id: &str| items(&world)[id].tags["ferrocrete:urn"].clone();
    assert_eq!(tag("network-1"), "urn:fc:proj:dev::Fake::Network:net@1");
    assert_eq!(tag("server-3"), "urn:fc:proj:dev::Fake::Server:site@2");
    assert!(world.plan(program).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_takes_the_old_name_has_a_name_of_its_own() {
    let world = World::new();
    let both = |s: &Stack| {
        s.add("main", Network::builder().cidr("10.0.0.0/16"));
        s.add("net", Network::builder().cidr("10.1.0.0/16"));
    };
    let one = |s: &Stack| drop(s.add("net", Network::builder().cidr("10.0.0.0/16")));
    let main = |s: &Stack| {
        let net = Network::builder().cidr("10.0.0.0/16");
        s.add_with("main", net, Options::new().alias("net"));
    };
    world.up(one).await;
    world.up(main).await;
    // It is found again by its own tag, not by that of the one that had the name before.
    world.cloud.trouble("create network", Trouble::Hang);
    world.up_killed(both).await;
    let report = world.up(both).await;
    assert!(report.is_success(), "{report:?}");
    let items = items(&world);
    assert_eq!(items.len(), 2, "{items:?}");
    assert_ne!(items["network-1"].props["name"], items["network-2"].props["name"]);
    let tags: Vec<_> = items.values().map(|i| i.tags["ferrocrete:urn"].as_str()).collect();
    let (old, new) = (tags[0], tags[1]);
    assert_eq!(
        (old, new),
        ("urn:fc:proj:dev::Fake::Network:net@1", "urn:fc:proj:dev::Fake::Network:net@2")
    );
    assert!(world.plan(both).await.is_empty());
    world.state().await.verify().unwrap();
    // Also when the first one was left behind.
    let world = World::new();
    world.up(one).await;
    let retained = |s: &Stack| {
        let options = Options::new().alias("net").retain_on_delete(true);
        s.add_with("main", Network::builder().cidr("10.0.0.0/16"), options);
    };
    world.up(retained).await;
    world.up(one).await;
    let state = world.state().await;
    assert_eq!(state.current(&urn("Fake::Network", "net")).unwrap().generation, 2);
    assert_eq!(state.forgotten, [(urn("Fake::Network", "net"), 1)].into());
}

#[tokio::test(start_paused = true)]
async fn interrupted_before_the_rename() {
    // A create of which nobody knows, an update, and a delete of an old generation.
    for (call, size, slot) in
        [("create server", 1, 1), ("update server", 2, 1), ("delete server", 1, 2)]
    {
        let world = World::new();
        let program = |web: &'static str, former: Option<&'static str>, size: i32, slot: i32| {
            move |s: &Stack| {
                let options = former.into_iter().fold(Options::new(), Options::alias);
                let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
                let server = Server::builder().network_id(&net.network_id);
                s.add_with(web, server.size(size).slot(slot), options);
            }
        };
        if call != "create server" {
            world.up(program("web", None, 1, 1)).await;
        }
        world.cloud.trouble(call, Trouble::Hang);
        world.up_killed(program("web", None, size, slot)).await;
        let renamed = program("site", Some("web"), size, slot);
        let report = world.up(&renamed).await;
        assert!(report.is_success(), "{call}: {report:?}");
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        let servers = world.cloud.existing().into_iter().filter(|(_, k)| *k == "server").count();
        assert_eq!(servers, 1, "{call}");
        let state = world.state().await;
        assert_eq!(names(&state), ["net", "site"], "{call}");
        assert!(state.resources.values().all(|r| r.completeness == Completeness::Complete));
        assert!(world.plan(&renamed).await.is_empty(), "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn destroy_and_refresh_need_no_program() {
    for moved in [false, true] {
        let world = World::new();
        world.up(before).await;
        if moved {
            world.up(renamed).await;
        }
        world.cloud.meddle("server-2", "size", 7.into());
        let session = world.engine().session(&holder()).await.unwrap();
        let found = session.refresh().await.unwrap();
        session.close().await.unwrap();
        assert_eq!(found.steps.iter().filter(|s| !s.changes.is_empty()).count(), 1);
        let plan = world.plan(renamed).await;
        assert_eq!(changes(&plan), ["update site"]);
        assert!(world.engine().audit().await.unwrap().is_clean());
        let report = world.destroy().await;
        assert!(report.is_success(), "{report:?}");
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        assert!(world.cloud.existing().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn protection_goes_along() {
    let world = World::new();
    let program = |name: &'static str, options: fn() -> Options| {
        move |s: &Stack| drop(s.add_with(name, Network::builder().cidr("10.0.0.0/16"), options()))
    };
    world.up(program("net", || Options::new().protect(true))).await;
    let both = || Options::new().alias("net").protect(true);
    let state = only_moves(&world, program("main", both), &["net to main"]).await;
    assert!(state.current(&urn("Fake::Network", "main")).unwrap().protect);
    let graph = world.graph(program("other", Options::new)).unwrap();
    let error = world.engine().plan(&graph).await.unwrap_err();
    assert!(matches!(error, Error::Plan(PlanError::Protected { .. })), "{error}");
}

fn network(s: &Stack, name: &str, options: Options) {
    s.add_with(name, Network::builder().cidr("10.0.0.0/16"), options);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_meant_is_refused() {
    let world = World::new();
    let refused = |program: fn(&Stack)| match world.graph(program).unwrap_err() {
        Error::Graph(error) => error,
        other => panic!("{other}"),
    };
    let error = refused(|s| {
        network(s, "a", Options::new().alias("old"));
        network(s, "b", Options::new().alias("old"));
    });
    assert!(matches!(error, GraphError::AliasTwice { .. }), "{error:?}");
    assert!(error.to_string().starts_with("`a` and `b` both have the alias `old`"), "{error}");
    let error = refused(|s| {
        network(s, "a", Options::new().alias("b"));
        network(s, "b", Options::new());
    });
    assert!(matches!(error, GraphError::AliasDeclared { .. }), "{error:?}");
    assert!(
        error.to_string().starts_with("`a` has the alias `b`, but that is declared"),
        "{error}"
    );
    let error = refused(|s| {
        let other = Urn::new("proj", "prod", &[], "Fake::Network", "a").unwrap();
        network(s, "a", Options::new().alias(other));
    });
    assert!(matches!(error, GraphError::ForeignAlias { .. }), "{error:?}");
    let error = refused(|s| network(s, "a", Options::new().alias("not a name")));
    assert!(matches!(error, GraphError::Name(_)), "{error:?}");
    // Its own name is no mistake, and no alias.
    let own = world.graph(|s| network(s, "a", Options::new().alias("a").alias("b").alias("b")));
    assert_eq!(own.unwrap().resources().next().unwrap().aliases.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn state_that_has_both_is_refused() {
    let world = World::new();
    world
        .up(|s| {
            network(s, "a", Options::new());
            network(s, "b", Options::new());
        })
        .await;
    for program in [(|s| network(s, "a", Options::new().alias("b"))) as fn(&Stack), |s| {
        network(s, "c", Options::new().alias("a").alias("b"))
    }] {
        let graph = world.graph(program).unwrap();
        let error = world.engine().plan(&graph).await.unwrap_err();
        assert!(matches!(error, Error::Plan(PlanError::SeveralPlaces { .. })), "{error}");
        let text = error.to_string();
        assert!(text.contains("state has both") && text.contains("remove the alias"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn renames_are_shown() {
    let world = World::new();
    world.up(before).await;
    let plan = world.plan(renamed).await;
    let lines = "Renamed here, unchanged in AWS:\n  Fake::Network main, was net\n  \
                 Fake::Server site, was web\n";
    assert_eq!(
        plan_text(&plan, Style::Plain),
        format!("No changes. Your infrastructure matches the program.\n{lines}")
    );
    let markdown = plan_markdown(&plan);
    let list = "Renamed here, unchanged in AWS:\n\n- Fake::Network `main`, was `net`\n";
    assert!(markdown.contains(list), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&plan_json(&plan)).unwrap();
    assert_eq!(json["changes"], false);
    assert_eq!(json["steps"][1]["renamed_from"], "urn:fc:proj:dev::Fake::Server:web");
    assert_eq!(json["steps"][1]["action"], "same");
}

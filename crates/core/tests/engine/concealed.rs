//! Values that become secret, and secrets that no longer are.

use ferrocrete_core::event::{Event, Events};
use ferrocrete_core::execute::{Interrupt, Report};
use ferrocrete_core::plan::Plan;
use ferrocrete_core::{Input, Options, Secret, Stack, interpolate, render};

use super::cloud::Trouble;
use super::types::{Network, Server};
use super::world::{World, changes, holder};

const OLD: &str = "hunter2-correct-horse";

/// A text that is what the program says of it: plain or secret.
fn text(value: &str, secret: bool) -> Input<String> {
    match secret {
        true => Secret::new(value.to_owned()).into(),
        false => value.into(),
    }
}

/// The text stands in a property, an output, another resource, tags, and an export.
fn program(value: &'static str, secret: bool) -> impl Fn(&Stack) {
    move |s| {
        let text = || text(value, secret);
        let tags = [("note", text())];
        let net = Network::builder().cidr("10.0.0.0/16").name(text()).tags(tags);
        let net = s.add("net", net.description(text()));
        let other = interpolate!("of {}", &net.name);
        s.add("other", Network::builder().cidr("10.1.0.0/16").description(&other));
        let web = Server::builder().network_id(&net.network_id).groups([text()]);
        s.add("web", web);
        s.export("name", &net.name);
        s.export("other", other);
    }
}

fn shown(plan: &Plan) -> String {
    let text = render::plan_text(plan, render::Style::Plain);
    format!("{text}{plan:?}{}{}", render::plan_json(plan), render::plan_markdown(plan))
}

/// An `up` that tells nothing; the warnings that it sends.
async fn up(world: &World, program: impl Fn(&Stack)) -> (Report, Vec<String>) {
    let (events, mut heard) = Events::channel();
    let engine = world.engine().with_events(events);
    let graph = world.graph(program).unwrap();
    let session = engine.session(&holder()).await.unwrap();
    let plan = session.plan(&graph).await.unwrap();
    assert!(!shown(&plan).contains(OLD), "{}", shown(&plan));
    let report = session.apply(Some(&graph), &plan, &Interrupt::new()).await.unwrap();
    assert!(!format!("{report:?}").contains(OLD), "{report:?}");
    session.close().await.unwrap();
    let mut warnings = Vec::new();
    while let Ok(event) = heard.try_recv() {
        assert!(!format!("{event:?}").contains(OLD), "{event:?}");
        if let Event::Warning { text } = event {
            warnings.push(text);
        }
    }
    (report, warnings)
}

#[tokio::test(start_paused = true)]
async fn what_becomes_secret_is_nowhere_in_plain_any_more() {
    let world = World::new();
    assert!(world.up(program(OLD, false)).await.is_success());
    assert!(world.backend.present().matches(OLD).count() > 5);

    let plan = world.plan(program(OLD, true)).await;
    assert!(plan.is_empty() && plan.is_to_record(), "nothing changes in the cloud");
    assert!(!shown(&plan).contains(OLD), "{}", shown(&plan));
    let text = render::plan_text(&plan, render::Style::Plain);
    assert!(text.contains("Secret from now on, also in state:"), "{text}");
    assert!(text.contains("Fake::Network net: description, name, tags\n"), "{text}");
    let json = render::plan_json(&plan);
    assert!(json.contains(r#""concealed":["description","name","tags"]"#), "{json}");

    world.cloud.take_calls();
    let (report, warnings) = up(&world, program(OLD, true)).await;
    assert!(report.is_success(), "{report:?}");
    let calls = world.cloud.take_calls();
    assert!(calls.iter().all(|call| call.starts_with("read")), "{calls:?}");
    assert!(!world.backend.present().contains(OLD));
    assert!(report.exports["name"].has_secret());

    // Former snapshots are named, with the command that removes them.
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("former snapshots: 2;"), "{warnings:?}");
    assert!(warnings[0].contains("`state scrub` removes them"), "{warnings:?}");
    assert!(world.backend.everything().contains(OLD));
    let exposed = world.engine().exposed().await.unwrap();
    assert_eq!(exposed.iter().map(|e| e.serial).collect::<Vec<_>>(), [2]);
    assert_eq!(exposed[0].urns.len(), 3);
    assert_eq!(world.engine().scrub(&holder()).await.unwrap(), exposed);
    assert!(!world.backend.everything().contains(OLD));
    assert!(world.engine().exposed().await.unwrap().is_empty());

    let plan = world.plan(program(OLD, true)).await;
    assert!(plan.is_empty() && !plan.is_to_record(), "once is enough: {plan:?}");
}

#[tokio::test(start_paused = true)]
async fn what_becomes_secret_and_changes_at_once_is_not_shown() {
    let world = World::new();
    assert!(world.up(program(OLD, false)).await.is_success());
    let plan = world.plan(program("another-secret", true)).await;
    assert!(!plan.is_empty() && !shown(&plan).contains(OLD), "{}", shown(&plan));
    // Not even where the changes fail.
    world.cloud.trouble("create network", Trouble::Says(format!("not {OLD}")));
    let (report, warnings) = up(&world, program("another-secret", true)).await;
    assert!(!report.is_success());
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(!world.backend.present().contains(OLD));
    world.cloud.trouble("update network", Trouble::Says(format!("not {OLD}")));
    let (report, _) = up(&world, program("another-secret", true)).await;
    assert!(!report.is_success());
    assert!(!world.backend.present().contains(OLD));
    let (report, warnings) = up(&world, program("another-secret", true)).await;
    assert!(report.is_success() && warnings.is_empty(), "{report:?} {warnings:?}");
    world.engine().scrub(&holder()).await.unwrap();
    assert!(!world.backend.everything().contains(OLD));
}

#[tokio::test(start_paused = true)]
async fn what_goes_does_not_show_what_is_a_secret_elsewhere() {
    let world = World::new();
    let before = |s: &Stack| {
        let script = format!("password={OLD}");
        let net = Network::builder().cidr("10.0.0.0/16").description(script.as_str());
        let net = s.add("net", net);
        s.add("gone", Network::builder().cidr("10.1.0.0/16").description(script.as_str()));
        s.add("web", Server::builder().network_id(&net.network_id));
        s.export("script", script.as_str());
    };
    let after = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let password = Secret::new(OLD.to_owned());
        s.add("web", Server::builder().network_id(&net.network_id).password(&password));
        s.export("script", interpolate!("password={password}"));
    };
    assert!(world.up(before).await.is_success());
    let plan = world.plan(after).await;
    assert_eq!(changes(&plan), ["update net", "update web", "delete gone"]);
    let (report, warnings) = up(&world, after).await;
    assert!(report.is_success() && warnings.len() == 1, "{report:?} {warnings:?}");
    assert!(!world.backend.present().contains(OLD));
}

#[tokio::test(start_paused = true)]
async fn what_is_plain_elsewhere_stays_plain() {
    let world = World::new();
    let program = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16").description("admin"));
        let user = Secret::new("admin".to_owned());
        s.add("web", Server::builder().network_id(&net.network_id).password(&user));
    };
    assert!(world.up(program).await.is_success());
    let plan = world.plan(program).await;
    assert!(plan.is_empty() && !plan.is_to_record(), "{plan:?}");
    assert!(world.engine().exposed().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_no_longer_secret_is_recorded_in_plain() {
    let world = World::new();
    assert!(world.up(program(OLD, true)).await.is_success());
    assert!(!world.backend.everything().contains(OLD));
    let plan = world.plan(program(OLD, false)).await;
    assert!(plan.is_empty() && plan.is_to_record() && plan.concealed.is_empty());
    let report = world.up(program(OLD, false)).await;
    assert!(report.is_success(), "{report:?}");
    assert!(!report.exports["name"].has_secret());
    let state = world.state().await;
    let inputs = state.resources.values().flat_map(|r| r.inputs.values().chain(r.outputs.values()));
    assert!(inputs.chain(state.exports.values()).all(|value| !value.has_secret()));
    let plan = world.plan(program(OLD, false)).await;
    assert!(plan.is_empty() && !plan.is_to_record(), "once is enough: {plan:?}");
}

#[tokio::test(start_paused = true)]
async fn it_is_secret_in_what_is_left_of_former_generations_and_renamed() {
    let world = World::new();
    let program = |name: &'static str, secret: bool, cidr: &'static str| {
        move |s: &Stack| {
            let options = Options::new().alias("net");
            let options = if name == "net" { Options::new() } else { options };
            let net = Network::builder().cidr(cidr).description(text(OLD, secret));
            s.add_with(name, net, options);
        }
    };
    assert!(world.up(program("net", false, "10.0.0.0/16")).await.is_success());
    // The old generation cannot go.
    world.cloud.trouble("delete network", Trouble::Says("no".into()));
    assert!(!world.up(program("net", false, "10.1.0.0/16")).await.is_success());
    assert_eq!(world.state().await.resources.len(), 2);
    world.cloud.trouble("delete network", Trouble::Says("no".into()));
    let (report, _) = up(&world, program("main", true, "10.1.0.0/16")).await;
    assert!(!report.is_success());
    let present = world.backend.present();
    assert!(!present.contains(OLD), "{present}");
    assert!(world.up(program("main", true, "10.1.0.0/16")).await.is_success());
}

#[tokio::test(start_paused = true)]
async fn what_is_ignored_keeps_its_value_and_becomes_secret() {
    let world = World::new();
    let program = |value: &'static str, secret: bool| {
        move |s: &Stack| {
            let net = Network::builder().cidr("10.0.0.0/16").description(text(value, secret));
            s.add_with("net", net, Options::new().ignore_changes(["description"]));
        }
    };
    assert!(world.up(program(OLD, false)).await.is_success());
    let (report, _) = up(&world, program("another", true)).await;
    assert!(report.is_success());
    assert!(!world.backend.present().contains(OLD));
    let state = world.state().await;
    let net = state.resources.values().next().unwrap();
    assert_eq!(net.inputs["description"].reveal().as_str(), Some(OLD));
    let plan = world.plan(program("another", true)).await;
    assert!(plan.is_empty() && !plan.is_to_record(), "{plan:?}");
}

#[tokio::test(start_paused = true)]
async fn killed_right_after_it_was_recorded_nothing_is_lost() {
    let world = World::new();
    assert!(world.up(program(OLD, false)).await.is_success());
    world.cloud.trouble("create network", Trouble::HangBefore);
    world.up_killed(program("another-secret", true)).await;
    let (report, _) = up(&world, program("another-secret", true)).await;
    assert!(report.is_success(), "{report:?}");
    assert!(!world.backend.present().contains(OLD));
}

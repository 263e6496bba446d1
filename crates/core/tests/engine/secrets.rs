//! A secret's plaintext is in no byte of state, no event, no rendering of a plan.

use ferrocrete_core::event::Events;
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::{Secret, Stack, interpolate, render};

use super::types::{Network, Server};
use super::world::{World, holder};

const PLAIN: &str = "hunter2-correct-horse";

fn program(s: &Stack) {
    let secret = Secret::new(PLAIN.to_owned());
    let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
    let text = interpolate!("password is {}", &secret.to_output());
    s.add("other", Network::builder().cidr("10.1.0.0/16").description(&text));
    s.add("web", Server::builder().network_id(&net.network_id).password(&secret));
    s.export("login", &text);
}

#[tokio::test(start_paused = true)]
async fn secrets_stay_secret() {
    let world = World::new();
    let (events, mut heard) = Events::channel();
    let engine = world.engine().with_events(events);
    let graph = world.graph(program).unwrap();
    let session = engine.session(&holder()).await.unwrap();
    let plan = session.plan(&graph).await.unwrap();
    assert!(!format!("{plan:?}").contains(PLAIN));
    let report = session.apply(Some(&graph), &plan, &Interrupt::new()).await.unwrap();
    assert!(report.is_success(), "{report:?}");
    assert!(report.exports["login"].has_secret());
    assert!(!format!("{report:?}").contains(PLAIN));
    session.close().await.unwrap();
    while let Ok(event) = heard.try_recv() {
        assert!(!format!("{event:?}").contains(PLAIN), "{event:?}");
    }
    let stored = world.backend.everything();
    assert!(!stored.contains(PLAIN));
    let state = world.state().await;
    let web = state.resources.values().find(|r| r.urn.name() == "web").unwrap();
    assert_eq!(web.inputs["password"].reveal().as_str(), Some(PLAIN));
    assert!(world.plan(program).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_cloud_tells_of_a_secret_is_secret() {
    let world = World::new();
    let program = |secret: &'static str| {
        move |s: &Stack| {
            let secret = Secret::new(secret.to_owned());
            let tags = [("note", secret.to_output())];
            let network = Network::builder().cidr("10.0.0.0/16").name(&secret).tags(tags);
            let net = s.add("net", network.description(&secret));
            let group = interpolate!("group-{}", &secret.to_output());
            s.add("web", Server::builder().network_id(&net.network_id).groups([group]));
            s.export("name", &net.name);
        }
    };
    let report = world.up(program(PLAIN)).await;
    assert!(report.is_success(), "{report:?}");
    assert!(report.exports["name"].has_secret());
    assert!(!world.backend.everything().contains(PLAIN));
    assert!(world.plan(program(PLAIN)).await.is_empty());
    // What it is replaced by is secret, and so is what it was.
    for id in ["network-1", "server-2"] {
        world.cloud.meddle(id, "groups", serde_json::json!([format!("theirs-{PLAIN}")]));
    }
    world.cloud.meddle("network-1", "description", format!("theirs-{PLAIN}").into());
    for plan in [world.plan(program(PLAIN)).await, world.plan(program("hunter3")).await] {
        let text = render::plan_text(&plan, render::Style::Plain);
        assert!(text.contains("description: (secret) → (another secret)"), "{text}");
        assert!(text.contains("groups: [(secret)] → (a secret in it changes)"), "{text}");
        let shown = format!("{text}{plan:?}{}", render::plan_json(&plan));
        assert!(!shown.contains("hunter"), "{shown}");
    }
    let session = world.engine().session(&holder()).await.unwrap();
    let found = session.refresh().await.unwrap();
    session.close().await.unwrap();
    let shown = format!("{found:?}{}", render::plan_json(&found));
    assert!(!shown.contains(PLAIN), "{shown}");
    assert!(!world.backend.everything().contains(PLAIN));
}

//! A secret's plaintext is in no byte of state, no event, no rendering of a plan.

use ferrocrete_core::event::Events;
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::{Secret, Stack, interpolate};

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

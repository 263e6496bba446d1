//! What a cloud, a conversion or the user's code says of a secret is told to nobody.

use ferrocrete_core::error::ErrorKind;
use ferrocrete_core::event::{Event, Events};
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::{Output, Secret, Stack};

use super::cloud::Trouble;
use super::types::{Network, Server};
use super::world::{World, holder};

const PLAIN: &str = "hunter2 \"correct\" horse";

fn program(s: &Stack) {
    let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
    let password = Secret::new(PLAIN.to_owned());
    s.add("web", Server::builder().network_id(&net.network_id).password(&password));
}

#[tokio::test(start_paused = true)]
async fn what_the_cloud_quotes_is_scrubbed_wherever_it_goes() {
    let world = World::new();
    let quoted = format!("{PLAIN:?} is too short, said {PLAIN}");
    world.cloud.trouble("create server", Trouble::Says(quoted.clone()));
    let (events, mut heard) = Events::channel();
    let engine = world.engine().with_events(events);
    let graph = world.graph(program).unwrap();
    let session = engine.session(&holder()).await.unwrap();
    let plan = session.plan(&graph).await.unwrap();
    let report = session.apply(Some(&graph), &plan, &Interrupt::new()).await.unwrap();
    session.close().await.unwrap();
    let words = report.failures[0].error.to_string();
    assert_eq!(words, "\"[secret]\" is too short, said [secret]");
    let mut failed = 0;
    while let Ok(event) = heard.try_recv() {
        assert!(!format!("{event:?}").contains("horse"), "{event:?}");
        failed += usize::from(matches!(event, Event::Failed { .. }));
    }
    assert_eq!(failed, 1);
    assert!(!world.backend.everything().contains("horse"));

    // Outside of steps, too: what state knows to be secret is enough.
    assert!(world.up(program).await.is_success());
    world.cloud.trouble("read server", Trouble::Says(quoted.clone()));
    let error = world.engine().plan(&graph).await.unwrap_err().to_string();
    assert!(error.contains("[secret]") && !error.contains("horse"), "{error}");
    world.cloud.trouble("read server", Trouble::Says(quoted));
    let session = world.engine().session(&holder()).await.unwrap();
    let error = session.refresh().await.unwrap_err().to_string();
    assert!(error.contains("[secret]") && !error.contains("horse"), "{error}");
    session.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_status_of_the_cloud_is_scrubbed_in_the_plan() {
    let world = World::new();
    assert!(world.up(program).await.is_success());
    world.cloud.inner.lock().unwrap().items.get_mut("server-2").unwrap().broken =
        Some(format!("it did not take {PLAIN}"));
    let plan = world.plan(program).await;
    let text = format!("{plan:?}");
    assert!(text.contains("it did not take [secret]") && !text.contains("horse"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_conversion_does_not_quote_a_secret() {
    let world = World::new();
    let number = |s: &Stack| {
        let text = Secret::new(PLAIN.to_owned()).to_output();
        // Read as something that it is not.
        let number: Output<i32> = Output::from_expr(text.expr().clone());
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let size = number.map(|n: i32| n + 1);
        s.add("web", Server::builder().network_id(&net.network_id).size(size));
    };
    let graph = world.graph(number).unwrap();
    let error = world.engine().plan(&graph).await.unwrap_err().to_string();
    assert!(error.contains("`web`: property `size`") && error.contains("hidden"), "{error}");
    assert!(!error.contains("horse"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_expected_error_is_told_without_the_secret() {
    let world = World::new();
    world.cloud.trouble("create server", Trouble::Code("NotYet", ErrorKind::Other));
    let (events, mut heard) = Events::channel();
    let engine = world.engine().with_events(events);
    let secret = |s: &Stack| {
        program(s);
        // The code itself is somebody's secret: whatever it is, it is not said.
        s.export("word", Secret::new("the cloud says".to_owned()));
    };
    let graph = world.graph(secret).unwrap();
    let session = engine.session(&holder()).await.unwrap();
    let plan = session.plan(&graph).await.unwrap();
    let report = session.apply(Some(&graph), &plan, &Interrupt::new()).await.unwrap();
    assert!(report.is_success(), "{report:?}");
    session.close().await.unwrap();
    let mut retried = 0;
    while let Ok(event) = heard.try_recv() {
        if let Event::Retrying { why, .. } = event {
            assert_eq!(why, "create server: [secret] NotYet (NotYet)");
            retried += 1;
        }
    }
    assert_eq!(retried, 1);
}

#[tokio::test(start_paused = true)]
async fn an_absent_output_is_no_empty_text() {
    let world = World::new();
    let rack = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let web = s.add("web", Server::builder().network_id(&net.network_id).size(1));
        let text = ferrocrete_core::interpolate!("rack {}", &web.rack);
        s.add("other", Network::builder().cidr("10.1.0.0/16").description(text));
    };
    let report = world.up(rack).await;
    let error = report.failures[0].error.to_string();
    assert!(error.contains("property `description`"), "{error}");
    assert!(error.contains("output `rack` of `web` has no value"), "{error}");
    assert!(error.contains("what to do"), "{error}");
    assert_eq!(report.failures.len(), 1);
}

//! What an operation that was cut off leaves uncertain: what it was to change, and nothing else.

use std::time::Duration;

use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::plan::Plan;
use ferrocrete_core::{Secret, Stack};

use super::cloud::Trouble;
use super::types::{Network, Server};
use super::world::{World, changes};

fn program(size: i32, password: &'static str) -> impl Fn(&Stack) {
    move |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let web = Server::builder().network_id(&net.network_id).size(size);
        s.add("web", web.password(Secret::new(password.to_owned())));
    }
}

fn changed(plan: &Plan) -> Vec<&str> {
    let web = plan.steps.iter().find(|s| s.urn.name() == "web").unwrap();
    web.changes.iter().map(|c| c.property.as_str()).collect()
}

/// Runs `up` and interrupts it twice after five seconds.
async fn interrupted(world: &World, program: impl Fn(&Stack)) {
    let interrupt = Interrupt::new();
    let stop = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        interrupt.raise_to(2);
    };
    let (report, ()) = tokio::join!(world.try_up(program, &interrupt), stop);
    assert_eq!(report.unwrap().open.len(), 1);
}

async fn password(world: &World) -> String {
    let id = world.cloud.existing_or_going("server");
    world.cloud.get(&id).unwrap().props["password"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_create_that_is_waited_for_was_told_everything() {
    let world = World::new();
    interrupted(&world, program(1, "old")).await;
    let plan = world.plan(program(1, "old")).await;
    assert_eq!((changes(&plan), changed(&plan)), (vec!["update web".to_owned()], vec![]));
    let plan = world.plan(program(1, "new")).await;
    assert_eq!(changed(&plan), ["password"], "what is declared otherwise by now is a change");
    world.cloud.take_calls();
    assert!(world.up(program(1, "old")).await.is_success());
    let calls = world.cloud.take_calls();
    assert!(!calls.iter().any(|c| c.starts_with("update")), "{calls:?}");
    assert!(world.plan(program(1, "old")).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_create_whose_answer_was_lost_may_not_have_been() {
    let world = World::new();
    world.cloud.trouble("create server", Trouble::Hang);
    world.up_killed(program(1, "old")).await;
    assert_eq!(changed(&world.plan(program(1, "old")).await), ["password"]);
}

#[tokio::test(start_paused = true)]
async fn an_update_leaves_what_it_did_not_change() {
    for trouble in [Trouble::HangBefore, Trouble::Hang] {
        let world = World::new();
        world.up(program(1, "old")).await;
        world.cloud.trouble("update server", trouble.clone());
        world.up_killed(program(2, "old")).await;
        let size = if matches!(trouble, Trouble::Hang) { vec![] } else { vec!["size"] };
        assert_eq!(changed(&world.plan(program(2, "old")).await), size);

        // A second one that is cut off adds what it was to change.
        world.cloud.trouble("update server", trouble.clone());
        world.up_killed(program(3, "new")).await;
        let size = if matches!(trouble, Trouble::Hang) { vec![] } else { vec!["size"] };
        let all = [size.as_slice(), &["password"]].concat();
        assert_eq!(changed(&world.plan(program(3, "new")).await), all);
        // Nobody knows which one AWS has.
        assert!(changed(&world.plan(program(3, "old")).await).contains(&"password"));
        world.up(program(3, "old")).await;
        assert_eq!(password(&world).await, "old");
        assert!(world.plan(program(3, "old")).await.is_empty());
    }
}

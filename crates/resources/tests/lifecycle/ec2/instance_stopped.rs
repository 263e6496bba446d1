//! An `Instance` that is stopped for a change, or because it is to be down.

use std::time::Duration;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Instance as SdkInstance, InstanceAttributeName};
use ferrocrete_core::{Options, Stack};
use ferrocrete_resources::ec2::Instance;
use ferrocrete_sandbox::{Config, Fault};

use super::instance::image;
use super::network::failure;
use crate::world::World;

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    kind: &'static str,
    script: Option<&'static str>,
    optimized: Option<bool>,
    running: Option<bool>,
    /// Whether another script is another machine.
    anew: bool,
}

const FIRST: Wanted = Wanted {
    kind: "t3.micro",
    script: Some("#!/bin/sh\necho one\n"),
    optimized: None,
    running: None,
    anew: false,
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let machine = Instance::builder().image_id(image(stack)).instance_type(wanted.kind);
        let machine = machine.maybe_user_data(wanted.script).maybe_running(wanted.running);
        let machine = machine.maybe_ebs_optimized(wanted.optimized);
        let changes = wanted.anew.then_some("user_data");
        stack.add_with("machine", machine, Options::new().replace_on_changes(changes));
    }
}

async fn live(ec2: &Client, id: &str) -> SdkInstance {
    let all = ec2.describe_instances().instance_ids(id).send().await.unwrap();
    all.reservations()[0].instances()[0].clone()
}

async fn state(ec2: &Client, id: &str) -> String {
    live(ec2, id).await.state().and_then(|s| s.name()).unwrap().as_str().to_owned()
}

/// In base64, as AWS answers.
async fn script(ec2: &Client, id: &str) -> Option<String> {
    let call = ec2.describe_instance_attribute().instance_id(id);
    let answer = call.attribute(InstanceAttributeName::UserData).send().await.unwrap();
    answer.user_data.and_then(|u| u.value).filter(|text| !text.is_empty())
}

#[tokio::test]
async fn is_stopped_changed_and_started() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(FIRST)).await;
    let id = world.id("machine").await;
    let before = live(&ec2, &id).await;
    let disk = |machine: &SdkInstance| {
        let device = machine.block_device_mappings()[0].ebs().unwrap();
        device.volume_id().unwrap().to_owned()
    };

    let small = Wanted { kind: "t3.small", ..FIRST };
    world.updates(program(small), "machine", &["instance_type"]).await;
    let now = live(&ec2, &id).await;
    assert_eq!(now.instance_type().map(|t| t.as_str()), Some("t3.small"));
    assert_eq!(state(&ec2, &id).await, "running");
    assert_eq!(
        (disk(&now), now.private_ip_address()),
        (disk(&before), before.private_ip_address())
    );

    let two = Wanted { script: Some("#!/bin/sh\necho two\n"), ..small };
    world.updates(program(two), "machine", &["user_data"]).await;
    assert_eq!(state(&ec2, &id).await, "running");
    let told = script(&ec2, &id).await.unwrap();
    assert_eq!(told, "IyEvYmluL3NoCmVjaG8gdHdvCg==");
    world.updates(program(Wanted { script: None, ..small }), "machine", &["user_data"]).await;
    assert_eq!(script(&ec2, &id).await, None);
    let optimized = Wanted { script: None, optimized: Some(true), ..small };
    world.updates(program(optimized), "machine", &["ebs_optimized"]).await;
    assert_eq!(live(&ec2, &id).await.ebs_optimized(), Some(true));
    assert_eq!(state(&ec2, &id).await, "running");

    assert_eq!(world.id("machine").await, id);
    let (stops, starts) = (world.count("ec2:StopInstances"), world.count("ec2:StartInstances"));
    assert_eq!((stops.await, starts.await), (4, 4));
    assert_eq!(world.count("ec2:RunInstances").await, 1);
}

#[tokio::test]
async fn another_script_is_another_machine_where_the_program_says_so() {
    let world = World::new().await;
    world.up(program(Wanted { anew: true, ..FIRST })).await;
    let two = Wanted { script: Some("#!/bin/sh\necho two\n"), anew: true, ..FIRST };
    let (old, new) = world.replaces(program(two), "machine", &["user_data"]).await;
    assert_ne!(old, new);
    assert_eq!(world.count("ec2:StopInstances").await, 0);
}

/// Killed while one of its calls is held up, on the way to AWS or on the way back.
#[tokio::test]
async fn a_run_that_is_killed_in_between_is_finished() {
    const HELD: Duration = Duration::from_secs(60);
    let [micro, small] = ["t3.micro", "t3.small"];
    for (fault, power, kind) in [
        (Fault::delay_after("StopInstances", HELD), "stopped", micro),
        (Fault::delay_before("ModifyInstanceAttribute", HELD), "stopped", micro),
        (Fault::delay_after("ModifyInstanceAttribute", HELD), "stopped", small),
        (Fault::delay_before("StartInstances", HELD), "stopped", small),
        (Fault::delay_after("StartInstances", HELD), "running", small),
    ] {
        let world = World::new().await;
        let ec2 = world.aws().await.ec2().clone();
        world.up(program(FIRST)).await;
        let id = world.id("machine").await;
        let wanted = Wanted { kind: small, ..FIRST };
        world.account.faults([fault]).await.unwrap();
        let is_there = async || {
            let now = live(&ec2, &id).await;
            let is = now.instance_type().map(|t| t.as_str()).unwrap_or_default().to_owned();
            (state(&ec2, &id).await.as_str(), is.as_str()) == (power, kind)
        };
        let end = async { while !is_there().await {} };
        let endpoint = world.account.endpoint().to_owned();
        assert!(world.up_until(program(wanted), &endpoint, end).await, "{power} {kind}");
        world.account.reset_faults().await.unwrap();
        world.up(program(wanted)).await;
        assert_eq!(world.id("machine").await, id);
        assert_eq!(state(&ec2, &id).await, "running", "{power} {kind}");
        let now = live(&ec2, &id).await;
        assert_eq!(now.instance_type().map(|t| t.as_str()), Some(small));
    }
}

#[tokio::test]
async fn what_aws_refuses_leaves_it_running() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(FIRST)).await;
    let id = world.id("machine").await;
    let small = Wanted { kind: "t3.small", ..FIRST };
    let refusal = Fault::status("StopInstances", 400, "UnsupportedOperation");
    world.account.faults([refusal]).await.unwrap();
    let (_, report) = world.try_up(program(small)).await.unwrap();
    assert_eq!(failure(&report), "UnsupportedOperation");
    let said = &report.failures[0].error.message;
    assert!(said.contains("replace_on_changes"), "{said}");
    assert_eq!(state(&ec2, &id).await, "running");

    let code = "InvalidInstanceAttributeValue";
    let refusal = Fault::status("ModifyInstanceAttribute", 400, code);
    world.account.faults([refusal]).await.unwrap();
    let (_, report) = world.try_up(program(small)).await.unwrap();
    assert_eq!(failure(&report), code);
    world.up(program(FIRST)).await;
    assert_eq!(state(&ec2, &id).await, "running");
    assert_eq!(live(&ec2, &id).await.instance_type().map(|t| t.as_str()), Some("t3.micro"));
}

#[tokio::test]
async fn runs_or_not_as_declared() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let down = Wanted { running: Some(false), ..FIRST };
    world.up(program(down)).await;
    let id = world.id("machine").await;
    assert_eq!(state(&ec2, &id).await, "stopped");
    // What needs a stopped machine leaves it so.
    let small = Wanted { kind: "t3.small", ..down };
    world.updates(program(small), "machine", &["instance_type"]).await;
    assert_eq!(state(&ec2, &id).await, "stopped");
    let up = Wanted { running: None, ..small };
    // Left to AWS, it stays as it is.
    assert_eq!(world.up(program(up)).await, [""; 0]);
    assert_eq!(state(&ec2, &id).await, "stopped");
    let on = Wanted { running: Some(true), ..up };
    world.updates(program(on), "machine", &["running"]).await;
    assert_eq!(state(&ec2, &id).await, "running");
    world.up(program(up)).await;
    // What somebody stops is theirs, and a change leaves it so, unless the program says that it runs.
    world.account.configure(Config::slow(Duration::ZERO)).await.unwrap();
    ec2.stop_instances().instance_ids(&id).send().await.unwrap();
    assert_eq!(world.up(program(up)).await, [""; 0]);
    world.updates(program(Wanted { kind: "t3.micro", ..up }), "machine", &["instance_type"]).await;
    assert_eq!(state(&ec2, &id).await, "stopped");
    let on = Wanted { kind: "t3.micro", ..on };
    world.updates(program(on), "machine", &["running"]).await;
    assert_eq!(state(&ec2, &id).await, "running");
    let off = Wanted { running: Some(false), ..on };
    world.updates(program(off), "machine", &["running"]).await;
    assert_eq!(state(&ec2, &id).await, "stopped");
    world.destroy().await;
}

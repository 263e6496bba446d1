//! An `Instance` whose run is cut off, whose calls fail, or that somebody meddles with.

use std::time::Duration;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    AttributeBooleanValue, AttributeValue, HttpTokensState, Instance as SdkInstance,
    InstanceAttributeName, InstanceCreditSpecificationRequest,
};
use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::{CreditSpecification, Instance, MetadataOptions, SecurityGroup};
use ferrocrete_resources::iam::{InstanceProfile, PolicyDocument, Role, Statement};
use ferrocrete_sandbox::{Config, Fault, Unkind};

use super::instance::image;
use super::network::failure;
use crate::world::{World, changes};

/// A machine whose every property that can change in place is declared.
fn program(stack: &Stack) {
    let group = stack.add("web", SecurityGroup::builder().group_description("Group"));
    let trust = Statement::new().actions(["sts:AssumeRole"]).principal_service("ec2.amazonaws.com");
    let trust = PolicyDocument::new().allow(trust);
    let role = stack.add("role", Role::builder().assume_role_policy_document(trust));
    let profile = stack.add("profile", InstanceProfile::builder().role(&role.role_name));
    let machine = Instance::builder()
        .image_id(image(stack))
        .instance_type("t3.micro")
        .security_group_ids([&group.group_id])
        .source_dest_check(false)
        .monitoring(false)
        .disable_api_termination(false)
        .instance_initiated_shutdown_behavior("stop")
        .metadata_options(MetadataOptions::builder().http_tokens("required"))
        .credit_specification(CreditSpecification::builder().cpu_credits("standard"))
        // By ARN, which AWS answers; the other tests give the name.
        .iam_instance_profile(&profile.arn)
        .tags([("owner", "anna")]);
    stack.add("machine", machine);
}

async fn all(ec2: &Client) -> Vec<SdkInstance> {
    let all = ec2.describe_instances().send().await.unwrap().reservations.unwrap_or_default();
    all.into_iter().flat_map(|r| r.instances.unwrap_or_default()).collect()
}

fn state(instance: &SdkInstance) -> &str {
    instance.state().and_then(|s| s.name()).unwrap().as_str()
}

/// The only machine that runs.
async fn running(ec2: &Client) -> SdkInstance {
    let mut all = all(ec2).await;
    all.retain(|i| state(i) == "running");
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[tokio::test]
async fn each_drift_is_mended() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program).await;
    let id = world.id("machine").await;
    let on = || AttributeBooleanValue::builder().value(true).build();
    let modify = || ec2.modify_instance_attribute().instance_id(&id);

    let groups = ec2.describe_security_groups().group_names("default").send().await.unwrap();
    let theirs = groups.security_groups()[0].group_id().unwrap();
    modify().groups(theirs).send().await.unwrap();
    world.updates(program, "machine", &["security_group_ids"]).await;
    let ours = world.id("web").await;
    assert_eq!(running(&ec2).await.security_groups()[0].group_id(), Some(ours.as_str()));

    modify().source_dest_check(on()).send().await.unwrap();
    world.updates(program, "machine", &["source_dest_check"]).await;
    assert_eq!(running(&ec2).await.source_dest_check(), Some(false));

    modify().disable_api_termination(on()).send().await.unwrap();
    world.updates(program, "machine", &["disable_api_termination"]).await;
    let ask = ec2.describe_instance_attribute().instance_id(&id);
    let answer = ask.clone().attribute(InstanceAttributeName::DisableApiTermination).send();
    let protected = answer.await.unwrap().disable_api_termination.and_then(|a| a.value);
    assert_eq!(protected, Some(false));

    let terminate = AttributeValue::builder().value("terminate").build();
    modify().instance_initiated_shutdown_behavior(terminate).send().await.unwrap();
    world.updates(program, "machine", &["instance_initiated_shutdown_behavior"]).await;
    let answer = ask.attribute(InstanceAttributeName::InstanceInitiatedShutdownBehavior).send();
    let shutdown = answer.await.unwrap().instance_initiated_shutdown_behavior;
    assert_eq!(shutdown.and_then(|a| a.value).as_deref(), Some("stop"));

    let optional = ec2.modify_instance_metadata_options().instance_id(&id);
    optional.http_tokens(HttpTokensState::Optional).send().await.unwrap();
    world.updates(program, "machine", &["metadata_options"]).await;
    let options = running(&ec2).await.metadata_options.unwrap();
    assert_eq!(options.http_tokens(), Some(&HttpTokensState::Required));

    let credits = InstanceCreditSpecificationRequest::builder().instance_id(&id);
    let call = ec2.modify_instance_credit_specification();
    let call = call.instance_credit_specifications(credits.cpu_credits("unlimited").build());
    call.send().await.unwrap();
    world.updates(program, "machine", &["credit_specification"]).await;
    let call = ec2.describe_instance_credit_specifications().instance_ids(&id);
    let answer = call.send().await.unwrap();
    let credits = answer.instance_credit_specifications()[0].cpu_credits();
    assert_eq!(credits, Some("standard"));

    let associations = ec2.describe_iam_instance_profile_associations().send().await.unwrap();
    let association = associations.iam_instance_profile_associations()[0].association_id().unwrap();
    let call = ec2.disassociate_iam_instance_profile().association_id(association);
    call.send().await.unwrap();
    world.updates(program, "machine", &["iam_instance_profile"]).await;
    assert!(running(&ec2).await.iam_instance_profile().is_some());

    super::network::tag_by_hand(&ec2, &id, "owner", "eve").await;
    world.updates(program, "machine", &["tags"]).await;
    let machine = running(&ec2).await;
    assert_eq!(super::network::tag(machine.tags(), "owner"), Some("anna"));
    assert_eq!(world.count("ec2:RunInstances").await, 1);
}

#[tokio::test]
async fn a_stopped_machine_is_left_alone() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program).await;
    world.account.configure(Config::slow(Duration::ZERO)).await.unwrap();
    ec2.stop_instances().instance_ids(world.id("machine").await).send().await.unwrap();
    assert_eq!(world.up(program).await, [""; 0]);
    let all = all(&ec2).await;
    assert_eq!((all.len(), state(&all[0])), (1, "stopped"));
}

#[tokio::test]
async fn a_machine_that_is_going_is_replaced() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program).await;
    let old = world.id("machine").await;
    world.account.configure(Config::slow(Duration::from_secs(6))).await.unwrap();
    ec2.terminate_instances().instance_ids(&old).send().await.unwrap();
    assert_eq!(changes(&world.plan(program).await), ["delete replaced machine", "create machine"]);
    world.account.configure(Config::slow(Duration::ZERO)).await.unwrap();
    world.up(program).await;
    assert_ne!(running(&ec2).await.instance_id(), Some(old.as_str()));
}

#[tokio::test]
async fn a_machine_that_ended_after_the_kill_is_not_found() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.killed(program, "machine", 1).await;
    world.account.configure(Config::slow(Duration::ZERO)).await.unwrap();
    let first = all(&ec2).await[0].instance_id().unwrap().to_owned();
    ec2.terminate_instances().instance_ids(&first).send().await.unwrap();
    world.up(program).await;
    // A new token: the old one's machine is the terminated one for ever.
    assert_ne!(running(&ec2).await.instance_id(), Some(first.as_str()));
    assert_eq!(world.count("ec2:RunInstances").await, 2);
}

#[tokio::test]
async fn what_follows_the_launch_is_made_up_for_after_a_kill() {
    for entries in [1, 2] {
        let world = World::new().await;
        let ec2 = world.aws().await.ec2().clone();
        world.killed(program, "machine", entries).await;
        world.up(program).await;
        assert_eq!(running(&ec2).await.source_dest_check(), Some(false), "after {entries}");
        assert_eq!(world.count("ec2:RunInstances").await, 1);
    }
}

#[tokio::test]
async fn what_follows_the_launch_is_made_up_for_after_a_refusal() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let refused = Fault::status("ModifyInstanceAttribute", 403, "UnauthorizedOperation");
    world.account.faults([refused]).await.unwrap();
    let (_, report) = world.try_up(program).await.unwrap();
    assert_eq!(failure(&report), "UnauthorizedOperation");
    world.up(program).await;
    assert_eq!(running(&ec2).await.source_dest_check(), Some(false));
    assert_eq!(world.count("ec2:RunInstances").await, 1);
}

#[tokio::test]
async fn what_ec2_does_not_know_yet_is_tried_again() {
    let world = World::new().await;
    // The profile and its role, and then the machine itself, were made moments ago.
    let moment = Duration::from_secs(2);
    let young = Unkind { young: moment, young_role: moment, ..Unkind::none() };
    world.account.configure(Config::unkind(young)).await.unwrap();
    world.up(program).await;
    let ec2 = world.aws().await.ec2().clone();
    assert_eq!(running(&ec2).await.source_dest_check(), Some(false));
    assert!(world.tried("ec2:RunInstances").await >= 2);
    assert!(world.tried("ec2:ModifyInstanceAttribute").await >= 2);
}

#[tokio::test]
async fn a_mistake_is_told_at_once() {
    let world = World::new().await;
    let refused = Fault::status("RunInstances", 400, "InvalidParameterValue");
    world.account.faults([refused]).await.unwrap();
    let (_, report) = world.try_up(program).await.unwrap();
    assert_eq!(failure(&report), "InvalidParameterValue");
    assert_eq!(world.tried("ec2:RunInstances").await, 1);
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_machine() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.account.faults([Fault::drop_after("RunInstances").service("ec2")]).await.unwrap();
    world.up(program).await;
    assert_eq!(running(&ec2).await.instance_id(), Some(world.id("machine").await.as_str()));
    assert_eq!(all(&ec2).await.len(), 1);
}

#[tokio::test]
async fn a_type_without_credits_refuses_them() {
    let world = World::new().await;
    let of = |credits: Option<&'static str>| {
        move |stack: &Stack| {
            let machine = Instance::builder().image_id(image(stack)).instance_type("m5.large");
            let credits = credits.map(|kind| CreditSpecification::builder().cpu_credits(kind));
            stack.add("machine", machine.maybe_credit_specification(credits));
        }
    };
    world.up(of(None)).await;
    let (_, report) = world.try_up(of(Some("unlimited"))).await.unwrap();
    // The call itself succeeds and lists the refusal.
    assert_eq!(failure(&report), "InstanceCreditSpecification.NotSupported");
    world.up(of(None)).await;
    assert_eq!(world.count("ec2:RunInstances").await, 1);
}

//! `AWS::EC2::Instance`.

use std::time::Duration;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Instance as SdkInstance, InstanceAttributeName};
use ferrocrete_core::{Input, Output, Stack};
use ferrocrete_resources::ec2::{
    Ami, BlockDeviceMapping, CreditSpecification, Ebs, ElasticIp, ElasticIpAssociation, Instance,
    MetadataOptions, SecurityGroup,
};
use ferrocrete_resources::iam::{InstanceProfile, PolicyDocument, Role, Statement};
use ferrocrete_sandbox::Config;

use super::network::{tag, tag_by_hand};
use crate::world::World;

/// An image for the machines.
pub fn image(stack: &Stack) -> Output<String> {
    let filter =
        Ami::builder().owners(["099720109477"]).name("ubuntu/images/hvm-ssd/ubuntu-jammy-*");
    stack.lookup("ubuntu", filter).image_id.clone()
}

/// What the tests change.
#[derive(Clone)]
struct Wanted {
    instance_type: &'static str,
    user_data: &'static str,
    groups: &'static [&'static str],
    check: bool,
    monitoring: bool,
    protected: bool,
    shutdown: &'static str,
    hops: i32,
    credits: &'static str,
    profile: Option<&'static str>,
    size: i32,
    owner: &'static str,
}

const FIRST: Wanted = Wanted {
    instance_type: "t3.micro",
    user_data: "#!/bin/sh\necho one\n",
    groups: &["web"],
    check: true,
    monitoring: false,
    protected: false,
    shutdown: "stop",
    hops: 1,
    credits: "standard",
    profile: None,
    size: 20,
    owner: "anna",
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let groups = ["web", "db"].map(|name| {
            (name, stack.add(name, SecurityGroup::builder().group_description("Group")))
        });
        let of = |name: &&str| groups.iter().find(|(n, _)| n == name).unwrap().1.group_id.clone();
        let trust =
            Statement::new().actions(["sts:AssumeRole"]).principal_service("ec2.amazonaws.com");
        let role = stack.add(
            "role",
            Role::builder().assume_role_policy_document(PolicyDocument::new().allow(trust)),
        );
        let profiles = ["one", "two"].map(|name| {
            let made = stack.add(name, InstanceProfile::builder().role(&role.role_name));
            (name, made.instance_profile_name.clone())
        });
        let profile = profiles.iter().find(|(n, _)| Some(*n) == wanted.profile);
        stack.add(
            "machine",
            Instance::builder()
                .image_id(image(stack))
                .instance_type(wanted.instance_type)
                .user_data(wanted.user_data)
                .security_group_ids(wanted.groups.iter().map(of).collect::<Input<_>>())
                .source_dest_check(wanted.check)
                .monitoring(wanted.monitoring)
                .disable_api_termination(wanted.protected)
                .instance_initiated_shutdown_behavior(wanted.shutdown)
                .metadata_options(
                    MetadataOptions::builder()
                        .http_tokens("required")
                        .http_put_response_hop_limit(wanted.hops),
                )
                .credit_specification(CreditSpecification::builder().cpu_credits(wanted.credits))
                .maybe_iam_instance_profile(profile.map(|(_, name)| name))
                .block_device_mappings([BlockDeviceMapping::builder()
                    .device_name("/dev/sda1")
                    .ebs(Ebs::builder().volume_size(wanted.size).volume_type("gp3"))])
                .tags([("owner", wanted.owner)]),
        );
    }
}

async fn live(ec2: &Client, id: &str) -> Option<SdkInstance> {
    let all = ec2.describe_instances().instance_ids(id).send().await.ok()?;
    let instance = all.reservations?.into_iter().next()?.instances?.into_iter().next()?;
    let state = instance.state()?.name()?.as_str().to_owned();
    (state == "running").then_some(instance)
}

async fn attribute(ec2: &Client, id: &str, name: InstanceAttributeName) -> String {
    let call = ec2.describe_instance_attribute().instance_id(id).attribute(name);
    let answer = call.send().await.unwrap();
    let protected = answer.disable_api_termination.and_then(|a| a.value).map(|v| v.to_string());
    let shutdown = answer.instance_initiated_shutdown_behavior.and_then(|a| a.value);
    protected.or(shutdown).unwrap_or_default()
}

async fn credits(ec2: &Client, id: &str) -> String {
    let call = ec2.describe_instance_credit_specifications().instance_ids(id);
    let answer = call.send().await.unwrap();
    answer.instance_credit_specifications()[0].cpu_credits().unwrap().to_owned()
}

#[tokio::test]
async fn is_made_as_declared() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(Wanted { check: false, profile: Some("one"), ..FIRST })).await;
    let id = world.id("machine").await;
    let machine = live(&ec2, &id).await.unwrap();
    assert_eq!(machine.instance_type().map(|t| t.as_str()), Some("t3.micro"));
    assert_eq!(machine.source_dest_check(), Some(false));
    assert_eq!(tag(machine.tags(), "owner"), Some("anna"));
    let groups: Vec<_> = machine.security_groups().iter().filter_map(|g| g.group_id()).collect();
    assert_eq!(groups, [world.id("web").await]);
    let metadata = machine.metadata_options().unwrap();
    assert_eq!(metadata.http_tokens().map(|t| t.as_str()), Some("required"));
    let profile = machine.iam_instance_profile().and_then(|p| p.arn()).unwrap();
    assert!(profile.ends_with(&world.id("one").await));
    assert_eq!(world.output("machine", "private_ip").await, machine.private_ip_address().unwrap());
    assert_eq!(world.output("machine", "vpc_id").await, machine.vpc_id().unwrap());
    let volumes = ec2.describe_volumes().send().await.unwrap().volumes.unwrap();
    assert_eq!((volumes.len(), volumes[0].size()), (1, Some(20)));

    world.destroy().await;
    assert!(live(&ec2, &id).await.is_none());
}

#[tokio::test]
async fn changes_in_place() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(FIRST)).await;
    let id = world.id("machine").await;
    tag_by_hand(&ec2, &id, "cost", "7").await;
    let steps = [
        (Wanted { groups: &["web", "db"], ..FIRST }, "security_group_ids"),
        (Wanted { check: false, ..FIRST }, "source_dest_check"),
        (Wanted { monitoring: true, ..FIRST }, "monitoring"),
        (Wanted { protected: true, ..FIRST }, "disable_api_termination"),
        (Wanted { shutdown: "terminate", ..FIRST }, "instance_initiated_shutdown_behavior"),
        (Wanted { hops: 2, ..FIRST }, "metadata_options"),
        (Wanted { credits: "unlimited", ..FIRST }, "credit_specification"),
        (Wanted { profile: Some("one"), ..FIRST }, "iam_instance_profile"),
        (Wanted { owner: "ben", ..FIRST }, "tags"),
    ];
    for (wanted, property) in steps {
        world.updates(program(wanted.clone()), "machine", &[property]).await;
        let machine = live(&ec2, &id).await.unwrap();
        assert_eq!(machine.security_groups().len(), wanted.groups.len());
        assert_eq!(machine.source_dest_check(), Some(wanted.check));
        let hops = machine.metadata_options().unwrap().http_put_response_hop_limit();
        assert_eq!(hops, Some(wanted.hops));
        assert_eq!(machine.iam_instance_profile().is_some(), wanted.profile.is_some());
        let detailed = machine.monitoring().and_then(|m| m.state()).map(|s| s.as_str());
        assert_eq!(detailed, Some(if wanted.monitoring { "enabled" } else { "disabled" }));
        assert_eq!(credits(&ec2, &id).await, wanted.credits);
        assert_eq!(tag(machine.tags(), "owner"), Some(wanted.owner));
        assert_eq!(tag(machine.tags(), "cost"), Some("7"));
        let protected = attribute(&ec2, &id, InstanceAttributeName::DisableApiTermination).await;
        assert_eq!(protected, wanted.protected.to_string());
        let shutdown = InstanceAttributeName::InstanceInitiatedShutdownBehavior;
        assert_eq!(attribute(&ec2, &id, shutdown).await, wanted.shutdown);
        world.updates(program(FIRST), "machine", &[property]).await;
    }
    // From one profile to another.
    world.up(program(Wanted { profile: Some("one"), ..FIRST })).await;
    let other = Wanted { profile: Some("two"), ..FIRST };
    world.updates(program(other), "machine", &["iam_instance_profile"]).await;
    let machine = live(&ec2, &id).await.unwrap();
    let profile = machine.iam_instance_profile().and_then(|p| p.arn()).unwrap();
    assert!(profile.ends_with(&world.id("two").await));
}

#[tokio::test]
async fn is_replaced() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(FIRST)).await;
    let bigger = Wanted { size: 30, ..FIRST };
    let (old, new) = world.replaces(program(bigger), "machine", &["block_device_mappings"]).await;
    assert!(live(&ec2, &old).await.is_none() && live(&ec2, &new).await.is_some());
}

#[tokio::test]
async fn drift_is_mended() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(FIRST)).await;
    let id = world.id("machine").await;
    ec2.monitor_instances().instance_ids(&id).send().await.unwrap();
    world.updates(program(FIRST), "machine", &["monitoring"]).await;
    // Somebody terminates it, and it is gone.
    world.account.configure(Config::slow(Duration::ZERO)).await.unwrap();
    ec2.terminate_instances().instance_ids(&id).send().await.unwrap();
    assert_eq!(world.up(program(FIRST)).await, ["create machine"]);
    assert!(live(&ec2, &world.id("machine").await).await.is_some());
}

#[tokio::test]
async fn a_protected_machine_refuses_to_go() {
    let world = World::new().await;
    world.up(program(Wanted { protected: true, ..FIRST })).await;
    let (_, report) = world.try_up(|_: &Stack| {}).await.unwrap();
    let failure = report.failures.iter().find(|f| f.urn.name() == "machine").unwrap();
    assert_eq!(failure.error.code.as_deref(), Some("OperationNotPermitted"));
    assert!(failure.error.message.contains("disable_api_termination"));
    let ec2 = world.aws().await.ec2().clone();
    assert!(live(&ec2, &world.id("machine").await).await.is_some());
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program(FIRST), "machine", "ec2:RunInstances").await;
}

#[tokio::test]
async fn goes_on_waiting_after_a_kill() {
    let world = World::new().await;
    world.killed(program(FIRST), "machine", 2).await;
    world.up(program(FIRST)).await;
    assert_eq!(world.count("ec2:RunInstances").await, 1);
}

/// Two machines and an address at one of them.
pub fn with_address(stack: &Stack, at: &str) {
    let image = image(stack);
    let machines = ["one", "two"].map(|name| {
        let machine = Instance::builder().image_id(&image).instance_type("t3.micro");
        (name, stack.add(name, machine))
    });
    let (_, machine) = machines.iter().find(|(name, _)| *name == at).unwrap();
    let address = stack.add("address", ElasticIp::builder());
    stack.add(
        "joined",
        ElasticIpAssociation::builder()
            .allocation_id(&address.allocation_id)
            .instance_id(&machine.instance_id),
    );
}

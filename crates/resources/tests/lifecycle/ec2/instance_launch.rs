//! What only a launch can say of an `Instance`: there as declared, replaced when it changes.

use std::collections::BTreeSet;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, Instance as SdkInstance, InstanceAttributeName, Volume};
use ferrocrete_core::Stack;
use ferrocrete_core::resource::Properties;
use ferrocrete_resources::ec2::{
    Ami, BlockDeviceMapping, CreditSpecification, Ebs, Instance, KeyPair, MetadataOptions, Subnet,
    Vpc,
};

use super::network::tag;
use crate::world::{World, changed, changes};

/// Everything that replaces.
#[derive(Clone)]
struct Launch {
    image: &'static str,
    instance_type: &'static str,
    subnet: &'static str,
    zone: Option<&'static str>,
    private_ip: Option<&'static str>,
    public: bool,
    key: &'static str,
    user_data: &'static str,
    scratch: i32,
    ebs_optimized: bool,
    tenancy: &'static str,
    group: &'static str,
    spread_tags: bool,
}

const FULL: Launch = Launch {
    image: "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-*",
    instance_type: "t3.micro",
    subnet: "a",
    zone: Some("eu-central-1a"),
    private_ip: Some("10.0.1.77"),
    public: true,
    key: "login",
    user_data: "#!/bin/sh\necho 'ü'\n",
    scratch: 30,
    ebs_optimized: true,
    tenancy: "dedicated",
    group: "spread",
    spread_tags: true,
};

fn program(launch: Launch) -> impl Fn(&Stack) {
    move |stack| {
        let vpc = stack.add("net", Vpc::builder().cidr_block("10.0.0.0/16"));
        let subnet = |name: &str, cidr: &str, zone: &str| {
            let subnet = Subnet::builder().vpc_id(&vpc.vpc_id).cidr_block(cidr);
            stack.add(name, subnet.availability_zone(zone)).subnet_id.clone()
        };
        let a = subnet("a", "10.0.1.0/24", "eu-central-1a");
        let b = subnet("b", "10.0.2.0/24", "eu-central-1b");
        let key = |name: &str| {
            stack.add(name, KeyPair::builder().key_name(name).key_type("ed25519")).key_name.clone()
        };
        let (login, other) = (key("login"), key("other"));
        let image = Ami::builder().owners(["099720109477"]).name(launch.image);
        let machine = Instance::builder()
            .image_id(&stack.lookup("image", image).image_id)
            .instance_type(launch.instance_type)
            .subnet_id(if launch.subnet == "a" { &a } else { &b })
            .maybe_availability_zone(launch.zone)
            .maybe_private_ip_address(launch.private_ip)
            .associate_public_ip_address(launch.public)
            .key_name(if launch.key == "login" { &login } else { &other })
            .user_data(launch.user_data)
            .ebs_optimized(launch.ebs_optimized)
            .tenancy(launch.tenancy)
            .placement_group_name(launch.group)
            .propagate_tags_to_volume_on_creation(launch.spread_tags)
            .block_device_mappings([BlockDeviceMapping::builder().device_name("/dev/sdf").ebs(
                Ebs::builder()
                    .volume_size(launch.scratch)
                    .volume_type("gp3")
                    .iops(4000)
                    .throughput(250)
                    .encrypted(true)
                    .delete_on_termination(false),
            )])
            .tags([("owner", "anna")]);
        stack.add("machine", machine);
    }
}

async fn described(ec2: &Client, id: &str) -> SdkInstance {
    let all = ec2.describe_instances().instance_ids(id).send().await.unwrap();
    all.reservations()[0].instances()[0].clone()
}

/// The volume of this size.
async fn volume(ec2: &Client, size: i32) -> Option<Volume> {
    let of_size = Filter::builder().name("size").values(size.to_string()).build();
    let all = ec2.describe_volumes().filters(of_size).send().await.unwrap();
    assert!(all.volumes().len() < 2, "{all:?}");
    all.volumes().first().cloned()
}

#[tokio::test]
async fn all_that_a_launch_says_is_there() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(FULL)).await;
    let id = world.id("machine").await;
    let machine = described(&ec2, &id).await;
    let images = ec2.describe_images().image_ids(machine.image_id().unwrap()).send().await.unwrap();
    assert!(images.images()[0].name().unwrap().contains("jammy-22.04-amd64"));
    assert_eq!(machine.subnet_id(), Some(world.id("a").await.as_str()));
    assert_eq!(machine.private_ip_address(), Some("10.0.1.77"));
    assert_eq!(machine.key_name(), Some("login"));
    assert_eq!(machine.ebs_optimized(), Some(true));
    let placement = machine.placement().unwrap();
    assert_eq!(placement.availability_zone(), Some("eu-central-1a"));
    assert_eq!(placement.tenancy().map(|t| t.as_str()), Some("dedicated"));
    assert_eq!(placement.group_name(), Some("spread"));
    let public = machine.public_ip_address().unwrap();
    for (output, expected) in [
        ("private_ip", machine.private_ip_address()),
        ("private_dns_name", machine.private_dns_name()),
        ("public_ip", Some(public)),
        ("public_dns_name", machine.public_dns_name()),
        ("availability_zone", Some("eu-central-1a")),
        ("subnet_id", machine.subnet_id()),
        ("network_interface_id", machine.network_interfaces()[0].network_interface_id()),
    ] {
        assert_eq!(world.output("machine", output).await, expected.unwrap(), "{output}");
    }
    let call = ec2.describe_instance_attribute().instance_id(&id);
    let answer = call.attribute(InstanceAttributeName::UserData).send().await.unwrap();
    let encoded = answer.user_data().and_then(|d| d.value()).unwrap().to_owned();
    assert_eq!(encoded, aws_smithy_types::base64::encode(FULL.user_data));

    let scratch = volume(&ec2, 30).await.unwrap();
    assert_eq!(scratch.volume_type().map(|t| t.as_str()), Some("gp3"));
    assert_eq!((scratch.iops(), scratch.throughput()), (Some(4000), Some(250)));
    assert_eq!(scratch.encrypted(), Some(true));
    assert_eq!(tag(scratch.tags(), "owner"), Some("anna"));
    // It was declared to stay.
    world.destroy().await;
    assert!(volume(&ec2, 30).await.is_some());
}

#[tokio::test]
async fn what_is_declared_otherwise_is_not_given() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let plain = Launch { public: false, spread_tags: false, private_ip: None, ..FULL };
    world.up(program(plain.clone())).await;
    let machine = described(&ec2, &world.id("machine").await).await;
    assert_eq!(machine.public_ip_address().unwrap_or_default(), "");
    assert_eq!(tag(machine.tags(), "owner"), Some("anna"));
    assert_eq!(tag(volume(&ec2, 30).await.unwrap().tags(), "owner"), None);

    // It counts for the next launch: no volume is tagged now.
    let tagging = program(Launch { spread_tags: true, ..plain });
    world.updates(tagging, "machine", &["propagate_tags_to_volume_on_creation"]).await;
    assert_eq!(tag(volume(&ec2, 30).await.unwrap().tags(), "owner"), None);
}

#[tokio::test]
async fn each_change_is_a_replacement() {
    let world = World::new().await;
    let free = Launch { zone: None, private_ip: None, ..FULL };
    world.up(program(free.clone())).await;
    let jammy_arm = "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-arm64-*";
    let table = [
        (Launch { image: jammy_arm, ..free.clone() }, "image_id"),
        (Launch { subnet: "b", ..free.clone() }, "subnet_id"),
        (Launch { zone: Some("eu-central-1b"), ..free.clone() }, "availability_zone"),
        (Launch { private_ip: Some("10.0.1.99"), ..free.clone() }, "private_ip_address"),
        (Launch { public: false, ..free.clone() }, "associate_public_ip_address"),
        (Launch { key: "other", ..free.clone() }, "key_name"),
        (Launch { scratch: 40, ..free.clone() }, "block_device_mappings"),
        (Launch { tenancy: "default", ..free.clone() }, "tenancy"),
        (Launch { group: "other", ..free.clone() }, "placement_group_name"),
    ];
    for (wanted, property) in &table {
        let plan = world.plan(program(wanted.clone())).await;
        assert_eq!(changes(&plan), ["replace machine", "delete replaced machine"], "{property}");
        assert_eq!(changed(&plan, "machine"), [*property].into());
    }
    // All that replace are in the table.
    let all: BTreeSet<&str> =
        Instance::FIELDS.iter().filter(|f| f.replaces).map(|f| f.name).collect();
    assert_eq!(all, table.iter().map(|(_, property)| *property).collect());
}

#[tokio::test]
async fn no_longer_declared_zone_and_address_stay() {
    let world = World::new().await;
    world.up(program(FULL)).await;
    let id = world.id("machine").await;
    assert_eq!(world.up(program(Launch { zone: None, private_ip: None, ..FULL })).await, [""; 0]);
    assert_eq!(world.id("machine").await, id);
}

#[tokio::test]
async fn an_address_of_its_own_moves_to_the_replacement() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(FULL)).await;
    let other = program(Launch { key: "other", ..FULL });
    let plan = world.plan(&other).await;
    assert_eq!(changes(&plan), ["delete replaced machine", "replace machine"]);
    let (old, new) = world.replaces(other, "machine", &["key_name"]).await;
    assert_ne!(old, new);
    let machine = described(&ec2, &new).await;
    assert_eq!(machine.private_ip_address(), Some("10.0.1.77"));
    assert_eq!(machine.key_name(), Some("other"));
}

/// A machine whose metadata and credits are declared in full.
fn tuned(metadata: [&'static str; 4], hops: i32) -> impl Fn(&Stack) {
    move |stack| {
        let [tokens, endpoint, ipv6, tags] = metadata;
        let image = super::instance::image(stack);
        let options = MetadataOptions::builder()
            .http_tokens(tokens)
            .http_endpoint(endpoint)
            .http_protocol_ipv6(ipv6)
            .instance_metadata_tags(tags)
            .http_put_response_hop_limit(hops);
        let machine = Instance::builder().image_id(&image).instance_type("t3.micro");
        let credits = CreditSpecification::builder().cpu_credits("standard");
        stack.add("machine", machine.metadata_options(options).credit_specification(credits));
    }
}

#[tokio::test]
async fn each_metadata_option_is_set_and_changed() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let steps = [
        (["required", "enabled", "disabled", "disabled"], 3),
        (["optional", "enabled", "disabled", "disabled"], 3),
        (["optional", "disabled", "disabled", "disabled"], 3),
        (["optional", "disabled", "enabled", "disabled"], 3),
        (["optional", "disabled", "enabled", "enabled"], 3),
        (["optional", "disabled", "enabled", "enabled"], 64),
    ];
    for (number, (options, hops)) in steps.into_iter().enumerate() {
        if number == 0 {
            world.up(tuned(options, hops)).await;
        } else {
            world.updates(tuned(options, hops), "machine", &["metadata_options"]).await;
        }
        let machine = described(&ec2, &world.id("machine").await).await;
        let live = machine.metadata_options().unwrap();
        let found = [
            live.http_tokens().map(|v| v.as_str()),
            live.http_endpoint().map(|v| v.as_str()),
            live.http_protocol_ipv6().map(|v| v.as_str()),
            live.instance_metadata_tags().map(|v| v.as_str()),
        ];
        assert_eq!(found, options.map(Some));
        assert_eq!(live.http_put_response_hop_limit(), Some(hops));
    }
    assert_eq!(world.count("ec2:RunInstances").await, 1);
}

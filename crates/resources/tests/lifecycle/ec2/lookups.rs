//! EC2's lookups and the caller's identity, compared with the SDK's own answers.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{AttributeBooleanValue, Filter};
use ferrocrete_core::program::LookupHandle;
use ferrocrete_core::value::Value;
use ferrocrete_core::{Options, Stack};
use ferrocrete_resources::ec2::{
    Ami, AvailabilityZones, DefaultVpc, SecurityGroup, Subnet, Subnets, Vpc,
};
use ferrocrete_resources::sts::CallerIdentity;

use super::network::tag_by_hand;
use crate::world::World;

fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

async fn export(world: &World, name: &str) -> Value {
    world.state().await.exports.get(name).unwrap_or_else(|| panic!("no `{name}`")).clone()
}

fn texts(all: impl IntoIterator<Item = impl Into<String>>) -> Value {
    Value::List(all.into_iter().map(|t| Value::String(t.into())).collect())
}

/// Exports are recorded by a run that does something.
fn something(stack: &Stack) {
    stack.add("group", SecurityGroup::builder().group_description("Any"));
}

#[tokio::test]
async fn the_default_vpc() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    // Others are none.
    ec2.create_vpc().cidr_block("10.0.0.0/16").send().await.unwrap();
    let program = |stack: &Stack| {
        let vpc = stack.lookup("vpc", DefaultVpc::builder());
        stack.export("vpc", &vpc.vpc_id);
        stack.export("range", &vpc.cidr_block);
        something(stack);
    };
    world.up(program).await;
    let vpcs = ec2.describe_vpcs().filters(filter("is-default", "true")).send().await.unwrap();
    let vpc = vpcs.vpcs()[0].vpc_id().unwrap();
    assert_eq!(export(&world, "vpc").await, Value::String(vpc.into()));
    let range = vpcs.vpcs()[0].cidr_block().unwrap();
    assert_eq!(export(&world, "range").await, Value::String(range.into()));
}

#[tokio::test]
async fn the_zones_by_name() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let program = |stack: &Stack| {
        let zones = stack.lookup("zones", AvailabilityZones::builder());
        stack.export("names", &zones.zone_names);
        stack.export("ids", &zones.zone_ids);
        something(stack);
    };
    world.up(program).await;
    let zones = ec2.describe_availability_zones().send().await.unwrap();
    let mut zones: Vec<(&str, &str)> = zones
        .availability_zones()
        .iter()
        .map(|z| (z.zone_name().unwrap(), z.zone_id().unwrap()))
        .collect();
    zones.sort_unstable();
    assert!(zones.len() > 1, "{zones:?}");
    assert_eq!(export(&world, "names").await, texts(zones.iter().map(|(name, _)| *name)));
    assert_eq!(export(&world, "ids").await, texts(zones.iter().map(|(_, id)| *id)));
}

/// Subnets of one VPC: two with tags, one of them public, in two zones.
async fn subnets(ec2: &Client) -> (String, [String; 3]) {
    let vpc = ec2.create_vpc().cidr_block("10.0.0.0/16").send().await.unwrap();
    let vpc = vpc.vpc().and_then(|v| v.vpc_id()).unwrap().to_owned();
    let make = async |cidr: &str, zone: &str, tier: Option<&str>| {
        let call = ec2.create_subnet().vpc_id(&vpc).cidr_block(cidr).availability_zone(zone);
        let made = call.send().await.unwrap();
        let id = made.subnet().and_then(|s| s.subnet_id()).unwrap().to_owned();
        if let Some(tier) = tier {
            tag_by_hand(ec2, &id, "tier", tier).await;
        }
        id
    };
    // In another order than by zone.
    let public = make("10.0.2.0/24", "eu-central-1b", Some("web")).await;
    let tagged = make("10.0.1.0/24", "eu-central-1a", Some("db")).await;
    let plain = make("10.0.3.0/24", "eu-central-1c", None).await;
    let on = AttributeBooleanValue::builder().value(true).build();
    let call = ec2.modify_subnet_attribute().subnet_id(&public).map_public_ip_on_launch(on);
    call.send().await.unwrap();
    (vpc, [tagged, public, plain])
}

#[tokio::test]
async fn subnets_by_each_filter() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let (vpc, [tagged, public, plain]) = subnets(&ec2).await;
    let program = |stack: &Stack| {
        let of_vpc = || Subnets::builder().vpc_id(&vpc);
        let ids = |name: &str, found: LookupHandle<Subnets>| stack.export(name, &found.subnet_ids);
        let all = stack.lookup("all", of_vpc());
        stack.export("zones", &all.availability_zones);
        stack.export("ranges", &all.cidr_blocks);
        ids("all", all);
        let zones = ["eu-central-1a", "eu-central-1c"];
        ids("zone", stack.lookup("zone", of_vpc().availability_zones(zones)));
        ids("public", stack.lookup("public", of_vpc().map_public_ip_on_launch(true)));
        ids("private", stack.lookup("private", of_vpc().map_public_ip_on_launch(false)));
        ids("tagged", stack.lookup("tagged", of_vpc().tags([("tier", "d*")])));
        ids("other", stack.lookup("other", of_vpc().default_for_az(false)));
        ids("default", stack.lookup("default", Subnets::builder().default_for_az(true)));
        something(stack);
    };
    world.up(program).await;
    for (name, expected) in [
        ("all", vec![&tagged, &public, &plain]),
        ("zone", vec![&tagged, &plain]),
        ("public", vec![&public]),
        ("private", vec![&tagged, &plain]),
        ("tagged", vec![&tagged]),
        ("other", vec![&tagged, &public, &plain]),
    ] {
        assert_eq!(export(&world, name).await, texts(expected), "{name}");
    }
    let zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];
    assert_eq!(export(&world, "zones").await, texts(zones));
    assert_eq!(
        export(&world, "ranges").await,
        texts(["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"])
    );
    let call = ec2.describe_subnets().filters(filter("default-for-az", "true"));
    let theirs = call.send().await.unwrap();
    let mut theirs: Vec<_> =
        theirs.subnets().iter().map(|s| (s.availability_zone(), s.subnet_id().unwrap())).collect();
    theirs.sort_unstable();
    assert!(!theirs.is_empty());
    assert_eq!(export(&world, "default").await, texts(theirs.into_iter().map(|(_, id)| id)));
}

#[tokio::test]
async fn the_caller() {
    let world = World::in_region("eu-west-1").await;
    let program = |stack: &Stack| {
        let caller = stack.lookup("caller", CallerIdentity::builder());
        stack.export("account", &caller.account);
        stack.export("arn", &caller.arn);
        stack.export("user", &caller.user_id);
        stack.export("region", &caller.region);
        something(stack);
    };
    world.up(program).await;
    let identity = world.aws().await.sts().get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some(world.account.id.as_str()));
    for (name, expected) in [
        ("account", identity.account()),
        ("arn", identity.arn()),
        ("user", identity.user_id()),
        ("region", Some("eu-west-1")),
    ] {
        assert_eq!(export(&world, name).await, Value::String(expected.unwrap().into()), "{name}");
    }
}

#[tokio::test]
async fn the_newest_image_is_taken() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let name = "ubuntu/images/hvm-ssd/ubuntu-*";
    let program = |stack: &Stack| {
        let images = || Ami::builder().owners(["099720109477"]).name(name);
        let arm = stack.lookup("image", images().architecture("arm64"));
        stack.export("id", &arm.image_id);
        stack.export("name", &arm.name);
        stack.export("owner", &arm.owner_id);
        stack.export("date", &arm.creation_date);
        stack.export("architecture", &arm.architecture);
        stack.export("device", &arm.root_device_name);
        let filters = [("architecture", ["x86_64"]), ("root-device-type", ["ebs"])];
        let other = stack.lookup("other", images().filters(filters));
        stack.export("other", &other.architecture);
        something(stack);
    };
    world.up(program).await;
    let call = ec2.describe_images().owners("099720109477").filters(filter("name", name));
    let images = call.filters(filter("architecture", "arm64")).send().await.unwrap();
    assert!(images.images().len() > 1, "a choice");
    let newest = images.images().iter().map(|i| (i.creation_date(), i.image_id())).max().unwrap();
    let mut images = images.images().iter();
    let newest = images.find(|i| i.image_id() == newest.1).unwrap();
    for (name, expected) in [
        ("id", newest.image_id()),
        ("name", newest.name()),
        ("owner", newest.owner_id()),
        ("date", newest.creation_date()),
        ("architecture", Some("arm64")),
        ("device", newest.root_device_name()),
        ("other", Some("x86_64")),
    ] {
        assert_eq!(export(&world, name).await, Value::String(expected.unwrap().into()), "{name}");
    }
}

/// The message of an `up` that fails before it does anything.
async fn refusal(world: &World, program: impl Fn(&Stack)) -> String {
    let error = world.try_up(program).await.unwrap_err().to_string();
    assert!(world.state().await.resources.is_empty());
    error
}

#[tokio::test]
async fn no_image_is_an_error_that_names_the_filter() {
    let world = World::new().await;
    let program = |stack: &Stack| {
        let image = stack.lookup("image", Ami::builder().owners(["099720109477"]).name("nix*"));
        stack.export("image", &image.image_id);
        something(stack);
    };
    let error = refusal(&world, program).await;
    for part in ["nix*", "099720109477", "eu-central-1"] {
        assert!(error.contains(part), "{error}");
    }
}

#[tokio::test]
async fn images_of_anybody_are_refused() {
    let world = World::new().await;
    let program = |stack: &Stack| {
        let owners: [&str; 0] = [];
        let image = stack.lookup("image", Ami::builder().owners(owners).name("ubuntu*"));
        stack.export("image", &image.image_id);
    };
    let error = refusal(&world, program).await;
    assert!(error.contains("`owners` is empty"), "{error}");
    assert_eq!(world.count("ec2:DescribeImages").await, 0);
}

#[tokio::test]
async fn no_default_vpc_is_an_error_that_says_what_to_do() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let vpcs = ec2.describe_vpcs().filters(filter("is-default", "true")).send().await.unwrap();
    let vpc = vpcs.vpcs()[0].vpc_id().unwrap();
    let of_vpc = ec2.describe_subnets().filters(filter("vpc-id", vpc)).send().await.unwrap();
    for subnet in of_vpc.subnets() {
        ec2.delete_subnet().subnet_id(subnet.subnet_id().unwrap()).send().await.unwrap();
    }
    ec2.delete_vpc().vpc_id(vpc).send().await.unwrap();
    let program = |stack: &Stack| {
        let vpc = stack.lookup("vpc", DefaultVpc::builder());
        stack.export("vpc", &vpc.vpc_id);
    };
    let error = refusal(&world, program).await;
    assert!(error.contains("eu-central-1 has no default VPC"), "{error}");
    assert!(error.contains("create-default-vpc"), "{error}");
}

#[tokio::test]
async fn no_subnet_is_an_error() {
    let world = World::new().await;
    let program = |stack: &Stack| {
        let none = Subnets::builder().tags([("tier", "nowhere")]);
        stack.export("ids", &stack.lookup("none", none).subnet_ids);
    };
    let error = refusal(&world, program).await;
    assert!(error.contains("no subnet in eu-central-1 fits"), "{error}");
}

#[tokio::test]
async fn what_depends_on_a_resource_is_looked_up_during_the_run() {
    let world = World::new().await;
    let program = |stack: &Stack| {
        let vpc = stack.add("net", Vpc::builder().cidr_block("10.0.0.0/16"));
        let subnet = Subnet::builder().vpc_id(&vpc.vpc_id).cidr_block("10.0.1.0/24");
        let subnet = stack.add("a", subnet);
        let of_vpc = Subnets::builder().vpc_id(&vpc.vpc_id);
        let after = Options::new().depends_on(&subnet);
        let found = stack.lookup_with("found", of_vpc, after);
        stack.export("found", &found.subnet_ids);
    };
    world.up(program).await;
    assert_eq!(export(&world, "found").await, texts([world.id("a").await]));
}

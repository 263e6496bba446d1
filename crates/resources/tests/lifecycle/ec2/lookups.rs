//! EC2's lookups and the caller's identity, compared with the SDK's own answers.

use aws_sdk_ec2::types::Filter;
use ferrocrete_core::Stack;
use ferrocrete_core::value::Value;
use ferrocrete_resources::ec2::{
    Ami, AvailabilityZones, DefaultVpc, PrefixList, SecurityGroup, Subnets,
};
use ferrocrete_resources::sts::CallerIdentity;

use crate::world::World;

async fn export(world: &World, name: &str) -> Value {
    world.state().await.exports.get(name).unwrap_or_else(|| panic!("no `{name}`")).clone()
}

fn texts(all: impl IntoIterator<Item = impl Into<String>>) -> Value {
    Value::List(all.into_iter().map(|t| Value::String(t.into())).collect())
}

#[tokio::test]
async fn say_what_the_sdk_says() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let program = |stack: &Stack| {
        let vpc = stack.lookup("vpc", DefaultVpc::builder());
        let zones = stack.lookup("zones", AvailabilityZones::builder());
        let subnets = stack.lookup("subnets", Subnets::builder().vpc_id(&vpc.vpc_id));
        let caller = stack.lookup("caller", CallerIdentity::builder());
        stack.export("vpc", &vpc.vpc_id);
        stack.export("zones", &zones.zone_names);
        stack.export("subnets", &subnets.subnet_ids);
        stack.export("account", &caller.account);
        stack.export("region", &caller.region);
        // Exports are recorded by a run that does something.
        stack.add("group", SecurityGroup::builder().group_description("Any"));
    };
    world.up(program).await;
    let is_default = Filter::builder().name("is-default").values("true").build();
    let vpcs = ec2.describe_vpcs().filters(is_default).send().await.unwrap();
    let vpc = vpcs.vpcs()[0].vpc_id().unwrap();
    assert_eq!(export(&world, "vpc").await, Value::String(vpc.into()));
    let zones = ec2.describe_availability_zones().send().await.unwrap();
    let names = zones.availability_zones().iter().map(|z| z.zone_name().unwrap());
    assert_eq!(export(&world, "zones").await, texts(names));
    let of_vpc = Filter::builder().name("vpc-id").values(vpc).build();
    let subnets = ec2.describe_subnets().filters(of_vpc).send().await.unwrap();
    let Value::List(found) = export(&world, "subnets").await else { panic!("a list") };
    assert!(!found.is_empty() && found.len() == subnets.subnets().len());
    for subnet in subnets.subnets() {
        assert!(found.contains(&Value::String(subnet.subnet_id().unwrap().into())));
    }
    assert_eq!(export(&world, "account").await, Value::String(world.account.id.clone()));
    assert_eq!(export(&world, "region").await, Value::String("eu-central-1".into()));
}

#[tokio::test]
async fn the_newest_image_is_taken() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let name = "ubuntu/images/hvm-ssd/ubuntu-*";
    let program = |stack: &Stack| {
        let image = stack.lookup("image", Ami::builder().owners(["099720109477"]).name(name));
        stack.export("image", &image.image_id);
        stack.add("group", SecurityGroup::builder().group_description("Any"));
    };
    world.up(program).await;
    let filter = Filter::builder().name("name").values(name).build();
    let images = ec2.describe_images().owners("099720109477").filters(filter).send().await.unwrap();
    let dates = images.images().iter().filter_map(|i| i.creation_date());
    let newest = dates.max().unwrap();
    let Value::String(id) = export(&world, "image").await else { panic!("a text") };
    let taken = images.images().iter().find(|i| i.image_id() == Some(&id)).unwrap();
    assert_eq!(taken.creation_date(), Some(newest));
}

#[tokio::test]
async fn nothing_found_is_an_error_that_names_the_filter() {
    let world = World::new().await;
    let program = |stack: &Stack| {
        let image = stack.lookup("image", Ami::builder().owners(["099720109477"]).name("nix*"));
        stack.export("image", &image.image_id);
    };
    let error = world.try_up(program).await.unwrap_err().to_string();
    assert!(error.contains("nix*") && error.contains("eu-central-1"), "{error}");
}

#[tokio::test]
async fn a_prefix_list_by_its_name() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let program = |name: &'static str| {
        move |stack: &Stack| {
            let list = stack.lookup("list", PrefixList::builder().prefix_list_name(name));
            stack.export("id", &list.prefix_list_id);
            stack.export("arn", &list.prefix_list_arn);
            stack.export("family", &list.address_family);
            stack.add("group", SecurityGroup::builder().group_description("Any"));
        }
    };
    let name = "com.amazonaws.eu-central-1.s3";
    world.up(program(name)).await;
    let is = Filter::builder().name("prefix-list-name").values(name).build();
    let lists = ec2.describe_managed_prefix_lists().filters(is).send().await.unwrap();
    let [list] = lists.prefix_lists() else { panic!("not one list") };
    let text = |text: Option<&str>| Value::String(text.unwrap().into());
    assert_eq!(export(&world, "id").await, text(list.prefix_list_id()));
    assert_eq!(export(&world, "arn").await, text(list.prefix_list_arn()));
    assert_eq!(export(&world, "family").await, Value::String("IPv4".into()));

    let error = world.try_up(program("com.amazonaws.eu-central-1.nothing")).await.unwrap_err();
    assert!(error.to_string().contains("no prefix list is called"), "{error}");
    // Two lists of the account may have the same name.
    for _ in 0..2 {
        let call = ec2.create_managed_prefix_list().prefix_list_name("ours");
        call.address_family("IPv4").max_entries(1).send().await.unwrap();
    }
    let error = world.try_up(program("ours")).await.unwrap_err();
    assert!(error.to_string().contains("2 prefix lists"), "{error}");
}

//! `AWS::RDS::DBSubnetGroup`.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbSubnetGroup as SdkGroup;
use ferrocrete_core::{Secret, Stack};
use ferrocrete_resources::ec2::{Subnet, Vpc};
use ferrocrete_resources::rds::{DbInstance, DbSubnetGroup};

use super::{some, tag, vpc};
use crate::world::World;

fn program(
    name: Option<&'static str>,
    description: &'static str,
    zones: &'static [&'static str],
    owner: &'static str,
) -> impl Fn(&Stack) {
    move |stack| {
        stack.add(
            "group",
            DbSubnetGroup::builder()
                .maybe_db_subnet_group_name(name)
                .db_subnet_group_description(description)
                .subnet_ids(some(stack, &vpc(stack), zones))
                .tags([("owner", owner)]),
        );
    }
}

async fn live(rds: &Client, name: &str) -> Option<SdkGroup> {
    let call = rds.describe_db_subnet_groups().db_subnet_group_name(name);
    call.send().await.ok()?.db_subnet_groups?.into_iter().next()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(None, "Ours", &["a", "b"], "anna")).await;
    let name = world.id("group").await;
    let group = live(&rds, &name).await.unwrap();
    assert_eq!((group.db_subnet_group_description(), group.subnets().len()), (Some("Ours"), 2));
    let arn = world.output("group", "arn").await;
    assert_eq!(group.db_subnet_group_arn(), Some(arn.as_str()));
    assert_eq!(tag(&rds, &arn, "owner").await.as_deref(), Some("anna"));

    let description = program(None, "More", &["a", "b"], "anna");
    world.updates(description, "group", &["db_subnet_group_description"]).await;
    world.updates(program(None, "More", &["c", "a"], "anna"), "group", &["subnet_ids"]).await;
    let group = live(&rds, &name).await.unwrap();
    assert_eq!(group.db_subnet_group_description(), Some("More"));
    let ids: Vec<_> = group.subnets().iter().filter_map(|s| s.subnet_identifier()).collect();
    assert!(ids.len() == 2 && ids.contains(&world.id("c").await.as_str()));
    // Their order means nothing.
    assert_eq!(world.up(program(None, "More", &["a", "c"], "anna")).await, [""; 0]);
    world.updates(program(None, "More", &["a", "c"], "ben"), "group", &["tags"]).await;
    assert_eq!(tag(&rds, &arn, "owner").await.as_deref(), Some("ben"));

    let own = program(Some("own"), "More", &["a", "c"], "ben");
    let (old, _) = world.replaces(&own, "group", &["db_subnet_group_name"]).await;
    assert!(live(&rds, &old).await.is_none() && live(&rds, "own").await.is_some());
    rds.delete_db_subnet_group().db_subnet_group_name("own").send().await.unwrap();
    assert_eq!(world.up(&own).await, ["create group"]);
    world.destroy().await;
    assert!(live(&rds, "own").await.is_none());
}

/// A group in one of two networks, and a database in it.
fn in_network(number: u8, told: bool) -> impl Fn(&Stack) {
    move |stack| {
        let vpcs = [1, 2].map(|n| {
            let vpc = Vpc::builder().cidr_block(format!("10.{n}.0.0/16"));
            stack.add(&format!("net-{n}"), vpc)
        });
        let subnets = [1, 2].map(|n: u8| {
            let vpc = &vpcs[usize::from(n) - 1];
            ["a", "b"].map(|zone| {
                let third = if zone == "a" { 0 } else { 1 };
                let subnet = Subnet::builder()
                    .vpc_id(&vpc.vpc_id)
                    .cidr_block(format!("10.{n}.{third}.0/24"))
                    .availability_zone(format!("eu-central-1{zone}"));
                stack.add(&format!("{zone}-{n}"), subnet).subnet_id.clone()
            })
        });
        let at = usize::from(number) - 1;
        let group = DbSubnetGroup::builder()
            .db_subnet_group_description("Ours")
            .subnet_ids(subnets[at].clone())
            .maybe_vpc_id(told.then_some(&vpcs[at].vpc_id));
        let group = stack.add("group", group);
        let db = DbInstance::builder().engine("postgres").db_instance_class("db.t3.micro");
        let db = db.allocated_storage(20).master_username("app").skip_final_snapshot(true);
        let db = db.master_user_password(Secret::new("plain-one-7c1d".to_owned()));
        stack.add("db", db.db_subnet_group_name(&group.db_subnet_group_name));
    }
}

#[tokio::test]
async fn another_vpc_is_another_group_and_another_database() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(in_network(1, true)).await;
    let (old, first) = (world.id("group").await, world.id("db").await);
    assert_eq!(
        world.up(in_network(2, true)).await,
        ["replace group", "replace db", "delete replaced db", "delete replaced group"]
    );
    let (new, second) = (world.id("group").await, world.id("db").await);
    assert!(live(&rds, &old).await.is_none() && first != second);
    let group = live(&rds, &new).await.unwrap();
    assert_eq!(group.vpc_id(), Some(world.id("net-2").await.as_str()));
}

#[tokio::test]
async fn a_group_that_was_not_told_its_vpc_says_what_to_do() {
    let world = World::new().await;
    world.up(in_network(1, false)).await;
    // Told afterwards, nothing changes.
    assert!(world.plan(in_network(1, true)).await.is_empty());
    let (_, report) = world.try_up(in_network(2, false)).await.unwrap();
    let failure = report.failures.iter().find(|f| f.urn.name() == "group").unwrap();
    assert!(failure.error.message.contains("give the group its `vpc_id`"), "{}", failure.error);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let program = program(None, "Ours", &["a", "b"], "anna");
    world.finds(program, "group", "rds:CreateDBSubnetGroup").await;
}

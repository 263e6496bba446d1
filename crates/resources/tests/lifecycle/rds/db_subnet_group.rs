//! `AWS::RDS::DBSubnetGroup`.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbSubnetGroup as SdkGroup;
use ferrocrete_core::Stack;
use ferrocrete_resources::rds::DbSubnetGroup;

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

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let program = program(None, "Ours", &["a", "b"], "anna");
    world.finds(program, "group", "rds:CreateDBSubnetGroup").await;
}

//! `AWS::EC2::RouteTable`.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::RouteTable as SdkTable;
use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::RouteTable;

use super::network::{tag, tag_by_hand, vpc};
use crate::world::World;

/// A table in one of two VPCs.
fn program(net: &'static str, owner: Option<&'static str>) -> impl Fn(&Stack) {
    move |stack| {
        let (a, b) = (vpc(stack, "a", "10.0.0.0/16"), vpc(stack, "b", "10.0.0.0/16"));
        let vpc = if net == "a" { &a } else { &b };
        let table = RouteTable::builder().vpc_id(&vpc.vpc_id);
        stack.add("table", table.maybe_tags(owner.map(|o| [("owner", o)])));
    }
}

async fn find(ec2: &Client, id: &str) -> Option<SdkTable> {
    let all = ec2.describe_route_tables().route_table_ids(id).send().await.ok()?;
    all.route_tables.unwrap_or_default().into_iter().next()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program("a", Some("anna"))).await;
    let id = world.id("table").await;
    let made = find(&ec2, &id).await.unwrap();
    assert_eq!(made.vpc_id, Some(world.id("a").await));
    assert_eq!(tag(made.tags(), "owner"), Some("anna"));
    assert_eq!(world.output("table", "route_table_id").await, id);

    tag_by_hand(&ec2, &id, "cost", "7").await;
    world.updates(program("a", Some("ben")), "table", &["tags"]).await;
    assert_eq!(tag(find(&ec2, &id).await.unwrap().tags(), "owner"), Some("ben"));
    // Drift: somebody changes the tag.
    tag_by_hand(&ec2, &id, "owner", "eve").await;
    world.updates(program("a", Some("ben")), "table", &["tags"]).await;
    assert_eq!(tag(find(&ec2, &id).await.unwrap().tags(), "owner"), Some("ben"));
    world.updates(program("a", None), "table", &["tags"]).await;
    let live = find(&ec2, &id).await.unwrap();
    assert_eq!((tag(live.tags(), "owner"), tag(live.tags(), "cost")), (None, Some("7")));

    let (old, new) = world.replaces(program("b", None), "table", &["vpc_id"]).await;
    assert!(find(&ec2, &old).await.is_none());
    assert_eq!(find(&ec2, &new).await.unwrap().vpc_id, Some(world.id("b").await));

    // Drift: somebody deletes it.
    ec2.delete_route_table().route_table_id(&new).send().await.unwrap();
    assert_eq!(world.up(program("b", None)).await, ["create table"]);
    let last = world.id("table").await;
    assert!(find(&ec2, &last).await.is_some());
    world.destroy().await;
    assert!(find(&ec2, &last).await.is_none());
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program("a", None), "table", "ec2:CreateRouteTable").await;
}

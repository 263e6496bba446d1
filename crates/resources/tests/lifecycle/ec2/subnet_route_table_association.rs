//! `AWS::EC2::SubnetRouteTableAssociation`.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::RouteTableAssociation;
use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::{RouteTable, Subnet, SubnetRouteTableAssociation};

use super::network::{failure, vpc};
use crate::world::World;

/// Two subnets and two tables; one of those uses one of these, or none does.
fn program(what: Option<(&'static str, &'static str)>) -> impl Fn(&Stack) {
    move |stack| {
        let net = vpc(stack, "net", "10.0.0.0/16");
        let subnet = |name: &str, cidr: &str| {
            stack.add(name, Subnet::builder().vpc_id(&net.vpc_id).cidr_block(cidr))
        };
        let (a, b) = (subnet("a", "10.0.1.0/24"), subnet("b", "10.0.2.0/24"));
        let table = |name: &str| stack.add(name, RouteTable::builder().vpc_id(&net.vpc_id));
        let (one, two) = (table("one"), table("two"));
        if let Some((subnet, table)) = what {
            let subnet = if subnet == "a" { &a } else { &b };
            let table = if table == "one" { &one } else { &two };
            let link = SubnetRouteTableAssociation::builder().subnet_id(&subnet.subnet_id);
            stack.add("link", link.route_table_id(&table.route_table_id));
        }
    }
}

/// The subnet's association, where it has one of its own.
async fn find(ec2: &Client, subnet: &str) -> Option<RouteTableAssociation> {
    let tables = ec2.describe_route_tables().send().await.unwrap().route_tables.unwrap();
    let mut all = tables.into_iter().flat_map(|t| t.associations.unwrap_or_default());
    all.find(|a| a.subnet_id() == Some(subnet))
}

async fn table_of(ec2: &Client, subnet: &str) -> Option<String> {
    find(ec2, subnet).await.and_then(|a| a.route_table_id)
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(Some(("a", "one")))).await;
    let (a, b) = (world.id("a").await, world.id("b").await);
    let (one, two) = (world.id("one").await, world.id("two").await);
    let made = find(&ec2, &a).await.unwrap();
    assert_eq!(made.route_table_id, Some(one.clone()));
    let id = made.route_table_association_id.unwrap();
    assert_eq!(world.output("link", "association_id").await, id);

    world.updates(program(Some(("a", "two"))), "link", &["route_table_id"]).await;
    let moved = find(&ec2, &a).await.unwrap();
    assert_eq!(moved.route_table_id, Some(two.clone()));
    // AWS gives it another id, and so does the output.
    let moved = moved.route_table_association_id.unwrap();
    assert_ne!(moved, id);
    assert_eq!(world.output("link", "association_id").await, moved);

    // Drift: somebody gives the subnet another table.
    let call = ec2.replace_route_table_association().association_id(&moved).route_table_id(&one);
    call.send().await.unwrap();
    world.updates(program(Some(("a", "two"))), "link", &["route_table_id"]).await;
    assert_eq!(table_of(&ec2, &a).await, Some(two.clone()));

    world.replaces(program(Some(("b", "two"))), "link", &["subnet_id"]).await;
    assert_eq!(table_of(&ec2, &a).await, None);
    assert_eq!(table_of(&ec2, &b).await, Some(two.clone()));

    // Drift: somebody takes the table away.
    let id = world.output("link", "association_id").await;
    ec2.disassociate_route_table().association_id(id).send().await.unwrap();
    assert_eq!(world.up(program(Some(("b", "two")))).await, ["create link"]);
    assert_eq!(table_of(&ec2, &b).await, Some(two.clone()));

    assert_eq!(world.up(program(None)).await, ["delete link"]);
    assert_eq!(table_of(&ec2, &b).await, None);
}

#[tokio::test]
async fn goes_with_its_subnet() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(Some(("a", "one")))).await;
    let a = world.id("a").await;
    let without_a = |stack: &Stack| {
        let net = vpc(stack, "net", "10.0.0.0/16");
        stack.add("b", Subnet::builder().vpc_id(&net.vpc_id).cidr_block("10.0.2.0/24"));
        for name in ["one", "two"] {
            stack.add(name, RouteTable::builder().vpc_id(&net.vpc_id));
        }
    };
    world.up(without_a).await;
    assert_eq!(world.count("ec2:DisassociateRouteTable").await, 0);
    assert!(find(&ec2, &a).await.is_none());
    assert!(ec2.describe_subnets().subnet_ids(&a).send().await.is_err());
}

#[tokio::test]
async fn that_of_somebody_else_is_not_taken_over() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(None)).await;
    let (a, two) = (world.id("a").await, world.id("two").await);
    ec2.associate_route_table().subnet_id(&a).route_table_id(&two).send().await.unwrap();
    let (_, report) = world.try_up(program(Some(("a", "one")))).await.unwrap();
    assert_eq!(failure(&report), "Resource.AlreadyAssociated");
    assert_eq!(table_of(&ec2, &a).await, Some(two));
}

#[tokio::test]
async fn that_of_somebody_else_is_not_removed() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(Some(("a", "one")))).await;
    let (a, two) = (world.id("a").await, world.id("two").await);
    let call = ec2.replace_route_table_association().route_table_id(&two);
    call.association_id(world.output("link", "association_id").await).send().await.unwrap();
    assert_eq!(world.up(program(None)).await, ["delete link"]);
    assert_eq!(table_of(&ec2, &a).await, Some(two));
    assert_eq!(world.count("ec2:DisassociateRouteTable").await, 0);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program(Some(("a", "one"))), "link", "ec2:AssociateRouteTable").await;
}

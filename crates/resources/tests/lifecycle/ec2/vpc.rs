//! `AWS::EC2::VPC`.

use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::Vpc;

use crate::world::World;

fn program(cidr: &'static str, dns: bool, owner: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        let vpc =
            Vpc::builder().cidr_block(cidr).enable_dns_hostnames(dns).tags([("owner", owner)]);
        stack.add("net", vpc);
    }
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    assert_eq!(world.up(program("10.0.0.0/16", false, "anna")).await, ["create net"]);
    let id = world.id("net").await;
    let find = async |id: &str| {
        let all = ec2.describe_vpcs().vpc_ids(id).send().await.ok()?;
        all.vpcs.unwrap_or_default().into_iter().next()
    };
    assert_eq!(find(&id).await.unwrap().cidr_block(), Some("10.0.0.0/16"));

    world.updates(program("10.0.0.0/16", true, "anna"), "net", &["enable_dns_hostnames"]).await;
    world.updates(program("10.0.0.0/16", true, "ben"), "net", &["tags"]).await;
    let vpc = find(&id).await.unwrap();
    assert!(vpc.tags().iter().any(|t| t.key() == Some("owner") && t.value() == Some("ben")));

    // Drift: somebody switches it off by hand.
    let off = aws_sdk_ec2::types::AttributeBooleanValue::builder().value(false).build();
    ec2.modify_vpc_attribute().vpc_id(&id).enable_dns_hostnames(off).send().await.unwrap();
    world.updates(program("10.0.0.0/16", true, "ben"), "net", &["enable_dns_hostnames"]).await;

    let (old, new) =
        world.replaces(program("10.1.0.0/16", true, "ben"), "net", &["cidr_block"]).await;
    assert!(find(&old).await.is_none() && find(&new).await.is_some());

    // Drift: somebody deletes it.
    ec2.delete_vpc().vpc_id(&new).send().await.unwrap();
    assert_eq!(world.up(program("10.1.0.0/16", true, "ben")).await, ["create net"]);

    let last = world.id("net").await;
    world.destroy().await;
    assert!(find(&last).await.is_none());
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program("10.0.0.0/16", true, "anna"), "net", "ec2:CreateVpc").await;
}

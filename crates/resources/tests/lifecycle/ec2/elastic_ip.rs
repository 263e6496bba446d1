//! `AWS::EC2::EIP`.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::Address;
use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::ElasticIp;
use ferrocrete_sandbox::Fault;

use super::network::{tag, tag_by_hand};
use crate::world::{World, changed, changes};

fn program(owner: Option<&'static str>) -> impl Fn(&Stack) {
    move |stack| {
        let tags = owner.map(|o| [("owner", o)]);
        stack.add("address", ElasticIp::builder().maybe_tags(tags));
    }
}

async fn all(ec2: &Client) -> Vec<Address> {
    ec2.describe_addresses().send().await.unwrap().addresses.unwrap_or_default()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    assert_eq!(world.up(program(Some("anna"))).await, ["create address"]);
    let id = world.id("address").await;
    let live = all(&ec2).await;
    assert_eq!(live[0].allocation_id(), Some(id.as_str()));
    assert_eq!(live[0].domain().map(|d| d.as_str()), Some("vpc"));
    assert_eq!(world.output("address", "public_ip").await, live[0].public_ip().unwrap());
    assert_eq!(tag(live[0].tags(), "owner"), Some("anna"));

    tag_by_hand(&ec2, &id, "cost", "7").await;
    world.updates(program(Some("ben")), "address", &["tags"]).await;
    tag_by_hand(&ec2, &id, "owner", "eve").await;
    world.updates(program(Some("ben")), "address", &["tags"]).await;
    assert_eq!(tag(all(&ec2).await[0].tags(), "owner"), Some("ben"));
    world.updates(program(None), "address", &["tags"]).await;
    let live = all(&ec2).await;
    assert_eq!((tag(live[0].tags(), "owner"), tag(live[0].tags(), "cost")), (None, Some("7")));

    // Drift: somebody releases it.
    ec2.release_address().allocation_id(&id).send().await.unwrap();
    assert_eq!(world.up(program(None)).await, ["create address"]);
    assert_eq!(all(&ec2).await.len(), 1);
    world.destroy().await;
    assert!(all(&ec2).await.is_empty());
}

#[tokio::test]
async fn where_it_comes_from_replaces() {
    // The sandbox has one border group and one pool, so the replacements are only planned.
    let world = World::new().await;
    world.up(program(None)).await;
    let elsewhere = |stack: &Stack| {
        stack.add("address", ElasticIp::builder().network_border_group("us-west-2-lax-1"));
    };
    let pool = |stack: &Stack| {
        stack.add("address", ElasticIp::builder().public_ipv4_pool("ipv4pool-ec2-0abc"));
    };
    for (plan, property) in [
        (world.plan(elsewhere).await, "network_border_group"),
        (world.plan(pool).await, "public_ipv4_pool"),
    ] {
        assert_eq!(changed(&plan, "address"), [property].into());
        assert_eq!(changes(&plan), ["replace address", "delete replaced address"]);
    }
    // What AWS answers by itself is no difference when it is declared.
    let plain = |stack: &Stack| {
        let address = ElasticIp::builder().network_border_group("eu-central-1");
        stack.add("address", address.public_ipv4_pool("amazon"));
    };
    assert_eq!(world.up(plain).await, [""; 0]);
}

#[tokio::test]
async fn one_that_is_still_in_use_is_released_later() {
    let world = World::new().await;
    world.up(program(None)).await;
    let busy = Fault::status("ReleaseAddress", 400, "InvalidIPAddress.InUse");
    world.account.faults([busy]).await.unwrap();
    world.destroy().await;
    assert_eq!(world.tried("ec2:ReleaseAddress").await, 2);
    assert!(all(world.aws().await.ec2()).await.is_empty());
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program(None), "address", "ec2:AllocateAddress").await;
}

//! `AWS::EC2::EIPAssociation`.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::Address;
use ferrocrete_core::Stack;

use super::instance::with_address;
use crate::world::World;

fn program(at: &'static str) -> impl Fn(&Stack) {
    move |stack| with_address(stack, at)
}

async fn live(ec2: &Client) -> Option<Address> {
    let all = ec2.describe_addresses().send().await.unwrap();
    all.addresses.unwrap_or_default().into_iter().next()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program("one")).await;
    let (one, two) = (world.id("one").await, world.id("two").await);
    let address = live(&ec2).await.unwrap();
    assert_eq!(address.instance_id(), Some(one.as_str()));
    let association = world.output("joined", "association_id").await;
    assert_eq!(address.association_id(), Some(association.as_str()));

    world.replaces(program("two"), "joined", &["instance_id"]).await;
    assert_eq!(live(&ec2).await.unwrap().instance_id(), Some(two.as_str()));
    // Drift: somebody takes it off.
    let address = live(&ec2).await.unwrap();
    let call = ec2.disassociate_address().association_id(address.association_id().unwrap());
    call.send().await.unwrap();
    assert_eq!(world.up(program("two")).await, ["create joined"]);
    assert_eq!(live(&ec2).await.unwrap().instance_id(), Some(two.as_str()));
    world.destroy().await;
    assert!(live(&ec2).await.is_none());
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program("one"), "joined", "ec2:AssociateAddress").await;
}

//! `AWS::EC2::EIPAssociation`.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::Address;
use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::{ElasticIp, ElasticIpAssociation, Instance};

use super::instance::{image, with_address};
use super::network::failure;
use crate::world::{World, changed, changes};

fn program(at: &'static str) -> impl Fn(&Stack) {
    move |stack| with_address(stack, at)
}

/// Which machine by its interface, which of two addresses, at which private address.
#[derive(Clone, Copy)]
struct Joined {
    at: &'static str,
    by_interface: bool,
    address: &'static str,
    private_ip: Option<&'static str>,
}

const JOINED: Joined = Joined { at: "one", by_interface: true, address: "first", private_ip: None };

fn joined(wanted: Joined) -> impl Fn(&Stack) {
    move |stack| {
        let image = image(stack);
        let machines = ["one", "two"].map(|name| {
            let machine = Instance::builder().image_id(&image).instance_type("t3.micro");
            (name, stack.add(name, machine))
        });
        let addresses =
            ["first", "second"].map(|name| (name, stack.add(name, ElasticIp::builder())));
        let (_, machine) = machines.iter().find(|(name, _)| *name == wanted.at).unwrap();
        let (_, address) = addresses.iter().find(|(name, _)| *name == wanted.address).unwrap();
        let interface = machine.network_interface_id.map(Option::unwrap_or_default);
        let (instance, interface) = match wanted.by_interface {
            true => (None, Some(interface)),
            false => (Some(&machine.instance_id), None),
        };
        stack.add(
            "joined",
            ElasticIpAssociation::builder()
                .allocation_id(&address.allocation_id)
                .maybe_instance_id(instance)
                .maybe_network_interface_id(interface)
                .maybe_private_ip_address(wanted.private_ip),
        );
    }
}

async fn all(ec2: &Client) -> Vec<Address> {
    ec2.describe_addresses().send().await.unwrap().addresses.unwrap_or_default()
}

/// The only address that is at a machine.
async fn live(ec2: &Client) -> Option<Address> {
    let mut all = all(ec2).await;
    all.retain(|a| a.association_id().is_some_and(|id| !id.is_empty()));
    assert!(all.len() < 2, "{all:?}");
    all.pop()
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
    // Without the association, the address and the machines stay.
    let apart = |stack: &Stack| {
        let image = image(stack);
        for name in ["one", "two"] {
            stack.add(name, Instance::builder().image_id(&image).instance_type("t3.micro"));
        }
        stack.add("address", ElasticIp::builder());
    };
    assert_eq!(world.up(apart).await, ["delete joined"]);
    assert!(live(&ec2).await.is_none());
    assert_eq!(all(&ec2).await.len(), 1);
    world.destroy().await;
    assert!(all(&ec2).await.is_empty());
}

#[tokio::test]
async fn an_interface_takes_it_as_well() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(joined(JOINED)).await;
    let one = world.output("one", "network_interface_id").await;
    let address = live(&ec2).await.unwrap();
    assert_eq!(address.network_interface_id(), Some(one.as_str()));
    // AWS names the machine that the interface belongs to: no difference.
    assert_eq!(address.instance_id(), Some(world.id("one").await.as_str()));

    world
        .replaces(joined(Joined { at: "two", ..JOINED }), "joined", &["network_interface_id"])
        .await;
    let two = world.output("two", "network_interface_id").await;
    assert_eq!(live(&ec2).await.unwrap().network_interface_id(), Some(two.as_str()));
    // The machine instead of its interface is the same place.
    let by_machine = Joined { at: "two", by_interface: false, ..JOINED };
    assert_eq!(world.up(joined(by_machine)).await, [""; 0]);
}

#[tokio::test]
async fn each_change_is_a_replacement() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let private_ip = Joined { private_ip: Some("10.9.9.9"), ..JOINED };
    world.up(joined(JOINED)).await;
    let plan = world.plan(joined(private_ip)).await;
    assert_eq!(changed(&plan, "joined"), ["private_ip_address"].into());
    assert_eq!(changes(&plan).len(), 2);
    let second = Joined { address: "second", ..JOINED };
    world.replaces(joined(second), "joined", &["allocation_id"]).await;
    let address = world.output("second", "public_ip").await;
    assert_eq!(live(&ec2).await.unwrap().public_ip(), Some(address.as_str()));
}

#[tokio::test]
async fn an_address_is_not_taken_from_its_holder() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let apart = |stack: &Stack| {
        let image = image(stack);
        for name in ["one", "two"] {
            stack.add(name, Instance::builder().image_id(&image).instance_type("t3.micro"));
        }
        stack.add("address", ElasticIp::builder());
    };
    world.up(apart).await;
    let theirs = world.id("two").await;
    let call = ec2.associate_address().allocation_id(world.id("address").await);
    call.instance_id(&theirs).send().await.unwrap();
    let (_, report) = world.try_up(program("one")).await.unwrap();
    assert_eq!(failure(&report), "Resource.AlreadyAssociated");
    assert_eq!(live(&ec2).await.unwrap().instance_id(), Some(theirs.as_str()));
}

#[tokio::test]
async fn exactly_one_target_is_needed() {
    for both in [true, false] {
        let world = World::new().await;
        let message = world
            .plan_error(move |stack: &Stack| {
                let address = stack.add("address", ElasticIp::builder());
                let targets = both.then_some(("i-0abc", "eni-0abc")).unzip();
                let joined = ElasticIpAssociation::builder()
                    .allocation_id(&address.allocation_id)
                    .maybe_instance_id(targets.0)
                    .maybe_network_interface_id(targets.1);
                stack.add("joined", joined);
            })
            .await;
        assert!(message.contains("`instance_id`") && message.contains("`network_interface_id`"));
        assert_eq!(world.count("ec2:AssociateAddress").await, 0);
    }
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program("one"), "joined", "ec2:AssociateAddress").await;
}

#[tokio::test]
async fn is_found_again_at_an_interface() {
    let world = World::new().await;
    world.finds(joined(JOINED), "joined", "ec2:AssociateAddress").await;
}

//! `AWS::EC2::VPCGatewayAttachment`.

use aws_sdk_ec2::Client;
use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::{InternetGateway, VpcGatewayAttachment};

use super::network::{failure, vpc};
use crate::world::World;

/// Two gateways and two VPCs; one of those is in one of these, or none is.
fn program(what: Option<(&'static str, &'static str)>) -> impl Fn(&Stack) {
    move |stack| {
        let (a, b) = (vpc(stack, "a", "10.0.0.0/16"), vpc(stack, "b", "10.0.0.0/16"));
        let one = stack.add("one", InternetGateway::builder());
        let two = stack.add("two", InternetGateway::builder());
        if let Some((gateway, vpc)) = what {
            let gateway = if gateway == "one" { &one } else { &two };
            let vpc = if vpc == "a" { &a } else { &b };
            let attachment = VpcGatewayAttachment::builder().vpc_id(&vpc.vpc_id);
            stack.add("link", attachment.internet_gateway_id(&gateway.internet_gateway_id));
        }
    }
}

/// The VPCs that the gateway is attached to.
async fn attached(ec2: &Client, gateway: &str) -> Vec<String> {
    let answer = ec2.describe_internet_gateways().internet_gateway_ids(gateway);
    let found = answer.send().await.unwrap().internet_gateways.unwrap();
    found[0].attachments().iter().filter_map(|a| a.vpc_id.clone()).collect()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(Some(("one", "a")))).await;
    let (one, two) = (world.id("one").await, world.id("two").await);
    let (a, b) = (world.id("a").await, world.id("b").await);
    assert_eq!(attached(&ec2, &one).await, [a.as_str()]);
    assert_eq!(world.output("link", "vpc_id").await, a);
    assert_eq!(world.output("link", "internet_gateway_id").await, one);

    world.replaces(program(Some(("one", "b"))), "link", &["vpc_id"]).await;
    assert_eq!(attached(&ec2, &one).await, [b.as_str()]);
    world.replaces(program(Some(("two", "b"))), "link", &["internet_gateway_id"]).await;
    assert_eq!(attached(&ec2, &one).await, [""; 0]);
    assert_eq!(attached(&ec2, &two).await, [b.as_str()]);

    // Drift: somebody detaches it.
    ec2.detach_internet_gateway().internet_gateway_id(&two).vpc_id(&b).send().await.unwrap();
    assert_eq!(world.up(program(Some(("two", "b")))).await, ["create link"]);
    assert_eq!(attached(&ec2, &two).await, [b.as_str()]);

    // Drift: somebody attaches it elsewhere. That is not undone silently.
    ec2.detach_internet_gateway().internet_gateway_id(&two).vpc_id(&b).send().await.unwrap();
    ec2.attach_internet_gateway().internet_gateway_id(&two).vpc_id(&a).send().await.unwrap();
    let (_, report) = world.try_up(program(Some(("two", "b")))).await.unwrap();
    assert_eq!(failure(&report), "Resource.AlreadyAssociated");
    assert_eq!(attached(&ec2, &two).await, [a.as_str()]);
    ec2.detach_internet_gateway().internet_gateway_id(&two).vpc_id(&a).send().await.unwrap();
    assert_eq!(world.up(program(Some(("two", "b")))).await, ["create link"]);

    assert_eq!(world.up(program(None)).await, ["delete link"]);
    assert_eq!(attached(&ec2, &two).await, [""; 0]);
    world.up(program(Some(("one", "a")))).await;
    world.destroy().await;
    let left = ec2.describe_internet_gateways().send().await.unwrap().internet_gateways.unwrap();
    assert!(
        left.iter()
            .all(|g| ![&one, &two].map(String::as_str).contains(&g.internet_gateway_id().unwrap()))
    );
}

#[tokio::test]
async fn one_that_is_detached_already_is_deleted() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(Some(("one", "a")))).await;
    let (one, a) = (world.id("one").await, world.id("a").await);
    ec2.detach_internet_gateway().internet_gateway_id(&one).vpc_id(&a).send().await.unwrap();
    world.destroy().await;
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program(Some(("one", "a"))), "link", "ec2:AttachInternetGateway").await;
}

//! `AWS::EC2::InternetGateway`.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::InternetGateway as SdkGateway;
use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::InternetGateway;

use super::network::{tag, tag_by_hand};
use crate::world::World;

fn program(owner: Option<&'static str>) -> impl Fn(&Stack) {
    move |stack| {
        let tags = owner.map(|o| [("owner", o)]);
        stack.add("gateway", InternetGateway::builder().maybe_tags(tags));
    }
}

async fn find(ec2: &Client, id: &str) -> Option<SdkGateway> {
    let all = ec2.describe_internet_gateways().internet_gateway_ids(id).send().await.ok()?;
    all.internet_gateways.unwrap_or_default().into_iter().next()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    assert_eq!(world.up(program(Some("anna"))).await, ["create gateway"]);
    let id = world.id("gateway").await;
    assert_eq!(world.output("gateway", "internet_gateway_id").await, id);
    assert_eq!(tag(find(&ec2, &id).await.unwrap().tags(), "owner"), Some("anna"));

    tag_by_hand(&ec2, &id, "cost", "7").await;
    world.updates(program(Some("ben")), "gateway", &["tags"]).await;
    assert_eq!(tag(find(&ec2, &id).await.unwrap().tags(), "owner"), Some("ben"));
    // Drift: somebody changes the tag.
    tag_by_hand(&ec2, &id, "owner", "eve").await;
    world.updates(program(Some("ben")), "gateway", &["tags"]).await;
    assert_eq!(tag(find(&ec2, &id).await.unwrap().tags(), "owner"), Some("ben"));
    world.updates(program(None), "gateway", &["tags"]).await;
    let live = find(&ec2, &id).await.unwrap();
    assert_eq!((tag(live.tags(), "owner"), tag(live.tags(), "cost")), (None, Some("7")));

    // Drift: somebody deletes it.
    ec2.delete_internet_gateway().internet_gateway_id(&id).send().await.unwrap();
    assert_eq!(world.up(program(None)).await, ["create gateway"]);
    let last = world.id("gateway").await;
    assert!(last != id && find(&ec2, &last).await.is_some());
    world.destroy().await;
    assert!(find(&ec2, &last).await.is_none());
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program(None), "gateway", "ec2:CreateInternetGateway").await;
}

//! `AWS::EC2::VPC`.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{AttributeBooleanValue, Vpc as SdkVpc, VpcAttributeName};
use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::Vpc;

use super::network::{tag, tag_by_hand};
use crate::world::{World, changed, changes};

fn program(cidr: &'static str, dns: bool, owner: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        let vpc =
            Vpc::builder().cidr_block(cidr).enable_dns_hostnames(dns).tags([("owner", owner)]);
        stack.add("net", vpc);
    }
}

/// DNS support and DNS hostnames, where set.
fn dns(support: Option<bool>, names: Option<bool>) -> impl Fn(&Stack) {
    move |stack| {
        let vpc = Vpc::builder().cidr_block("10.0.0.0/16");
        let vpc = vpc.maybe_enable_dns_support(support).maybe_enable_dns_hostnames(names);
        stack.add("net", vpc);
    }
}

fn tenancy(tenancy: Option<&'static str>) -> impl Fn(&Stack) {
    move |stack| {
        let vpc = Vpc::builder().cidr_block("10.0.0.0/16");
        stack.add("net", vpc.maybe_instance_tenancy(tenancy));
    }
}

async fn find(ec2: &Client, id: &str) -> Option<SdkVpc> {
    let all = ec2.describe_vpcs().vpc_ids(id).send().await.ok()?;
    all.vpcs.unwrap_or_default().into_iter().next()
}

/// DNS support and DNS hostnames as AWS has them.
async fn live_dns(ec2: &Client, id: &str) -> (bool, bool) {
    let ask = async |name| {
        let answer = ec2.describe_vpc_attribute().vpc_id(id).attribute(name).send().await.unwrap();
        answer.enable_dns_support.or(answer.enable_dns_hostnames).unwrap().value.unwrap()
    };
    (ask(VpcAttributeName::EnableDnsSupport).await, ask(VpcAttributeName::EnableDnsHostnames).await)
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    assert_eq!(world.up(program("10.0.0.0/16", false, "anna")).await, ["create net"]);
    let id = world.id("net").await;
    let made = find(&ec2, &id).await.unwrap();
    assert_eq!(made.cidr_block(), Some("10.0.0.0/16"));
    assert_eq!(world.output("net", "vpc_id").await, id);
    assert_eq!(Some(world.output("net", "dhcp_options_id").await), made.dhcp_options_id);

    world.updates(program("10.0.0.0/16", true, "anna"), "net", &["enable_dns_hostnames"]).await;
    assert_eq!(live_dns(&ec2, &id).await, (true, true));
    world.updates(program("10.0.0.0/16", true, "ben"), "net", &["tags"]).await;
    assert_eq!(tag(find(&ec2, &id).await.unwrap().tags(), "owner"), Some("ben"));

    // Drift: somebody switches it off by hand.
    let off = AttributeBooleanValue::builder().value(false).build();
    ec2.modify_vpc_attribute().vpc_id(&id).enable_dns_hostnames(off).send().await.unwrap();
    world.updates(program("10.0.0.0/16", true, "ben"), "net", &["enable_dns_hostnames"]).await;
    assert_eq!(live_dns(&ec2, &id).await, (true, true));

    let (old, new) =
        world.replaces(program("10.1.0.0/16", true, "ben"), "net", &["cidr_block"]).await;
    assert!(find(&ec2, &old).await.is_none() && find(&ec2, &new).await.is_some());

    // Drift: somebody deletes it.
    ec2.delete_vpc().vpc_id(&new).send().await.unwrap();
    assert_eq!(world.up(program("10.1.0.0/16", true, "ben")).await, ["create net"]);

    let last = world.id("net").await;
    world.destroy().await;
    assert!(find(&ec2, &last).await.is_none());
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program("10.0.0.0/16", true, "anna"), "net", "ec2:CreateVpc").await;
    // The kill came before the second call of the create.
    let ec2 = world.aws().await.ec2().clone();
    assert_eq!(live_dns(&ec2, &world.id("net").await).await, (true, true));
}

#[tokio::test]
async fn is_finished_after_a_kill_between_accepted_and_done() {
    let world = World::new().await;
    world.killed(program("10.0.0.0/16", true, "anna"), "net", 2).await;
    world.up(program("10.0.0.0/16", true, "anna")).await;
    assert_eq!(world.count("ec2:CreateVpc").await, 1);
    let ec2 = world.aws().await.ec2().clone();
    assert_eq!(live_dns(&ec2, &world.id("net").await).await, (true, true));
}

#[tokio::test]
async fn dns_is_switched_in_the_order_that_aws_allows() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(dns(Some(false), Some(false))).await;
    let id = world.id("net").await;
    assert_eq!(live_dns(&ec2, &id).await, (false, false));
    let both = ["enable_dns_support", "enable_dns_hostnames"];
    world.updates(dns(Some(true), Some(true)), "net", &both).await;
    assert_eq!(live_dns(&ec2, &id).await, (true, true));
    world.updates(dns(Some(false), Some(false)), "net", &both).await;
    assert_eq!(live_dns(&ec2, &id).await, (false, false));
    // Taken out of the program, it is as AWS has it by default.
    world.updates(dns(None, None), "net", &["enable_dns_support"]).await;
    assert_eq!(live_dns(&ec2, &id).await, (true, false));
}

#[tokio::test]
async fn dns_that_is_declared_later_is_set() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(dns(None, None)).await;
    let id = world.id("net").await;
    assert_eq!(live_dns(&ec2, &id).await, (true, false));
    world.updates(dns(Some(false), None), "net", &["enable_dns_support"]).await;
    assert_eq!(live_dns(&ec2, &id).await, (false, false));
}

#[tokio::test]
async fn another_tenancy_is_another_vpc() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let live = async |id: &str| find(&ec2, id).await.unwrap().instance_tenancy.unwrap();
    world.up(tenancy(None)).await;
    let id = world.id("net").await;
    assert_eq!(live(&id).await.as_str(), "default");
    assert_eq!(world.up(tenancy(Some("default"))).await, [""; 0]);
    let (old, new) = world.replaces(tenancy(Some("dedicated")), "net", &["instance_tenancy"]).await;
    assert_eq!(live(&new).await.as_str(), "dedicated");
    assert!(find(&ec2, &old).await.is_none());
    assert_eq!(world.up(tenancy(None)).await, [""; 0]);
}

#[tokio::test]
async fn tags_of_others_stay_and_ours_go() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program("10.0.0.0/16", false, "anna")).await;
    let id = world.id("net").await;
    tag_by_hand(&ec2, &id, "cost", "7").await;
    tag_by_hand(&ec2, &id, "owner", "eve").await;
    let plan = world.plan(program("10.0.0.0/16", false, "anna")).await;
    assert_eq!(changes(&plan), ["update net"]);
    assert_eq!(changed(&plan, "net"), ["tags"].into());
    let untagged = |stack: &Stack| {
        let vpc = Vpc::builder().cidr_block("10.0.0.0/16").enable_dns_hostnames(false);
        stack.add("net", vpc);
    };
    world.updates(untagged, "net", &["tags"]).await;
    let vpc = find(&ec2, &id).await.unwrap();
    assert_eq!((tag(vpc.tags(), "cost"), tag(vpc.tags(), "owner")), (Some("7"), None));
    assert!(tag(vpc.tags(), "ferrocrete:urn").is_some());
}

#[tokio::test]
async fn a_loose_range_is_refused_before_any_call() {
    let world = World::new().await;
    let error = world.plan_error(program("10.0.0.1/16", false, "anna")).await;
    assert!(error.contains("AWS stores it as 10.0.0.0/16"), "{error}");
    assert_eq!(world.count("ec2:CreateVpc").await, 0);
}

//! `AWS::EC2::SecurityGroup`.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{IpPermission, IpRange, SecurityGroup as SdkGroup};
use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::{SecurityGroup, SecurityGroupEgress, SecurityGroupIngress};

use super::network::{failure, tag, tag_by_hand, vpc};
use crate::world::World;

#[derive(Clone, Copy)]
struct Group {
    description: &'static str,
    name: Option<&'static str>,
    net: &'static str,
    owner: Option<&'static str>,
}

const WEB: Group = Group { description: "Web", name: None, net: "a", owner: Some("anna") };

/// A group in one of two VPCs, or in the default VPC.
fn program(group: Group) -> impl Fn(&Stack) {
    move |stack| {
        let (a, b) = (vpc(stack, "a", "10.0.0.0/16"), vpc(stack, "b", "10.0.0.0/16"));
        let vpc = match group.net {
            "a" => Some(&a.vpc_id),
            "b" => Some(&b.vpc_id),
            _ => None,
        };
        let web = SecurityGroup::builder().group_description(group.description);
        let web = web.maybe_group_name(group.name).maybe_vpc_id(vpc);
        stack.add("web", web.maybe_tags(group.owner.map(|o| [("owner", o)])));
    }
}

async fn find(ec2: &Client, id: &str) -> Option<SdkGroup> {
    let all = ec2.describe_security_groups().group_ids(id).send().await.ok()?;
    all.security_groups.unwrap_or_default().into_iter().next()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(WEB)).await;
    let id = world.id("web").await;
    let made = find(&ec2, &id).await.unwrap();
    assert_eq!(made.description(), Some("Web"));
    assert_eq!(made.vpc_id, Some(world.id("a").await));
    assert_eq!(made.group_name, Some(world.output("web", "group_name").await));
    assert!(made.group_name().unwrap().contains("web"), "{made:?}");
    assert_eq!(world.output("web", "group_id").await, id);
    assert_eq!(tag(made.tags(), "owner"), Some("anna"));

    tag_by_hand(&ec2, &id, "cost", "7").await;
    let ben = Group { owner: Some("ben"), ..WEB };
    world.updates(program(ben), "web", &["tags"]).await;
    assert_eq!(tag(find(&ec2, &id).await.unwrap().tags(), "owner"), Some("ben"));
    // Drift: somebody changes the tag.
    tag_by_hand(&ec2, &id, "owner", "eve").await;
    world.updates(program(ben), "web", &["tags"]).await;
    assert_eq!(tag(find(&ec2, &id).await.unwrap().tags(), "owner"), Some("ben"));
    let untagged = Group { owner: None, ..WEB };
    world.updates(program(untagged), "web", &["tags"]).await;
    let live = find(&ec2, &id).await.unwrap();
    assert_eq!((tag(live.tags(), "owner"), tag(live.tags(), "cost")), (None, Some("7")));

    // Drift: somebody deletes it.
    ec2.delete_security_group().group_id(&id).send().await.unwrap();
    assert_eq!(world.up(program(untagged)).await, ["create web"]);
    let last = world.id("web").await;
    assert!(last != id && find(&ec2, &last).await.is_some());
    world.destroy().await;
    assert!(find(&ec2, &last).await.is_none());
}

#[tokio::test]
async fn is_replaced() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(WEB)).await;
    let mut group = WEB;
    group.description = "Web servers";
    let (old, new) = world.replaces(program(group), "web", &["group_description"]).await;
    assert!(find(&ec2, &old).await.is_none());
    assert_eq!(find(&ec2, &new).await.unwrap().description(), Some("Web servers"));

    group.name = Some("web");
    let (old, new) = world.replaces(program(group), "web", &["group_name"]).await;
    assert!(find(&ec2, &old).await.is_none());
    assert_eq!(find(&ec2, &new).await.unwrap().group_name(), Some("web"));

    // The name stays, and is unique: the old group goes first.
    group.description = "Web";
    let (old, new) = world.replaces(program(group), "web", &["group_description"]).await;
    assert!(find(&ec2, &old).await.is_none());
    assert_eq!(find(&ec2, &new).await.unwrap().group_name(), Some("web"));

    group.net = "b";
    let (old, new) = world.replaces(program(group), "web", &["vpc_id"]).await;
    assert!(find(&ec2, &old).await.is_none());
    assert_eq!(find(&ec2, &new).await.unwrap().vpc_id, Some(world.id("b").await));
}

#[tokio::test]
async fn is_in_the_default_vpc_without_one() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(Group { net: "", ..WEB })).await;
    let group = find(&ec2, &world.id("web").await).await.unwrap();
    let vpcs = ec2.describe_vpcs().vpc_ids(group.vpc_id.unwrap()).send().await.unwrap();
    assert_eq!(vpcs.vpcs()[0].is_default, Some(true));
}

#[tokio::test]
async fn one_of_that_name_is_not_adopted() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world
        .up(|stack: &Stack| drop((vpc(stack, "a", "10.0.0.0/16"), vpc(stack, "b", "10.0.0.0/16"))))
        .await;
    let theirs = ec2.create_security_group().group_name("web").description("Theirs");
    let theirs = theirs.vpc_id(world.id("a").await).send().await.unwrap().group_id.unwrap();
    let (_, report) = world.try_up(program(Group { name: Some("web"), ..WEB })).await.unwrap();
    assert_eq!(failure(&report), "InvalidGroup.Duplicate");
    assert_eq!(find(&ec2, &theirs).await.unwrap().description(), Some("Theirs"));
    assert!(world.state().await.resources.values().all(|r| r.urn.name() != "web"));
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program(WEB), "web", "ec2:CreateSecurityGroup").await;
}

/// Protocols of what may go out.
async fn out(ec2: &Client, id: &str) -> Vec<String> {
    let group = find(ec2, id).await.unwrap();
    let all = group.ip_permissions_egress().iter();
    let mut all: Vec<_> = all.map(|p| p.ip_protocol().unwrap().to_owned()).collect();
    all.sort();
    all
}

/// Beside the rule that every new group has, other egress rules would restrict nothing.
#[tokio::test]
async fn what_may_go_out_can_be_closed_and_opened() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    let program = |all: Option<bool>| {
        move |stack: &Stack| {
            let vpc = vpc(stack, "a", "10.0.0.0/16");
            let group = SecurityGroup::builder().group_description("Web").vpc_id(&vpc.vpc_id);
            let group = stack.add("web", group.maybe_allow_all_outbound(all));
            let dns = SecurityGroupEgress::builder().group_id(&group.group_id).ip_protocol("udp");
            stack.add("dns", dns.from_port(53).to_port(53).cidr_ip("10.0.0.2/32"));
        }
    };
    world.up(program(Some(false))).await;
    let id = world.id("web").await;
    assert_eq!(out(&ec2, &id).await, ["udp"]);
    world.updates(program(Some(true)), "web", &["allow_all_outbound"]).await;
    assert_eq!(out(&ec2, &id).await, ["-1", "udp"]);
    world.updates(program(Some(false)), "web", &["allow_all_outbound"]).await;
    assert_eq!(out(&ec2, &id).await, ["udp"]);
    // Taken out of the program, the other rule says the same.
    assert_eq!(world.up(program(None)).await, [""; 0]);
    assert_eq!(out(&ec2, &id).await, ["udp"]);
    world.destroy().await;
}

/// A group with rules that let out: protocol and range.
fn letting_out(rules: &'static [(&'static str, &'static str)]) -> impl Fn(&Stack) {
    move |stack| {
        let vpc = vpc(stack, "a", "10.0.0.0/16");
        let group = SecurityGroup::builder().group_description("Web").vpc_id(&vpc.vpc_id);
        let group = stack.add("web", group);
        for (protocol, range) in rules {
            let rule = SecurityGroupEgress::builder().group_id(&group.group_id).cidr_ip(*range);
            stack.add(protocol, rule.ip_protocol(*protocol).from_port(53).to_port(53));
        }
    }
}

#[tokio::test]
async fn a_declared_egress_rule_takes_awss_own_away() {
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(letting_out(&[])).await;
    let id = world.id("web").await;
    assert_eq!(out(&ec2, &id).await, ["-1"]);

    let dns = letting_out(&[("udp", "10.0.0.2/32")]);
    let plan = world.plan(&dns).await;
    let step = plan.steps.iter().find(|s| s.urn.name() == "web").unwrap();
    let said: Vec<String> = step.reasons.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        ["`allow_all_outbound` changes, because SecurityGroupEgress `udp` is declared"]
    );
    world.up(&dns).await;
    assert_eq!(out(&ec2, &id).await, ["udp"]);

    // Drift: somebody opens it.
    let all = IpRange::builder().cidr_ip("0.0.0.0/0").build();
    let all = IpPermission::builder().ip_protocol("-1").ip_ranges(all).build();
    let open = ec2.authorize_security_group_egress().group_id(&id).ip_permissions(all);
    open.send().await.unwrap();
    world.updates(&dns, "web", &["allow_all_outbound"]).await;
    assert_eq!(out(&ec2, &id).await, ["udp"]);

    // Without a rule of its own it is open, as AWS makes it.
    world.up(letting_out(&[])).await;
    assert_eq!(out(&ec2, &id).await, ["-1"]);
    // The same rule, declared: AWS's gives way to it, and it stays.
    let everything = letting_out(&[("-1", "0.0.0.0/0"), ("udp", "10.0.0.2/32")]);
    world.up(&everything).await;
    assert_eq!(out(&ec2, &id).await, ["-1", "udp"]);
    let rule = world.id("-1").await;
    assert_eq!(world.up(&everything).await, [""; 0]);
    assert_eq!(world.id("-1").await, rule);
    world.destroy().await;
}

#[tokio::test]
async fn rules_that_nobody_declared_are_shown_and_removed() {
    let program = |exclusive: Option<bool>| {
        move |stack: &Stack| {
            let vpc = vpc(stack, "a", "10.0.0.0/16");
            let group = SecurityGroup::builder().group_description("Web").vpc_id(&vpc.vpc_id);
            let group = stack.add("web", group.maybe_exclusive_rules(exclusive));
            let http = SecurityGroupIngress::builder().group_id(&group.group_id);
            let http = http.ip_protocol("tcp").from_port(80).to_port(80).cidr_ip("10.0.0.0/8");
            stack.add("http", http);
        }
    };
    let world = World::new().await;
    let ec2 = world.aws().await.ec2().clone();
    world.up(program(None)).await;
    let id = world.id("web").await;
    let meddle = async |port: i32| {
        let all = IpRange::builder().cidr_ip("0.0.0.0/0").build();
        let rule = IpPermission::builder().ip_protocol("tcp").from_port(port).to_port(port);
        let rule = rule.ip_ranges(all).build();
        let into = ec2.authorize_security_group_ingress().group_id(&id);
        into.ip_permissions(rule.clone()).send().await.unwrap();
        let out = ec2.authorize_security_group_egress().group_id(&id);
        out.ip_permissions(rule).send().await.unwrap();
    };
    let ports = async || {
        let group = find(&ec2, &id).await.unwrap();
        let all = group.ip_permissions().iter().chain(group.ip_permissions_egress());
        let mut all: Vec<_> = all.map(|p| p.from_port().unwrap_or(-1)).collect();
        all.sort_unstable();
        all
    };
    meddle(22).await;
    // Where nobody asked for it, what others made is theirs.
    assert_eq!(world.up(program(None)).await, [""; 0]);
    assert_eq!(ports().await, [-1, 22, 22, 80]);
    world.updates(program(Some(true)), "web", &["exclusive_rules"]).await;
    // AWS's own rule lets out and is no stranger.
    assert_eq!(ports().await, [-1, 80]);

    meddle(23).await;
    let plan = world.plan(program(Some(true))).await;
    let shown = format!("{:?}", plan.steps.iter().find(|s| s.urn.name() == "web").unwrap().changes);
    assert!(shown.contains("ingress tcp 23 from 0.0.0.0/0 (sgr-"), "{shown}");
    assert!(shown.contains("egress tcp 23 to 0.0.0.0/0 (sgr-"), "{shown}");
    world.updates(program(Some(true)), "web", &["undeclared_rules"]).await;
    assert_eq!(ports().await, [-1, 80]);
    world.destroy().await;
}

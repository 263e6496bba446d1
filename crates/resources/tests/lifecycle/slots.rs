//! What only one resource can have goes from one to another: one `up` each, and nothing to do
//! afterwards.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum;
use ferrocrete_core::{Handle, Stack};
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::ec2::{SecurityGroup, Subnet, Vpc};
use ferrocrete_resources::elbv2::{
    Action, Condition, Listener, ListenerRule, LoadBalancer, TargetGroup,
};
use ferrocrete_resources::rds::DbParameterGroup;

use crate::elbv2::{Network, balancer, network};
use crate::world::World;

fn vpc(stack: &Stack) -> Handle<Vpc> {
    stack.add("net", Vpc::builder().cidr_block("10.0.0.0/16"))
}

/// Subnets by name, with their ranges.
fn subnets(all: &[(&'static str, &'static str)]) -> impl Fn(&Stack) + use<> {
    let all = all.to_vec();
    move |stack| {
        let vpc = vpc(stack);
        for (name, range) in &all {
            let subnet = Subnet::builder().vpc_id(&vpc.vpc_id).cidr_block(*range);
            stack.add(name, subnet.tags([("it", *name)]));
        }
    }
}

/// The same as AWS has them.
async fn ranges(aws: &Aws) -> BTreeMap<String, String> {
    let all = aws.ec2().describe_subnets().send().await.unwrap().subnets.unwrap();
    let one = |subnet: aws_sdk_ec2::types::Subnet| {
        let name = subnet.tags().iter().find(|t| t.key() == Some("it"))?.value()?.to_owned();
        Some((name, subnet.cidr_block?))
    };
    all.into_iter().filter_map(one).collect()
}

fn pairs(all: &[(&str, &str)]) -> BTreeMap<String, String> {
    all.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

#[tokio::test]
async fn ranges_of_subnets() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (one, two, three) = ("10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24");
    for wanted in [
        &[("a", one), ("b", two)][..],
        // Exchanged.
        &[("a", two), ("b", one)],
        // Shifted by one that is put in front.
        &[("new", one), ("a", three), ("b", two)],
        // In a circle.
        &[("new", three), ("a", two), ("b", one)],
        // Widened over a neighbour that goes.
        &[("new", "10.0.2.0/23"), ("b", one)],
        // And narrowed for others that come.
        &[("new", two), ("a", three), ("b", one)],
    ] {
        world.up(subnets(wanted)).await;
        assert_eq!(ranges(&aws).await, pairs(wanted));
    }
    world.destroy().await;
    assert!(ranges(&aws).await.is_empty());
}

/// Groups and parameter groups with fixed names.
fn named(names: &[(&'static str, &'static str)]) -> impl Fn(&Stack) + use<> {
    let names = names.to_vec();
    move |stack| {
        let vpc = vpc(stack);
        for (urn, name) in &names {
            let group = SecurityGroup::builder().group_description(*urn).group_name(*name);
            stack.add(urn, group.vpc_id(&vpc.vpc_id));
            let group = DbParameterGroup::builder().db_parameter_group_name(*name);
            stack.add(urn, group.family("postgres16").description(*urn));
        }
    }
}

#[tokio::test]
async fn fixed_names() {
    let world = World::new().await;
    let aws = world.aws().await;
    for wanted in [
        &[("a", "one"), ("b", "two"), ("c", "three")][..],
        &[("a", "two"), ("b", "one"), ("c", "three")],
        &[("a", "three"), ("b", "two"), ("c", "one")],
        &[("a", "one"), ("new", "two")],
    ] {
        world.up(named(wanted)).await;
        let groups = aws.ec2().describe_security_groups().send().await.unwrap();
        let ours = groups.security_groups().iter().filter(|g| g.group_name() != Some("default"));
        let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let live: BTreeMap<_, _> =
            ours.map(|g| (owned(g.description()), owned(g.group_name()))).collect();
        assert_eq!(live, pairs(wanted));
        let groups = aws.rds().describe_db_parameter_groups().send().await.unwrap();
        let groups = groups.db_parameter_groups.unwrap();
        let ours = groups.iter().filter(|g| !owned(g.db_parameter_group_name()).contains('.'));
        let live: BTreeMap<_, _> =
            ours.map(|g| (owned(g.description()), owned(g.db_parameter_group_name()))).collect();
        assert_eq!(live, pairs(wanted));
    }
    world.destroy().await;
}

/// Listeners by what they answer, with their ports.
fn listeners(balancer: &str, ports: &[(&'static str, i32)]) -> impl Fn(&Stack) + use<> {
    let (balancer, ports) = (balancer.to_owned(), ports.to_vec());
    move |stack| {
        for (name, port) in &ports {
            let listener = Listener::builder().load_balancer_arn(balancer.as_str());
            let answer = Action::fixed_response(200, *name);
            let listener = listener.port(*port).protocol("HTTP").default_actions([answer]);
            stack.add(name, listener);
        }
    }
}

#[tokio::test]
async fn ports_of_listeners() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    let web = balancer(&aws, &network, "web", "application").await;
    for wanted in [
        &[("a", 80), ("b", 81), ("c", 82)][..],
        &[("a", 81), ("b", 80), ("c", 82)],
        &[("a", 80), ("b", 82), ("c", 81)],
        &[("new", 80), ("b", 81), ("c", 82)],
    ] {
        world.up(listeners(&web, wanted)).await;
        let call = aws.elasticloadbalancingv2().describe_listeners().load_balancer_arn(&web);
        let all = call.send().await.unwrap().listeners.unwrap();
        let answer = |l: &aws_sdk_elasticloadbalancingv2::types::Listener| {
            let config = l.default_actions()[0].fixed_response_config().unwrap();
            config.message_body().unwrap().to_owned()
        };
        let live: BTreeMap<_, _> = all.iter().map(|l| (answer(l), l.port.unwrap())).collect();
        let wanted: BTreeMap<_, _> = wanted.iter().map(|(n, p)| ((*n).to_owned(), *p)).collect();
        assert_eq!(live, wanted);
    }
    world.destroy().await;
}

/// Rules by their path, with their priorities.
fn rules(balancer: &str, all: &[(&'static str, i32)]) -> impl Fn(&Stack) + use<> {
    let (balancer, all) = (balancer.to_owned(), all.to_vec());
    move |stack| {
        let http = Listener::builder().load_balancer_arn(balancer.as_str()).port(80);
        let nothing = Action::fixed_response(404, "nothing");
        let http = stack.add("http", http.protocol("HTTP").default_actions([nothing]));
        for (name, priority) in &all {
            let rule = ListenerRule::builder()
                .listener_arn(&http.listener_arn)
                .priority(*priority)
                .conditions([Condition::path([format!("/{name}")])])
                .actions([Action::fixed_response(200, *name)]);
            stack.add(name, rule);
        }
    }
}

#[tokio::test]
async fn priorities_of_rules() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    let web = balancer(&aws, &network, "web", "application").await;
    let mut ids = BTreeMap::new();
    for wanted in [
        &[("a", 1), ("b", 2), ("c", 3)][..],
        // Exchanged, and in a circle.
        &[("a", 2), ("b", 1), ("c", 3)],
        &[("a", 3), ("b", 2), ("c", 1)],
        // One in front of all.
        &[("new", 1), ("a", 4), ("b", 3), ("c", 2)],
        // One goes, the others take over.
        &[("new", 3), ("a", 1), ("c", 2)],
        // One goes, another comes, the others are exchanged.
        &[("new", 1), ("a", 3), ("other", 2)],
    ] {
        world.account.reset_calls().await.unwrap();
        world.up(rules(&web, wanted)).await;
        assert!(world.count("elasticloadbalancing:SetRulePriorities").await <= 1, "{wanted:?}");
        let listener = world.id("http").await;
        let call = aws.elasticloadbalancingv2().describe_rules().listener_arn(&listener);
        let all = call.send().await.unwrap().rules.unwrap();
        let live: BTreeMap<_, _> = all
            .iter()
            .filter(|rule| rule.is_default != Some(true))
            .map(|rule| {
                let path = rule.conditions()[0].path_pattern_config().unwrap().values()[0].clone();
                (path[1..].to_owned(), rule.priority().unwrap().parse::<i32>().unwrap())
            })
            .collect();
        let expected: BTreeMap<_, _> = wanted.iter().map(|(n, p)| ((*n).to_owned(), *p)).collect();
        assert_eq!(live, expected);
        // None of them was made anew.
        for (name, _) in wanted {
            let id = world.id(name).await;
            assert_eq!(*ids.entry(*name).or_insert_with(|| id.clone()), id, "{name}");
        }
    }
    world.destroy().await;
}

/// A balancer whose listener and rule forward to one group, which stays when the balancer goes.
fn forwarding(network: &Network, kind: &'static str) -> impl Fn(&Stack) + use<> {
    let (vpc, a, b) = (network.vpc.clone(), network.a.clone(), network.b.clone());
    move |stack| {
        let group = TargetGroup::builder().protocol("HTTP").port(80).vpc_id(vpc.as_str());
        let group = stack.add("group", group.target_type("ip"));
        let web = LoadBalancer::builder().scheme(kind).subnets([a.as_str(), b.as_str()]);
        let web = stack.add("web", web);
        let http = Listener::builder()
            .load_balancer_arn(&web.load_balancer_arn)
            .port(80)
            .protocol("HTTP")
            .default_actions([Action::forward(&group.target_group_arn)]);
        let http = stack.add("http", http);
        let rule = ListenerRule::builder()
            .listener_arn(&http.listener_arn)
            .priority(1)
            .conditions([Condition::path(["/api/*"])])
            .actions([Action::forward(&group.target_group_arn)]);
        stack.add("api", rule);
    }
}

#[tokio::test]
async fn a_target_group_of_a_balancer_that_is_replaced() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    world.up(forwarding(&network, "internal")).await;
    let (group, old) = (world.id("group").await, world.id("web").await);
    world.up(forwarding(&network, "internet-facing")).await;
    assert_eq!(world.id("group").await, group);
    let new = world.id("web").await;
    assert_ne!(old, new);
    let call = aws.elasticloadbalancingv2().describe_target_groups().target_group_arns(&group);
    let live = call.send().await.unwrap().target_groups.unwrap().remove(0);
    assert_eq!(live.load_balancer_arns(), [new]);
    world.destroy().await;
}

/// A group that goes from the listener of one balancer to that of another.
#[tokio::test]
async fn a_target_group_of_another_balancer() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    let one = balancer(&aws, &network, "one", "network").await;
    let two = balancer(&aws, &network, "two", "network").await;
    let both = [one.clone(), two.clone()];
    let vpc = network.vpc.clone();
    let exchanged = move |turned: bool| {
        let (both, vpc) = (both.clone(), vpc.clone());
        move |stack: &Stack| {
            let groups = ["a", "b"].map(|name| {
                let group = TargetGroup::builder().protocol("TCP").port(80).vpc_id(vpc.as_str());
                stack.add(name, group.target_type("ip")).target_group_arn.clone()
            });
            for (n, balancer) in both.iter().enumerate() {
                let group = &groups[if turned { 1 - n } else { n }];
                let listener = Listener::builder()
                    .load_balancer_arn(balancer.as_str())
                    .port(80)
                    .protocol(ProtocolEnum::Tcp.as_str())
                    .default_actions([Action::forward(group)]);
                stack.add(&format!("tcp-{n}"), listener);
            }
        }
    };
    world.up(exchanged(false)).await;
    world.up(exchanged(true)).await;
    for (name, balancer) in [("a", &two), ("b", &one)] {
        let group = world.id(name).await;
        let call = aws.elasticloadbalancingv2().describe_target_groups().target_group_arns(group);
        let live = call.send().await.unwrap().target_groups.unwrap().remove(0);
        assert_eq!(live.load_balancer_arns(), [balancer.as_str()]);
    }
    world.destroy().await;
}

//! `AWS::ElasticLoadBalancingV2::LoadBalancer`.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{IpAddressType, LoadBalancer as SdkBalancer};
use ferrocrete_core::Stack;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_resources::elbv2::LoadBalancer;
use serde_json::{Value, json};

use super::{Network, balancer, network, only, tag, tag_by_hand, with};
use crate::world::{World, changed, changes};

/// The balancer with this ARN.
pub async fn find(elb: &Client, arn: &str) -> Option<SdkBalancer> {
    let all = elb.describe_load_balancers().load_balancer_arns(arn).send().await.ok()?;
    all.load_balancers.unwrap_or_default().into_iter().next()
}

fn base(network: &Network) -> Value {
    json!({
        "subnets": [network.a, network.b],
        "scheme": "internal",
        "tags": {"owner": "anna"},
    })
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let (a, b) = (network.a.clone(), network.b.clone());
    let program = |owner: &'static str| {
        let (a, b) = (a.clone(), b.clone());
        move |stack: &Stack| {
            let balancer = LoadBalancer::builder().subnets([a.as_str(), b.as_str()]);
            let balancer = balancer.idle_timeout_seconds(75).tags([("owner", owner)]);
            stack.add("it", balancer);
        }
    };
    assert_eq!(world.up(program("anna")).await, ["create it"]);
    let id = world.id("it").await;
    let made = find(elb, &id).await.unwrap();
    assert_eq!(made.r#type().unwrap().as_str(), "application");
    assert_eq!(made.scheme().unwrap().as_str(), "internet-facing");
    assert_eq!(made.state().unwrap().code().unwrap().as_str(), "active");
    let output = async |name: &str| world.output("it", name).await;
    assert_eq!(output("load_balancer_arn").await, id);
    assert_eq!(Some(output("dns_name").await), made.dns_name);
    assert_eq!(Some(output("canonical_hosted_zone_id").await), made.canonical_hosted_zone_id);
    assert_eq!(Some(output("name").await), made.load_balancer_name);
    assert_eq!(output("vpc_id").await, network.vpc);
    let full = output("load_balancer_full_name").await;
    assert!(full.starts_with("app/") && id.ends_with(&full), "{full}");

    world.updates(program("ben"), "it", &["tags"]).await;
    assert_eq!(tag(elb, &id, "owner").await.as_deref(), Some("ben"));

    // Drift: somebody deletes it.
    elb.delete_load_balancer().load_balancer_arn(&id).send().await.unwrap();
    assert_eq!(world.up(program("ben")).await, ["create it"]);
    let last = world.id("it").await;
    world.destroy().await;
    assert!(find(elb, &last).await.is_none());
}

#[tokio::test]
async fn subnets_groups_and_addresses_are_updated_in_place() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let call = aws.ec2().create_subnet().vpc_id(&network.vpc).cidr_block("10.0.3.0/24");
    let third = call.availability_zone("eu-central-1c").send().await.unwrap();
    let third = third.subnet.unwrap().subnet_id.unwrap();
    let call = aws.ec2().create_security_group().group_name("web").description("Web");
    let group = call.vpc_id(&network.vpc).send().await.unwrap().group_id.unwrap();
    let program = |json: &Value| only::<LoadBalancer>(json);
    let base = base(&network);
    world.up(program(&base)).await;
    let id = world.id("it").await;
    let default = find(elb, &id).await.unwrap().security_groups.unwrap();

    let three = with(&base, "subnets", json!([third, network.a, network.b]));
    world.updates(program(&three), "it", &["subnets"]).await;
    let zones = find(elb, &id).await.unwrap().availability_zones.unwrap();
    let mut subnets: Vec<_> = zones.into_iter().filter_map(|z| z.subnet_id).collect();
    let mut wanted = vec![third.clone(), network.a.clone(), network.b.clone()];
    subnets.sort();
    wanted.sort();
    assert_eq!(subnets, wanted);

    let grouped = with(&three, "security_groups", json!([group]));
    world.updates(program(&grouped), "it", &["security_groups"]).await;
    assert_eq!(find(elb, &id).await.unwrap().security_groups(), [group.as_str()]);
    // Drift: somebody gives it its old group again.
    let call = elb.set_security_groups().load_balancer_arn(&id);
    call.set_security_groups(Some(default)).send().await.unwrap();
    world.updates(program(&grouped), "it", &["security_groups"]).await;
    assert_eq!(find(elb, &id).await.unwrap().security_groups(), [group]);

    let dual = with(&grouped, "ip_address_type", json!("dualstack"));
    world.updates(program(&dual), "it", &["ip_address_type"]).await;
    assert_eq!(find(elb, &id).await.unwrap().ip_address_type, Some(IpAddressType::Dualstack));
    // Taken out of the program, they stay as they are.
    assert_eq!(world.up(program(&three)).await, [""; 0]);
}

#[tokio::test]
async fn what_cannot_be_changed_replaces() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let base = base(&network);
    world.up(only::<LoadBalancer>(&base)).await;
    let facing = with(&base, "scheme", json!("internet-facing"));
    let (old, new) = world.replaces(only::<LoadBalancer>(&facing), "it", &["scheme"]).await;
    assert!(find(elb, &old).await.is_none());
    assert_eq!(find(elb, &new).await.unwrap().scheme().unwrap().as_str(), "internet-facing");
    for (name, value) in [("load_balancer_type", "network"), ("name", "chosen")] {
        let plan = world.plan(only::<LoadBalancer>(&with(&facing, name, json!(value)))).await;
        assert_eq!(changed(&plan, "it"), [name].into());
        assert!(changes(&plan).contains(&"replace it".to_owned()), "{:?}", changes(&plan));
    }
    let kept = with(&facing, "scheme", Value::Null);
    assert_eq!(world.up(only::<LoadBalancer>(&kept)).await, [""; 0]);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let aws = world.aws().await;
    let attribute = with(&base(&network(&aws).await), "idle_timeout_seconds", json!(75));
    let program = only::<LoadBalancer>(&attribute);
    world.finds(program, "it", "elasticloadbalancing:CreateLoadBalancer").await;
    // The kill came before the second call of the create.
    let elb = aws.elasticloadbalancingv2();
    let call = elb.describe_load_balancer_attributes().load_balancer_arn(world.id("it").await);
    let all = call.send().await.unwrap().attributes.unwrap();
    let idle = all.iter().find(|a| a.key() == Some("idle_timeout.timeout_seconds")).unwrap();
    assert_eq!(idle.value(), Some("75"));
}

#[tokio::test]
async fn is_waited_for_after_a_kill_between_accepted_and_done() {
    let world = World::new().await;
    let aws = world.aws().await;
    let base = base(&network(&aws).await);
    world.killed(only::<LoadBalancer>(&base), "it", 2).await;
    world.up(only::<LoadBalancer>(&base)).await;
    assert_eq!(world.count("elasticloadbalancing:CreateLoadBalancer").await, 1);
}

#[tokio::test]
async fn one_of_that_name_that_is_not_ours_is_not_adopted() {
    let world = World::new().await;
    let aws = world.aws().await;
    let network = network(&aws).await;
    let foreign = balancer(&aws, &network, "shop", "application").await;
    // The same in everything that CreateLoadBalancer compares.
    let same = json!({
        "name": "shop",
        "subnets": [network.a, network.b],
        "scheme": "internal",
        "load_balancer_type": "application",
    });
    let (_, report) = world.try_up(only::<LoadBalancer>(&same)).await.unwrap();
    assert_eq!(report.failures[0].error.kind, ErrorKind::AlreadyExists);
    assert_eq!(tag(aws.elasticloadbalancingv2(), &foreign, "ferrocrete:urn").await, None);
}

#[tokio::test]
async fn tags_of_others_stay_and_ours_go() {
    let world = World::new().await;
    let aws = world.aws().await;
    let elb = aws.elasticloadbalancingv2();
    let base = base(&network(&aws).await);
    world.up(only::<LoadBalancer>(&base)).await;
    let id = world.id("it").await;
    tag_by_hand(elb, &id, "cost", "7").await;
    let plain = with(&base, "tags", Value::Null);
    world.updates(only::<LoadBalancer>(&plain), "it", &["tags"]).await;
    assert_eq!(tag(elb, &id, "owner").await, None);
    assert_eq!(tag(elb, &id, "cost").await.as_deref(), Some("7"));
    assert!(tag(elb, &id, "ferrocrete:urn").await.is_some());
}

#[tokio::test]
async fn subnets_are_said_in_one_way() {
    let world = World::new().await;
    for json in [
        json!({}),
        json!({"subnets": ["subnet-1"], "subnet_mappings": [{"subnet_id": "subnet-1"}]}),
    ] {
        let error = world.plan_error(only::<LoadBalancer>(&json)).await;
        assert!(error.contains("`subnets`") && error.contains("give"), "{error}");
    }
    assert_eq!(world.count("elasticloadbalancing:CreateLoadBalancer").await, 0);
}

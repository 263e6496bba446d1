//! What only network load balancers have.

use ferrocrete_core::Stack;
use ferrocrete_resources::elbv2::{LoadBalancer, SubnetMapping};
use serde_json::{Value, json};

use super::load_balancer::find;
use super::load_balancer_settings::attributes;
use super::{network, only, with};
use crate::world::World;

#[tokio::test]
async fn addresses_of_ones_own() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let program = |second: bool| {
        let (a, b) = (network.a.clone(), network.b.clone());
        move |stack: &Stack| {
            let mut all = vec![
                SubnetMapping::builder().subnet_id(a.as_str()).private_ipv4_address("10.0.1.9"),
            ];
            if second {
                let more = SubnetMapping::builder().subnet_id(b.as_str());
                all.push(more.private_ipv4_address("10.0.2.9"));
            }
            let balancer = LoadBalancer::builder().load_balancer_type("network");
            let mappings: ferrocrete_core::Input<Vec<SubnetMapping>> = all.into_iter().collect();
            stack.add("it", balancer.scheme("internal").subnet_mappings(mappings));
        }
    };
    world.up(program(false)).await;
    let id = world.id("it").await;
    let live = async || {
        let zones = find(elb, &id).await.unwrap().availability_zones.unwrap();
        let address = |z: &aws_sdk_elasticloadbalancingv2::types::AvailabilityZone| {
            let first = &z.load_balancer_addresses()[0];
            (z.subnet_id.clone().unwrap(), first.private_ipv4_address.clone().unwrap())
        };
        let mut all: Vec<_> = zones.iter().map(address).collect();
        all.sort_by(|a, b| a.1.cmp(&b.1));
        all
    };
    assert_eq!(live().await, [(network.a.clone(), "10.0.1.9".to_owned())]);
    assert!(world.output("it", "load_balancer_full_name").await.starts_with("net/"));
    world.updates(program(true), "it", &["subnet_mappings"]).await;
    let both =
        [(network.a.clone(), "10.0.1.9".to_owned()), (network.b.clone(), "10.0.2.9".to_owned())];
    assert_eq!(live().await, both);
}

#[tokio::test]
async fn public_addresses_of_ones_own() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let address = aws.ec2().allocate_address().send().await.unwrap().allocation_id.unwrap();
    let wanted = json!({
        "load_balancer_type": "network",
        "subnet_mappings": [{"subnet_id": network.a, "allocation_id": address}],
    });
    world.up(only::<LoadBalancer>(&wanted)).await;
    let live = find(elb, &world.id("it").await).await.unwrap().availability_zones.unwrap();
    assert_eq!(live[0].load_balancer_addresses()[0].allocation_id(), Some(address.as_str()));
}

#[tokio::test]
async fn settings_are_updated_in_place() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let call = aws.ec2().create_security_group().group_name("web").description("Web");
    let group = call.vpc_id(&network.vpc).send().await.unwrap().group_id.unwrap();
    let base = json!({
        "load_balancer_type": "network",
        "scheme": "internal",
        "subnets": [network.a],
        "security_groups": [group],
    });
    world.up(only::<LoadBalancer>(&base)).await;
    let id = world.id("it").await;
    let enforce = "enforce_security_group_inbound_rules_on_private_link_traffic";
    let to = |name: &str, value: Value| only::<LoadBalancer>(&with(&base, name, value));
    world.updates(to(enforce, json!("off")), "it", &[enforce]).await;
    let live = find(elb, &id).await.unwrap();
    assert_eq!(
        live.enforce_security_group_inbound_rules_on_private_link_traffic.as_deref(),
        Some("off")
    );
    assert_eq!(live.security_groups(), [group.as_str()]);
    world.updates(to("cross_zone_enabled", json!(true)), "it", &["cross_zone_enabled"]).await;
    assert_eq!(attributes(elb, &id).await["load_balancing.cross_zone.enabled"], "true");
    let (routing, key) = ("dns_record_client_routing_policy", "dns_record.client_routing_policy");
    world.updates(to(routing, json!("availability_zone_affinity")), "it", &[routing]).await;
    assert_eq!(attributes(elb, &id).await[key], "availability_zone_affinity");
}

#[tokio::test]
async fn the_rules_for_private_link_are_set_at_create() {
    let world = World::new().await;
    let aws = world.aws().await;
    let (elb, network) = (aws.elasticloadbalancingv2(), network(&aws).await);
    let call = aws.ec2().create_security_group().group_name("web").description("Web");
    let group = call.vpc_id(&network.vpc).send().await.unwrap().group_id.unwrap();
    let enforce = "enforce_security_group_inbound_rules_on_private_link_traffic";
    let wanted = json!({
        "load_balancer_type": "network",
        "scheme": "internal",
        "subnets": [network.a],
        "security_groups": [group],
        enforce: "off",
    });
    world.up(only::<LoadBalancer>(&wanted)).await;
    let live = find(elb, &world.id("it").await).await.unwrap();
    assert_eq!(
        live.enforce_security_group_inbound_rules_on_private_link_traffic.as_deref(),
        Some("off")
    );
}

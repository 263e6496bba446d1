//! Elastic Load Balancing. The network is made by hand, so that each stack holds only what it is
//! about.

mod actions;
mod listener;
mod listener_certificate;
mod listener_rule;
mod listener_settings;
mod load_balancer;
mod load_balancer_network;
mod load_balancer_settings;
mod lookups;
mod target_group;
mod target_group_settings;

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{
    LoadBalancerSchemeEnum, LoadBalancerTypeEnum, ProtocolEnum, Tag, TargetTypeEnum,
};
use ferrocrete_core::Stack;
use ferrocrete_core::program::Complete;
use ferrocrete_core::resource::Resource;
use ferrocrete_resources::aws::Aws;
use serde_json::Value;

/// A VPC with two subnets in two zones and the way out.
pub struct Network {
    pub vpc: String,
    pub a: String,
    pub b: String,
}

pub async fn network(aws: &Aws) -> Network {
    let ec2 = aws.ec2();
    let vpc = ec2.create_vpc().cidr_block("10.0.0.0/16").send().await.unwrap().vpc.unwrap();
    let vpc = vpc.vpc_id.unwrap();
    let subnet = async |zone: &str, cidr: &str| {
        let call = ec2.create_subnet().vpc_id(&vpc).cidr_block(cidr);
        let call = call.availability_zone(format!("eu-central-1{zone}"));
        call.send().await.unwrap().subnet.unwrap().subnet_id.unwrap()
    };
    let (a, b) = (subnet("a", "10.0.1.0/24").await, subnet("b", "10.0.2.0/24").await);
    let gateway = ec2.create_internet_gateway().send().await.unwrap().internet_gateway.unwrap();
    let gateway = gateway.internet_gateway_id.unwrap();
    ec2.attach_internet_gateway().vpc_id(&vpc).internet_gateway_id(gateway).send().await.unwrap();
    Network { vpc, a, b }
}

/// A load balancer that somebody else made.
pub async fn balancer(aws: &Aws, network: &Network, name: &str, kind: &str) -> String {
    let call = aws.elasticloadbalancingv2().create_load_balancer().name(name);
    let call = call.subnets(&network.a).subnets(&network.b);
    let call = call.scheme(LoadBalancerSchemeEnum::Internal);
    let call = call.r#type(LoadBalancerTypeEnum::from(kind));
    let all = call.send().await.unwrap().load_balancers.unwrap();
    all[0].load_balancer_arn.clone().unwrap()
}

/// A target group that somebody else made.
pub async fn group(aws: &Aws, network: &Network, name: &str, protocol: &str) -> String {
    let call = aws.elasticloadbalancingv2().create_target_group().name(name);
    let call = call.protocol(ProtocolEnum::from(protocol)).port(80).vpc_id(&network.vpc);
    let all = call.target_type(TargetTypeEnum::Ip).send().await.unwrap().target_groups.unwrap();
    all[0].target_group_arn.clone().unwrap()
}

/// A certificate that somebody else asked for.
pub async fn certificate(aws: &Aws, name: &str) -> String {
    let call = aws.acm().request_certificate().domain_name(name);
    call.send().await.unwrap().certificate_arn.unwrap()
}

/// A program of one resource, `it`, with these properties.
pub fn only<R: Resource + Complete<R>>(properties: &Value) -> impl Fn(&Stack) + use<R> {
    let resource: R = serde_json::from_value(properties.clone()).expect("its properties");
    move |stack| {
        stack.add("it", resource.clone());
    }
}

/// The properties with one more, or another value of it; null takes it out.
pub fn with(properties: &Value, name: &str, value: Value) -> Value {
    let mut all = properties.clone();
    all[name] = value;
    all
}

/// The value of a tag of something by its ARN.
pub async fn tag(elb: &Client, arn: &str, key: &str) -> Option<String> {
    let all = elb.describe_tags().resource_arns(arn).send().await.unwrap();
    let tags = all.tag_descriptions.unwrap().remove(0).tags.unwrap_or_default();
    tags.into_iter().find(|t| t.key() == Some(key)).and_then(|t| t.value)
}

/// Somebody tags by hand.
pub async fn tag_by_hand(elb: &Client, arn: &str, key: &str, value: &str) {
    let tag = Tag::builder().key(key).value(value).build();
    elb.add_tags().resource_arns(arn).tags(tag).send().await.unwrap();
}

/// Attributes by name.
pub fn by_name(
    pairs: impl IntoIterator<Item = (Option<String>, Option<String>)>,
) -> HashMap<String, String> {
    pairs.into_iter().map(|(k, v)| (k.unwrap(), v.unwrap_or_default())).collect()
}

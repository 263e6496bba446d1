//! Network interfaces that keep something from being deleted: who has them, and those that AWS
//! left behind.
//!
//! Load balancers, Fargate tasks, Lambda functions, databases and endpoints have interfaces that
//! their service makes, and removes some time after them: up to 45 minutes (TF#9495). Until then
//! subnets, security groups and gateways are held. Some are never removed, but left `available`, in
//! use by nobody. That AWS made one is told by `requester_managed`
//! (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>); of Lambda,
//! Comprehend and DMS by what Terraform's provider goes by (`deleteLingeringENIs` in
//! `internal/service/ec2/vpc_network_interface.go`).

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, NetworkInterface, NetworkInterfaceStatus};

use super::shared::{PAGE, filter};
use crate::prelude::*;

/// Who has interfaces that fit the filter; those that AWS left behind are deleted.
pub(super) async fn holders(aws: &Aws, by: &str, value: &str) -> Result<Option<String>> {
    told(aws, list(aws, filter(by, [value])).await?).await
}

/// The same of those interfaces of a VPC that have public addresses.
pub(super) async fn public_holders(aws: &Aws, vpc_id: &str) -> Result<Option<String>> {
    let mut all = list(aws, filter("vpc-id", [vpc_id])).await?;
    all.retain(|i| i.association().is_some_and(|a| a.public_ip().is_some()));
    told(aws, all).await
}

async fn list(aws: &Aws, by: Filter) -> Result<Vec<NetworkInterface>> {
    let call = aws.ec2().describe_network_interfaces().filters(by);
    let mut pages = call.into_paginator().page_size(PAGE).send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(
            page.op("ec2:DescribeNetworkInterfaces")?.network_interfaces.unwrap_or_default(),
        );
    }
    Ok(all)
}

async fn told(aws: &Aws, all: Vec<NetworkInterface>) -> Result<Option<String>> {
    let mut still = Vec::new();
    for interface in all {
        let id = interface.network_interface_id().unwrap_or_default();
        if !is_left_behind(&interface) || !delete(aws, id).await {
            still.push(interface);
        }
    }
    Ok(in_words(&still))
}

/// Whether it is gone. Somebody may have begun to use it in between; then it holds.
async fn delete(aws: &Aws, id: &str) -> bool {
    let call = aws.ec2().delete_network_interface().network_interface_id(id);
    found(call.send().await.op("ec2:DeleteNetworkInterface")).is_ok()
}

/// Whether AWS made this interface, uses it no more, and does not remove it by itself.
fn is_left_behind(interface: &NetworkInterface) -> bool {
    let description = interface.description().unwrap_or_default();
    let requester = interface.requester_id().unwrap_or_default();
    let of_aws = interface.requester_managed() == Some(true)
        || description.starts_with("AWS Lambda VPC ENI")
        || description == "DMSNetworkInterface"
        || requester.ends_with(":Comprehend");
    let free = interface.status() == Some(&NetworkInterfaceStatus::Available)
        && interface.attachment().is_none();
    of_aws && free
}

/// `the load balancer `app/web` (2 interfaces)`; nothing without any.
fn in_words(interfaces: &[NetworkInterface]) -> Option<String> {
    let mut who: BTreeMap<String, usize> = BTreeMap::new();
    for interface in interfaces {
        *who.entry(holder(interface)).or_default() += 1;
    }
    let one = |(who, n): (&String, &usize)| match n {
        1 => who.clone(),
        n => format!("{who} ({n} interfaces)"),
    };
    let all: Vec<String> = who.iter().map(one).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Whose interface it is, as far as AWS's description tells.
fn holder(interface: &NetworkInterface) -> String {
    let description = interface.description().unwrap_or_default();
    let last = description.rsplit(' ').next().unwrap_or_default();
    if let Some(name) = description.strip_prefix("ELB ") {
        // `app/NAME/ID` and `net/NAME/ID`; a classic one's name stands alone.
        let name = name.rsplit_once('/').map_or(name, |(name, _)| name);
        return format!("the load balancer `{name}`");
    }
    if let Some(rest) = description.strip_prefix("AWS Lambda VPC ENI-") {
        // A UUID follows the function's name.
        let name = rest.len().checked_sub(37).and_then(|end| rest.get(..end)).unwrap_or(rest);
        return format!("the Lambda function `{name}`");
    }
    if description.starts_with("Interface for NAT Gateway") {
        return format!("the NAT gateway `{last}`");
    }
    if description.starts_with("VPC Endpoint Interface") {
        return format!("the VPC endpoint `{last}`");
    }
    if description.starts_with("arn:aws") && description.contains(":ecs:") {
        return "an ECS task".to_owned();
    }
    if description == "RDSNetworkInterface" {
        return "an RDS database".to_owned();
    }
    if let Some(instance) = interface.attachment().and_then(|a| a.instance_id()) {
        return format!("the instance `{instance}`");
    }
    let id = interface.network_interface_id().unwrap_or_default();
    match description {
        "" => format!("the network interface `{id}`"),
        _ => format!("the network interface `{id}` ({description})"),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::NetworkInterfaceAttachment;

    use super::*;

    fn interface(description: &str) -> NetworkInterface {
        NetworkInterface::builder()
            .network_interface_id("eni-1")
            .description(description)
            .status(NetworkInterfaceStatus::Available)
            .build()
    }

    #[test]
    fn only_what_aws_made_and_uses_no_more_is_left_behind() {
        let lambda = interface("AWS Lambda VPC ENI-hello-11111111-2222-3333-4444-555555555555");
        assert!(is_left_behind(&lambda));
        assert!(is_left_behind(&interface("DMSNetworkInterface")));
        let used = NetworkInterface::builder()
            .description("AWS Lambda VPC ENI-hello")
            .status(NetworkInterfaceStatus::InUse);
        assert!(!is_left_behind(&used.build()));
        assert!(!is_left_behind(&interface("mine")));
        let balancer = NetworkInterface::builder()
            .description("ELB app/web/50dc6c495c0c9188")
            .requester_managed(true);
        let balancer = |status| balancer.clone().status(status).build();
        assert!(is_left_behind(&balancer(NetworkInterfaceStatus::Available)));
        assert!(!is_left_behind(&balancer(NetworkInterfaceStatus::InUse)));
    }

    #[test]
    fn holders_are_told_in_words() {
        let all = [
            interface("ELB app/web/50dc6c495c0c9188"),
            interface("ELB app/web/50dc6c495c0c9188"),
            interface("Interface for NAT Gateway nat-0abc"),
            interface("AWS Lambda VPC ENI-hello-11111111-2222-3333-4444-555555555555"),
        ];
        let words = in_words(&all).unwrap();
        assert_eq!(
            words,
            "the Lambda function `hello`, the NAT gateway `nat-0abc`, \
             the load balancer `app/web` (2 interfaces)"
        );
        assert_eq!(in_words(&[]), None);
        assert_eq!(holder(&interface("ELB classic")), "the load balancer `classic`");
        let task = interface("arn:aws:ecs:eu-central-1:111122223333:attachment/1-2");
        assert_eq!(holder(&task), "an ECS task");
        let attached = NetworkInterface::builder()
            .attachment(NetworkInterfaceAttachment::builder().instance_id("i-1").build());
        assert_eq!(holder(&attached.build()), "the instance `i-1`");
        assert_eq!(holder(&interface("mine")), "the network interface `eni-1` (mine)");
    }
}

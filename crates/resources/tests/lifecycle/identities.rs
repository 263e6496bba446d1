//! Every type says what AWS knows it by, so that a loop whose key changes loses nothing, or AWS
//! makes its id. A new type that does neither fails here.

use std::collections::{BTreeMap, BTreeSet};

use ferrocrete_core::resource::Registry;
use ferrocrete_resources::aws::{AwsConnector, AwsSettings};

use crate::{rekeyed, rekeyed_b};

/// Types whose id AWS makes, with the call that makes it: two creates are two things.
const MADE_BY_AWS: [(&str, &str); 15] = [
    ("AWS::CertificateManager::Certificate", "acm:RequestCertificate"),
    ("AWS::EC2::EIP", "ec2:AllocateAddress"),
    ("AWS::EC2::FlowLog", "ec2:CreateFlowLogs"),
    ("AWS::EC2::Instance", "ec2:RunInstances"),
    ("AWS::EC2::InternetGateway", "ec2:CreateInternetGateway"),
    ("AWS::EC2::NatGateway", "ec2:CreateNatGateway"),
    ("AWS::EC2::RouteTable", "ec2:CreateRouteTable"),
    ("AWS::EC2::Subnet", "ec2:CreateSubnet"),
    ("AWS::EC2::VPC", "ec2:CreateVpc"),
    ("AWS::EC2::VPCEndpoint", "ec2:CreateVpcEndpoint"),
    ("AWS::ECS::TaskDefinition", "ecs:RegisterTaskDefinition"),
    ("AWS::ElasticLoadBalancingV2::Listener", "elasticloadbalancing:CreateListener"),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "elasticloadbalancing:CreateRule"),
    ("AWS::KMS::Key", "kms:CreateKey"),
    ("AWS::Route53::HostedZone", "route53:CreateHostedZone"),
];

fn registry() -> Registry {
    ferrocrete_resources::registry(AwsConnector::new(AwsSettings::default()))
}

/// The types of the programs whose loops get other keys.
fn in_a_loop() -> BTreeSet<String> {
    let others = rekeyed_b::members().into_iter().map(|(name, _)| name.to_owned());
    rekeyed::in_a_loop().into_iter().chain(others).collect()
}

#[test]
fn every_type_is_known_by_something() {
    let made = BTreeMap::from(MADE_BY_AWS);
    let looped = in_a_loop();
    let mut problems = Vec::new();
    for schema in registry().types().map(|handler| handler.schema()) {
        let name = schema.type_name;
        let declares = !schema.identity.is_empty() || schema.claims.is_some();
        match (looped.contains(name), made.get(name)) {
            (true, None) if declares => {}
            (true, None) => problems.push(format!(
                "{name} is in a loop whose key changes, but declares neither `identity` nor `claims`"
            )),
            (false, Some(call)) => {
                let creates = schema.iam.iter().filter(|(operation, _)| *operation == "create");
                if !creates.flat_map(|(_, actions)| *actions).any(|action| action == call) {
                    problems.push(format!("{name}: {call} is no action of its create"));
                }
                if !schema.identity.is_empty() {
                    problems.push(format!("{name} declares `identity`, and AWS makes its id"));
                }
            }
            (true, Some(_)) => {
                problems.push(format!("{name} is in a loop, and listed as known by AWS's own id"));
            }
            (false, None) if declares => problems.push(format!(
                "{name} declares what it is known by: add it to a loop in rekeyed.rs or rekeyed_b.rs"
            )),
            (false, None) => problems.push(format!(
                "{name}: declare what AWS knows it by (`identity` or `claims`) and add it to a loop \
                 in rekeyed.rs or rekeyed_b.rs; or say in MADE_BY_AWS which call makes its id"
            )),
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn no_type_is_named_that_there_is_not() {
    let types: BTreeSet<_> = registry().types().map(|h| h.schema().type_name).collect();
    let named = MADE_BY_AWS.iter().map(|(name, _)| (*name).to_owned()).chain(in_a_loop());
    let unknown: Vec<_> = named.filter(|name| !types.contains(name.as_str())).collect();
    assert_eq!(unknown, [""; 0]);
}

//! Creates whose answer is lost on the way: carried out, then the connection is reset.

use ferrocrete_core::Stack;
use ferrocrete_resources::ec2::{
    ElasticIp, InternetGateway, KeyPair, RouteTable, SecurityGroup, SecurityGroupIngress, Subnet,
    Vpc,
};
use ferrocrete_resources::ecr::{LifecyclePolicy, Repository};
use ferrocrete_resources::ecs::{Cluster, ContainerDefinition, TaskDefinition};
use ferrocrete_resources::iam::{InstanceProfile, ManagedPolicy, PolicyDocument, Role, Statement};
use ferrocrete_resources::rds::DbParameterGroup;
use ferrocrete_resources::route53::{HostedZone, RecordSet};
use ferrocrete_resources::s3::Bucket;
use ferrocrete_sandbox::{Config, Fault, Unkind};

use crate::world::World;

/// Operations without idempotency token: AWS would carry out a repetition.
const CREATES: [&str; 16] = [
    "ec2:AllocateAddress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateInternetGateway",
    "ec2:CreateSecurityGroup",
    "ec2:CreateSubnet",
    "ec2:CreateVpc",
    "ec2:ImportKeyPair",
    "ecr:CreateRepository",
    "ecs:CreateCluster",
    "ecs:RegisterTaskDefinition",
    "iam:CreateInstanceProfile",
    "iam:CreatePolicy",
    "iam:CreateRole",
    "rds:CreateDBParameterGroup",
    "route53:ChangeResourceRecordSets",
    "s3:CreateBucket",
];

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGQw7M4kD3Yq0b9b0hT1mCgdQ7o5m0x1B1l0XyqX0b2B a@b";

fn program(stack: &Stack) {
    // The create of some takes several calls: the rest is made up for.
    let vpc = Vpc::builder().cidr_block("10.0.0.0/16").enable_dns_hostnames(true);
    let vpc = stack.add("net", vpc);
    stack.add("a", Subnet::builder().vpc_id(&vpc.vpc_id).cidr_block("10.0.1.0/24"));
    stack.add("gateway", InternetGateway::builder());
    stack.add("routes", RouteTable::builder().vpc_id(&vpc.vpc_id));
    let group = SecurityGroup::builder().group_description("Web").vpc_id(&vpc.vpc_id);
    let group = stack.add("web", group);
    stack.add(
        "https",
        SecurityGroupIngress::builder()
            .group_id(&group.group_id)
            .ip_protocol("tcp")
            .from_port(443)
            .to_port(443)
            .cidr_ip("0.0.0.0/0"),
    );
    stack.add("address", ElasticIp::builder());
    stack.add("login", KeyPair::builder().public_key_material(KEY));
    let trust = Statement::new().actions(["sts:AssumeRole"]).principal_service("ec2.amazonaws.com");
    let role = stack.add(
        "machine",
        Role::builder().assume_role_policy_document(PolicyDocument::new().allow(trust)),
    );
    stack.add("machine", InstanceProfile::builder().role(&role.role_name));
    let reading = Statement::new().actions(["s3:GetObject"]).resources(["*"]);
    stack.add(
        "reading",
        ManagedPolicy::builder().policy_document(PolicyDocument::new().allow(reading)),
    );
    stack.add("tuned", DbParameterGroup::builder().family("postgres16").description("Tuned"));
    stack.add("docs", Bucket::builder().versioning_status("Enabled"));
    let keep = LifecyclePolicy::new().keep_last(9).to_json();
    stack.add("images", Repository::builder().lifecycle_policy_text(keep));
    stack.add("apps", Cluster::builder());
    let app = ContainerDefinition::builder().name("app").image("nginx:1").memory(64);
    stack.add("app", TaskDefinition::builder().container_definitions([app]));
    let zone = stack.add("root", HostedZone::builder().name("example.org"));
    stack.add(
        "www",
        RecordSet::builder()
            .hosted_zone_id(&zone.hosted_zone_id)
            .name("www.example.org")
            .record_type("A")
            .ttl(300)
            .resource_records(["192.0.2.7"]),
    );
}

#[tokio::test]
async fn nothing_is_made_twice() {
    let world = World::new().await;
    let lost = CREATES.map(|call| {
        let (service, operation) = call.split_once(':').unwrap();
        Fault::drop_after(operation).service(service)
    });
    world.account.faults(lost).await.unwrap();
    // Else some of the answers that are lost are refusals.
    world.account.configure(Config::unkind(Unkind::none())).await.unwrap();
    world.up(program).await;
    let log = world.account.calls().await.unwrap();
    let counts = CREATES.map(|call| (call, log.carried_out(call)));
    assert!(counts.iter().all(|(_, count)| *count == 1), "{counts:?}");
    let cut = log.calls.iter().filter(|call| call.status == 0).count();
    assert_eq!(cut, CREATES.len(), "every answer was lost once");
    world.destroy().await;
}

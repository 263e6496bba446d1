//! A loop whose key changes, over every type that AWS knows by what is declared and not by an id of
//! its own: nothing is made, changed or deleted, only the records move. The other services are in
//! `rekeyed_b.rs`.

use std::collections::BTreeSet;
use std::sync::Arc;

use ferrocrete_core::state::{FixedKey, MemoryBackend};
use ferrocrete_core::{Engine, Handle, Output, Stack};
use ferrocrete_resources::acm::{Certificate, CertificateValidation};
use ferrocrete_resources::applicationautoscaling::{
    PredefinedMetricSpecification, ScalableTarget, ScalableTargetAction, ScalingPolicy,
    ScheduledAction, TargetTrackingScalingPolicyConfiguration,
};
use ferrocrete_resources::aws::{AwsConnector, AwsSettings};
use ferrocrete_resources::ec2::{
    ElasticIp, ElasticIpAssociation, Instance, InternetGateway, KeyPair, Route, RouteTable,
    SecurityGroup, SecurityGroupEgress, SecurityGroupIngress, Subnet, SubnetRouteTableAssociation,
    Vpc, VpcGatewayAttachment,
};
use ferrocrete_resources::ecr::Repository;
use ferrocrete_resources::ecs::{Cluster, ContainerDefinition, Service, TaskDefinition};
use ferrocrete_resources::elbv2::{
    Action, Listener, ListenerCertificate, LoadBalancer, TargetGroup,
};
use ferrocrete_resources::rds::{DbInstance, DbParameterGroup, DbSubnetGroup};

use crate::ec2::instance::image;
use crate::world::{World, changes};

const SERVICES: [&str; 7] = [
    "ApplicationAutoScaling",
    "CertificateManager",
    "EC2",
    "ECR",
    "ECS",
    "ElasticLoadBalancingV2",
    "RDS",
];
const PUBLIC: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGQw7M4kD3Yq0b9b0hT1mCgdQ7o5m0x1B1l0XyqX0b2B a@b";

/// Subnets of a network whose attachment, routes and associations have this key.
fn network(stack: &Stack, key: &str) -> (Handle<Vpc>, [Output<String>; 2]) {
    let vpc = stack.add("net", Vpc::builder().cidr_block("10.0.0.0/16"));
    let gateway = stack.add("gateway", InternetGateway::builder());
    let attached = VpcGatewayAttachment::builder()
        .vpc_id(&vpc.vpc_id)
        .internet_gateway_id(&gateway.internet_gateway_id);
    let attached = stack.add(&format!("gateway-{key}"), attached);
    let table = stack.add("routes", RouteTable::builder().vpc_id(&vpc.vpc_id));
    let route = Route::builder()
        .route_table_id(&table.route_table_id)
        .destination_cidr_block("0.0.0.0/0")
        .gateway_id(&attached.internet_gateway_id);
    stack.add(&format!("out-{key}"), route);
    let subnets = ["a", "b"].map(|zone| {
        let range = if zone == "a" { "10.0.1.0/24" } else { "10.0.2.0/24" };
        let subnet = Subnet::builder().vpc_id(&vpc.vpc_id).cidr_block(range);
        let subnet = stack.add(zone, subnet.availability_zone(format!("eu-central-1{zone}")));
        let association = SubnetRouteTableAssociation::builder()
            .subnet_id(&subnet.subnet_id)
            .route_table_id(&table.route_table_id);
        stack.add(&format!("{zone}-{key}"), association);
        subnet.subnet_id.clone()
    });
    (vpc, subnets)
}

/// A group by its name, and what it lets in and out.
fn firewall(stack: &Stack, key: &str, vpc: &Handle<Vpc>) -> Handle<SecurityGroup> {
    let group = SecurityGroup::builder().group_description("Web").group_name("web");
    let group = stack.add(&format!("web-{key}"), group.vpc_id(&vpc.vpc_id));
    let into = SecurityGroupIngress::builder()
        .group_id(&group.group_id)
        .ip_protocol("tcp")
        .from_port(443)
        .to_port(443)
        .cidr_ip("10.0.0.0/8");
    stack.add(&format!("in-{key}"), into);
    let out = SecurityGroupEgress::builder().group_id(&group.group_id).ip_protocol("-1");
    stack.add(&format!("out-{key}"), out.cidr_ip("10.0.0.0/8"));
    group
}

fn machines(stack: &Stack, key: &str) {
    let login = KeyPair::builder().key_name("login").public_key_material(PUBLIC);
    let login = stack.add(&format!("login-{key}"), login);
    let machine = Instance::builder().image_id(image(stack)).instance_type("t3.micro");
    let machine = stack.add("machine", machine.key_name(&login.key_name));
    let address = stack.add("address", ElasticIp::builder());
    let joined = ElasticIpAssociation::builder()
        .allocation_id(&address.allocation_id)
        .instance_id(&machine.instance_id);
    stack.add(&format!("joined-{key}"), joined);
}

fn balancing(
    stack: &Stack,
    key: &str,
    subnets: &[Output<String>; 2],
    group: &Handle<SecurityGroup>,
) {
    let certificate = |name: &str| {
        let certificate = Certificate::builder().domain_name(format!("{name}.example.org"));
        let certificate = stack.add(name, certificate);
        let issued = CertificateValidation::builder().certificate_arn(&certificate.certificate_arn);
        stack.add(&format!("{name}-issued-{key}"), issued).certificate_arn.clone()
    };
    let balancer = LoadBalancer::builder()
        .name("web")
        .scheme("internal")
        .subnets(&subnets[..])
        .security_groups([&group.group_id]);
    let balancer = stack.add(&format!("web-{key}"), balancer);
    let listener = Listener::builder()
        .load_balancer_arn(&balancer.load_balancer_arn)
        .port(443)
        .protocol("HTTPS")
        .certificate_arn(certificate("main"))
        .default_actions([Action::fixed_response(200, "hello")]);
    let listener = stack.add("https", listener);
    let more = ListenerCertificate::builder()
        .listener_arn(&listener.listener_arn)
        .certificate_arn(certificate("more"));
    stack.add(&format!("more-{key}"), more);
}

fn containers(stack: &Stack, key: &str, vpc: &Handle<Vpc>) {
    stack.add(&format!("images-{key}"), Repository::builder().repository_name("web"));
    let targets = TargetGroup::builder().name("web").protocol("HTTP").port(80);
    stack.add(&format!("targets-{key}"), targets.vpc_id(&vpc.vpc_id).target_type("ip"));
    let cluster = stack.add(&format!("apps-{key}"), Cluster::builder().cluster_name("apps"));
    let app = ContainerDefinition::builder().name("app").image("nginx:1").memory(64);
    let task = TaskDefinition::builder().container_definitions([app]);
    let task = stack.add("app", task);
    let service = Service::builder()
        .service_name("web")
        .cluster(&cluster.cluster_name)
        .task_definition(&task.task_definition_arn);
    let service = stack.add(&format!("web-{key}"), service);
    let target = ScalableTarget::builder()
        .service_namespace("ecs")
        .resource_id(&service.resource_id)
        .scalable_dimension("ecs:service:DesiredCount")
        .min_capacity(1)
        .max_capacity(4);
    let target = stack.add(&format!("tasks-{key}"), target);
    let cpu = PredefinedMetricSpecification::builder()
        .predefined_metric_type("ECSServiceAverageCPUUtilization");
    let hold = TargetTrackingScalingPolicyConfiguration::builder()
        .target_value(50.0)
        .predefined_metric_specification(cpu);
    let policy = ScalingPolicy::builder()
        .policy_name("cpu")
        .scaling_target_id(&target.scalable_target_id)
        .policy_type("TargetTrackingScaling")
        .target_tracking_scaling_policy_configuration(hold);
    stack.add(&format!("cpu-{key}"), policy);
    let night = ScheduledAction::builder()
        .scheduled_action_name("night")
        .scaling_target_id(&target.scalable_target_id)
        .schedule("cron(0 22 * * ? *)")
        .scalable_target_action(ScalableTargetAction::builder().min_capacity(1));
    stack.add(&format!("night-{key}"), night);
}

fn database(stack: &Stack, key: &str, subnets: &[Output<String>; 2]) {
    let group = DbSubnetGroup::builder()
        .db_subnet_group_name("main")
        .db_subnet_group_description("Main")
        .subnet_ids(&subnets[..]);
    let group = stack.add(&format!("main-{key}"), group);
    let tuned = DbParameterGroup::builder()
        .db_parameter_group_name("tuned")
        .family("postgres16")
        .description("Tuned");
    let tuned = stack.add(&format!("tuned-{key}"), tuned);
    let database = DbInstance::builder()
        .db_instance_identifier("main")
        .db_instance_class("db.t4g.micro")
        .engine("postgres")
        .engine_version("16")
        .allocated_storage(20)
        .master_username("anna")
        .manage_master_user_password(true)
        .skip_final_snapshot(true)
        .db_subnet_group_name(&group.db_subnet_group_name)
        .db_parameter_group_name(&tuned.db_parameter_group_name);
    stack.add(&format!("main-{key}"), database);
}

fn program(key: &str) -> impl Fn(&Stack) + use<> {
    let key = key.to_owned();
    move |stack| {
        let (vpc, subnets) = network(stack, &key);
        let group = firewall(stack, &key, &vpc);
        machines(stack, &key);
        balancing(stack, &key, &subnets, &group);
        containers(stack, &key, &vpc);
        database(stack, &key, &subnets);
    }
}

/// The types of what has the loop's key; to know them takes no AWS.
pub fn in_a_loop() -> BTreeSet<String> {
    let registry = ferrocrete_resources::registry(AwsConnector::new(AwsSettings::default()));
    let (backend, key) = (Arc::new(MemoryBackend::new()), Arc::new(FixedKey::for_tests()));
    let engine = Engine::new("test", "dev", registry, backend, key);
    let stack = engine.stack();
    program("a")(&stack);
    let graph = engine.graph(&stack).unwrap();
    let looped = graph.resources().filter(|declared| declared.urn.name().ends_with("-a"));
    looped.map(|declared| declared.urn.type_name().to_owned()).collect()
}

/// The types of these services that are known by what is declared.
fn known_by_what_is_declared() -> BTreeSet<String> {
    let registry = ferrocrete_resources::registry(AwsConnector::new(AwsSettings::default()));
    let schemas = registry.types().map(|handler| handler.schema());
    let ours = |name: &str| SERVICES.contains(&name.split("::").nth(1).unwrap());
    let known = schemas.filter(|s| !s.identity.is_empty() && ours(s.type_name));
    known.map(|schema| schema.type_name.to_owned()).collect()
}

/// Calls that are no questions, since the last look.
async fn done(world: &World) -> Vec<String> {
    let log = world.account.calls().await.unwrap();
    world.account.reset_calls().await.unwrap();
    let asks = |call: &str| {
        let name = call.split_once(':').map_or(call, |(_, name)| name);
        ["Describe", "Get", "List"].iter().any(|verb| name.starts_with(verb))
    };
    log.counts.into_keys().filter(|call| !asks(call)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_moves_and_nothing_else_happens() {
    let world = World::new().await;
    world.up(program("a")).await;
    let ids = |state: ferrocrete_core::state::State| -> BTreeSet<String> {
        state.resources.into_values().map(|r| r.id).collect()
    };
    let before = ids(world.state().await);
    done(&world).await;

    let plan = world.plan(program("b")).await;
    assert_eq!(changes(&plan), [""; 0]);
    let moved: BTreeSet<String> = plan.moves.iter().map(|m| m.to.type_name().to_owned()).collect();
    assert_eq!(moved, known_by_what_is_declared());
    assert!(plan.moves.iter().all(|m| m.from.name().ends_with("-a")));
    assert_eq!(world.up(program("b")).await, [""; 0]);
    assert_eq!(done(&world).await, [""; 0]);
    assert_eq!(ids(world.state().await), before);
    world.destroy().await;
}

#[tokio::test]
async fn the_same_thing_is_declared_once() {
    let world = World::new().await;
    let net = |stack: &Stack| stack.add("net", Vpc::builder().cidr_block("10.0.0.0/16"));
    // Nobody can have what is new, so the VPC's id has to be known.
    world.up(|stack: &Stack| drop(net(stack))).await;
    let twice = |stack: &Stack| {
        let vpc = net(stack);
        for name in ["one", "two"] {
            let group = SecurityGroup::builder().group_description("Web").group_name("web");
            stack.add(name, group.vpc_id(&vpc.vpc_id));
        }
    };
    let error = world.try_up(twice).await.map(drop).unwrap_err().to_string();
    assert!(error.contains("`vpc_id` and `group_name`"), "{error}");
    assert!(error.contains("one thing"), "{error}");
    assert_eq!(world.count("ec2:CreateSecurityGroup").await, 0);
}

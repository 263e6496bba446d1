//! A system on an AWS that is late, busy and forgetful: each `up` goes through, and `destroy` removes
//! what AWS itself left behind. What the emulator does is in `Unkind`, each with its source.

use std::time::Duration;

use ferrocrete_core::Stack;
use ferrocrete_resources::applicationautoscaling::{
    PredefinedMetricSpecification, ScalableTarget, ScalingPolicy,
    TargetTrackingScalingPolicyConfiguration,
};
use ferrocrete_resources::ec2::{
    ElasticIp, FlowLog, InternetGateway, NatGateway, Route, RouteTable, SecurityGroup,
    SecurityGroupIngress, Subnet, SubnetRouteTableAssociation, Vpc, VpcGatewayAttachment,
};
use ferrocrete_resources::ecr::{LifecyclePolicy, Repository};
use ferrocrete_resources::ecs::{
    AwsVpcConfiguration, Cluster, ContainerDefinition, LoadBalancer as Balanced,
    NetworkConfiguration, PortMapping, Service, TaskDefinition,
};
use ferrocrete_resources::elbv2::{Action, Listener, LoadBalancer, TargetGroup};
use ferrocrete_resources::iam::{PolicyDocument, Role, Statement};
use ferrocrete_resources::logs::LogGroup;
use ferrocrete_resources::rds::{DbInstance, DbSubnetGroup};
use ferrocrete_sandbox::{Config, Unkind};

use crate::world::World;

const MOMENT: Duration = Duration::from_millis(300);

/// What these services do.
fn unkind() -> Unkind {
    Unkind {
        young: MOMENT,
        young_role: MOMENT,
        first_use: MOMENT,
        scaling_busy: MOMENT,
        rds_late_modify: MOMENT,
        rds_backup: MOMENT,
        gateway_attach: MOMENT,
        interfaces: MOMENT,
        interfaces_left: true,
        nat_address: MOMENT,
        ecs_stale: MOMENT,
        ..Unkind::none()
    }
}

fn trust(service: &str) -> PolicyDocument {
    let trust = Statement::new().actions(["sts:AssumeRole"]).principal_service(service);
    PolicyDocument::new().allow(trust)
}

/// A network with its logs, a balanced service that scales, and a database.
fn program(image: &'static str, port: i32, backups: i32) -> impl Fn(&Stack) {
    move |stack| {
        let vpc = Vpc::builder().cidr_block("10.0.0.0/16").enable_dns_hostnames(true);
        let vpc = stack.add("net", vpc);
        let gateway = stack.add("gateway", InternetGateway::builder());
        let attached = VpcGatewayAttachment::builder()
            .vpc_id(&vpc.vpc_id)
            .internet_gateway_id(&gateway.internet_gateway_id);
        let attached = stack.add("gateway", attached);
        let table = stack.add("routes", RouteTable::builder().vpc_id(&vpc.vpc_id));
        let route = Route::builder()
            .route_table_id(&table.route_table_id)
            .destination_cidr_block("0.0.0.0/0")
            .gateway_id(&attached.internet_gateway_id);
        let route = stack.add("out", route);
        let subnets = [("a", "10.0.1.0/24"), ("b", "10.0.2.0/24")].map(|(zone, range)| {
            let subnet = Subnet::builder().vpc_id(&vpc.vpc_id).cidr_block(range);
            let subnet = subnet.availability_zone(format!("eu-central-1{zone}"));
            let subnet = stack.add(zone, subnet.map_public_ip_on_launch(true));
            let association = SubnetRouteTableAssociation::builder()
                .subnet_id(&subnet.subnet_id)
                .route_table_id(&route.route_table_id);
            stack.add(zone, association);
            subnet.subnet_id.clone()
        });
        let address = stack.add("address", ElasticIp::builder());
        let nat = NatGateway::builder().subnet_id(&subnets[0]);
        let nat = stack.add("nat", nat.allocation_id(&address.allocation_id));
        stack.add_dependency(&nat, &attached);
        let role = Role::builder();
        let role = role.assume_role_policy_document(trust("vpc-flow-logs.amazonaws.com"));
        let role = stack.add("flow", role);
        let log = stack.add("flow", LogGroup::builder());
        let flow = FlowLog::builder()
            .resource_id(&vpc.vpc_id)
            .resource_type("VPC")
            .traffic_type("ALL")
            .log_group_name(&log.log_group_name)
            .deliver_logs_permission_arn(&role.arn);
        stack.add("flow", flow);
        let group = SecurityGroup::builder().group_description("Web").vpc_id(&vpc.vpc_id);
        let group = stack.add("web", group);
        let into = SecurityGroupIngress::builder()
            .group_id(&group.group_id)
            .ip_protocol("tcp")
            .from_port(80)
            .to_port(90);
        stack.add("web", into.cidr_ip("0.0.0.0/0"));

        let images = Repository::builder();
        stack.add("images", images.lifecycle_policy_text(LifecyclePolicy::new().keep_last(9)));
        let balancer = LoadBalancer::builder().subnets(&subnets[..]);
        let balancer = stack.add("web", balancer.security_groups([&group.group_id]));
        stack.add_dependency(&balancer, &attached);
        let targets = TargetGroup::builder().protocol("HTTP").port(80).vpc_id(&vpc.vpc_id);
        let targets = stack.add("web", targets.target_type("ip"));
        let http = Listener::builder().load_balancer_arn(&balancer.load_balancer_arn).port(port);
        let http = http.protocol("HTTP");
        let forward = Action::forward(&targets.target_group_arn);
        let http = stack.add("http", http.default_actions([forward]));
        let cluster = stack.add("apps", Cluster::builder());
        let pull = Role::builder().assume_role_policy_document(trust("ecs-tasks.amazonaws.com"));
        let pull = stack.add("pull", pull);
        let app = ContainerDefinition::builder().name("app").image(image);
        let app = app.port_mappings([PortMapping::builder().container_port(80)]);
        let task = TaskDefinition::builder()
            .container_definitions([app])
            .cpu("256")
            .memory("512")
            .network_mode("awsvpc")
            .requires_compatibilities(["FARGATE"])
            .execution_role_arn(&pull.arn);
        let task = stack.add("app", task);
        let place = AwsVpcConfiguration::builder()
            .subnets(&subnets[..])
            .security_groups([&group.group_id])
            .assign_public_ip("ENABLED");
        let balanced = Balanced::builder()
            .target_group_arn(&targets.target_group_arn)
            .container_name("app")
            .container_port(80);
        let service = Service::builder()
            .cluster(&cluster.cluster_name)
            .task_definition(&task.task_definition_arn)
            .launch_type("FARGATE")
            .network_configuration(NetworkConfiguration::builder().awsvpc_configuration(place))
            .load_balancers([balanced]);
        let service = stack.add("app", service);
        stack.add_dependency(&service, &http);
        let target = ScalableTarget::builder()
            .service_namespace("ecs")
            .resource_id(&service.resource_id)
            .scalable_dimension("ecs:service:DesiredCount")
            .min_capacity(1)
            .max_capacity(4);
        let target = stack.add("app", target);
        // Two policies of one target at once.
        for metric in ["ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization"] {
            let of = PredefinedMetricSpecification::builder().predefined_metric_type(metric);
            let hold = TargetTrackingScalingPolicyConfiguration::builder()
                .target_value(50.0)
                .predefined_metric_specification(of);
            let policy = ScalingPolicy::builder()
                .scaling_target_id(&target.scalable_target_id)
                .policy_type("TargetTrackingScaling")
                .target_tracking_scaling_policy_configuration(hold);
            stack.add(metric, policy);
        }

        let places =
            DbSubnetGroup::builder().db_subnet_group_description("Main").subnet_ids(&subnets[..]);
        let places = stack.add("main", places);
        let database = DbInstance::builder()
            .db_instance_class("db.t4g.micro")
            .engine("postgres")
            .engine_version("16")
            .allocated_storage(20)
            .master_username("anna")
            .manage_master_user_password(true)
            .skip_final_snapshot(true)
            .backup_retention_period(backups)
            .db_subnet_group_name(&places.db_subnet_group_name);
        stack.add("main", database);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_up_each() {
    let world = World::new().await;
    world.account.configure(Config::unkind(unkind())).await.unwrap();
    world.up(program("nginx:1", 80, 1)).await;
    world.up(program("nginx:2", 81, 7)).await;
    world.destroy().await;
    let ec2 = world.aws().await.ec2().clone();
    let left = ec2.describe_network_interfaces().send().await.unwrap().network_interfaces;
    assert_eq!(left.unwrap_or_default().len(), 0, "what AWS left behind is removed");
    assert!(world.count("ec2:DeleteNetworkInterface").await > 0);
    let aws = world.aws().await;
    let databases = aws.rds().describe_db_instances().send().await.unwrap();
    assert!(databases.db_instances().is_empty());
}

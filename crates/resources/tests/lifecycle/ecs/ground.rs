//! What services stand on, made by hand: network, cluster, task definitions, target groups.

use aws_sdk_ecs::types::{ContainerDefinition, PortMapping, Service as SdkService, ServiceField};
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, LoadBalancerSchemeEnum, LoadBalancerTypeEnum, ProtocolEnum,
    TargetTypeEnum,
};
use ferrocrete_core::{Options, Stack};
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::ecs::Service;
use serde_json::{Value, json};

use crate::world::World;

pub struct Ground {
    aws: Aws,
    pub vpc: String,
    pub subnets: Vec<String>,
    pub groups: Vec<String>,
    /// Behind a listener.
    pub targets: Vec<String>,
}

impl Ground {
    /// Two subnets, security groups and target groups; clusters `main` and `other`; family `web`
    /// with revisions 1 and 2, and 3, whose tasks do not start.
    pub async fn new(world: &World) -> Self {
        let aws = world.aws().await;
        let (ec2, ecs, elb) = (aws.ec2(), aws.ecs(), aws.elasticloadbalancingv2());
        let vpc = ec2.create_vpc().cidr_block("10.0.0.0/16").send().await.unwrap().vpc.unwrap();
        let vpc = vpc.vpc_id.unwrap();
        let (mut subnets, mut groups, mut targets) = (vec![], vec![], vec![]);
        for (n, name) in ["a", "b"].into_iter().enumerate() {
            let call = ec2.create_subnet().vpc_id(&vpc).cidr_block(format!("10.0.{n}.0/24"));
            let zone = format!("eu-central-1{name}");
            let made = call.availability_zone(zone).send().await.unwrap().subnet.unwrap();
            subnets.push(made.subnet_id.unwrap());
            let call = ec2.create_security_group().vpc_id(&vpc).group_name(name).description("x");
            groups.push(call.send().await.unwrap().group_id.unwrap());
        }
        let inner = elb.create_load_balancer().name("inner").subnets(&subnets[0]);
        let inner = inner.r#type(LoadBalancerTypeEnum::Network);
        let inner = inner.scheme(LoadBalancerSchemeEnum::Internal).send().await.unwrap();
        let inner = inner.load_balancers.unwrap().remove(0).load_balancer_arn.unwrap();
        for (n, name) in ["one", "two"].into_iter().enumerate() {
            let call = elb.create_target_group().name(name).vpc_id(&vpc).port(80);
            let call = call.protocol(ProtocolEnum::Tcp).target_type(TargetTypeEnum::Ip);
            let made = call.send().await.unwrap().target_groups.unwrap().remove(0);
            let arn = made.target_group_arn.unwrap();
            let forward = Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(&arn);
            let call = elb.create_listener().load_balancer_arn(&inner).protocol(ProtocolEnum::Tcp);
            let port = 80 + i32::try_from(n).unwrap();
            call.port(port).default_actions(forward.build()).send().await.unwrap();
            targets.push(arn);
        }
        for cluster in ["main", "other"] {
            let call = ecs.create_cluster().cluster_name(cluster);
            call.capacity_providers("FARGATE")
                .capacity_providers("FARGATE_SPOT")
                .send()
                .await
                .unwrap();
        }
        let ground = Self { aws, vpc, subnets, groups, targets };
        for image in ["nginx:1", "nginx:2", "nginx:does-not-start"] {
            ground.register("web", image).await;
        }
        ground
    }

    /// One more revision; returns its ARN.
    pub async fn register(&self, family: &str, image: &str) -> String {
        let port = PortMapping::builder().container_port(80).build();
        let container = ContainerDefinition::builder()
            .name("app")
            .image(image)
            .memory(64)
            .port_mappings(port)
            .build();
        let call = self.aws.ecs().register_task_definition().family(family);
        let call = call.container_definitions(container).network_mode("awsvpc".into());
        let made = call.send().await.unwrap().task_definition.unwrap();
        made.task_definition_arn.unwrap()
    }

    /// A service of two tasks on Fargate, with everything set.
    pub fn service(&self) -> Value {
        json!({
            "service_name": "web",
            "cluster": "main",
            "task_definition": "web:1",
            "desired_count": 2,
            "launch_type": "FARGATE",
            "platform_version": "1.4.0",
            "network_configuration": {"awsvpc_configuration": {
                "subnets": [self.subnets[0]],
                "security_groups": [self.groups[0]],
                "assign_public_ip": "ENABLED",
            }},
            "load_balancers": [{
                "target_group_arn": self.targets[0], "container_name": "app", "container_port": 80,
            }],
            "service_registries": [{
                "registry_arn": "arn:aws:servicediscovery:eu-central-1:1:service/srv-1",
                "port": 80,
            }],
            "health_check_grace_period_seconds": 45,
            "deployment_configuration": {
                "maximum_percent": 150,
                "minimum_healthy_percent": 50,
                "deployment_circuit_breaker": {"enable": true, "rollback": true},
                "alarms": {"alarm_names": ["slow", "broken"], "enable": true, "rollback": true},
            },
            "deployment_controller": {"type": "ECS"},
            "enable_execute_command": true,
            "enable_ecs_managed_tags": true,
            "propagate_tags": "SERVICE",
            "availability_zone_rebalancing": "ENABLED",
            "tags": {"owner": "anna"},
        })
    }

    /// The service of this ARN, whatever its state.
    pub async fn live(&self, arn: &str) -> SdkService {
        let cluster = arn.split('/').nth(1).unwrap();
        let call = self.aws.ecs().describe_services().cluster(cluster).services(arn);
        let answer = call.include(ServiceField::Tags).send().await.unwrap();
        answer.services.unwrap().remove(0)
    }

    pub fn ecs(&self) -> &aws_sdk_ecs::Client {
        self.aws.ecs()
    }
}

/// A program of one service, `api`.
pub fn program(service: Value) -> impl Fn(&Stack) {
    with(service, Options::new())
}

pub fn with(service: Value, options: Options) -> impl Fn(&Stack) {
    move |stack| {
        let service: Service = serde_json::from_value(service.clone()).unwrap();
        stack.add_with("api", service, options.clone());
    }
}

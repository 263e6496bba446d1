//! What a service is told about network, load balancers, deployments and placement.

use crate::prelude::*;

/// Where the network interfaces of a [`super::Service`]'s tasks are.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct NetworkConfiguration {
    /// Subnets and security groups.
    pub awsvpc_configuration: AwsVpcConfiguration,
}

/// Subnets and security groups of tasks.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct AwsVpcConfiguration {
    /// Ids of subnets, up to 16.
    #[field(set)]
    pub subnets: Vec<String>,
    /// Ids of security groups, up to 5. Default: the VPC's default group.
    #[field(set, server_default)]
    pub security_groups: Option<Vec<String>>,
    /// `ENABLED` or `DISABLED`: a public address, which tasks in public subnets need to pull
    /// images. Default: `DISABLED`.
    #[field(server_default)]
    pub assign_public_ip: Option<String>,
}

/// A target group in which tasks are entered.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct LoadBalancer {
    /// ARN of the target group.
    pub target_group_arn: Option<String>,
    /// Name of the container.
    pub container_name: String,
    /// Port of the container.
    pub container_port: i32,
    /// Name of a Classic Load Balancer instead of a target group.
    pub load_balancer_name: Option<String>,
    /// For blue/green deployments.
    pub advanced_configuration: Option<AdvancedConfiguration>,
}

/// The other target group of blue/green deployments.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct AdvancedConfiguration {
    /// ARN of the other target group.
    pub alternate_target_group_arn: String,
    /// ARN of the listener rule for users.
    #[field(steers)]
    pub production_listener_rule: Option<String>,
    /// ARN of the listener rule for tests.
    #[field(steers)]
    pub test_listener_rule: Option<String>,
    /// ARN of the role with which ECS changes the rules.
    pub role_arn: Option<String>,
}

/// A Cloud Map service in which tasks are entered.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ServiceRegistry {
    /// Its ARN.
    pub registry_arn: String,
    /// Port, for SRV records with `awsvpc`.
    pub port: Option<i32>,
    /// Name of the container, for SRV records with `bridge` or `host`.
    pub container_name: Option<String>,
    /// Port of the container, for SRV records with `bridge` or `host`.
    pub container_port: Option<i32>,
}

/// How deployments of a [`super::Service`] go.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct DeploymentConfiguration {
    /// Most tasks during a deployment, in percent of `desired_count`. Default: 200.
    #[field(server_default)]
    pub maximum_percent: Option<i32>,
    /// Fewest healthy tasks during a deployment, in percent of `desired_count`. Default: 100.
    #[field(server_default)]
    pub minimum_healthy_percent: Option<i32>,
    /// Whether a deployment whose tasks do not start fails. Default: it is tried for ever.
    pub deployment_circuit_breaker: Option<DeploymentCircuitBreaker>,
    /// CloudWatch alarms that make a deployment fail. Default: none.
    pub alarms: Option<DeploymentAlarms>,
    /// `ROLLING` or `BLUE_GREEN`. Default: `ROLLING`.
    #[field(server_default)]
    pub strategy: Option<String>,
    /// Minutes that both versions run in a blue/green deployment after the traffic has moved.
    #[field(server_default)]
    pub bake_time_in_minutes: Option<i32>,
}

/// Whether a deployment whose tasks do not start fails.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct DeploymentCircuitBreaker {
    /// Whether it does.
    pub enable: bool,
    /// Whether the last deployment that worked then comes back.
    pub rollback: bool,
}

impl DeploymentCircuitBreaker {
    /// A deployment whose tasks do not start fails, and the last one that worked comes back.
    pub fn with_rollback() -> Self {
        Self { enable: true, rollback: true }
    }
}

/// Alarms that make a deployment fail.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct DeploymentAlarms {
    /// Names of CloudWatch alarms.
    #[field(set)]
    pub alarm_names: Vec<String>,
    /// Whether they count.
    pub enable: bool,
    /// Whether the last deployment that worked then comes back.
    pub rollback: bool,
}

/// Who deploys.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct DeploymentController {
    /// `ECS`, `CODE_DEPLOY` or `EXTERNAL`.
    pub r#type: String,
}

/// Which container instances tasks may run on.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct PlacementConstraint {
    /// `distinctInstance` or `memberOf`.
    pub r#type: String,
    /// Cluster query, for `memberOf`.
    pub expression: Option<String>,
}

/// How tasks are spread over container instances.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct PlacementStrategy {
    /// `spread`, `binpack` or `random`.
    pub r#type: String,
    /// What counts: `attribute:ecs.availability-zone` or `instanceId` for `spread`, `cpu` or
    /// `memory` for `binpack`.
    #[field(aliases("host" = "instanceId"))]
    pub field: Option<String>,
}

/// Starts a deployment although nothing that needs one has changed.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ForceNewDeployment {
    /// Whether it does.
    pub enable_force_new_deployment: bool,
    /// Any text; another one starts another deployment.
    pub force_new_deployment_nonce: Option<String>,
}

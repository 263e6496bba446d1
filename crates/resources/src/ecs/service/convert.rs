//! What a service is told, to and from the SDK's types.

use aws_sdk_ecs::types as sdk;
use aws_sdk_ecs::types::{
    AssignPublicIp, AvailabilityZoneRebalancing, DeploymentControllerType, DeploymentStrategy,
    LaunchType, PlacementConstraintType, PlacementStrategyType, PropagateTags, SchedulingStrategy,
};

use super::configuration::*;
use crate::ecs::sdk::{Sdk, sdk, words};

words!(
    AssignPublicIp,
    AvailabilityZoneRebalancing,
    DeploymentControllerType,
    DeploymentStrategy,
    LaunchType,
    PlacementConstraintType,
    PlacementStrategyType,
    PropagateTags,
    SchedulingStrategy,
);

impl Sdk<sdk::NetworkConfiguration> for NetworkConfiguration {
    fn to_sdk(&self) -> sdk::NetworkConfiguration {
        let vpc = self.awsvpc_configuration.to_sdk();
        sdk::NetworkConfiguration::builder().awsvpc_configuration(vpc).build()
    }

    fn from_sdk(network: &sdk::NetworkConfiguration) -> Self {
        let none = || AwsVpcConfiguration {
            subnets: vec![],
            security_groups: None,
            assign_public_ip: None,
        };
        let vpc = network.awsvpc_configuration.as_ref();
        Self { awsvpc_configuration: vpc.map_or_else(none, Sdk::from_sdk) }
    }
}

sdk! {
    AwsVpcConfiguration = sdk::AwsVpcConfiguration [expect];
    subnets set_subnets always;
    security_groups set_security_groups;
    assign_public_ip set_assign_public_ip;
}

sdk! {
    LoadBalancer = sdk::LoadBalancer;
    target_group_arn set_target_group_arn;
    container_name set_container_name needed;
    container_port set_container_port needed;
    load_balancer_name set_load_balancer_name;
    advanced_configuration set_advanced_configuration;
}

sdk! {
    AdvancedConfiguration = sdk::AdvancedConfiguration;
    alternate_target_group_arn set_alternate_target_group_arn needed;
    production_listener_rule set_production_listener_rule;
    test_listener_rule set_test_listener_rule;
    role_arn set_role_arn;
}

sdk! {
    ServiceRegistry = sdk::ServiceRegistry;
    registry_arn set_registry_arn needed;
    port set_port;
    container_name set_container_name;
    container_port set_container_port;
}

sdk! {
    DeploymentConfiguration = sdk::DeploymentConfiguration;
    maximum_percent set_maximum_percent;
    minimum_healthy_percent set_minimum_healthy_percent;
    deployment_circuit_breaker set_deployment_circuit_breaker;
    alarms set_alarms;
    strategy set_strategy;
    bake_time_in_minutes set_bake_time_in_minutes;
}

sdk! {
    DeploymentCircuitBreaker = sdk::DeploymentCircuitBreaker;
    enable set_enable always;
    rollback set_rollback always;
}

sdk! {
    DeploymentAlarms = sdk::DeploymentAlarms [expect];
    alarm_names set_alarm_names always;
    enable set_enable always;
    rollback set_rollback always;
}

sdk! {
    DeploymentController = sdk::DeploymentController [expect];
    r#type set_type always;
}

sdk! {
    PlacementConstraint = sdk::PlacementConstraint;
    r#type set_type needed;
    expression set_expression;
}

sdk! {
    PlacementStrategy = sdk::PlacementStrategy;
    r#type set_type needed;
    field set_field;
}

//! Elastic Load Balancing: load balancers, target groups, listeners.

mod action;
mod action_config;
mod condition;
mod load_balancer;
mod shared;
mod target_group;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use action::*;
pub use action_config::*;
pub use condition::*;
pub use load_balancer::*;
pub use target_group::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<LoadBalancer>().resource::<TargetGroup>()
}

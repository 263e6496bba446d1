//! Elastic Load Balancing: load balancers, target groups, listeners.

mod action;
mod action_config;
mod condition;
mod hosted_zone_id;
mod listener;
mod listener_certificate;
mod listener_rule;
mod load_balancer;
mod shared;
mod target_group;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use action::*;
pub use action_config::*;
pub use condition::*;
pub use hosted_zone_id::*;
pub use listener::*;
pub use listener_certificate::*;
pub use listener_rule::*;
pub use load_balancer::*;
pub use target_group::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder
        .resource::<Listener>()
        .resource::<ListenerCertificate>()
        .resource::<ListenerRule>()
        .resource::<LoadBalancer>()
        .resource::<TargetGroup>()
        .lookup::<HostedZoneId>()
}

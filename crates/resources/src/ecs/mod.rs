//! Elastic Container Service: clusters, tasks and services.

mod cluster;
mod sdk;
mod service;

pub(crate) mod shared;
mod task_definition;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use cluster::*;

pub use service::*;
pub use shared::CapacityProviderStrategyItem;
pub use task_definition::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<Cluster>().resource::<Service>().resource::<TaskDefinition>()
}

//! Simple Queue Service: queues and their policies.

mod queue;
mod queue_policy;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use queue::*;
pub use queue_policy::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<Queue>().resource::<QueuePolicy>()
}

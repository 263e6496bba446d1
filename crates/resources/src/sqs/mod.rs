//! Simple Queue Service: queues.

mod queue;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use queue::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<Queue>()
}

//! CloudWatch Logs: log groups.

mod log_group;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use log_group::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<LogGroup>()
}

//! CloudWatch Logs: log groups, and metrics made of what stands in them.

mod log_group;
mod metric_filter;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use log_group::*;
pub use metric_filter::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<LogGroup>().resource::<MetricFilter>()
}

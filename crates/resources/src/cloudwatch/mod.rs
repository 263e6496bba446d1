//! CloudWatch: alarms and dashboards.

mod alarm;
mod metric_data_query;
mod shared;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use alarm::*;
pub use metric_data_query::{Dimension, Metric, MetricDataQuery, MetricStat};

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<Alarm>()
}

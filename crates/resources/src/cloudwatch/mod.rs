//! CloudWatch: alarms and dashboards.

mod alarm;
mod alarm_rule;
mod composite_alarm;
mod dashboard;
mod dashboard_body;
mod metric_data_query;
mod shared;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use alarm::*;
pub use composite_alarm::*;
pub use dashboard::*;
pub use dashboard_body::*;
pub use metric_data_query::{Dimension, Metric, MetricDataQuery, MetricStat};

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<Alarm>().resource::<CompositeAlarm>().resource::<Dashboard>()
}

//! Route 53: zones and records.

mod hosted_zone;
mod hosted_zone_by_name;
mod names;
mod record_set;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use hosted_zone::*;
pub use hosted_zone_by_name::*;
pub(crate) use record_set::Zones;
pub use record_set::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<HostedZone>().resource::<RecordSet>().lookup::<HostedZoneByName>()
}

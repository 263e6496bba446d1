//! DynamoDB: tables.

mod table;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use table::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<Table>()
}

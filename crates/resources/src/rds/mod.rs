//! Placeholder until its types are written.

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

/// Adds the service's types.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder
}

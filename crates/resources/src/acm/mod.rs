//! Certificate Manager: TLS certificates.

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder
}

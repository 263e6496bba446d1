//! Security Token Service.

mod caller_identity;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use caller_identity::*;

/// Adds the service's types.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.lookup::<CallerIdentity>()
}

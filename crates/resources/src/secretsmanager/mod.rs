//! Secrets Manager: secrets and their values.

mod generate;
mod secret;
mod secret_value;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use generate::GenerateSecretString;
pub use secret::*;
pub use secret_value::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<Secret>().lookup::<SecretValue>()
}

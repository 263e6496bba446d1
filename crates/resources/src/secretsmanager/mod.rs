//! Secrets Manager: secrets and their values.

mod generate;
mod resource_policy;
mod rotation_schedule;
mod secret;
mod secret_value;
mod secret_version;
mod shared;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use generate::GenerateSecretString;
pub use resource_policy::*;
pub use rotation_schedule::*;
pub use secret::*;
pub use secret_value::*;
pub use secret_version::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder
        .resource::<ResourcePolicy>()
        .resource::<RotationSchedule>()
        .resource::<Secret>()
        .resource::<SecretVersion>()
        .lookup::<SecretValue>()
}

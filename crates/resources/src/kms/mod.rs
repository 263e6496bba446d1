//! Key Management Service: keys and their names.

mod alias;
mod key;
mod shared;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use alias::*;
pub use key::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<Alias>().resource::<Key>()
}

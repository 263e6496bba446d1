//! Systems Manager: parameters.

mod parameter;
mod parameter_value;
mod shared;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use parameter::*;
pub use parameter_value::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<Parameter>().lookup::<ParameterValue>()
}

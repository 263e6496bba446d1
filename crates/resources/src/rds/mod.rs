//! Relational Database Service: databases, their subnets and parameters.

mod db_instance;
mod db_parameter_group;
mod db_subnet_group;
mod existing_db_instance;
pub(crate) mod shared;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use db_instance::*;
pub use db_parameter_group::*;
pub use db_subnet_group::*;
pub use existing_db_instance::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder
        .resource::<DbInstance>()
        .resource::<DbParameterGroup>()
        .resource::<DbSubnetGroup>()
        .lookup::<ExistingDbInstance>()
}

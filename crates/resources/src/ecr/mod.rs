//! Elastic Container Registry: where container images are kept.

mod image;
mod lifecycle_policy;
mod repository;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use image::*;
pub use lifecycle_policy::*;
pub use repository::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<Repository>().lookup::<Image>()
}

//! Simple Storage Service: buckets and their policies.

mod bucket;
mod bucket_policy;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use bucket::*;
pub use bucket_policy::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<Bucket>().resource::<BucketPolicy>()
}

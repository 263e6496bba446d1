//! Simple Storage Service: buckets and their policies.

mod bucket;
mod bucket_policy;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use bucket::{
    Bucket, BucketEncryption, BucketOutputs, BucketOutputsRef, CorsRule, LifecycleRule,
    LifecycleTransition, PublicAccessBlock,
};
pub use bucket_policy::{BucketPolicy, BucketPolicyOutputs, BucketPolicyOutputsRef};

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<Bucket>().resource::<BucketPolicy>()
}

//! Simple Notification Service: topics and who hears of them.

mod shared;
mod subscription;
mod topic;
mod topic_policy;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use subscription::*;
pub use topic::*;
pub use topic_policy::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<Subscription>().resource::<Topic>().resource::<TopicPolicy>()
}

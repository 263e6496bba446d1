//! Identity and Access Management: roles, policies, instance profiles.
//!
//! IAM answers from many places and shows changes late: what was made seconds ago may be
//! unknown to the next call. The types name the codes that mean this (`eventual`).

mod document;
mod instance_profile;
mod managed_policy;
pub mod policy;
mod role;
mod role_policy;
mod role_policy_attachment;
mod shared;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use instance_profile::*;
pub use managed_policy::*;
pub use policy::*;
pub use role::*;
pub use role_policy::*;
pub use role_policy_attachment::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder
        .resource::<InstanceProfile>()
        .resource::<ManagedPolicy>()
        .resource::<Role>()
        .resource::<RolePolicy>()
        .resource::<RolePolicyAttachment>()
}

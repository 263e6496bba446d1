//! Identity and Access Management: roles, policies, instance profiles, identity providers.
//!
//! IAM answers from many places and shows changes late: what was made seconds ago may be
//! unknown to the next call. The types name the codes that mean this (`eventual`).

mod document;
mod instance_profile;
mod managed_policy;
mod open_id_connect_provider;
pub mod policy;
mod role;
mod role_policy;
mod role_policy_attachment;
mod service_linked_role;
mod shared;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use instance_profile::*;
pub use managed_policy::*;
pub use open_id_connect_provider::*;
pub use policy::*;
pub use role::*;
pub use role_policy::*;
pub use role_policy_attachment::*;
pub use service_linked_role::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder
        .resource::<InstanceProfile>()
        .resource::<ManagedPolicy>()
        .resource::<OpenIdConnectProvider>()
        .resource::<Role>()
        .resource::<RolePolicy>()
        .resource::<RolePolicyAttachment>()
        .resource::<ServiceLinkedRole>()
}

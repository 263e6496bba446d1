//! Application Auto Scaling: services that grow and shrink with their load.

mod scalable_target;
mod scaling_policy;
mod scheduled_action;
mod shared;
mod suspended_state;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use scalable_target::*;
pub use scaling_policy::*;
pub use scheduled_action::*;
pub use suspended_state::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder.resource::<ScalableTarget>().resource::<ScalingPolicy>().resource::<ScheduledAction>()
}

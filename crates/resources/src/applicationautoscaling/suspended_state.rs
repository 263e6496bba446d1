//! What is suspended of a scalable target's scaling.

use aws_sdk_applicationautoscaling::types::SuspendedState as SdkSuspended;

use crate::prelude::*;

/// What is suspended of a scalable target's scaling.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct SuspendedState {
    /// Shrinking by policies. Default: false.
    #[field(server_default)]
    pub dynamic_scaling_in_suspended: Option<bool>,
    /// Growing by policies. Default: false.
    #[field(server_default)]
    pub dynamic_scaling_out_suspended: Option<bool>,
    /// Scheduled actions. Default: false.
    #[field(server_default)]
    pub scheduled_scaling_suspended: Option<bool>,
}

impl SuspendedState {
    pub(super) fn to_sdk(&self) -> SdkSuspended {
        SdkSuspended::builder()
            .set_dynamic_scaling_in_suspended(self.dynamic_scaling_in_suspended)
            .set_dynamic_scaling_out_suspended(self.dynamic_scaling_out_suspended)
            .set_scheduled_scaling_suspended(self.scheduled_scaling_suspended)
            .build()
    }

    pub(super) fn from_sdk(live: &SdkSuspended) -> Self {
        Self {
            dynamic_scaling_in_suspended: live.dynamic_scaling_in_suspended,
            dynamic_scaling_out_suspended: live.dynamic_scaling_out_suspended,
            scheduled_scaling_suspended: live.scheduled_scaling_suspended,
        }
    }
}

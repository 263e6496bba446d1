//! [`Fence`]: no request that changes something leaves a process that may have lost its lock.
//!
//! A process can be frozen while the SDK waits to repeat a call, and others may have taken over
//! by the time it goes on.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use ferrocrete_core::execute::may_send;

/// Asks the engine before each transmission.
#[derive(Debug)]
pub(super) struct Fence;

impl Intercept for Fence {
    fn name(&self) -> &'static str {
        "Fence"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match may_send() {
            true => Ok(()),
            false => Err("not sent, because the stack's lock may be somebody else's by now".into()),
        }
    }
}

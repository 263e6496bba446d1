//! Where a client waits for its turn, and where its pace learns.
//!
//! The SDK's interceptors cannot wait. What it does wait for before each attempt, retries
//! included, is the identity to sign with; so the turn is awaited there, before the request is
//! signed and before the fence is asked. A request that waited after that might leave with a
//! signature too old, or after the lock is lost.

use std::sync::Arc;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::{
    IdentityFuture, ResolveCachedIdentity, SharedIdentityCache, SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_core::execute::in_haste;
use tokio::time::Instant;

use super::Pace;
use crate::aws::refusal;

/// A call that was still waiting for its turn when its run was interrupted twice.
#[derive(Debug, thiserror::Error)]
#[error("not sent, because the run was interrupted")]
pub(in crate::aws) struct NotSent;

/// Gives out identities, each in its turn.
#[derive(Debug)]
pub(in crate::aws) struct Gate {
    identities: SharedIdentityCache,
    pace: Arc<Pace>,
}

impl Gate {
    /// A gate to a service; identities are those of `config`.
    pub(in crate::aws) fn new(config: &SdkConfig, pace: Arc<Pace>) -> Self {
        let identities = config.identity_cache();
        Self { identities: identities.unwrap_or_else(|| IdentityCache::lazy().build()), pace }
    }
}

impl ResolveCachedIdentity for Gate {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        components: &'a RuntimeComponents,
        cfg: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::new(async move {
            tokio::select! {
                biased;
                () = self.pace.turn() => {}
                () = in_haste() => return Err(NotSent.into()),
            }
            // Not before: credentials may have expired by now.
            self.identities.resolve_cached_identity(resolver, components, cfg).await
        })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        cfg: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.identities.validate_base_client_config(components, cfg)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        cfg: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.identities.validate_final_config(components, cfg)
    }
}

/// Tells a pace of each answer.
#[derive(Debug)]
pub(in crate::aws) struct Watch(pub(in crate::aws) Arc<Pace>);

/// When an attempt left.
#[derive(Debug)]
struct Sent(Instant);

impl Storable for Sent {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "Watch"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state().store_put(Sent(Instant::now()));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // What never left, and what was never answered, tells nothing.
        if let (Some(response), Some(Sent(sent))) = (context.response(), cfg.load::<Sent>()) {
            let refused = refusal::kind(response) == Some(ErrorKind::Throttled);
            self.0.answered(*sent, refused);
        }
        Ok(())
    }
}

/// The same timeouts, but what waits for its turn has all the time in the world: the time for an
/// attempt is the time for its answer.
pub(in crate::aws) fn queueing(config: &SdkConfig) -> TimeoutConfig {
    let given = config.timeout_config().cloned().unwrap_or_else(TimeoutConfig::disabled);
    let shortest = |a: Option<Duration>, b: Option<Duration>| a.into_iter().chain(b).min();
    let answer = shortest(given.read_timeout(), given.operation_attempt_timeout());
    let timeouts = given.to_builder().disable_operation_attempt_timeout();
    match answer {
        Some(answer) => timeouts.read_timeout(answer).build(),
        None => timeouts.build(),
    }
}

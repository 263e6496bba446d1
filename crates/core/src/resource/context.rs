//! [`Cx`]: what an operation is told besides its properties.

use std::ops::Deref;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::error::OpError;
use crate::urn::Urn;

use super::handler::OpContext;

/// Receives the id of a resource as soon as AWS knows it.
pub trait AcceptSink: Send + Sync {
    /// Makes the id durable; the operation goes on once this returns.
    fn accepted(&self, id: String) -> BoxFuture<'_, Result<(), OpError>>;
}

/// What an operation is told besides its properties: clients, identity, token.
///
/// Derefs to the cloud, so `cx.ec2()` works.
pub struct Cx<C> {
    cloud: C,
    op: Arc<OpContext>,
}

impl<C> Cx<C> {
    /// Joins clients and identity; the engine and tests call this.
    pub fn new(cloud: C, op: Arc<OpContext>) -> Self {
        Self { cloud, op }
    }

    /// The clients.
    pub fn cloud(&self) -> &C {
        &self.cloud
    }

    /// Whose operation this is.
    pub fn urn(&self) -> &Urn {
        &self.op.urn
    }

    /// Raised at each replacement, from 1.
    pub fn generation(&self) -> u64 {
        self.op.generation
    }

    /// Idempotency token, the same when this very operation is tried again. At most 36
    /// characters of `[0-9a-f-]`, so every AWS API takes it.
    pub fn token(&self) -> &str {
        &self.op.token
    }

    /// Whether this update finishes a create, which left something to it ([`super::Made::Partial`])
    /// or was interrupted: nobody has used the resource so far.
    pub fn finishes_create(&self) -> bool {
        self.op.finishes
    }

    /// Value of the tag `ferrocrete:urn` that marks this resource and generation as ours.
    pub fn owner_tag(&self) -> String {
        self.op.owner_tag()
    }

    /// Whether a physical name was derived from this urn and generation, not chosen by the
    /// user: then nobody else in the account has it, and there is no need to ask.
    pub fn is_derived(&self, name: &str) -> bool {
        self.op.is_derived(name)
    }

    /// Tells the engine the id of a resource that exists but is not finished. Durable when
    /// this returns.
    ///
    /// # Errors
    /// When it cannot be recorded; return the error at once.
    pub async fn accepted(&self, id: impl Into<String>) -> Result<(), OpError> {
        match &self.op.accept {
            Some(sink) => sink.accepted(id.into()).await,
            None => Ok(()),
        }
    }

    /// Makes a change that AWS takes together with others of its type in one call: waits for
    /// those that exchange something with this one, and makes `call` for all of them once. What
    /// it answers is everybody's answer. Alone, it makes the call at once.
    ///
    /// # Errors
    /// What the call answers.
    pub async fn together<T: Send + 'static, Call: Future<Output = Result<(), OpError>>>(
        &self,
        change: T,
        call: impl FnOnce(Vec<T>) -> Call,
    ) -> Result<(), OpError> {
        match &self.op.together {
            Some(group) => group.hand_in(change, call).await,
            None => call(vec![change]).await,
        }
    }
}

impl<C> Deref for Cx<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.cloud
    }
}

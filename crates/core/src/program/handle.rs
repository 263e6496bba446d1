//! Handles: what the program holds of a declared node.

use std::marker::PhantomData;
use std::ops::Deref;

use crate::resource::{LookupType, Outputs, ResourceType};
use crate::urn::Urn;

/// Anything with a urn that others can depend on.
pub trait Node {
    /// Who it is.
    fn urn(&self) -> &Urn;
}

impl Node for Urn {
    fn urn(&self) -> &Urn {
        self
    }
}

/// A declared resource. Its outputs are fields: `vpc.vpc_id` is an `Output<String>`.
pub struct Handle<R: ResourceType> {
    urn: Urn,
    outputs: <R::Outputs as Outputs>::Refs,
    marker: PhantomData<fn() -> R>,
}

impl<R: ResourceType> Handle<R> {
    pub(crate) fn new(urn: Urn) -> Self {
        Self { outputs: R::Outputs::refs(&urn), urn, marker: PhantomData }
    }
}

impl<R: ResourceType> Clone for Handle<R> {
    fn clone(&self) -> Self {
        Self::new(self.urn.clone())
    }
}

impl<R: ResourceType> Deref for Handle<R> {
    type Target = <R::Outputs as Outputs>::Refs;

    fn deref(&self) -> &Self::Target {
        &self.outputs
    }
}

impl<R: ResourceType> Node for Handle<R> {
    fn urn(&self) -> &Urn {
        &self.urn
    }
}

/// A declared lookup. Its answers are fields, like a resource's outputs.
pub struct LookupHandle<L: LookupType> {
    urn: Urn,
    outputs: <L::Outputs as Outputs>::Refs,
}

impl<L: LookupType> LookupHandle<L> {
    pub(crate) fn new(urn: Urn) -> Self {
        Self { outputs: L::Outputs::refs(&urn), urn }
    }
}

impl<L: LookupType> Deref for LookupHandle<L> {
    type Target = <L::Outputs as Outputs>::Refs;

    fn deref(&self) -> &Self::Target {
        &self.outputs
    }
}

impl<L: LookupType> Node for LookupHandle<L> {
    fn urn(&self) -> &Urn {
        &self.urn
    }
}

/// A declared component. Its own outputs are fields.
pub struct ComponentHandle<O> {
    urn: Urn,
    outputs: O,
}

impl<O> ComponentHandle<O> {
    pub(crate) fn new(urn: Urn, outputs: O) -> Self {
        Self { urn, outputs }
    }
}

impl<O> Deref for ComponentHandle<O> {
    type Target = O;

    fn deref(&self) -> &O {
        &self.outputs
    }
}

impl<O> Node for ComponentHandle<O> {
    fn urn(&self) -> &Urn {
        &self.urn
    }
}

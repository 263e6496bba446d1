//! [`Registry`]: every resource type and lookup that a program can use.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::event::Events;
use crate::schema::Limits;

use super::typed::TypedHandler;
use super::{Connector, Handler, Inventory, Lookup, LookupHandler, LookupType, Resource};

/// Resource types and lookups by type name.
#[derive(Clone, Default)]
pub struct Registry {
    handlers: BTreeMap<&'static str, Arc<dyn Handler>>,
    lookups: BTreeMap<&'static str, Arc<dyn LookupHandler>>,
    inventories: Vec<Arc<dyn Inventory>>,
    /// Shared by clones, and with it what they have compiled.
    limits: Vec<Arc<Limits>>,
    sources: Vec<Arc<dyn Source>>,
}

/// A connector as far as events are concerned.
trait Source: Send + Sync {
    fn listen(&self, events: &Events);
}

impl<K: Connector> Source for K {
    fn listen(&self, events: &Events) {
        Connector::listen(self, events);
    }
}

impl Registry {
    /// A registry whose types share one connector.
    pub fn builder<K: Connector>(connector: K) -> RegistryBuilder<K> {
        let connector = Arc::new(connector);
        let registry = Registry { sources: vec![connector.clone()], ..Registry::default() };
        RegistryBuilder { connector, registry }
    }

    /// The handler of a resource type.
    pub fn handler(&self, type_name: &str) -> Option<&Arc<dyn Handler>> {
        self.handlers.get(type_name)
    }

    /// The handler of a lookup.
    pub fn lookup(&self, type_name: &str) -> Option<&Arc<dyn LookupHandler>> {
        self.lookups.get(type_name)
    }

    /// All resource types in name order.
    pub fn types(&self) -> impl Iterator<Item = &Arc<dyn Handler>> {
        self.handlers.values()
    }

    /// All lookups in name order.
    pub fn lookups(&self) -> impl Iterator<Item = &Arc<dyn LookupHandler>> {
        self.lookups.values()
    }

    /// Adds a handler that is erased already, such as a test's.
    #[must_use]
    pub fn with_handler(mut self, handler: Arc<dyn Handler>) -> Self {
        self.handlers.insert(handler.schema().type_name, handler);
        self
    }

    /// Adds a lookup that is erased already.
    #[must_use]
    pub fn with_lookup(mut self, lookup: Arc<dyn LookupHandler>) -> Self {
        self.lookups.insert(lookup.type_name(), lookup);
        self
    }

    /// Who lists what a stack owns, for audits.
    pub fn inventories(&self) -> impl Iterator<Item = &Arc<dyn Inventory>> {
        self.inventories.iter()
    }

    /// Adds an inventory.
    #[must_use]
    pub fn with_inventory(mut self, inventory: Arc<dyn Inventory>) -> Self {
        self.inventories.push(inventory);
        self
    }

    /// Adds what is documented of the values of properties; plans refuse others.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits.push(Arc::new(limits));
        self
    }

    /// What is documented of the values of a type's properties.
    pub fn limits(&self, type_name: &str) -> Option<&Limits> {
        self.limits.iter().map(AsRef::as_ref).find(|limits| limits.of(type_name).is_some())
    }

    /// Joins two registries; types of `other` win.
    #[must_use]
    pub fn merge(mut self, other: Registry) -> Self {
        self.handlers.extend(other.handlers);
        self.lookups.extend(other.lookups);
        self.inventories.extend(other.inventories);
        self.limits.extend(other.limits);
        self.sources.extend(other.sources);
        self
    }

    /// Has the connectors of these types send their events there, too.
    pub(crate) fn listen(&self, events: &Events) {
        self.sources.iter().for_each(|source| source.listen(events));
    }
}

/// Collects types that share a connector.
pub struct RegistryBuilder<K> {
    connector: Arc<K>,
    registry: Registry,
}

impl<K: Connector> RegistryBuilder<K> {
    /// Adds a resource type.
    #[must_use]
    pub fn resource<R: Resource<Cloud = K::Cloud>>(mut self) -> Self {
        let handler = Arc::new(TypedHandler::<R, K>::new(self.connector.clone()));
        self.registry.handlers.insert(R::SCHEMA.type_name, handler);
        self
    }

    /// Adds a lookup.
    #[must_use]
    pub fn lookup<L: Lookup<Cloud = K::Cloud>>(mut self) -> Self {
        let handler = Arc::new(TypedHandler::<L, K>::new(self.connector.clone()));
        self.registry.lookups.insert(<L as LookupType>::TYPE, handler);
        self
    }

    /// The finished registry.
    pub fn build(self) -> Registry {
        self.registry
    }
}

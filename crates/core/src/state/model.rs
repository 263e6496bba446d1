//! [`State`]: what the engine believes to exist, in memory and in plain.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::resource::{Namespace, ProviderConfig};
use crate::urn::Urn;
use crate::value::{PropertyMap, Secrets};

use super::entry::Intent;
use super::readers::Reads;

/// A resource and which replacement of it.
pub type ResourceKey = (Urn, u64);

/// How far a resource in state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    /// Exists as `inputs` say.
    Complete,
    /// Exists, but an operation on it was interrupted or failed: `inputs` are what it may have
    /// set, and the next run compares with live state and finishes.
    Incomplete,
    /// Replaced by a later generation and still to be deleted.
    PendingDelete,
}

/// One resource as recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceState {
    /// Who it is.
    pub urn: Urn,
    /// Who it was when its name and ownership tag were derived, if it was renamed since.
    pub named_after: Option<Urn>,
    /// Raised at each replacement, from 1.
    pub generation: u64,
    /// Physical id.
    pub id: String,
    /// Inputs as last applied, secrets marked.
    pub inputs: PropertyMap,
    /// Outputs as last seen, secrets marked.
    pub outputs: PropertyMap,
    /// What it was created from; deletes run in the reverse of this.
    pub dependencies: BTreeSet<Urn>,
    /// How far it is.
    pub completeness: Completeness,
    /// Of an incomplete one, the properties that may not be as recorded: those that the operation
    /// was to change. `None` when nobody knows.
    pub unsure: Option<BTreeSet<String>>,
    /// Account, region and role it is managed through.
    pub provider: ProviderConfig,
    /// Account and region it is in; `None` for clouds without.
    pub namespace: Option<Namespace>,
    /// Refuse to delete or replace it.
    pub protect: bool,
    /// Forget it instead of deleting it.
    pub retain_on_delete: bool,
    /// Longest wait for its delete, when the program sets one.
    pub delete_timeout: Option<Duration>,
    /// [`State::serial`] when it was last created or changed.
    pub touched: u64,
}

impl ResourceState {
    /// The urn that its physical name and ownership tag are derived from.
    pub fn identity(&self) -> &Urn {
        self.named_after.as_ref().unwrap_or(&self.urn)
    }

    /// Whether this property was certainly applied as recorded.
    pub fn is_certain(&self, property: &str) -> bool {
        let unsure = self.unsure.as_ref();
        self.completeness == Completeness::Complete
            || unsure.is_some_and(|unsure| !unsure.contains(property))
    }

    /// Whether its create did not come to an end: outputs are recorded when it does.
    pub fn was_never_finished(&self) -> bool {
        self.completeness == Completeness::Incomplete && self.outputs.is_empty()
    }

    /// Urn and generation.
    pub fn key(&self) -> ResourceKey {
        (self.urn.clone(), self.generation)
    }
}

/// An intent without an end: the process died, or no answer came.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenIntent {
    /// What was to be done.
    pub intent: Intent,
    /// The id, when AWS had answered with one.
    pub id: Option<String>,
    /// Of a create: every call of it was answered, so that AWS knows all properties.
    pub all_sent: bool,
}

/// Everything known of a stack: snapshot with the journal replayed.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The project.
    pub project: String,
    /// The stack, usually the environment.
    pub stack: String,
    /// Raised by one with every snapshot written.
    pub serial: u64,
    /// Sequence number of the last journal entry contained here.
    pub sequence: u64,
    /// Resources by urn and generation.
    pub resources: BTreeMap<ResourceKey, ResourceState>,
    /// Operations whose end is not known.
    pub intents: BTreeMap<ResourceKey, OpenIntent>,
    /// The last generation of what was left behind in the cloud, whose names are still taken,
    /// by the urn that they are derived from.
    pub forgotten: BTreeMap<Urn, u64>,
    /// Exports, each of the last run that knew its value; secrets marked.
    pub exports: PropertyMap,
    /// The exports of other stacks that its resources and exports are made from.
    pub reads: Reads,
}

impl State {
    /// The state of a stack that was never applied.
    pub fn new(project: impl Into<String>, stack: impl Into<String>) -> Self {
        Self {
            project: project.into(),
            stack: stack.into(),
            serial: 0,
            sequence: 0,
            resources: BTreeMap::new(),
            intents: BTreeMap::new(),
            forgotten: BTreeMap::new(),
            exports: PropertyMap::new(),
            reads: Reads::new(),
        }
    }

    /// Remembers every secret that it holds.
    pub(crate) fn teach(&self, secrets: &Secrets) {
        for resource in self.resources.values() {
            secrets.learn_map(&resource.inputs);
            secrets.learn_map(&resource.outputs);
        }
        self.intents.values().for_each(|open| secrets.learn_map(&open.intent.inputs));
        secrets.learn_map(&self.exports);
    }

    /// The current (not pending-delete) resource of a urn.
    pub fn current(&self, urn: &Urn) -> Option<&ResourceState> {
        self.generations(urn)
            .filter(|r| r.completeness != Completeness::PendingDelete)
            .max_by_key(|r| r.generation)
    }

    /// The generation that is still in use while its replacement, the current one, is not finished.
    pub fn in_use(&self, urn: &Urn) -> Option<&ResourceState> {
        let new = self.current(urn).filter(|r| r.completeness == Completeness::Incomplete)?;
        self.generations(urn).find(|old| {
            old.completeness != Completeness::PendingDelete && old.generation < new.generation
        })
    }

    /// All recorded generations of a urn, oldest first.
    pub fn generations<'a>(
        &'a self,
        urn: &Urn,
    ) -> impl Iterator<Item = &'a ResourceState> + use<'a> {
        self.resources.range((urn.clone(), 0)..=(urn.clone(), u64::MAX)).map(|(_, r)| r)
    }

    /// The next generation of a urn that neither it nor anything named after it has used.
    pub fn next_generation(&self, urn: &Urn) -> u64 {
        let range = (urn.clone(), 0)..=(urn.clone(), u64::MAX);
        let recorded = self.resources.range(range.clone()).next_back().map_or(0, |((_, g), _)| *g);
        let intended = self.intents.range(range).next_back().map_or(0, |((_, g), _)| *g);
        let renamed = self.resources.values().map(|r| (&r.named_after, r.generation));
        let intents = self.intents.values().map(|o| (&o.intent.named_after, o.intent.generation));
        let renamed = renamed.chain(intents).filter(|(named, _)| named.as_ref() == Some(urn));
        let renamed = renamed.map(|(_, generation)| generation).max().unwrap_or(0);
        let forgotten = self.forgotten.get(urn).copied().unwrap_or_default();
        recorded.max(intended).max(renamed).max(forgotten) + 1
    }
}

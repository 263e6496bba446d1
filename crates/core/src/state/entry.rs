//! Journal entries and what they do to a [`State`].

use std::collections::BTreeSet;

use crate::resource::{Namespace, ProviderConfig};
use crate::urn::Urn;
use crate::value::{PropertyMap, Value};

use super::model::{Completeness, OpenIntent, ResourceKey, ResourceState, State};
use super::readers::Reads;

/// What an intent is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentAction {
    /// Create a new generation.
    Create,
    /// Update in place.
    Update,
    /// Delete.
    Delete,
}

/// What is about to be done; durable before the first AWS call.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// Whose operation.
    pub urn: Urn,
    /// Who it was when its name and ownership tag were derived, if it was renamed since.
    pub named_after: Option<Urn>,
    /// Which generation.
    pub generation: u64,
    /// What is to be done.
    pub action: IntentAction,
    /// Inputs wanted (create and update), secrets marked.
    pub inputs: PropertyMap,
    /// Idempotency token.
    pub token: String,
    /// What it is created from.
    pub dependencies: BTreeSet<Urn>,
    /// Account, region and role.
    pub provider: ProviderConfig,
    /// Account and region it is in; `None` for clouds without.
    pub namespace: Option<Namespace>,
    /// Refuse to delete or replace what it makes.
    pub protect: bool,
    /// Forget what it makes instead of deleting it.
    pub retain_on_delete: bool,
    /// When it began, RFC 3339, for people; decisions never compare clocks.
    pub started_at: String,
}

/// One journal entry.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// An operation is about to start.
    Begin(Box<Intent>),
    /// A create is known to AWS under this id.
    Accepted {
        /// Whose create.
        urn: Urn,
        /// Which generation.
        generation: u64,
        /// Physical id.
        id: String,
        /// Every call of the create was answered, so that AWS knows all properties.
        all_sent: bool,
    },
    /// The resource is now as recorded here; closes its intent.
    Done(Box<ResourceState>),
    /// The operation failed for certain; closes its intent. A create that had been accepted
    /// leaves an incomplete resource beside the one that it was to replace, a failed update marks the resource incomplete.
    Failed {
        /// Whose operation.
        urn: Urn,
        /// Which generation.
        generation: u64,
        /// For people.
        error: String,
    },
    /// The resource is gone; closes its intent.
    Deleted {
        /// Whose.
        urn: Urn,
        /// Which generation.
        generation: u64,
    },
    /// The resource is left behind in the cloud, and managed no more; closes its intent.
    Forgotten {
        /// Whose.
        urn: Urn,
        /// Which generation.
        generation: u64,
    },
    /// The resource has another urn from here on: it was renamed, or moved into a component.
    Moved {
        /// What it was.
        from: Urn,
        /// What it is.
        to: Urn,
    },
    /// What is recorded of the resource is secret in other places from here on; the values are
    /// the same.
    Concealed {
        /// Whose.
        urn: Urn,
        /// Which generation.
        generation: u64,
        /// Its inputs, with the marks.
        inputs: PropertyMap,
        /// Its outputs, with the marks.
        outputs: PropertyMap,
    },
    /// The run ended with these exports.
    Exports(PropertyMap),
    /// The stack reads these exports of other stacks.
    Reads(Reads),
}

impl Intent {
    /// The urn that the physical name and ownership tag are derived from.
    pub fn identity(&self) -> &Urn {
        self.named_after.as_ref().unwrap_or(&self.urn)
    }
}

impl Entry {
    /// What records that AWS has it no more. Where its name outlives it, the generation is
    /// remembered: whoever comes back gets the next one, and so another name.
    pub(crate) fn gone(urn: Urn, generation: u64, name_lingers: bool) -> Self {
        match name_lingers {
            true => Entry::Forgotten { urn, generation },
            false => Entry::Deleted { urn, generation },
        }
    }
}

impl State {
    /// Applies one entry; replaying a journal is nothing else.
    ///
    /// Entries that refer to nothing known are harmless: they change nothing.
    pub fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Begin(intent) => {
                let key = (intent.urn.clone(), intent.generation);
                self.intents.insert(key, OpenIntent { intent: *intent, id: None, all_sent: false });
            }
            Entry::Accepted { urn, generation, id, all_sent } => {
                if let Some(open) = self.intents.get_mut(&(urn, generation)) {
                    open.id = Some(id);
                    open.all_sent = all_sent;
                }
            }
            Entry::Done(mut resource) => {
                let key = resource.key();
                self.intents.remove(&key);
                self.supersede(&key);
                // What is only written down again is as old as it was.
                let before = self.resources.get(&key);
                let same = before.filter(|r| {
                    r.completeness == Completeness::Complete
                        && (&r.id, &r.inputs) == (&resource.id, &resource.inputs)
                });
                resource.touched = same.map_or(self.serial, |r| r.touched);
                self.resources.insert(key, *resource);
            }
            Entry::Failed { urn, generation, .. } => {
                let key = (urn, generation);
                let Some(open) = self.intents.remove(&key) else { return };
                match (open.intent.action, open.id) {
                    (IntentAction::Create, Some(id)) => {
                        self.supersede_half_made(&key);
                        let unsure = open.all_sent.then(BTreeSet::new);
                        let made = incomplete(open.intent, id);
                        let made = ResourceState { touched: self.serial, unsure, ..made };
                        self.resources.insert(key, made);
                    }
                    (IntentAction::Update, _) => {
                        let mut uses = open.intent.dependencies;
                        uses.retain(|urn| self.knows(urn));
                        if let Some(resource) = self.resources.get_mut(&key) {
                            resource.unsure = unsure(resource, &open.intent.inputs);
                            resource.completeness = Completeness::Incomplete;
                            resource.touched = self.serial;
                            perhaps(&mut resource.inputs, open.intent.inputs);
                            resource.dependencies.extend(uses);
                        }
                    }
                    (IntentAction::Create, None) | (IntentAction::Delete, _) => {}
                }
            }
            Entry::Deleted { urn, generation } => self.drop_record(&(urn, generation)),
            Entry::Forgotten { urn, generation } => {
                let key = (urn, generation);
                let identity = self.resources.get(&key).map_or(&key.0, |r| r.identity()).clone();
                self.drop_record(&key);
                let last = self.forgotten.entry(identity).or_default();
                *last = generation.max(*last);
            }
            Entry::Moved { from, to } => self.relocate(&from, &to),
            Entry::Concealed { urn, generation, inputs, outputs } => {
                if let Some(resource) = self.resources.get_mut(&(urn, generation)) {
                    (resource.inputs, resource.outputs) = (inputs, outputs);
                }
            }
            Entry::Exports(exports) => self.exports = exports,
            Entry::Reads(reads) => self.reads = reads,
        }
    }

    fn drop_record(&mut self, key: &ResourceKey) {
        self.intents.remove(key);
        self.resources.remove(key);
        // Nobody can depend on what is gone; a new generation is recorded again by the steps
        // of its dependents.
        if !self.knows(&key.0) {
            for resource in self.resources.values_mut() {
                resource.dependencies.remove(&key.0);
            }
        }
    }

    /// Files all generations under another urn. Physical names and ownership tags stay.
    fn relocate(&mut self, from: &Urn, to: &Urn) {
        // Nothing may come to stand under a name that is taken.
        if self.knows(to) {
            return;
        }
        let renamed = |urn: &mut Urn, named_after: &mut Option<Urn>| {
            let identity = named_after.take().unwrap_or_else(|| urn.clone());
            *named_after = (identity != *to).then_some(identity);
            *urn = to.clone();
        };
        let all = (from.clone(), 0)..=(from.clone(), u64::MAX);
        let resources = self.resources.extract_if(all.clone(), |_, _| true);
        let resources: Vec<ResourceState> = resources.map(|(_, resource)| resource).collect();
        let intents = self.intents.extract_if(all, |_, _| true);
        let intents: Vec<OpenIntent> = intents.map(|(_, open)| open).collect();
        for mut resource in resources {
            renamed(&mut resource.urn, &mut resource.named_after);
            self.resources.insert(resource.key(), resource);
        }
        for mut open in intents {
            renamed(&mut open.intent.urn, &mut open.intent.named_after);
            self.intents.insert((to.clone(), open.intent.generation), open);
        }
        if !self.knows(to) {
            return;
        }
        let resources = self.resources.values_mut().map(|r| &mut r.dependencies);
        let intents = self.intents.values_mut().map(|open| &mut open.intent.dependencies);
        for dependencies in resources.chain(intents) {
            if dependencies.remove(from) {
                dependencies.insert(to.clone());
            }
        }
    }

    /// Whether anything is recorded or under way under this urn.
    pub(crate) fn knows(&self, urn: &Urn) -> bool {
        let all = (urn.clone(), 0)..=(urn.clone(), u64::MAX);
        self.resources.range(all.clone()).next().is_some()
            || self.intents.range(all).next().is_some()
    }

    /// A generation that is not finished replaces nothing yet: what is in use stays so. Only what
    /// was not finished before is there to be deleted.
    fn supersede_half_made(&mut self, (urn, generation): &ResourceKey) {
        let older = (urn.clone(), 0)..(urn.clone(), *generation);
        let older = self.resources.range_mut(older).map(|(_, resource)| resource);
        let current = older.filter(|r| r.completeness != Completeness::PendingDelete);
        current.skip(1).for_each(|r| r.completeness = Completeness::PendingDelete);
    }

    /// Once a generation is finished, the ones before it are only there to be deleted.
    fn supersede(&mut self, (urn, generation): &ResourceKey) {
        let older = (urn.clone(), 0)..(urn.clone(), *generation);
        for (_, resource) in self.resources.range_mut(older) {
            resource.completeness = Completeness::PendingDelete;
        }
    }
}

/// What may not be as recorded after an update of which nobody knows how far it came: what it was
/// to change, and what was not certain before.
fn unsure(before: &ResourceState, wanted: &PropertyMap) -> Option<BTreeSet<String>> {
    let names = before.inputs.keys().chain(wanted.keys());
    let changes = names.filter(|name| before.inputs.get(*name) != wanted.get(*name)).cloned();
    let earlier = match before.completeness {
        Completeness::Complete => BTreeSet::new(),
        _ => before.unsure.clone()?,
    };
    Some(changes.chain(earlier).collect())
}

/// What may stand there after an update of which nobody knows how far it came: whatever it
/// was to set, and what it was to remove.
fn perhaps(before: &mut PropertyMap, wanted: PropertyMap) {
    for (name, value) in wanted {
        match (before.get_mut(&name), value) {
            (_, Value::Null) => {}
            (Some(Value::Map(old)), Value::Map(new)) => perhaps(old, new),
            (_, value) => drop(before.insert(name, value)),
        }
    }
}

/// The resource that an accepted but unfinished create left behind.
pub(crate) fn incomplete(intent: Intent, id: String) -> ResourceState {
    ResourceState {
        urn: intent.urn,
        named_after: intent.named_after,
        generation: intent.generation,
        id,
        inputs: intent.inputs,
        outputs: PropertyMap::new(),
        dependencies: intent.dependencies,
        completeness: Completeness::Incomplete,
        unsure: None,
        provider: intent.provider,
        namespace: intent.namespace,
        protect: intent.protect,
        retain_on_delete: intent.retain_on_delete,
        delete_timeout: None,
        touched: 0,
    }
}

#[cfg(test)]
mod tests;

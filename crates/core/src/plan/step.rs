//! [`Plan`] and its [`Step`]s.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::resource::{Namespace, ProviderConfig};
use crate::state::{Reads, ResourceKey, ResourceState};
use crate::urn::Urn;
use crate::value::{PropertyMap, Secrets, Value};

use super::conceal::Concealed;

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing.
    Same,
    /// Create.
    Create,
    /// Change in place.
    Update,
    /// Create the new generation of a replacement.
    Replace,
    /// Delete a resource that is no longer declared.
    Delete,
    /// Delete the old generation of a replacement.
    DeleteReplaced,
    /// Remove from state, leave in AWS.
    Forget,
    /// Answer a lookup during the apply.
    Read,
}

impl Action {
    /// Whether the step changes anything in AWS or removes anything from state.
    pub fn is_change(self) -> bool {
        !matches!(self, Action::Same | Action::Read)
    }

    /// Whether the step removes a resource.
    pub fn is_removal(self) -> bool {
        matches!(self, Action::Delete | Action::DeleteReplaced | Action::Forget)
    }

    /// The verb for people: "create", "replace" …
    pub fn verb(self) -> &'static str {
        match self {
            Action::Same => "keep",
            Action::Create => "create",
            Action::Update => "update",
            Action::Replace => "replace",
            Action::Delete => "delete",
            Action::DeleteReplaced => "delete replaced",
            Action::Forget => "forget",
            Action::Read => "read",
        }
    }
}

/// How a property changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Newly declared.
    Add,
    /// No longer declared.
    Remove,
    /// Declared otherwise than before.
    Change,
    /// Declared as before, but AWS has something else.
    Drift,
}

/// One property that changes.
#[derive(Debug, Clone, PartialEq)]
pub struct PropertyChange {
    /// Top-level property.
    pub property: String,
    /// Path inside it for display, such as `tags.owner`; equals `property` otherwise.
    pub path: String,
    /// How.
    pub kind: ChangeKind,
    /// Value now: live where AWS tells, else last applied.
    pub old: Option<Value>,
    /// Value wanted.
    pub new: Option<Value>,
    /// Whether this change replaces the resource.
    pub replaces: bool,
}

/// Why a step is taken; a chain when one change causes another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// Declared, but not in state.
    New,
    /// In state, but no longer declared.
    NotDeclared,
    /// In state, but gone from AWS.
    Missing,
    /// In state, but AWS is deleting it.
    BeingDeleted,
    /// A property changes in the program.
    Changed {
        /// Which.
        property: String,
    },
    /// A property was changed outside this program.
    Drifted {
        /// Which.
        property: String,
    },
    /// A property uses an output that changes.
    Dependency {
        /// Which property.
        property: String,
        /// Whose output.
        urn: Urn,
        /// What happens to that node.
        action: Action,
    },
    /// A property uses what a lookup finds or another stack exports, and that is not what it was.
    Answer {
        /// Which property.
        property: String,
        /// The lookup, or the reference to the other stack.
        urn: Urn,
    },
    /// A property that the program does not declare has another value because another resource
    /// is declared.
    Implied {
        /// Which property.
        property: String,
        /// The other resource.
        urn: Urn,
    },
    /// An earlier operation was interrupted or failed half-way.
    Unfinished,
    /// AWS reports that the resource failed.
    Broken {
        /// AWS's word.
        status: String,
    },
    /// A replaced dependency is deleted first, so this has to go before it.
    DependencyDeletedFirst {
        /// Which dependency.
        urn: Urn,
    },
    /// It is deleted before its replacement is created, which keeps what only one can have.
    Unique {
        /// The properties that stay.
        properties: Vec<String>,
    },
    /// It takes over something that only one can have from a resource that gives it up first.
    Takes {
        /// The properties.
        properties: Vec<String>,
        /// From which resource.
        urn: Urn,
    },
    /// It changes in one call of AWS's with another resource, because neither can change before
    /// the other.
    Together {
        /// With which resource.
        urn: Urn,
    },
    /// In AWS it is the same thing as another resource, which stays.
    SameThing {
        /// Which resource.
        urn: Urn,
    },
    /// It exchanges something that only one can have with another resource, which AWS does not
    /// do in one step, so it is deleted first.
    Exchange {
        /// With which resource.
        urn: Urn,
    },
    /// The old generation of a replacement.
    Replaced,
    /// The whole stack is destroyed.
    Destroy,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Whose.
    pub urn: Urn,
    /// Which generation it concerns.
    pub generation: u64,
    /// What it does.
    pub action: Action,
    /// Physical id, where one exists.
    pub id: Option<String>,
    /// What changes (update and replace; for a create, every property).
    pub changes: Vec<PropertyChange>,
    /// Why, nearest cause first.
    pub reasons: Vec<Reason>,
    /// Indices of steps that must succeed first.
    pub requires: Vec<usize>,
    /// Inputs wanted, as far as they are known.
    pub inputs: PropertyMap,
    /// What an update starts from: live where AWS tells, else last applied.
    pub base: PropertyMap,
    /// Outputs as far as they are known before the apply.
    pub outputs: PropertyMap,
    /// The state record it starts from.
    pub prior: Option<ResourceState>,
    /// State must be rewritten although nothing changes in AWS (dependencies, options,
    /// refreshed outputs).
    pub record: bool,
    /// AWS is still working on it; wait until it is ready before anything else.
    pub wait_first: bool,
    /// Deleted together with this resource: no call of its own.
    pub deleted_with: Option<ResourceKey>,
    /// Already gone from AWS: no call.
    pub gone: bool,
    /// AWS is deleting what is recorded: no call, but it is waited for until it is gone; for a create,
    /// by the step that removes its record.
    pub going: bool,
    /// The old generation is deleted before this one is created.
    pub delete_first: bool,
    /// A replacement that is needed whatever the values turn out to be that are not known yet.
    pub certain: bool,
    /// Carried out at the same time as the other steps with this number, whose changes AWS takes
    /// in one call.
    pub together: Option<usize>,
    /// Account, region and role.
    pub provider: ProviderConfig,
    /// Account and region, where known.
    pub namespace: Option<Namespace>,
}

impl Step {
    /// What the physical name and ownership tag of a generation are derived from: a renamed
    /// resource keeps those that it has.
    pub(crate) fn identity(&self, generation: u64) -> &Urn {
        match &self.prior {
            Some(prior) if prior.generation == generation => prior.identity(),
            _ => &self.urn,
        }
    }

    /// As recorded.
    pub(crate) fn named_after(&self) -> Option<Urn> {
        let identity = self.identity(self.generation);
        (*identity != self.urn).then(|| identity.clone())
    }
}

/// A resource that has another urn than state says: it was renamed, or moved into a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Move {
    /// What it is in state.
    pub from: Urn,
    /// What the program declares it as.
    pub to: Urn,
}

/// How an export changes.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportChange {
    /// Value of the last run.
    pub old: Option<Value>,
    /// Value after this plan; `None` when no longer exported.
    pub new: Option<Value>,
}

/// Steps with their reasons; made by [`super::plan`], carried out by the executor.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The project.
    pub project: String,
    /// The stack.
    pub stack: String,
    /// Serial and sequence of the state it was made from.
    pub made_from: (u64, u64),
    /// Whether live state was read.
    pub refreshed: bool,
    /// Whether this plan destroys the whole stack.
    pub destroy: bool,
    /// What is renamed; nothing changes in AWS by it. The steps have the new urns.
    pub moves: Vec<Move>,
    /// What becomes secret in state before the first step.
    pub concealed: Concealed,
    /// All steps, in an order in which they could run one by one.
    pub steps: Vec<Step>,
    /// Exports by name.
    pub exports: BTreeMap<String, ExportChange>,
    /// The exports of other stacks that this stack reads from here on; `None` when that is what
    /// is recorded.
    pub reads: Option<Reads>,
    /// Lookups that are answered already, and exports of other stacks; may hold secrets, marked.
    pub lookups: BTreeMap<Urn, PropertyMap>,
}

/// Number of steps per action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// Creates.
    pub create: usize,
    /// Updates in place.
    pub update: usize,
    /// Replacements.
    pub replace: usize,
    /// Deletes, those of replaced generations left out.
    pub delete: usize,
    /// Removals from state only.
    pub forget: usize,
    /// Untouched.
    pub same: usize,
}

impl Plan {
    /// Remembers every secret that it holds.
    pub(crate) fn teach(&self, secrets: &Secrets) {
        for step in &self.steps {
            let maps = [&step.inputs, &step.base, &step.outputs];
            maps.into_iter().for_each(|map| secrets.learn_map(map));
            if let Some(prior) = &step.prior {
                secrets.learn_map(&prior.inputs);
                secrets.learn_map(&prior.outputs);
            }
        }
        for export in self.exports.values() {
            export.old.iter().chain(&export.new).for_each(|v| secrets.learn(v));
        }
        self.lookups.values().for_each(|answer| secrets.learn_map(answer));
    }

    /// Without the secrets that the cloud's words in it may quote.
    pub(crate) fn scrubbed(mut self, secrets: &Secrets) -> Self {
        for reason in self.steps.iter_mut().flat_map(|step| &mut step.reasons) {
            if let Reason::Broken { status } = reason {
                *status = secrets.scrub(status);
            }
        }
        self
    }

    /// Whether nothing has to be done in AWS. There may be something to record.
    pub fn is_empty(&self) -> bool {
        !self.steps.iter().any(|s| s.action.is_change())
    }

    /// Whether state has to be written although nothing changes in AWS: something is renamed,
    /// or has become secret, or other exports of other stacks are read, or is recorded otherwise. Exports are not looked at.
    pub fn is_to_record(&self) -> bool {
        !self.moves.is_empty()
            || !self.concealed.is_empty()
            || self.reads.is_some()
            || self.steps.iter().any(|s| s.record || s.action == Action::Read)
    }

    /// Counts.
    pub fn summary(&self) -> Summary {
        let mut sum = Summary::default();
        for step in &self.steps {
            match step.action {
                Action::Create => sum.create += 1,
                Action::Update => sum.update += 1,
                Action::Replace => sum.replace += 1,
                Action::Delete => sum.delete += 1,
                Action::Forget => sum.forget += 1,
                Action::Same => sum.same += 1,
                Action::DeleteReplaced | Action::Read => {}
            }
        }
        sum
    }
}

impl Reason {
    /// The property that it is about, where it is about one.
    pub fn property(&self) -> Option<&str> {
        match self {
            Reason::Changed { property }
            | Reason::Drifted { property }
            | Reason::Dependency { property, .. }
            | Reason::Answer { property, .. }
            | Reason::Implied { property, .. } => Some(property),
            _ => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::New => f.write_str("it is new"),
            Reason::NotDeclared => f.write_str("it is no longer declared"),
            Reason::Missing => f.write_str("it is gone from AWS"),
            Reason::BeingDeleted => f.write_str("AWS is deleting it"),
            Reason::Changed { property } => write!(f, "`{property}` changed"),
            Reason::Drifted { property } => write!(f, "`{property}` was changed outside"),
            Reason::Dependency { property, urn, action } => {
                let verb = match action {
                    Action::Replace | Action::DeleteReplaced => "replaced",
                    Action::Create => "created",
                    Action::Read => "read during the apply",
                    _ => "updated",
                };
                let type_name = urn.type_name();
                let noun = type_name.rsplit("::").next().unwrap_or(type_name);
                write!(f, "`{property}` changes, because {noun} `{}` is {verb}", urn.short())
            }
            Reason::Answer { property, urn } => {
                let what = match urn.type_name() {
                    crate::program::REFERENCE => "stack",
                    _ => "lookup",
                };
                write!(f, "`{property}` changed with the answer of {what} `{}`", urn.short())
            }
            Reason::Implied { property, urn } => {
                let noun = urn.type_name().rsplit("::").next().unwrap_or_default();
                write!(f, "`{property}` changes, because {noun} `{}` is declared", urn.short())
            }
            Reason::Unfinished => f.write_str("an earlier operation on it did not finish"),
            Reason::Broken { status } => write!(f, "AWS reports it as {status}"),
            Reason::DependencyDeletedFirst { urn } => {
                write!(f, "`{}` must be deleted first", urn.short())
            }
            Reason::Unique { properties } => {
                let list: Vec<String> = properties.iter().map(|p| format!("`{p}`")).collect();
                let list = list.join(" and ");
                write!(f, "the old one has the same {list} and is deleted first")
            }
            Reason::Takes { properties, urn } => {
                let list: Vec<String> = properties.iter().map(|p| format!("`{p}`")).collect();
                let list = list.join(" and ");
                write!(f, "it takes over {list} from `{}`, which goes first", urn.short())
            }
            Reason::Together { urn } => {
                write!(f, "it changes in one call with `{}`", urn.short())
            }
            Reason::SameThing { urn } => {
                write!(f, "in AWS it is the same thing as `{}`, which stays", urn.short())
            }
            Reason::Exchange { urn } => write!(
                f,
                "it exchanges with `{}` what only one can have, and so is deleted first",
                urn.short()
            ),
            Reason::Replaced => f.write_str("it was replaced"),
            Reason::Destroy => f.write_str("the stack is destroyed"),
        }
    }
}

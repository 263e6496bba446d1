//! The plan of `destroy`: everything in state goes, in reverse order of what is recorded.

use std::collections::BTreeMap;

use crate::observe::Observed;
use crate::resource::Registry;
use crate::state::{Reads, State};

use super::make::removal;
use super::step::{Action, ExportChange, Plan, Reason};
use super::{PlanError, edges};

/// What `destroy` has to do. Needs no program: only what is recorded counts.
///
/// # Errors
/// [`PlanError::Protected`] when something is protected.
pub fn plan_destroy(
    registry: &Registry,
    project: &str,
    stack: &str,
    state: &State,
    observed: &Observed,
) -> Result<Plan, PlanError> {
    let mut steps = Vec::new();
    let mut protected = Vec::new();
    for record in state.resources.values() {
        if registry.handler(record.urn.type_name()).is_none() {
            return Err(PlanError::UnknownRecords { urns: vec![record.urn.clone()] });
        }
        let is_current = state.current(&record.urn).is_some_and(|r| r.key() == record.key());
        let (action, reason) = match is_current {
            true => (Action::Delete, Reason::Destroy),
            false => (Action::DeleteReplaced, Reason::Replaced),
        };
        if record.protect && action == Action::Delete {
            protected.push((record.urn.clone(), reason.to_string()));
        }
        steps.push(removal(record, action, reason, observed));
    }
    if !protected.is_empty() {
        return Err(PlanError::Protected { urns: protected });
    }
    let exports: BTreeMap<String, ExportChange> = state
        .exports
        .iter()
        .map(|(name, old)| (name.clone(), ExportChange { old: Some(old.clone()), new: None }))
        .collect();
    Ok(Plan {
        project: project.to_owned(),
        stack: stack.to_owned(),
        made_from: (state.serial, state.sequence),
        refreshed: observed.refreshed,
        destroy: true,
        moves: Vec::new(),
        concealed: Default::default(),
        steps: edges::connect(steps, None, state, registry, &[]).steps,
        exports,
        reads: (!state.reads.is_empty()).then(Reads::new),
        lookups: BTreeMap::new(),
    })
}

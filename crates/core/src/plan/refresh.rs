//! What `refresh` records: live outputs, and what is gone.

use std::collections::BTreeSet;

use crate::observe::{LiveRead, Observed};
use crate::resource::Registry;
use crate::state::{Entry, State};
use crate::urn::Urn;

use super::PlanError;
use super::diff::{Certain, DiffInput, diff};
use super::make::blank;
use super::scope::told;
use super::steered::steered_in_state;
use super::step::{Action, Plan, Reason, Step};

/// What live state says, as a plan to show, and the entries that record it.
///
/// Last applied inputs stay: the next plan shows what drifted and offers to undo it. The changes of
/// this plan go the other way, from what was applied to what AWS has.
///
/// # Errors
/// [`PlanError::UnknownRecords`] when state holds a type that the registry does not know.
pub fn plan_refresh(
    registry: &Registry,
    state: &State,
    observed: &Observed,
) -> Result<(Plan, Vec<Entry>), PlanError> {
    let mut steps = Vec::new();
    let mut entries = Vec::new();
    let steered = steered_in_state(registry, state);
    for record in state.resources.values() {
        let handler = registry
            .handler(record.urn.type_name())
            .ok_or_else(|| PlanError::UnknownRecords { urns: vec![record.urn.clone()] })?;
        let mut step = Step {
            id: Some(record.id.clone()),
            prior: Some(record.clone()),
            ..blank(&record.urn, record.generation, Action::Same)
        };
        match observed.live(&record.key()) {
            LiveRead::NotRead => {}
            LiveRead::Missing => {
                step.action = Action::Forget;
                step.gone = true;
                step.reasons = vec![Reason::Missing];
                let lingers = handler.schema().name_lingers;
                entries.push(Entry::gone(record.urn.clone(), record.generation, lingers));
            }
            // Its record goes when it is gone: until then it is waited for.
            LiveRead::Going => {
                step.going = true;
                step.reasons = vec![Reason::BeingDeleted];
            }
            LiveRead::Present(live) => {
                step.changes = diff(&DiffInput {
                    schema: handler.schema(),
                    declared: &record.inputs,
                    last: &record.inputs,
                    certain: Certain::All,
                    live: Some(&live.inputs),
                    steered: steered.contains(&record.urn),
                });
                // Nothing is to be done: what is shown went from what was applied to what is.
                for change in &mut step.changes {
                    std::mem::swap(&mut change.old, &mut change.new);
                }
                step.reasons = step
                    .changes
                    .iter()
                    .map(|c| Reason::Drifted { property: c.property.clone() })
                    .collect();
                let outputs = told(handler.schema(), &record.outputs, live);
                if outputs != record.outputs {
                    let mut record = record.clone();
                    record.outputs = outputs;
                    entries.push(Entry::Done(Box::new(record)));
                }
            }
        }
        steps.push(step);
    }
    // What is gone is nobody's dependency.
    let left: BTreeSet<&Urn> = steps.iter().filter(|s: &&Step| !s.gone).map(|s| &s.urn).collect();
    for entry in &mut entries {
        if let Entry::Done(record) = entry {
            record.dependencies.retain(|urn| left.contains(urn));
        }
    }
    let plan = Plan {
        project: state.project.clone(),
        stack: state.stack.clone(),
        made_from: (state.serial, state.sequence),
        refreshed: true,
        destroy: false,
        moves: Vec::new(),
        concealed: Default::default(),
        steps,
        exports: Default::default(),
        reads: None,
        lookups: Default::default(),
    };
    Ok((plan, entries))
}

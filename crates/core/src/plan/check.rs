//! What AWS would refuse, before it is asked.
//!
//! Values that are known only during the apply are checked there, before the call.
//! Only what is new or changes is checked: what AWS has taken once is not refused by a plan.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::program::{Declaration, ResourceDecl};
use crate::resource::Registry;
use crate::schema::{Finding, Moves, Schema, Sources, check, mark_inputs};
use crate::state::State;
use crate::urn::Urn;
use crate::value::{Expr, NoOutputs, PropertyMap, Value};

use super::PlanError;
use super::diff::same;
use super::step::{Action, ChangeKind, PropertyChange, Step};

/// What is wrong with the inputs of a step.
pub(super) fn refused(registry: &Registry, graph: &Graph, step: &Step) -> Vec<(Urn, Finding)> {
    let unchecked = graph.resource(&step.urn).is_none_or(|decl| decl.options.unchecked);
    let Some(handler) = registry.handler(step.urn.type_name()).filter(|_| !unchecked) else {
        return Vec::new();
    };
    let decl = graph.resource(&step.urn);
    let new = step.changes.iter().filter(|c| c.kind != ChangeKind::Drift);
    let new: BTreeSet<&str> = new.map(|c| c.property.as_str()).collect();
    let limits = registry.limits(step.urn.type_name());
    let sources = |name: &str| source(graph, decl?, name);
    let is_new = |name: &str| new.contains(name);
    let mut found = check(handler.schema(), limits, &step.inputs, is_new, &sources);
    if step.action == Action::Update {
        found.extend(step.changes.iter().filter_map(|change| shrinks(handler.schema(), change)));
    }
    found.into_iter().map(|f| (step.urn.clone(), f)).collect()
}

/// A value that the program lowers although the cloud only raises it ([`Moves::Up`]). A replacement
/// may have less.
fn shrinks(schema: &Schema, change: &PropertyChange) -> Option<Finding> {
    let field = schema.field(&change.property).filter(|field| field.moves == Moves::Up)?;
    match (change.old.as_ref()?.reveal(), change.new.as_ref()?.reveal()) {
        (Value::Int(is), Value::Int(wanted)) if wanted < is => Some(Finding::new(
            field.name,
            format!(
                "cannot go down from {is} to {wanted}, because AWS only lets it grow: declare {is} \
                 or more, or take the property out"
            ),
        )),
        _ => None,
    }
}

/// What is wrong with properties that are not what was last applied.
pub(crate) fn check_new(
    registry: &Registry,
    schema: &Schema,
    inputs: &PropertyMap,
    last: Option<&PropertyMap>,
    sources: &Sources<'_>,
) -> Vec<Finding> {
    let is_new = |name: &str| {
        let last = last.and_then(|last| last.get(name));
        match (schema.field(name), inputs.get(name), last) {
            (Some(field), Some(now), Some(last)) => !same(field, now, last),
            _ => true,
        }
    };
    check(schema, registry.limits(schema.type_name), inputs, is_new, sources)
}

/// What the program says of the node whose output a property is.
fn source(graph: &Graph, decl: &ResourceDecl, name: &str) -> Option<PropertyMap> {
    let Expr::Map(properties) = &decl.inputs else { return None };
    let Expr::Get { urn, .. } = properties.get(name)? else { return None };
    let said = match (graph.resource(urn), graph.lookup(urn)) {
        (Some(resource), _) => &resource.inputs,
        (None, Some(lookup)) => &lookup.args,
        (None, None) => return None,
    };
    match said.eval(&NoOutputs) {
        Ok(Value::Map(said)) => Some(said),
        _ => None,
    }
}

/// What is wrong with what the program says without asking AWS for anything, all of it together.
///
/// # Errors
/// [`PlanError::Refused`].
pub(crate) fn check_literals(
    registry: &Registry,
    graph: &Graph,
    state: &State,
) -> Result<(), PlanError> {
    let mut findings = Vec::new();
    for declaration in graph.in_order() {
        let Declaration::Resource(decl) = declaration else { continue };
        let Some(handler) = registry.handler(decl.type_name) else { continue };
        // What cannot be computed is told by the plan.
        let Ok(Value::Map(inputs)) = decl.inputs.eval(&NoOutputs) else { continue };
        if decl.options.unchecked {
            continue;
        }
        let schema = handler.schema();
        let inputs = mark_inputs(schema.fields, inputs);
        let last = state.current(&decl.urn).map(|prior| &prior.inputs);
        let found = check_new(registry, schema, &inputs, last, &|name| source(graph, decl, name));
        let found = found.into_iter();
        findings.extend(found.map(|f| (decl.urn.clone(), f)));
    }
    if findings.is_empty() { Ok(()) } else { Err(PlanError::Refused { findings }) }
}

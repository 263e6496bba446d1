//! A plan as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::{Action, ChangeKind, ExportChange, Plan, PropertyChange, Reason, Step, Summary};
use crate::render::because;

use super::value::{Shown, ShownMap};

#[derive(Serialize)]
struct PlanDoc<'a> {
    format: &'static str,
    version: u32,
    project: &'a str,
    stack: &'a str,
    destroy: bool,
    refreshed: bool,
    changes: bool,
    state: StateDoc,
    summary: Summary,
    steps: Vec<StepDoc<'a>>,
    exports: BTreeMap<&'a str, ExportDoc<'a>>,
}

#[derive(Serialize)]
struct StateDoc {
    serial: u64,
    sequence: u64,
}

#[derive(Serialize)]
struct StepDoc<'a> {
    index: usize,
    urn: &'a str,
    r#type: &'a str,
    path: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed_from: Option<&'a str>,
    generation: u64,
    action: Action,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    reasons: &'a [Reason],
    changes: Vec<ChangeDoc<'a>>,
    requires: &'a [usize],
    inputs: ShownMap<'a>,
    delete_first: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    together: Option<usize>,
    wait_first: bool,
    gone: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    going: bool,
    record: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_with: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
}

#[derive(Serialize)]
struct ChangeDoc<'a> {
    property: &'a str,
    path: &'a str,
    kind: ChangeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<Shown<'a>>,
    replaces: bool,
}

#[derive(Serialize)]
struct ExportDoc<'a> {
    changes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<Shown<'a>>,
}

/// A plan as one line of JSON.
pub fn plan_json(plan: &Plan) -> String {
    super::text(&PlanDoc {
        format: super::PLAN_FORMAT,
        version: super::VERSION,
        project: &plan.project,
        stack: &plan.stack,
        destroy: plan.destroy,
        refreshed: plan.refreshed,
        changes: !plan.is_empty(),
        state: StateDoc { serial: plan.made_from.0, sequence: plan.made_from.1 },
        summary: plan.summary(),
        steps: plan.steps.iter().enumerate().map(|(i, s)| step(plan, i, s)).collect(),
        exports: plan.exports.iter().map(|(name, e)| (name.as_str(), export(e))).collect(),
    })
}

fn step<'a>(plan: &'a Plan, index: usize, step: &'a Step) -> StepDoc<'a> {
    StepDoc {
        index,
        urn: step.urn.as_str(),
        r#type: step.urn.type_name(),
        path: step.urn.path(),
        name: step.urn.name(),
        renamed_from: renamed_from(plan, step),
        generation: step.generation,
        action: step.action,
        id: step.id.as_deref(),
        because: because(plan, step),
        reasons: &step.reasons,
        changes: step.changes.iter().map(change).collect(),
        requires: &step.requires,
        inputs: ShownMap(&step.inputs),
        delete_first: step.delete_first,
        together: step.together,
        wait_first: step.wait_first,
        gone: step.gone,
        going: step.going,
        record: step.record,
        deleted_with: step.deleted_with.as_ref().map(|(urn, _)| urn.as_str()),
        account: step.namespace.as_ref().map(|n| n.account.as_str()),
        region: step.namespace.as_ref().map(|n| n.region.as_str()),
    }
}

fn renamed_from<'a>(plan: &'a Plan, step: &Step) -> Option<&'a str> {
    plan.moves.iter().find(|m| m.to == step.urn).map(|m| m.from.as_str())
}

fn change(change: &PropertyChange) -> ChangeDoc<'_> {
    ChangeDoc {
        property: &change.property,
        path: &change.path,
        kind: change.kind,
        old: change.old.as_ref().map(Shown),
        new: change.new.as_ref().map(Shown),
        replaces: change.replaces,
    }
}

fn export(export: &ExportChange) -> ExportDoc<'_> {
    ExportDoc {
        changes: export.old != export.new,
        old: export.old.as_ref().map(Shown),
        new: export.new.as_ref().map(Shown),
    }
}

//! Why a step is taken, as one sentence that follows the chain of causes.

use std::collections::BTreeSet;

use crate::plan::{Action, Plan, Reason, Step};
use crate::urn::Urn;

use super::progress::{noun, words};

/// Clauses of one step that are spelled out; more are counted.
const CLAUSES: usize = 3;

/// "replaced because `subnet_id` changes, because Subnet `a` is replaced, because …";
/// `None` where the action says it all (a new resource, a destroy).
pub fn because(plan: &Plan, step: &Step) -> Option<String> {
    let mut seen = BTreeSet::from([step.urn.clone()]);
    let cause = cause(plan, step, &mut seen, "")?;
    Some(format!("{} because {cause}", words(step.action).past))
}

/// Whether the sentence says more than the step's own list of changes.
pub(super) fn worth_saying(step: &Step) -> bool {
    match step.action {
        Action::Update => !step
            .reasons
            .iter()
            .all(|r| matches!(r, Reason::Changed { .. } | Reason::Drifted { .. })),
        Action::Delete => !step.reasons.iter().all(|r| matches!(r, Reason::Destroy)),
        _ => true,
    }
}

/// `its` is put before the properties of a node that is not the step's own, and of such a node
/// only the first clause is said: nobody could tell whose property a second one means.
fn cause(plan: &Plan, step: &Step, seen: &mut BTreeSet<Urn>, its: &str) -> Option<String> {
    let reasons = relevant(step);
    let mut clauses = Vec::new();
    for (tail, pick) in [
        ("changed", changed as fn(&Reason) -> Option<&str>),
        ("changed outside this program", drifted),
    ] {
        let names: BTreeSet<&str> = reasons.iter().filter_map(|r| pick(r)).collect();
        if !names.is_empty() {
            let was = match (tail == "changed", names.len()) {
                (true, _) => "",
                (false, 1) => "was ",
                (false, _) => "were ",
            };
            clauses.push(format!("{its}{} {was}{tail}", list(&names)));
        }
    }
    let mut others = BTreeSet::new();
    for reason in reasons {
        let clause = match reason {
            Reason::New | Reason::Destroy | Reason::Changed { .. } | Reason::Drifted { .. } => {
                continue;
            }
            Reason::Dependency { property, urn, action } => {
                let text = dependency(plan, property, urn, *action, seen);
                format!("{its}{text}")
            }
            Reason::DependencyDeletedFirst { urn } => {
                let mut text = format!("{} `{}` has to be deleted first", noun(urn), urn.short());
                if let Some(more) = follow(plan, urn, seen) {
                    text.push_str(&format!(", because {more}"));
                }
                text
            }
            Reason::Answer { .. } | Reason::Implied { .. } => format!("{its}{reason}"),
            other => other.to_string(),
        };
        if others.insert(clause.clone()) {
            clauses.push(clause);
        }
    }
    let most = if its.is_empty() { CLAUSES } else { 1 };
    let more = if its.is_empty() { clauses.len().saturating_sub(most) } else { 0 };
    clauses.truncate(most);
    if clauses.is_empty() {
        return None;
    }
    let mut text = clauses.join("; and ");
    if more > 0 {
        text.push_str(&format!("; and {more} more"));
    }
    Some(text)
}

/// In a replacement only what replaces counts.
fn relevant(step: &Step) -> Vec<&Reason> {
    let replaces = |name: &str| step.changes.iter().any(|c| c.replaces && c.property == name);
    let deciding: Vec<&Reason> =
        step.reasons.iter().filter(|reason| reason.property().is_none_or(replaces)).collect();
    if step.action == Action::Replace && !deciding.is_empty() {
        deciding
    } else {
        step.reasons.iter().collect()
    }
}

fn dependency(
    plan: &Plan,
    property: &str,
    urn: &Urn,
    action: Action,
    seen: &mut BTreeSet<Urn>,
) -> String {
    let what = match action {
        Action::Read => "is read during the apply".to_owned(),
        Action::Same => "changes".to_owned(),
        other => format!("is {}", words(other).past),
    };
    let mut text = format!("`{property}` changes, because {} `{}` {what}", noun(urn), urn.short());
    if let Some(more) = follow(plan, urn, seen) {
        text.push_str(&format!(", because {more}"));
    }
    text
}

/// The cause of another node's step, once per node.
fn follow(plan: &Plan, urn: &Urn, seen: &mut BTreeSet<Urn>) -> Option<String> {
    if !seen.insert(urn.clone()) {
        return None;
    }
    let step = plan
        .steps
        .iter()
        .filter(|s| s.urn == *urn && s.action != Action::DeleteReplaced)
        .max_by_key(|s| s.action.is_change())?;
    cause(plan, step, seen, "its ")
}

fn changed(reason: &Reason) -> Option<&str> {
    match reason {
        Reason::Changed { property } => Some(property),
        _ => None,
    }
}

fn drifted(reason: &Reason) -> Option<&str> {
    match reason {
        Reason::Drifted { property } => Some(property),
        _ => None,
    }
}

/// "`a`, `b` and `c`".
fn list(names: &BTreeSet<&str>) -> String {
    let names: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

//! Why a property changes: the program, somebody outside, or something that it reads.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::program::ResourceDecl;
use crate::state::ResourceState;
use crate::urn::Urn;
use crate::value::{Expr, PropertyMap, Scope, Value};

use super::super::step::{ChangeKind, PropertyChange, Reason};
use super::Planner;

impl Planner<'_> {
    /// The cause of every changed property.
    pub(super) fn reasons(
        &self,
        decl: &ResourceDecl,
        prior: &ResourceState,
        changes: &[PropertyChange],
    ) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = changes
            .iter()
            .map(|change| {
                let property = change.property.clone();
                let read = reads(decl, &property);
                if let Some(reason) = self.changed_below(&property, &read) {
                    return reason;
                }
                if change.kind == ChangeKind::Drift {
                    return Reason::Drifted { property };
                }
                if let Some(reason) = self.implied_by(decl, &property) {
                    return reason;
                }
                self.answered_otherwise(&property, &read, &prior.inputs)
                    .unwrap_or(Reason::Changed { property })
            })
            .collect();
        reasons.dedup();
        // Replacing changes explain a replacement; the others only come along.
        let replaces = |r: &Reason| {
            let property = r.property();
            changes.iter().any(|c| c.replaces && Some(c.property.as_str()) == property)
        };
        reasons.sort_by_key(|r| !replaces(r));
        reasons
    }

    /// The resource or lookup whose output, which the property reads, is not known yet or is not
    /// what was recorded. That something happens to a node is no reason by itself.
    fn changed_below(&self, property: &str, read: &BTreeSet<(Urn, Arc<str>)>) -> Option<Reason> {
        read.iter().find_map(|(urn, field)| {
            let action = self.fate.get(urn)?.action;
            let now = self.outputs.output(urn, field);
            let recorded = self.state.current(urn).and_then(|r| r.outputs.get(&**field));
            let changes = now.has_unknown() || recorded.unwrap_or(&Value::Null) != &now;
            let property = property.to_owned();
            changes.then(|| Reason::Dependency { property, urn: urn.clone(), action })
        })
    }

    /// The first resource that says so, where the program itself says nothing.
    fn implied_by(&self, decl: &ResourceDecl, property: &str) -> Option<Reason> {
        let declared = matches!(&decl.inputs, Expr::Map(map) if map.contains_key(property));
        let mut all = self.implied_of(&decl.urn).iter();
        let found = all.find(|i| !declared && i.property == property)?;
        Some(Reason::Implied { property: property.to_owned(), urn: found.by.clone() })
    }

    /// The lookup or the other stack that answers otherwise than it did. What it answered before
    /// is recorded only in the property: where the present answer is a part of that, it is as it
    /// was.
    fn answered_otherwise(
        &self,
        property: &str,
        read: &BTreeSet<(Urn, Arc<str>)>,
        last: &PropertyMap,
    ) -> Option<Reason> {
        let last = last.get(property)?;
        let answers = &self.observed.lookups;
        let mut read = read.iter().filter(|(urn, _)| answers.contains_key(urn));
        let (urn, _) = read.find(|(urn, field)| !last.holds(&self.outputs.output(urn, field)))?;
        Some(Reason::Answer { property: property.to_owned(), urn: urn.clone() })
    }
}

/// The outputs that a property reads.
fn reads(decl: &ResourceDecl, property: &str) -> BTreeSet<(Urn, Arc<str>)> {
    let mut read = BTreeSet::new();
    if let Expr::Map(fields) = &decl.inputs
        && let Some(expr) = fields.get(property)
    {
        expr.reads(&mut read);
    }
    read
}

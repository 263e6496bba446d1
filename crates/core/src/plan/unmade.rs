//! What two resources claim in something that is still to be made: two records of one name in a
//! new zone, two ranges of a new network.
//!
//! The id of what is to be made is not known, so these claims say nothing of AWS. They can still
//! exclude each other, as both use the same output of the same resource.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::graph::Graph;
use crate::resource::Registry;
use crate::schema::Claim;
use crate::urn::Urn;
use crate::value::{Expr, PropertyMap, Value};

use super::PlanError;
use super::contend::{Stakes, by_place, claimed, refuse_twice};
use super::step::{Action, Step};

/// What the texts begin with: letters and digits, so that no type takes one apart, and nothing that
/// a program says of its resources.
const MARK: &str = "ferrocreteunmade";

/// Texts that stand for outputs that are not known yet.
#[derive(Default)]
struct Stand {
    texts: BTreeMap<(Urn, Arc<str>), String>,
}

impl Stand {
    /// The text of an output, always the same one.
    fn text(&mut self, urn: &Urn, output: &Arc<str>) -> String {
        let next = self.texts.len();
        let key = (urn.clone(), output.clone());
        self.texts.entry(key).or_insert_with(|| format!("{MARK}{next}x")).clone()
    }

    /// The inputs with these texts; `None` when no property needs one.
    fn fill(&mut self, graph: &Graph, step: &Step) -> Option<PropertyMap> {
        let Expr::Map(declared) = &graph.resource(&step.urn)?.inputs else { return None };
        let mut inputs = None;
        for (name, _) in step.inputs.iter().filter(|(_, value)| **value == Value::Unknown) {
            let Some(Expr::Get { urn, field }) = declared.get(name) else { continue };
            let text = self.text(urn, field);
            let inputs = inputs.get_or_insert_with(|| step.inputs.clone());
            inputs.insert(name.clone(), Value::String(text));
        }
        inputs
    }
}

/// Whether a claim is one within what is not made yet.
fn is_in_unmade(claim: &Claim) -> bool {
    claim.key.iter().any(|part| part.contains(MARK))
}

/// Refuses two resources that cannot both be in what is still to be made.
///
/// # Errors
/// [`PlanError::OnlyOne`] and [`PlanError::Disagree`].
pub(super) fn refuse(steps: &[Step], graph: &Graph, registry: &Registry) -> Result<(), PlanError> {
    let mut stand = Stand::default();
    let mut all = Vec::new();
    for step in steps {
        let stays = matches!(step.action, Action::Create | Action::Replace | Action::Update);
        let filled = stays.then(|| stand.fill(graph, step)).flatten();
        let mut after = filled.map_or_else(Vec::new, |inputs| claimed(step, &inputs, registry));
        after.retain(is_in_unmade);
        all.push(Stakes { after, ..Stakes::default() });
    }
    refuse_twice(steps, &by_place(&all, |s| &s.after))
}

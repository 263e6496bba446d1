//! What waits for what because only one resource at a time can be or have something in AWS.
//!
//! The graph orders what uses each other. Two resources that know nothing of each other can
//! still be one thing in AWS (a policy attached to a role), or want one name, range, port or
//! priority: then whoever takes it waits for whoever gives it up.

use std::collections::{BTreeMap, BTreeSet};

use crate::program::ResourceDecl;
use crate::resource::Registry;
use crate::schema::{Claim, Schema, Share, claims, conflict};
use crate::state::{Completeness, State};
use crate::urn::Urn;
use crate::value::{PropertyMap, Value};

use super::PlanError;
use super::step::{Action, Move, Reason, Step};

/// Somebody takes what somebody else gives up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Handover {
    /// The step that takes it.
    pub taker: usize,
    /// The step that gives it up.
    pub holder: usize,
    /// By which properties.
    pub properties: Vec<String>,
    /// AWS takes both changes in one call.
    pub together: bool,
}

/// What a step's resource claims, before and after it.
#[derive(Default)]
pub(super) struct Stakes {
    pub before: Vec<Claim>,
    pub after: Vec<Claim>,
}

fn schema_of(step: &Step, registry: &Registry) -> Option<&'static Schema> {
    registry.handler(step.urn.type_name()).map(|handler| handler.schema())
}

/// What the resource of a step would claim with these inputs.
pub(super) fn claimed(step: &Step, inputs: &PropertyMap, registry: &Registry) -> Vec<Claim> {
    let Some(schema) = schema_of(step, registry) else { return Vec::new() };
    let recorded = step.prior.as_ref().and_then(|p| p.namespace.as_ref());
    claims(schema, inputs, step.namespace.as_ref().or(recorded))
}

fn stakes(step: &Step, registry: &Registry) -> Stakes {
    let of = |inputs: &PropertyMap| claimed(step, inputs, registry);
    match step.action {
        // What is left in AWS is nobody's business here, and what is gone holds nothing.
        Action::Forget | Action::Read => Stakes::default(),
        Action::Delete | Action::DeleteReplaced if step.gone => Stakes::default(),
        Action::Delete | Action::DeleteReplaced => {
            Stakes { before: of(&step.inputs), ..Stakes::default() }
        }
        Action::Create | Action::Replace => Stakes { after: of(&step.inputs), ..Stakes::default() },
        Action::Update => Stakes { before: of(&step.base), after: of(&step.inputs) },
        Action::Same => Stakes { before: of(&step.inputs), after: of(&step.inputs) },
    }
}

type Entry<'a> = (usize, &'a Claim);

/// Claims that can compete stand together.
pub(super) fn by_place<'a>(
    all: &'a [Stakes],
    pick: fn(&'a Stakes) -> &'a [Claim],
) -> BTreeMap<(&'a str, &'a [String]), Vec<Entry<'a>>> {
    let mut places: BTreeMap<_, Vec<Entry<'a>>> = BTreeMap::new();
    for (at, stakes) in all.iter().enumerate() {
        for claim in pick(stakes) {
            places.entry(claim.place()).or_default().push((at, claim));
        }
    }
    places
}

/// Who takes over what from whom.
///
/// # Errors
/// [`PlanError::OnlyOne`] and [`PlanError::Disagree`] when two resources are declared that cannot
/// both be.
pub(super) fn handovers(steps: &[Step], registry: &Registry) -> Result<Vec<Handover>, PlanError> {
    let all: Vec<Stakes> = steps.iter().map(|step| stakes(step, registry)).collect();
    let after = by_place(&all, |s| &s.after);
    refuse_twice(steps, &after)?;
    let before = by_place(&all, |s| &s.before);
    let mut found: BTreeMap<(usize, usize), Handover> = BTreeMap::new();
    for (place, takers) in &after {
        let holders = before.get(place).map_or(&[][..], Vec::as_slice);
        for (taker, claim) in takers {
            // What it has already is not taken.
            if all[*taker].before.contains(claim) {
                continue;
            }
            for (holder, held) in holders.iter().filter(|(_, held)| conflict(claim, held)) {
                // What a replacement replaces is its own business, and who keeps what competes
                // gives up nothing.
                let (new, old) = (&steps[*taker], &steps[*holder]);
                let own = new.urn == old.urn
                    && new.action == Action::Replace
                    && new.prior.as_ref().is_some_and(|p| p.generation == old.generation);
                let keeps = all[*holder].after.iter().any(|c| conflict(claim, c));
                let together = !claim.apart
                    && schema_of(&steps[*taker], registry).is_some_and(|s| s.together)
                    && steps[*taker].urn.type_name() == steps[*holder].urn.type_name();
                if taker == holder || keeps || (own && !together) {
                    continue;
                }
                let one = found.entry((*taker, *holder)).or_insert_with(|| Handover {
                    taker: *taker,
                    holder: *holder,
                    properties: Vec::new(),
                    together,
                });
                one.together &= together;
                one.properties.extend(held.properties.iter().cloned());
                one.properties.sort();
                one.properties.dedup();
            }
        }
    }
    Ok(found.into_values().collect())
}

pub(super) fn refuse_twice(
    steps: &[Step],
    after: &BTreeMap<(&str, &[String]), Vec<Entry<'_>>>,
) -> Result<(), PlanError> {
    for entries in after.values() {
        for (nth, (one, claim)) in entries.iter().enumerate() {
            let same = entries[nth + 1..].iter().find(|(other, c)| {
                let known = |c: &Claim| c.share != Share::Unknown;
                other != one && known(claim) && known(c) && conflict(claim, c)
            });
            if let Some((other, _)) = same
                && !claim.agree.is_empty()
            {
                return Err(PlanError::Disagree {
                    urns: [steps[*one].urn.clone(), steps[*other].urn.clone()],
                    properties: claim.properties.clone(),
                    on: claim.agree.clone(),
                });
            }
            if let Some((other, _)) = same {
                return Err(PlanError::OnlyOne {
                    urns: [steps[*one].urn.clone(), steps[*other].urn.clone()],
                    properties: claim.properties.clone(),
                    identity: claim.identity,
                });
            }
        }
    }
    Ok(())
}

/// Resources that are new in the program, but in AWS are what state has under a urn that is no
/// longer declared: a loop whose key changed.
pub(super) fn rekeyed(steps: &[Step], state: &State, registry: &Registry) -> Vec<Move> {
    let identity = |step: &Step| {
        let Stakes { before, after } = stakes(step, registry);
        before.into_iter().chain(after).find(|claim| claim.identity)
    };
    let may_be_one = |step: &&Step| schema_of(step, registry).is_some_and(Schema::may_be_one);
    let mut gone: Vec<(Claim, &Urn)> = Vec::new();
    for step in steps.iter().filter(may_be_one) {
        if step.action == Action::Delete && !step.gone {
            gone.extend(identity(step).map(|claim| (claim, &step.urn)));
        }
        // What is to be left behind is the same thing, too.
        if step.action == Action::Forget && step.reasons.contains(&Reason::NotDeclared) {
            let deleted = Step { action: Action::Delete, gone: false, ..step.clone() };
            gone.extend(identity(&deleted).map(|claim| (claim, &step.urn)));
        }
    }
    let mut moves = Vec::new();
    if gone.is_empty() {
        return moves;
    }
    let mut used = BTreeSet::new();
    for step in steps.iter().filter(may_be_one) {
        if step.action != Action::Create || state.knows(&step.urn) {
            continue;
        }
        let Some(claim) = identity(step) else { continue };
        let mut there = gone.iter().filter(|(held, urn)| {
            let type_name = step.urn.type_name();
            *held == claim && urn.type_name() == type_name && !used.contains(urn)
        });
        if let Some((_, from)) = there.next() {
            used.insert(*from);
            moves.push(Move { from: (*from).clone(), to: step.urn.clone() });
        }
    }
    moves
}

/// What goes, but in AWS is what another resource stays: only its record goes.
pub(super) fn spare_shared(steps: &mut [Step], registry: &Registry) {
    let identity = |step: &Step, all: Vec<Claim>| {
        let has = schema_of(step, registry).is_some_and(Schema::may_be_one);
        all.into_iter().find(|claim| has && claim.identity)
    };
    let stays = |s: &&Step| matches!(s.action, Action::Same | Action::Update);
    let kept: Vec<(Claim, Urn)> = steps
        .iter()
        .filter(stays)
        .filter_map(|s| Some((identity(s, stakes(s, registry).before)?, s.urn.clone())))
        .collect();
    let goes = |s: &&mut Step| matches!(s.action, Action::Delete | Action::DeleteReplaced);
    for step in steps.iter_mut().filter(goes) {
        let Some(claim) = identity(step, stakes(step, registry).before) else { continue };
        let type_name = step.urn.type_name();
        let stays = |(held, urn): &&(Claim, Urn)| {
            *held == claim && urn.type_name() == type_name && *urn != step.urn
        };
        if let Some((_, urn)) = kept.iter().find(stays) {
            step.action = Action::Forget;
            step.reasons.push(Reason::SameThing { urn: urn.clone() });
        }
    }
}

/// Records of state that are one thing in AWS, and by which properties.
pub(crate) fn same_things(state: &State, registry: &Registry) -> Vec<([Urn; 2], Vec<String>)> {
    let mut known: BTreeMap<Vec<String>, (Claim, Urn)> = BTreeMap::new();
    let mut found = Vec::new();
    let current =
        state.resources.values().filter(|r| r.completeness != Completeness::PendingDelete);
    for record in current {
        let Some(handler) = registry.handler(record.urn.type_name()) else { continue };
        let all = claims(handler.schema(), &record.inputs, record.namespace.as_ref());
        let Some(claim) = all.into_iter().find(|claim| claim.identity) else { continue };
        let place = [vec![claim.what.clone()], claim.key.clone()].concat();
        match known.get(&place) {
            Some((held, urn)) if conflict(&claim, held) && *urn != record.urn => {
                found.push(([urn.clone(), record.urn.clone()], claim.properties.clone()));
            }
            _ => drop(known.insert(place, (claim, record.urn.clone()))),
        }
    }
    found
}

/// The properties by which an old generation and its replacement cannot exist side by side.
pub(super) fn stands_in_its_own_way(
    schema: &Schema,
    decl: &ResourceDecl,
    old: &PropertyMap,
    new: &PropertyMap,
) -> Option<Vec<String>> {
    if decl.options.delete_before_replace.is_some() {
        return None;
    }
    let (old, new) = (claims(schema, old, None), claims(schema, new, None));
    let mut alone = new.iter().filter(|claim| !schema.together || claim.apart);
    let both = alone.find(|claim| old.iter().any(|held| conflict(claim, held)));
    both.map(|claim| claim.properties.clone())
}

/// Who uses what has to be deleted before its replacement is there, although AWS refuses to
/// delete it while somebody does.
///
/// # Errors
/// [`PlanError::HeldByUsers`], because no order of steps helps.
pub(super) fn refuse_held(steps: &[Step], registry: &Registry) -> Result<(), PlanError> {
    let first = steps.iter().filter(|s| {
        s.action == Action::DeleteReplaced
            && s.delete_first
            && !s.gone
            && !s.going
            && schema_of(s, registry).is_some_and(|schema| schema.held_by_users)
    });
    for old in first {
        let Some(record) = &old.prior else { continue };
        let names: BTreeSet<&str> = record
            .outputs
            .values()
            .filter_map(Value::as_str)
            .chain([record.id.as_str()])
            .filter(|name| !name.is_empty())
            .collect();
        let stays = |s: &&Step| matches!(s.action, Action::Same | Action::Update);
        let uses = |s: &&Step| {
            s.prior.as_ref().is_some_and(|p| {
                p.dependencies.contains(&old.urn) && p.inputs.values().any(|v| mentions(v, &names))
            })
        };
        let users: Vec<Urn> =
            steps.iter().filter(stays).filter(uses).map(|s| s.urn.clone()).collect();
        if !users.is_empty() {
            let new = steps.iter().find(|s| s.urn == old.urn && s.action == Action::Replace);
            let unique = new.into_iter().flat_map(|s| &s.reasons).find_map(|reason| match reason {
                Reason::Unique { properties } => Some(properties.clone()),
                _ => None,
            });
            let properties = unique.unwrap_or_default();
            return Err(PlanError::HeldByUsers { urn: old.urn.clone(), properties, users });
        }
    }
    Ok(())
}

fn mentions(value: &Value, names: &BTreeSet<&str>) -> bool {
    match value {
        Value::String(text) => names.contains(text.as_str()),
        Value::Secret(inner) => mentions(inner, names),
        Value::List(items) => items.iter().any(|v| mentions(v, names)),
        Value::Map(map) => map.values().any(|v| mentions(v, names)),
        _ => false,
    }
}

//! The planner: one pass over the graph, dependencies first.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Graph;
use crate::observe::{LiveRead, Observed};
use crate::program::{Declaration, LookupDecl, ReferenceDecl, ResourceDecl};
use crate::resource::{Registry, Status};
use crate::schema::{Finding, Schema, mark_inputs};
use crate::state::{Completeness, Entry, ResourceKey, ResourceState, State};
use crate::urn::Urn;
use crate::value::{PropertyMap, Value};

use super::check::refused;
use super::diff::{Certain, DiffInput, diff, restated, with_write_only};
use super::ignore::keep_parts;
use super::prepare::{Preparation, prepare_inputs};
use super::scope::{Outputs, before_create, before_update, told, unanswered};
use super::steered::{Implication, Implied, implied, steered};
use super::step::{Action, ChangeKind, ExportChange, Move, Plan, PropertyChange, Reason, Step};
use super::{PlanError, conceal, contend, edges, unmade};

mod blame;
mod half_made;

/// What `up` has to do: pure, and the same at every run for the same arguments.
///
/// A resource that is new in the program, but in AWS is what state has under a urn that is no
/// longer declared, is filed under its new urn first ([`Plan::moves`]).
///
/// # Errors
/// [`PlanError`] when a protected resource would go, an input has no value, or two resources are
/// declared that cannot both exist.
pub fn plan(
    registry: &Registry,
    graph: &Graph,
    state: &State,
    observed: &Observed,
) -> Result<Plan, PlanError> {
    let (mut now, mut seen) = (Cow::Borrowed(state), Cow::Borrowed(observed));
    let (mut moves, mut forced) = (Vec::new(), BTreeMap::new());
    let mut hidden: BTreeMap<ResourceKey, BTreeSet<String>> = BTreeMap::new();
    loop {
        match attempt(registry, graph, &now, &seen, &forced)? {
            Attempt::Made(plan) => {
                let concealed = conceal::concealed(hidden, &now, &plan.exports);
                return Ok(Plan { moves, concealed, ..*plan });
            }
            Attempt::Concealed(found) => {
                conceal::conceal(found, now.to_mut(), seen.to_mut(), &mut hidden);
            }
            Attempt::Rekeyed(found) => {
                for Move { from, to } in &found {
                    let moved = |(urn, at): ResourceKey| match urn == *from {
                        true => (to.clone(), at),
                        false => (urn, at),
                    };
                    hidden = hidden.into_iter().map(|(key, names)| (moved(key), names)).collect();
                    now.to_mut().apply(Entry::Moved { from: from.clone(), to: to.clone() });
                    seen.to_mut().moved(from, to);
                }
                moves.extend(found);
            }
            // Whoever depends on what is deleted first is planned otherwise.
            Attempt::Forced(found) => forced.extend(found),
        }
    }
}

/// What one look at the program came to.
enum Attempt {
    Made(Box<Plan>),
    /// State holds in plain what the program says to be secret.
    Concealed(Vec<conceal::Found>),
    /// State has some of it under other urns.
    Rekeyed(Vec<Move>),
    /// These have to be deleted first, because they exchange something with the other resource.
    Forced(BTreeMap<Urn, Urn>),
}

fn attempt(
    registry: &Registry,
    graph: &Graph,
    state: &State,
    observed: &Observed,
    forced: &BTreeMap<Urn, Urn>,
) -> Result<Attempt, PlanError> {
    let mut planner = Planner {
        registry,
        graph,
        state,
        observed,
        forced,
        outputs: Outputs::default(),
        steered: steered(registry, graph),
        implied: implied(registry, graph),
        fate: BTreeMap::new(),
        steps: Vec::new(),
        protected: Vec::new(),
        findings: Vec::new(),
        kept: BTreeSet::new(),
    };
    for declaration in graph.in_order() {
        match declaration {
            Declaration::Resource(r) => planner.resource(r)?,
            Declaration::Lookup(l) => planner.lookup(l)?,
            Declaration::Reference(r) => planner.reference(r),
            Declaration::Component(_) => {}
        }
    }
    if !planner.findings.is_empty() {
        return Err(PlanError::Refused { findings: planner.findings });
    }
    let open = conceal::found(state, &planner.steps);
    if !open.is_empty() {
        return Ok(Attempt::Concealed(open));
    }
    planner.leftovers()?;
    let rekeyed = contend::rekeyed(&planner.steps, state, registry);
    if !rekeyed.is_empty() {
        return Ok(Attempt::Rekeyed(rekeyed));
    }
    if !planner.protected.is_empty() {
        return Err(PlanError::Protected { urns: planner.protected });
    }
    contend::spare_shared(&mut planner.steps, registry);
    contend::refuse_held(&planner.steps, registry)?;
    let exports = planner.exports()?;
    let handovers = contend::handovers(&planner.steps, registry)?;
    unmade::refuse(&planner.steps, graph, registry)?;
    let connected = edges::connect(planner.steps, Some(graph), state, registry, &handovers);
    let new: BTreeMap<Urn, Urn> =
        connected.forced.into_iter().filter(|(urn, _)| !forced.contains_key(urn)).collect();
    if !new.is_empty() {
        return Ok(Attempt::Forced(new));
    }
    Ok(Attempt::Made(Box::new(Plan {
        project: graph.project.clone(),
        stack: graph.stack.clone(),
        made_from: (state.serial, state.sequence),
        refreshed: observed.refreshed,
        destroy: false,
        moves: Vec::new(),
        concealed: Default::default(),
        steps: connected.steps,
        exports,
        reads: Some(graph.reads()).filter(|reads| *reads != state.reads),
        lookups: observed.lookups.clone(),
    })))
}

/// Why something is replaced.
struct Cause {
    changes: Vec<PropertyChange>,
    reasons: Vec<Reason>,
    /// Whatever the changes come to.
    certain: bool,
}

/// What is planned for a node, as far as its dependents care.
#[derive(Clone, Copy)]
struct Fate {
    action: Action,
    delete_first: bool,
}

struct Planner<'a> {
    registry: &'a Registry,
    graph: &'a Graph,
    state: &'a State,
    observed: &'a Observed,
    /// What is deleted first in any case, and with which resource it exchanges something.
    forced: &'a BTreeMap<Urn, Urn>,
    outputs: Outputs,
    steered: BTreeSet<Urn>,
    implied: Implied,
    fate: BTreeMap<Urn, Fate>,
    steps: Vec<Step>,
    protected: Vec<(Urn, String)>,
    findings: Vec<(Urn, Finding)>,
    /// What stays in use although its replacement has begun.
    kept: BTreeSet<ResourceKey>,
}

/// A step that does nothing, to be filled in.
pub(super) fn blank(urn: &Urn, generation: u64, action: Action) -> Step {
    Step {
        urn: urn.clone(),
        generation,
        action,
        id: None,
        changes: Vec::new(),
        reasons: Vec::new(),
        requires: Vec::new(),
        inputs: PropertyMap::new(),
        base: PropertyMap::new(),
        outputs: PropertyMap::new(),
        prior: None,
        record: false,
        wait_first: false,
        deleted_with: None,
        gone: false,
        going: false,
        delete_first: false,
        certain: false,
        together: None,
        provider: Default::default(),
        namespace: None,
    }
}

/// The step that removes a recorded resource.
pub(super) fn removal(
    record: &ResourceState,
    action: Action,
    reason: Reason,
    observed: &Observed,
) -> Step {
    let action = if record.retain_on_delete { Action::Forget } else { action };
    Step {
        id: Some(record.id.clone()),
        inputs: record.inputs.clone(),
        base: record.inputs.clone(),
        outputs: record.outputs.clone(),
        provider: record.provider.clone(),
        namespace: record.namespace.clone(),
        gone: matches!(observed.live(&record.key()), LiveRead::Missing),
        going: matches!(observed.live(&record.key()), LiveRead::Going),
        prior: Some(record.clone()),
        reasons: vec![reason],
        ..blank(&record.urn, record.generation, action)
    }
}

impl Planner<'_> {
    fn reference(&mut self, decl: &ReferenceDecl) {
        if let Some(exports) = self.observed.lookups.get(&decl.urn) {
            self.outputs.0.insert(decl.urn.clone(), exports.clone());
        }
    }

    fn lookup(&mut self, decl: &LookupDecl) -> Result<(), PlanError> {
        if let Some(answer) = self.observed.lookups.get(&decl.urn) {
            self.outputs.0.insert(decl.urn.clone(), answer.clone());
            return Ok(());
        }
        let args = self.eval(&decl.urn, &decl.args)?;
        let Some(handler) = self.registry.lookup(decl.type_name) else {
            return Err(PlanError::UnknownType { urn: decl.urn.clone() });
        };
        let outputs = unanswered(handler.as_ref());
        self.outputs.0.insert(decl.urn.clone(), outputs.clone());
        self.fate.insert(decl.urn.clone(), Fate { action: Action::Read, delete_first: false });
        self.steps.push(Step {
            inputs: match args {
                Value::Map(map) => mark_inputs(handler.fields(), map),
                _ => PropertyMap::new(),
            },
            outputs,
            provider: decl.provider.clone(),
            ..blank(&decl.urn, 0, Action::Read)
        });
        Ok(())
    }

    fn resource(&mut self, decl: &ResourceDecl) -> Result<(), PlanError> {
        let Some(handler) = self.registry.handler(decl.type_name) else {
            return Err(PlanError::UnknownType { urn: decl.urn.clone() });
        };
        let schema = handler.schema();
        if self.not_replaced_after_all(decl, schema)? {
            return Ok(());
        }
        let prior = self.state.current(&decl.urn);
        let live = prior.map_or(&LiveRead::NotRead, |p| self.observed.live(&p.key()));
        match prior {
            None => self.create(decl, schema, None, Reason::New),
            Some(prior) if matches!(live, LiveRead::Missing) => {
                self.create(decl, schema, Some(prior), Reason::Missing)
            }
            Some(prior) if matches!(live, LiveRead::Going) => {
                self.create(decl, schema, Some(prior), Reason::BeingDeleted)
            }
            Some(prior) => self.existing(decl, schema, prior, live),
        }
    }

    fn create(
        &mut self,
        decl: &ResourceDecl,
        schema: &'static Schema,
        prior: Option<&ResourceState>,
        reason: Reason,
    ) -> Result<(), PlanError> {
        let generation = self.state.next_generation(&decl.urn);
        let inputs = self.inputs(decl, schema, generation, None)?;
        let going = reason == Reason::BeingDeleted;
        let step = Step {
            changes: every_property(schema, &inputs),
            going,
            outputs: before_create(schema, &inputs),
            prior: prior.cloned(),
            gone: prior.is_some() && !going,
            reasons: vec![reason],
            inputs,
            ..self.blank(decl, generation, Action::Create)
        };
        self.push(step, false);
        // A step of its own waits until it is gone, for everybody who takes something of it.
        if let (true, Some(prior)) = (going, prior) {
            let old = removal(prior, Action::DeleteReplaced, Reason::BeingDeleted, self.observed);
            let action = Action::DeleteReplaced;
            self.steps.push(Step { action, delete_first: true, ..old });
        }
        Ok(())
    }

    fn existing(
        &mut self,
        decl: &ResourceDecl,
        schema: &'static Schema,
        prior: &ResourceState,
        live: &LiveRead,
    ) -> Result<(), PlanError> {
        let generation = prior.generation;
        let mut inputs = self.inputs(decl, schema, generation, Some(prior))?;
        let (live_inputs, status) = match live {
            LiveRead::Present(l) => (Some(&l.inputs), l.status.clone()),
            _ => (None, Status::Ready),
        };
        let base = base(schema, &inputs, &prior.inputs, live_inputs);
        keep_parts(schema, &mut inputs, &base, &decl.options.ignore_changes);
        let complete = prior.completeness == Completeness::Complete;
        let mut changes = diff(&DiffInput {
            schema,
            declared: &inputs,
            last: &prior.inputs,
            certain: Certain::As(prior),
            live: live_inputs,
            steered: self.steered.contains(&decl.urn),
        });
        changes.retain(|c| !decl.options.ignore_changes.contains(&c.property));
        for change in &mut changes {
            change.replaces |= decl.options.replace_on_changes.contains(&change.property);
        }
        let mut reasons = self.reasons(decl, prior, &changes);
        let mut replace = changes.iter().any(|c| c.replaces);
        let mut certain = false;
        let namespace = self.observed.namespaces.of(decl.type_name, &provider(decl));
        if let (Some(now), Some(then)) = (namespace, &prior.namespace)
            && now != then
        {
            (replace, certain) = (true, true);
            reasons.insert(0, Reason::Changed { property: "provider".into() });
        }
        if let Status::Failed(status) = &status
            && !schema.update_anytime
        {
            (replace, certain) = (true, true);
            reasons.insert(0, Reason::Broken { status: status.clone() });
        }
        if let (false, Some(urn)) = (replace, self.gone_below(decl, schema, prior)) {
            (replace, certain) = (true, true);
            reasons.insert(0, Reason::DependencyDeletedFirst { urn });
        }
        let forced = self.forced.contains_key(&decl.urn);
        (replace, certain) = (replace | forced, certain | forced);
        if replace {
            let cause = Cause { changes, reasons, certain };
            return self.replace(decl, schema, prior, live_inputs, cause);
        }
        let outputs = match live {
            LiveRead::Present(live) => told(schema, &prior.outputs, live),
            _ => prior.outputs.clone(),
        };
        let unfinished = !complete;
        if unfinished {
            reasons.insert(0, Reason::Unfinished);
        }
        let action = if changes.is_empty() && !unfinished { Action::Same } else { Action::Update };
        let changed: Vec<&str> = changes.iter().map(|c| c.property.as_str()).collect();
        // What AWS tells of a create that it has not finished may not be all yet.
        let half_made = prior.outputs.is_empty() && matches!(status, Status::Pending(_));
        let known = if unfinished && (live_inputs.is_none() || half_made) {
            before_create(schema, &inputs)
        } else {
            before_update(schema, &outputs, &inputs, &changed)
        };
        let mut step = Step {
            id: Some(prior.id.clone()),
            base,
            outputs: known,
            prior: Some(prior.clone()),
            wait_first: matches!(status, Status::Pending(_))
                && action == Action::Update
                && !schema.update_anytime,
            changes,
            reasons,
            inputs,
            ..self.blank(decl, generation, action)
        };
        step.record = action == Action::Same
            && (self.needs_record(decl, prior, &outputs)
                || conceal::differ_in_secrecy(&prior.inputs, &step.inputs)
                || restated(schema, &prior.inputs, &step.inputs));
        self.push(step, false);
        Ok(())
    }

    fn replace(
        &mut self,
        decl: &ResourceDecl,
        schema: &'static Schema,
        prior: &ResourceState,
        live: Option<&PropertyMap>,
        cause: Cause,
    ) -> Result<(), PlanError> {
        let Cause { changes, mut reasons, certain } = cause;
        let generation = self.state.next_generation(&decl.urn);
        let inputs = self.inputs(decl, schema, generation, Some(prior))?;
        let mut delete_first =
            decl.options.delete_before_replace.unwrap_or(schema.delete_before_replace);
        if !delete_first
            && let Some(properties) =
                contend::stands_in_its_own_way(schema, decl, &prior.inputs, &inputs)
        {
            delete_first = true;
            reasons.push(Reason::Unique { properties });
        }
        if let Some(urn) = self.forced.get(&decl.urn) {
            delete_first = true;
            reasons.push(Reason::Exchange { urn: urn.clone() });
        }
        let forced = prior.dependencies.iter().find(|d| {
            self.fate.get(*d).is_some_and(|f| f.action == Action::Replace && f.delete_first)
        });
        if let Some(urn) = forced
            && !delete_first
        {
            delete_first = true;
            let reason = Reason::DependencyDeletedFirst { urn: urn.clone() };
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        // Whoever takes the protection away does so in a run of its own, having seen the plan.
        if decl.options.protect.unwrap_or(false) || prior.protect {
            let why = reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            self.protected.push((decl.urn.clone(), format!("replaced: {why}")));
        }
        let step = Step {
            id: Some(prior.id.clone()),
            // Should it prove unnecessary, what AWS has is what counts.
            base: base(schema, &inputs, &prior.inputs, live),
            outputs: before_create(schema, &inputs),
            prior: Some(prior.clone()),
            delete_first,
            certain,
            changes,
            reasons,
            inputs,
            ..self.blank(decl, generation, Action::Replace)
        };
        self.push(step, delete_first);
        let mut old = removal(prior, Action::DeleteReplaced, Reason::Replaced, self.observed);
        old.delete_first = delete_first;
        // Whoever replaces a retained resource keeps the old one, too.
        if decl.options.retain_on_delete == Some(true) {
            old.action = Action::Forget;
        }
        self.steps.push(old);
        Ok(())
    }

    /// The dependency that is deleted before its replacement and takes this resource along:
    /// the new one may well have the id that is declared here, but nothing is in it.
    fn gone_below(
        &self,
        decl: &ResourceDecl,
        schema: &Schema,
        prior: &ResourceState,
    ) -> Option<Urn> {
        let crate::value::Expr::Map(declared) = &decl.inputs else { return None };
        let mut fields = schema.fields.iter().filter(|f| f.replaces);
        fields.find_map(|field| {
            let id = prior.inputs.get(field.name)?;
            let mut read = Default::default();
            declared.get(field.name)?.dependencies(&mut read);
            read.into_iter().find(|urn| {
                let fate = self.fate.get(urn);
                fate.is_some_and(|f| f.action == Action::Replace && f.delete_first)
                    && self.state.current(urn).is_some_and(|r| id.as_str() == Some(&r.id))
            })
        })
    }

    /// Resources in state that are no longer declared, and old generations still to delete.
    fn leftovers(&mut self) -> Result<(), PlanError> {
        for record in self.state.resources.values() {
            let declared = self.graph.resource(&record.urn).is_some();
            let current = self.state.current(&record.urn).map(ResourceState::key);
            let in_use = self.state.in_use(&record.urn).map(ResourceState::key);
            let kept = in_use.as_ref().filter(|key| self.kept.contains(*key));
            let key = record.key();
            if declared && Some(&key) == kept.or(current.as_ref()) {
                continue;
            }
            if self.registry.handler(record.urn.type_name()).is_none() {
                return Err(PlanError::UnknownRecords { urns: vec![record.urn.clone()] });
            }
            let (action, reason) = if kept.is_some() && Some(&key) == current.as_ref() {
                (Action::DeleteReplaced, Reason::Unfinished)
            } else if Some(&key) == current.as_ref() {
                (Action::Delete, Reason::NotDeclared)
            } else {
                (Action::DeleteReplaced, Reason::Replaced)
            };
            if record.protect && action == Action::Delete {
                self.protected.push((record.urn.clone(), reason.to_string()));
            }
            self.steps.push(removal(record, action, reason, self.observed));
        }
        Ok(())
    }

    fn exports(&self) -> Result<BTreeMap<String, ExportChange>, PlanError> {
        let mut exports: BTreeMap<String, ExportChange> = self
            .state
            .exports
            .iter()
            .map(|(name, old)| (name.clone(), ExportChange { old: Some(old.clone()), new: None }))
            .collect();
        for (name, expr) in &self.graph.exports {
            let new = expr
                .eval(&self.outputs)
                .map_err(|source| PlanError::Export { name: name.clone(), source })?;
            let entry =
                exports.entry(name.clone()).or_insert(ExportChange { old: None, new: None });
            entry.old = entry.old.as_ref().map(|old| conceal::old_export(old, &new));
            entry.new = Some(new);
        }
        Ok(exports)
    }

    fn inputs(
        &self,
        decl: &ResourceDecl,
        schema: &Schema,
        generation: u64,
        prior: Option<&ResourceState>,
    ) -> Result<PropertyMap, PlanError> {
        let same = prior.filter(|p| p.generation == generation);
        let raw = self.eval(&decl.urn, &decl.inputs)?;
        prepare_inputs(
            raw,
            &Preparation {
                schema,
                urn: &decl.urn,
                identity: same.map_or(&decl.urn, ResourceState::identity),
                generation,
                default_tags: &self.graph.default_tags,
                namespace: self.observed.namespaces.of(decl.type_name, &provider(decl)),
                prior: prior.map(|p| &p.inputs),
                same_generation: same.is_some(),
                ignore_changes: &decl.options.ignore_changes,
                implied: self.implied_of(&decl.urn),
            },
        )
    }

    fn implied_of(&self, urn: &Urn) -> &[Implication] {
        self.implied.get(urn).map_or(&[], Vec::as_slice)
    }

    fn eval(&self, urn: &Urn, expr: &crate::value::Expr) -> Result<Value, PlanError> {
        expr.eval_properties(&self.outputs).map_err(|(property, source)| PlanError::Eval {
            urn: urn.clone(),
            property,
            source,
        })
    }

    fn blank(&self, decl: &ResourceDecl, generation: u64, action: Action) -> Step {
        let provider = provider(decl);
        Step {
            namespace: self.observed.namespaces.of(decl.type_name, &provider).cloned(),
            provider,
            ..blank(&decl.urn, generation, action)
        }
    }

    fn push(&mut self, step: Step, delete_first: bool) {
        self.findings.extend(refused(self.registry, self.graph, &step));
        self.outputs.0.insert(step.urn.clone(), step.outputs.clone());
        self.fate.insert(step.urn.clone(), Fate { action: step.action, delete_first });
        self.steps.push(step);
    }

    fn needs_record(
        &self,
        decl: &ResourceDecl,
        prior: &ResourceState,
        outputs: &PropertyMap,
    ) -> bool {
        prior.outputs != *outputs
            || prior.dependencies != self.graph.resource_dependencies(&decl.urn)
            || prior.protect != decl.options.protect.unwrap_or(false)
            || prior.retain_on_delete != decl.options.retain_on_delete.unwrap_or(false)
            || prior.delete_timeout != decl.options.timeouts.delete
            || prior.provider != provider(decl)
    }
}

fn provider(decl: &ResourceDecl) -> crate::resource::ProviderConfig {
    decl.options.provider.clone().unwrap_or_default()
}

/// What an update starts from: live where AWS tells, else last applied; foreign tags left out
/// so that an update does not remove them.
pub(crate) fn base(
    schema: &Schema,
    wanted: &PropertyMap,
    last: &PropertyMap,
    live: Option<&PropertyMap>,
) -> PropertyMap {
    let mut base = last.clone();
    let Some(live) = live else { return base };
    for field in schema.fields.iter().filter(|f| !f.write_only) {
        match live.get(field.name).filter(|v| !v.is_null()) {
            Some(value) => {
                let value = with_write_only(field, value, last.get(field.name));
                base.insert(field.name.to_owned(), value)
            }
            None if field.required => continue,
            None => base.remove(field.name),
        };
    }
    if let Some(field) = schema.tags_field()
        && let Some(Value::Map(tags)) = base.get_mut(field.name)
    {
        let known = |map: &PropertyMap, key: &str| match map.get(field.name) {
            Some(Value::Map(m)) => m.contains_key(key),
            _ => false,
        };
        tags.retain(|key, _| known(wanted, key) || known(last, key));
    }
    base
}

fn every_property(schema: &Schema, inputs: &PropertyMap) -> Vec<PropertyChange> {
    schema
        .fields
        .iter()
        .filter_map(|f| {
            Some(PropertyChange {
                property: f.name.to_owned(),
                path: f.name.to_owned(),
                kind: ChangeKind::Add,
                old: None,
                new: Some(inputs.get(f.name)?.clone()),
                replaces: false,
            })
        })
        .collect()
}

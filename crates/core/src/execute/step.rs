//! One step: intent, call, record.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::Instant;

use crate::error::{ErrorKind, OpError};
use crate::event::Event;
use crate::observe::settle;
use crate::plan::{
    Action, Certain, DiffInput, Preparation, PropertyChange, Reason, Step, affected, check_new,
    diff, keep_parts, prepare_inputs, settled, steered, told, unsettled,
};
use crate::program::{Options, ResourceDecl};
use crate::resource::{AcceptSink, Created, Handler, LiveState, OpContext, Progress, ReadItem};
use crate::schema::{Field, Moves, Schema, claims, mark_inputs};
use crate::state::{
    Completeness, Entry, Intent, IntentAction, OpenStore, ResourceState, StateError,
};
use crate::urn::Urn;
use crate::value::{PropertyMap, Value, tainted};

use super::executor::{Run, Slot};
use super::fence::fenced;
use super::pace::patiently;
use super::retry::{Again, Backoff, LONGEST, LOST, Patience};
use super::together::Member;
use super::wait::Wait;

mod create;
mod record;
mod update;

/// How a step ended.
pub(super) enum End {
    /// Done; the action may turn out smaller than planned.
    Done(Action),
    /// Failed; dependents are not started.
    Failed(OpError),
    /// The run cannot go on.
    Fatal(StateError),
}

/// Either kind of trouble inside a step.
enum Trouble {
    Op(OpError),
    State(StateError),
}

impl From<OpError> for Trouble {
    fn from(e: OpError) -> Self {
        Trouble::Op(e)
    }
}

impl From<StateError> for Trouble {
    fn from(e: StateError) -> Self {
        match e {
            // It concerns this step's own entry, and nothing of it was written.
            StateError::Bug { why, .. } => {
                let why = format!("it cannot be recorded: {why}");
                Trouble::Op(OpError::new(ErrorKind::Other, why))
            }
            other => Trouble::State(other),
        }
    }
}

type Outcome = Result<(Action, Option<String>), Trouble>;

/// What is deleted, and how.
struct Deletion<'a> {
    handler: &'a dyn Handler,
    prior: &'a ResourceState,
    context: &'a Arc<OpContext>,
}

struct Acceptor {
    store: Arc<OpenStore>,
    urn: Urn,
    generation: u64,
}

impl AcceptSink for Acceptor {
    fn accepted(&self, id: String) -> BoxFuture<'_, Result<(), OpError>> {
        Box::pin(async move {
            let entry = Entry::Accepted {
                urn: self.urn.clone(),
                generation: self.generation,
                id,
                all_sent: false,
            };
            let committed = self.store.commit(vec![entry]).await;
            committed.map_err(|e| OpError::new(ErrorKind::NoAnswer, e.to_string()))
        })
    }
}

impl Run<'_> {
    pub(super) async fn step(&self, step: &Step, slot: Slot<'_>) -> End {
        let start = Instant::now();
        // Whoever ends is not waited for by the others of its group.
        let _member = step.together.and_then(|g| self.groups.get(&g).cloned()).map(Member);
        if step.action != Action::Same {
            self.exec.events.send(Event::Started {
                urn: step.urn.clone(),
                generation: step.generation,
                action: step.action,
            });
        }
        let outcome = match step.action {
            Action::Same => self.same(step).await,
            Action::Create | Action::Replace => self.create(step, slot).await,
            Action::Update => self.update(step, slot).await,
            Action::Delete | Action::DeleteReplaced | Action::Forget => {
                self.delete(step, slot).await
            }
            Action::Read => self.read(step).await,
        };
        match outcome {
            Ok((action, id)) => {
                if step.action != Action::Same {
                    self.exec.events.send(Event::Finished {
                        urn: step.urn.clone(),
                        generation: step.generation,
                        action,
                        id,
                        took: start.elapsed(),
                    });
                }
                End::Done(action)
            }
            Err(Trouble::Op(error)) => End::Failed(error),
            Err(Trouble::State(error)) => End::Fatal(error),
        }
    }

    async fn same(&self, step: &Step) -> Outcome {
        if let (true, Some(prior)) = (step.record, &step.prior) {
            let record = self.record(step, &prior.id, &step.inputs, &step.outputs);
            self.commit(vec![Entry::Done(Box::new(record))]).await?;
        }
        Ok((Action::Same, step.id.clone()))
    }

    async fn read(&self, step: &Step) -> Outcome {
        let decl = self.graph.and_then(|g| g.lookup(&step.urn)).ok_or_else(|| bug("no lookup"))?;
        let handler = self
            .exec
            .registry
            .lookup(decl.type_name)
            .ok_or_else(|| bug("lookup is not in the registry"))?;
        let args = match self.eval(&decl.args)? {
            Value::Map(map) => mark_inputs(handler.fields(), map),
            _ => PropertyMap::new(),
        };
        let answer = patiently(LONGEST, || handler.lookup(&decl.provider, &args)).await?;
        self.publish(&step.urn, answer);
        Ok((Action::Read, None))
    }

    async fn delete(&self, step: &Step, mut slot: Slot<'_>) -> Outcome {
        let prior = step.prior.as_ref().ok_or_else(|| bug("delete without a record"))?;
        if self.lock_kept().contains(&prior.key()) {
            return Ok((Action::Same, step.id.clone()));
        }
        let (urn, generation) = (step.urn.clone(), step.generation);
        if step.action == Action::Forget && !step.gone {
            self.commit(vec![Entry::Forgotten { urn, generation }]).await?;
            return Ok((step.action, step.id.clone()));
        }
        let handler = self.handler(&step.urn)?;
        let deleted = Entry::gone(urn, generation, handler.schema().name_lingers);
        // Whom AWS would have deleted it with may have proved to stay.
        let folded = step.deleted_with.as_ref().is_some_and(|o| !self.lock_kept().contains(o));
        if step.gone || folded || self.is_somebody_elses(handler, prior) {
            self.commit(vec![deleted]).await?;
            return Ok((step.action, step.id.clone()));
        }
        if step.going {
            if self.gone_by_itself(step, prior, &mut slot).await? {
                self.commit(vec![deleted]).await?;
                return Ok((step.action, step.id.clone()));
            }
            // It is declared, and there again: the program does not want it deleted.
            if step.reasons.contains(&Reason::BeingDeleted) {
                let text = format!("AWS was deleting {}, but gave it up; run `up` again", prior.id);
                return Err(OpError::new(ErrorKind::Other, text).into());
            }
        }
        let intent = self.intent(step, IntentAction::Delete, &prior.inputs);
        self.commit(vec![Entry::Begin(Box::new(intent.clone()))]).await?;
        let context = self.context(step, &intent, false);
        let patience = Patience::new(handler.schema(), prior.delete_timeout);
        let mut backoff = Backoff::new();
        loop {
            let call = Deletion { handler: handler.as_ref(), prior, context: &context };
            let progress = match self.call_delete(step, &call, &patience, &mut slot).await {
                Ok(Progress::Done) => break,
                Ok(progress) => progress,
                Err(error) => return Err(self.failed(step, error).await),
            };
            slot.give_back();
            let mut wait = self.wait(step, &prior.id, &prior.inputs, prior.delete_timeout);
            if let Progress::Follow(id) = progress {
                wait.item.follow = Some(id);
            }
            match wait.gone(|word| self.note(step, word)).await {
                Ok(()) => break,
                // What AWS gave up because of something that may be going away is asked for again.
                Err(error) if error.kind == ErrorKind::Dependency && patience.lasts() => {
                    if let Err(error) = self.pause(step, &error, &mut backoff).await {
                        return Err(self.failed(step, error).await);
                    }
                }
                Err(error) => return Err(self.failed(step, error).await),
            }
        }
        self.commit(vec![deleted]).await?;
        Ok((step.action, step.id.clone()))
    }

    /// Waits for what AWS is deleting already; whether it is gone then.
    async fn gone_by_itself(
        &self,
        step: &Step,
        prior: &ResourceState,
        slot: &mut Slot<'_>,
    ) -> Result<bool, OpError> {
        slot.give_back();
        let mut wait = self.wait(step, &prior.id, &prior.inputs, prior.delete_timeout);
        wait.provider = &prior.provider;
        wait.gone_by_itself(|word| self.note(step, word)).await
    }

    /// Calls delete, again while something else keeps AWS from it.
    async fn call_delete(
        &self,
        step: &Step,
        call: &Deletion<'_>,
        patience: &Patience<'_>,
        slot: &mut Slot<'_>,
    ) -> Result<Progress, OpError> {
        let Deletion { handler, prior, context } = *call;
        let mut backoff = Backoff::new();
        let mut told = None;
        loop {
            let call = handler.delete(context.clone(), &prior.id, &prior.inputs);
            let error = match fenced(&self.exec.store, call).await {
                Ok(progress) => return Ok(progress),
                Err(error) => error,
            };
            let again = patience.bears(&error, || self.youngest(&step.urn));
            slot.give_back();
            if again == Some(Again::Busy) && backoff.is_slow() {
                // An answer would be welcome, but the delete does not depend on it.
                let asked = handler.holders(context.clone(), &prior.id, &prior.inputs);
                if let Ok(Some(who)) = fenced(&self.exec.store, asked).await {
                    told = Some(who);
                }
            }
            let error = match &told {
                Some(who) if patience.is_busy(&error) => {
                    OpError { message: format!("held by {who}: {}", error.message), ..error }
                }
                _ => error,
            };
            if again.is_none() {
                return Err(error);
            }
            self.pause(step, &error, &mut backoff).await?;
        }
    }

    /// Records a failure. When the outcome is unknown the intent stays open, for the next run.
    async fn failed(&self, step: &Step, error: OpError) -> Trouble {
        use ErrorKind::{Interrupted, NoAnswer, Unreadable};
        let unknown = matches!(error.kind, NoAnswer | Unreadable | Interrupted);
        if !unknown {
            let entry = Entry::Failed {
                urn: step.urn.clone(),
                generation: step.generation,
                error: self.exec.secrets.scrub(&error.to_string()),
            };
            if let Err(state) = self.commit(vec![entry]).await {
                return state.into();
            }
        }
        Trouble::Op(error)
    }

    async fn ready(
        &self,
        step: &Step,
        id: &str,
        inputs: &PropertyMap,
        timeout: Option<Duration>,
    ) -> Result<LiveState, OpError> {
        self.wait(step, id, inputs, timeout).ready(|word| self.note(step, word)).await
    }

    fn wait<'s>(
        &'s self,
        step: &'s Step,
        id: &str,
        inputs: &PropertyMap,
        timeout: Option<Duration>,
    ) -> Wait<'s> {
        Wait {
            pool: self.exec.pool,
            type_name: step.urn.type_name(),
            provider: &step.provider,
            item: ReadItem { id: id.to_owned(), inputs: inputs.clone(), follow: None },
            timeout: timeout.unwrap_or(LONGEST),
            interrupt: &self.exec.interrupt,
            origin: self.start,
        }
    }

    fn note(&self, step: &Step, word: &str) {
        self.exec.events.send(Event::Waiting {
            urn: step.urn.clone(),
            generation: step.generation,
            status: word.to_owned(),
        });
    }

    fn retrying(&self, step: &Step, error: &OpError) {
        self.exec.events.send(Event::Retrying {
            urn: step.urn.clone(),
            generation: step.generation,
            why: error.to_string(),
        });
    }

    async fn pause(
        &self,
        step: &Step,
        error: &OpError,
        backoff: &mut Backoff,
    ) -> Result<(), OpError> {
        self.retrying(step, error);
        tokio::select! {
            biased;
            () = self.exec.interrupt.reached(2) => Err(error.clone()),
            () = backoff.wait() => Ok(()),
        }
    }

    async fn commit(&self, entries: Vec<Entry>) -> Result<(), StateError> {
        self.exec.store.commit(entries).await
    }

    fn eval(&self, expr: &crate::value::Expr) -> Result<Value, OpError> {
        let outputs = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        expr.eval_properties(&*outputs).map_err(|(property, e)| match property {
            Some(property) => OpError::invalid(format!("property `{property}`: {e}")),
            None => OpError::invalid(e.to_string()),
        })
    }

    fn publish(&self, urn: &Urn, outputs: PropertyMap) {
        self.exec.secrets.learn_map(&outputs);
        let mut all = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        all.0.insert(urn.clone(), outputs);
    }

    /// Whether another resource of the stack is this very thing in AWS, so that deleting it would
    /// delete that one. The planner lets no two be one; what is known only by now may still be.
    fn is_somebody_elses(&self, handler: &Arc<dyn Handler>, prior: &ResourceState) -> bool {
        let schema = handler.schema();
        if !schema.may_be_one() {
            return false;
        }
        let who = |record: &ResourceState| {
            let all = claims(schema, &record.inputs, record.namespace.as_ref());
            all.into_iter().find(|c| c.identity)
        };
        let Some(mine) = who(prior) else { return false };
        self.exec.store.look(|state| {
            state.resources.values().any(|other| {
                other.urn.type_name() == prior.urn.type_name()
                    && other.key() != prior.key()
                    && other.completeness != Completeness::PendingDelete
                    && who(other).as_ref() == Some(&mine)
            })
        })
    }

    /// Notes that this was made or changed at this moment.
    fn is_new(&self, urn: &Urn) {
        self.lock_born().insert(urn.clone(), Instant::now());
    }

    /// The age of the newest among this resource and everything that it is made from, directly
    /// or not: a service fails by a policy of the role that its task definition names.
    fn youngest(&self, urn: &Urn) -> Option<Duration> {
        let born = self.lock_born();
        let mut seen = BTreeSet::from([urn.clone()]);
        let mut todo = vec![urn.clone()];
        let mut youngest = None;
        while let Some(next) = todo.pop() {
            youngest = youngest.max(born.get(&next).copied());
            let Some(graph) = self.graph else { continue };
            todo.extend(
                graph.resource_dependencies(&next).into_iter().filter(|d| seen.insert(d.clone())),
            );
        }
        youngest.map(|at| at.elapsed())
    }

    fn lock_born(&self) -> std::sync::MutexGuard<'_, std::collections::BTreeMap<Urn, Instant>> {
        self.born.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_kept(&self) -> std::sync::MutexGuard<'_, BTreeSet<crate::state::ResourceKey>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn decl(&self, urn: &Urn) -> Result<&ResourceDecl, OpError> {
        self.graph.and_then(|g| g.resource(urn)).ok_or_else(|| bug("the step is not in the graph"))
    }

    fn handler(&self, urn: &Urn) -> Result<&Arc<dyn Handler>, OpError> {
        self.exec
            .registry
            .handler(urn.type_name())
            .ok_or_else(|| bug("its type is not in the registry"))
    }
}

fn bug(what: &str) -> OpError {
    OpError::new(ErrorKind::Other, format!("{what}: a bug in Ferrocrete"))
}

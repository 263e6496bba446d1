//! [`Executor`]: runs a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::error::{ErrorKind, OpError, Result, StepFailure};
use crate::event::{Event, Events};
use crate::graph::Graph;
use crate::observe::ReadPool;
use crate::panics::{Panic, caught_async};
use crate::plan::{Action, Implied, Outputs, Plan, Step, implied};
use crate::resource::Registry;
use crate::schema::Schema;
use crate::state::{OpenStore, ResourceKey};
use crate::urn::Urn;
use crate::value::{EvalError, Secrets};

use super::pace::interruptible;
use super::schedule::Schedule;
use super::step::End;
use super::together::Together;
use super::{Interrupt, Report};

/// Runs the steps of a plan in dependency order.
pub struct Executor<'a> {
    /// Resource types and lookups.
    pub registry: &'a Registry,
    /// Where every step is recorded.
    pub store: Arc<OpenStore>,
    /// Merged reads.
    pub pool: &'a ReadPool,
    /// Who is told.
    pub events: &'a Events,
    /// Most operations at once; waiting does not count.
    pub parallel: usize,
    /// How long AWS may take to show what was just made.
    pub visibility: Duration,
    /// Ctrl-C.
    pub interrupt: Interrupt,
    /// What nothing that is told or recorded may quote.
    pub secrets: &'a Secrets,
}

/// What the steps of one run share.
pub(super) struct Run<'a> {
    pub exec: &'a Executor<'a>,
    pub graph: Option<&'a Graph>,
    pub implied: Implied,
    pub plan: &'a Plan,
    pub start: Instant,
    pub outputs: Mutex<Outputs>,
    /// When resources were created or changed: in this run, or in the one before, which may have
    /// ended moments ago, and counts as if it had ended when this one began.
    pub born: Mutex<BTreeMap<Urn, Instant>>,
    /// Old generations that stay, because their replacement proved unnecessary.
    pub kept: Mutex<BTreeSet<ResourceKey>>,
    pub freed: Notify,
    /// Steps whose changes go out in one call.
    pub groups: BTreeMap<usize, Arc<Together>>,
}

/// A worker slot; waiting gives it back.
pub(super) struct Slot<'a>(Option<OwnedSemaphorePermit>, &'a Notify);

impl Slot<'_> {
    pub(super) fn give_back(&mut self) {
        if self.0.take().is_some() {
            self.1.notify_one();
        }
    }
}

impl Executor<'_> {
    /// Runs the plan to its end, or as far as failures and interruptions allow.
    ///
    /// # Errors
    /// When the lock is lost or state cannot be written: then nothing more is started.
    pub async fn run(&self, graph: Option<&Graph>, plan: &Plan) -> Result<Report> {
        let start = Instant::now();
        let mut known = Outputs::default();
        known.0.extend(plan.lookups.clone());
        for step in plan.steps.iter().filter(|s| s.action == Action::Same) {
            known.0.insert(step.urn.clone(), step.outputs.clone());
        }
        let run = Run {
            exec: self,
            graph,
            implied: graph.map(|graph| implied(self.registry, graph)).unwrap_or_default(),
            plan,
            start,
            outputs: Mutex::new(known),
            born: Mutex::new(self.recent(start)),
            kept: Mutex::default(),
            freed: Notify::new(),
            groups: groups(&plan.steps),
        };
        let mut report = Report::default();
        run.all(&mut report).await?;
        if let Some(graph) = graph {
            run.exports(graph, &mut report);
        }
        report.interrupted = self.interrupt.count() > 0;
        report.took = start.elapsed();
        Ok(report)
    }
}

impl Executor<'_> {
    /// For how long a type may look ready after an update, in a cloud that shows what was made
    /// as late as this run is told.
    pub(super) fn settles(&self, schema: &Schema) -> Duration {
        Duration::from_secs(schema.settles).min(self.visibility * 8)
    }

    /// What the run before made or changed. Clocks of machines differ, so its age is not known.
    fn recent(&self, start: Instant) -> BTreeMap<Urn, Instant> {
        self.store.look(|state| {
            let last = state.resources.values().filter(|r| r.touched + 1 >= state.serial);
            last.map(|r| (r.urn.clone(), start)).collect()
        })
    }
}

impl Run<'_> {
    async fn all(&self, report: &mut Report) -> Result<()> {
        let steps = &self.plan.steps;
        let slots = Arc::new(Semaphore::new(self.exec.parallel.max(1)));
        let mut schedule = Schedule::new(steps);
        let mut started = vec![false; steps.len()];
        let mut blocked: BTreeMap<usize, String> = BTreeMap::new();
        let mut running = FuturesUnordered::new();
        // Who interrupted while the plan was shown wants none of it.
        let mut stopping = self.exec.interrupt.count() > 0;
        loop {
            while !stopping && schedule.has_ready() {
                let Ok(permit) = slots.clone().try_acquire_owned() else { break };
                let Some(next) = schedule.pop() else { break };
                // What belongs together takes one slot, or it might wait for itself.
                let mut permit = Some(permit);
                for next in next {
                    started[next] = true;
                    let slot = Slot(permit.take(), &self.freed);
                    let step = caught_async(self.step(&steps[next], slot));
                    let step = interruptible(&self.exec.interrupt, step);
                    running.push(async move { (next, step.await.unwrap_or_else(panicked)) });
                }
            }
            if running.is_empty() {
                break;
            }
            tokio::select! {
                // In this order, so that a run can be repeated exactly; what stops it comes first.
                biased;
                // Nothing more can be recorded, so nothing more may be done: what runs is
                // dropped, and whoever has the lock next settles it by its intent.
                why = self.exec.store.lost() => return Err(why.into()),
                () = self.exec.interrupt.reached(1), if !stopping => stopping = true,
                Some((index, end)) = running.next() => {
                    let step: &Step = &steps[index];
                    match end {
                        End::Done(action) => {
                            count(report, action);
                            schedule.done(index);
                        }
                        End::Failed(error) if error.kind == ErrorKind::Interrupted => {
                            report.open.push(step.urn.clone());
                            block(&schedule, index, step, "was interrupted", &mut blocked);
                        }
                        End::Failed(error) => {
                            let error = error.scrubbed(self.exec.secrets);
                            self.exec.events.send(Event::Failed {
                                urn: step.urn.clone(),
                                generation: step.generation,
                                action: step.action,
                                error: error.to_string(),
                            });
                            let action = step.action.verb();
                            report.failures.push(StepFailure { urn: step.urn.clone(), action, error });
                            block(&schedule, index, step, "failed", &mut blocked);
                        }
                        End::Fatal(error) => return Err(error.into()),
                    }
                }
                () = self.freed.notified(), if !stopping && schedule.has_ready() => {}
            }
        }
        for (index, step) in steps.iter().enumerate().filter(|(i, _)| !started[*i]) {
            if step.action == Action::Same && !step.record {
                continue;
            }
            let because = blocked.remove(&index).unwrap_or_else(|| match stopping {
                true => "the run was interrupted".into(),
                false => "it waits for what waits for it, which is a bug in Ferrocrete".into(),
            });
            self.exec.events.send(Event::Skipped {
                urn: step.urn.clone(),
                generation: step.generation,
                action: step.action,
                because: because.clone(),
            });
            report.skipped.push((step.urn.clone(), step.action, because));
        }
        Ok(())
    }

    /// Exports whose values are known; the others keep what the last run left.
    fn exports(&self, graph: &Graph, report: &mut Report) {
        let outputs = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.exec.store.look(|state| state.exports.clone());
        for (name, expr) in &graph.exports {
            let value = match expr.eval(&*outputs) {
                Ok(value) if !value.has_unknown() => Some(value),
                Ok(_) | Err(EvalError::Unknown) => None,
                Err(why) => {
                    let why = why.scrubbed(self.exec.secrets);
                    report.refused_exports.insert(name.clone(), why);
                    None
                }
            };
            if let Some(value) = value.or_else(|| before.get(name).cloned()) {
                report.exports.insert(name.clone(), value);
            }
        }
    }
}

/// A step in which a resource type panicked. What its call came to is not known, so its intent
/// stays open, and the next run finds out.
fn panicked(panic: Panic) -> End {
    let text =
        format!("it panicked: {panic}; this is a bug in the resource type, please report it");
    End::Failed(OpError::new(ErrorKind::Other, text))
}

fn groups(steps: &[Step]) -> BTreeMap<usize, Arc<Together>> {
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for group in steps.iter().filter_map(|s| s.together) {
        *sizes.entry(group).or_default() += 1;
    }
    sizes.into_iter().map(|(group, size)| (group, Arc::new(Together::new(size)))).collect()
}

fn block(
    schedule: &Schedule,
    index: usize,
    step: &Step,
    what: &str,
    blocked: &mut BTreeMap<usize, String>,
) {
    for follower in schedule.downstream(index) {
        blocked.entry(follower).or_insert_with(|| format!("`{}` {what}", step.urn.short()));
    }
}

fn count(report: &mut Report, action: Action) {
    let done = &mut report.done;
    match action {
        Action::Create => done.create += 1,
        Action::Update => done.update += 1,
        Action::Replace => done.replace += 1,
        Action::Delete => done.delete += 1,
        Action::Forget => done.forget += 1,
        Action::Same => done.same += 1,
        Action::DeleteReplaced | Action::Read => {}
    }
}

//! Creates and replacements.

use super::*;

/// What a create came to.
enum Made {
    /// All its calls were answered.
    Created(Created),
    /// AWS has it, but an answer was lost, maybe that of one call of several, or a later call was
    /// throttled.
    Found(String),
}

/// A create that did not succeed.
enum Uncreated {
    /// Refused: there is nothing.
    Surely(OpError),
    /// Nothing is to be seen, but a call had no answer; the intent stays open.
    Perhaps(OpError),
}

impl Run<'_> {
    pub(super) async fn create(&self, step: &Step, mut slot: Slot<'_>) -> Outcome {
        let decl = self.decl(&step.urn)?;
        let handler = self.handler(&step.urn)?;
        if step.action == Action::Replace
            && !step.delete_first
            && let Some(prior) = &step.prior
            && let Some(outcome) = self.not_replaced(step, decl, prior, &mut slot).await?
        {
            return Ok(outcome);
        }
        // Of what vanished, or is going, nothing is kept, as the plan says: what the cloud no longer
        // has is no reason to make it so again.
        let prior = step.prior.as_ref().filter(|_| step.action == Action::Replace);
        let prior = prior.map(|p| &p.inputs);
        let inputs = self.resolve(step, decl, step.generation, prior, false)?;
        let intent = self.intent(step, IntentAction::Create, &inputs);
        self.commit(vec![Entry::Begin(Box::new(intent.clone()))]).await?;
        let timeout = decl.options.timeouts.create;
        let made = self.call_create(handler.as_ref(), step, &intent, timeout).await;
        let (id, outputs) = match made {
            Ok(Made::Found(id)) => return self.resume(step, id, "its answer was lost", slot).await,
            Ok(Made::Created(Created::Partial { id })) => {
                return self.resume(step, id, "the rest is set when it is ready", slot).await;
            }
            Err(Uncreated::Perhaps(error)) => return Err(Trouble::Op(error)),
            Err(Uncreated::Surely(error)) => return Err(self.failed(step, error).await),
            Ok(Made::Created(Created::Ready { id, outputs })) => (id, outputs),
            Ok(Made::Created(Created::Pending { id })) => {
                self.commit(vec![Entry::Accepted {
                    urn: step.urn.clone(),
                    generation: step.generation,
                    id: id.clone(),
                    all_sent: true,
                }])
                .await?;
                slot.give_back();
                match self.ready(step, &id, &inputs, timeout).await {
                    Ok(live) => (id, live.outputs),
                    Err(error) => return Err(self.failed(step, error).await),
                }
            }
        };
        let mut entries = vec![Entry::Done(Box::new(self.record(step, &id, &inputs, &outputs)))];
        if let (true, Some(gone)) = (step.gone, &step.prior) {
            entries.push(Entry::Deleted { urn: gone.urn.clone(), generation: gone.generation });
        }
        self.commit(entries).await?;
        self.is_new(&step.urn);
        self.publish(&step.urn, outputs);
        Ok((step.action, Some(id)))
    }

    /// Finishes a create as the next run would, by comparing: its answer was lost, so of several
    /// calls only some may have been made; or AWS takes the rest only when it is ready.
    async fn resume(&self, step: &Step, id: String, why: &str, slot: Slot<'_>) -> Outcome {
        let (urn, generation) = (step.urn.clone(), step.generation);
        let accepted = Entry::Accepted { urn: urn.clone(), generation, id, all_sent: false };
        let error = why.to_owned();
        self.commit(vec![accepted, Entry::Failed { urn: urn.clone(), generation, error }]).await?;
        let key = (urn.clone(), generation);
        let made = self.exec.store.look(|state| state.resources.get(&key).cloned());
        let made = made.ok_or_else(|| bug("an accepted create is not in state"))?;
        let rest = Step {
            base: made.inputs.clone(),
            outputs: PropertyMap::new(),
            prior: Some(made.clone()),
            wait_first: true,
            ..step.clone()
        };
        // What is made from it, and the calls that finish it, may meet a cloud that does not know
        // it everywhere yet.
        self.is_new(&urn);
        let (_, id) = self.update(&rest, slot).await?;
        if let (true, Some(gone)) = (step.gone, &step.prior) {
            let (urn, generation) = (gone.urn.clone(), gone.generation);
            self.commit(vec![Entry::Deleted { urn, generation }]).await?;
        }
        self.is_new(&urn);
        Ok((step.action, id))
    }

    /// A replacement was planned only because a value was unknown; now that it is known, an
    /// update or nothing at all may do.
    async fn not_replaced(
        &self,
        step: &Step,
        decl: &ResourceDecl,
        prior: &ResourceState,
        slot: &mut Slot<'_>,
    ) -> Result<Option<(Action, Option<String>)>, Trouble> {
        let certain = step.certain
            || step
                .changes
                .iter()
                .any(|c| c.replaces && !c.new.as_ref().is_some_and(Value::has_unknown));
        if certain || !step.changes.iter().any(|c| c.replaces) {
            return Ok(None);
        }
        let mut kept = step.clone();
        kept.generation = prior.generation;
        let mut inputs = self.resolve(&kept, decl, prior.generation, Some(&prior.inputs), true)?;
        let schema = self.handler(&step.urn)?.schema();
        if prior.completeness != Completeness::Complete && !schema.update_anytime {
            // AWS may still be at work on what did not finish.
            slot.give_back();
            let live = self.ready(&kept, &prior.id, &inputs, decl.options.timeouts.update).await?;
            kept.base = crate::plan::base(schema, &inputs, &prior.inputs, Some(&live.inputs));
            keep_parts(schema, &mut inputs, &kept.base, &decl.options.ignore_changes);
        }
        let changes = self.changes(&kept, decl, prior, &inputs, &kept.base)?;
        if changes.iter().any(|c| c.replaces) {
            return Ok(None);
        }
        self.lock_kept().insert(prior.key());
        self.apply_changes(&kept, decl, prior, inputs, changes, slot).await.map(Some)
    }

    /// Calls create; retries what passes or is throttled, and after a lost answer looks
    /// for what the call may have made before it calls again with the same token.
    async fn call_create(
        &self,
        handler: &dyn Handler,
        step: &Step,
        intent: &Intent,
        timeout: Option<Duration>,
    ) -> Result<Made, Uncreated> {
        let context = self.context(step, intent, true);
        let patience = Patience::new(handler.schema(), timeout);
        let mut backoff = Backoff::new();
        let mut lost = 0;
        let error = loop {
            let call = handler.create(context.clone(), &intent.inputs);
            let error = match fenced(&self.exec.store, call).await {
                Ok(created) => return Ok(Made::Created(created)),
                Err(error) => error,
            };
            let accepted = self.accepted_id(step);
            // What AWS accepted a moment ago may not be visible to a later call about it.
            let youngest = || match accepted {
                Some(_) => Some(Duration::ZERO),
                None => self.youngest(&step.urn),
            };
            if patience.bears(&error, youngest).is_some() {
                if let Err(error) = self.pause(step, &error, &mut backoff).await {
                    break error;
                }
                // What is accepted is finished, and not asked for again.
                if let Some(id) = accepted {
                    return Ok(Made::Found(id));
                }
            } else if may_have_got_through(&error) {
                lost += 1;
                self.retrying(step, &error);
                if let Some(id) = accepted {
                    return Ok(Made::Found(id));
                }
                // Whoever has no time for looks leaves them to the next run.
                let found = tokio::select! {
                    biased;
                    () = self.exec.interrupt.reached(2) => {
                        break OpError { kind: ErrorKind::Interrupted, ..error };
                    }
                    found = settle::find(handler, intent, self.exec.visibility) => found,
                };
                match found {
                    Ok(Some(id)) => return Ok(Made::Found(id)),
                    Ok(None) if lost < LOST => {}
                    Ok(None) | Err(_) => break error,
                }
            } else {
                break error;
            }
        };
        // A lost call may show its effect even later; the next run looks once more.
        Err(if lost > 0 { Uncreated::Perhaps(error) } else { Uncreated::Surely(error) })
    }

    fn accepted_id(&self, step: &Step) -> Option<String> {
        let key = (step.urn.clone(), step.generation);
        self.exec.store.look(|state| state.intents.get(&key).and_then(|open| open.id.clone()))
    }
}

/// Whether a create that failed so may exist all the same, or appear later.
fn may_have_got_through(error: &OpError) -> bool {
    matches!(error.kind, ErrorKind::NoAnswer | ErrorKind::Service)
}

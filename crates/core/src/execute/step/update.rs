//! Updates, in one part or several.

use std::collections::BTreeSet;

use super::*;

/// Most parts of one update; DynamoDB takes indexes one by one, of which a table has 20.
const PARTS: u32 = 64;

/// What an update is told.
struct Call<'a> {
    context: &'a Arc<OpContext>,
    id: &'a str,
    base: &'a PropertyMap,
    inputs: &'a PropertyMap,
}

impl Run<'_> {
    pub(super) async fn update(&self, step: &Step, mut slot: Slot<'_>) -> Outcome {
        let decl = self.decl(&step.urn)?;
        let prior = step.prior.as_ref().ok_or_else(|| bug("update without a record"))?;
        let inputs = self.resolve(step, decl, step.generation, Some(&prior.inputs), true)?;
        let mut base = step.base.clone();
        if step.wait_first {
            slot.give_back();
            let timeouts = &decl.options.timeouts;
            let timeout = match step.action {
                Action::Update => timeouts.update,
                _ => timeouts.create,
            };
            let live = self.ready(step, &prior.id, &inputs, timeout).await?;
            let schema = self.handler(&step.urn)?.schema();
            base = crate::plan::base(schema, &inputs, &prior.inputs, Some(&live.inputs));
        }
        let changes = self.changes(step, decl, prior, &inputs, &base)?;
        if step.wait_first && changes.iter().any(|c| c.replaces) {
            return Err(OpError::invalid(
                "AWS finished it with other properties than declared; run `up` again to replace it",
            )
            .into());
        }
        let mut step = step.clone();
        step.base = base;
        self.apply_changes(&step, decl, prior, inputs, changes, &mut slot).await
    }

    pub(super) async fn apply_changes(
        &self,
        step: &Step,
        decl: &ResourceDecl,
        prior: &ResourceState,
        inputs: PropertyMap,
        changes: Vec<PropertyChange>,
        slot: &mut Slot<'_>,
    ) -> Outcome {
        let handler = self.handler(&step.urn)?;
        let schema = handler.schema();
        let unfinished = prior.completeness != Completeness::Complete;
        let names = |changes: Vec<PropertyChange>| -> BTreeSet<String> {
            changes.into_iter().map(|c| c.property).collect()
        };
        let mut changed = names(changes);
        let mut reread = unfinished;
        let mut pending = None;
        if !changed.is_empty() {
            let perhaps = unsettled(schema, &inputs, &prior.inputs);
            let intent = self.intent(step, IntentAction::Update, &perhaps);
            self.commit(vec![Entry::Begin(Box::new(intent.clone()))]).await?;
            let context = self.context(step, &intent, false);
            let (mut base, mut rest) = (step.base.clone(), changed.clone());
            let (mut parts, mut backoff) = (0, Backoff::new());
            while !rest.is_empty() {
                let wanted = self.wanted(step, prior, &inputs, &base)?;
                let call = Call { context: &context, id: &prior.id, base: &base, inputs: &wanted };
                let timeout = decl.options.timeouts.update;
                match self.call_update(step, handler.as_ref(), &call, &rest, timeout).await {
                    Ok(Progress::Partial) if parts < PARTS => parts += 1,
                    Ok(Progress::Partial) => {
                        let left: Vec<_> = rest.iter().map(String::as_str).collect();
                        let error = OpError::new(
                            ErrorKind::Other,
                            format!("{} still differs after {PARTS} updates", left.join(", ")),
                        );
                        return Err(self.failed(step, error).await);
                    }
                    Ok(Progress::Done) if schema.settles == 0 => break,
                    Ok(progress) => {
                        let follow = match progress {
                            Progress::Follow(id) => Some(id),
                            _ => None,
                        };
                        pending = Some(Settling { called: Instant::now(), follow });
                        break;
                    }
                    Err(error) => return Err(self.failed(step, error).await),
                }
                slot.give_back();
                let live = match self.ready(step, &prior.id, &inputs, timeout).await {
                    Ok(live) => live,
                    Err(error) => return Err(self.failed(step, error).await),
                };
                let now = crate::plan::base(schema, &inputs, &prior.inputs, Some(&live.inputs));
                if now == base {
                    // Nothing of it to be seen yet.
                    tokio::select! {
                        biased;
                        () = self.exec.interrupt.reached(2) => {
                            let why = "interrupted between two parts of an update";
                            let error = OpError::new(ErrorKind::Interrupted, why);
                            return Err(self.failed(step, error).await);
                        }
                        () = backoff.wait() => {}
                    }
                } else {
                    (base, backoff) = (now, Backoff::new());
                }
                rest = names(self.changes(step, decl, prior, &inputs, &base)?);
                changed.extend(rest.iter().cloned());
                reread = true;
            }
            reread |=
                schema.fields.iter().any(|f| !f.affects.is_empty() && changed.contains(f.name));
        }
        // As planned: what the plan did not see any more is there no more.
        let mut outputs = prior.outputs.clone();
        outputs.retain(|name, _| step.outputs.contains_key(name));
        let known = step.outputs.iter().filter(|(_, v)| !v.has_unknown());
        outputs.extend(known.map(|(k, v)| (k.clone(), v.clone())));
        if pending.is_some() || reread {
            slot.give_back();
            let timeout = decl.options.timeouts.update;
            let live = match pending {
                Some(settling) => {
                    self.settled(step, prior, &inputs, &changed, timeout, settling).await
                }
                None => self.ready(step, &prior.id, &inputs, timeout).await,
            };
            match live {
                Ok(live) => outputs = told(schema, &outputs, &live),
                Err(error) => return Err(self.failed(step, error).await),
            }
        } else if !changed.is_empty() && is_unsaid(schema, &prior.id, &outputs) {
            outputs = self.reread(step, &prior.id, &inputs, outputs).await?;
        }
        for output in schema.outputs.iter().filter(|o| o.from_input) {
            if let Some(value) = inputs.get(output.name) {
                outputs.insert(output.name.to_owned(), value.clone());
            }
        }
        let record = self.record(step, &prior.id, &inputs, &outputs);
        self.commit(vec![Entry::Done(Box::new(record))]).await?;
        if !changed.is_empty() {
            self.is_new(&step.urn);
        }
        self.publish(&step.urn, outputs);
        let action = if changed.is_empty() && !unfinished { Action::Same } else { Action::Update };
        Ok((action, Some(prior.id.clone())))
    }

    /// Reads outputs of which the type does not say that an update changes them. What uses one that
    /// has changed all the same, and was planned to stay, is for the next run.
    async fn reread(
        &self,
        step: &Step,
        id: &str,
        inputs: &PropertyMap,
        known: PropertyMap,
    ) -> Result<PropertyMap, OpError> {
        let schema = self.handler(&step.urn)?.schema();
        let item = ReadItem { id: id.to_owned(), inputs: inputs.clone(), follow: None };
        let read = self.exec.pool.read(step.urn.type_name(), &step.provider, item);
        // The update is done, whatever this answer is: a refresh tells the same later.
        let live = tokio::select! {
            biased;
            () = self.exec.interrupt.reached(2) => return Ok(known),
            live = read => live,
        };
        let Ok(Some(live)) = live else { return Ok(known) };
        let outputs = told(schema, &known, &live);
        let names = |all: &PropertyMap| all.keys().cloned().collect::<BTreeSet<_>>();
        let all = &names(&known) | &names(&outputs);
        let other: Vec<String> =
            all.into_iter().filter(|name| known.get(name) != outputs.get(name)).collect();
        if !other.is_empty() {
            let text = format!(
                "`{}` ({}): the update changed `{}`, although no property of the type says that it \
                 affects them; `up` again brings up to date what uses them",
                step.urn.short(),
                step.urn.type_name(),
                other.join("`, `"),
            );
            self.exec.events.send(Event::Warning { text });
        }
        Ok(outputs)
    }

    /// Calls update, again while something young or busy explains the answer.
    async fn call_update(
        &self,
        step: &Step,
        handler: &dyn Handler,
        call: &Call<'_>,
        changed: &BTreeSet<String>,
        timeout: Option<Duration>,
    ) -> Result<Progress, OpError> {
        let changed: Vec<String> = changed.iter().cloned().collect();
        let patience = Patience::new(handler.schema(), timeout);
        let mut backoff = Backoff::new();
        loop {
            let update =
                handler.update(call.context.clone(), call.id, call.base, call.inputs, &changed);
            match fenced(&self.exec.store, update).await {
                Err(e) if patience.bears(&e, || self.youngest(&step.urn)).is_some() => {
                    self.pause(step, &e, &mut backoff).await?;
                }
                other => return other,
            }
        }
    }

    /// Waits until an accepted update has taken effect. The first good status is not to be
    /// believed: AWS may begin only after a while, and until then shows what was. What was asked
    /// for and is seen is proof, and so is a status in between; else several good looks in a row
    /// after the time that the type says.
    async fn settled(
        &self,
        step: &Step,
        prior: &ResourceState,
        inputs: &PropertyMap,
        changed: &BTreeSet<String>,
        timeout: Option<Duration>,
        settling: Settling,
    ) -> Result<LiveState, OpError> {
        let schema = self.handler(&step.urn)?.schema();
        let limit = self.exec.settles(schema);
        let unseen = |f: &Field| f.write_only || f.moves == Moves::Anywhere;
        let hidden = schema.fields.iter().any(|f| unseen(f) && changed.contains(f.name));
        let mut wait = self.wait(step, &prior.id, inputs, timeout);
        wait.item.follow = settling.follow;
        let (mut worked, mut looks) = (limit.is_zero(), 0);
        wait.until(
            |word| self.note(step, word),
            |live| {
                let Some(live) = live else {
                    (worked, looks) = (true, 0);
                    return false;
                };
                looks += 1;
                let input = DiffInput {
                    schema,
                    declared: inputs,
                    // What is taken out has to be seen gone, too.
                    last: &prior.inputs,
                    certain: Certain::All,
                    live: Some(&live.inputs),
                    // What was asked for now is wanted, whoever changes it later.
                    steered: false,
                };
                let seen = !hidden && !diff(&input).iter().any(|c| changed.contains(&c.property));
                let long = settling.called.elapsed() >= limit && looks >= GOOD_LOOKS;
                worked || seen || long
            },
        )
        .await
    }
}

/// An update that AWS accepted.
struct Settling {
    called: Instant,
    /// What AWS calls this very change.
    follow: Option<String>,
}

/// Whether an update may change outputs without that the type says so: one that says of no property
/// what it affects may not know that it could. What equals the id does not change.
fn is_unsaid(schema: &Schema, id: &str, outputs: &PropertyMap) -> bool {
    let changes = |name: &&str| outputs.get(*name).and_then(Value::as_str) != Some(id);
    let mut names = schema.outputs.iter().filter(|o| !o.from_input && !o.once).map(|o| o.name);
    schema.fields.iter().all(|f| f.affects.is_empty()) && names.any(|name| changes(&name))
}

/// Good looks in a row that count as an end where nothing else tells.
const GOOD_LOOKS: u32 = 3;

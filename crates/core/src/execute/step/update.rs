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
        let mut inputs = self.resolve(step, decl, step.generation, Some(&prior.inputs), true)?;
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
            keep_parts(schema, &mut inputs, &base, &decl.options.ignore_changes);
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
            let is_declared = |name: &str| inputs.contains_key(name);
            reread |= schema.outputs.iter().any(|o| {
                !(o.from_input && is_declared(o.name))
                    && affected(schema, o.name, |f| changed.contains(f))
            });
        }
        let mut outputs = prior.outputs.clone();
        outputs.extend(
            step.outputs
                .iter()
                .filter(|(_, v)| !v.has_unknown())
                .map(|(k, v)| (k.clone(), v.clone())),
        );
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
                Ok(live) => {
                    // What a change affects and the cloud no longer tells is there no more.
                    let affected = |name: &str| affected(schema, name, |f| changed.contains(f));
                    let told = |name: &str| live.outputs.get(name).is_some_and(|v| !v.is_null());
                    outputs.retain(|name, _| told(name) || !affected(name));
                    // What repeats a secret that is declared no longer is one still.
                    let told = live.outputs.into_iter().filter(|(_, v)| !v.is_null());
                    let told = told.map(|(name, value)| match prior.outputs.get(&name) {
                        Some(was) if !inputs.contains_key(&name) => (name, tainted(value, was)),
                        _ => (name, value),
                    });
                    outputs.extend(told);
                }
                Err(error) => return Err(self.failed(step, error).await),
            }
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
                    // What was taken out is seen once it is there no more.
                    last: &prior.inputs,
                    certain: true,
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

/// Good looks in a row that count as an end where nothing else tells.
const GOOD_LOOKS: u32 = 3;

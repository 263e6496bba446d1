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
        let mut pending = false;
        if !changed.is_empty() {
            let intent = self.intent(step, IntentAction::Update, &inputs);
            self.commit(vec![Entry::Begin(Box::new(intent.clone()))]).await?;
            let context = self.context(step, &intent, false);
            let (mut base, mut rest) = (step.base.clone(), changed.clone());
            let (mut parts, mut backoff) = (0, Backoff::new());
            while !rest.is_empty() {
                let call = Call { context: &context, id: &prior.id, base: &base, inputs: &inputs };
                match self.call_update(step, handler.as_ref(), &call, &rest).await {
                    Ok(Progress::Partial) if parts < PARTS => parts += 1,
                    Ok(Progress::Partial) => {
                        let left: Vec<_> = rest.iter().map(String::as_str).collect();
                        let error = OpError::new(
                            ErrorKind::Other,
                            format!("{} still differs after {PARTS} updates", left.join(", ")),
                        );
                        return Err(self.failed(step, error).await);
                    }
                    Ok(progress) => {
                        pending = progress == Progress::Pending;
                        break;
                    }
                    Err(error) => return Err(self.failed(step, error).await),
                }
                slot.give_back();
                let timeout = decl.options.timeouts.update;
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
        let mut outputs = prior.outputs.clone();
        outputs.extend(
            step.outputs
                .iter()
                .filter(|(_, v)| !v.has_unknown())
                .map(|(k, v)| (k.clone(), v.clone())),
        );
        if pending || reread {
            slot.give_back();
            match self.ready(step, &prior.id, &inputs, decl.options.timeouts.update).await {
                Ok(live) => {
                    // What a change affects and the cloud no longer tells is there no more.
                    let affected = |name: &str| {
                        let mut fields = schema.fields.iter().filter(|f| f.affects.contains(&name));
                        fields.any(|f| changed.contains(f.name))
                    };
                    let told = |name: &str| live.outputs.get(name).is_some_and(|v| !v.is_null());
                    outputs.retain(|name, _| told(name) || !affected(name));
                    outputs.extend(live.outputs.into_iter().filter(|(_, v)| !v.is_null()));
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
        self.publish(&step.urn, outputs);
        let action = if changed.is_empty() && !unfinished { Action::Same } else { Action::Update };
        Ok((action, Some(prior.id.clone())))
    }

    /// Calls update; retries what a young dependency explains, and what is throttled.
    async fn call_update(
        &self,
        step: &Step,
        handler: &dyn Handler,
        call: &Call<'_>,
        changed: &BTreeSet<String>,
    ) -> Result<Progress, OpError> {
        let changed: Vec<String> = changed.iter().cloned().collect();
        let (start, mut backoff) = (Instant::now(), Backoff::new());
        let limit = self.options(step).timeouts.update.unwrap_or(PATIENCE);
        loop {
            let update =
                handler.update(call.context.clone(), call.id, call.base, call.inputs, &changed);
            match fenced(&self.exec.store, update).await {
                Err(e)
                    if is_eventual(handler.schema(), &e, self.youngest(&step.urn))
                        || is_throttled(&e) && start.elapsed() < limit =>
                {
                    self.pause(step, &e, &mut backoff).await?;
                }
                other => return other,
            }
        }
    }
}

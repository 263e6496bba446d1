//! What a step records, and what it records it from.

use super::*;

impl Run<'_> {
    pub(super) fn context(&self, step: &Step, intent: &Intent, accept: bool) -> Arc<OpContext> {
        Arc::new(OpContext {
            urn: step.urn.clone(),
            identity: step.identity(step.generation).clone(),
            generation: step.generation,
            token: intent.token.clone(),
            provider: step.provider.clone(),
            namespace: step.namespace.clone(),
            accept: accept.then(|| {
                Arc::new(Acceptor {
                    store: self.exec.store.clone(),
                    urn: step.urn.clone(),
                    generation: step.generation,
                }) as Arc<dyn AcceptSink>
            }),
            finishes: step.prior.as_ref().is_some_and(ResourceState::was_never_finished),
            together: step.together.and_then(|group| self.groups.get(&group).cloned()),
        })
    }

    pub(super) fn intent(&self, step: &Step, action: IntentAction, inputs: &PropertyMap) -> Intent {
        let options = self.options(step);
        Intent {
            urn: step.urn.clone(),
            named_after: step.named_after(),
            generation: step.generation,
            action,
            inputs: inputs.clone(),
            token: uuid::Uuid::new_v4().to_string(),
            dependencies: self.dependencies(step),
            provider: step.provider.clone(),
            namespace: step.namespace.clone(),
            protect: options.protect.unwrap_or(false),
            retain_on_delete: options.retain_on_delete.unwrap_or(false),
            started_at: crate::state::timestamp(),
        }
    }

    pub(super) fn record(
        &self,
        step: &Step,
        id: &str,
        inputs: &PropertyMap,
        outputs: &PropertyMap,
    ) -> ResourceState {
        let options = self.options(step);
        ResourceState {
            urn: step.urn.clone(),
            named_after: step.named_after(),
            generation: step.generation,
            id: id.to_owned(),
            inputs: inputs.clone(),
            outputs: outputs.clone(),
            dependencies: self.dependencies(step),
            completeness: Completeness::Complete,
            unsure: None,
            provider: step.provider.clone(),
            namespace: step.namespace.clone(),
            protect: options.protect.unwrap_or(false),
            retain_on_delete: options.retain_on_delete.unwrap_or(false),
            delete_timeout: options.timeouts.delete,
            touched: 0,
        }
    }

    /// What the program says of it; nothing when it is no longer declared.
    pub(super) fn options(&self, step: &Step) -> Options {
        let decl = self.graph.and_then(|g| g.resource(&step.urn));
        decl.map(|d| d.options.clone()).unwrap_or_default()
    }

    pub(super) fn dependencies(&self, step: &Step) -> std::collections::BTreeSet<Urn> {
        match (self.graph, &step.prior) {
            // What goes is held by what it was made from, not by what its successor will be.
            (_, Some(prior)) if step.action.is_removal() => prior.dependencies.clone(),
            (Some(graph), _) if graph.resource(&step.urn).is_some() => {
                graph.resource_dependencies(&step.urn)
            }
            (_, Some(prior)) => prior.dependencies.clone(),
            _ => Default::default(),
        }
    }

    /// Inputs with everything known; an unknown here means that AWS gave no value.
    pub(super) fn resolve(
        &self,
        step: &Step,
        decl: &ResourceDecl,
        generation: u64,
        prior: Option<&PropertyMap>,
        same_generation: bool,
    ) -> Result<PropertyMap, OpError> {
        let handler = self.handler(&step.urn)?;
        let raw = self.eval(&decl.inputs)?;
        let empty = Default::default();
        let mut inputs = prepare_inputs(
            raw,
            &Preparation {
                schema: handler.schema(),
                urn: &step.urn,
                identity: step.identity(generation),
                generation,
                default_tags: self.graph.map_or(&empty, |g| &g.default_tags),
                namespace: step.namespace.as_ref(),
                prior,
                same_generation,
                ignore_changes: &decl.options.ignore_changes,
                implied: self.implied.get(&step.urn).map_or(&[], Vec::as_slice),
            },
        )
        .map_err(|e| OpError::invalid(e.to_string()))?;
        if same_generation {
            let ignored = &decl.options.ignore_changes;
            keep_parts(handler.schema(), &mut inputs, &step.base, ignored);
        }
        self.exec.secrets.learn_map(&inputs);
        match inputs.iter().find(|(_, v)| v.has_unknown()) {
            Some((name, _)) => Err(OpError::invalid(format!(
                "`{name}` still has no value, although everything that it uses is applied"
            ))),
            None => {
                let last = prior.filter(|_| same_generation);
                self.refuse(decl, handler.schema(), &inputs, last)?;
                Ok(inputs)
            }
        }
    }

    /// What the plan did not know may be what AWS would refuse.
    fn refuse(
        &self,
        decl: &ResourceDecl,
        schema: &Schema,
        inputs: &PropertyMap,
        last: Option<&PropertyMap>,
    ) -> Result<(), OpError> {
        if decl.options.unchecked {
            return Ok(());
        }
        let found = check_new(self.exec.registry, schema, inputs, last, &|_| None);
        let each: Vec<String> =
            found.iter().map(|f| format!("`{}`: {}", f.property, f.why)).collect();
        if each.is_empty() { Ok(()) } else { Err(OpError::invalid(each.join("; "))) }
    }

    fn sides<'a>(
        &self,
        schema: &'a Schema,
        step: &Step,
        prior: &'a ResourceState,
        inputs: &'a PropertyMap,
        base: &'a PropertyMap,
    ) -> DiffInput<'a> {
        let (registry, graph) = (&self.exec.registry, self.graph);
        DiffInput {
            schema,
            declared: inputs,
            last: &prior.inputs,
            certain: Certain::As(prior),
            live: Some(base),
            steered: graph.is_some_and(|graph| steered(registry, graph).contains(&step.urn)),
        }
    }

    /// What an update is told to make: what is declared, but what AWS has moved as it is.
    pub(super) fn wanted(
        &self,
        step: &Step,
        prior: &ResourceState,
        inputs: &PropertyMap,
        base: &PropertyMap,
    ) -> Result<PropertyMap, OpError> {
        let schema = self.handler(&step.urn)?.schema();
        Ok(settled(&self.sides(schema, step, prior, inputs, base)))
    }

    /// What differs now that everything is known.
    pub(super) fn changes(
        &self,
        step: &Step,
        decl: &ResourceDecl,
        prior: &ResourceState,
        inputs: &PropertyMap,
        base: &PropertyMap,
    ) -> Result<Vec<PropertyChange>, OpError> {
        let schema = self.handler(&step.urn)?.schema();
        let mut changes = diff(&self.sides(schema, step, prior, inputs, base));
        changes.retain(|c| !decl.options.ignore_changes.contains(&c.property));
        for change in &mut changes {
            change.replaces |= decl.options.replace_on_changes.contains(&change.property);
        }
        Ok(changes)
    }
}

//! [`Observed`]: everything that planning needs to know of the world.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::try_join_all;

use crate::error::{Error, OpError, Result};
use crate::execute::{OUTSIDE, patiently};
use crate::graph::Graph;
use crate::plan::{Action, Plan, PlanError};
use crate::resource::{LiveState, ProviderConfig, ReadItem, Registry, Status};
use crate::state::{Completeness, ResourceKey, ResourceState, State};
use crate::urn::Urn;
use crate::value::{PropertyMap, tainted_map};

use super::namespaces::Namespaces;
use super::pool::ReadPool;
use super::settle;

/// What reading a recorded resource found.
#[derive(Debug, Clone, Default)]
pub enum LiveRead {
    /// It was not read.
    #[default]
    NotRead,
    /// AWS says that it does not exist.
    Missing,
    /// AWS is deleting it: it is as good as missing, and soon will be.
    Going,
    /// It exists.
    Present(LiveState),
}

/// What AWS has now.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// Recorded resources.
    pub live: BTreeMap<ResourceKey, LiveRead>,
    /// Answers of lookups, and exports of other stacks that are referred to; secrets marked.
    pub lookups: BTreeMap<Urn, PropertyMap>,
    /// Account and region behind each type and provider in use.
    pub namespaces: Namespaces,
    /// Whether live state was read at all.
    pub refreshed: bool,
}

static NOT_READ: LiveRead = LiveRead::NotRead;

impl Observed {
    /// What reading this resource found.
    pub fn live(&self, key: &ResourceKey) -> &LiveRead {
        self.live.get(key).unwrap_or(&NOT_READ)
    }

    /// Files what was found under another urn, as state is.
    pub(crate) fn moved(&mut self, from: &Urn, to: &Urn) {
        let all = (from.clone(), 0)..=(from.clone(), u64::MAX);
        let found: Vec<_> = self.live.extract_if(all, |_, _| true).collect();
        self.live.extend(found.into_iter().map(|((_, at), live)| ((to.clone(), at), live)));
    }

    /// Marks in what was found of a record what is secret in it by now.
    pub(crate) fn concealed(&mut self, record: &ResourceState) {
        if let Some(LiveRead::Present(live)) = self.live.get_mut(&record.key()) {
            live.inputs = tainted_map(std::mem::take(&mut live.inputs), &record.inputs);
            live.outputs = tainted_map(std::mem::take(&mut live.outputs), &record.outputs);
        }
    }

    /// Answers the lookups that a plan left for the apply although everything that they
    /// wait for is known and stays. Returns whether any was answered; then plan again.
    ///
    /// # Errors
    /// When a lookup finds nothing or AWS refuses.
    pub async fn answer(
        &mut self,
        registry: &Registry,
        graph: &Graph,
        plan: &Plan,
    ) -> Result<bool> {
        let changing: BTreeSet<&Urn> = plan
            .steps
            .iter()
            .filter(|s| s.action.is_change() || s.action == Action::Read)
            .map(|s| &s.urn)
            .collect();
        let open = plan.steps.iter().filter(|s| {
            s.action == Action::Read
                && !s.inputs.values().any(crate::value::Value::has_unknown)
                && graph.dependencies(&s.urn).all(|d| !changing.contains(d))
                && graph.resource_dependencies(&s.urn).iter().all(|d| !changing.contains(d))
        });
        let answers = try_join_all(open.map(|step| async move {
            let what = format!("lookup `{}` ({})", step.urn.short(), step.urn.type_name());
            let fail = |source| Error::Cloud { what: what.clone(), source };
            let handler = registry
                .lookup(step.urn.type_name())
                .ok_or_else(|| fail(OpError::invalid("not in the registry")))?;
            let ask = || handler.lookup(&step.provider, &step.inputs);
            let answer = patiently(OUTSIDE, ask).await.map_err(fail)?;
            Ok::<_, Error>((step.urn.clone(), answer))
        }))
        .await?;
        let any = !answers.is_empty();
        self.lookups.extend(answers);
        Ok(any)
    }
}

/// Asks for the account behind every provider, refuses another account than the recorded
/// one, and reads what is recorded (all of it, or without `refresh` only what is unfinished).
/// What is not to be seen counts as missing only after `visibility`.
///
/// # Errors
/// [`PlanError::UnknownRecords`], [`Error::WrongAccount`], or the first read that AWS refuses.
pub async fn observe(
    registry: &Registry,
    pool: &ReadPool,
    graph: Option<&Graph>,
    state: &State,
    refresh: bool,
    visibility: Duration,
) -> Result<Observed> {
    known(registry, state.resources.keys().map(|(urn, _)| urn))?;
    let stacks_own = ProviderConfig::default();
    let recorded = state.resources.values().map(|r| (r.urn.type_name(), &r.provider));
    let declared = graph.into_iter().flat_map(Graph::resources);
    let declared = declared
        .map(|decl| (decl.type_name, decl.options.provider.as_ref().unwrap_or(&stacks_own)));
    let namespaces = Namespaces::ask(registry, recorded.chain(declared)).await?;
    let records = state.resources.values();
    namespaces.check(records.map(|r| (r.urn.type_name(), &r.provider, &r.namespace)))?;
    let wanted =
        state.resources.values().filter(|r| refresh || r.completeness == Completeness::Incomplete);
    let mut live = BTreeMap::new();
    let mut wanted: Vec<&ResourceState> = wanted.collect();
    for wait in settle::waits(visibility).map(Some).chain([None]) {
        live.extend(read(pool, &wanted).await?);
        // What was made moments ago may not be visible yet, and is not to be made again.
        wanted.retain(|record| matches!(live[&record.key()], LiveRead::Missing));
        match wait {
            Some(wait) if !wanted.is_empty() => tokio::time::sleep(wait).await,
            _ => break,
        }
    }
    Ok(Observed { live, lookups: BTreeMap::new(), namespaces, refreshed: refresh })
}

/// Refuses what is recorded of types that nobody can say anything about.
///
/// # Errors
/// [`PlanError::UnknownRecords`].
pub(super) fn known<'a>(
    registry: &Registry,
    urns: impl Iterator<Item = &'a Urn>,
) -> Result<(), PlanError> {
    let unknown = urns.filter(|urn| registry.handler(urn.type_name()).is_none());
    let urns: BTreeSet<Urn> = unknown.cloned().collect();
    match urns.is_empty() {
        true => Ok(()),
        false => Err(PlanError::UnknownRecords { urns: urns.into_iter().collect() }),
    }
}

async fn read(pool: &ReadPool, records: &[&ResourceState]) -> Result<Vec<(ResourceKey, LiveRead)>> {
    let reads = records.iter().map(|record| async {
        let (id, inputs) = (record.id.clone(), record.inputs.clone());
        let item = ReadItem { id, inputs, follow: None };
        let type_name = record.urn.type_name();
        let live = pool.read(type_name, &record.provider, item).await.map_err(|source| {
            Error::Cloud { what: format!("reading `{}` ({type_name})", record.urn.short()), source }
        })?;
        let live = match live {
            None => LiveRead::Missing,
            Some(live) if matches!(live.status, Status::Deleting(_)) => LiveRead::Going,
            Some(live) => LiveRead::Present(live),
        };
        Ok((record.key(), live))
    });
    try_join_all(reads).await
}

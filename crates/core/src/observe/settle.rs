//! Settles what an interrupted run left open, without asking anybody.

use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join_all;

use crate::error::{Error, OpError, Result};
use crate::event::{Event, Events};
use crate::execute::{OUTSIDE, patiently};
use crate::plan::PlanError;
use crate::resource::{Handler, OpContext, Registry};
use crate::state::{Entry, Intent, IntentAction, OpenIntent, OpenStore, State};

use super::{Namespaces, known};

/// Settles open intents in `state` only: for a plan, which writes nothing.
pub(crate) async fn in_memory(
    registry: &Registry,
    state: &mut State,
    events: &Events,
    visibility: Duration,
) -> Result<()> {
    for entry in outcomes(registry, state, events, visibility).await? {
        state.apply(entry);
    }
    Ok(())
}

/// Settles open intents and records the outcome.
pub(crate) async fn durably(
    registry: &Registry,
    store: &OpenStore,
    events: &Events,
    visibility: Duration,
) -> Result<()> {
    let entries = outcomes(registry, &store.state(), events, visibility).await?;
    if !entries.is_empty() {
        store.commit(entries).await?;
    }
    Ok(())
}

async fn outcomes(
    registry: &Registry,
    state: &State,
    events: &Events,
    visibility: Duration,
) -> Result<Vec<Entry>> {
    known(registry, state.intents.keys().map(|(urn, _)| urn))?;
    // Where else nobody looks for what was begun: there it is not to be found, and would be lost.
    let open = || state.intents.values().map(|open| &open.intent);
    let uses = open().map(|intent| (intent.urn.type_name(), &intent.provider));
    let begun = open().map(|i| (i.urn.type_name(), &i.provider, &i.namespace));
    Namespaces::ask(registry, uses).await?.check(begun)?;
    let settled = state.intents.values().map(|open| settle(registry, open, events, visibility));
    Ok(try_join_all(settled).await?.into_iter().flatten().collect())
}

async fn settle(
    registry: &Registry,
    open: &OpenIntent,
    events: &Events,
    visibility: Duration,
) -> Result<Vec<Entry>> {
    let intent = &open.intent;
    let closed = |error: &str| Entry::Failed {
        urn: intent.urn.clone(),
        generation: intent.generation,
        error: error.to_owned(),
    };
    let (entries, outcome) = match (intent.action, &open.id) {
        (IntentAction::Create, Some(id)) => {
            (vec![closed("interrupted")], format!("its create had got through as {id}"))
        }
        (IntentAction::Create, None) => {
            let handler = registry
                .handler(intent.urn.type_name())
                .ok_or_else(|| PlanError::UnknownRecords { urns: vec![intent.urn.clone()] })?;
            let found = find(handler.as_ref(), intent, visibility).await.map_err(|source| {
                let who = intent.urn.short();
                let what = format!("looking for the interrupted create of `{who}`");
                Error::Cloud { what, source }
            })?;
            match found {
                Some(id) => {
                    let outcome = format!("its create had got through as {id}");
                    let accepted = Entry::Accepted {
                        urn: intent.urn.clone(),
                        generation: intent.generation,
                        id,
                        all_sent: false,
                    };
                    (vec![accepted, closed("interrupted")], outcome)
                }
                None => (vec![closed("interrupted")], "its create had not got through".to_owned()),
            }
        }
        (IntentAction::Update, _) => {
            (vec![closed("interrupted")], "its update will be compared and finished".to_owned())
        }
        (IntentAction::Delete, _) => {
            (vec![closed("interrupted")], "its delete will be compared and finished".to_owned())
        }
    };
    events.send(Event::Settled { urn: intent.urn.clone(), outcome });
    Ok(entries)
}

/// Waits between looks for what AWS may show only after a while: each twice the one before.
pub(super) fn waits(visibility: Duration) -> impl Iterator<Item = Duration> {
    [1, 2, 4, 8].into_iter().map(move |part| visibility * part / 15)
}

/// Looks for what a create may have made, several times, because AWS may show it late.
pub(crate) async fn find(
    handler: &dyn Handler,
    intent: &Intent,
    visibility: Duration,
) -> Result<Option<String>, OpError> {
    let context = Arc::new(OpContext {
        urn: intent.urn.clone(),
        identity: intent.identity().clone(),
        generation: intent.generation,
        token: intent.token.clone(),
        provider: intent.provider.clone(),
        namespace: None,
        accept: None,
        finishes: false,
        together: None,
    });
    for wait in waits(visibility) {
        match patiently(OUTSIDE, || handler.find(context.clone(), &intent.inputs)).await {
            Ok(Some(id)) => return Ok(Some(id)),
            Ok(None) => {}
            // There are more looks, and the last one's error counts.
            Err(error) if error.is_passing() => {}
            Err(error) => return Err(error),
        }
        tokio::time::sleep(wait).await;
    }
    patiently(OUTSIDE, || handler.find(context.clone(), &intent.inputs)).await
}

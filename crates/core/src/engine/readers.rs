//! Exports that other stacks read: who reads them is asked before they go, and noted before they
//! are read.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::event::Event;
use crate::plan::{Plan, PlanError, StillRead};
use crate::state::{Entry, Reader, Reads, StackName, StateError};

use super::{Engine, Session};

impl Engine {
    fn name(&self) -> Result<StackName> {
        let name = StackName::new(&self.project, &self.stack);
        name.map_err(|error| crate::graph::GraphError::from(error).into())
    }

    /// Refuses a plan that takes exports away which other stacks read, or says so where it is
    /// forced.
    pub(super) async fn guard_readers(&self, plan: &Plan) -> Result<()> {
        let gone = plan.exports.iter().filter(|(_, e)| e.old.is_some() && e.new.is_none());
        let gone: BTreeSet<&str> = gone.map(|(name, _)| name.as_str()).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let me = self.name()?;
        let readers = self.store.readers(&me).await?;
        let readers: Vec<StillRead> =
            readers.into_iter().filter_map(|r| still_read(r, &gone, plan.destroy)).collect();
        if readers.is_empty() {
            return Ok(());
        }
        let error = PlanError::Read { stack: me.to_string(), destroy: plan.destroy, readers };
        if !self.options.force {
            return Err(error.into());
        }
        let text = error.to_string();
        let what = text.rsplit_once("\n  what to do:").map_or(&*text, |(what, _)| what);
        self.events.send(Event::Warning { text: format!("forced: {what}") });
        Ok(())
    }
}

/// A reader that loses something. Whoever reads any export of a stack uses what the stack made,
/// so all readers count when everything goes.
fn still_read(reader: Reader, gone: &BTreeSet<&str>, everything: bool) -> Option<StillRead> {
    let stack = reader.stack.to_string();
    Some(match reader.exports {
        Ok(exports) => {
            let lost = exports.into_iter().filter(|e| everything || gone.contains(e.as_str()));
            let lost: BTreeSet<String> = lost.collect();
            if lost.is_empty() {
                return None;
            }
            StillRead { stack, exports: lost, unreadable: None }
        }
        Err(error) => {
            StillRead { stack, exports: BTreeSet::new(), unreadable: Some(error.to_string()) }
        }
    })
}

impl Session {
    /// Before the first step: notes with the stacks that are read that this one reads them, and
    /// records what it reads. What it read before counts until the run has succeeded.
    ///
    /// Returns what it reads once the run has succeeded.
    pub(super) async fn begin_reading(&self, wanted: &Reads) -> Result<Reads> {
        let me = self.engine.name()?;
        let had = self.store.look(|state| state.reads.clone());
        let new = wanted.keys().filter(|stack| !had.contains_key(*stack)).cloned().collect();
        let failed = self.engine.store.note(&me, new).await;
        let mut reads = wanted.clone();
        reads.retain(|stack, _| !failed.contains_key(stack));
        self.warn(failed);
        let mut both = had.clone();
        for (stack, exports) in &reads {
            both.entry(stack.clone()).or_default().extend(exports.iter().cloned());
        }
        if both != had {
            self.store.commit(vec![Entry::Reads(both)]).await?;
        }
        Ok(reads)
    }

    /// After a run that succeeded: records what is read now, then removes the notes of the rest.
    pub(super) async fn end_reading(&self, reads: Reads) -> Result<()> {
        let had = self.store.look(|state| state.reads.clone());
        if had == reads {
            return Ok(());
        }
        let over = had.into_keys().filter(|stack| !reads.contains_key(stack)).collect();
        self.store.commit(vec![Entry::Reads(reads)]).await?;
        self.engine.store.remove_notes(&self.engine.name()?, over).await;
        Ok(())
    }

    fn warn(&self, failed: BTreeMap<StackName, StateError>) {
        for (stack, why) in failed {
            let text = format!(
                "stack `{stack}` does not know that this stack reads its exports, so nobody is \
                 warned before it is destroyed: {why}"
            );
            self.engine.events.send(Event::Warning { text });
        }
    }
}

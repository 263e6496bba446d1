//! Looking after state: checking it, bringing a former snapshot back, and leaving nothing in plain.

use std::collections::BTreeSet;

use super::{Engine, Session};
use crate::error::Result;
use crate::event::Event;
use crate::execute::Interrupt;
use crate::plan::same_things;
use crate::state::{
    Entry, Exposed, Holder, ResourceKey, RestorePreview, Restored, StateError, Verification,
};
use crate::urn::Urn;

impl Engine {
    /// Checks everything that is stored. Takes no lock and writes nothing.
    ///
    /// # Errors
    /// When the backend cannot be read; damage is a finding, not an error.
    pub async fn verify_state(&self) -> Result<Verification> {
        let mut found = self.store.verify(&self.project, &self.stack).await?;
        if found.problems.is_empty() && found.snapshot.is_some() {
            // What types say of identity is known here, and not where state is kept.
            let state = self.state().await?;
            for ([one, other], properties) in same_things(&state, &self.registry) {
                let properties = properties.join("`, `");
                found.problems.push(StateError::Unusable {
                    place: found.place.clone(),
                    why: format!(
                        "`{}` and `{}` are one thing in AWS: both have the same `{properties}`",
                        one.short(),
                        other.short()
                    ),
                    fix: "declare it once; `up` then removes only the record of the other one"
                        .into(),
                });
            }
        }
        Ok(found)
    }

    /// Removes what state holds of a resource, every generation and what was begun with it, under the
    /// lock. The resource stays where it is. Its type need not be known to this program.
    ///
    /// # Errors
    /// When state holds nothing of it, cannot be read, or somebody else holds the lock.
    pub async fn forget(&self, holder: &Holder, urn: &Urn) -> Result<Vec<ResourceKey>> {
        let store = self.open(holder, &Interrupt::new()).await?;
        let state = store.state();
        let keys: BTreeSet<&ResourceKey> =
            state.resources.keys().chain(state.intents.keys()).collect();
        let keys: Vec<ResourceKey> =
            keys.into_iter().filter(|(of, _)| of == urn).cloned().collect();
        if keys.is_empty() {
            store.abandon().await?;
            return Err(StateError::Unusable {
                place: self.store.describe(),
                why: format!("state holds no `{}` of type {}", urn.short(), urn.type_name()),
                fix: "`state list` shows what there is".into(),
            }
            .into());
        }
        let forgotten = |(urn, generation): &ResourceKey| Entry::Forgotten {
            urn: urn.clone(),
            generation: *generation,
        };
        let committed = store.commit(keys.iter().map(forgotten).collect()).await;
        committed.and(store.close().await)?;
        Ok(keys)
    }

    /// What [`Engine::restore`] would do. Takes no lock and writes nothing.
    ///
    /// # Errors
    /// When no such serial is kept, or it cannot be read.
    pub async fn preview_restore(&self, serial: u64) -> Result<RestorePreview> {
        Ok(self.store.preview_restore(&self.project, &self.stack, serial).await?)
    }

    /// Brings a former snapshot back as a new one, under the lock. Changes nothing in the
    /// cloud and removes nothing.
    ///
    /// # Errors
    /// When no such serial is kept, it cannot be read, or somebody else holds the lock.
    pub async fn restore(&self, holder: &Holder, serial: u64) -> Result<Restored> {
        let lease = self.options.lease;
        Ok(self.store.restore(holder, &self.project, &self.stack, lease, serial).await?)
    }

    /// Former snapshots that hold in plain what is secret by now, the newest first. Takes no
    /// lock and writes nothing.
    ///
    /// # Errors
    /// When state or its history cannot be read.
    pub async fn exposed(&self) -> Result<Vec<Exposed>> {
        Ok(self.store.exposed(&self.project, &self.stack).await?)
    }

    /// Removes the snapshots of [`Engine::exposed`] for good, under the lock; returns them.
    ///
    /// # Errors
    /// As [`Engine::exposed`], when somebody else holds the lock, and when the backend cannot
    /// remove a snapshot.
    pub async fn scrub(&self, holder: &Holder) -> Result<Vec<Exposed>> {
        let lease = self.options.lease;
        Ok(self.store.scrub(holder, &self.project, &self.stack, lease).await?)
    }
}

impl Session {
    /// What has become secret stands in plain in the present snapshot until the next one is
    /// written, and in former ones until somebody removes them.
    pub(super) async fn leave_no_plain(&self) {
        // Whatever fails here is done by the end of the run, or by the next one.
        let folded = self.store.fold().await;
        let engine = &self.engine;
        let what = match folded {
            Ok(()) => engine.store.exposed(&engine.project, &engine.stack).await,
            Err(error) => Err(error),
        };
        let text = match what {
            Ok(exposed) if exposed.is_empty() => return,
            Ok(exposed) => {
                let serials: Vec<_> = exposed.iter().rev().map(|e| e.serial.to_string()).collect();
                format!(
                    "what is secret now stands in plain in former snapshots: {}; `state scrub` \
                     removes them",
                    serials.join(", ")
                )
            }
            Err(error) => format!(
                "former snapshots may hold in plain what is secret now: run `state scrub`, which \
                 removes those that do ({error})"
            ),
        };
        engine.events.send(Event::Warning { text });
    }
}

//! Looking after state: checking it, and bringing a former snapshot back.

use super::Engine;
use crate::error::Result;
use crate::plan::same_things;
use crate::state::{Exposed, Holder, RestorePreview, Restored, StateError, Verification};

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

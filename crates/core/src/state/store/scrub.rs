//! Former snapshots that hold in plain what is secret by now.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{StateStore, check_owner};
use crate::state::backend::Holder;
use crate::state::codec::{Codec, Envelope};
use crate::state::error::StateError;
use crate::state::model::{ResourceState, State};
use crate::urn::Urn;
use crate::value::{PropertyMap, Secrets, tainted_map};

/// A former snapshot that holds something in plain that is secret by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// Its serial.
    pub serial: u64,
    /// Where it is.
    pub place: String,
    /// Of which resources; not those of which only an export is.
    pub urns: BTreeSet<Urn>,
    /// How the backend names it.
    id: String,
}

impl StateStore {
    /// Former snapshots that hold in plain what is secret in the present state, the newest
    /// first. Those that cannot be read are left out.
    ///
    /// # Errors
    /// When the backend or the present state cannot be read.
    pub async fn exposed(&self, project: &str, stack: &str) -> Result<Vec<Exposed>, StateError> {
        let present = self.load(project, stack).await?.state;
        self.search(&present).await
    }

    /// Removes these snapshots for good, under the lock: [`StateStore::exposed`].
    ///
    /// # Errors
    /// As [`StateStore::exposed`], when somebody else holds the lock, and when the backend cannot
    /// remove a snapshot.
    pub async fn scrub(
        &self,
        holder: &Holder,
        project: &str,
        stack: &str,
        ttl: Duration,
    ) -> Result<Vec<Exposed>, StateError> {
        let open = self.open(holder, project, stack, ttl).await?;
        let removed = async {
            // The present snapshot may hold it, too, and only the journal say that it is secret.
            open.fold().await?;
            let exposed = self.search(&open.state()).await?;
            for one in &exposed {
                self.backend.drop_former(&open.inner.lease, &one.id).await?;
            }
            Ok(exposed)
        }
        .await;
        let closed = open.close().await;
        let removed = removed?;
        closed.map(|()| removed)
    }

    async fn search(&self, present: &State) -> Result<Vec<Exposed>, StateError> {
        let secrets = Secrets::default();
        present.teach(&secrets);
        forget_plain(&secrets, present);
        let mut exposed = Vec::new();
        for one in self.backend.history().await? {
            let Some(bytes) = self.backend.former(&one.id).await? else { continue };
            let Ok(envelope) = Envelope::parse(&bytes, &one.place) else { continue };
            let (project, stack) = (&present.project, &present.stack);
            if check_owner(&envelope, project, stack, &one.place).is_err() {
                continue;
            }
            let Ok(key) = self.open_key(&envelope.encryption, &one.place).await else { continue };
            let codec = Codec::new(project, stack, key, &one.place);
            let Ok(former) = codec.decode_snapshot(envelope) else { continue };
            let (urns, shown) = exposes(&former, present, &secrets);
            if shown {
                // What it shows is shown by others, too, where nothing stands in its place now.
                forget_plain(&secrets, present);
                exposed.push(Exposed { serial: former.serial, place: one.place, urns, id: one.id });
            }
        }
        Ok(exposed)
    }
}

/// What the present state says in plain is no secret, wherever else it stands.
fn forget_plain(secrets: &Secrets, present: &State) {
    let forget = |map: &PropertyMap| map.values().for_each(|v| secrets.forget_plain(v));
    for resource in present.resources.values() {
        forget(&resource.inputs);
        forget(&resource.outputs);
    }
    forget(&present.exports);
}

/// Of which resources a former state shows something that is secret in the present one, and
/// whether it shows anything at all.
fn exposes(former: &State, present: &State, secrets: &Secrets) -> (BTreeSet<Urn>, bool) {
    let mut urns = BTreeSet::new();
    let shows = |map: &PropertyMap, by: &PropertyMap| {
        let marked = secrets.mark_map(tainted_map(map.clone(), by));
        if marked == *map {
            return false;
        }
        secrets.learn_map(&marked);
        true
    };
    let none = PropertyMap::new();
    let now = |urn: &Urn| -> Vec<&ResourceState> { present.generations(urn).collect() };
    for record in former.resources.values() {
        let now = now(&record.urn);
        let inputs = now.iter().map(|r| &r.inputs).chain([&none]);
        let outputs = now.iter().map(|r| &r.outputs).chain([&none]);
        let shown = inputs.fold(false, |any, by| shows(&record.inputs, by) || any);
        if outputs.fold(shown, |any, by| shows(&record.outputs, by) || any) {
            urns.insert(record.urn.clone());
        }
    }
    for open in former.intents.values() {
        let inputs = now(&open.intent.urn).into_iter().map(|r| &r.inputs).chain([&none]);
        if inputs.fold(false, |any, by| shows(&open.intent.inputs, by) || any) {
            urns.insert(open.intent.urn.clone());
        }
    }
    let exports = shows(&former.exports, &present.exports);
    let any = exports || !urns.is_empty();
    (urns, any)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn marks_are_compared_place_by_place_and_value_by_value() {
        let map = |value: Value| PropertyMap::from([("a".to_owned(), value)]);
        let with = |exports| State { exports, ..State::new("p", "s") };
        let secret = with(map(Value::secret("hunter2".into())));
        let look = |former: Value| {
            let secrets = Secrets::default();
            secret.teach(&secrets);
            exposes(&with(map(former)), &secret, &secrets).1
        };
        assert!(look("another".into()), "in the same place");
        assert!(!look(Value::secret("hunter2".into())));
        let elsewhere = with(PropertyMap::from([("b".to_owned(), "my hunter2".into())]));
        let secrets = Secrets::default();
        secret.teach(&secrets);
        assert!(exposes(&elsewhere, &secret, &secrets).1, "the same value");
    }
}

//! Former snapshots that hold in plain what is secret by now.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{StateStore, check_owner};
use crate::state::backend::Holder;
use crate::state::codec::{Codec, Envelope};
use crate::state::error::StateError;
use crate::state::model::State;
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
        let mut formers = Vec::new();
        for one in self.backend.history().await? {
            let Some(bytes) = self.backend.former(&one.id).await? else { continue };
            let Ok(envelope) = Envelope::parse(&bytes, &one.place) else { continue };
            let (project, stack) = (&present.project, &present.stack);
            if check_owner(&envelope, project, stack, &one.place).is_err() {
                continue;
            }
            let Ok(key) = self.open_key(&envelope.encryption, &one.place).await else { continue };
            let codec = Codec::new(project, stack, key, &one.place);
            if let Ok(former) = codec.decode_snapshot(envelope) {
                formers.push((one, former));
            }
        }
        let mut known = Known::of(present);
        let mut exposed: BTreeMap<usize, Exposed> = BTreeMap::new();
        // What one snapshot shows may be shown by another one, where nothing stands in its place
        // now, or under a name that only a third one knows.
        loop {
            let before = (exposed.len(), known.size());
            for (at, (one, former)) in formers.iter().enumerate() {
                if let Some(urns) = known.shown_by(former, present) {
                    let (serial, place, id) = (former.serial, one.place.clone(), one.id.clone());
                    exposed.insert(at, Exposed { serial, place, urns, id });
                }
            }
            if before == (exposed.len(), known.size()) {
                return Ok(exposed.into_values().collect());
            }
        }
    }
}

/// What is known to be secret: by place and by value.
struct Known {
    /// Properties and outputs, by the names that their resource has or had.
    places: BTreeMap<Urn, Vec<[PropertyMap; 2]>>,
    values: Secrets,
}

impl Known {
    fn of(present: &State) -> Self {
        let values = Secrets::default();
        present.teach(&values);
        let mut known = Self { places: BTreeMap::new(), values };
        known.forget_plain(present);
        for record in present.resources.values() {
            for urn in [&record.urn, record.identity()] {
                let place = [record.inputs.clone(), record.outputs.clone()];
                known.places.entry(urn.clone()).or_default().push(place);
            }
        }
        known
    }

    fn size(&self) -> (usize, usize) {
        (self.places.len(), self.values.len())
    }

    /// What the present state says in plain is no secret, wherever else it stands.
    fn forget_plain(&self, present: &State) {
        let forget = |map: &PropertyMap| map.values().for_each(|v| self.values.forget_plain(v));
        for resource in present.resources.values() {
            forget(&resource.inputs);
            forget(&resource.outputs);
        }
        forget(&present.exports);
    }

    /// Of which resources a former state shows something; `None` when it shows nothing at all.
    fn shown_by(&mut self, former: &State, present: &State) -> Option<BTreeSet<Urn>> {
        let mut urns = BTreeSet::new();
        for record in former.resources.values() {
            let names = [&record.urn, record.identity()];
            let inputs = self.marked(&record.inputs, names, 0);
            let outputs = self.marked(&record.outputs, names, 1);
            if (&inputs, &outputs) != (&record.inputs, &record.outputs) {
                urns.insert(record.urn.clone());
            }
            // Who it was before is the same resource, too.
            let (known, other): (Vec<&Urn>, Vec<&Urn>) =
                names.into_iter().partition(|name| self.places.contains_key(*name));
            if let ([_], [name]) = (known.as_slice(), other.as_slice()) {
                self.places.insert((*name).clone(), vec![[inputs.clone(), outputs.clone()]]);
            }
            self.values.learn_map(&inputs);
            self.values.learn_map(&outputs);
        }
        for open in former.intents.values() {
            let intent = &open.intent;
            let inputs = self.marked(&intent.inputs, [&intent.urn, intent.identity()], 0);
            if inputs != intent.inputs {
                urns.insert(intent.urn.clone());
            }
            self.values.learn_map(&inputs);
        }
        let exports = tainted_map(former.exports.clone(), &present.exports);
        let exports = self.values.mark_map(exports);
        self.values.learn_map(&exports);
        self.forget_plain(present);
        (!urns.is_empty() || exports != former.exports).then_some(urns)
    }

    /// The values with everything marked that is secret by now.
    fn marked(&self, map: &PropertyMap, names: [&Urn; 2], part: usize) -> PropertyMap {
        let places = names.into_iter().filter_map(|name| self.places.get(name)).flatten();
        let by_place = places.fold(map.clone(), |map, place| tainted_map(map, &place[part]));
        self.values.mark_map(by_place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn marks_are_compared_place_by_place_and_value_by_value() {
        let map = |name: &str, value: Value| PropertyMap::from([(name.to_owned(), value)]);
        let with = |exports| State { exports, ..State::new("p", "s") };
        let present = with(map("a", Value::secret("hunter2".into())));
        let shows = |former| Known::of(&present).shown_by(&with(former), &present).is_some();
        assert!(shows(map("a", "another".into())), "in the same place");
        assert!(shows(map("b", "my hunter2".into())), "the same value");
        assert!(!shows(map("a", Value::secret("hunter2".into()))));
        assert!(!shows(map("b", "something else".into())));
    }
}

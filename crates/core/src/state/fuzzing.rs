//! What the fuzz targets and the replay of their corpora call: everything that reads bytes
//! from outside, with what must hold of it. A broken rule is a panic.

use std::sync::{Arc, OnceLock};

use serde_json::{Value as Json, json};

use super::codec::{Codec, Envelope};
use super::entry::Entry;
use super::local::parse_journal;
use super::model::State;
use super::secrets::{DataKey, FixedKey, KeyMeta, KeyProvider, Passphrase, parse_key};
use crate::observe::Observed;
use crate::plan::plan_destroy;
use crate::render::{Style, plan_json, plan_markdown, plan_text};
use crate::resource::Registry;
use crate::value::Secret;

fn codec() -> Codec {
    Codec::new("shop", "dev", DataKey::from_bytes([1; 32]), "here")
}

/// A snapshot: as it is, and as the body of one whose checksum fits.
pub fn snapshot(bytes: &[u8]) {
    if let Ok(envelope) = Envelope::parse(bytes, "here") {
        let _ = codec().decode_snapshot(envelope);
    }
    if let Some(state) = state(bytes) {
        read_back(&state);
    }
}

/// The state in a body, wherever its checksum comes from.
fn state(body: &[u8]) -> Option<State> {
    let body: Json = serde_json::from_slice(body).ok()?;
    let sealed = Codec::seal(json!({
        "format": "ferrocrete-state", "version": 1, "encryption": {"scheme": "fixed"}, "body": body,
    }));
    let envelope = Envelope::parse(&sealed, "here").ok()?;
    codec().decode_snapshot(envelope).ok()
}

/// What is sound is written and read back as it was.
fn read_back(state: &State) {
    if state.verify().is_err() {
        return;
    }
    let codec = codec();
    // Deeper than can be read back is refused.
    let Ok(bytes) = codec.encode_snapshot(state, &KeyMeta::new("fixed"), None) else { return };
    let envelope = Envelope::parse(&bytes, "here").expect("what was written is read");
    let read = codec.decode_snapshot(envelope).expect("what was written is read");
    assert!(read == *state || format!("{read:?}") == format!("{state:?}"), "it is the same");
}

/// A local journal, and each of its lines as an entry: as it is, and with a checksum that fits.
pub fn journal(bytes: &[u8]) {
    let _ = parse_journal(bytes, "here");
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let codec = codec();
    let mut state = State::new("shop", "dev");
    for line in text.lines() {
        let as_it_is = codec.decode_entry(line, "here").ok();
        let entry = as_it_is.or_else(|| {
            let entry = serde_json::from_str(line).ok()?;
            codec.decode_entry(&Codec::seal_entry(&entry), "here").ok()
        });
        let Some(entry) = entry else { continue };
        if let Ok(line) = codec.encode_entry(&entry) {
            let read = codec.decode_entry(&line, "here").expect("what was written is read");
            assert!(read == entry || format!("{read:?}") == format!("{entry:?}"), "it is the same");
        }
        let key = match &entry {
            Entry::Done(resource) => Some(resource.key()),
            _ => None,
        };
        state.apply(entry);
        assert!(key.is_none_or(|key| state.resources.contains_key(&key)), "what is done is known");
    }
    read_back(&state);
}

/// A plan made from a state; its JSON is JSON, the same each time.
pub fn plan(body: &[u8]) {
    let Some(mut state) = state(body) else { return };
    state.resources.retain(|(urn, _), _| urn.type_name() == "Fuzz::Thing");
    if state.verify().is_err() {
        return;
    }
    let registry = Registry::default().with_handler(Arc::new(thing::Thing));
    let Ok(plan) = plan_destroy(&registry, "shop", "dev", &state, &Observed::default()) else {
        return;
    };
    let json = plan_json(&plan);
    let read: Json = serde_json::from_str(&json).expect("a plan is JSON");
    assert_eq!(read["steps"].as_array().map(Vec::len), Some(state.resources.len()));
    assert_eq!(json, plan_json(&plan), "the same plan is the same bytes");
    let _ = (plan_text(&plan, Style::Ansi), plan_markdown(&plan));
}

/// Key metadata and key files.
pub fn keys(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(key) = parse_key(text) {
        assert!(parse_key(&super::secrets::to_base64(key.expose())).is_some());
    }
    let Ok(meta) = serde_json::from_str::<KeyMeta>(text) else { return };
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let runtime = RUNTIME
        .get_or_init(|| tokio::runtime::Builder::new_current_thread().build().expect("a runtime"));
    runtime.block_on(async {
        let _ = FixedKey::for_tests().open(&meta).await;
        // What may legally be expensive would only make this slow.
        let cheap =
            |name: &str, most: u64| meta.number(name).is_ok_and(|n| n <= most || n > 1 << 32);
        if cheap("memory_kib", 64) && cheap("passes", 2) {
            let _ = Passphrase::new(Secret::new("phrase".to_owned())).open(&meta).await;
        }
    });
}

mod thing {
    //! A type whose resources are only planned with.

    use std::sync::Arc;

    use async_trait::async_trait;

    use crate::error::OpError;
    use crate::resource::{
        Created, Handler, LiveState, Namespace, OpContext, Progress, ProviderConfig, ReadItem,
    };
    use crate::schema::Schema;
    use crate::value::PropertyMap;

    pub(super) struct Thing;

    static SCHEMA: Schema =
        Schema { type_name: "Fuzz::Thing", rust_name: "Thing", ..Schema::PLAIN };

    fn never() -> OpError {
        OpError::invalid("only planned with")
    }

    #[async_trait]
    impl Handler for Thing {
        fn schema(&self) -> &'static Schema {
            &SCHEMA
        }

        async fn namespace(&self, _: &ProviderConfig) -> Result<Namespace, OpError> {
            Err(never())
        }

        async fn create(&self, _: Arc<OpContext>, _: &PropertyMap) -> Result<Created, OpError> {
            Err(never())
        }

        async fn read(
            &self,
            _: &ProviderConfig,
            _: Vec<ReadItem>,
        ) -> Result<Vec<Option<LiveState>>, OpError> {
            Err(never())
        }

        async fn find(
            &self,
            _: Arc<OpContext>,
            _: &PropertyMap,
        ) -> Result<Option<String>, OpError> {
            Err(never())
        }

        async fn update(
            &self,
            _: Arc<OpContext>,
            _: &str,
            _: &PropertyMap,
            _: &PropertyMap,
            _: &[String],
        ) -> Result<Progress, OpError> {
            Err(never())
        }

        async fn delete(
            &self,
            _: Arc<OpContext>,
            _: &str,
            _: &PropertyMap,
        ) -> Result<Progress, OpError> {
            Err(never())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_get_past_the_checksum() {
        let seed = |path: &str| {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/");
            std::fs::read(format!("{folder}{path}")).unwrap()
        };
        assert_eq!(state(&seed("snapshot/two")).unwrap().resources.len(), 2);
        assert_eq!(state(&seed("plan/generations")).unwrap().intents.len(), 1);
        let journal = seed("journal/run");
        let first = std::str::from_utf8(&journal).unwrap().lines().next().unwrap();
        let sealed = Codec::seal_entry(&serde_json::from_str(first).unwrap());
        assert!(matches!(codec().decode_entry(&sealed, "here"), Ok(Entry::Begin(_))));
        assert_eq!(parse_journal(&seed("journal/file"), "here").unwrap().len(), 2);
        assert_eq!(parse_journal(&seed("journal/torn"), "here").unwrap().len(), 1);
        assert!(parse_journal(&seed("journal/overwritten"), "here").is_err());
    }
}

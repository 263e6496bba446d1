//! What is written is read back; what was damaged is refused; no secret stands in the open.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::resource::ProviderConfig;
use crate::state::{Completeness, Intent, IntentAction, OpenIntent, ResourceState};
use crate::urn::Urn;
use crate::value::{PropertyMap, Value};

const PLAIN: &str = "hunter2-plain";

pub fn urn(name: &str) -> Urn {
    Urn::new("shop", "dev", &[], "Fake::Thing", name).unwrap()
}

pub fn resource(name: &str, dependencies: &[&str]) -> ResourceState {
    ResourceState {
        urn: urn(name),
        generation: 1,
        id: format!("id-{name}"),
        inputs: PropertyMap::new(),
        outputs: PropertyMap::new(),
        dependencies: dependencies.iter().map(|d| urn(d)).collect(),
        completeness: Completeness::Complete,
        provider: ProviderConfig::default(),
        namespace: None,
        protect: false,
        retain_on_delete: false,
        delete_timeout: None,
    }
}

pub fn state(resources: impl IntoIterator<Item = ResourceState>) -> State {
    let mut state = State::new("shop", "dev");
    state.resources = resources.into_iter().map(|r| (r.key(), r)).collect();
    state
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        ".{0,12}".prop_map(Value::String),
        any::<i32>().prop_map(|n| Value::from(serde_json::json!(n))),
        Just(Value::secret(Value::String(PLAIN.into()))),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map("[a-z$]{1,6}", inner, 0..4).prop_map(Value::Map),
        ]
    })
}

fn maps() -> impl Strategy<Value = PropertyMap> {
    prop::collection::btree_map("[a-z_]{1,8}", values(), 0..4)
}

prop_compose! {
    fn states()(all in prop::collection::vec((maps(), maps(), any::<bool>()), 0..5), exports in maps()) -> State {
        let names: Vec<String> = (0..all.len()).map(|n| format!("r{n}")).collect();
        let resources = all.into_iter().enumerate().map(|(n, (inputs, outputs, protect))| {
            let before: Vec<&str> = names[..n].iter().map(String::as_str).collect();
            ResourceState { inputs, outputs, protect, ..resource(&names[n], &before) }
        });
        State { exports, ..state(resources) }
    }
}

fn codec(key: u8) -> Codec {
    Codec::new("shop", "dev", DataKey::from_bytes([key; 32]), "here")
}

fn meta() -> KeyMeta {
    KeyMeta::new("fixed")
}

fn read(bytes: &[u8], key: u8) -> Result<State, StateError> {
    Envelope::parse(bytes, "here").and_then(|e| codec(key).decode_snapshot(e))
}

/// A state with a secret, as bytes.
fn sample() -> (State, Vec<u8>) {
    let mut web = resource("web", &["net"]);
    web.inputs = BTreeMap::from([("password".into(), Value::secret(PLAIN.into()))]);
    let state = state([resource("net", &[]), web]);
    let bytes = codec(1).encode_snapshot(&state, &meta()).unwrap();
    (state, bytes)
}

fn entry() -> Entry {
    let mut web = resource("web", &[]);
    web.outputs = BTreeMap::from([("token".into(), Value::secret(PLAIN.into()))]);
    Entry::Done(Box::new(web))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn states_are_read_back(state in states()) {
        let bytes = codec(1).encode_snapshot(&state, &meta()).unwrap();
        prop_assert!(!String::from_utf8_lossy(&bytes).contains(PLAIN));
        prop_assert_eq!(read(&bytes, 1).unwrap(), state);
    }

    #[test]
    fn intents_are_read_back(inputs in maps()) {
        let intent = Intent {
            urn: urn("web"),
            generation: 2,
            action: IntentAction::Update,
            inputs,
            token: "abc".into(),
            dependencies: [urn("net")].into(),
            provider: ProviderConfig::default(),
            namespace: None,
            protect: true,
            retain_on_delete: false,
            started_at: "2026-11-21T04:30:00Z".into(),
        };
        let line = codec(1).encode_entry(&Entry::Begin(intent.clone())).unwrap();
        prop_assert!(!line.contains(PLAIN) && !line.contains('\n'));
        prop_assert_eq!(codec(1).decode_entry(&line, 1).unwrap(), Entry::Begin(intent.clone()));
        let mut state = state([]);
        let key = (intent.urn.clone(), 2);
        state.intents.insert(key, OpenIntent { intent, id: Some("id".into()) });
        let bytes = codec(1).encode_snapshot(&state, &meta()).unwrap();
        prop_assert_eq!(read(&bytes, 1).unwrap(), state);
    }
}

#[test]
fn a_flipped_bit_is_noticed_or_means_nothing() {
    let (state, bytes) = sample();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            // White space may change without a change of meaning.
            if let Ok(read) = read(&damaged, 1) {
                assert_eq!(read, state, "bit {bit} of byte {at}");
            }
        }
    }
    let line = codec(1).encode_entry(&entry()).unwrap();
    for at in 0..line.len() {
        let mut damaged = line.clone().into_bytes();
        damaged[at] ^= 1;
        let damaged = String::from_utf8(damaged).unwrap();
        if let Ok(read) = codec(1).decode_entry(&damaged, 1) {
            assert_eq!(read, entry(), "byte {at}");
        }
    }
}

#[test]
fn a_truncated_snapshot_or_entry_is_damaged() {
    let (_, bytes) = sample();
    // The last byte is the line's end.
    for end in 0..bytes.len() - 1 {
        let error = read(&bytes[..end], 1).unwrap_err();
        assert!(matches!(error, StateError::Damaged { .. }), "{end}: {error}");
    }
    let line = codec(1).encode_entry(&entry()).unwrap();
    for end in 0..line.len() {
        let error = codec(1).decode_entry(&line[..end], 3).unwrap_err().to_string();
        assert!(error.contains("journal entry 3"), "{error}");
    }
}

#[test]
fn a_newer_version_is_refused_by_its_number() {
    let (_, bytes) = sample();
    let text = String::from_utf8(bytes).unwrap();
    let newer = text.replacen("\"version\": 1", "\"version\": 2", 1);
    assert_ne!(text, newer);
    let error = read(newer.as_bytes(), 1).unwrap_err();
    assert!(matches!(error, StateError::TooNew { found: 2, known: 1, .. }), "{error}");
    let line = codec(1).encode_entry(&entry()).unwrap();
    let newer = line.replacen("\"v\":1", "\"v\":2", 1);
    let error = codec(1).decode_entry(&newer, 1).unwrap_err();
    assert!(matches!(error, StateError::TooNew { found: 2, known: 1, .. }), "{error}");
}

#[test]
fn another_key_or_stack_does_not_decrypt() {
    let (_, bytes) = sample();
    let error = read(&bytes, 2).unwrap_err().to_string();
    assert!(error.contains("web") && !error.contains(PLAIN), "{error}");
    let elsewhere = Codec::new("shop", "prod", DataKey::from_bytes([1; 32]), "here");
    let line = codec(1).encode_entry(&entry()).unwrap();
    assert!(elsewhere.decode_entry(&line, 1).is_err());
}

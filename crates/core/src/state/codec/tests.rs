//! What is written is read back; what was damaged is refused; no secret stands in the open.

mod properties;

use std::collections::BTreeMap;

use super::*;
use crate::resource::ProviderConfig;
use crate::state::{Completeness, ResourceState};
use crate::urn::Urn;
use crate::value::{PropertyMap, Value};

const PLAIN: &str = "hunter2-plain";

pub fn urn(name: &str) -> Urn {
    Urn::new("shop", "dev", &[], "Fake::Thing", name).unwrap()
}

pub fn resource(name: &str, dependencies: &[&str]) -> ResourceState {
    ResourceState {
        urn: urn(name),
        named_after: None,
        generation: 1,
        id: format!("id-{name}"),
        inputs: PropertyMap::new(),
        outputs: PropertyMap::new(),
        dependencies: dependencies.iter().map(|d| urn(d)).collect(),
        completeness: Completeness::Complete,
        unsure: None,
        provider: ProviderConfig::default(),
        namespace: None,
        protect: false,
        retain_on_delete: false,
        delete_timeout: None,
        touched: 0,
    }
}

pub fn state(resources: impl IntoIterator<Item = ResourceState>) -> State {
    let mut state = State::new("shop", "dev");
    state.resources = resources.into_iter().map(|r| (r.key(), r)).collect();
    state
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
    let bytes = codec(1).encode_snapshot(&state, &meta(), None).unwrap();
    (state, bytes)
}

fn entry() -> Entry {
    let mut web = resource("web", &[]);
    web.outputs = BTreeMap::from([("token".into(), Value::secret(PLAIN.into()))]);
    Entry::Done(Box::new(web))
}

#[test]
fn what_is_no_number_comes_back() {
    let exports = BTreeMap::from([("nan".to_owned(), Value::Float(f64::NAN))]);
    let line = codec(1).encode_entry(&Entry::Exports(exports)).unwrap();
    let Entry::Exports(read) = codec(1).decode_entry(&line, "here").unwrap() else {
        panic!("exports")
    };
    assert!(matches!(read["nan"], Value::Float(n) if n.is_nan()));
}

#[test]
fn what_cannot_be_read_back_is_not_written() {
    let export = |value| {
        let exports = BTreeMap::from([("deep".to_owned(), value)]);
        codec(1).encode_entry(&Entry::Exports(exports))
    };
    let deep =
        |levels: usize, leaf: Value| (0..levels).fold(leaf, |value, _| Value::List(vec![value]));
    let secret = |levels: usize| deep(levels / 2, Value::secret(deep(levels / 2, PLAIN.into())));
    for value in [deep(99, Value::Null), secret(96)] {
        let line = export(value.clone()).unwrap();
        let read = codec(1).decode_entry(&line, "here").unwrap();
        assert_eq!(read, Entry::Exports(BTreeMap::from([("deep".to_owned(), value)])));
    }
    for value in [deep(100, Value::Null), secret(100), deep(2, Value::Unknown)] {
        let error = export(value).unwrap_err();
        assert!(matches!(error, StateError::Bug { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("exports.deep") && !text.contains(PLAIN), "{text}");
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
        if let Ok(read) = codec(1).decode_entry(&damaged, "here") {
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
        let error = codec(1).decode_entry(&line[..end], "journal entry 3").unwrap_err().to_string();
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
    let error = codec(1).decode_entry(&newer, "here").unwrap_err();
    assert!(matches!(error, StateError::TooNew { found: 2, known: 1, .. }), "{error}");
}

#[test]
fn another_key_or_stack_does_not_decrypt() {
    let (_, bytes) = sample();
    let error = read(&bytes, 2).unwrap_err().to_string();
    assert!(error.contains("web") && !error.contains(PLAIN), "{error}");
    let elsewhere = Codec::new("shop", "prod", DataKey::from_bytes([1; 32]), "here");
    let line = codec(1).encode_entry(&entry()).unwrap();
    assert!(elsewhere.decode_entry(&line, "here").is_err());
}

/// A snapshot with a changed body and the checksum that belongs to it.
fn resealed(bytes: &[u8], change: impl FnOnce(&mut Json)) -> Vec<u8> {
    let mut json: Json = serde_json::from_slice(bytes).unwrap();
    change(&mut json);
    json.as_object_mut().unwrap().remove("checksum");
    json["checksum"] = format!("sha256:{}", digest::hex(&json)).into();
    serde_json::to_vec(&json).unwrap()
}

#[test]
fn a_body_that_nobody_wrote_is_damaged_although_its_checksum_fits() {
    let (_, bytes) = sample();
    let refused = |change: fn(&mut Json), says: &[&str]| {
        let error = read(&resealed(&bytes, change), 1).unwrap_err();
        assert!(matches!(error, StateError::Damaged { .. }), "{error}");
        let text = error.to_string();
        assert!(says.iter().all(|s| text.contains(s)) && !text.contains(PLAIN), "{text}");
    };
    assert!(read(&resealed(&bytes, |_| {}), 1).is_ok());
    let twice = |json: &mut Json| {
        let all = json["body"]["resources"].as_array_mut().unwrap();
        all.push(all[0].clone());
    };
    refused(twice, &["net", "twice"]);
    let marker = |json: &mut Json| json["body"]["resources"][1]["inputs"]["x"] = marked("$later");
    refused(marker, &["web", "$later"]);
    let broken = |json: &mut Json| json["body"]["resources"][1]["inputs"]["x"] = marked("$secret");
    refused(broken, &["web", "does not decrypt"]);
    let number = |json: &mut Json| json["body"]["exports"]["x"] = marked("$float");
    refused(number, &["does not hold a number"]);
    let field = |json: &mut Json| json["body"]["resources"][1]["colour"] = "red".into();
    refused(field, &["web", "colour"]);
    let gone =
        |json: &mut Json| drop(json["body"]["resources"][1].as_object_mut().unwrap().remove("id"));
    refused(gone, &["web", "id"]);
    refused(|json| json["body"]["serial"] = "one".into(), &["its body"]);
    refused(|json| json["version"] = 0.into(), &["version"]);
    refused(|json| json["format"] = "other".into(), &["format"]);
    refused(|json| json["encryption"] = Json::Null, &["encryption"]);
}

fn marked(name: &str) -> Json {
    Json::Object([(name.to_owned(), Json::from("text"))].into_iter().collect())
}

#[test]
fn a_snapshot_has_resources_after_what_they_depend_on() {
    let all = [resource("a", &["c"]), resource("b", &["a"]), resource("c", &[])];
    let bytes = codec(1).encode_snapshot(&state(all), &meta(), None).unwrap();
    let json: Json = serde_json::from_slice(&bytes).unwrap();
    let urns: Vec<String> =
        json["body"]["resources"].as_array().unwrap().iter().map(wire::name_of).collect();
    assert_eq!(urns, ["c", "a", "b"].map(|n| urn(n).to_string()));
    // The same state is the same bytes, but for what chance put into secrets.
    let all = [resource("c", &[]), resource("b", &["a"]), resource("a", &["c"])];
    assert_eq!(codec(1).encode_snapshot(&state(all), &meta(), None).unwrap(), bytes);
    let cycle = state([resource("a", &["b"]), resource("b", &["a"])]);
    let error = codec(1).encode_snapshot(&cycle, &meta(), None).unwrap_err();
    assert!(matches!(error, StateError::Bug { .. }), "{error}");
}

#[test]
fn the_length_of_a_secret_says_little() {
    let length = |text: &str| {
        let exports = BTreeMap::from([("x".to_owned(), Value::secret(text.into()))]);
        codec(1).encode_entry(&Entry::Exports(exports)).unwrap().len()
    };
    assert_eq!(length("a"), length("a much longer password"));
}

#[test]
fn an_older_format_is_brought_up_step_by_step() {
    let steps: [Migration; 2] = [
        |json| Ok(serde_json::json!([json, "to 2"])),
        |json| match json {
            Json::Null => Err("nothing there".into()),
            json => Ok(serde_json::json!([json, "to 3"])),
        },
    ];
    let from = |version, json| migrate(version, json, &steps);
    assert_eq!(from(1, 0.into()), Ok(serde_json::json!([[0, "to 2"], "to 3"])));
    assert_eq!(from(2, 0.into()), Ok(serde_json::json!([0, "to 3"])));
    assert_eq!(from(3, 0.into()), Ok(0.into()));
    assert_eq!(from(2, Json::Null), Err("nothing there".into()));
}

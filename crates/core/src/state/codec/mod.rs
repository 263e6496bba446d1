//! How a [`State`] and an [`Entry`] look at rest.
//!
//! A snapshot is one JSON document, made to be read and compared by people:
//!
//! ```json
//! {
//!   "format": "ferrocrete-state",
//!   "version": 1,
//!   "checksum": "sha256:…",
//!   "encryption": { "scheme": "passphrase", … },
//!   "body": { "project": …, "stack": …, "serial": …, "sequence": …, "written": { … },
//!             "resources": [ … ], "intents": [ … ], "exports": { … } }
//! }
//! ```
//!
//! Resources stand in dependency order, ties in urn order. The checksum covers everything
//! but itself: SHA-256 over the JSON written without white space and with sorted keys. A
//! journal entry is one line, `{"v":1,"sum":"…","entry":{…}}`, where `sum` is the first 16
//! hex digits of the same hash over `entry`. Values are as described in `value.rs`.

mod digest;
mod value;
mod wire;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::entry::Entry;
use super::error::StateError;
use super::model::State;
use super::readers::Reads;
use super::secrets::{DataKey, KeyMeta};
use super::verify::dependency_order;
use wire::{Body, WireEntry, WireIntent, WireResource};

const FORMAT: &str = "ferrocrete-state";
/// Newest version of the snapshot format, the one that is written.
const SNAPSHOT_VERSION: u64 = 1;
/// Newest version of the entry format, the one that is written.
const ENTRY_VERSION: u64 = 1;

/// How to get over a damaged snapshot.
pub(super) const RESTORE: &str =
    "list former snapshots with `state history` and bring one back with `state restore SERIAL`";
/// How to get over a damaged journal.
pub(super) const COPY: &str = "put it back from a backup (of a table: point-in-time recovery); \
     without one, remove this entry and all later ones: the next `up` goes on from there, and \
     `state audit` names what it no longer knows";

/// A step from one version of a format to the next.
type Migration = fn(Json) -> Result<Json, String>;
/// `[i]` brings the body of a snapshot from version `i + 1` to `i + 2`.
const SNAPSHOT_MIGRATIONS: [Migration; SNAPSHOT_VERSION as usize - 1] = [];
/// `[i]` brings an entry from version `i + 1` to `i + 2`.
const ENTRY_MIGRATIONS: [Migration; ENTRY_VERSION as usize - 1] = [];

/// Brings what was written as `version` to the newest version.
fn migrate(version: u64, json: Json, steps: &[Migration]) -> Result<Json, String> {
    steps.iter().skip(version as usize - 1).try_fold(json, |json, step| step(json))
}

/// Who wrote a snapshot; nothing is decided by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// When, RFC 3339, by the writer's clock.
    pub at: String,
    /// User and host, such as `anna@build-7`.
    pub by: String,
    /// The command: `up`, `destroy` …
    pub command: String,
    /// The serial that a `state restore` brought back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored: Option<u64>,
}

/// A snapshot taken apart and checked, its secrets still encrypted.
#[derive(Debug)]
pub(super) struct Envelope {
    pub encryption: KeyMeta,
    pub project: String,
    pub stack: String,
    pub serial: u64,
    pub sequence: u64,
    body: Body,
}

impl Envelope {
    /// Checks format, version and checksum.
    pub fn parse(bytes: &[u8], place: &str) -> Result<Self, StateError> {
        let place = format!("the snapshot in {place}");
        let damaged =
            |why: String| StateError::Damaged { place: place.clone(), why, fix: RESTORE.into() };
        let json: Json = serde_json::from_slice(bytes)
            .map_err(|e| damaged(format!("it is not JSON, or was cut off: {e}")))?;
        let Json::Object(mut json) = json else {
            return Err(damaged("it is not a JSON object".into()));
        };
        if json.get("format").and_then(Json::as_str) != Some(FORMAT) {
            return Err(damaged(format!("it does not have the format `{FORMAT}`")));
        }
        let version = known_version(json.get("version"), SNAPSHOT_VERSION, &place)
            .and_then(|v| v.ok_or_else(|| damaged("it has no valid `version`".into())))?;
        let Some(Json::String(checksum)) = json.remove("checksum") else {
            return Err(damaged("it has no `checksum`".into()));
        };
        let json = Json::Object(json);
        if checksum != format!("sha256:{}", digest::hex(&json)) {
            return Err(damaged("its content does not have the recorded checksum".into()));
        }
        let take = |name: &str| match &json {
            Json::Object(map) => map.get(name).cloned(),
            _ => None,
        };
        let encryption = take("encryption")
            .and_then(|json| serde_json::from_value::<KeyMeta>(json).ok())
            .ok_or_else(|| damaged("it has no `encryption`".into()))?;
        let body = take("body").ok_or_else(|| damaged("it has no `body`".into()))?;
        let body = migrate(version, body, &SNAPSHOT_MIGRATIONS).map_err(damaged)?;
        let body: Body =
            serde_json::from_value(body).map_err(|e| damaged(format!("its body: {e}")))?;
        Ok(Self {
            encryption,
            project: body.project.clone(),
            stack: body.stack.clone(),
            serial: body.serial,
            sequence: body.sequence,
            body,
        })
    }

    /// How many resources it holds.
    pub fn resources(&self) -> usize {
        self.body.resources.len()
    }

    /// How many operations it holds whose end is not known.
    pub fn open(&self) -> usize {
        self.body.intents.len()
    }

    /// The exports of other stacks that this stack reads.
    pub fn reads(&self) -> &Reads {
        &self.body.reads
    }

    pub fn written(&self) -> Option<&Written> {
        self.body.written.as_ref()
    }
}

/// The version, `None` when it is not a version at all.
fn known_version(json: Option<&Json>, known: u64, place: &str) -> Result<Option<u64>, StateError> {
    match json.and_then(Json::as_u64) {
        Some(found) if found > known => {
            Err(StateError::TooNew { place: place.to_owned(), found, known })
        }
        found => Ok(found.filter(|v| *v > 0)),
    }
}

/// Writes and reads one stack's snapshots and entries, encrypting secrets with its key.
#[derive(Debug, Clone)]
pub(super) struct Codec {
    place: String,
    context: Vec<u8>,
    key: DataKey,
}

impl Codec {
    /// A codec for a stack; secrets are bound to project and stack, so that one copied from
    /// another stack does not decrypt. `place` is for messages.
    pub fn new(project: &str, stack: &str, key: DataKey, place: impl Into<String>) -> Self {
        // Names hold no `:`, so this is unambiguous.
        let context = format!("ferrocrete secret:{project}:{stack}").into_bytes();
        Self { place: place.into(), context, key }
    }

    fn bug(&self, why: impl Into<String>) -> StateError {
        StateError::Bug { place: self.place.clone(), why: why.into() }
    }

    /// The snapshot's bytes.
    pub fn encode_snapshot(
        &self,
        state: &State,
        key: &KeyMeta,
        written: Option<Written>,
    ) -> Result<Vec<u8>, StateError> {
        let order = dependency_order(state)
            .map_err(|cycle| self.bug(format!("resources depend on each other: {cycle}")))?;
        let resources = order
            .into_iter()
            .map(|resource| to_json(&WireResource::encode(resource, self)?))
            .collect::<Result<_, _>>();
        let intents = state
            .intents
            .values()
            .map(|open| {
                to_json(&WireIntent::encode(&open.intent, (open.id.clone(), open.all_sent), self)?)
            })
            .collect::<Result<_, _>>();
        let body = Body {
            project: state.project.clone(),
            stack: state.stack.clone(),
            serial: state.serial,
            sequence: state.sequence,
            written,
            resources: resources.map_err(|e| self.bug(e))?,
            intents: intents.map_err(|e| self.bug(e))?,
            forgotten: state.forgotten.clone(),
            exports: value::encode_map(&state.exports, self, "exports").map_err(|e| self.bug(e))?,
            reads: state.reads.clone(),
        };
        let snapshot = wire::Snapshot {
            format: FORMAT,
            version: SNAPSHOT_VERSION,
            checksum: None,
            encryption: key,
            body: &body,
        };
        let sum = digest::hex(&to_json(&snapshot).map_err(|e| self.bug(e))?);
        let snapshot = wire::Snapshot { checksum: Some(format!("sha256:{sum}")), ..snapshot };
        let mut bytes =
            serde_json::to_vec_pretty(&snapshot).map_err(|e| self.bug(e.to_string()))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The state in a snapshot.
    pub fn decode_snapshot(&self, envelope: Envelope) -> Result<State, StateError> {
        let place = format!("the snapshot in {}", self.place);
        let damaged =
            |why: String| StateError::Damaged { place: place.clone(), why, fix: RESTORE.into() };
        let body = envelope.body;
        let mut state = State::new(body.project, body.stack);
        state.serial = body.serial;
        state.sequence = body.sequence;
        for json in body.resources {
            let what = wire::name_of(&json);
            let resource = from_json::<WireResource>(json)
                .and_then(|wire| wire.decode(self))
                .map_err(|e| damaged(format!("resource {what}: {e}")))?;
            if state.resources.insert(resource.key(), resource).is_some() {
                return Err(damaged(format!("resource {what} stands in it twice")));
            }
        }
        for json in body.intents {
            let what = wire::name_of(&json);
            let open = from_json::<WireIntent>(json)
                .and_then(|wire| wire.decode(self))
                .map_err(|e| damaged(format!("intent of {what}: {e}")))?;
            let key = (open.intent.urn.clone(), open.intent.generation);
            if state.intents.insert(key, open).is_some() {
                return Err(damaged(format!("the intent of {what} stands in it twice")));
            }
        }
        state.forgotten = body.forgotten;
        state.exports = value::decode_map(body.exports, self).map_err(damaged)?;
        state.reads = body.reads;
        Ok(state)
    }

    /// The entry as one line, without the line's end.
    pub fn encode_entry(&self, entry: &Entry) -> Result<String, StateError> {
        let entry = WireEntry::encode(entry, self).and_then(|wire| to_json(&wire));
        let entry = entry.map_err(|e| self.bug(e))?;
        Ok(Self::seal_entry(&entry))
    }

    /// The entry in a line; `place` is for messages.
    pub fn decode_entry(&self, text: &str, place: &str) -> Result<Entry, StateError> {
        open_entry(text, place)?.decode(self).map_err(|why| damaged_entry(place, why))
    }
}

/// What an entry says of the exports of other stacks that are read; needs no key.
pub(super) fn reads_in(text: &str, place: &str) -> Result<Option<Reads>, StateError> {
    Ok(match open_entry(text, place)? {
        WireEntry::Reads(reads) => Some(reads),
        _ => None,
    })
}

fn damaged_entry(place: &str, why: String) -> StateError {
    StateError::Damaged { place: place.to_owned(), why, fix: COPY.into() }
}

/// An entry taken apart and checked, its secrets still encrypted.
fn open_entry(text: &str, place: &str) -> Result<WireEntry, StateError> {
    let damaged = |why| damaged_entry(place, why);
    let json: Json = serde_json::from_str(text)
        .map_err(|e| damaged(format!("it is not JSON, or was cut off: {e}")))?;
    let version = known_version(json.get("v"), ENTRY_VERSION, place)?
        .ok_or_else(|| damaged("it has no valid `v`".into()))?;
    let (Some(sum), Some(entry)) = (json.get("sum"), json.get("entry")) else {
        return Err(damaged("it has no `sum` or no `entry`".into()));
    };
    if sum.as_str() != Some(&digest::hex(entry)[..16]) {
        return Err(damaged("its content does not have the recorded checksum".into()));
    }
    migrate(version, entry.clone(), &ENTRY_MIGRATIONS)
        .and_then(from_json::<WireEntry>)
        .map_err(damaged)
}

impl Codec {
    /// For fuzzing: a checksum is no secret, so whoever changes state can write one that fits.
    pub(super) fn seal(mut snapshot: Json) -> Vec<u8> {
        snapshot["checksum"] = format!("sha256:{}", digest::hex(&snapshot)).into();
        snapshot.to_string().into_bytes()
    }

    /// An entry as a line.
    pub(super) fn seal_entry(entry: &Json) -> String {
        let sum = &digest::hex(entry)[..16];
        format!(r#"{{"v":{ENTRY_VERSION},"sum":"{sum}","entry":{entry}}}"#)
    }
}

fn to_json(value: &impl serde::Serialize) -> Result<Json, String> {
    serde_json::to_value(value).map_err(|e| e.to_string())
}

fn from_json<T: serde::de::DeserializeOwned>(json: Json) -> Result<T, String> {
    serde_json::from_value(json).map_err(|e| e.to_string())
}

#[cfg(test)]
pub(super) mod tests;

//! The JSON shapes of resources, intents and entries. Every struct is written and read
//! field by field, so that a new field in the model does not compile until it is decided
//! here how older state is read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::value::{decode_map, encode_map};
use super::{Codec, Written};
use crate::resource::{Namespace, ProviderConfig};
use crate::state::entry::{Entry, Intent, IntentAction};
use crate::state::model::{Completeness, OpenIntent, ResourceState};
use crate::state::readers::Reads;
use crate::state::secrets::KeyMeta;
use crate::urn::Urn;

#[derive(Serialize)]
pub(super) struct Snapshot<'a> {
    pub format: &'static str,
    pub version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    pub encryption: &'a KeyMeta,
    pub body: &'a Body,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    pub project: String,
    pub stack: String,
    pub serial: u64,
    pub sequence: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<Written>,
    pub resources: Vec<Json>,
    pub intents: Vec<Json>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub forgotten: BTreeMap<Urn, u64>,
    pub exports: Map<String, Json>,
    #[serde(default, skip_serializing_if = "Reads::is_empty")]
    pub reads: Reads,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireResource {
    urn: Urn,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    named_after: Option<Urn>,
    generation: u64,
    id: String,
    completeness: Completeness,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unsure: Option<BTreeSet<String>>,
    inputs: Map<String, Json>,
    outputs: Map<String, Json>,
    dependencies: BTreeSet<Urn>,
    #[serde(default, skip_serializing_if = "ProviderConfig::is_default")]
    provider: ProviderConfig,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    namespace: Option<Namespace>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    protect: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    retain_on_delete: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delete_timeout: Option<Duration>,
    #[serde(default, skip_serializing_if = "is_zero")]
    touched: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl WireResource {
    pub fn encode(resource: &ResourceState, codec: &Codec) -> Result<Self, String> {
        let ResourceState {
            urn,
            named_after,
            generation,
            id,
            inputs,
            outputs,
            dependencies,
            completeness,
            unsure,
            provider,
            namespace,
            protect,
            retain_on_delete,
            delete_timeout,
            touched,
        } = resource;
        Ok(Self {
            urn: urn.clone(),
            named_after: named_after.clone(),
            generation: *generation,
            id: id.clone(),
            completeness: *completeness,
            unsure: unsure.clone(),
            inputs: encode_map(inputs, codec, &format!("{urn} inputs"))?,
            outputs: encode_map(outputs, codec, &format!("{urn} outputs"))?,
            dependencies: dependencies.clone(),
            provider: provider.clone(),
            namespace: namespace.clone(),
            protect: *protect,
            retain_on_delete: *retain_on_delete,
            delete_timeout: *delete_timeout,
            touched: *touched,
        })
    }

    pub fn decode(self, codec: &Codec) -> Result<ResourceState, String> {
        Ok(ResourceState {
            urn: self.urn,
            named_after: self.named_after,
            generation: self.generation,
            id: self.id,
            inputs: decode_map(self.inputs, codec)?,
            outputs: decode_map(self.outputs, codec)?,
            dependencies: self.dependencies,
            completeness: self.completeness,
            unsure: self.unsure,
            provider: self.provider,
            namespace: self.namespace,
            protect: self.protect,
            retain_on_delete: self.retain_on_delete,
            delete_timeout: self.delete_timeout,
            touched: self.touched,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireIntent {
    urn: Urn,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    named_after: Option<Urn>,
    generation: u64,
    action: IntentAction,
    /// Only in snapshots: the id that a later entry of the journal brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    all_sent: bool,
    token: String,
    started_at: String,
    inputs: Map<String, Json>,
    dependencies: BTreeSet<Urn>,
    #[serde(default, skip_serializing_if = "ProviderConfig::is_default")]
    provider: ProviderConfig,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    namespace: Option<Namespace>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    protect: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    retain_on_delete: bool,
}

impl WireIntent {
    pub fn encode(
        intent: &Intent,
        (id, all_sent): (Option<String>, bool),
        codec: &Codec,
    ) -> Result<Self, String> {
        let Intent {
            urn,
            named_after,
            generation,
            action,
            inputs,
            token,
            dependencies,
            provider,
            namespace,
            protect,
            retain_on_delete,
            started_at,
        } = intent;
        Ok(Self {
            urn: urn.clone(),
            named_after: named_after.clone(),
            generation: *generation,
            action: *action,
            id,
            all_sent,
            token: token.clone(),
            started_at: started_at.clone(),
            inputs: encode_map(inputs, codec, &format!("{urn} inputs"))?,
            dependencies: dependencies.clone(),
            provider: provider.clone(),
            namespace: namespace.clone(),
            protect: *protect,
            retain_on_delete: *retain_on_delete,
        })
    }

    pub fn decode(self, codec: &Codec) -> Result<OpenIntent, String> {
        let intent = Intent {
            urn: self.urn,
            named_after: self.named_after,
            generation: self.generation,
            action: self.action,
            inputs: decode_map(self.inputs, codec)?,
            token: self.token,
            dependencies: self.dependencies,
            provider: self.provider,
            namespace: self.namespace,
            protect: self.protect,
            retain_on_delete: self.retain_on_delete,
            started_at: self.started_at,
        };
        Ok(OpenIntent { intent, id: self.id, all_sent: self.all_sent })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum WireEntry {
    Begin(WireIntent),
    Accepted {
        urn: Urn,
        generation: u64,
        id: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        all_sent: bool,
    },
    Done(WireResource),
    Failed {
        urn: Urn,
        generation: u64,
        error: String,
    },
    Deleted {
        urn: Urn,
        generation: u64,
    },
    Forgotten {
        urn: Urn,
        generation: u64,
    },
    Moved {
        from: Urn,
        to: Urn,
    },
    Concealed {
        urn: Urn,
        generation: u64,
        inputs: Map<String, Json>,
        outputs: Map<String, Json>,
    },
    Exports(Map<String, Json>),
    Reads(Reads),
}

impl WireEntry {
    pub fn encode(entry: &Entry, codec: &Codec) -> Result<Self, String> {
        Ok(match entry.clone() {
            Entry::Begin(intent) => Self::Begin(WireIntent::encode(&intent, (None, false), codec)?),
            Entry::Accepted { urn, generation, id, all_sent } => {
                Self::Accepted { urn, generation, id, all_sent }
            }
            Entry::Done(resource) => Self::Done(WireResource::encode(&resource, codec)?),
            Entry::Failed { urn, generation, error } => Self::Failed { urn, generation, error },
            Entry::Deleted { urn, generation } => Self::Deleted { urn, generation },
            Entry::Forgotten { urn, generation } => Self::Forgotten { urn, generation },
            Entry::Moved { from, to } => Self::Moved { from, to },
            Entry::Concealed { urn, generation, inputs, outputs } => Self::Concealed {
                inputs: encode_map(&inputs, codec, &format!("{urn} inputs"))?,
                outputs: encode_map(&outputs, codec, &format!("{urn} outputs"))?,
                urn,
                generation,
            },
            Entry::Exports(exports) => Self::Exports(encode_map(&exports, codec, "exports")?),
            Entry::Reads(reads) => Self::Reads(reads.clone()),
        })
    }

    pub fn decode(self, codec: &Codec) -> Result<Entry, String> {
        Ok(match self {
            Self::Begin(intent) => Entry::Begin(Box::new(intent.decode(codec)?.intent)),
            Self::Accepted { urn, generation, id, all_sent } => {
                Entry::Accepted { urn, generation, id, all_sent }
            }
            Self::Done(resource) => Entry::Done(Box::new(resource.decode(codec)?)),
            Self::Failed { urn, generation, error } => Entry::Failed { urn, generation, error },
            Self::Deleted { urn, generation } => Entry::Deleted { urn, generation },
            Self::Forgotten { urn, generation } => Entry::Forgotten { urn, generation },
            Self::Moved { from, to } => Entry::Moved { from, to },
            Self::Concealed { urn, generation, inputs, outputs } => Entry::Concealed {
                urn,
                generation,
                inputs: decode_map(inputs, codec)?,
                outputs: decode_map(outputs, codec)?,
            },
            Self::Exports(exports) => Entry::Exports(decode_map(exports, codec)?),
            Self::Reads(reads) => Entry::Reads(reads),
        })
    }
}

/// Which resource a damaged one is, as far as can be told.
pub(super) fn name_of(json: &Json) -> String {
    match json.get("urn").and_then(Json::as_str) {
        Some(urn) => urn.to_owned(),
        None => "without a urn".to_owned(),
    }
}

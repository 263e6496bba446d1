//! Resource types of the fake cloud: a network, a slow server in it, a rule that dies with
//! its network, and a lookup.

use std::collections::BTreeMap;

use ferrocrete_core::error::OpError;
use ferrocrete_core::resource::{
    Changes, Cx, Live, Lookup, Made, Progress, ReadRequest, Resource, Status, Tags,
};
use ferrocrete_core::{Lookup as DeriveLookup, Outputs, Resource as DeriveResource};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::cloud::{Fake, Item};

/// A network.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Network", outputs = NetworkOutputs, busy("InUse"))]
pub struct Network {
    /// Range. Replaces.
    #[field(replaces)]
    pub cidr: String,
    /// Description.
    pub description: Option<String>,
    /// Name.
    #[field(replaces, name(max = 40, lowercase, extra = "-"))]
    pub name: Option<String>,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Outputs of a network.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct NetworkOutputs {
    /// Id.
    pub network_id: String,
    /// Name.
    #[output(from_input)]
    pub name: String,
}

/// A server that takes its time.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(
    type = "Fake::Server",
    outputs = ServerOutputs,
    unique("network_id", "slot"),
    eventual("NotYet")
)]
pub struct Server {
    /// Where. Replaces.
    #[field(replaces)]
    pub network_id: String,
    /// Place in the network, for one server only. Replaces.
    #[field(replaces)]
    pub slot: Option<i32>,
    /// Image. Replaces.
    #[field(replaces)]
    pub image: Option<String>,
    /// Size; changes the address.
    #[field(affects("address", "rack"))]
    pub size: Option<i32>,
    /// Password.
    #[field(secret, write_only)]
    pub password: Option<String>,
    /// Groups.
    #[field(set)]
    pub groups: Option<Vec<String>>,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Outputs of a server.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ServerOutputs {
    /// Id.
    pub server_id: String,
    /// Address.
    pub address: String,
    /// Where big ones stand.
    pub rack: Option<String>,
}

/// What is rolled out slowly, and takes an update meanwhile.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Rollout", outputs = RolloutOutputs, update_anytime)]
pub struct Rollout {
    /// Image.
    pub image: String,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Outputs of a rollout.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct RolloutOutputs {
    /// Id.
    pub rollout_id: String,
}

/// A rule of a network.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Rule", outputs = RuleOutputs, deleted_with = "network_id")]
pub struct Rule {
    /// Whose rule. Replaces.
    #[field(replaces)]
    pub network_id: String,
    /// Other network. Replaces.
    #[field(replaces)]
    pub peer_id: Option<String>,
    /// Port.
    pub port: i32,
    /// Protocol. Replaces.
    #[field(replaces, aliases("6" = "tcp", "17" = "udp"))]
    pub protocol: Option<String>,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Outputs of a rule.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct RuleOutputs {
    /// Id.
    pub rule_id: String,
}

pub fn props<T: Serialize>(value: &T) -> BTreeMap<String, serde_json::Value> {
    let json = serde_json::to_value(value).unwrap();
    let map = json.as_object().unwrap().clone();
    map.into_iter().filter(|(k, v)| k != "tags" && !v.is_null()).collect()
}

pub fn typed<T: serde::de::DeserializeOwned>(item: &Item) -> T {
    let mut map: serde_json::Map<_, _> = item.props.clone().into_iter().collect();
    map.insert("tags".into(), serde_json::to_value(&item.tags).unwrap());
    serde_json::from_value(map.into()).unwrap()
}

fn status(item: &Item) -> Status {
    if let Some(why) = &item.broken {
        Status::Failed(why.clone())
    } else if item.gone_at.is_some() {
        Status::Deleting("deleting".into())
    } else if item.ready_at > Instant::now() {
        Status::Pending("creating".into())
    } else {
        Status::Ready
    }
}

async fn write_back<T: Serialize>(
    cx: &Cx<Fake>,
    call: &str,
    id: &str,
    new: &T,
    tags: &Option<Tags>,
    changes: &Changes,
) -> Result<(), OpError> {
    let trouble = cx.begin(call).await?;
    {
        let mut inner = cx.inner.lock().unwrap();
        let item = inner.items.get_mut(id).ok_or_else(|| OpError::invalid("no such item"))?;
        let wanted = props(new);
        for name in changes.iter().filter(|n| *n != "tags") {
            match wanted.get(name) {
                Some(value) => item.props.insert(name.to_owned(), value.clone()),
                None => item.props.remove(name),
            };
        }
        if changes.has("tags") {
            item.tags = tags.clone().unwrap_or_default();
        }
    }
    cx.end(trouble).await
}

macro_rules! fake_resource {
    ($type:ident, $kind:literal, $slow:literal, |$id:ident, $item:ident| $outputs:expr) => {
        impl Resource for $type {
            type Cloud = Fake;

            async fn create(&self, cx: &Cx<Fake>) -> Result<Made<Self>, OpError> {
                let trouble = cx.begin(concat!("create ", $kind)).await?;
                let tags = self.tags.clone().unwrap_or_default();
                let $id = cx.insert($kind, props(self), tags, $slow);
                cx.end(trouble).await?;
                if $slow {
                    return Ok(Made::Pending($id));
                }
                let $item = cx.get(&$id).unwrap();
                let outputs = $outputs;
                Ok(Made::Ready($id, outputs))
            }

            async fn read(
                cloud: &Fake,
                items: &[ReadRequest<Self>],
            ) -> Result<Vec<Option<Live<Self>>>, OpError> {
                cloud.begin(concat!("read ", $kind)).await?;
                let one = |request: &ReadRequest<Self>| {
                    let $id = request.id.clone();
                    let $item = cloud.get(&$id)?;
                    let status = status(&$item);
                    Some(Live { inputs: typed(&$item), outputs: $outputs, status })
                };
                Ok(items.iter().map(one).collect())
            }

            async fn find(&self, cx: &Cx<Fake>) -> Result<Option<String>, OpError> {
                cx.begin(concat!("find ", $kind)).await?;
                Ok(cx.by_owner(&cx.owner_tag()))
            }

            async fn update(
                &self,
                cx: &Cx<Fake>,
                id: &str,
                _old: &Self,
                changes: &Changes,
            ) -> Result<Progress, OpError> {
                let call = concat!("update ", $kind);
                write_back(cx, call, id, self, &self.tags, changes).await?;
                Ok(Progress::Done)
            }

            async fn delete(&self, cx: &Cx<Fake>, id: &str) -> Result<Progress, OpError> {
                let trouble = cx.begin(concat!("delete ", $kind)).await?;
                {
                    let slow = *cx.slow.lock().unwrap();
                    let mut inner = cx.inner.lock().unwrap();
                    if $slow {
                        if let Some(item) = inner.items.get_mut(id) {
                            item.gone_at = Some(Instant::now() + slow);
                        }
                    } else {
                        inner.items.remove(id);
                        let owner = serde_json::Value::from(id);
                        inner.items.retain(|_, i| {
                            i.kind != "rule" || i.props.get("network_id") != Some(&owner)
                        });
                    }
                }
                cx.end(trouble).await?;
                Ok(if $slow { Progress::Pending } else { Progress::Done })
            }
        }
    };
}

fake_resource!(Network, "network", false, |id, item| NetworkOutputs {
    network_id: id.clone(),
    name: item.props["name"].as_str().unwrap().to_owned(),
});
fake_resource!(Server, "server", true, |id, item| ServerOutputs {
    server_id: id.clone(),
    address: match status(&item) {
        // Told only once it is there.
        Status::Pending(word) if word == "creating" => String::new(),
        _ => format!("10.0.0.{}", item.props.get("size").and_then(|s| s.as_i64()).unwrap_or(1)),
    },
    rack: item
        .props
        .get("size")
        .and_then(|s| s.as_i64())
        .filter(|s| *s > 8)
        .map(|s| format!("rack-{s}")),
});
fake_resource!(Rollout, "rollout", true, |id, _item| RolloutOutputs { rollout_id: id.clone() });
fake_resource!(Rule, "rule", false, |id, _item| RuleOutputs { rule_id: id.clone() });

/// Looks a network up by its range.
#[derive(Clone, Serialize, Deserialize, DeriveLookup)]
#[lookup(type = "Fake::NetworkByCidr", outputs = FoundNetwork)]
pub struct NetworkByCidr {
    /// Range.
    pub cidr: String,
}

/// What was found.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct FoundNetwork {
    /// Id.
    pub network_id: String,
}

impl Lookup for NetworkByCidr {
    type Cloud = Fake;

    async fn lookup(&self, cloud: &Fake) -> Result<FoundNetwork, OpError> {
        cloud.begin("lookup network").await?;
        let inner = cloud.inner.lock().unwrap();
        let cidr = serde_json::Value::from(self.cidr.clone());
        let found = inner.items.iter().find(|(_, i)| i.props.get("cidr") == Some(&cidr));
        found
            .map(|(id, _)| FoundNetwork { network_id: id.clone() })
            .ok_or_else(|| OpError::invalid(format!("no network has the range {}", self.cidr)))
    }
}

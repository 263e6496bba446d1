//! What a resource type is: the typed traits that authors implement, and the erased
//! handler that the engine calls.

#[doc(hidden)]
pub mod check;
mod context;
mod handler;
mod inventory;
mod lookup;
mod registry;
mod typed;

use std::collections::BTreeMap;
use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize as SerializeDerive};

use crate::error::OpError;
use crate::event::Events;
use crate::schema::{Field, OutputField, Schema};
use crate::urn::Urn;

pub use context::{AcceptSink, Cx};
pub(crate) use handler::name_digest;
pub use handler::{
    ConnectorId, Created, Handler, LiveState, LookupHandler, OpContext, Progress, ReadItem, Status,
    owner_tag,
};
pub use inventory::{Inventory, Owned};
pub use lookup::{Lookup, LookupType};
pub use registry::{Registry, RegistryBuilder};
pub use typed::{Changes, Live, Made, ReadRequest};

/// Which account and region a resource is managed through; empty fields mean the stack's own.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, SerializeDerive, Deserialize,
)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderConfig {
    /// AWS region, such as `eu-central-1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Named profile of the AWS configuration files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// ARN of a role to assume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assume_role: Option<String>,
    /// What the role's trust policy asks for as `sts:ExternalId`, where another party owns the role;
    /// not a secret. 2 to 1,224 characters. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Name of the session, which CloudTrail shows: 2 to 64 letters, digits and `_=,.@-`. Default:
    /// `ferrocrete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_name: Option<String>,
    /// How many seconds a session lasts before it is renewed, from 900 to the role's own limit, at
    /// most 43,200; where the caller is a role itself, AWS takes 3,600 at most. Default: 3,600.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_seconds: Option<u64>,
    /// Tags of the session, which policies may ask for as `aws:PrincipalTag`; the role's trust policy
    /// must allow `sts:TagSession`. At most 50. Default: none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub session_tags: BTreeMap<String, String>,
}

impl ProviderConfig {
    /// Whether every field is the stack's own.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The account and region behind a [`ProviderConfig`]; ids are unique only within one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, SerializeDerive, Deserialize)]
pub struct Namespace {
    /// The account's id.
    pub account: String,
    /// The region.
    pub region: String,
}

impl std::fmt::Display for Namespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "account {} in {}", self.account, self.region)
    }
}

/// A struct of properties: a resource's inputs, a lookup's arguments, or a nested property.
///
/// `#[derive(Properties)]` (or `Resource`, `Lookup`, which include it) implements this and
/// generates the builder whose setters take literals and outputs alike.
pub trait Properties: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// The properties in order of declaration.
    const FIELDS: &'static [Field];
}

/// A struct of outputs; `#[derive(Outputs)]` implements this.
pub trait Outputs: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// The same fields as [`crate::Output`]s.
    type Refs: Clone + Send + Sync + 'static;
    /// The outputs in order of declaration.
    const FIELDS: &'static [OutputField];
    /// References to the outputs of one node.
    fn refs(urn: &Urn) -> Self::Refs;
}

/// What `#[derive(Resource)]` knows about a resource type.
pub trait ResourceType: Properties {
    /// What only AWS knows, once the resource exists.
    type Outputs: Outputs;
    /// Type name, properties, outputs, behaviour.
    const SCHEMA: Schema;
}

/// Connects to a cloud: one client set per [`ProviderConfig`].
pub trait Connector: Send + Sync + 'static {
    /// The clients that resource operations are given.
    type Cloud: Clone + Send + Sync + 'static;

    /// Clients for this provider; cheap after the first call.
    fn connect(
        &self,
        provider: &ProviderConfig,
    ) -> impl Future<Output = Result<Self::Cloud, OpError>> + Send;

    /// Account and region behind this provider; answered by the cloud once, then cached.
    fn namespace(
        &self,
        provider: &ProviderConfig,
    ) -> impl Future<Output = Result<Namespace, OpError>> + Send;

    /// Is told where to send events that concern no single step, such as [`Event::Paced`];
    /// by every engine that uses the connector.
    ///
    /// [`Event::Paced`]: crate::event::Event::Paced
    fn listen(&self, events: &Events) {
        let _ = events;
    }
}

/// The operations of a resource type: what an author writes.
///
/// Bodies see plain, resolved values. Waiting is not their business: an operation that AWS
/// accepts but has not finished returns `Pending`, and the engine polls [`Resource::read`],
/// merged with every other wait and refresh of the type.
pub trait Resource: ResourceType {
    /// The clients it needs.
    type Cloud: Clone + Send + Sync + 'static;

    /// Creates the resource.
    ///
    /// With several calls, call [`Cx::accepted`] with the id after the one that makes it
    /// exist, so that a crash in between finishes the rest instead of starting again.
    /// Pass [`Cx::token`] where the API takes an idempotency token.
    fn create(
        &self,
        cx: &Cx<Self::Cloud>,
    ) -> impl Future<Output = Result<Made<Self>, OpError>> + Send;

    /// What exists now, in the order asked; `None` where AWS says it does not exist.
    /// Uses as few calls as the API allows.
    fn read(
        cloud: &Self::Cloud,
        items: &[ReadRequest<Self>],
    ) -> impl Future<Output = Result<Vec<Option<Live<Self>>>, OpError>> + Send;

    /// Looks for what an interrupted create of these inputs may have made: by physical
    /// name, by token, or by ownership tag ([`Cx::owner_tag`]). Must not find a resource
    /// that is not ours.
    fn find(
        &self,
        cx: &Cx<Self::Cloud>,
    ) -> impl Future<Output = Result<Option<String>, OpError>> + Send;

    /// Brings the changed properties, and nothing else, from `old` to `self`. May be asked
    /// again after an interruption, so it must be idempotent.
    fn update(
        &self,
        cx: &Cx<Self::Cloud>,
        id: &str,
        old: &Self,
        changes: &Changes,
    ) -> impl Future<Output = Result<Progress, OpError>> + Send;

    /// Deletes it; already gone is a success. `self` is what was last applied.
    fn delete(
        &self,
        cx: &Cx<Self::Cloud>,
        id: &str,
    ) -> impl Future<Output = Result<Progress, OpError>> + Send;

    /// Who keeps AWS from deleting it, in words for the user, where AWS can be asked; called
    /// now and then while a delete is refused as busy. May remove what AWS itself left behind,
    /// such as network interfaces that nothing uses any more.
    fn holders(
        &self,
        _cx: &Cx<Self::Cloud>,
        _id: &str,
    ) -> impl Future<Output = Result<Option<String>, OpError>> + Send {
        async { Ok(None) }
    }
}

/// Tags of a resource, in name order.
pub type Tags = BTreeMap<String, String>;

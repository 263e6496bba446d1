//! The erased form of resource types and lookups: what the engine calls.

use std::sync::Arc;

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use crate::error::OpError;
use crate::execute::Together;
use crate::schema::{Field, OutputField, Schema};
use crate::urn::Urn;
use crate::value::PropertyMap;

use super::{AcceptSink, Namespace, ProviderConfig};

/// Identity of one operation.
pub struct OpContext {
    /// Whose operation.
    pub urn: Urn,
    /// What its physical name and ownership tag are derived from: its urn, or the one that it
    /// had when it was made.
    pub identity: Urn,
    /// Which generation of it.
    pub generation: u64,
    /// Idempotency token, journaled before the first call.
    pub token: String,
    /// Account, region and role to use.
    pub provider: ProviderConfig,
    /// Account and region, where known.
    pub namespace: Option<Namespace>,
    /// Where an early id goes; `None` outside creates.
    pub accept: Option<Arc<dyn AcceptSink>>,
    /// Whether this update finishes a create.
    pub finishes: bool,
    /// The other steps whose changes go out in the same call.
    pub together: Option<Arc<Together>>,
}

impl OpContext {
    /// Value of the tag `ferrocrete:urn`: urn and generation, joined by `@`.
    pub fn owner_tag(&self) -> String {
        owner_tag(&self.identity, self.generation)
    }

    /// Whether the engine derived this physical name, for this very resource and generation.
    pub fn is_derived(&self, name: &str) -> bool {
        self.namespace.as_ref().is_some_and(|namespace| {
            let digest = name_digest(&self.identity, self.generation, Some(namespace));
            name.strip_suffix(&digest).is_some_and(|rest| rest.ends_with('-'))
        })
    }
}

/// Value of the tag `ferrocrete:urn` for a urn and generation.
pub fn owner_tag(urn: &Urn, generation: u64) -> String {
    format!("{urn}@{generation}")
}

/// What tells derived physical names apart: eight hexadecimal digits at their end.
pub(crate) fn name_digest(urn: &Urn, generation: u64, namespace: Option<&Namespace>) -> String {
    let place = namespace.map(ToString::to_string).unwrap_or_default();
    let digest = Sha256::digest(format!("{urn}\n{generation}\n{place}"));
    digest.iter().take(4).map(|b| format!("{b:02x}")).collect()
}

/// Which connector a resource type uses; types with the same one are in the same account and
/// region, as far as their providers are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectorId(usize);

impl ConnectorId {
    /// The id of a connector that is shared.
    pub fn of<K>(connector: &Arc<K>) -> Self {
        Self(Arc::as_ptr(connector).addr())
    }
}

/// How far an accepted operation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Finished.
    Done,
    /// AWS works on it; the engine polls until it is ready (or, for a delete, gone).
    Pending,
    /// AWS works on it under this id, such as that of a deployment or a deletion task: each read
    /// until it is ready, or gone, is told it, so that nothing older is taken for it.
    Follow(String),
    /// AWS works on a part of an update and takes the rest only afterwards: once it is ready,
    /// the engine compares and asks for what still differs.
    Partial,
}

/// State of a live resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Usable.
    Ready,
    /// AWS works on it; holds AWS's word, such as `creating`.
    Pending(String),
    /// It will never be ready; only replacing it helps. Holds AWS's reason.
    Failed(String),
    /// AWS deletes it, whoever asked for that: it counts as gone, and is waited for until it is.
    /// Holds AWS's word, such as `deleting`.
    Deleting(String),
}

/// What a create made.
#[derive(Debug, Clone)]
pub enum Created {
    /// Usable at once.
    Ready {
        /// Physical id.
        id: String,
        /// Outputs.
        outputs: PropertyMap,
    },
    /// Accepted; poll until ready.
    Pending {
        /// Physical id.
        id: String,
    },
    /// Accepted; once it is ready, an update sets the rest.
    Partial {
        /// Physical id.
        id: String,
    },
}

/// What exists now.
#[derive(Debug, Clone)]
pub struct LiveState {
    /// Properties as AWS has them; write-only ones mean nothing.
    pub inputs: PropertyMap,
    /// Outputs.
    pub outputs: PropertyMap,
    /// Ready, pending or failed.
    pub status: Status,
}

/// One resource to read.
#[derive(Debug, Clone, Default)]
pub struct ReadItem {
    /// Physical id.
    pub id: String,
    /// What is waited for, as the update said ([`Progress::Follow`]).
    pub follow: Option<String>,
    /// Inputs last applied or declared, so that a read can leave out what nobody declared.
    pub inputs: PropertyMap,
}

/// A resource type as the engine calls it; [`super::Registry`] makes one from each
/// [`super::Resource`].
#[async_trait]
pub trait Handler: Send + Sync {
    /// Properties and behaviour.
    fn schema(&self) -> &'static Schema;
    /// Its connector; a type that does not say counts as the only one of its connector.
    fn connector(&self) -> Option<ConnectorId> {
        None
    }
    /// Account and region behind a provider.
    async fn namespace(&self, provider: &ProviderConfig) -> Result<Namespace, OpError>;
    /// See [`super::Resource::create`].
    async fn create(&self, cx: Arc<OpContext>, inputs: &PropertyMap) -> Result<Created, OpError>;
    /// See [`super::Resource::read`].
    async fn read(
        &self,
        provider: &ProviderConfig,
        items: Vec<ReadItem>,
    ) -> Result<Vec<Option<LiveState>>, OpError>;
    /// See [`super::Resource::find`].
    async fn find(
        &self,
        cx: Arc<OpContext>,
        inputs: &PropertyMap,
    ) -> Result<Option<String>, OpError>;
    /// See [`super::Resource::update`]; `changed` holds names of top-level properties.
    async fn update(
        &self,
        cx: Arc<OpContext>,
        id: &str,
        old: &PropertyMap,
        new: &PropertyMap,
        changed: &[String],
    ) -> Result<Progress, OpError>;
    /// See [`super::Resource::delete`].
    async fn delete(
        &self,
        cx: Arc<OpContext>,
        id: &str,
        inputs: &PropertyMap,
    ) -> Result<Progress, OpError>;
    /// See [`super::Resource::holders`].
    async fn holders(
        &self,
        _cx: Arc<OpContext>,
        _id: &str,
        _inputs: &PropertyMap,
    ) -> Result<Option<String>, OpError> {
        Ok(None)
    }
}

/// A lookup as the engine calls it.
#[async_trait]
pub trait LookupHandler: Send + Sync {
    /// Type name, such as `AWS::EC2::DefaultVpc`.
    fn type_name(&self) -> &'static str;
    /// Its documentation.
    fn doc(&self) -> &'static str {
        ""
    }
    /// Its arguments.
    fn fields(&self) -> &'static [Field];
    /// Its results.
    fn outputs(&self) -> &'static [OutputField];
    /// Asks the cloud.
    async fn lookup(
        &self,
        provider: &ProviderConfig,
        args: &PropertyMap,
    ) -> Result<PropertyMap, OpError>;
}

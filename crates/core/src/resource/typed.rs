//! From typed [`Resource`] and [`Lookup`] to the erased handlers.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Serialize;

use crate::error::{ErrorKind, OpError};
use crate::schema::{Field, OutputField, Schema, mark_inputs, mark_outputs};
use crate::value::{EvalError, PropertyMap, Value, from_value, tainted, tainted_map, to_value};

use super::handler::{
    ConnectorId, Created, Handler, LiveState, LookupHandler, OpContext, Progress, ReadItem, Status,
};
use super::{
    Connector, Cx, Lookup, LookupType, Namespace, Outputs, Properties, ProviderConfig, Resource,
    ResourceType,
};

/// What a create made, typed.
pub enum Made<R: ResourceType> {
    /// Usable at once: id and outputs.
    Ready(String, R::Outputs),
    /// Accepted: the id. The engine polls `read` until it is ready.
    Pending(String),
    /// Accepted: the id. The engine polls `read` until it is ready, compares, and has `update`
    /// set the rest: for what AWS takes only then.
    Partial(String),
}

/// What exists now, typed.
pub struct Live<R: ResourceType> {
    /// Properties as AWS has them. Fill what is cheap to know; a property that AWS does not
    /// return is marked `#[field(write_only)]` and its value here means nothing.
    pub inputs: R,
    /// Outputs.
    pub outputs: R::Outputs,
    /// Ready, pending or failed.
    pub status: Status,
}

impl<R: ResourceType> Live<R> {
    /// A live resource that is ready.
    pub fn ready(inputs: R, outputs: R::Outputs) -> Self {
        Self { inputs, outputs, status: Status::Ready }
    }
}

/// One resource to read, typed.
pub struct ReadRequest<R> {
    /// Physical id.
    pub id: String,
    /// What is waited for, as the update said with [`Progress::Follow`].
    pub follow: Option<String>,
    /// Inputs last applied or declared; `None` when state holds a shape that no longer fits.
    pub inputs: Option<R>,
}

/// Names of the properties that an update must change.
pub struct Changes(BTreeSet<String>);

impl Changes {
    /// Changes of these properties.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    /// Whether this property changes.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Whether any of these properties changes.
    pub fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|n| self.has(n))
    }

    /// All names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

pub(super) struct TypedHandler<R, K> {
    connector: Arc<K>,
    marker: PhantomData<fn() -> R>,
}

impl<R, K> TypedHandler<R, K> {
    pub(super) fn new(connector: Arc<K>) -> Self {
        Self { connector, marker: PhantomData }
    }
}

fn bad_shape(e: EvalError) -> OpError {
    OpError::new(ErrorKind::Invalid, e.to_string())
}

fn typed<P: Properties>(map: &PropertyMap) -> Result<P, OpError> {
    from_value(&Value::Map(map.clone())).map_err(bad_shape)
}

fn untyped<T: Serialize>(value: &T) -> Result<PropertyMap, OpError> {
    match to_value(value).map_err(bad_shape)? {
        Value::Map(map) => Ok(map),
        // A struct without fields.
        Value::Null => Ok(PropertyMap::new()),
        // What it is may be secret.
        _ => Err(OpError::invalid("expected a struct with properties, found something else")),
    }
}

fn input_map<P: Properties>(value: &P) -> Result<PropertyMap, OpError> {
    Ok(mark_inputs(P::FIELDS, untyped(value)?))
}

/// Outputs of a resource with these inputs; one that repeats an input is as secret as that.
fn outputs_of<O: Outputs>(value: &O, inputs: &PropertyMap) -> Result<PropertyMap, OpError> {
    let mut map = output_map(value)?;
    for output in O::FIELDS.iter().filter(|o| o.from_input) {
        if let (Some(value), Some(sent)) = (map.get_mut(output.name), inputs.get(output.name)) {
            *value = tainted(std::mem::take(value), sent);
        }
    }
    Ok(map)
}

fn output_map<O: Outputs>(value: &O) -> Result<PropertyMap, OpError> {
    Ok(mark_outputs(O::FIELDS, untyped(value)?))
}

/// What was last applied, or nothing when it is gone. A record of an older shape, which lacks what
/// the type requires today, is completed by what the cloud has.
async fn as_applied<R: Resource>(
    cloud: &R::Cloud,
    id: &str,
    inputs: &PropertyMap,
) -> Result<Option<R>, OpError> {
    if let Ok(resource) = typed(inputs) {
        return Ok(Some(resource));
    }
    let request = ReadRequest { id: id.to_owned(), follow: None, inputs: None };
    let live = match R::read(cloud, &[request]).await {
        Ok(mut answers) => answers.pop().flatten(),
        Err(error) if error.kind == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let Some(live) = live else { return Ok(None) };
    let mut whole = untyped(&live.inputs)?;
    // Such as how it is to be deleted, which the cloud does not know.
    for (name, value) in inputs {
        let mut with = whole.clone();
        with.insert(name.clone(), value.clone());
        if typed::<R>(&with).is_ok() {
            whole = with;
        }
    }
    typed(&whole).map(Some)
}

#[async_trait]
impl<R, K> Handler for TypedHandler<R, K>
where
    R: Resource,
    K: Connector<Cloud = R::Cloud>,
{
    fn schema(&self) -> &'static Schema {
        const { &R::SCHEMA }
    }

    fn connector(&self) -> Option<ConnectorId> {
        Some(ConnectorId::of(&self.connector))
    }

    async fn namespace(&self, provider: &ProviderConfig) -> Result<Namespace, OpError> {
        self.connector.namespace(provider).await
    }

    async fn create(&self, op: Arc<OpContext>, inputs: &PropertyMap) -> Result<Created, OpError> {
        let resource: R = typed(inputs)?;
        let cx = Cx::new(self.connector.connect(&op.provider).await?, op);
        Ok(match resource.create(&cx).await? {
            Made::Ready(id, outputs) => {
                Created::Ready { id, outputs: outputs_of(&outputs, inputs)? }
            }
            Made::Pending(id) => Created::Pending { id },
            Made::Partial(id) => Created::Partial { id },
        })
    }

    async fn read(
        &self,
        provider: &ProviderConfig,
        items: Vec<ReadItem>,
    ) -> Result<Vec<Option<LiveState>>, OpError> {
        let cloud = self.connector.connect(provider).await?;
        let requests: Vec<ReadRequest<R>> = items
            .iter()
            .map(|item| ReadRequest {
                inputs: typed(&item.inputs).ok(),
                id: item.id.clone(),
                follow: item.follow.clone(),
            })
            .collect();
        let answers = R::read(&cloud, &requests).await?;
        if answers.len() != requests.len() {
            return Err(OpError::new(
                ErrorKind::Other,
                format!(
                    "{} answered {} of {} reads: a bug in the resource type",
                    R::SCHEMA.type_name,
                    answers.len(),
                    requests.len()
                ),
            ));
        }
        answers
            .into_iter()
            .zip(items)
            .map(|(live, item)| {
                live.map(|live| {
                    Ok(LiveState {
                        inputs: tainted_map(input_map(&live.inputs)?, &item.inputs),
                        outputs: outputs_of(&live.outputs, &item.inputs)?,
                        status: live.status,
                    })
                })
                .transpose()
            })
            .collect()
    }

    async fn find(
        &self,
        op: Arc<OpContext>,
        inputs: &PropertyMap,
    ) -> Result<Option<String>, OpError> {
        let resource: R = typed(inputs)?;
        let cx = Cx::new(self.connector.connect(&op.provider).await?, op);
        resource.find(&cx).await
    }

    async fn update(
        &self,
        op: Arc<OpContext>,
        id: &str,
        old: &PropertyMap,
        new: &PropertyMap,
        changed: &[String],
    ) -> Result<Progress, OpError> {
        let new: R = typed(new)?;
        // State of an older program version may lack a property that is required today.
        let old: R = typed(old).unwrap_or_else(|_| new.clone());
        let cx = Cx::new(self.connector.connect(&op.provider).await?, op);
        new.update(&cx, id, &old, &Changes::new(changed.iter().cloned())).await
    }

    async fn delete(
        &self,
        op: Arc<OpContext>,
        id: &str,
        inputs: &PropertyMap,
    ) -> Result<Progress, OpError> {
        let cx = Cx::new(self.connector.connect(&op.provider).await?, op);
        match as_applied::<R>(cx.cloud(), id, inputs).await? {
            Some(resource) => resource.delete(&cx, id).await,
            None => Ok(Progress::Done),
        }
    }

    async fn holders(
        &self,
        op: Arc<OpContext>,
        id: &str,
        inputs: &PropertyMap,
    ) -> Result<Option<String>, OpError> {
        let cx = Cx::new(self.connector.connect(&op.provider).await?, op);
        match as_applied::<R>(cx.cloud(), id, inputs).await? {
            Some(resource) => resource.holders(&cx, id).await,
            None => Ok(None),
        }
    }
}

#[async_trait]
impl<L, K> LookupHandler for TypedHandler<L, K>
where
    L: Lookup,
    K: Connector<Cloud = L::Cloud>,
{
    fn type_name(&self) -> &'static str {
        L::TYPE
    }

    fn doc(&self) -> &'static str {
        L::DOC
    }

    fn fields(&self) -> &'static [Field] {
        L::FIELDS
    }

    fn outputs(&self) -> &'static [OutputField] {
        <<L as LookupType>::Outputs as Outputs>::FIELDS
    }

    async fn lookup(
        &self,
        provider: &ProviderConfig,
        args: &PropertyMap,
    ) -> Result<PropertyMap, OpError> {
        let lookup: L = typed(args)?;
        let cloud = self.connector.connect(provider).await?;
        output_map(&lookup.lookup(&cloud).await?)
    }
}

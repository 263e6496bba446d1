//! Outputs as far as they are known while planning or executing.

use std::collections::BTreeMap;

use crate::resource::{LiveState, LookupHandler, Status};
use crate::schema::Schema;
use crate::urn::Urn;
use crate::value::{PropertyMap, Scope, Value};

/// Outputs by node; a node that is not here is unknown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outputs(pub(crate) BTreeMap<Urn, PropertyMap>);

impl Scope for Outputs {
    fn output(&self, urn: &Urn, field: &str) -> Value {
        match self.0.get(urn) {
            // AWS gives no value for an optional output: that is known, and it is nothing.
            Some(outputs) => outputs.get(field).cloned().unwrap_or(Value::Null),
            None => Value::Unknown,
        }
    }
}

/// Outputs before a create: those that repeat an input are known.
pub(crate) fn before_create(schema: &Schema, inputs: &PropertyMap) -> PropertyMap {
    schema
        .outputs
        .iter()
        .map(|o| {
            let value = match inputs.get(o.name) {
                Some(value) if o.from_input => value.clone(),
                _ => Value::Unknown,
            };
            (o.name.to_owned(), o.marked(value))
        })
        .collect()
}

/// Outputs before an update: known, but for those that a changed property may change.
pub(crate) fn before_update(
    schema: &Schema,
    outputs: &PropertyMap,
    inputs: &PropertyMap,
    changed: &[&str],
) -> PropertyMap {
    let affected = |name: &str| {
        schema.fields.iter().any(|f| changed.contains(&f.name) && f.affects.contains(&name))
    };
    schema
        .outputs
        .iter()
        .filter_map(|o| {
            let value = match (inputs.get(o.name), outputs.get(o.name)) {
                (Some(input), _) if o.from_input => Some(input.clone()),
                _ if affected(o.name) => Some(Value::Unknown),
                (_, known) => known.cloned(),
            };
            value.map(|v| (o.name.to_owned(), o.marked(v)))
        })
        .collect()
}

/// Outputs as the cloud tells them now. What it does not tell any more is there no more, but for
/// what it tells only once, and for what it does not tell yet while it works on the resource.
pub(crate) fn told(schema: &Schema, before: &PropertyMap, live: &LiveState) -> PropertyMap {
    let stays = |name: &String| {
        live.status != Status::Ready || schema.output(name).is_some_and(|output| output.once)
    };
    let before = before.iter().filter(|(name, _)| stays(name));
    let told = live.outputs.iter().filter(|(_, value)| !value.is_null());
    before.chain(told).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Outputs of a lookup that is answered only during the apply.
pub(crate) fn unanswered(handler: &dyn LookupHandler) -> PropertyMap {
    handler.outputs().iter().map(|o| (o.name.to_owned(), o.marked(Value::Unknown))).collect()
}

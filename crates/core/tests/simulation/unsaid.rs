//! Types that keep something of what they know to themselves, to see that the judges notice.

use std::sync::Arc;

use async_trait::async_trait;
use ferrocrete_core::error::OpError;
use ferrocrete_core::resource::{
    ConnectorId, Created, Handler, LiveState, Namespace, OpContext, Progress, ProviderConfig,
    ReadItem, Registry, Status,
};
use ferrocrete_core::schema::{Code, Field, Kind, Moves, Schema};
use ferrocrete_core::value::PropertyMap;

use crate::history::Sabotage;

/// The same types, without what the sabotage takes from them.
pub fn without(registry: Registry, sabotage: Sabotage) -> Registry {
    let less: fn(&mut Schema) = match sabotage {
        Sabotage::None | Sabotage::Forgetful | Sabotage::Blind => return registry,
        Sabotage::Misread | Sabotage::Confused => return registry,
        Sabotage::Unsaid => |s| (s.identity, s.unique) = (&[], &[]),
        Sabotage::Impatient => |s| s.eventual_codes = &[],
        Sabotage::Hasty => |s| s.busy_for = Schema::PLAIN.busy_for,
        Sabotage::Nameless => |s| s.name_lingers = false,
        Sabotage::Vague => |s| s.eventual_codes = &[Code { code: "Invalid", message: "" }],
        Sabotage::Idle => |s| s.busy_codes = &[Code { code: "InUse", message: "" }],
        Sabotage::Single => |s| s.together = false,
        Sabotage::Fixed => |s| change_fields(s, |f| f.moves = Moves::Never),
        Sabotage::Literal => |s| {
            change_fields(s, |f| {
                if f.kind == Kind::CaseInsensitive {
                    f.kind = Kind::Plain;
                }
            });
        },
        Sabotage::Credulous => |s| s.settles = 0,
        Sabotage::Silent => |_| {},
    };
    let all: Vec<Arc<dyn Handler>> = registry.types().cloned().collect();
    all.into_iter().fold(registry, |registry, handler| {
        let mut schema = *handler.schema();
        less(&mut schema);
        // A handler hands out its schema for ever; a few are made in each history.
        let schema = Box::leak(Box::new(schema));
        registry.with_handler(Arc::new(Unsaid { schema, handler, sabotage }))
    })
}

fn change_fields(schema: &mut Schema, change: fn(&mut Field)) {
    let mut fields = schema.fields.to_vec();
    fields.iter_mut().for_each(change);
    schema.fields = Box::leak(fields.into_boxed_slice());
}

struct Unsaid {
    schema: &'static Schema,
    handler: Arc<dyn Handler>,
    sabotage: Sabotage,
}

#[async_trait]
impl Handler for Unsaid {
    fn schema(&self) -> &'static Schema {
        self.schema
    }

    fn connector(&self) -> Option<ConnectorId> {
        self.handler.connector()
    }

    async fn namespace(&self, provider: &ProviderConfig) -> Result<Namespace, OpError> {
        self.handler.namespace(provider).await
    }

    async fn create(&self, cx: Arc<OpContext>, inputs: &PropertyMap) -> Result<Created, OpError> {
        self.handler.create(cx, inputs).await
    }

    async fn read(
        &self,
        provider: &ProviderConfig,
        items: Vec<ReadItem>,
    ) -> Result<Vec<Option<LiveState>>, OpError> {
        let mut all = self.handler.read(provider, items).await?;
        if self.sabotage == Sabotage::Silent {
            for live in all.iter_mut().flatten() {
                if let Status::Deleting(word) = &live.status {
                    live.status = Status::Pending(word.clone());
                }
            }
        }
        Ok(all)
    }

    async fn find(
        &self,
        cx: Arc<OpContext>,
        inputs: &PropertyMap,
    ) -> Result<Option<String>, OpError> {
        self.handler.find(cx, inputs).await
    }

    async fn update(
        &self,
        cx: Arc<OpContext>,
        id: &str,
        old: &PropertyMap,
        new: &PropertyMap,
        changed: &[String],
    ) -> Result<Progress, OpError> {
        self.handler.update(cx, id, old, new, changed).await
    }

    async fn delete(
        &self,
        cx: Arc<OpContext>,
        id: &str,
        inputs: &PropertyMap,
    ) -> Result<Progress, OpError> {
        self.handler.delete(cx, id, inputs).await
    }
}

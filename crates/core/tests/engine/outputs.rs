//! Outputs that come and go, that are told once, and that change without that the type says so.

use ferrocrete_core::error::OpError;
use ferrocrete_core::event::{Event, Events};
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::resource::{Changes, Cx, Live, Made, Progress, ReadRequest, Resource, Tags};
use ferrocrete_core::value::Value;
use ferrocrete_core::{Outputs, Resource as DeriveResource, Stack};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::cloud::Fake;
use super::types::{Network, props, typed};
use super::world::{World, changes, holder};

/// A lodge, of a type whose author does not know that properties can affect outputs.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Lodge", outputs = LodgeOutputs)]
pub struct Lodge {
    /// Size; the area is ten times that.
    pub size: i32,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Outputs of a lodge.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct LodgeOutputs {
    /// Id.
    pub lodge_id: String,
    /// Area.
    pub area: String,
    /// Who is there.
    pub guest: Option<String>,
    /// Handed out once.
    #[output(secret, once)]
    pub key: Option<String>,
}

fn outputs(cloud: &Fake, id: &str, key: Option<String>) -> LodgeOutputs {
    let item = cloud.get(id).unwrap();
    let text = |name: &str| item.props.get(name).and_then(|v| v.as_str()).map(str::to_owned);
    let area = item.props["size"].as_i64().unwrap() * 10;
    LodgeOutputs { lodge_id: id.to_owned(), area: area.to_string(), guest: text("guest"), key }
}

impl Resource for Lodge {
    type Cloud = Fake;

    async fn create(&self, cx: &Cx<Fake>) -> Result<Made<Self>, OpError> {
        cx.begin("create lodge").await?;
        let tags = self.tags.clone().unwrap_or_default();
        let id = cx.insert("lodge", props(self), tags, false);
        let outputs = outputs(cx, &id, Some("brass".into()));
        Ok(Made::Ready(id, outputs))
    }

    async fn read(
        cloud: &Fake,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        cloud.begin("read lodge").await?;
        let one = |request: &ReadRequest<Self>| {
            let item = cloud.get(&request.id)?;
            Some(Live::ready(typed(&item), outputs(cloud, &request.id, None)))
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx<Fake>) -> Result<Option<String>, OpError> {
        Ok(cx.by_owner(&cx.owner_tag()))
    }

    async fn update(
        &self,
        cx: &Cx<Fake>,
        id: &str,
        _old: &Self,
        _changes: &Changes,
    ) -> Result<Progress, OpError> {
        cx.begin("update lodge").await?;
        cx.meddle(id, "size", json!(self.size));
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Fake>, id: &str) -> Result<Progress, OpError> {
        cx.inner.lock().unwrap().items.remove(id);
        Ok(Progress::Done)
    }
}

fn program(size: i32) -> impl Fn(&Stack) {
    move |s: &Stack| {
        let lodge = s.add("lodge", Lodge::builder().size(size));
        s.export("area", &lodge.area);
        s.export("guest", &lodge.guest);
        s.export("key", &lodge.key);
    }
}

async fn output(world: &World, name: &str) -> Option<Value> {
    let state = world.state().await;
    let mut lodges = state.resources.values().filter(|r| r.urn.name() == "lodge");
    lodges.next().unwrap().outputs.get(name).cloned()
}

async fn export(world: &World, name: &str) -> Value {
    world.state().await.exports[name].clone()
}

fn key() -> Value {
    Value::secret("brass".into())
}

#[tokio::test(start_paused = true)]
async fn what_vanished_is_there_no_more() {
    for way in ["up", "update", "refresh"] {
        let world = World::new();
        world.up(program(1)).await;
        let id = world.cloud.existing_or_going("lodge");
        world.cloud.meddle(&id, "guest", json!("anna"));
        world.up(program(1)).await;
        assert_eq!(output(&world, "guest").await, Some("anna".into()));
        assert_eq!(export(&world, "guest").await, "anna".into());

        world.cloud.inner.lock().unwrap().items.get_mut(&id).unwrap().props.remove("guest");
        match way {
            "refresh" => {
                let session = world.engine().session(&holder()).await.unwrap();
                session.refresh().await.unwrap();
                session.close().await.unwrap();
            }
            "update" => drop(world.up(program(2)).await),
            _ => drop(world.up(program(1)).await),
        }
        assert_eq!(output(&world, "guest").await, None, "{way}");
        if way != "refresh" {
            assert_eq!(export(&world, "guest").await, Value::Null, "{way}");
        }
        // What is told once is kept.
        assert_eq!(output(&world, "key").await, Some(key()), "{way}");
        assert_eq!(export(&world, "key").await, key(), "{way}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_changes_what_the_type_does_not_name() {
    let world = World::new();
    let user = |size: i32| {
        move |s: &Stack| {
            let lodge = s.add("lodge", Lodge::builder().size(size));
            s.add("net", Network::builder().cidr("10.0.0.0/16").description(&lodge.area));
            s.export("area", &lodge.area);
        }
    };
    world.up(user(1)).await;
    world.cloud.take_calls();
    let (events, mut heard) = Events::channel();
    let engine = world.engine().with_events(events);
    let graph = world.graph(user(2)).unwrap();
    let session = engine.session(&holder()).await.unwrap();
    let plan = session.plan(&graph).await.unwrap();
    let report = session.apply(Some(&graph), &plan, &Interrupt::new()).await.unwrap();
    session.close().await.unwrap();
    assert_eq!(report.exports["area"], "20".into());
    assert_eq!(output(&world, "area").await, Some("20".into()));
    // One read before the plan, one after the update.
    let calls = world.cloud.take_calls();
    assert_eq!(calls.iter().filter(|c| *c == "read lodge").count(), 2, "{calls:?}");
    let mut warnings = Vec::new();
    while let Ok(event) = heard.try_recv() {
        if let Event::Warning { text } = event {
            warnings.push(text);
        }
    }
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("`lodge`") && warnings[0].contains("`area`"), "{warnings:?}");

    assert_eq!(changes(&world.plan(user(2)).await), ["update net"]);
    world.up(user(2)).await;
    assert!(world.plan(user(2)).await.is_empty());
}

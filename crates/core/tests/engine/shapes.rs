//! Records that the program does not know as they are: of a type that is gone, or of an older
//! shape.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferrocrete_core::error::OpError;
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::plan::PlanError;
use ferrocrete_core::resource::{
    Changes, Cx, Live, Made, Progress, ReadRequest, Registry, Resource, Tags,
};
use ferrocrete_core::state::FixedKey;
use ferrocrete_core::{Engine, Error, Resource as DeriveResource, Stack};
use serde::{Deserialize, Serialize};

use super::cloud::{Fake, FakeConnector, Trouble};
use super::types::{Network, NetworkOutputs, Server};
use super::world::{World, changes, holder};

fn program(s: &Stack) {
    let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
    s.add("web", Server::builder().network_id(&net.network_id));
}

fn net(s: &Stack) {
    s.add("net", Network::builder().cidr("10.0.0.0/16"));
}

fn engine(world: &World, registry: Registry) -> Engine {
    let backend = Arc::new(world.backend.clone());
    Engine::new("proj", "dev", registry, backend, Arc::new(FixedKey::for_tests()))
}

fn without_servers(world: &World) -> Engine {
    let registry = Registry::builder(FakeConnector(world.cloud.clone())).resource::<Network>();
    engine(world, registry.build())
}

#[tokio::test(start_paused = true)]
async fn what_is_of_an_unknown_type_is_named_and_can_be_forgotten() {
    for killed in [false, true] {
        let world = World::new();
        if killed {
            world.cloud.trouble("create server", Trouble::Hang);
            world.up_killed(program).await;
        } else {
            world.up(program).await;
        }
        let engine = without_servers(&world);
        let stack = engine.stack();
        net(&stack);
        let graph = engine.graph(&stack).unwrap();
        let before = world.state().await;
        world.cloud.take_calls();
        let refresh = async {
            let session = engine.session(&holder()).await?;
            let refreshed = session.refresh().await;
            session.close().await?;
            refreshed.map(drop)
        };
        for error in [
            engine.plan(&graph).await.map(drop),
            engine.plan_destroy().await.map(drop),
            refresh.await,
        ] {
            let error = error.unwrap_err();
            assert!(matches!(error, Error::Plan(PlanError::UnknownRecords { .. })), "{error:?}");
            let text = error.to_string();
            assert!(text.contains("`web` (Fake::Server)"), "{text}");
            assert!(text.contains("`state forget NAME`"), "{text}");
        }
        assert_eq!(world.cloud.take_calls(), Vec::<String>::new());
        assert_eq!(world.state().await.resources, before.resources);

        let web = before.resources.keys().chain(before.intents.keys());
        let web = web.map(|(urn, _)| urn).find(|urn| urn.name() == "web").unwrap();
        let forgotten = engine.forget(&holder(), web).await.unwrap();
        assert_eq!(forgotten, [(web.clone(), 1)]);
        assert!(engine.plan(&graph).await.unwrap().is_empty());
        assert_eq!(world.cloud.existing().len(), 2, "it stays where it is");
        // Once more there is nothing to forget, and the lock is free.
        let error = engine.forget(&holder(), web).await.unwrap_err().to_string();
        assert!(error.contains("state holds no `web`") && error.contains("state list"), "{error}");
        // Its name is taken: the next one has a name and a tag of its own.
        world.up(program).await;
        assert_eq!(world.state().await.current(web).unwrap().generation, 2);
    }
}

/// A network as a later version of the program knows it.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Network", outputs = NetworkOutputs)]
pub struct Later {
    /// Range. Replaces.
    #[field(replaces)]
    pub cidr: String,
    /// Where; did not exist before.
    #[field(replaces)]
    pub zone: String,
    /// A list by now.
    pub description: Option<Vec<String>>,
    /// Name.
    #[field(replaces, name(max = 40, lowercase, extra = "-"))]
    pub name: Option<String>,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

impl Resource for Later {
    type Cloud = Fake;

    async fn create(&self, _: &Cx<Fake>) -> Result<Made<Self>, OpError> {
        Err(OpError::invalid("not asked for here"))
    }

    async fn read(
        cloud: &Fake,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let text = |map: &BTreeMap<String, serde_json::Value>, name: &str| {
            map.get(name).and_then(|v| v.as_str()).map(str::to_owned)
        };
        let one = |request: &ReadRequest<Self>| {
            let item = cloud.get(&request.id)?;
            let name = text(&item.props, "name").unwrap();
            let live = Later {
                cidr: text(&item.props, "cidr").unwrap(),
                zone: "mars-1a".into(),
                description: None,
                name: Some(name.clone()),
                tags: Some(item.tags),
            };
            Some(Live::ready(live, NetworkOutputs { network_id: request.id.clone(), name }))
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, _: &Cx<Fake>) -> Result<Option<String>, OpError> {
        Ok(None)
    }

    async fn update(
        &self,
        _: &Cx<Fake>,
        _: &str,
        _: &Self,
        _: &Changes,
    ) -> Result<Progress, OpError> {
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Fake>, id: &str) -> Result<Progress, OpError> {
        assert_eq!((self.cidr.as_str(), self.zone.as_str()), ("10.0.0.0/16", "mars-1a"));
        cx.inner.lock().unwrap().items.remove(id);
        Ok(Progress::Done)
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_recorded_in_an_older_shape_can_be_deleted() {
    let described = |s: &Stack| {
        s.add("net", Network::builder().cidr("10.0.0.0/16").description("old"));
    };
    for vanished in [false, true] {
        let world = World::new();
        world.up(described).await;
        let registry = Registry::builder(FakeConnector(world.cloud.clone())).resource::<Later>();
        let engine = engine(&world, registry.build());
        let session = engine.session(&holder()).await.unwrap();
        let plan = session.plan_destroy().await.unwrap();
        assert_eq!(changes(&plan), ["delete net"]);
        if vanished {
            world.cloud.vanish(&world.cloud.existing_or_going("network"));
        }
        let report = session.apply(None, &plan, &Interrupt::new()).await.unwrap();
        session.close().await.unwrap();
        assert!(report.is_success(), "{report:?}");
        assert!(world.cloud.existing().is_empty());
        assert!(world.state().await.resources.is_empty());
    }
}

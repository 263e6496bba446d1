//! What cannot be recorded is that step's failure, and nobody else's.

use ferrocrete_core::error::OpError;
use ferrocrete_core::resource::{Changes, Cx, Live, Made, Progress, ReadRequest, Resource, Tags};
use ferrocrete_core::{Outputs, Resource as DeriveResource, Stack};
use serde::{Deserialize, Serialize};

use super::cloud::Fake;
use super::types::{Network, Server, typed};
use super::world::World;

/// A well, whose depth the cloud tells as a list in a list in a list.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Well", outputs = WellOutputs)]
pub struct Well {
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Outputs of a well.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct WellOutputs {
    /// Deeper than state takes.
    pub depth: serde_json::Value,
}

impl Resource for Well {
    type Cloud = Fake;

    async fn create(&self, cx: &Cx<Fake>) -> Result<Made<Self>, OpError> {
        let tags = self.tags.clone().unwrap_or_default();
        let id = cx.insert("well", Default::default(), tags, false);
        let deeper = |depth: serde_json::Value, _| serde_json::json!([depth]);
        let depth = (0..120).fold(serde_json::json!([]), deeper);
        Ok(Made::Ready(id, WellOutputs { depth }))
    }

    async fn read(
        cloud: &Fake,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let one = |request: &ReadRequest<Self>| {
            let outputs = WellOutputs { depth: serde_json::json!([]) };
            Some(Live::ready(typed(&cloud.get(&request.id)?), outputs))
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx<Fake>) -> Result<Option<String>, OpError> {
        Ok(cx.by_owner(&cx.owner_tag()))
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
        cx.inner.lock().unwrap().items.remove(id);
        Ok(Progress::Done)
    }
}

fn program(s: &Stack) {
    s.add("well", Well::builder());
    let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
    s.add("web", Server::builder().network_id(&net.network_id));
}

#[tokio::test(start_paused = true)]
async fn what_runs_beside_it_comes_to_its_end() {
    let world = World::new();
    let report = world.up(program).await;
    assert_eq!(report.failures.len(), 1, "{report:?}");
    let failure = &report.failures[0];
    assert_eq!(failure.urn.name(), "well");
    let text = failure.error.to_string();
    assert!(text.contains("cannot be recorded") && text.contains("100 deep"), "{text}");
    assert_eq!(report.done.create, 2, "{report:?}");
    // It is found again, and nothing is made twice.
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(world.cloud.existing().len(), 3);
    assert!(world.plan(program).await.is_empty());
}

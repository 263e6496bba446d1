//! A cloud that does at once, or after so long a call, whatever it is asked, and remembers nothing:
//! a read answers with what state says, so that only the engine is measured.

use std::time::Duration;

use ferrocrete_core::error::OpError;
use ferrocrete_core::resource::{
    Changes, Connector, Cx, Live, Made, Namespace, Progress, ProviderConfig, ReadRequest, Registry,
    Resource, Tags,
};
use ferrocrete_core::{Outputs, Resource as DeriveResource};
use serde::{Deserialize, Serialize};

/// How long each call takes.
#[derive(Clone, Copy)]
pub struct Cloud(pub Duration);

impl Cloud {
    async fn call(self) {
        if !self.0.is_zero() {
            tokio::time::sleep(self.0).await;
        }
    }
}

impl Connector for Cloud {
    type Cloud = Cloud;

    async fn connect(&self, _: &ProviderConfig) -> Result<Cloud, OpError> {
        Ok(*self)
    }

    async fn namespace(&self, _: &ProviderConfig) -> Result<Namespace, OpError> {
        Ok(Namespace { account: "123456789012".into(), region: "eu-central-1".into() })
    }
}

/// A resource of the size of most: a few properties, two tags.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Bench::Thing", outputs = ThingOutputs)]
pub struct Thing {
    /// What it is in. Replaces.
    #[field(replaces)]
    pub owner_id: Option<String>,
    /// What it uses.
    #[field(set)]
    pub uses: Option<Vec<String>>,
    /// Description.
    pub description: String,
    /// Size.
    pub size: i32,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What is known of a thing.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ThingOutputs {
    /// Id.
    pub thing_id: String,
    /// ARN.
    pub arn: String,
}

impl Thing {
    fn outputs(id: &str) -> ThingOutputs {
        let arn = format!("arn:bench:things:eu-central-1:123456789012:thing/{id}");
        ThingOutputs { thing_id: id.to_owned(), arn }
    }
}

impl Resource for Thing {
    type Cloud = Cloud;

    async fn create(&self, cx: &Cx<Cloud>) -> Result<Made<Self>, OpError> {
        cx.call().await;
        let id = format!("thing-{}", cx.token());
        let outputs = Self::outputs(&id);
        Ok(Made::Ready(id, outputs))
    }

    async fn read(
        cloud: &Cloud,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        cloud.call().await;
        let live = |item: &ReadRequest<Self>| {
            Some(Live::ready(item.inputs.clone()?, Self::outputs(&item.id)))
        };
        Ok(items.iter().map(live).collect())
    }

    async fn find(&self, _: &Cx<Cloud>) -> Result<Option<String>, OpError> {
        Ok(None)
    }

    async fn update(
        &self,
        cx: &Cx<Cloud>,
        _: &str,
        _: &Self,
        _: &Changes,
    ) -> Result<Progress, OpError> {
        cx.call().await;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Cloud>, _: &str) -> Result<Progress, OpError> {
        cx.call().await;
        Ok(Progress::Done)
    }
}

/// The one type of this cloud.
pub fn registry(call: Duration) -> Registry {
    Registry::builder(Cloud(call)).resource::<Thing>().build()
}

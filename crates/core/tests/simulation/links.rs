//! A type whose identity is not an id that the cloud makes: a grant that is attached to a thing.
//!
//! Attaching what is attached succeeds, and detaching takes it away whoever attached it, as with
//! the policies of a role.

use ferrocrete_core::error::OpError;
use ferrocrete_core::resource::{Changes, Cx, Live, Made, Progress, ReadRequest, Resource};
use ferrocrete_core::{Outputs, Resource as DeriveResource};
use serde::{Deserialize, Serialize};

use crate::cloud::{Cloud, Props};
use crate::types::sign;

/// What is known of a link.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct LinkOutputs {
    /// Id.
    pub thing_id: String,
    /// Changes with the size.
    pub address: String,
    /// May change with the size.
    pub sign: String,
}

/// A grant attached to a thing.
#[derive(Clone, Default, Serialize, Deserialize, DeriveResource)]
#[resource(
    type = "Sim::Link",
    identity("owner_id", "grant"),
    busy("InUse", "Busy"),
    busy_for = 2700,
    eventual("Invalid" = "not yet"),
    settles = 20
)]
pub struct Link {
    /// The thing. Replaces.
    #[field(replaces)]
    pub owner_id: String,
    /// Which grant. Replaces.
    #[field(replaces)]
    pub grant: String,
    /// Size.
    #[field(affects("address", "sign"))]
    pub size: i64,
}

impl Link {
    fn props(&self) -> Props {
        Props {
            name: self.grant.clone(),
            size: self.size,
            owner: Some(self.owner_id.clone()),
            ..Props::default()
        }
    }

    fn id(&self) -> String {
        format!("link/{}/{}", self.owner_id, self.grant)
    }

    fn outputs(&self) -> LinkOutputs {
        let id = self.id();
        LinkOutputs { address: format!("{id}/{}", self.size), sign: sign(self.size), thing_id: id }
    }
}

impl Resource for Link {
    type Cloud = Cloud;

    async fn create(&self, cx: &Cx<Cloud>) -> Result<Made<Self>, OpError> {
        Cloud::attach(cx, self.id(), self.props()).await?;
        Ok(Made::Ready(self.id(), self.outputs()))
    }

    async fn read(
        cloud: &Cloud,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let found = cloud.read(items.iter().map(|i| i.id.clone()).collect()).await?;
        let shown = found.into_iter().map(|item| {
            let props = item?.props;
            let link = Link { owner_id: props.owner?, grant: props.name, size: props.size };
            let outputs = link.outputs();
            Some(Live::ready(link, outputs))
        });
        Ok(shown.collect())
    }

    async fn find(&self, cx: &Cx<Cloud>) -> Result<Option<String>, OpError> {
        let (owner, grant) = (self.owner_id.clone(), self.grant.clone());
        Cloud::find(cx, move |i| i.props.owner.as_ref() == Some(&owner) && i.props.name == grant)
            .await
    }

    async fn update(
        &self,
        cx: &Cx<Cloud>,
        id: &str,
        _old: &Self,
        _changes: &Changes,
    ) -> Result<Progress, OpError> {
        let size = self.size;
        Cloud::update(cx, id, move |props| props.size = size).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Cloud>, id: &str) -> Result<Progress, OpError> {
        Cloud::delete(cx, id, false).await?;
        Ok(Progress::Done)
    }
}

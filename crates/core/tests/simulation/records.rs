//! A type of which several change in one call: the record of a host, of which each host has one.
//!
//! Another form of the record is another record, as with the records of DNS: who looks the host
//! up must find the one or the other at any moment.

use ferrocrete_core::error::OpError;
use ferrocrete_core::resource::{Changes, Cx, Live, Made, Progress, ReadRequest, Resource};
use ferrocrete_core::{Outputs, Resource as DeriveResource};
use serde::{Deserialize, Serialize};

use crate::cloud::{Cloud, Props, RecordEdit};
use crate::types::sign;

/// What is known of a record.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct RecordOutputs {
    /// Id.
    pub thing_id: String,
    /// Changes with the size.
    pub address: String,
    /// May change with the size.
    pub sign: String,
}

/// A record of a host.
#[derive(Clone, Default, Serialize, Deserialize, DeriveResource)]
#[resource(
    type = "Sim::Record",
    identity("host", "form"),
    unique("host"),
    together,
    busy("TwoRecords"),
    busy_for = 2700,
    eventual("Invalid" = "not yet"),
    settles = 20
)]
pub struct Record {
    /// The host. Replaces.
    #[field(replaces)]
    pub host: String,
    /// What kind of record. Replaces.
    #[field(replaces)]
    pub form: String,
    /// Size.
    #[field(affects("address", "sign"))]
    pub size: i64,
}

impl Record {
    fn id(&self) -> String {
        format!("record/{}/{}", self.host, self.form)
    }

    fn outputs(&self) -> RecordOutputs {
        let id = self.id();
        RecordOutputs {
            address: format!("{id}/{}", self.size),
            sign: sign(self.size),
            thing_id: id,
        }
    }

    /// Puts it, or takes it away.
    async fn change(&self, cx: &Cx<Cloud>, id: String, put: bool) -> Result<(), OpError> {
        let props = Props {
            name: self.host.clone(),
            zone: self.form.clone(),
            size: self.size,
            ..Props::default()
        };
        let edit = RecordEdit {
            urn: cx.urn().clone(),
            generation: cx.generation(),
            token: cx.token().to_owned(),
            id,
            put: put.then_some(props),
        };
        cx.together(edit, |edits| Cloud::batch(cx, edits)).await
    }
}

impl Resource for Record {
    type Cloud = Cloud;

    async fn create(&self, cx: &Cx<Cloud>) -> Result<Made<Self>, OpError> {
        self.change(cx, self.id(), true).await?;
        Ok(Made::Ready(self.id(), self.outputs()))
    }

    async fn read(
        cloud: &Cloud,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let found = cloud.read(items.iter().map(|i| i.id.clone()).collect()).await?;
        let shown = found.into_iter().map(|item| {
            let props = item?.props;
            let record = Record { host: props.name, form: props.zone, size: props.size };
            let outputs = record.outputs();
            Some(Live::ready(record, outputs))
        });
        Ok(shown.collect())
    }

    async fn find(&self, cx: &Cx<Cloud>) -> Result<Option<String>, OpError> {
        let (host, form) = (self.host.clone(), self.form.clone());
        Cloud::find(cx, move |i| i.props.name == host && i.props.zone == form).await
    }

    async fn update(
        &self,
        cx: &Cx<Cloud>,
        id: &str,
        _old: &Self,
        _changes: &Changes,
    ) -> Result<Progress, OpError> {
        self.change(cx, id.to_owned(), true).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Cloud>, id: &str) -> Result<Progress, OpError> {
        self.change(cx, id.to_owned(), false).await?;
        Ok(Progress::Done)
    }
}

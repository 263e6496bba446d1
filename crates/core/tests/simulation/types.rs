//! The resource types of the simulated cloud.

use std::time::Duration;

use ferrocrete_core::error::OpError;
use ferrocrete_core::resource::{
    Changes, Cx, Live, Made, Progress, ReadRequest, Resource, Status, Tags,
};
use ferrocrete_core::{Outputs, Resource as DeriveResource};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::cloud::{Cloud, Item, Props};
use crate::spec::Kind;

/// How long a slow one takes to come; it takes longer to go.
const SLOW: Duration = Duration::from_secs(20);

/// Outputs of all types.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ThingOutputs {
    /// Id.
    pub thing_id: String,
    /// Changes with the size.
    pub address: String,
    /// Comes and goes.
    pub guest: Option<String>,
    /// May change with the size.
    pub sign: String,
}

/// What the cloud tells of a size: whether it is odd.
pub fn sign(size: i64) -> String {
    if size % 2 == 0 { "even".into() } else { "odd".into() }
}

fn outputs(id: &str, item: &Item) -> ThingOutputs {
    ThingOutputs {
        thing_id: id.to_owned(),
        address: format!("{id}/{}", item.props.size),
        guest: item.guest.then(|| "a guest".to_owned()),
        sign: sign(item.props.size),
    }
}

fn status(item: &Item) -> Status {
    if item.gone_at.is_some() {
        Status::Deleting("deleting".into())
    } else if item.ready_at > Instant::now() {
        Status::Pending("creating".into())
    } else {
        Status::Ready
    }
}

macro_rules! thing {
    (
        $(#[$attributes:meta])* $type:ident, slow: $slow:expr, owner: $owner:tt,
        |$cx:ident, $this:ident| $find:expr
    ) => {
        thing!(@struct $(#[$attributes])* $type, $owner);

        impl $type {
            fn props(&self) -> Props {
                let list = |l: &Option<Vec<String>>| l.iter().flatten().cloned().collect();
                Props {
                    name: self.name.clone().expect("the engine derives it"),
                    size: self.size,
                    zone: self.zone.to_uppercase(),
                    room: self.room,
                    secret: self.secret.clone(),
                    refs: list(&self.refs),
                    fixed_refs: list(&self.fixed_refs),
                    echo: self.echo.clone(),
                    sign: self.sign_of.clone(),
                    owner: thing!(@owner self, $owner),
                    seat: self.seat,
                    tags: thing!(@tags self, $owner),
                }
            }
        }

        impl Resource for $type {
            type Cloud = Cloud;

            async fn create(&self, cx: &Cx<Cloud>) -> Result<Made<Self>, OpError> {
                let (id, item) = Cloud::create(cx, Kind::$type, self.props(), $slow).await?;
                if !$slow.is_zero() {
                    return Ok(Made::Pending(id));
                }
                let outputs = outputs(&id, &item);
                Ok(Made::Ready(id, outputs))
            }

            async fn read(
                cloud: &Cloud,
                items: &[ReadRequest<Self>],
            ) -> Result<Vec<Option<Live<Self>>>, OpError> {
                let found = cloud.read(items.iter().map(|i| i.id.clone()).collect()).await?;
                let shown = found.into_iter().zip(items).map(|(item, request)| {
                    let item = item?;
                    let live = Live {
                        inputs: thing!(@from $type, item, $owner),
                        outputs: outputs(&request.id, &item),
                        status: status(&item),
                    };
                    Some(live)
                });
                Ok(shown.collect())
            }

            async fn find(&self, $cx: &Cx<Cloud>) -> Result<Option<String>, OpError> {
                let $this = self.props();
                Cloud::find($cx, $find).await
            }

            async fn update(
                &self,
                cx: &Cx<Cloud>,
                id: &str,
                _old: &Self,
                changes: &Changes,
            ) -> Result<Progress, OpError> {
                let wanted = self.props();
                let names: Vec<String> = changes.iter().map(str::to_owned).collect();
                let change = move |props: &mut Props| {
                    for name in names {
                        match name.as_str() {
                            "size" => props.size = wanted.size,
                            "room" => props.room = wanted.room,
                            "secret" => props.secret = wanted.secret.clone(),
                            "refs" => props.refs = wanted.refs.clone(),
                            "seat" => props.seat = wanted.seat,
                            "echo" => props.echo = wanted.echo.clone(),
                            "tags" => props.tags = wanted.tags.clone(),
                            other => panic!("{other} does not change in place"),
                        }
                    }
                };
                Cloud::update(cx, id, change).await?;
                Ok(Progress::Done)
            }

            async fn delete(&self, cx: &Cx<Cloud>, id: &str) -> Result<Progress, OpError> {
                Cloud::delete(cx, id, Kind::$type.is_slow()).await?;
                Ok(if Kind::$type.is_slow() { Progress::Pending } else { Progress::Done })
            }
        }
    };
    (@owner $self:ident, yes) => { Some($self.owner_id.clone()) };
    (@owner $self:ident, no) => { None };
    (@tags $self:ident, yes) => { Tags::new() };
    (@tags $self:ident, no) => { $self.tags.clone().unwrap_or_default() };
    (@from $type:ident, $item:ident, yes) => {
        $type { owner_id: $item.props.owner.clone().expect("a part"), ..thing!(@common $type, $item) }
    };
    (@from $type:ident, $item:ident, no) => {
        $type { tags: Some($item.props.tags.clone()), ..thing!(@common $type, $item) }
    };
    (@common $type:ident, $item:ident) => {
        $type {
            name: Some($item.props.name.clone()),
            size: $item.props.size,
            zone: $item.props.zone.clone(),
            room: $item.props.room,
            refs: Some($item.props.refs.iter().cloned().collect()),
            fixed_refs: Some($item.props.fixed_refs.iter().cloned().collect()),
            echo: $item.props.echo.clone(),
            sign_of: $item.props.sign.clone(),
            seat: $item.props.seat,
            ..$type::default()
        }
    };
    (@struct $(#[$attributes:meta])* $type:ident, no) => {
        /// A thing.
        #[derive(Clone, Default, Serialize, Deserialize, DeriveResource)]
        $(#[$attributes])*
        pub struct $type {
            /// Name. Replaces.
            #[field(replaces, name(max = 60, lowercase, extra = "-"))]
            pub name: Option<String>,
            /// Size.
            #[field(affects("address", "sign"))]
            pub size: i64,
            /// Zone, which the cloud writes in capitals. Replaces.
            #[field(replaces, case_insensitive)]
            pub zone: String,
            /// Room, which the cloud extends by itself and never takes back.
            #[field(moves(up))]
            pub room: i64,
            /// Secret.
            #[field(secret, write_only)]
            pub secret: Option<String>,
            /// Uses.
            #[field(set)]
            pub refs: Option<Vec<String>>,
            /// Uses. Replaces.
            #[field(replaces, set)]
            pub fixed_refs: Option<Vec<String>>,
            /// Address of another.
            pub echo: Option<String>,
            /// Sign of another. Replaces.
            #[field(replaces)]
            pub sign_of: Option<String>,
            /// A place that only one has.
            pub seat: Option<i64>,
            /// Tags.
            #[field(tags)]
            pub tags: Option<Tags>,
        }
    };
    (@struct $(#[$attributes:meta])* $type:ident, yes) => {
        /// A part of a thing.
        #[derive(Clone, Default, Serialize, Deserialize, DeriveResource)]
        $(#[$attributes])*
        pub struct $type {
            /// Owner. Replaces.
            #[field(replaces)]
            pub owner_id: String,
            /// Name. Replaces.
            #[field(replaces, name(max = 60, lowercase, extra = "-"))]
            pub name: Option<String>,
            /// Size.
            #[field(affects("address", "sign"))]
            pub size: i64,
            /// Zone, which the cloud writes in capitals. Replaces.
            #[field(replaces, case_insensitive)]
            pub zone: String,
            /// Room, which the cloud extends by itself and never takes back.
            #[field(moves(up))]
            pub room: i64,
            /// Secret.
            #[field(secret, write_only)]
            pub secret: Option<String>,
            /// Uses.
            #[field(set)]
            pub refs: Option<Vec<String>>,
            /// Uses. Replaces.
            #[field(replaces, set)]
            pub fixed_refs: Option<Vec<String>>,
            /// Address of another.
            pub echo: Option<String>,
            /// Sign of another. Replaces.
            #[field(replaces)]
            pub sign_of: Option<String>,
            /// A place that only one has.
            pub seat: Option<i64>,
        }
    };
}

const NOW: Duration = Duration::ZERO;

thing!(
    #[resource(
        type = "Sim::Named", outputs = ThingOutputs, unique("seat"), busy("InUse", "Busy"), busy_for = 2700,
        eventual("Invalid" = "not yet"), settles = 20
    )]
    Named, slow: NOW, owner: no,
    |cx, this| {
        let owner = cx.owner_tag();
        move |i| {
            i.kind == Kind::Named
                && i.props.name == this.name
                && i.props.tags.get("ferrocrete:urn") == Some(&owner)
        }
    }
);
thing!(
    #[resource(
        type = "Sim::Tagged", outputs = ThingOutputs, unique("seat"), busy("InUse", "Busy"), busy_for = 2700,
        eventual("Invalid" = "not yet"), settles = 20
    )]
    Tagged, slow: SLOW, owner: no,
    |cx, _this| {
        let owner = cx.owner_tag();
        move |i| i.kind == Kind::Tagged && i.props.tags.get("ferrocrete:urn") == Some(&owner)
    }
);
thing!(
    #[resource(
        type = "Sim::Tokened", outputs = ThingOutputs, busy("InUse", "Busy"), busy_for = 2700,
        eventual("Invalid" = "not yet"), name_lingers, settles = 20
    )]
    Tokened, slow: NOW, owner: no,
    |cx, _this| {
        let token = cx.token().to_owned();
        move |i| i.kind == Kind::Tokened && i.token == token
    }
);
thing!(
    #[resource(
        type = "Sim::Part", outputs = ThingOutputs, deleted_with = "owner_id", busy("InUse", "Busy"),
        busy_for = 2700, eventual("Invalid" = "not yet"), settles = 20
    )]
    Part, slow: NOW, owner: yes,
    |_cx, this| {
        move |i| {
            i.kind == Kind::Part && i.props.name == this.name && i.props.owner == this.owner
        }
    }
);

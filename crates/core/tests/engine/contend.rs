//! What only one can be or have: places that are exchanged in one call, things that are one
//! thing, and what cannot go while others use it.

use ferrocrete_core::error::{ErrorKind, OpError};
use ferrocrete_core::plan::Action;
use ferrocrete_core::resource::{Changes, Cx, Live, Made, Progress, ReadRequest, Resource, Tags};
use ferrocrete_core::{Options, Outputs, Resource as DeriveResource, Stack};
use serde::{Deserialize, Serialize};

use super::cloud::Fake;
use super::types::{Network, Server, props, typed};
use super::world::{World, changes};

/// A rule with a place in a list; the cloud takes many places in one call.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Place", unique("list", "place"), together)]
pub struct Place {
    /// Which list. Replaces.
    #[field(replaces)]
    pub list: String,
    /// Which place.
    pub place: i64,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Outputs of a place.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct PlaceOutputs {
    /// Id.
    pub place_id: String,
}

/// What is done to the list: something comes, goes, or gets another place.
struct Change {
    id: Option<String>,
    place: Option<Place>,
}

impl Place {
    /// All at once or nothing, and no place twice.
    async fn change(cx: &Cx<Fake>, changes: Vec<Change>) -> Result<(), OpError> {
        cx.begin(&format!("change {} places", changes.len())).await?;
        let mut items = cx.inner.lock().unwrap().items.clone();
        for change in changes {
            match (change.id, change.place) {
                (Some(id), Some(place)) => {
                    items.get_mut(&id).expect("it exists").props = props(&place);
                }
                (Some(id), None) => drop(items.remove(&id)),
                (None, Some(place)) => {
                    let tags = place.tags.clone().unwrap_or_default();
                    let id = cx.insert("place", props(&place), tags, false);
                    items.insert(id.clone(), cx.get(&id).expect("just made"));
                }
                (None, None) => {}
            }
        }
        let all: Vec<_> = items.values().map(|i| &i.props).collect();
        if (1..all.len()).any(|at| all[at..].contains(&all[at - 1])) {
            return Err(OpError::new(ErrorKind::AlreadyExists, "the place is taken"));
        }
        cx.inner.lock().unwrap().items = items;
        Ok(())
    }
}

impl Resource for Place {
    type Cloud = Fake;

    async fn create(&self, cx: &Cx<Fake>) -> Result<Made<Self>, OpError> {
        let change = Change { id: None, place: Some(self.clone()) };
        cx.together(change, |all| Self::change(cx, all)).await?;
        let id = cx.by_owner(&cx.owner_tag()).expect("just made");
        Ok(Made::Ready(id.clone(), PlaceOutputs { place_id: id }))
    }

    async fn read(
        cloud: &Fake,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let one = |request: &ReadRequest<Self>| {
            let item = cloud.get(&request.id)?;
            Some(Live::ready(typed(&item), PlaceOutputs { place_id: request.id.clone() }))
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
        let change = Change { id: Some(id.to_owned()), place: Some(self.clone()) };
        cx.together(change, |all| Self::change(cx, all)).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Fake>, id: &str) -> Result<Progress, OpError> {
        let change = Change { id: Some(id.to_owned()), place: None };
        cx.together(change, |all| Self::change(cx, all)).await?;
        Ok(Progress::Done)
    }
}

/// What others point at, and what does not go meanwhile.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Target", held_by_users, busy("InUse"))]
pub struct Target {
    /// Port. Replaces.
    #[field(replaces)]
    pub port: i64,
    /// Name. Replaces.
    #[field(replaces, name(max = 40, lowercase, extra = "-"))]
    pub name: Option<String>,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Outputs of a target.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct TargetOutputs {
    /// Id.
    pub target_id: String,
}

impl Resource for Target {
    type Cloud = Fake;

    async fn create(&self, cx: &Cx<Fake>) -> Result<Made<Self>, OpError> {
        let tags = self.tags.clone().unwrap_or_default();
        let id = cx.insert("target", props(self), tags, false);
        Ok(Made::Ready(id.clone(), TargetOutputs { target_id: id }))
    }

    async fn read(
        cloud: &Fake,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let one = |request: &ReadRequest<Self>| {
            let item = cloud.get(&request.id)?;
            Some(Live::ready(typed(&item), TargetOutputs { target_id: request.id.clone() }))
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx<Fake>) -> Result<Option<String>, OpError> {
        Ok(cx.by_owner(&cx.owner_tag()))
    }

    async fn update(
        &self,
        _cx: &Cx<Fake>,
        _id: &str,
        _old: &Self,
        _changes: &Changes,
    ) -> Result<Progress, OpError> {
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Fake>, id: &str) -> Result<Progress, OpError> {
        cx.begin("delete target").await?;
        cx.inner.lock().unwrap().items.remove(id);
        Ok(Progress::Done)
    }

    async fn holders(&self, cx: &Cx<Fake>, _id: &str) -> Result<Option<String>, OpError> {
        cx.begin("who holds it").await?;
        Ok(Some("the old listener".into()))
    }
}

fn places(all: &'static [(&'static str, i64)]) -> impl Fn(&Stack) {
    move |s: &Stack| {
        for (name, place) in all {
            s.add(name, Place::builder().list("rules").place(*place));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_exchanges_places_is_one_call() {
    let world = World::new();
    world.up(places(&[("a", 1), ("b", 2), ("c", 3)])).await;
    world.cloud.take_calls();
    // Whatever runs at once: the three would wait for each other for ever.
    let one_at_a_time = World {
        options: ferrocrete_core::EngineOptions { parallel: 1, ..world.options.clone() },
        ..world
    };
    let rotated = places(&[("a", 2), ("b", 3), ("c", 1)]);
    assert!(one_at_a_time.up(&rotated).await.is_success());
    assert_eq!(one_at_a_time.cloud.take_calls(), ["change 3 places"]);
    assert!(one_at_a_time.plan(&rotated).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_place_is_handed_over_in_one_call() {
    let world = World::new();
    world.up(places(&[("a", 1), ("b", 2)])).await;
    world.cloud.take_calls();
    let handed = places(&[("b", 1), ("c", 2)]);
    let report = world.up(&handed).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(world.cloud.take_calls(), ["change 3 places"]);
    assert!(world.plan(&handed).await.is_empty());
    assert_eq!(world.cloud.existing().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_only_one_can_have_is_not_declared_twice() {
    let world = World::new();
    let program = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16").name("fixed"));
        s.add("web", Server::builder().network_id(&net.network_id).slot(7));
        s.add("api", Server::builder().network_id(&net.network_id).slot(7));
    };
    // Which network it is, is known only once there is one.
    let net = |s: &Stack| {
        s.add("net", Network::builder().cidr("10.0.0.0/16").name("fixed"));
    };
    world.up(net).await;
    let refused = world.engine().plan(&world.graph(program).unwrap()).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`web` and `api` (Fake::Server) have the same `network_id` and `slot`, which only one \
         can have\n  what to do: give them different ones"
    );
    assert_eq!(world.cloud.existing().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_in_use_is_not_planned_to_go_first() {
    let world = World::new();
    let program = |port: i64, name: Option<&'static str>| {
        move |s: &Stack| {
            let target = s.add("target", Target::builder().port(port).maybe_name(name));
            s.add("listener", Network::builder().cidr("x").description(&target.target_id));
        }
    };
    world.up(program(80, Some("web"))).await;
    let graph = world.graph(program(81, Some("web"))).unwrap();
    let refused = world.engine().plan(&graph).await.unwrap_err().to_string();
    assert!(
        refused.starts_with(
            "`target` (Fake::Target) would have to be deleted before its replacement is created, \
             because both have the same `name`, but AWS refuses that while it is in use by \
             `listener`\n  what to do: change `name` in the same edit"
        ),
        "{refused}"
    );
    // The way out that the message names.
    let report = world.up(program(81, Some("web-2"))).await;
    assert!(report.is_success(), "{report:?}");
    assert!(world.plan(program(81, Some("web-2"))).await.is_empty());
    assert_eq!(world.cloud.existing().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_is_refused_for_long_says_who_is_in_the_way() {
    let world = World::new();
    world
        .up(|s: &Stack| {
            s.add("target", Target::builder().port(80));
        })
        .await;
    for _ in 0..200 {
        let in_use = super::cloud::Trouble::Code("InUse", ErrorKind::Dependency);
        world.cloud.trouble("delete target", in_use);
    }
    let report = world.destroy().await;
    let error = report.failures[0].error.to_string();
    assert!(error.contains("held by the old listener: the cloud says InUse"), "{error}");
    let calls = world.cloud.take_calls();
    let asked = calls.iter().filter(|c| *c == "who holds it").count();
    assert!((20..60).contains(&asked), "{asked} of {}", calls.len());
}

#[tokio::test(start_paused = true)]
async fn the_users_timeout_wins_over_the_types_patience() {
    let world = World::new();
    let timeouts = ferrocrete_core::program::Timeouts {
        delete: Some(std::time::Duration::from_secs(10)),
        ..Default::default()
    };
    world
        .up(move |s: &Stack| {
            let options = Options::new().timeouts(timeouts);
            s.add_with("target", Target::builder().port(80), options);
        })
        .await;
    for _ in 0..200 {
        let in_use = super::cloud::Trouble::Code("InUse", ErrorKind::Dependency);
        world.cloud.trouble("delete target", in_use);
    }
    let start = tokio::time::Instant::now();
    assert!(!world.destroy().await.is_success());
    assert!(start.elapsed() < std::time::Duration::from_secs(30), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_name_is_taken_over_once_it_is_free() {
    let world = World::new();
    let named = |key: &'static str, cidr: &'static str| {
        move |s: &Stack| {
            s.add(key, Network::builder().cidr(cidr).name("fixed"));
        }
    };
    world.up(named("a", "10.0.0.0/16")).await;
    world.cloud.take_calls();
    let plan = world.plan(named("b", "10.1.0.0/16")).await;
    assert_eq!(changes(&plan), ["delete a", "create b"]);
    let create = plan.steps.iter().find(|s| s.action == Action::Create).unwrap();
    assert!(create.reasons.iter().any(|r| r.to_string().contains("takes over `name` from `a`")));
    assert!(world.up(named("b", "10.1.0.0/16")).await.is_success());
    let calls = world.cloud.take_calls();
    assert_eq!(calls.last().map(String::as_str), Some("create network"), "{calls:?}");
}

/// What is known by what it ties together; tying again changes nothing.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Tie", identity("left", "right"))]
pub struct Tie {
    /// One end. Replaces.
    #[field(replaces)]
    pub left: String,
    /// The other. Replaces.
    #[field(replaces)]
    pub right: String,
}

/// Outputs of a tie.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct TieOutputs {
    /// One end.
    #[output(from_input)]
    pub left: String,
}

impl Resource for Tie {
    type Cloud = Fake;

    async fn create(&self, cx: &Cx<Fake>) -> Result<Made<Self>, OpError> {
        cx.begin("tie").await?;
        let item = cx.insert("tie", props(self), Tags::new(), false);
        let mut inner = cx.inner.lock().unwrap();
        let made = inner.items.remove(&item).expect("just made");
        inner.items.insert(self.id(), made);
        Ok(Made::Ready(self.id(), TieOutputs { left: self.left.clone() }))
    }

    async fn read(
        cloud: &Fake,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        cloud.begin("read tie").await?;
        let one = |request: &ReadRequest<Self>| {
            let tie: Self = typed(&cloud.get(&request.id)?);
            let outputs = TieOutputs { left: tie.left.clone() };
            Some(Live::ready(tie, outputs))
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx<Fake>) -> Result<Option<String>, OpError> {
        Ok(cx.get(&self.id()).map(|_| self.id()))
    }

    async fn update(
        &self,
        _cx: &Cx<Fake>,
        _id: &str,
        _old: &Self,
        _changes: &Changes,
    ) -> Result<Progress, OpError> {
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Fake>, id: &str) -> Result<Progress, OpError> {
        cx.begin("untie").await?;
        cx.inner.lock().unwrap().items.remove(id);
        Ok(Progress::Done)
    }
}

impl Tie {
    fn id(&self) -> String {
        format!("{}/{}", self.left, self.right)
    }
}

fn ties(names: &'static [(&'static str, &'static str)]) -> impl Fn(&Stack) {
    move |s: &Stack| {
        for (name, right) in names {
            s.add(name, Tie::builder().left("role").right(*right));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_key_of_a_loop_calls_nothing() {
    let world = World::new();
    let protected = |s: &Stack| {
        let tie = Tie::builder().left("role").right("read");
        s.add_with("a", tie, Options::new().protect(true));
    };
    world.up(protected).await;
    world.cloud.take_calls();
    let plan = world.plan(ties(&[("b", "read")])).await;
    assert!(plan.is_empty(), "{:?}", changes(&plan));
    assert_eq!(plan.moves.len(), 1);
    assert!(world.up(ties(&[("b", "read")])).await.is_success());
    let calls = world.cloud.take_calls();
    assert!(calls.iter().all(|c| c == "read tie"), "{calls:?}");
    assert_eq!(world.cloud.existing(), [("role/read".to_owned(), "tie")]);
    assert!(world.plan(ties(&[("b", "read")])).await.moves.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_two_records_share_stays_until_the_last_one_goes() {
    use ferrocrete_core::Urn;
    use ferrocrete_core::state::{Entry, FixedKey, StateStore};
    let world = World::new();
    world.up(ties(&[("a", "read")])).await;
    // As an older version recorded it, which let one thing be declared twice.
    let mut twin = world.state().await.resources.into_values().next().unwrap();
    twin.urn = Urn::new("proj", "dev", &[], "Fake::Tie", "b").unwrap();
    let backend = std::sync::Arc::new(world.backend.clone());
    let store = StateStore::new(backend, std::sync::Arc::new(FixedKey::for_tests()));
    let lease = std::time::Duration::from_secs(10);
    let open = store.open(&super::world::holder(), "proj", "dev", lease).await.unwrap();
    open.commit(vec![Entry::Done(Box::new(twin))]).await.unwrap();
    open.close().await.unwrap();

    let found = world.engine().verify_state().await.unwrap();
    let why = found.problems[0].to_string();
    assert!(why.contains("`a` and `b` are one thing in AWS: both have the same `left`"), "{why}");
    world.cloud.take_calls();
    let plan = world.plan(ties(&[("a", "read")])).await;
    assert_eq!(changes(&plan), ["forget b"]);
    assert!(world.up(ties(&[("a", "read")])).await.is_success());
    assert!(!world.cloud.take_calls().contains(&"untie".to_owned()));
    assert!(world.engine().verify_state().await.unwrap().problems.is_empty());
    assert!(world.up(ties(&[])).await.is_success());
    assert!(world.cloud.existing().is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_members_trouble_is_not_everybodys() {
    let world = World::new();
    let both = ties(&[("a", "read"), ("b", "write")]);
    world.up(&both).await;
    world.cloud.take_calls();
    // A second call about one of them does not find it: the merged read fails as a whole.
    world.cloud.trouble("read tie", super::cloud::Trouble::Code("NoSuchTag", ErrorKind::NotFound));
    assert!(world.plan(&both).await.is_empty());
    assert_eq!(world.cloud.take_calls(), ["read tie", "read tie", "read tie"]);
    // Where it is everybody's, nobody is asked again, and what is refused is an error.
    world.cloud.trouble("read tie", super::cloud::Trouble::Code("Denied", ErrorKind::AccessDenied));
    let graph = world.graph(&both).unwrap();
    assert!(world.engine().plan(&graph).await.unwrap_err().to_string().contains("Denied"));
    assert_eq!(world.cloud.take_calls(), ["read tie"]);
}

/// The id of what is still to be made is not known, but it is one id.
#[tokio::test(start_paused = true)]
async fn two_of_a_kind_in_what_is_still_to_be_made_are_refused() {
    let world = World::new();
    let program = |slots: [i32; 2], same: bool| {
        move |s: &Stack| {
            let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
            let other = s.add("other", Network::builder().cidr("10.1.0.0/16"));
            let second = if same { &net.network_id } else { &other.network_id };
            s.add("a", Server::builder().network_id(&net.network_id).slot(slots[0]));
            s.add("b", Server::builder().network_id(second).slot(slots[1]));
        }
    };
    let refused = async |program: &dyn Fn(&Stack)| {
        let graph = world.graph(program).unwrap();
        world.engine().plan(&graph).await.err().map(|error| error.to_string())
    };
    let error = refused(&program([1, 1], true)).await.unwrap();
    assert!(
        error.contains("`a` and `b` (Fake::Server) have the same `network_id` and `slot`"),
        "{error}"
    );
    assert_eq!(refused(&program([1, 2], true)).await, None);
    assert_eq!(refused(&program([1, 1], false)).await, None);
    // Nor does a network that is replaced change that.
    assert!(world.up(program([1, 2], true)).await.is_success());
    let moved = |slots: [i32; 2]| {
        move |s: &Stack| {
            let net = s.add("net", Network::builder().cidr("10.9.0.0/16"));
            s.add("other", Network::builder().cidr("10.1.0.0/16"));
            s.add("a", Server::builder().network_id(&net.network_id).slot(slots[0]));
            s.add("b", Server::builder().network_id(&net.network_id).slot(slots[1]));
        }
    };
    assert!(refused(&moved([3, 3])).await.is_some());
    assert_eq!(refused(&moved([2, 1])).await, None);
    assert!(world.up(moved([2, 1])).await.is_success());
}

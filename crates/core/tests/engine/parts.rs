//! What AWS takes only part by part: the engine waits, compares and asks for the rest.

use ferrocrete_core::Stack;
use ferrocrete_core::error::{ErrorKind, OpError};
use ferrocrete_core::resource::{
    Changes, Cx, Live, Made, Progress, ReadRequest, Resource, Status, Tags,
};
use ferrocrete_core::{Outputs, Resource as DeriveResource};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::cloud::{Fake, Trouble};
use super::types::{props, typed};
use super::world::World;

/// A shelf whose boards are put in one by one, once it stands.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Shelf", outputs = ShelfOutputs, busy("NameInUse"))]
pub struct Shelf {
    /// A board.
    pub upper: Option<i32>,
    /// Another one.
    pub middle: Option<i32>,
    /// Another one; one that never fits is never put in.
    pub lower: Option<i32>,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Outputs of a shelf.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ShelfOutputs {
    /// Id.
    pub shelf_id: String,
}

const NEVER: i32 = 99;

impl Resource for Shelf {
    type Cloud = Fake;

    async fn create(&self, cx: &Cx<Fake>) -> Result<Made<Self>, OpError> {
        let trouble = cx.begin("create shelf").await?;
        let tags = self.tags.clone().unwrap_or_default();
        let id = cx.insert("shelf", Default::default(), tags, true);
        cx.end(trouble).await?;
        Ok(Made::Partial(id))
    }

    async fn read(
        cloud: &Fake,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        cloud.begin("read shelf").await?;
        let one = |request: &ReadRequest<Self>| {
            let item = cloud.get(&request.id)?;
            let outputs = ShelfOutputs { shelf_id: request.id.clone() };
            let ready = item.ready_at <= Instant::now();
            let status = if ready { Status::Ready } else { Status::Pending("moving".into()) };
            Some(Live { inputs: typed(&item), outputs, status })
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
        old: &Self,
        changes: &Changes,
    ) -> Result<Progress, OpError> {
        let trouble = cx.begin("update shelf").await?;
        let (was, wanted) = (props(old), props(self));
        let slow = *cx.slow.lock().unwrap();
        {
            let mut inner = cx.inner.lock().unwrap();
            let item = inner.items.get_mut(id).unwrap();
            assert!(item.ready_at <= Instant::now(), "asked while it is busy");
            let name = changes.iter().next().unwrap();
            assert_ne!(was.get(name), wanted.get(name), "asked for what is there");
            match wanted.get(name) {
                Some(value) if *value == NEVER => {}
                Some(value) => drop(item.props.insert(name.to_owned(), value.clone())),
                None => drop(item.props.remove(name)),
            }
            item.ready_at = Instant::now() + slow;
        }
        cx.end(trouble).await?;
        Ok(Progress::Partial)
    }

    async fn delete(&self, cx: &Cx<Fake>, id: &str) -> Result<Progress, OpError> {
        cx.inner.lock().unwrap().items.remove(id);
        Ok(Progress::Done)
    }
}

fn program(boards: [Option<i32>; 3]) -> impl Fn(&Stack) {
    move |stack| {
        let [upper, middle, lower] = boards;
        let shelf = Shelf::builder().maybe_upper(upper).maybe_middle(middle);
        stack.add("shelf", shelf.maybe_lower(lower));
    }
}

fn boards(world: &World) -> Vec<String> {
    let (id, _) = world.cloud.existing().remove(0);
    world.cloud.get(&id).unwrap().props.into_keys().collect()
}

fn count(world: &World, call: &str) -> usize {
    world.cloud.take_calls().iter().filter(|made| made.starts_with(call)).count()
}

#[tokio::test(start_paused = true)]
async fn each_part_is_waited_for_and_none_is_asked_for_twice() {
    let world = World::new();
    let all = program([Some(1), Some(2), Some(3)]);
    let report = world.up(&all).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(boards(&world), ["lower", "middle", "upper"]);
    assert_eq!(count(&world, "update shelf"), 3);
    assert!(world.plan(&all).await.is_empty());
    // Taken out, and with nothing left to do nothing is asked.
    let two = program([None, Some(5), None]);
    assert!(world.up(&two).await.is_success());
    assert_eq!((boards(&world), count(&world, "update shelf")), (vec!["middle".into()], 3));
    let report = world.up(program([None, Some(5), None])).await;
    assert!(report.is_success() && count(&world, "update shelf") == 0);
}

#[tokio::test(start_paused = true)]
async fn killed_at_every_part_it_goes_on() {
    let all = || program([Some(1), Some(2), Some(3)]);
    for call in ["create shelf", "read shelf", "update shelf"] {
        for trouble in [Trouble::HangBefore, Trouble::Hang, Trouble::Lost] {
            if call == "read shelf" && !matches!(trouble, Trouble::HangBefore) {
                continue;
            }
            let world = World::new();
            world.cloud.trouble(call, trouble.clone());
            match trouble {
                Trouble::Lost => drop(world.up(all()).await),
                _ => world.up_killed(all()).await,
            }
            let report = world.up(all()).await;
            assert!(report.is_success(), "{call} {trouble:?}: {report:?}");
            assert_eq!(world.cloud.existing().len(), 1, "{call} {trouble:?}");
            assert_eq!(boards(&world), ["lower", "middle", "upper"], "{call} {trouble:?}");
            assert!(world.plan(all()).await.is_empty(), "{call} {trouble:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_comes_about_ends() {
    let world = World::new();
    let report = world.up(program([Some(NEVER), None, Some(1)])).await;
    let error = &report.failures[0].error;
    assert!(error.message.contains("upper still differs"), "{error}");
    // What is there is recorded: the next run asks for the rest only.
    assert!(world.up(program([None, None, Some(1)])).await.is_success());
    assert_eq!(boards(&world), ["lower"]);
}

#[tokio::test(start_paused = true)]
async fn a_create_waits_for_what_had_its_name() {
    let world = World::new();
    let refused = || Trouble::Code("NameInUse", ErrorKind::Other);
    for _ in 0..3 {
        world.cloud.trouble("create shelf", refused());
    }
    let report = world.up(program([None; 3])).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(count(&world, "create shelf"), 4);
    // Not for ever.
    let world = World::new();
    for _ in 0..200 {
        world.cloud.trouble("create shelf", refused());
    }
    let report = world.up(program([None; 3])).await;
    assert_eq!(report.failures[0].error.code.as_deref(), Some("NameInUse"));
}

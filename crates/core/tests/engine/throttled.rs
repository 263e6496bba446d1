//! Throttled calls: they never end a step, however often they are refused.

use std::time::Duration;

use ferrocrete_core::error::{ErrorKind, OpError};
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::program::{Options, Timeouts};
use ferrocrete_core::resource::{Changes, Cx, Live, Made, Progress, ReadRequest, Resource, Tags};
use ferrocrete_core::{Outputs, Resource as DeriveResource, Stack};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::cloud::{Fake, Trouble};
use super::types::{Network, NetworkByCidr, Server, props, typed};
use super::world::{World, changes};

/// A lamp, which is made by one call and painted by another.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Lamp", outputs = LampOutputs, eventual("NotYet"), busy("StillBusy"))]
pub struct Lamp {
    /// Colour.
    pub colour: String,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Outputs of a lamp.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct LampOutputs {
    /// Id.
    pub lamp_id: String,
}

impl Lamp {
    async fn paint(&self, cx: &Cx<Fake>, id: &str) -> Result<(), OpError> {
        let trouble = cx.begin("paint lamp").await?;
        cx.inner.lock().unwrap().items.get_mut(id).unwrap().props = props(self);
        cx.end(trouble).await
    }
}

impl Resource for Lamp {
    type Cloud = Fake;

    async fn create(&self, cx: &Cx<Fake>) -> Result<Made<Self>, OpError> {
        cx.begin("create lamp").await?;
        let tags = self.tags.clone().unwrap_or_default();
        let white = props(&Lamp { colour: "white".into(), tags: None });
        let id = cx.insert("lamp", white, tags, false);
        cx.accepted(&id).await?;
        self.paint(cx, &id).await?;
        Ok(Made::Ready(id.clone(), LampOutputs { lamp_id: id }))
    }

    async fn read(
        cloud: &Fake,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let one = |request: &ReadRequest<Self>| {
            let outputs = LampOutputs { lamp_id: request.id.clone() };
            Some(Live::ready(typed(&cloud.get(&request.id)?), outputs))
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
        _: &Self,
        _: &Changes,
    ) -> Result<Progress, OpError> {
        self.paint(cx, id).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Fake>, id: &str) -> Result<Progress, OpError> {
        cx.inner.lock().unwrap().items.remove(id);
        Ok(Progress::Done)
    }
}

/// More than any retry of one call could stand.
const OFTEN: usize = 30;

const SLOW_DOWN: Trouble = Trouble::Code("Throttling", ErrorKind::Throttled);

fn throttle(world: &World, calls: &[&str]) {
    for call in calls {
        (0..OFTEN).for_each(|_| world.cloud.trouble(call, SLOW_DOWN));
    }
}

fn size(size: i32) -> impl Fn(&Stack) {
    move |s| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        s.add("web", Server::builder().network_id(&net.network_id).size(size));
        s.lookup("found", NetworkByCidr::builder().cidr("10.0.0.0/16"));
    }
}

fn first(s: &Stack) {
    s.add("net", Network::builder().cidr("10.0.0.0/16"));
}

#[tokio::test(start_paused = true)]
async fn no_call_of_a_life_fails_for_it() {
    let world = World::new();
    throttle(&world, &["create network"]);
    assert!(world.up(first).await.is_success());
    throttle(&world, &["create server", "read server", "read network", "lookup network"]);
    let report = world.up(size(1)).await;
    assert!(report.is_success(), "{report:?}");
    throttle(&world, &["update server", "read server", "lookup network"]);
    let report = world.up(size(2)).await;
    assert!(report.is_success(), "{report:?}");
    assert!(world.plan(size(2)).await.is_empty());
    throttle(&world, &["delete server", "delete network", "read server"]);
    let report = world.destroy().await;
    assert!(report.is_success(), "{report:?}");
    assert!(world.cloud.existing().is_empty());
    let left = world.cloud.inner.lock().unwrap().trouble.len();
    assert_eq!(left, 0, "every refusal was met");
}

#[tokio::test(start_paused = true)]
async fn nor_does_the_look_for_what_a_lost_create_made() {
    let world = World::new();
    world.cloud.trouble("create network", Trouble::Lost);
    throttle(&world, &["find network"]);
    let report = world.up(first).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(world.cloud.existing().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_later_call_of_a_create_does_not_repeat_the_first() {
    let world = World::new();
    let program = |s: &Stack| {
        s.add("lamp", Lamp::builder().colour("red"));
    };
    throttle(&world, &["paint lamp"]);
    let report = world.up(program).await;
    assert!(report.is_success(), "{report:?}");
    let made = world.cloud.take_calls().iter().filter(|c| *c == "create lamp").count();
    assert_eq!((made, world.cloud.existing().len()), (1, 1));
    let (id, _) = world.cloud.existing().remove(0);
    assert_eq!(world.cloud.get(&id).unwrap().props["colour"], "red");
    assert!(world.plan(program).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_step_s_own_timeout_is_the_bound() {
    let world = World::new();
    (0..1_000).for_each(|_| world.cloud.trouble("create network", SLOW_DOWN));
    let program = |s: &Stack| {
        let minute = Some(Duration::from_secs(60));
        let options = Options::new().timeouts(Timeouts { create: minute, ..Default::default() });
        s.add_with("net", Network::builder().cidr("10.0.0.0/16"), options);
    };
    let start = Instant::now();
    let report = world.up(program).await;
    let took = start.elapsed();
    assert_eq!(report.failures.len(), 1, "{report:?}");
    assert_eq!(report.failures[0].error.kind, ErrorKind::Throttled);
    let minute = Duration::from_secs(60);
    assert!(took >= minute && took < minute + Duration::from_secs(15), "{took:?}");
    // Nothing is left open: the call was not carried out.
    world.cloud.inner.lock().unwrap().trouble.clear();
    assert_eq!(changes(&world.plan(program).await), ["create net"]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_at_its_timeout_though_its_reads_are_throttled() {
    let world = World::new();
    (0..1_000).for_each(|_| world.cloud.trouble("read server", SLOW_DOWN));
    world.up(first).await;
    let program = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let two = Some(Duration::from_secs(120));
        let options = Options::new().timeouts(Timeouts { create: two, ..Default::default() });
        s.add_with("web", Server::builder().network_id(&net.network_id), options);
    };
    let start = Instant::now();
    let report = world.up(program).await;
    assert_eq!(report.failures[0].error.kind, ErrorKind::TimedOut, "{report:?}");
    assert!(start.elapsed() < Duration::from_secs(135), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_second_interrupt_ends_it() {
    for call in ["create server", "read server"] {
        let world = World::new();
        world.up(first).await;
        (0..1_000).for_each(|_| world.cloud.trouble(call, SLOW_DOWN));
        let interrupt = Interrupt::new();
        let stop = async {
            tokio::time::sleep(Duration::from_secs(100)).await;
            interrupt.raise_to(2);
            Instant::now()
        };
        let program = size(1);
        let (report, stopped) = tokio::join!(world.try_up(&program, &interrupt), stop);
        assert!(report.unwrap().interrupted, "{call}");
        assert!(stopped.elapsed() < Duration::from_secs(3), "{call}: {:?}", stopped.elapsed());
        world.cloud.inner.lock().unwrap().trouble.clear();
        assert!(world.up(&program).await.is_success(), "{call}");
        assert_eq!(world.cloud.existing().len(), 2, "{call}");
    }
}

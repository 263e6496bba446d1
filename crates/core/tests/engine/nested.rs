//! Attributes of nested properties, from the program to state, plan and the cloud.

use ferrocrete_core::error::OpError;
use ferrocrete_core::event::Events;
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::plan::{Action, Reason};
use ferrocrete_core::render::{self, Style};
use ferrocrete_core::resource::{
    Changes, Cx, Live, Lookup, Made, Progress, ReadRequest, Resource, Tags,
};
use ferrocrete_core::{
    Lookup as DeriveLookup, Options, Output, Outputs, Properties, Resource as DeriveResource, Stack,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::cloud::{Fake, Item};
use super::types::{Network, props, typed};
use super::world::{World, action, changes, holder};

/// A safe.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Safe", outputs = SafeOutputs)]
pub struct Safe {
    /// Its lock.
    pub lock: Option<Lock>,
    /// Its drawers.
    #[field(set)]
    pub drawers: Option<Vec<Lock>>,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// A lock.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Lock {
    /// Name.
    pub name: String,
    /// Known to the cloud, which tells it.
    #[field(secret)]
    pub hint: Option<String>,
    /// The cloud never tells.
    #[field(secret, write_only)]
    pub code: Option<String>,
    /// Replaces.
    #[field(replaces)]
    pub bolt: Option<String>,
    /// The cloud fills it in.
    #[field(server_default)]
    pub grade: Option<String>,
}

/// Outputs of a safe.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct SafeOutputs {
    /// The lock as it is.
    pub lock: Option<Lock>,
}

/// What the cloud tells of a safe: no code, the drawers in its own order, a grade.
fn told(item: &Item) -> Safe {
    let mut safe: Safe = typed(item);
    let all = safe.lock.iter_mut().chain(safe.drawers.iter_mut().flatten());
    for lock in all {
        lock.code = Some("********".into());
        lock.grade.get_or_insert_with(|| "A".into());
    }
    safe.drawers.iter_mut().for_each(|d| d.reverse());
    safe
}

impl Resource for Safe {
    type Cloud = Fake;

    async fn create(&self, cx: &Cx<Fake>) -> Result<Made<Self>, OpError> {
        cx.begin("create safe").await?;
        let id = cx.insert("safe", props(self), self.tags.clone().unwrap_or_default(), false);
        Ok(Made::Ready(id, SafeOutputs { lock: self.lock.clone() }))
    }

    async fn read(
        cloud: &Fake,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let one = |request: &ReadRequest<Self>| {
            let item = cloud.get(&request.id)?;
            let outputs = SafeOutputs { lock: typed::<Safe>(&item).lock };
            Some(Live::ready(told(&item), outputs))
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
        // What it starts from is what was applied where the cloud does not tell.
        let code = old.lock.as_ref().and_then(|l| l.code.clone()).unwrap_or_default();
        cx.begin(&format!("update safe from code {code}")).await?;
        let mut inner = cx.inner.lock().unwrap();
        let item = inner.items.get_mut(id).expect("it exists");
        for name in changes.iter().filter(|n| *n != "tags") {
            match props(self).remove(name) {
                Some(value) => item.props.insert(name.to_owned(), value),
                None => item.props.remove(name),
            };
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Fake>, id: &str) -> Result<Progress, OpError> {
        cx.inner.lock().unwrap().items.remove(id);
        Ok(Progress::Done)
    }
}

/// Opens a lock.
#[derive(Clone, Serialize, Deserialize, DeriveLookup)]
#[lookup(type = "Fake::Open", outputs = OpenOutputs)]
pub struct Open {
    /// Which.
    pub lock: Lock,
    /// Where.
    pub door: String,
}

/// What is behind it.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct OpenOutputs {
    /// The code, again.
    #[output(secret)]
    pub code: String,
}

impl Lookup for Open {
    type Cloud = Fake;

    async fn lookup(&self, cloud: &Fake) -> Result<OpenOutputs, OpError> {
        cloud.begin("open").await?;
        Ok(OpenOutputs { code: self.lock.code.clone().unwrap_or_default() })
    }
}

fn lock(name: &str) -> Lock {
    let code = Some(format!("hunter-code-{name}"));
    let hint = Some(format!("hunter-hint-{name}"));
    Lock { name: name.into(), hint, code, bolt: None, grade: None }
}

fn safe() -> Safe {
    Safe { lock: Some(lock("a")), drawers: Some(vec![lock("b"), lock("c")]), tags: None }
}

/// Every secret here begins like this.
const PLAIN: &str = "hunter-";

#[tokio::test(start_paused = true)]
async fn what_the_cloud_keeps_to_itself_is_no_difference() {
    let world = World::new();
    world.up(|s| drop(s.add("safe", safe()))).await;
    let plan = world.plan(|s| drop(s.add("safe", safe()))).await;
    assert!(plan.is_empty(), "{:?}", plan.steps);
    // Neither is the order in which the program names them.
    let turned = || Safe { drawers: Some(vec![lock("c"), lock("b")]), ..safe() };
    assert!(world.plan(|s| drop(s.add("safe", turned()))).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn secrets_in_plain_structs_are_nowhere_in_plain() {
    let world = World::new();
    let program = |s: &Stack| {
        // As values, as a builder, and as an output whose parts are known later.
        let first = s.add("first", safe());
        s.add("second", Safe::builder().lock(lock("d")).drawers([lock("e")]));
        let computed: Output<Option<Lock>> = first.lock.map(|_| Some(lock("f")));
        s.add("third", Safe::builder().lock(computed.map(|l| l.expect("some"))));
        let opened = s.lookup("open", Open { lock: lock("g"), door: "front".into() });
        // Computed from what is no secret, and known only later.
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let made = |name: &'static str| net.network_id.map(move |_| lock(name));
        s.add("fourth", Safe::builder().lock(made("h")));
        let late = Open::builder().lock(made("i")).door("back");
        s.lookup_with("late", late, Options::new().depends_on(&first));
        s.export("code", &opened.code);
        s.export("lock", &first.lock);
    };
    let graph = world.graph(program).unwrap();
    assert!(!format!("{graph:?}").contains(PLAIN), "{graph:?}");
    let (events, mut heard) = Events::channel();
    let engine = world.engine().with_events(events);
    let session = engine.session(&holder()).await.unwrap();
    let plan = session.plan(&graph).await.unwrap();
    let report = session.apply(Some(&graph), &plan, &Interrupt::new()).await.unwrap();
    assert!(report.is_success(), "{report:?}");
    session.close().await.unwrap();
    let mut shown = format!("{plan:?} {report:?} {}", render::plan_json(&plan));
    shown += &render::plan_text(&plan, Style::Plain);
    shown += &render::plan_markdown(&plan);
    while let Ok(event) = heard.try_recv() {
        shown += &format!("{event:?}");
    }
    // Somebody changes a secret that the cloud tells.
    let theirs = json!({ "name": "a", "hint": "hunter-theirs", "code": "hunter-theirs" });
    world.cloud.meddle("safe-1", "lock", theirs);
    let plan = world.plan(program).await;
    assert_eq!(changes(&plan), ["update first"]);
    assert!(plan.steps.iter().any(|s| s.action == Action::Read && s.inputs["lock"].has_secret()));
    shown += &format!("{plan:?} {}", render::plan_json(&plan));
    shown += &render::plan_text(&plan, Style::Plain);
    assert!(!shown.contains(PLAIN), "{shown}");
    assert!(!world.backend.everything().contains(PLAIN));
    // It is all there, though.
    let state = world.state().await;
    let first = state.resources.values().find(|r| r.urn.name() == "first").unwrap();
    let kept = first.inputs["drawers"].reveal().to_string();
    assert!(kept.contains("hunter-code-b") && kept.contains("hunter-hint-c"), "{kept}");
    assert!(first.outputs["lock"].has_secret());
    assert_eq!(report.exports["code"].reveal().as_str(), Some("hunter-code-g"));
}

#[tokio::test(start_paused = true)]
async fn another_secret_that_is_never_read_is_applied() {
    let world = World::new();
    world.up(|s| drop(s.add("safe", safe()))).await;
    world.cloud.take_calls();
    let new =
        || Safe { lock: Some(Lock { code: Some("hunter-new".into()), ..lock("a") }), ..safe() };
    let plan = world.plan(|s| drop(s.add("safe", new()))).await;
    assert_eq!(changes(&plan), ["update safe"]);
    let step = plan.steps.iter().find(|s| s.urn.name() == "safe").unwrap();
    assert_eq!(step.reasons, [Reason::Changed { property: "lock".into() }]);
    let text = render::plan_text(&plan, Style::Plain);
    assert!(text.contains("(a secret in it changes)"), "{text}");
    let report = world.up(|s| drop(s.add("safe", new()))).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(world.cloud.take_calls(), ["update safe from code hunter-code-a"]);
    let item = world.cloud.get("safe-1").unwrap();
    assert_eq!(item.props["lock"]["code"], "hunter-new");
    assert!(world.plan(|s| drop(s.add("safe", new()))).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_nested_property_can_replace_the_resource() {
    let world = World::new();
    let bolted = |name: &str, bolt: &str| {
        let bolt = Some(bolt.to_owned());
        Safe { lock: Some(Lock { bolt, ..lock(name) }), drawers: None, tags: None }
    };
    let program = |safe: Safe| move |s: &Stack| drop(s.add("safe", safe.clone()));
    world.up(program(bolted("a", "x"))).await;
    let plan = world.plan(program(bolted("b", "x"))).await;
    assert_eq!(action(&plan, "safe"), Action::Update);
    let plan = world.plan(program(bolted("a", "y"))).await;
    assert_eq!(changes(&plan), ["replace safe", "delete replaced safe"]);
    let report = world.up(program(bolted("a", "y"))).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(world.cloud.existing(), [("safe-2".to_owned(), "safe")]);
    assert!(world.plan(program(bolted("a", "y"))).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_only_seemed_needed_is_not_made() {
    let world = World::new();
    let program = |grade: &str| {
        let grade = grade.to_owned();
        move |s: &Stack| {
            let first = Lock { grade: Some(grade.clone()), ..lock("a") };
            let first = s.add("first", Safe::builder().lock(first));
            let bolt: Output<String> = first.lock.map(|_| "always".into());
            s.add("second", Safe::builder().lock(Lock::builder().name("b").bolt(bolt)));
        }
    };
    world.up(program("A")).await;
    assert!(world.plan(program("A")).await.is_empty());
    world.cloud.take_calls();
    let report = world.up(program("B")).await;
    assert!(report.is_success(), "{report:?}");
    assert_eq!(world.cloud.take_calls(), ["update safe from code hunter-code-a"]);
    assert_eq!(world.cloud.existing().len(), 2);
}

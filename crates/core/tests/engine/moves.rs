//! What the cloud moves by itself, and how it writes things: no drift, an empty plan, and an update
//! of something else leaves it alone.

use ferrocrete_core::error::OpError;
use ferrocrete_core::plan::{Action, PlanError};
use ferrocrete_core::resource::{Changes, Cx, Live, Made, Progress, ReadRequest, Resource, Tags};
use ferrocrete_core::{Error, Input, Outputs, Properties, Resource as DeriveResource, Stack};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::cloud::{Fake, Trouble};
use super::types::{props, typed};
use super::world::{World, action, changes, holder};

/// A store of goods. Its update writes everything, not only what changes.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Store", outputs = StoreOutputs)]
pub struct Store {
    /// Version.
    #[field(moves(version))]
    pub version: Option<String>,
    /// Size, which grows by itself.
    #[field(moves(up))]
    pub size: Option<i32>,
    /// Where it stands. Replaces.
    #[field(replaces, moves(anywhere))]
    pub zone: Option<String>,
    /// How many work there.
    #[field(moves(steered))]
    pub workers: Option<i32>,
    /// Its shelves.
    #[field(by("name"))]
    pub boards: Option<Vec<Board>>,
    /// Who may enter.
    #[field(policy)]
    pub policy: Option<String>,
    /// Where it may be reached from.
    #[field(cidr)]
    pub range: Option<String>,
    /// Words on the door, of which the cloud drops empty ones.
    #[field(drops_empty)]
    pub words: Option<std::collections::BTreeMap<String, String>>,
    /// How it sends; the cloud completes it.
    #[field(partial_json)]
    pub sending: Option<String>,
    /// Note.
    pub note: Option<String>,
    /// Whether everybody may enter.
    #[field(default = true)]
    pub open: Option<bool>,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// A shelf.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Board {
    /// Name.
    pub name: String,
    /// How high it hangs.
    pub height: Option<i32>,
    /// How much it carries.
    #[field(moves(steered))]
    pub load: Option<i32>,
    /// The cloud never tells.
    #[field(write_only)]
    pub code: Option<String>,
    /// The cloud fills it in.
    #[field(server_default)]
    pub colour: Option<String>,
    /// A change needs another store.
    #[field(replaces)]
    pub wood: Option<String>,
}

/// Outputs of a store.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct StoreOutputs {
    /// Id.
    pub store_id: String,
    /// `store/ID`.
    pub path: String,
}

fn outputs(id: &str) -> StoreOutputs {
    StoreOutputs { store_id: id.to_owned(), path: format!("store/{id}") }
}

/// What makes a store grow and shrink.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Dial", outputs = DialOutputs)]
pub struct Dial {
    /// What it turns.
    pub targets: Vec<Target>,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// A store that a dial turns.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Target {
    /// Path of the store.
    #[field(steers)]
    pub path: Option<String>,
    /// Path of a store that is closed by being named here.
    #[field(implies(open = false))]
    pub closes: Option<String>,
    /// Only seen.
    pub watches: Option<String>,
}

/// Outputs of a dial.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct DialOutputs {
    /// Id.
    pub dial_id: String,
}

macro_rules! whole {
    ($type:ident, $kind:literal, $outputs:expr) => {
        impl Resource for $type {
            type Cloud = Fake;

            async fn create(&self, cx: &Cx<Fake>) -> Result<Made<Self>, OpError> {
                let trouble = cx.begin(concat!("create ", $kind)).await?;
                let id =
                    cx.insert($kind, props(self), self.tags.clone().unwrap_or_default(), false);
                cx.end(trouble).await?;
                let outputs = $outputs(&id);
                Ok(Made::Ready(id, outputs))
            }

            async fn read(
                cloud: &Fake,
                items: &[ReadRequest<Self>],
            ) -> Result<Vec<Option<Live<Self>>>, OpError> {
                let one = |request: &ReadRequest<Self>| {
                    let mut live: Self = typed(&cloud.get(&request.id)?);
                    live.told();
                    Some(Live::ready(live, $outputs(&request.id)))
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
                changes: &Changes,
            ) -> Result<Progress, OpError> {
                let names: Vec<&str> = changes.iter().collect();
                let call = format!("update {}", names.join(" "));
                let trouble = cx.begin(&call).await?;
                cx.inner.lock().unwrap().items.get_mut(id).expect("it exists").props = props(self);
                cx.end(trouble).await?;
                Ok(Progress::Done)
            }

            async fn delete(&self, cx: &Cx<Fake>, id: &str) -> Result<Progress, OpError> {
                cx.inner.lock().unwrap().items.remove(id);
                Ok(Progress::Done)
            }
        }
    };
}
whole!(Store, "store", outputs);
whole!(Dial, "dial", |id: &str| DialOutputs { dial_id: id.to_owned() });

impl Store {
    /// The cloud has its own order, colours, and ways of writing.
    fn told(&mut self) {
        self.open.get_or_insert(true);
        for board in self.boards.iter_mut().flatten() {
            board.code = None;
            board.colour.get_or_insert_with(|| "grey".into());
        }
        self.boards.iter_mut().for_each(|b| b.sort_by(|a, b| a.name.cmp(&b.name)));
        self.words.iter_mut().for_each(|words| words.retain(|_, word| !word.is_empty()));
        self.policy = self.policy.as_ref().map(|p| p.replace("111111111111", ROOT));
        self.range = self.range.as_ref().map(|r| r.to_lowercase());
        if let Some(sending) = &mut self.sending {
            let mut json: Json = serde_json::from_str(sending).unwrap();
            json.as_object_mut().unwrap().entry("guaranteed").or_insert(false.into());
            *sending = json.to_string();
        }
    }
}

impl Dial {
    fn told(&mut self) {}
}

const ROOT: &str = "arn:aws:iam::111111111111:root";

#[derive(Clone, Copy)]
struct Wish {
    version: &'static str,
    size: i32,
    zone: &'static str,
    workers: i32,
    note: &'static str,
    dial: bool,
}

const WISH: Wish =
    Wish { version: "16.4", size: 20, zone: "a", workers: 2, note: "first", dial: false };

fn program(wish: Wish) -> impl Fn(&Stack) {
    move |s| {
        let boards = [("b", 7), ("a", 5)]
            .map(|(name, load)| Board::builder().name(name).height(1).load(load).code("x"));
        let store = s.add(
            "store",
            Store::builder()
                .version(wish.version)
                .size(wish.size)
                .zone(wish.zone)
                .workers(wish.workers)
                .note(wish.note)
                .boards(boards),
        );
        let target = Target::builder().maybe_path(wish.dial.then_some(&store.path));
        s.add("dial", Dial::builder().targets([target.watches(&store.path)]));
    }
}

/// What the store has in the cloud.
fn has(world: &World, property: &str) -> Json {
    let (id, _) = world.cloud.existing().into_iter().find(|(_, kind)| *kind == "store").unwrap();
    world.cloud.get(&id).unwrap().props.get(property).cloned().unwrap_or_default()
}

fn meddle(world: &World, property: &str, value: Json) {
    let (id, _) = world.cloud.existing().into_iter().find(|(_, kind)| *kind == "store").unwrap();
    world.cloud.meddle(&id, property, value);
}

/// A store that the cloud has moved.
async fn moved(wish: Wish) -> World {
    let world = World::new();
    world.up(program(wish)).await;
    assert!(world.plan(program(wish)).await.is_empty());
    meddle(&world, "version", "16.6".into());
    meddle(&world, "size", 40.into());
    meddle(&world, "zone", "b".into());
    world
}

#[tokio::test(start_paused = true)]
async fn what_the_cloud_moves_is_no_drift() {
    let world = moved(WISH).await;
    assert!(world.plan(program(WISH)).await.is_empty());
    let session = world.engine().session(&holder()).await.unwrap();
    let found = session.refresh().await.unwrap();
    assert!(found.steps.iter().all(|s| s.changes.is_empty()), "{found:?}");
    session.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_update_of_something_else_does_not_move_it_back() {
    let world = moved(WISH).await;
    world.cloud.take_calls();
    let wish = Wish { note: "second", ..WISH };
    world.up(program(wish)).await;
    assert_eq!(world.cloud.take_calls(), ["update note"]);
    let now = [has(&world, "version"), has(&world, "size"), has(&world, "zone")];
    assert_eq!(now, [json!("16.6"), json!(40), json!("b")]);
    assert_eq!(has(&world, "note"), "second");
    assert!(world.plan(program(wish)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_there_already_needs_no_call_and_nothing_is_taken_back() {
    let world = moved(WISH).await;
    for (version, size) in [("16.6", 40), ("16.5", 30), ("16", 20), ("16.4", 20)] {
        let wish = Wish { version, size, ..WISH };
        assert!(world.plan(program(wish)).await.is_empty(), "{version} {size}");
    }
    // Beyond what the cloud did by itself, the program decides.
    for (version, size) in [("16.7", 20), ("15.4", 20), ("17", 20), ("16.4", 41)] {
        let wish = Wish { version, size, ..WISH };
        assert_eq!(changes(&world.plan(program(wish)).await), ["update store"], "{version} {size}");
    }
    meddle(&world, "version", "16.3".into());
    assert_eq!(changes(&world.plan(program(WISH)).await), ["update store"], "older than declared");
}

#[tokio::test(start_paused = true)]
async fn what_only_grows_is_not_lowered_by_the_program() {
    let world = moved(WISH).await;
    let refused = async |wish| match world.engine().plan(&world.graph(program(wish)).unwrap()).await
    {
        Ok(_) => None,
        Err(Error::Plan(PlanError::Refused { findings })) => {
            assert_eq!(findings.len(), 1, "{findings:?}");
            Some(findings[0].1.why.clone())
        }
        Err(other) => panic!("{other}"),
    };
    let why = refused(Wish { size: 10, ..WISH }).await.unwrap();
    assert!(why.starts_with("cannot go down from 40 to 10"), "{why}");
    // A new one may be smaller.
    let elsewhere = Wish { size: 10, zone: "c", ..WISH };
    assert_eq!(action(&world.plan(program(elsewhere)).await, "store"), Action::Replace);
    // Where the cloud has no more than is declared, nothing is lowered: such as after an update to
    // more that never got there.
    meddle(&world, "size", 5.into());
    assert_eq!(refused(Wish { size: 10, ..WISH }).await, None);
}

#[tokio::test(start_paused = true)]
async fn what_moves_anywhere_is_compared_once_it_is_declared_anew() {
    let world = moved(WISH).await;
    let elsewhere = Wish { zone: "c", ..WISH };
    assert_eq!(action(&world.plan(program(elsewhere)).await, "store"), Action::Replace);
    // Declared where it is: recorded, so that later moves are none of the program's either.
    let here = Wish { zone: "b", ..WISH };
    world.cloud.take_calls();
    world.up(program(here)).await;
    assert!(world.cloud.take_calls().is_empty());
    meddle(&world, "zone", "c".into());
    assert!(world.plan(program(here)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cut_off_update_does_not_move_it_back() {
    let world = moved(WISH).await;
    let wish = Wish { note: "second", ..WISH };
    world.cloud.trouble("update note", Trouble::HangBefore);
    world.up_killed(program(wish)).await;
    let report = world.up(program(wish)).await;
    assert!(report.is_success(), "{report:?}");
    let now = [has(&world, "version"), has(&world, "size"), has(&world, "zone")];
    assert_eq!(now, [json!("16.6"), json!(40), json!("b")]);
    assert_eq!((has(&world, "note"), world.cloud.existing().len()), (json!("second"), 2));
}

#[tokio::test(start_paused = true)]
async fn only_what_is_steered_is_not_the_programs() {
    let boards =
        json!([{"name": "b", "height": 1, "load": 9}, {"name": "a", "height": 1, "load": 5}]);
    for dial in [false, true] {
        let wish = Wish { dial, ..WISH };
        let world = World::new();
        world.up(program(wish)).await;
        meddle(&world, "workers", 7.into());
        meddle(&world, "boards", boards.clone());
        let session = world.engine().session(&holder()).await.unwrap();
        let found = session.refresh().await.unwrap();
        session.close().await.unwrap();
        let quiet = found.steps.iter().all(|s| s.changes.is_empty());
        assert_eq!(quiet, dial, "{found:?}");
        let plan = world.plan(program(wish)).await;
        assert_eq!(plan.is_empty(), dial, "{:?}", changes(&plan));

        let wish = Wish { note: "second", ..wish };
        world.cloud.take_calls();
        world.up(program(wish)).await;
        let call = if dial { "update note" } else { "update boards note workers" };
        assert_eq!(world.cloud.take_calls(), [call]);
        assert_eq!(has(&world, "workers"), if dial { 7 } else { 2 });
        assert_eq!(has(&world, "boards")[0]["load"], if dial { 9 } else { 7 });
        assert_eq!(has(&world, "boards")[0]["code"], "x", "what is never told is sent again");

        // Another number in the program is a wish again.
        let wish = Wish { workers: 3, ..wish };
        world.up(program(wish)).await;
        assert_eq!(has(&world, "workers"), 3);
        assert!(world.plan(program(wish)).await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_off_update_leaves_alone_what_is_steered_but_for_what_it_was_about() {
    let wish = Wish { dial: true, ..WISH };
    let boards =
        json!([{"name": "a", "height": 1, "load": 9}, {"name": "b", "height": 1, "load": 7}]);
    for wanted in [Wish { note: "second", ..wish }, Wish { workers: 3, ..wish }] {
        for trouble in [Trouble::HangBefore, Trouble::Hang] {
            let world = World::new();
            world.up(program(wish)).await;
            meddle(&world, "workers", 7.into());
            meddle(&world, "boards", boards.clone());
            let call = if wanted.workers == 3 { "update workers" } else { "update note" };
            world.cloud.trouble(call, trouble);
            world.up_killed(program(wanted)).await;
            world.up(program(wanted)).await;
            assert_eq!(has(&world, "workers"), if wanted.workers == 3 { 3 } else { 7 });
            let loads: Vec<_> = has(&world, "boards")
                .as_array()
                .unwrap()
                .iter()
                .map(|b| b["load"].clone())
                .collect();
            assert!(loads.contains(&json!(9)), "{loads:?}");
            assert_eq!(has(&world, "note"), wanted.note);
            assert!(world.plan(program(wanted)).await.is_empty());
        }
    }
}

/// A store with these boards, which are written as name, height and wood.
fn shelves(boards: &'static [(&'static str, i32, &'static str)]) -> impl Fn(&Stack) {
    move |s| {
        let one = |(name, height, wood): &(&'static str, i32, &'static str)| {
            Board::builder().name(*name).height(*height).wood(*wood).code("x")
        };
        let boards: Input<Vec<Board>> = boards.iter().map(one).collect();
        s.add("store", Store::builder().boards(boards));
    }
}

#[tokio::test(start_paused = true)]
async fn things_with_names_have_no_order() {
    let world = World::new();
    world.up(shelves(&[("b", 1, "oak"), ("a", 2, "fir")])).await;
    assert!(world.plan(shelves(&[("b", 1, "oak"), ("a", 2, "fir")])).await.is_empty());
    assert!(world.plan(shelves(&[("a", 2, "fir"), ("b", 1, "oak")])).await.is_empty());
    let of = |plan: ferrocrete_core::plan::Plan| action(&plan, "store");
    // One board changes, whatever stands before it.
    assert_eq!(of(world.plan(shelves(&[("a", 3, "fir"), ("b", 1, "oak")])).await), Action::Update);
    assert_eq!(of(world.plan(shelves(&[("a", 2, "oak"), ("b", 1, "oak")])).await), Action::Replace);
    assert_eq!(of(world.plan(shelves(&[("a", 2, "fir")])).await), Action::Replace);
    let more = shelves(&[("c", 1, "oak"), ("a", 2, "fir"), ("b", 1, "oak")]);
    assert_eq!(of(world.plan(more).await), Action::Replace);
}

#[tokio::test(start_paused = true)]
async fn two_things_of_one_name_are_a_mistake() {
    let world = World::new();
    let graph = world.graph(shelves(&[("a", 1, "oak"), ("b", 1, "oak"), ("a", 2, "fir")])).unwrap();
    let error = world.engine().plan(&graph).await.unwrap_err();
    assert!(matches!(error, Error::Plan(_)), "{error}");
    let text = error.to_string();
    assert!(text.contains("two members of `boards` have the same `name`, \"a\""), "{text}");
}

#[tokio::test(start_paused = true)]
async fn the_clouds_way_of_writing_is_no_drift() {
    let written =
        |policy: String, range: &'static str, sending: &'static str, word: &'static str| {
            move |s: &Stack| {
                let words = [("a", word), ("b", "x")];
                let store = Store::builder().policy(policy.clone()).range(range).sending(sending);
                s.add("store", store.words(words));
            }
        };
    let policy = |who: &str| {
        let statement = json!({"Effect": "Allow", "Action": ["s3:Get"], "Principal": {"AWS": who}});
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    let first = || written(policy("111111111111"), "2001:DB8::/32", r#"{"retries": 3}"#, "");
    let world = World::new();
    world.up(first()).await;
    assert!(world.plan(first()).await.is_empty());
    for (program, property) in [
        (written(policy("222222222222"), "2001:DB8::/32", r#"{"retries": 3}"#, ""), "policy"),
        (written(policy("111111111111"), "2001:DB9::/32", r#"{"retries": 3}"#, ""), "range"),
        (written(policy("111111111111"), "2001:DB8::/32", r#"{"retries": 4}"#, ""), "sending"),
        (written(policy("111111111111"), "2001:DB8::/32", "{}", ""), "sending"),
        (written(policy("111111111111"), "2001:DB8::/32", r#"{"retries": 3}"#, "y"), "words"),
    ] {
        let plan = world.plan(&program).await;
        let step = plan.steps.iter().find(|s| s.urn.name() == "store").unwrap();
        let names: Vec<_> = step.changes.iter().map(|c| c.property.as_str()).collect();
        assert_eq!(names, [property]);
    }
    let without = written(policy("111111111111"), "2001:DB8::/32", "{}", "");
    world.up(&without).await;
    assert!(world.plan(&without).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_principal_that_was_deleted_is_set_again() {
    let trust = |s: &Stack| {
        let who = "arn:aws:iam::111111111119:role/web";
        let statement = json!({"Effect": "Allow", "Action": "a:B", "Principal": {"AWS": who}});
        let policy = json!({"Statement": [statement]}).to_string();
        s.add("store", Store::builder().policy(policy));
    };
    let world = World::new();
    world.up(trust).await;
    let gone = has(&world, "policy")
        .as_str()
        .unwrap()
        .replace("arn:aws:iam::111111111119:role/web", "AROAWJDXAOVI2A5WATHZF");
    meddle(&world, "policy", gone.into());
    assert_eq!(changes(&world.plan(trust).await), ["update store"]);
    world.up(trust).await;
    assert!(world.plan(trust).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_declared_beside_it_implies_a_value() {
    let program = |open: Option<bool>, closed: bool| {
        move |s: &Stack| {
            let store = s.add("store", Store::builder().zone("a").maybe_open(open));
            let target = Target::builder().maybe_closes(closed.then_some(&store.path));
            s.add("dial", Dial::builder().targets([target.watches(&store.path)]));
        }
    };
    let world = World::new();
    world.up(program(None, false)).await;
    assert_eq!(has(&world, "open"), Json::Null);
    let plan = world.plan(program(None, true)).await;
    let step = plan.steps.iter().find(|s| s.urn.name() == "store").unwrap();
    let said: Vec<String> = step.reasons.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["`open` changes, because Dial `dial` is declared"]);
    assert_eq!(step.changes[0].new, Some(false.into()));
    world.up(program(None, true)).await;
    assert_eq!(has(&world, "open"), false);
    assert!(world.plan(program(None, true)).await.is_empty());
    // It is drift as if it were declared, also for a look without the program.
    meddle(&world, "open", true.into());
    let session = world.engine().session(&holder()).await.unwrap();
    let found = session.refresh().await.unwrap();
    session.close().await.unwrap();
    assert!(found.steps.iter().any(|s| s.changes.iter().any(|c| c.property == "open")));
    world.up(program(None, true)).await;
    assert_eq!(has(&world, "open"), false);
    // The program has the last word.
    world.up(program(Some(true), true)).await;
    assert_eq!(has(&world, "open"), true);
    // A new one is closed at once, and without the other it is open again.
    let world = World::new();
    world.up(program(None, true)).await;
    assert_eq!(has(&world, "open"), false);
    world.up(program(None, false)).await;
    assert!(world.plan(program(None, false)).await.is_empty());
    assert_eq!(has(&world, "open"), Json::Null);
}

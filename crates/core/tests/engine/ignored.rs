//! `ignore_changes` of parts of a property.

use ferrocrete_core::{Options, Stack};
use serde_json::{Value as Json, json};

use super::moves::{Board, Store};
use super::nested::{Lock, Safe};
use super::world::{World, changes};

fn board(name: &'static str, height: i32, colour: &'static str) -> Board {
    Board {
        name: name.into(),
        height: Some(height),
        load: None,
        code: Some(format!("code of {name}")),
        colour: Some(colour.into()),
        wood: None,
    }
}

/// A store whose boards' heights are not the program's business.
fn store(path: &'static str, boards: Vec<Board>) -> impl Fn(&Stack) {
    move |s: &Stack| {
        let options = Options::new().ignore_changes([path]);
        s.add_with("store", Store::builder().boards(boards.clone()), options);
    }
}

fn boards(world: &World) -> Json {
    world.cloud.get("store-1").unwrap().props["boards"].clone()
}

fn heights(world: &World) -> Vec<(String, i64)> {
    let boards = boards(world);
    let one = |b: &Json| (b["name"].as_str().unwrap().to_owned(), b["height"].as_i64().unwrap());
    boards.as_array().unwrap().iter().map(one).collect()
}

fn is(heights: &[(String, i64)], wanted: &[(&str, i64)]) -> bool {
    heights.iter().map(|(name, height)| (name.as_str(), *height)).eq(wanted.iter().copied())
}

#[tokio::test(start_paused = true)]
async fn a_part_of_every_member_is_left_alone_and_nothing_else_is() {
    const PATH: &str = "boards.height";
    let world = World::new();
    let first = vec![board("a", 1, "red"), board("b", 2, "red")];
    assert!(world.up(store(PATH, first)).await.is_success());

    // Neither what the program says of it, nor what somebody else does to it.
    let other = vec![board("a", 7, "red"), board("b", 8, "red")];
    assert!(world.plan(store(PATH, other.clone())).await.is_empty());
    let mut live = boards(&world);
    live[1]["height"] = 20.into();
    world.cloud.meddle("store-1", "boards", live);
    assert!(world.plan(store(PATH, other)).await.is_empty());

    // A new member has what is declared, a change of something else leaves it as it is, and so
    // does another order.
    let more = vec![board("new", 3, "red"), board("b", 8, "blue"), board("a", 7, "red")];
    assert_eq!(changes(&world.plan(store(PATH, more.clone())).await), ["update store"]);
    assert!(world.up(store(PATH, more.clone())).await.is_success());
    let now = heights(&world);
    assert!(is(&now, &[("new", 3), ("b", 20), ("a", 1)]), "{now:?}");
    assert_eq!(boards(&world)[1]["colour"], "blue");
    assert!(world.plan(store(PATH, more)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_member_is_told_by_its_name() {
    const PATH: &str = "boards[b].height";
    let world = World::new();
    let first = vec![board("a", 1, "red"), board("b", 2, "red")];
    assert!(world.up(store(PATH, first)).await.is_success());
    let other = vec![board("a", 7, "red"), board("b", 8, "red")];
    assert!(world.up(store(PATH, other.clone())).await.is_success());
    let now = heights(&world);
    assert!(is(&now, &[("a", 7), ("b", 2)]), "{now:?}");
    assert!(world.plan(store(PATH, other)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn keys_of_maps_are_left_alone() {
    let world = World::new();
    let program = |owner: &'static str, cost: &'static str, word: &'static str| {
        move |s: &Stack| {
            let store = Store::builder()
                .tags([("owner", owner), ("org/cost.centre", cost)])
                .words([("front", word), ("back", word)]);
            let paths = ["tags.owner", "tags[org/cost.centre]", "words.front"];
            s.add_with("store", store, Options::new().ignore_changes(paths));
        }
    };
    assert!(world.up(program("anna", "1", "open")).await.is_success());
    let plan = world.plan(program("ben", "2", "open")).await;
    assert!(plan.is_empty(), "{plan:?}");
    assert!(world.up(program("ben", "2", "closed")).await.is_success());
    let props = world.cloud.get("store-1").unwrap().props;
    assert_eq!(props["words"], json!({"back": "closed", "front": "open"}));
    assert!(world.plan(program("ben", "2", "closed")).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn in_a_set_members_belong_together_by_all_else() {
    let world = World::new();
    let drawer = |name: &str, hint: &str| Lock {
        name: name.into(),
        hint: Some(hint.into()),
        code: None,
        bolt: None,
        grade: None,
    };
    let program = |drawers: Vec<Lock>, bolt: Option<&'static str>| {
        move |s: &Stack| {
            let lock = Lock { bolt: bolt.map(str::to_owned), ..drawers[0].clone() };
            let safe = Safe::builder().drawers(drawers.clone()).lock(lock);
            let paths = ["drawers.hint", "lock.bolt", "lock.hint"];
            s.add_with("safe", safe, Options::new().ignore_changes(paths));
        }
    };
    let first = vec![drawer("a", "one"), drawer("b", "two")];
    assert!(world.up(program(first, None)).await.is_success());
    let other = vec![drawer("a", "three"), drawer("b", "four")];
    // A property that replaces does not, either, and one that was not there stays away.
    let plan = world.plan(program(other.clone(), Some("steel"))).await;
    assert!(plan.is_empty(), "{:?}", changes(&plan));
    let more = [other, vec![drawer("c", "five")]].concat();
    assert!(world.up(program(more.clone(), Some("steel"))).await.is_success());
    let drawers = world.cloud.get("safe-1").unwrap().props["drawers"].clone();
    let hints: Vec<&str> =
        drawers.as_array().unwrap().iter().map(|d| d["hint"].as_str().unwrap()).collect();
    assert_eq!(hints, ["one", "two", "five"]);
    assert!(world.plan(program(more, Some("steel"))).await.is_empty());
}

#[test]
fn paths_are_checked_before_anything_is_planned() {
    let world = World::new();
    let error = |paths: &'static [&'static str]| {
        let program = move |s: &Stack| {
            let options = Options::new().ignore_changes(paths.iter().copied());
            s.add_with("store", Store::builder(), options);
        };
        world.graph(program).unwrap_err().to_string()
    };
    let ok = ["boards.height", "boards[a].height", "boards[a]", "tags.x", "tags[x.y]", "words.x"];
    world
        .graph(|s: &Stack| {
            s.add_with("store", Store::builder(), Options::new().ignore_changes(ok));
        })
        .unwrap();
    for (path, why) in [
        (&["bords.height"], "`Fake::Store` has no `bords`; did you mean `boards`?"),
        (&["boards.hight"], "`boards` has no `hight`; did you mean `height`?; it has: name, "),
        (&["boards[a.height"], "`[` has no `]`"),
        (&["version.major"], "there are no properties in `version`"),
        (&["tags.a.b"], "there are no properties in `tags`"),
    ] {
        let error = error(path);
        let start = format!("option `ignore_changes` of `store` names `{}`, but ", path[0]);
        assert!(error.starts_with(&start) && error.contains(why), "{error}");
    }
}

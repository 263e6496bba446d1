//! What `#[field(…)]` says of a property that is nested in another one counts in the diff,
//! whatever it is nested in.

use std::collections::BTreeMap;

use ferrocrete_core::plan::{Certain, ChangeKind, DiffInput, PropertyChange, diff};
use ferrocrete_core::resource::ResourceType;
use ferrocrete_core::value::PropertyMap;
use ferrocrete_core::{Outputs, Properties, Resource, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// A cabinet, with the same part in every kind of place.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(type = "Test::Cabinet")]
struct Cabinet {
    one: Option<Part>,
    boxed: Option<Box<Part>>,
    list: Option<Vec<Part>>,
    #[field(set)]
    set: Option<Vec<Part>>,
    #[field(by("label"))]
    named: Option<Vec<Part>>,
    map: Option<BTreeMap<String, Part>>,
    deep: Option<Deep>,
}

#[derive(Clone, Serialize, Deserialize, Properties)]
struct Deep {
    parts: Option<Vec<BTreeMap<String, Part>>>,
}

#[derive(Clone, Serialize, Deserialize, Properties)]
struct Part {
    plain: String,
    label: Option<String>,
    note: Option<String>,
    #[field(secret)]
    key: Option<String>,
    #[field(write_only, secret)]
    code: Option<String>,
    #[field(write_only, replaces)]
    seal: Option<String>,
    #[field(json)]
    policy: Option<String>,
    #[field(case_insensitive)]
    family: Option<String>,
    #[field(set)]
    users: Option<Vec<String>>,
    #[field(server_default)]
    grade: Option<String>,
    #[field(default = false)]
    loud: Option<bool>,
    #[field(replaces)]
    bolt: Option<String>,
}

/// Nothing is known of it.
#[derive(Clone, Serialize, Deserialize, Outputs)]
struct CabinetOutputs {}

/// Every place where a part can be, with the part in it.
fn places(part: &Value) -> Vec<(&'static str, Value)> {
    let list = |items: &[&Value]| Value::List(items.iter().map(|v| (*v).clone()).collect());
    let map = |key: &str, v: &Value| Value::Map(PropertyMap::from([(key.to_owned(), v.clone())]));
    let other = Value::from(json!({ "plain": "other", "code": "9", "label": "other" }));
    vec![
        ("one", part.clone()),
        ("boxed", part.clone()),
        ("list", list(&[&other, part])),
        ("set", list(&[&other, part])),
        ("named", list(&[&other, part])),
        // A key that is the name of a property is still a key.
        ("map", map("code", part)),
        ("deep", map("parts", &list(&[&map("bolt", part)]))),
    ]
}

/// A part with these properties besides what it must have.
fn part(more: Json) -> Value {
    let mut part = json!({ "plain": "a", "label": "part" });
    part.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
    Value::from(part)
}

fn compared(
    declared: &PropertyMap,
    last: &PropertyMap,
    live: Option<&PropertyMap>,
    certain: bool,
) -> Vec<PropertyChange> {
    let certain = if certain { Certain::All } else { Certain::None };
    diff(&DiffInput { schema: &Cabinet::SCHEMA, declared, last, certain, live, steered: false })
}

/// The change in each place, which must be the same in all of them.
struct Case {
    certain: bool,
    read: bool,
}

impl Case {
    fn changes(&self, declared: &Value, last: &Value, live: &Value) -> Vec<PropertyChange> {
        let sides = places(declared).into_iter().zip(places(last)).zip(places(live));
        let one = |name: &str, v: Value| PropertyMap::from([(name.to_owned(), v)]);
        let mut out = Vec::new();
        for (((name, declared), (_, last)), (_, live)) in sides {
            let live = self.read.then(|| one(name, live));
            let last = one(name, last);
            let mut found = compared(&one(name, declared), &last, live.as_ref(), self.certain);
            assert!(found.len() <= 1, "{name}: {found:?}");
            out.push(found.pop());
        }
        let same = |c: &Option<PropertyChange>| c.as_ref().map(|c| (c.kind, c.replaces));
        for change in &out {
            assert_eq!(same(change), same(&out[0]), "{out:#?}");
        }
        out.into_iter().flatten().collect()
    }

    fn equal(&self, declared: Json, last: Json, live: Json) {
        let changes = self.changes(&part(declared), &part(last), &part(live));
        assert!(changes.is_empty(), "{changes:#?}");
    }

    #[track_caller]
    fn differs(&self, declared: Json, last: Json, live: Json) {
        let changes = self.changes(&part(declared), &part(last), &part(live));
        assert!(!changes.is_empty());
        assert!(!changes[0].replaces, "{changes:#?}");
    }

    #[track_caller]
    fn replaces(&self, declared: Json, last: Json, live: Json) {
        let changes = self.changes(&part(declared), &part(last), &part(live));
        assert!(!changes.is_empty());
        assert!(changes[0].replaces, "{changes:#?}");
    }
}

/// The usual: all of what was last applied counts, and AWS was asked.
const READ: Case = Case { certain: true, read: true };
/// Without refresh.
const NOT_READ: Case = Case { certain: true, read: false };

#[test]
fn what_is_declared_and_there_is_no_difference() {
    READ.equal(json!({}), json!({}), json!({}));
    READ.equal(json!({"note": "n"}), json!({"note": "n"}), json!({"note": "n", "key": "more"}));
    READ.equal(json!({"note": "n"}), json!({}), json!({"note": "n"}));
    NOT_READ.equal(json!({"note": "n"}), json!({"note": "n"}), json!({}));
}

#[test]
fn plain_properties_are_updated_in_place() {
    READ.differs(json!({"note": "n"}), json!({"note": "m"}), json!({"note": "m"}));
    READ.differs(json!({"note": "n"}), json!({}), json!({}));
    READ.differs(json!({}), json!({"note": "m"}), json!({"note": "m"}));
    NOT_READ.differs(json!({"note": "n"}), json!({"note": "m"}), json!({}));
    NOT_READ.differs(json!({}), json!({"note": "m"}), json!({}));
    let (was, is) = (part(json!({"note": "n"})), part(json!({"note": "theirs"})));
    assert_eq!(READ.changes(&was, &was, &is)[0].kind, ChangeKind::Drift);
}

#[test]
fn write_only_is_compared_with_what_was_applied() {
    let code = |c: &str| json!({ "code": c });
    READ.equal(code("1"), code("1"), json!({}));
    READ.equal(code("1"), code("1"), code("means nothing"));
    READ.differs(code("1"), code("2"), code("1"));
    READ.differs(code("1"), json!({}), code("1"));
    READ.differs(json!({}), code("1"), json!({}));
    NOT_READ.equal(code("1"), code("1"), json!({}));
    NOT_READ.differs(code("1"), code("2"), json!({}));
}

#[test]
fn after_an_interruption_write_only_is_applied_again() {
    let unsure = Case { certain: false, read: true };
    unsure.differs(json!({"code": "1"}), json!({"code": "1"}), json!({}));
    // It went with the create call, or there would be no resource.
    let sealed = json!({ "seal": "s" });
    let live = part(json!({}));
    for name in ["one", "boxed", "map", "deep"] {
        let at = |v: &Value| places(v).into_iter().filter(|(n, _)| *n == name);
        let map = |v: &Value| at(v).map(|(n, v)| (n.to_owned(), v)).collect::<PropertyMap>();
        let sealed = map(&part(sealed.clone()));
        assert_eq!(compared(&sealed, &sealed, Some(&map(&live)), false), []);
    }
}

#[test]
fn json_is_compared_as_json() {
    let policy = |p: &str| json!({ "policy": p });
    READ.equal(
        policy(r#"{"A": 1, "B": ["x"]}"#),
        policy(r#"{"A":1}"#),
        policy(r#"{"B":"x","A":1}"#),
    );
    READ.differs(policy(r#"{"A": 1}"#), policy(r#"{"A":1}"#), policy(r#"{"A":2}"#));
}

#[test]
fn case_counts_only_where_it_means_something() {
    READ.equal(json!({"family": "IPv4"}), json!({}), json!({"family": "ipv4"}));
    NOT_READ.equal(json!({"family": "IPv4"}), json!({"family": "ipv4"}), json!({}));
    READ.differs(json!({"family": "IPv4"}), json!({}), json!({"family": "ipv6"}));
    READ.differs(json!({"note": "N"}), json!({}), json!({"note": "n"}));
}

#[test]
fn order_in_a_nested_set_means_nothing() {
    READ.equal(json!({"users": ["a", "b"]}), json!({}), json!({"users": ["b", "a"]}));
    READ.differs(json!({"users": ["a", "b"]}), json!({}), json!({"users": ["b", "c"]}));
}

#[test]
fn a_documented_default_stands_where_nothing_is_declared() {
    let no = || json!({});
    let loud = |is: bool| json!({ "loud": is });
    // Nothing is said, or what is said is the default, in whatever words.
    for (declared, last, live) in [
        (no(), no(), no()),
        (no(), no(), loud(false)),
        (no(), loud(false), loud(false)),
        (loud(false), no(), no()),
        (loud(false), no(), loud(false)),
        (loud(true), loud(true), loud(true)),
    ] {
        READ.equal(declared, last, live);
    }
    NOT_READ.equal(no(), loud(false), no());
    NOT_READ.equal(loud(false), no(), no());
    // Taken out of the program, or changed by hand: the default is set again.
    READ.differs(no(), loud(true), loud(true));
    READ.differs(no(), no(), loud(true));
    READ.differs(loud(false), no(), loud(true));
    READ.differs(loud(true), no(), no());
    NOT_READ.differs(no(), loud(true), no());
}

#[test]
fn a_default_that_is_set_again_is_shown() {
    #[derive(Clone, Serialize, Deserialize, Resource)]
    #[resource(type = "Test::Bell", outputs = CabinetOutputs)]
    struct Bell {
        #[field(default = "quiet")]
        tone: Option<String>,
        #[field(default = 3)]
        rings: Option<i32>,
    }
    let map = |json: Json| match Value::from(json) {
        Value::Map(map) => map,
        _ => unreachable!("a struct"),
    };
    let (declared, last) = (map(json!({})), map(json!({ "tone": "shrill" })));
    let live = map(json!({ "tone": "shrill", "rings": 5 }));
    let schema = &Bell::SCHEMA;
    let input = DiffInput {
        schema,
        declared: &declared,
        last: &last,
        certain: Certain::All,
        live: Some(&live),
        steered: false,
    };
    let changes = diff(&input);
    let shown: Vec<_> = changes.iter().map(|c| (c.kind, c.old.clone(), c.new.clone())).collect();
    let text = |text: &str| Some(Value::String(text.to_owned()));
    assert_eq!(
        shown,
        [
            (ChangeKind::Change, text("shrill"), text("quiet")),
            (ChangeKind::Drift, Some(Value::Int(5)), Some(Value::Int(3))),
        ]
    );
}

#[test]
fn what_the_cloud_fills_in_may_be_undeclared() {
    READ.equal(json!({}), json!({"grade": "g"}), json!({"grade": "g"}));
    NOT_READ.equal(json!({}), json!({"grade": "g"}), json!({}));
    READ.differs(json!({"grade": "h"}), json!({"grade": "g"}), json!({"grade": "g"}));
}

#[test]
fn a_nested_property_can_replace() {
    let bolt = |b: &str| json!({ "bolt": b });
    READ.replaces(bolt("b"), bolt("c"), bolt("c"));
    READ.replaces(bolt("b"), bolt("b"), bolt("c"));
    READ.replaces(bolt("b"), json!({}), json!({}));
    READ.replaces(json!({}), bolt("c"), bolt("c"));
    NOT_READ.replaces(bolt("b"), bolt("c"), json!({}));
    READ.replaces(json!({"seal": "s"}), json!({"seal": "t"}), json!({}));
    // Another property of the same struct does not.
    READ.differs(
        json!({"bolt": "b", "note": "n"}),
        json!({"bolt": "b", "note": "m"}),
        json!({"bolt": "b", "note": "m"}),
    );
}

#[test]
fn what_is_unknown_may_replace() {
    let unknown = |name: &str| {
        let Value::Map(mut map) = part(json!({"bolt": "b", "note": "n"})) else { unreachable!() };
        map.insert(name.to_owned(), Value::Unknown);
        Value::Map(map)
    };
    let is = part(json!({"bolt": "b", "note": "n"}));
    assert!(READ.changes(&unknown("bolt"), &is, &is)[0].replaces);
    assert!(!READ.changes(&unknown("note"), &is, &is)[0].replaces);
    assert!(READ.changes(&Value::Unknown, &is, &is)[0].replaces);
}

#[test]
fn a_struct_that_comes_or_goes_replaces_when_something_in_it_does() {
    let none = PropertyMap::new();
    for (more, replaces) in [(json!({"note": "n"}), false), (json!({"bolt": "b"}), true)] {
        for (name, value) in places(&part(more)) {
            let some = PropertyMap::from([(name.to_owned(), value)]);
            let added = compared(&some, &none, Some(&none), true);
            assert_eq!((added[0].kind, added[0].replaces), (ChangeKind::Add, replaces), "{name}");
            let removed = compared(&none, &some, Some(&some), true);
            assert_eq!(removed[0].kind, ChangeKind::Remove, "{name}");
            assert_eq!(removed[0].replaces, replaces, "{name}");
            assert_eq!(compared(&none, &none, Some(&some), true), [], "{name}: never ours");
        }
    }
}

#[test]
fn what_does_not_count_is_not_shown_as_going() {
    let was = part(json!({"note": "n"}));
    let live = part(json!({"note": "n", "grade": "A", "key": "theirs", "users": ["u"]}));
    for change in READ.changes(&part(json!({"note": "m"})), &was, &live) {
        let old = change.old.unwrap().to_string();
        assert!(old.contains(r#""note":"n""#), "{old}");
        assert!(!old.contains("grade") && !old.contains("key") && !old.contains("users"), "{old}");
    }
    // What we set and no longer declare does go.
    for change in READ.changes(&part(json!({})), &was, &live) {
        assert!(change.old.unwrap().to_string().contains(r#""note":"n""#));
    }
}

fn set(parts: Json) -> PropertyMap {
    PropertyMap::from([("set".to_owned(), Value::from(parts))])
}

fn list(parts: Json) -> PropertyMap {
    PropertyMap::from([("list".to_owned(), Value::from(parts))])
}

#[test]
fn members_of_a_set_are_told_apart_by_what_is_visible() {
    let applied = set(json!([{"plain": "a", "code": "1"}, {"plain": "b", "code": "2"}]));
    let turned = set(json!([{"plain": "b", "code": "2"}, {"plain": "a", "code": "1"}]));
    let swapped = set(json!([{"plain": "a", "code": "2"}, {"plain": "b", "code": "1"}]));
    let live = set(json!([{"plain": "b"}, {"plain": "a"}]));
    assert_eq!(compared(&applied, &applied, Some(&live), true), []);
    assert_eq!(compared(&turned, &applied, Some(&live), true), []);
    assert_eq!(compared(&turned, &applied, None, true), []);
    assert_eq!(compared(&swapped, &applied, Some(&live), true).len(), 1);
    assert_eq!(compared(&swapped, &applied, None, true).len(), 1);
    // What AWS has stands beside the codes that were applied, member by member.
    let change = compared(&swapped, &applied, Some(&live), true).remove(0);
    assert_eq!(change.old.unwrap().reveal(), turned["set"]);
}

#[test]
fn a_member_of_a_set_replaces_only_when_none_of_the_old_ones_can_become_it() {
    let bolts = |b: &[(&str, &str)]| {
        set(b.iter().map(|(p, b)| json!({"plain": p, "bolt": b})).collect::<Vec<_>>().into())
    };
    let now = bolts(&[("a", "x"), ("b", "y")]);
    let verdict = |wanted: &PropertyMap| {
        let found = compared(wanted, &now, Some(&now), true);
        found.first().map(|c| c.replaces)
    };
    assert_eq!(verdict(&bolts(&[("b", "y"), ("a", "x")])), None);
    assert_eq!(verdict(&bolts(&[("c", "y"), ("a", "x")])), Some(false));
    assert_eq!(verdict(&bolts(&[("b", "z"), ("a", "x")])), Some(true));
    assert_eq!(verdict(&bolts(&[("a", "x")])), Some(true));
    assert_eq!(verdict(&bolts(&[("a", "x"), ("b", "y"), ("c", "x")])), Some(true));
    let plain = set(json!([{"plain": "a"}]));
    let more = set(json!([{"plain": "a"}, {"plain": "b"}]));
    assert!(!compared(&more, &plain, Some(&plain), true)[0].replaces);
    assert!(!compared(&plain, &more, Some(&more), true)[0].replaces);
}

#[test]
fn lists_of_another_length_differ() {
    let one = list(json!([{"plain": "a", "code": "1"}]));
    let two = list(json!([{"plain": "a", "code": "1"}, {"plain": "b"}]));
    assert_eq!(compared(&two, &one, Some(&one), true)[0].kind, ChangeKind::Change);
    assert_eq!(compared(&one, &one, Some(&two), true)[0].kind, ChangeKind::Drift);
    assert_eq!(compared(&one, &two, None, true).len(), 1);
    // Somebody else did what we want now; the code is still to be applied.
    assert_eq!(compared(&two, &one, Some(&two), true).len(), 1);
}

#[test]
fn secrets_are_marked_on_both_sides() {
    let was = part(json!({"key": "hunter2", "code": "hunter3"}));
    let wanted = part(json!({"key": "hunter4", "code": "hunter5"}));
    let live = part(json!({"key": "hunter2"}));
    let changes = READ.changes(&wanted, &was, &live);
    assert_eq!(changes.len(), places(&was).len());
    for change in changes {
        assert!(!format!("{change:?}").contains("hunter"), "{change:?}");
        let old = change.old.unwrap().reveal().to_string();
        assert!(old.contains("hunter2") && old.contains("hunter3"), "{old}");
        let new = change.new.unwrap().reveal().to_string();
        assert!(new.contains("hunter4") && new.contains("hunter5"), "{new}");
    }
}

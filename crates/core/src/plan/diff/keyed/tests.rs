//! Which members belong together.

use serde_json::json;

use super::*;
use crate::schema::Moves;

const PLAIN: Field = Field {
    name: "name",
    doc: "",
    rust_type: "",
    required: true,
    replaces: false,
    secret: false,
    secret_if: None,
    write_only: false,
    server_default: false,
    default: None,
    kind: Kind::CaseInsensitive,
    moves: Moves::Never,
    steers: false,
    implies: None,
    shape: Shape::Plain,
    affects: &[],
};
const FIELDS: [Field; 2] =
    [PLAIN, Field { name: "parts", kind: Kind::By("name"), shape: Shape::List(&MEMBER), ..PLAIN }];
const MEMBER: Shape = Shape::Struct(|| &FIELDS);

fn value(json: serde_json::Value) -> Value {
    Value::from(json)
}

fn twice(json: serde_json::Value) -> Option<String> {
    let Value::Map(map) = value(json) else { unreachable!() };
    named_twice(&FIELDS, &map)
}

#[test]
fn one_name_is_given_once() {
    assert_eq!(twice(json!({"parts": [{"name": "a"}, {"name": "b"}]})), None);
    let told = twice(json!({"parts": [{"name": "a"}, {"name": "b"}, {"name": "A"}]})).unwrap();
    assert!(told.contains("`parts`") && told.contains("\"A\""), "{told}");
    let inner = json!({"parts": [{"name": "a", "parts": [{"name": "x"}, {"name": "x"}]}]});
    assert!(twice(inner).is_some());
    // What has no name yet may get any.
    assert_eq!(twice(json!({"parts": [{}, {}]})), None);
    let unknown = Value::List(vec![
        Value::Map([("name".to_owned(), Value::Unknown)].into()),
        Value::Map([("name".to_owned(), Value::Unknown)].into()),
    ]);
    assert_eq!(named_twice(&FIELDS, &[("parts".to_owned(), unknown)].into()), None);
}

#[test]
fn each_member_has_one_partner() {
    let list = |names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| value(json!({"name": name}))).collect()
    };
    let (wanted, there) = (list(&["a", "b", "a"]), list(&["x", "A", "b"]));
    let found = partners("name", MEMBER, &wanted, &there);
    assert_eq!(found, [Some(&there[1]), Some(&there[2]), None]);
    let ordered = in_order("name", MEMBER, there.clone(), &[&wanted[1], &wanted[0]]);
    assert_eq!(ordered, [there[2].clone(), there[1].clone(), there[0].clone()]);
    assert_eq!(first_of_name("name", MEMBER, &wanted[0], &there), Some(&there[1]));
    assert_eq!(of_name("name", MEMBER, &wanted[0], &[&there[0], &there[1]]), [&there[1]]);
}

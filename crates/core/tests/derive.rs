//! The derive macros and `interpolate!`, as resource authors and programs use them.
#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    missing_debug_implementations,
    clippy::all,
    clippy::pedantic
)]

use std::collections::{BTreeMap, BTreeSet};

use ferrocrete_core::resource::{LookupType, Outputs as _, Properties as _, ResourceType, Tags};
use ferrocrete_core::schema::{Code, Field, Kind, Moves, NameRule, Shape};
use ferrocrete_core::value::{EvalError, Expr, PropertyMap, Scope, from_value};
use ferrocrete_core::{
    Input, Lookup, Output, Outputs, Properties, Resource, Secret, Urn, Value, interpolate,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A machine. It stands for
/// what a real type has.
///
/// Details follow in a second paragraph.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "Test::Compute::Machine",
    outputs = MachineOutputs,
    link = "https://example.com/machine",
    delete_before_replace,
    update_anytime,
    deleted_with = "network_id",
    identity("host_name"),
    unique("network_id", "host_name"),
    unique("cpus"),
    global,
    together,
    held_by_users,
    eventual("NetworkNotFound", "Invalid" = "role is not there"),
    passing("FirstUse"),
    busy("InUse"),
    busy_for = 2700,
    name_lingers,
    settles = 60,
    iam(create("compute:Create", "compute:Tag"), delete("compute:Delete"))
)]
struct Machine {
    /// The network.
    /// Replaces.
    #[field(replaces)]
    network_id: String,
    /// How many processors.
    #[field(affects("address", "url"))]
    cpus: i64,
    /// Its name.
    #[field(replaces, name(max = 63, lowercase, extra = "-."))]
    host_name: Option<String>,
    /// Whom it trusts.
    #[field(policy)]
    policy: Option<String>,
    /// Version.
    #[field(moves(version))]
    version: Option<String>,
    /// What it turns.
    #[field(steers, cidr)]
    range: Option<String>,
    /// Groups.
    #[field(set, server_default)]
    groups: Option<Vec<String>>,
    /// Address family.
    #[field(case_insensitive)]
    family: Option<String>,
    /// Password of the administrator.
    #[field(secret, write_only)]
    password: Option<String>,
    /// First disk.
    root: Disk,
    /// More disks.
    #[field(by("size"))]
    disks: Option<Vec<Disk>>,
    /// What kind; a word that Rust reserves.
    r#type: Option<String>,
    /// Labels by name.
    labels: Option<BTreeMap<String, String>>,
    /// Tags.
    #[field(tags)]
    tags: Option<Tags>,
}

/// A disk.
#[derive(Clone, PartialEq, Serialize, Deserialize, Properties)]
struct Disk {
    /// Size in gibibytes.
    size: i32,
    /// Its key.
    #[field(secret)]
    key: Option<String>,
    /// Encrypted or not.
    encrypted: Option<bool>,
}

const TREE: Shape = Shape::Struct(|| Tree::FIELDS);
const DISK: Shape = Shape::Struct(|| Disk::FIELDS);

/// What is known of a [`Machine`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
struct MachineOutputs {
    /// Its id.
    machine_id: String,
    /// Its address.
    address: Option<String>,
    /// The network again.
    #[output(from_input)]
    network_id: String,
    /// Where to log in.
    #[output(secret)]
    url: String,
}

/// The network that is always there.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "Test::Compute::DefaultNetwork")]
struct DefaultNetwork {}

/// What is known of a [`DefaultNetwork`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
struct DefaultNetworkOutputs {
    /// Its id.
    network_id: String,
}

/// A picture to start from.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "Test::Compute::Image", outputs = ImageOutputs)]
struct Image {
    /// Who made it.
    owner: String,
    /// Token of the shop.
    #[field(secret)]
    token: Option<String>,
}

/// Nothing is known of it.
#[derive(Clone, Serialize, Deserialize, Outputs)]
struct ImageOutputs {}

fn urn(name: &str) -> Urn {
    Urn::new("shop", "dev", &[], "Test::Compute::Machine", name).unwrap()
}

/// Answers every output with the name of the node and of the output.
struct Known;

impl Scope for Known {
    fn output(&self, urn: &Urn, field: &str) -> Value {
        Value::String(format!("{}.{field}", urn.name()))
    }
}

struct Unknown;

impl Scope for Unknown {
    fn output(&self, _: &Urn, _: &str) -> Value {
        Value::Unknown
    }
}

fn eval(expr: &Expr) -> Value {
    expr.eval(&Known).unwrap()
}

fn map<T>(input: impl Into<Input<T>>) -> PropertyMap {
    match eval(&input.into().into_expr()) {
        Value::Map(map) => map,
        other => panic!("{other} is no map"),
    }
}

fn revealed<T>(input: impl Into<Input<T>>) -> serde_json::Value {
    Value::Map(map(input)).reveal().redacted()
}

fn text(output: &Output<String>) -> Value {
    eval(output.expr())
}

fn machine(name: &str) -> MachineOutputsRef {
    MachineOutputs::refs(&urn(name))
}

#[test]
fn fields_say_what_the_attributes_say() {
    let plain = Field {
        name: "",
        doc: "",
        rust_type: "String",
        required: false,
        replaces: false,
        secret: false,
        secret_if: None,
        write_only: false,
        server_default: false,
        default: None,
        kind: Kind::Plain,
        moves: Moves::Never,
        steers: false,
        implies: None,
        shape: Shape::Plain,
        affects: &[],
    };
    let rule = NameRule { max: 63, lowercase: true, extra: "-." };
    let wanted = [
        Field {
            name: "network_id",
            doc: "The network. Replaces.",
            required: true,
            replaces: true,
            ..plain
        },
        Field {
            name: "cpus",
            doc: "How many processors.",
            rust_type: "i64",
            required: true,
            affects: &["address", "url"],
            ..plain
        },
        Field {
            name: "host_name",
            doc: "Its name.",
            replaces: true,
            kind: Kind::Name(rule),
            ..plain
        },
        Field { name: "policy", doc: "Whom it trusts.", kind: Kind::Policy, ..plain },
        Field { name: "version", doc: "Version.", moves: Moves::Version, ..plain },
        Field { name: "range", doc: "What it turns.", steers: true, kind: Kind::Cidr, ..plain },
        Field {
            name: "groups",
            doc: "Groups.",
            rust_type: "Vec<String>",
            server_default: true,
            kind: Kind::Set,
            ..plain
        },
        Field { name: "family", doc: "Address family.", kind: Kind::CaseInsensitive, ..plain },
        Field {
            name: "password",
            doc: "Password of the administrator.",
            secret: true,
            write_only: true,
            ..plain
        },
        Field {
            name: "root",
            doc: "First disk.",
            rust_type: "Disk",
            required: true,
            shape: DISK,
            ..plain
        },
        Field {
            name: "disks",
            doc: "More disks.",
            kind: Kind::By("size"),
            rust_type: "Vec<Disk>",
            shape: Shape::List(&DISK),
            ..plain
        },
        Field { name: "type", doc: "What kind; a word that Rust reserves.", ..plain },
        Field {
            name: "labels",
            doc: "Labels by name.",
            rust_type: "BTreeMap<String, String>",
            ..plain
        },
        Field { name: "tags", doc: "Tags.", rust_type: "Tags", kind: Kind::Tags, ..plain },
    ];
    assert_eq!(Machine::FIELDS, wanted);
    assert_eq!(DefaultNetwork::FIELDS, []);
}

/// A tree of disks: a struct may contain itself.
#[derive(Clone, Serialize, Deserialize, Properties)]
struct Tree {
    boxed: Box<Disk>,
    maps: Option<BTreeMap<String, Option<Vec<Disk>>>>,
    pair: [Disk; 2],
    colour: Colour,
    words: Vec<String>,
    children: Option<Vec<Tree>>,
}

#[derive(Clone, Serialize, Deserialize, Debug)]
enum Colour {
    Red,
}

/// What is known of a [`Tree`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
struct TreeOutputs {
    root: Option<Disk>,
    colour: Option<Colour>,
}

#[test]
fn properties_are_found_inside_of_others() {
    let shapes: Vec<_> = Tree::FIELDS.iter().map(|f| f.shape).collect();
    let list = Shape::List(&DISK);
    let (plain, map) = (Shape::Plain, Shape::Map(&Shape::List(&DISK)));
    assert_eq!(shapes, [DISK, map, list, plain, plain, Shape::List(&TREE)]);
    assert_eq!(TreeOutputs::FIELDS[0].shape, DISK);
    assert_eq!(TreeOutputs::FIELDS[1].shape, plain);
    let Shape::Struct(disk) = DISK else { panic!("a struct") };
    assert_eq!(disk(), Disk::FIELDS);
    assert!(disk()[1].secret);
    // Whoever prints a schema sees names, and sees an end.
    assert_eq!(format!("{:?}", Shape::List(&DISK)), r#"List({"size", "key", "encrypted"})"#);
    let colour = Colour::Red;
    assert_eq!(format!("{colour:?}"), "Red");
}

#[test]
fn schema_says_what_the_attributes_say() {
    let schema = Machine::SCHEMA;
    assert_eq!(schema.type_name, "Test::Compute::Machine");
    assert_eq!(schema.rust_name, "Machine");
    assert_eq!(schema.outputs[1].rust_type, "Option<String>");
    assert_eq!(schema.doc, "A machine. It stands for what a real type has.");
    assert_eq!(schema.fields, Machine::FIELDS);
    assert_eq!(schema.outputs, MachineOutputs::FIELDS);
    assert!(schema.delete_before_replace && schema.update_anytime);
    assert_eq!(schema.deleted_with, Some("network_id"));
    let code = |code, message| Code { code, message };
    assert_eq!(
        schema.eventual_codes,
        [code("NetworkNotFound", ""), code("Invalid", "role is not there")]
    );
    assert_eq!(schema.passing_codes, [code("FirstUse", "")]);
    assert_eq!(schema.busy_codes, [code("InUse", "")]);
    assert_eq!((schema.busy_for, schema.settles), (2700, 60));
    assert!(schema.name_lingers && schema.global && schema.together && schema.held_by_users);
    assert_eq!(schema.identity, ["host_name"]);
    assert_eq!(schema.unique, [&["network_id", "host_name"][..], &["cpus"]]);
    assert!(schema.claims.is_none());
    assert_eq!(
        schema.iam,
        [("create", &["compute:Create", "compute:Tag"][..]), ("delete", &["compute:Delete"][..])]
    );
    assert_eq!(schema.link, "https://example.com/machine");
    assert_eq!(schema.tags_field().unwrap().name, "tags");
    assert_eq!(schema.name_field().unwrap().0.name, "host_name");
}

#[test]
fn outputs_become_references() {
    let flags: Vec<_> =
        MachineOutputs::FIELDS.iter().map(|f| (f.name, f.doc, f.secret, f.from_input)).collect();
    assert_eq!(
        flags,
        [
            ("machine_id", "Its id.", false, false),
            ("address", "Its address.", false, false),
            ("network_id", "The network again.", false, true),
            ("url", "Where to log in.", true, false),
        ]
    );
    let refs = machine("a");
    let _: &Output<Option<String>> = &refs.address;
    assert_eq!(text(&refs.machine_id), Value::from("a.machine_id"));
    // A secret output taints before anything is known of it, and Debug shows only names.
    let url = refs.url.expr().eval(&Unknown).unwrap();
    assert!(url.has_secret() && url.has_unknown());
    let mut used = BTreeSet::new();
    refs.url.expr().dependencies(&mut used);
    assert_eq!(used, BTreeSet::from([urn("a")]));
    assert!(format!("{:?}", refs.clone()).contains("machine_id"));
}

#[test]
fn setters_take_literals() {
    let word = String::from("word");
    let built = Machine::builder()
        .network_id(&word)
        .cpus(4)
        .host_name("web")
        .policy(word.clone())
        .groups(["a", "b"])
        .root(Disk::builder().size(8).encrypted(true))
        .disks([Disk::builder().size(1), Disk::builder().size(2)])
        .r#type("big")
        .labels([("k", "v")])
        .tags([("team", "web"), ("env", "dev")]);
    let wanted = json!({
        "network_id": "word",
        "cpus": 4,
        "host_name": "web",
        "policy": "word",
        "groups": ["a", "b"],
        "root": { "size": 8, "encrypted": true },
        "disks": [{ "size": 1 }, { "size": 2 }],
        "type": "big",
        "labels": { "k": "v" },
        "tags": { "team": "web", "env": "dev" },
    });
    assert_eq!(revealed::<Machine>(built), wanted);
}

#[test]
fn setters_take_outputs() {
    let (a, b) = (machine("a"), machine("b"));
    let size = Output::of(7_i32);
    let disk: Input<Disk> = Disk::builder().size(&size).into();
    let input: Input<Machine> = Machine::builder()
        .network_id(&a.network_id)
        .cpus(a.machine_id.map(|id| i64::try_from(id.len()).unwrap()))
        .host_name(interpolate!("{}-x", &a.machine_id))
        .groups([&a.machine_id, &b.machine_id])
        .root(&disk)
        .disks([disk])
        .tags([("from", &b.machine_id)])
        .into();
    let mut used = BTreeSet::new();
    input.clone().into_expr().dependencies(&mut used);
    assert_eq!(used, BTreeSet::from([urn("a"), urn("b")]));
    let wanted = json!({
        "network_id": "a.network_id",
        "cpus": 12,
        "host_name": "a.machine_id-x",
        "groups": ["a.machine_id", "b.machine_id"],
        "root": { "size": 7 },
        "disks": [{ "size": 7 }],
        "tags": { "from": "b.machine_id" },
    });
    assert_eq!(revealed(input.clone()), wanted);

    // Only what depends on an output is unknown.
    let Value::Map(map) = input.into_expr().eval(&Unknown).unwrap() else { panic!("a map") };
    assert_eq!(map["network_id"], Value::Unknown);
    assert!(!map["root"].has_unknown());
}

#[test]
fn setters_take_what_programs_hold() {
    let tags = Tags::from([("k".to_owned(), "v".to_owned())]);
    let ids = vec!["a".to_owned()];
    let outputs = [machine("a").machine_id, machine("b").machine_id];
    let built = Machine::builder()
        .network_id("n")
        .cpus(1)
        .root(Disk { size: 3, key: None, encrypted: None })
        .groups(&outputs[..])
        .disks((1..3).map(|size| Disk::builder().size(size)).collect::<Input<Vec<Disk>>>())
        .tags(tags.clone());
    assert_eq!(
        revealed::<Machine>(built),
        json!({
            "network_id": "n",
            "cpus": 1,
            "root": { "size": 3 },
            "groups": ["a.machine_id", "b.machine_id"],
            "disks": [{ "size": 1 }, { "size": 2 }],
            "tags": { "k": "v" },
        })
    );
    let built = Machine::builder()
        .network_id("n")
        .cpus(1)
        .root(Disk::builder().size(1).build())
        .maybe_groups(Some(ids))
        .maybe_family(None::<String>)
        .build();
    let map = map::<Machine>(built);
    assert!(map.contains_key("groups") && !map.contains_key("family"));
}

#[test]
fn secrets_taint_what_they_touch() {
    let secret = Secret::new("hunter2".to_owned());
    let built = Machine::builder()
        .network_id(&secret)
        .cpus(1)
        .family(secret.clone())
        .password("plain text")
        .root(Disk::builder().size(1).key("plain text"))
        .policy(interpolate!("{secret}!"));
    let map = map::<Machine>(built);
    for name in ["network_id", "family", "password", "policy"] {
        assert!(matches!(map[name], Value::Secret(_)), "{name}: {}", map[name]);
    }
    let Value::Map(root) = &map["root"] else { panic!("a map") };
    assert!(matches!(root["key"], Value::Secret(_)));
    let shown = format!("{map:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("plain"), "{shown}");
    assert_eq!(map["policy"].reveal(), Value::from("hunter2!"));

    // A secret property is secret before it is known, too.
    let built = Image::builder().owner("x").token(&machine("a").machine_id);
    let value = Input::<Image>::from(built).into_expr().eval(&Unknown).unwrap();
    assert!(value.has_secret() && value.has_unknown());
}

#[test]
fn what_a_builder_makes_is_what_the_operations_see() {
    let built = Machine::builder()
        .network_id("n")
        .cpus(2)
        .password(Secret::new("hunter2".to_owned()))
        .root(Disk::builder().size(8).key("k"));
    let machine: Machine = from_value(&Value::Map(map::<Machine>(built))).unwrap();
    assert_eq!(machine.password.as_deref(), Some("hunter2"));
    assert!(machine.root == Disk { size: 8, key: Some("k".into()), encrypted: None });
    assert_eq!(machine.host_name, None);
}

#[test]
fn debug_hides_secret_fields() {
    let disk = Disk { size: 8, key: Some("hunter2".into()), encrypted: None };
    assert_eq!(format!("{disk:?}"), "Disk { size: 8, key: [secret], encrypted: None }");
    assert_eq!(format!("{:?}", DefaultNetwork {}), "DefaultNetwork");
    let image = Image { owner: "x".into(), token: Some("hunter2".into()) };
    assert!(format!("{image:#?}").contains("token: [secret],"));
}

#[test]
fn debug_hides_secret_outputs() {
    let outputs = MachineOutputs {
        machine_id: "m-1".into(),
        address: None,
        network_id: "n-1".into(),
        url: "http://root:hunter2@m-1".into(),
    };
    assert_eq!(
        format!("{outputs:?}"),
        "MachineOutputs { machine_id: \"m-1\", address: None, network_id: \"n-1\", url: [secret] }"
    );
    // So does what is nested in an output.
    let disk = Disk { size: 8, key: Some("hunter2".into()), encrypted: None };
    let tree = TreeOutputs { root: Some(disk), colour: None };
    assert!(!format!("{tree:?}").contains("hunter2"), "{tree:?}");
}

#[test]
fn lookups_with_and_without_arguments() {
    assert_eq!(DefaultNetwork::TYPE, "Test::Compute::DefaultNetwork");
    assert_eq!(DefaultNetwork::DOC, "The network that is always there.");
    assert!(map::<DefaultNetwork>(DefaultNetwork::builder()).is_empty());
    let empty: DefaultNetwork = from_value(&Value::Map(PropertyMap::new())).unwrap();
    assert!(map::<DefaultNetwork>(empty).is_empty());
    assert_eq!(<DefaultNetwork as LookupType>::Outputs::FIELDS[0].name, "network_id");
    assert_eq!(ImageOutputs::FIELDS, []);
    assert_eq!(format!("{:?}", ImageOutputs::refs(&urn("a"))), "ImageOutputsRef");
    assert_eq!(revealed::<Image>(Image::builder().owner("x")), json!({ "owner": "x" }));
}

#[test]
fn interpolate_joins_values_of_every_kind() {
    let a = machine("a");
    let id = &a.machine_id;
    let (host, port, owned) = ("db", 5432_u16, String::from("shop"));
    let input: Input<i64> = 7.into();
    let joined = interpolate!("{id}@{host}:{port}/{}?n={}&t={{{}}}", owned, input, true);
    assert_eq!(text(&joined), Value::from("a.machine_id@db:5432/shop?n=7&t={true}"));
    let joined = interpolate!("{}{}{}", &&a.machine_id, a.machine_id.clone(), &input,);
    assert_eq!(text(&joined), Value::from("a.machine_ida.machine_id7"));
    assert_eq!(text(&interpolate!("{{}}")), Value::from("{}"));
    assert_eq!(text(&interpolate!("")), Value::from(""));
    assert_eq!(text(&interpolate!("{}", u64::MAX)), Value::from(u64::MAX.to_string()));
    assert_eq!(text(&interpolate!("{}-{}", 'a', "b".to_owned() + "c")), Value::from("a-bc"));

    let secret = Secret::new("hunter2".to_owned());
    assert!(text(&interpolate!("{secret}")).has_secret());
    assert!(text(&interpolate!("{}", Secret::new(5))).has_secret());
    let unknown: Result<Value, EvalError> = interpolate!("x{id}").expr().eval(&Unknown);
    assert_eq!(unknown, Ok(Value::Unknown));
}

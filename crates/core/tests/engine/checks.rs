//! Values that are refused without asking the cloud.

use ferrocrete_core::error::{Error, OpError};
use ferrocrete_core::plan::PlanError;
use ferrocrete_core::resource::{Changes, Cx, Live, Made, Progress, ReadRequest, Resource, Tags};
use ferrocrete_core::schema::{Finding, Known, Limits};
use ferrocrete_core::{Options, Outputs, Resource as DeriveResource, Secret, Stack};
use serde::{Deserialize, Serialize};

use super::cloud::Fake;
use super::types::{Network, NetworkByCidr};
use super::world::World;

/// A door, of which nothing is ever made: its values are refused before.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Door", outputs = DoorOutputs, check = check)]
pub struct Door {
    /// Range.
    #[field(cidr)]
    pub range: Option<String>,
    /// First port.
    pub from_port: Option<i32>,
    /// Last port.
    pub to_port: Option<i32>,
    /// The network that it leads to.
    pub network_id: Option<String>,
    /// Who may.
    #[field(policy)]
    pub policy: Option<String>,
    /// How.
    pub mode: Option<String>,
    /// Code.
    #[field(secret)]
    pub code: Option<String>,
    /// Bolts.
    pub bolts: Option<Vec<Bolt>>,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// A bolt.
#[derive(Clone, Serialize, Deserialize, ferrocrete_core::Properties)]
pub struct Bolt {
    /// Length in millimetres.
    pub length: i32,
}

/// Outputs of a door.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct DoorOutputs {
    /// Id.
    pub door_id: String,
}

fn check(known: Known<'_>) -> Vec<Finding> {
    match (known.int("from_port"), known.int("to_port")) {
        (Some(from), Some(to)) if from > to => {
            vec![Finding::new("to_port", format!("{to} must not be below `from_port`, {from}"))]
        }
        _ => elsewhere(known).into_iter().collect(),
    }
}

/// A door leads to all of its network, as far as the program says what that is.
fn elsewhere(known: Known<'_>) -> Option<Finding> {
    let network = known.source("network_id")?;
    let cidr = Known::of(&network).text("cidr")?;
    let other = known.text("range").filter(|range| *range != cidr)?;
    Some(Finding::new("range", format!("{other} is not the network's, {cidr}")))
}

impl Resource for Door {
    type Cloud = Fake;

    async fn create(&self, cx: &Cx<Fake>) -> Result<Made<Self>, OpError> {
        let trouble = cx.begin("create door").await?;
        cx.end(trouble).await?;
        Ok(Made::Ready("door".into(), DoorOutputs { door_id: "door".into() }))
    }

    async fn read(
        cloud: &Fake,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        cloud.begin("read door").await?;
        Ok(items.iter().map(|_| None).collect())
    }

    async fn find(&self, _: &Cx<Fake>) -> Result<Option<String>, OpError> {
        Ok(None)
    }

    async fn update(
        &self,
        _: &Cx<Fake>,
        _: &str,
        _: &Self,
        _: &Changes,
    ) -> Result<Progress, OpError> {
        Ok(Progress::Done)
    }

    async fn delete(&self, _: &Cx<Fake>, _: &str) -> Result<Progress, OpError> {
        Ok(Progress::Done)
    }
}

pub fn limits() -> Limits {
    let json = r#"{"Fake::Door": {
        "from_port": {"min": 0, "max": 65535},
        "to_port": {"min": 0, "max": 65535},
        "mode": {"one_of": ["open", "shut"]},
        "code": {"pattern": "^[0-9]{4}$"},
        "bolts": {"max_items": 2},
        "bolts[].length": {"min": 10}
    }}"#;
    Limits::from_json(json).unwrap()
}

async fn refused(program: impl Fn(&Stack)) -> (Vec<String>, String) {
    let world = World::new();
    let graph = world.graph(program).unwrap();
    let error = world.engine().plan(&graph).await.unwrap_err();
    assert!(world.cloud.take_calls().is_empty(), "nothing was asked");
    let text = error.to_string();
    let Error::Plan(PlanError::Refused { findings }) = error else { panic!("{text}") };
    let each = findings.iter().map(|(u, f)| format!("{} {}: {}", u.short(), f.property, f.why));
    (each.collect(), text)
}

#[tokio::test(start_paused = true)]
async fn everything_that_is_wrong_is_told_at_once_and_nothing_is_asked() {
    let (found, text) = refused(|s| {
        let bolt = |length| Bolt { length };
        let door = Door::builder()
            .range("10.0.0.0/99")
            .from_port(99_999)
            .to_port(22)
            .mode("ajar")
            .policy("{not json")
            .code(Secret::new("hush".to_owned()))
            .bolts(vec![bolt(10), bolt(9), bolt(11)])
            .tags([("aws:x", "y")]);
        s.add("door", door);
        s.add("other", Door::builder().range("10.0.0.1").policy("[]"));
    })
    .await;
    assert_eq!(
        found,
        [
            "door range: \"10.0.0.0/99\" must be a range of addresses such as 10.0.0.0/16 or 2001:db8::/32",
            "door from_port: 99999 must be from 0 to 65535",
            "door policy: \"{not json\" is no JSON: wrong at line 1, column 2",
            "door mode: \"ajar\" must be `open` or `shut`",
            "door code: does not match the documented pattern `^[0-9]{4}$`",
            "door bolts[1].length: 9 must be 10 or more",
            "door bolts: must have 2 members or less, but has 3",
            "door tags: must not have the key `aws:x`: `aws:` is reserved for AWS",
            "door to_port: 22 must not be below `from_port`, 99999",
            "other range: \"10.0.0.1\" must be a range of addresses such as 10.0.0.0/16 or 2001:db8::/32",
            "other policy: \"[]\" must be a JSON object",
        ]
    );
    assert!(text.contains("`door` (Fake::Door), `mode`: \"ajar\" must be"), "{text}");
    assert!(text.contains("unchecked") && !text.contains("hush"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_is_known_only_with_the_state_is_checked_in_the_plan() {
    let world = World::new();
    let program = |mode: bool| {
        move |s: &Stack| {
            let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
            if mode {
                s.add("door", Door::builder().mode(&net.network_id));
            }
        }
    };
    world.up(program(false)).await;
    let graph = world.graph(program(true)).unwrap();
    let error = world.engine().plan(&graph).await.unwrap_err().to_string();
    assert!(error.contains("\"network-1\" must be `open` or `shut`"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_it_leaves_it_to_the_cloud() {
    let world = World::new();
    let plan = world
        .plan(|s| {
            let door = Door::builder().mode("ajar");
            s.add_with("door", door, Options::new().unchecked(true));
        })
        .await;
    assert_eq!(super::world::changes(&plan), ["create door"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_cloud_has_taken_is_not_refused() {
    let world = World::new();
    let program = |port: i32, options: fn() -> Options| {
        move |s: &Stack| {
            s.add_with("door", Door::builder().mode("ajar").from_port(port), options());
        }
    };
    world.up(program(1, || Options::new().unchecked(true))).await;
    world.plan_of_state(program(1, Options::new)).await.unwrap();
    let error = world.plan_of_state(program(-1, Options::new)).await.unwrap_err().to_string();
    assert!(error.contains("-1 must be from 0") && !error.contains("ajar"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_type_sees_what_a_property_comes_from() {
    let program = |s: &Stack| {
        let net = s.add("net", Network::builder().cidr("10.0.0.0/16"));
        let found = s.lookup("found", NetworkByCidr { cidr: "10.1.0.0/16".into() });
        let door = |range: &str| Door::builder().range(range.to_owned());
        s.add("good", door("10.0.0.0/16").network_id(&net.network_id));
        s.add("made", door("10.2.0.0/16").network_id(&net.network_id));
        s.add("found_one", door("10.2.0.0/16").network_id(&found.network_id));
        // What is computed from it, or stands there as text, says nothing of it.
        let computed = net.network_id.map(|id| id + "x");
        s.add("computed", door("10.2.0.0/16").network_id(&computed));
        s.add("literal", door("10.2.0.0/16").network_id("network-1"));
    };
    let (found, _) = refused(program).await;
    assert_eq!(
        found,
        [
            "made range: 10.2.0.0/16 is not the network's, 10.0.0.0/16",
            "found_one range: 10.2.0.0/16 is not the network's, 10.1.0.0/16",
        ]
    );
}

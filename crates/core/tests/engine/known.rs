//! Types that are known by what a function makes of their properties, and whose deletes are
//! tasks that may fail later.

use ferrocrete_core::error::OpError;
use ferrocrete_core::plan::PlanError;
use ferrocrete_core::resource::{
    Changes, Cx, Live, Made, Progress, ReadRequest, Resource, Status, Tags,
};
use ferrocrete_core::schema::{Claim, Known, Mention};
use ferrocrete_core::value::PropertyMap;
use ferrocrete_core::{Error, Outputs, Resource as DeriveResource, Stack};
use serde::{Deserialize, Serialize};

use super::cloud::Fake;
use super::types::{props, typed};
use super::world::{World, changes};

/// A badge; its number counts without its beginning.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Badge", claims = claims, mentions = mentions)]
pub struct Badge {
    /// Number, with or without `no-`. Replaces.
    #[field(replaces)]
    pub number: String,
    /// Numbers of others that may come along, in a text.
    pub guests: Option<String>,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Outputs of a badge.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct BadgeOutputs {
    /// Id.
    pub badge_id: String,
}

fn claims(inputs: &PropertyMap) -> Vec<Claim> {
    let number = inputs.get("number").and_then(|n| n.as_str().map(str::to_owned));
    let bare = number.map(|n| n.trim_start_matches("no-").to_owned());
    bare.into_iter().map(|n| Claim::new("badge", &["number"], [n]).as_identity()).collect()
}

fn mentions(known: Known<'_>) -> Vec<Mention> {
    let guests = known.text("guests").unwrap_or_default();
    let one = |number: &str| Mention {
        type_name: "Fake::Badge",
        property: "number",
        value: number.to_owned(),
    };
    guests.split(" and ").map(one).collect()
}

impl Resource for Badge {
    type Cloud = Fake;

    async fn create(&self, cx: &Cx<Fake>) -> Result<Made<Self>, OpError> {
        let trouble = cx.begin("create badge").await?;
        let id = cx.insert("badge", props(self), self.tags.clone().unwrap_or_default(), false);
        cx.end(trouble).await?;
        Ok(Made::Ready(id.clone(), BadgeOutputs { badge_id: id }))
    }

    async fn read(
        cloud: &Fake,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        cloud.begin("read badge").await?;
        let one = |request: &ReadRequest<Self>| {
            let item = cloud.get(&request.id)?;
            // Only whoever follows the task hears of it.
            let why = item.broken.clone().filter(|_| request.follow.as_deref() == Some("task-1"));
            let status = why.map_or(Status::Ready, Status::Failed);
            let outputs = BadgeOutputs { badge_id: request.id.clone() };
            Some(Live { inputs: typed(&item), outputs, status })
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx<Fake>) -> Result<Option<String>, OpError> {
        Ok(cx.by_owner(&cx.owner_tag()))
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

    async fn delete(&self, cx: &Cx<Fake>, id: &str) -> Result<Progress, OpError> {
        cx.begin("delete badge").await?;
        let mut inner = cx.inner.lock().unwrap();
        if inner.items.get(id).is_some_and(|item| item.broken.is_none()) {
            inner.items.remove(id);
        }
        Ok(Progress::Follow("task-1".into()))
    }
}

fn badges(all: &'static [(&'static str, &'static str)]) -> impl Fn(&Stack) {
    move |stack| {
        for (name, number) in all {
            stack.add(name, Badge::builder().number(*number));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_function_makes_of_the_properties_is_an_identity() {
    let world = World::new();
    assert!(world.up(badges(&[("a", "7")])).await.is_success());
    world.cloud.take_calls();
    let plan = world.plan(badges(&[("b", "7")])).await;
    assert_eq!((changes(&plan).len(), plan.moves.len()), (0, 1));
    assert!(world.up(badges(&[("b", "7")])).await.is_success());
    let calls = world.cloud.take_calls();
    assert!(calls.iter().all(|call| call == "read badge"), "{calls:?}");
    let state = world.state().await;
    assert!(state.resources.keys().all(|(urn, _)| urn.name() == "b"));

    // The same number in two spellings.
    let twice = world.graph(badges(&[("b", "7"), ("c", "no-7")])).unwrap();
    let error = world.engine().plan(&twice).await.unwrap_err();
    assert!(matches!(&error, Error::Plan(PlanError::OnlyOne { identity: true, .. })), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_delete_whose_task_fails_later_says_why() {
    let world = World::new();
    assert!(world.up(badges(&[("a", "7")])).await.is_success());
    let mend = |broken: Option<&str>| {
        let mut inner = world.cloud.inner.lock().unwrap();
        inner.items.values_mut().for_each(|item| item.broken = broken.map(str::to_owned));
    };
    mend(Some("somebody wears it"));
    world.cloud.take_calls();
    let report = world.destroy().await;
    let error = report.failures[0].error.to_string();
    assert!(error.contains("somebody wears it"), "{error}");
    let asked = world.cloud.take_calls().iter().filter(|call| *call == "delete badge").count();
    assert!(asked > 20, "asked for five minutes, not {asked} times");
    assert_eq!(world.state().await.resources.len(), 1, "it is there still");
    mend(None);
    assert!(world.destroy().await.is_success());
    assert!(world.cloud.existing().is_empty());
}

/// A text names them, and no output is used: they are made before it and go after it.
#[tokio::test(start_paused = true)]
async fn what_a_text_names_is_there_first_and_goes_last() {
    let world = World::new();
    let program = |guests: Option<&'static str>, seven: bool| {
        move |stack: &Stack| {
            let badge = |number: &'static str| Badge::builder().number(number);
            match guests {
                Some(guests) => stack.add("host", badge("1").guests(guests)),
                None => stack.add("host", badge("1")),
            };
            stack.add("b", badge("9"));
            if seven {
                stack.add("a", badge("7"));
            }
        }
    };
    // One that is declared nowhere, and itself in another spelling, are no resources of ours.
    let report = world.up(program(Some("7 and 9 and 5 and no-1"), true)).await;
    assert!(report.is_success(), "{report:?}");
    let made: Vec<String> = world.cloud.take_calls();
    assert_eq!(made.iter().filter(|call| *call == "create badge").count(), 3);
    let number = |id: &str| world.cloud.get(id).unwrap().props["number"].clone();
    assert_eq!(number("badge-3"), "1", "the one that names the others is made last");
    let state = world.state().await;
    let host = state.resources.values().find(|r| r.urn.name() == "host").unwrap();
    let uses: Vec<&str> = host.dependencies.iter().map(|urn| urn.name()).collect();
    assert_eq!(uses, ["a", "b"]);

    // It lets go of one that goes.
    let plan = world.plan(program(Some("9"), false)).await;
    let at = |name: &str| plan.steps.iter().position(|s| s.urn.name() == name).unwrap();
    assert!(at("host") < at("a"), "{:?}", changes(&plan));
    assert!(world.up(program(Some("9"), false)).await.is_success());
    let plan = world.engine().plan_destroy().await.unwrap();
    let at = |name: &str| plan.steps.iter().position(|s| s.urn.name() == name).unwrap();
    assert!(at("host") < at("b"), "{:?}", changes(&plan));
    assert!(world.destroy().await.is_success());
}

#[tokio::test(start_paused = true)]
async fn two_that_name_each_other_are_a_circle() {
    let world = World::new();
    let graph = world.graph(|stack| {
        stack.add("a", Badge::builder().number("7").guests("9"));
        stack.add("b", Badge::builder().number("9").guests("7"));
    });
    let error = graph.err().unwrap().to_string();
    assert!(error.contains("a\n  -> b\n  -> a\n"), "{error}");
}

//! `AWS::ApplicationAutoScaling::ScheduledAction`.

use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::types::{
    ScalableDimension, ScheduledAction as SdkAction, ServiceNamespace,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use ferrocrete_core::Stack;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_resources::applicationautoscaling::{ScalableTargetAction, ScheduledAction};

use super::{DIMENSION, target};
use crate::world::{World, replacing};

#[derive(Clone, Copy)]
struct Wanted {
    name: Option<&'static str>,
    table: &'static str,
    schedule: &'static str,
    timezone: Option<&'static str>,
    start: Option<&'static str>,
    end: Option<&'static str>,
    bounds: (Option<i32>, Option<i32>),
}

const WANTED: Wanted = Wanted {
    name: Some("night"),
    table: "orders",
    schedule: "cron(0 22 * * ? *)",
    timezone: None,
    start: None,
    end: None,
    bounds: (Some(1), Some(2)),
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let table = target(stack, wanted.table, wanted.table);
        let bounds = ScalableTargetAction::builder()
            .maybe_min_capacity(wanted.bounds.0)
            .maybe_max_capacity(wanted.bounds.1);
        let action = ScheduledAction::builder()
            .maybe_scheduled_action_name(wanted.name)
            .scaling_target_id(&table.scalable_target_id)
            .schedule(wanted.schedule)
            .maybe_timezone(wanted.timezone)
            .maybe_start_time(wanted.start)
            .maybe_end_time(wanted.end)
            .scalable_target_action(bounds);
        stack.add("it", action);
    }
}

async fn find(scaling: &Client, table: &str, name: &str) -> Option<SdkAction> {
    let call = scaling.describe_scheduled_actions().service_namespace(ServiceNamespace::Dynamodb);
    let call = call.resource_id(format!("table/{table}")).scheduled_action_names(name);
    call.send().await.unwrap().scheduled_actions.unwrap_or_default().into_iter().next()
}

fn moment(text: &str) -> Option<DateTime> {
    Some(DateTime::from_str(text, Format::DateTimeWithOffset).unwrap())
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    let scaling = aws.applicationautoscaling();
    assert_eq!(world.up(program(WANTED)).await, ["create orders", "create it"]);
    assert_eq!(world.output("it", "scheduled_action_name").await, "night");
    let live = async || find(scaling, "orders", "night").await.unwrap();
    assert_eq!(live().await.schedule, WANTED.schedule);
    let bounds = async || {
        let bounds = live().await.scalable_target_action.unwrap();
        (bounds.min_capacity, bounds.max_capacity)
    };
    assert_eq!(bounds().await, (Some(1), Some(2)));

    let other = Wanted { schedule: "rate(1 hour)", ..WANTED };
    world.updates(program(other), "it", &["schedule"]).await;
    assert_eq!(live().await.schedule, "rate(1 hour)");
    let other = Wanted { timezone: Some("Europe/Berlin"), ..other };
    world.updates(program(other), "it", &["timezone"]).await;
    assert_eq!(live().await.timezone(), Some("Europe/Berlin"));
    let start = "2030-01-31T01:00:00+01:00";
    let other = Wanted { start: Some(start), ..other };
    world.updates(program(other), "it", &["start_time"]).await;
    assert_eq!(live().await.start_time, moment(start));
    // The same moment, said in another way.
    let same = Wanted { start: Some("2030-01-31T00:00:00Z"), ..other };
    world.updates(program(same), "it", &["start_time"]).await;
    let end = "2031-01-31T00:00:00Z";
    let other = Wanted { end: Some(end), ..same };
    world.updates(program(other), "it", &["end_time"]).await;
    assert_eq!(live().await.end_time, moment(end));
    let other = Wanted { start: None, end: None, ..other };
    world.updates(program(other), "it", &["start_time", "end_time"]).await;
    assert_eq!((live().await.start_time, live().await.end_time), (None, None));
    let other = Wanted { bounds: (Some(3), None), ..other };
    world.updates(program(other), "it", &["scalable_target_action"]).await;
    assert_eq!(bounds().await, (Some(3), None));

    // Drift: somebody changes it, somebody deletes it.
    let put = scaling.put_scheduled_action().service_namespace(ServiceNamespace::Dynamodb);
    let put = put.resource_id("table/orders").scheduled_action_name("night");
    let put = put.scalable_dimension(ScalableDimension::from(DIMENSION));
    put.schedule("rate(2 hours)").send().await.unwrap();
    world.updates(program(other), "it", &["schedule"]).await;
    assert_eq!(live().await.schedule, "rate(1 hour)");
    let delete = scaling.delete_scheduled_action().service_namespace(ServiceNamespace::Dynamodb);
    let delete = delete.resource_id("table/orders").scheduled_action_name("night");
    let delete = delete.scalable_dimension(ScalableDimension::from(DIMENSION));
    delete.send().await.unwrap();
    assert_eq!(world.up(program(other)).await, ["create it"]);

    world
        .replaces(program(Wanted { name: Some("dark"), ..other }), "it", &["scheduled_action_name"])
        .await;
    assert!(find(scaling, "orders", "night").await.is_none());
    assert!(find(scaling, "orders", "dark").await.is_some());
    world.up(|stack| drop(target(stack, "orders", "orders"))).await;
    assert!(find(scaling, "orders", "dark").await.is_none());
    world.up(program(other)).await;
    world.destroy().await;
    assert!(find(scaling, "orders", "night").await.is_none());
}

#[tokio::test]
async fn another_target_is_another_action() {
    let world = World::new().await;
    world.up(program(WANTED)).await;
    let plan = world.plan(program(Wanted { table: "carts", ..WANTED })).await;
    assert_eq!(replacing(&plan, "it"), ["scaling_target_id"].into());
}

#[tokio::test]
async fn is_found_again() {
    for name in [Some("night"), None] {
        let world = World::new().await;
        let program = program(Wanted { name, ..WANTED });
        world.finds(program, "it", "application-autoscaling:PutScheduledAction").await;
    }
}

#[tokio::test]
async fn one_of_that_name_that_is_not_ours_is_not_overwritten() {
    let world = World::new().await;
    let aws = world.aws().await;
    let scaling = aws.applicationautoscaling();
    world.up(|stack| drop(target(stack, "orders", "orders"))).await;
    let put = scaling.put_scheduled_action().service_namespace(ServiceNamespace::Dynamodb);
    let put = put.resource_id("table/orders").scheduled_action_name("night");
    let put = put.scalable_dimension(ScalableDimension::from(DIMENSION));
    put.schedule("rate(2 hours)").send().await.unwrap();
    let (_, report) = world.try_up(program(WANTED)).await.unwrap();
    assert_eq!(report.failures[0].error.kind, ErrorKind::AlreadyExists);
    assert_eq!(find(scaling, "orders", "night").await.unwrap().schedule, "rate(2 hours)");
}

#[tokio::test]
async fn a_time_that_is_none_is_refused_before_any_call() {
    let world = World::new().await;
    let bad = Wanted { start: Some("tomorrow"), ..WANTED };
    let (_, report) = world.try_up(program(bad)).await.unwrap();
    assert_eq!(report.failures[0].error.kind, ErrorKind::Invalid);
    assert_eq!(world.count("application-autoscaling:PutScheduledAction").await, 0);
}

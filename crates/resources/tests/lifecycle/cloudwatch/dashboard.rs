//! `AWS::CloudWatch::Dashboard`.

use ferrocrete_core::Stack;
use ferrocrete_core::value::Value;
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::cloudwatch::{
    Alarm, AlarmWidget, Dashboard, DashboardBody, GraphMetric, MetricWidget, TextWidget,
};
use serde_json::{Value as Json, json};

use super::{tag_by_hand, tags};
use crate::world::{World, changed};

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    name: Option<&'static str>,
    title: &'static str,
    owner: Option<&'static str>,
}

const FIRST: Wanted = Wanted { name: None, title: "# Shop", owner: Some("anna") };

/// An alarm, and a dashboard that shows it.
fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let alarm = Alarm::builder().metric_name("Errors").namespace("Shop").period(60);
        let alarm = alarm.statistic("Sum").comparison_operator("GreaterThanThreshold");
        let alarm = stack.add("errors", alarm.threshold(5.0).evaluation_periods(1));
        let graph = MetricWidget::new("CPU").region("eu-central-1");
        let metric = GraphMetric::new("AWS/ECS", "CPUUtilization").dimension("ClusterName", "shop");
        let body = DashboardBody::new()
            .widget(TextWidget::new(wanted.title))
            .widget(AlarmWidget::new("Alarms").alarm(&alarm.arn))
            .widget(graph.metric(metric));
        let dashboard = Dashboard::builder().maybe_dashboard_name(wanted.name);
        let dashboard = dashboard.dashboard_body(body);
        let dashboard = dashboard.maybe_tags(wanted.owner.map(|o| [("owner", o)]));
        let dashboard = stack.add("shop", dashboard);
        stack.export("url", dashboard.url());
    }
}

fn raw(body: &'static str) -> impl Fn(&Stack) {
    move |stack| {
        stack.add("shop", Dashboard::builder().dashboard_body(body));
    }
}

async fn body(aws: &Aws, name: &str) -> Option<Json> {
    let answer = aws.cloudwatch().get_dashboard().dashboard_name(name).send().await.ok()?;
    Some(serde_json::from_str(answer.dashboard_body()?).unwrap())
}

async fn put(aws: &Aws, name: &str, body: &Json) {
    let call = aws.cloudwatch().put_dashboard().dashboard_name(name);
    call.dashboard_body(body.to_string()).send().await.unwrap();
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    assert_eq!(world.up(program(FIRST)).await, ["create errors", "create shop"]);
    let name = world.id("shop").await;
    let made = body(&aws, &name).await.unwrap();
    assert_eq!(made["widgets"][0]["properties"]["markdown"], "# Shop");
    let alarm = world.output("errors", "arn").await;
    assert_eq!(made["widgets"][1]["properties"]["alarms"], json!([alarm]));
    let metrics = json!([["AWS/ECS", "CPUUtilization", "ClusterName", "shop"]]);
    assert_eq!(made["widgets"][2]["properties"]["metrics"], metrics);
    assert_eq!(world.output("shop", "dashboard_name").await, name);
    let arn = world.output("shop", "arn").await;
    let answer = aws.cloudwatch().get_dashboard().dashboard_name(&name).send().await.unwrap();
    assert_eq!(answer.dashboard_arn(), Some(arn.as_str()));
    let url = format!(
        "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/{name}"
    );
    assert_eq!(world.state().await.exports["url"], Value::String(url));
    assert_eq!(tags(&aws, &arn).await["owner"], "anna");

    let wanted = Wanted { title: "# The shop", ..FIRST };
    world.updates(program(wanted), "shop", &["dashboard_body"]).await;
    let live = body(&aws, &name).await.unwrap();
    assert_eq!(live["widgets"][0]["properties"]["markdown"], "# The shop");
    assert_eq!(tags(&aws, &arn).await["owner"], "anna");
    tag_by_hand(&aws, &arn, "cost", "7").await;
    let wanted = Wanted { owner: Some("ben"), ..wanted };
    world.updates(program(wanted), "shop", &["tags"]).await;
    assert_eq!(tags(&aws, &arn).await["owner"], "ben");
    let wanted = Wanted { owner: None, ..wanted };
    world.updates(program(wanted), "shop", &["tags"]).await;
    let now = tags(&aws, &arn).await;
    assert_eq!((now.get("owner"), now["cost"].as_str()), (None, "7"));

    // Drift: somebody moves a widget; somebody deletes it.
    let mut moved = live.clone();
    moved["widgets"][0]["x"] = 3.into();
    put(&aws, &name, &moved).await;
    world.updates(program(wanted), "shop", &["dashboard_body"]).await;
    assert_eq!(body(&aws, &name).await.unwrap(), live);
    aws.cloudwatch().delete_dashboards().dashboard_names(&name).send().await.unwrap();
    assert_eq!(world.up(program(wanted)).await, ["create shop"]);

    world.destroy().await;
    assert!(body(&aws, &name).await.is_none());
}

#[tokio::test]
async fn bodies_are_compared_as_json_in_which_order_counts() {
    let world = World::new().await;
    world.up(raw(r#"{"widgets": [], "start": "-PT3H"}"#)).await;
    assert_eq!(world.up(raw(r#"{ "start":"-PT3H","widgets":[ ] }"#)).await, [""; 0]);
    world.updates(raw(r#"{"widgets": [{"a": ["x", "y"]}]}"#), "shop", &["dashboard_body"]).await;
    world.updates(raw(r#"{"widgets": [{"a": ["y", "x"]}]}"#), "shop", &["dashboard_body"]).await;
    let live = body(&world.aws().await, &world.id("shop").await).await;
    assert_eq!(live, Some(json!({"widgets": [{"a": ["y", "x"]}]})));
}

#[tokio::test]
async fn another_name_is_another_dashboard() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let wanted = Wanted { name: Some("shop"), ..FIRST };
    let (old, new) = world.replaces(program(wanted), "shop", &["dashboard_name"]).await;
    assert!(body(&aws, &old).await.is_none());
    assert_eq!(new, "shop");
    assert!(body(&aws, &new).await.is_some());
    let plan = world.plan(program(Wanted { name: Some("other"), ..FIRST })).await;
    assert_eq!(changed(&plan, "shop"), ["dashboard_name"].into());
}

#[tokio::test]
async fn a_foreign_dashboard_is_not_overwritten() {
    let world = World::new().await;
    let aws = world.aws().await;
    let theirs = json!({"widgets": []});
    put(&aws, "shop", &theirs).await;
    let wanted = Wanted { name: Some("shop"), ..FIRST };
    let (_, report) = world.try_up(program(wanted)).await.unwrap();
    let message = &report.failures[0].error.message;
    assert!(message.contains("not ours"), "{message}");
    assert_eq!(body(&aws, "shop").await.unwrap(), theirs);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_before_any_call() {
    let world = World::new().await;
    let why = world.plan_error(raw("widgets")).await;
    assert!(why.contains("dashboard_body") && why.contains("no JSON"), "{why}");
    assert_eq!(world.tried("monitoring:PutDashboard").await, 0);
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "shop", "monitoring:PutDashboard").await;
    let chosen = Wanted { name: Some("shop"), ..FIRST };
    World::new().await.finds(program(chosen), "shop", "monitoring:PutDashboard").await;
}

//! `AWS::CloudWatch::Alarm`.

use aws_sdk_cloudwatch::types::{ComparisonOperator, StandardUnit, StateValue, Statistic};
use ferrocrete_core::Stack;
use ferrocrete_resources::cloudwatch::{Alarm, Dimension};

use super::{delete_alarm, metric_alarm, tag_by_hand, tags};
use crate::world::{World, changed};

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    name: Option<&'static str>,
    description: Option<&'static str>,
    metric: &'static str,
    namespace: &'static str,
    cluster: Option<&'static str>,
    period: i32,
    statistic: Option<&'static str>,
    percentile: Option<&'static str>,
    unit: Option<&'static str>,
    operator: &'static str,
    threshold: f64,
    periods: i32,
    datapoints: Option<i32>,
    missing: Option<&'static str>,
    low: Option<&'static str>,
    enabled: Option<bool>,
    alarm: &'static [&'static str],
    ok: &'static [&'static str],
    insufficient: &'static [&'static str],
    owner: Option<&'static str>,
}

const FIRST: Wanted = Wanted {
    name: None,
    description: Some("Too hot"),
    metric: "CPUUtilization",
    namespace: "AWS/ECS",
    cluster: Some("shop"),
    period: 60,
    statistic: Some("Average"),
    percentile: None,
    unit: None,
    operator: "GreaterThanThreshold",
    threshold: 80.0,
    periods: 3,
    datapoints: None,
    missing: None,
    low: None,
    enabled: None,
    alarm: &["arn:aws:sns:eu-central-1:1:a", "arn:aws:sns:eu-central-1:1:b"],
    ok: &[],
    insufficient: &[],
    owner: Some("anna"),
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let cluster =
            wanted.cluster.map(|cluster| [Dimension::builder().name("ClusterName").value(cluster)]);
        stack.add(
            "cpu",
            Alarm::builder()
                .maybe_alarm_name(wanted.name)
                .maybe_alarm_description(wanted.description)
                .metric_name(wanted.metric)
                .namespace(wanted.namespace)
                .maybe_dimensions(cluster)
                .period(wanted.period)
                .maybe_statistic(wanted.statistic)
                .maybe_extended_statistic(wanted.percentile)
                .maybe_unit(wanted.unit)
                .comparison_operator(wanted.operator)
                .threshold(wanted.threshold)
                .evaluation_periods(wanted.periods)
                .maybe_datapoints_to_alarm(wanted.datapoints)
                .maybe_treat_missing_data(wanted.missing)
                .maybe_evaluate_low_sample_count_percentile(wanted.low)
                .maybe_actions_enabled(wanted.enabled)
                .alarm_actions(wanted.alarm)
                .ok_actions(wanted.ok)
                .insufficient_data_actions(wanted.insufficient)
                .maybe_tags(wanted.owner.map(|o| [("owner", o)])),
        );
    }
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    assert_eq!(world.up(program(FIRST)).await, ["create cpu"]);
    let name = world.id("cpu").await;
    let made = metric_alarm(&aws, &name).await.unwrap();
    assert_eq!(made.alarm_description(), Some("Too hot"));
    assert_eq!((made.metric_name(), made.namespace()), (Some("CPUUtilization"), Some("AWS/ECS")));
    let dimension = &made.dimensions()[0];
    assert_eq!((dimension.name(), dimension.value()), (Some("ClusterName"), Some("shop")));
    assert_eq!((made.period, made.evaluation_periods), (Some(60), Some(3)));
    assert_eq!((made.statistic(), made.threshold), (Some(&Statistic::Average), Some(80.0)));
    assert_eq!(made.comparison_operator, Some(ComparisonOperator::GreaterThanThreshold));
    assert_eq!(made.alarm_actions(), FIRST.alarm);
    assert_eq!(made.actions_enabled, Some(true));
    let arn = world.output("cpu", "arn").await;
    assert_eq!(made.alarm_arn(), Some(arn.as_str()));
    assert_eq!(world.output("cpu", "alarm_name").await, name);
    assert_eq!(tags(&aws, &arn).await["owner"], "anna");

    tag_by_hand(&aws, &arn, "cost", "7").await;
    let wanted = Wanted { owner: Some("ben"), ..FIRST };
    world.updates(program(wanted), "cpu", &["tags"]).await;
    assert_eq!(tags(&aws, &arn).await["owner"], "ben");
    // Drift: somebody writes another owner.
    tag_by_hand(&aws, &arn, "owner", "eve").await;
    world.updates(program(wanted), "cpu", &["tags"]).await;
    let wanted = Wanted { owner: None, ..FIRST };
    world.updates(program(wanted), "cpu", &["tags"]).await;
    let live = tags(&aws, &arn).await;
    assert_eq!((live.get("owner"), live["cost"].as_str()), (None, "7"));
    assert!(live.contains_key("ferrocrete:urn"));

    // Drift: somebody switches the actions off; where nothing is said of them, they are on.
    aws.cloudwatch().disable_alarm_actions().alarm_names(&name).send().await.unwrap();
    world.updates(program(wanted), "cpu", &["actions_enabled"]).await;
    assert_eq!(metric_alarm(&aws, &name).await.unwrap().actions_enabled, Some(true));

    // Drift: somebody deletes it.
    delete_alarm(&aws, &name).await;
    assert_eq!(world.up(program(wanted)).await, ["create cpu"]);

    world.destroy().await;
    assert!(metric_alarm(&aws, &name).await.is_none());
}

#[tokio::test]
async fn each_property_is_updated_in_place() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let name = world.id("cpu").await;
    let live = async || metric_alarm(&aws, &name).await.unwrap();
    let updates = async |wanted, property: &str| {
        world.updates(program(wanted), "cpu", &[property]).await;
    };

    let wanted = Wanted { description: None, ..FIRST };
    updates(wanted, "alarm_description").await;
    assert_eq!(live().await.alarm_description(), None);
    let wanted = Wanted { metric: "MemoryUtilization", ..wanted };
    updates(wanted, "metric_name").await;
    assert_eq!(live().await.metric_name(), Some("MemoryUtilization"));
    let wanted = Wanted { namespace: "Shop", ..wanted };
    updates(wanted, "namespace").await;
    assert_eq!(live().await.namespace(), Some("Shop"));
    let wanted = Wanted { cluster: Some("other"), ..wanted };
    updates(wanted, "dimensions").await;
    assert_eq!(live().await.dimensions()[0].value(), Some("other"));
    let wanted = Wanted { cluster: None, ..wanted };
    updates(wanted, "dimensions").await;
    assert!(live().await.dimensions().is_empty());
    let wanted = Wanted { period: 300, ..wanted };
    updates(wanted, "period").await;
    assert_eq!(live().await.period, Some(300));
    let wanted = Wanted { unit: Some("Percent"), ..wanted };
    updates(wanted, "unit").await;
    assert_eq!(live().await.unit, Some(StandardUnit::Percent));
    let wanted = Wanted { unit: None, ..wanted };
    updates(wanted, "unit").await;
    assert_eq!(live().await.unit, None);
    let wanted = Wanted { operator: "LessThanThreshold", ..wanted };
    updates(wanted, "comparison_operator").await;
    assert_eq!(live().await.comparison_operator, Some(ComparisonOperator::LessThanThreshold));
    let wanted = Wanted { threshold: 12.5, ..wanted };
    updates(wanted, "threshold").await;
    assert_eq!(live().await.threshold, Some(12.5));
    let wanted = Wanted { periods: 5, ..wanted };
    updates(wanted, "evaluation_periods").await;
    assert_eq!(live().await.evaluation_periods, Some(5));
    let wanted = Wanted { datapoints: Some(4), ..wanted };
    updates(wanted, "datapoints_to_alarm").await;
    assert_eq!(live().await.datapoints_to_alarm, Some(4));
    let wanted = Wanted { datapoints: None, ..wanted };
    updates(wanted, "datapoints_to_alarm").await;
    assert_eq!(live().await.datapoints_to_alarm, None);
    let wanted = Wanted { missing: Some("breaching"), ..wanted };
    updates(wanted, "treat_missing_data").await;
    assert_eq!(live().await.treat_missing_data(), Some("breaching"));
    let wanted = Wanted { missing: None, ..wanted };
    updates(wanted, "treat_missing_data").await;
    assert_eq!(live().await.treat_missing_data(), None);
    let wanted = Wanted { enabled: Some(false), ..wanted };
    updates(wanted, "actions_enabled").await;
    assert_eq!(live().await.actions_enabled, Some(false));
    let wanted = Wanted { enabled: None, ..wanted };
    updates(wanted, "actions_enabled").await;
    assert_eq!(live().await.actions_enabled, Some(true));
    let both = Wanted { statistic: None, percentile: Some("p99"), ..wanted };
    world.updates(program(both), "cpu", &["statistic", "extended_statistic"]).await;
    assert_eq!(live().await.extended_statistic(), Some("p99"));
    assert_eq!(live().await.statistic(), None);
    let wanted = Wanted { low: Some("ignore"), ..both };
    updates(wanted, "evaluate_low_sample_count_percentile").await;
    assert_eq!(live().await.evaluate_low_sample_count_percentile(), Some("ignore"));
}

#[tokio::test]
async fn actions_are_sets() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let name = world.id("cpu").await;
    let turned: &[&str] = &["arn:aws:sns:eu-central-1:1:b", "arn:aws:sns:eu-central-1:1:a"];
    assert_eq!(world.up(program(Wanted { alarm: turned, ..FIRST })).await, [""; 0]);
    let wanted = Wanted { alarm: &[], ok: turned, insufficient: turned, ..FIRST };
    let all = ["alarm_actions", "ok_actions", "insufficient_data_actions"];
    world.updates(program(wanted), "cpu", &all).await;
    let live = metric_alarm(&aws, &name).await.unwrap();
    assert!(live.alarm_actions().is_empty());
    assert_eq!(live.ok_actions(), turned);
    assert_eq!(live.insufficient_data_actions(), turned);
}

#[tokio::test]
async fn an_update_keeps_state_and_tags() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let name = world.id("cpu").await;
    let call = aws.cloudwatch().set_alarm_state().alarm_name(&name);
    call.state_value(StateValue::Alarm).state_reason("test").send().await.unwrap();
    world.updates(program(Wanted { threshold: 90.0, ..FIRST }), "cpu", &["threshold"]).await;
    let live = metric_alarm(&aws, &name).await.unwrap();
    assert_eq!(live.state_value, Some(StateValue::Alarm));
    assert_eq!(tags(&aws, live.alarm_arn().unwrap()).await["owner"], "anna");
}

#[tokio::test]
async fn another_name_is_another_alarm() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let wanted = Wanted { name: Some("shop/cpu"), ..FIRST };
    let (old, new) = world.replaces(program(wanted), "cpu", &["alarm_name"]).await;
    assert!(metric_alarm(&aws, &old).await.is_none());
    assert_eq!(new, "shop/cpu");
    assert!(metric_alarm(&aws, &new).await.is_some());
}

#[tokio::test]
async fn a_foreign_alarm_is_not_overwritten() {
    let world = World::new().await;
    let aws = world.aws().await;
    let call = aws.cloudwatch().put_metric_alarm().alarm_name("cpu").threshold(1.0);
    let call = call.comparison_operator(ComparisonOperator::LessThanThreshold);
    call.evaluation_periods(1).send().await.unwrap();
    let wanted = Wanted { name: Some("cpu"), ..FIRST };
    let (_, report) = world.try_up(program(wanted)).await.unwrap();
    let message = &report.failures[0].error.message;
    assert!(message.contains("not ours"), "{message}");
    assert_eq!(metric_alarm(&aws, "cpu").await.unwrap().threshold, Some(1.0));
    // Nor a composite one, which has the same names.
    let call = aws.cloudwatch().put_composite_alarm().alarm_name("any").alarm_rule("TRUE");
    call.send().await.unwrap();
    let (_, report) = world.try_up(program(Wanted { name: Some("any"), ..FIRST })).await.unwrap();
    assert!(report.failures[0].error.message.contains("not ours"));
}

#[tokio::test]
async fn many_are_read_in_few_calls() {
    let world = World::new().await;
    let many = |stack: &Stack| {
        for n in 0..120 {
            let alarm = Alarm::builder().metric_name("m").namespace("Shop").period(60);
            let alarm = alarm.statistic("Sum").threshold(1.0).evaluation_periods(1);
            let alarm = alarm.comparison_operator("GreaterThanThreshold");
            stack.add(&format!("alarm-{n}"), alarm);
        }
    };
    world.up(many).await;
    world.account.reset_calls().await.unwrap();
    world.plan(many).await;
    assert_eq!(world.count("monitoring:DescribeAlarms").await, 2);
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "cpu", "monitoring:PutMetricAlarm").await;
    let chosen = Wanted { name: Some("cpu"), ..FIRST };
    World::new().await.finds(program(chosen), "cpu", "monitoring:PutMetricAlarm").await;
}

#[tokio::test]
async fn an_update_that_was_cut_off_is_finished() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let wanted = Wanted { threshold: 90.0, ..FIRST };
    world.killed(program(wanted), "cpu", 1).await;
    world.up(program(wanted)).await;
    let live = metric_alarm(&aws, &world.id("cpu").await).await.unwrap();
    assert_eq!(live.threshold, Some(90.0));
    let plan = world.plan(program(FIRST)).await;
    assert_eq!(changed(&plan, "cpu"), ["threshold"].into());
}

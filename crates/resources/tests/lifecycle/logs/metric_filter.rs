//! `AWS::Logs::MetricFilter`.

use std::collections::HashMap;

use aws_sdk_cloudwatchlogs::types::{MetricFilter as SdkFilter, MetricTransformation as Sdk};
use ferrocrete_core::Stack;
use ferrocrete_resources::aws::Aws;
use ferrocrete_resources::logs::{LogGroup, MetricFilter, MetricTransformation};

use crate::world::{World, changes};

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    group: &'static str,
    name: Option<&'static str>,
    pattern: &'static str,
    metric: (&'static str, &'static str),
    value: &'static str,
    default: Option<f64>,
    dimension: Option<&'static str>,
    unit: Option<&'static str>,
    transformed: Option<bool>,
    criteria: Option<&'static str>,
    fields: Option<&'static [&'static str]>,
}

const FIRST: Wanted = Wanted {
    group: "app",
    name: None,
    pattern: "ERROR",
    metric: ("Shop", "Errors"),
    value: "1",
    default: Some(0.0),
    dimension: None,
    unit: None,
    transformed: None,
    criteria: None,
    fields: None,
};

/// Two log groups, and a filter of one.
fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let [app, other] = ["app", "other"].map(|n| stack.add(n, LogGroup::builder()));
        let group = if wanted.group == "app" { &app } else { &other };
        let transformation = MetricTransformation::builder()
            .metric_namespace(wanted.metric.0)
            .metric_name(wanted.metric.1)
            .metric_value(wanted.value)
            .maybe_default_value(wanted.default)
            .maybe_dimensions(wanted.dimension.map(|field| [("Path", field)]))
            .maybe_unit(wanted.unit);
        stack.add(
            "errors",
            MetricFilter::builder()
                .log_group_name(&group.log_group_name)
                .maybe_filter_name(wanted.name)
                .filter_pattern(wanted.pattern)
                .metric_transformations([transformation])
                .maybe_apply_on_transformed_logs(wanted.transformed)
                .maybe_field_selection_criteria(wanted.criteria)
                .maybe_emit_system_field_dimensions(wanted.fields),
        );
    }
}

async fn all(aws: &Aws, group: &str) -> Vec<SdkFilter> {
    let answer = aws.cloudwatchlogs().describe_metric_filters().log_group_name(group);
    answer.send().await.unwrap().metric_filters.unwrap_or_default()
}

/// The only filter of a group.
async fn only(aws: &Aws, group: &str) -> (SdkFilter, Sdk) {
    let all = all(aws, group).await;
    assert_eq!(all.len(), 1, "{all:?}");
    let filter = all.into_iter().next().unwrap();
    let transformation = filter.metric_transformations()[0].clone();
    (filter, transformation)
}

async fn put_by_hand(aws: &Aws, group: &str, name: &str, pattern: &str) {
    let transformation =
        Sdk::builder().metric_namespace("Shop").metric_name("Errors").metric_value("1");
    let call = aws.cloudwatchlogs().put_metric_filter().log_group_name(group);
    let call = call.filter_name(name).filter_pattern(pattern);
    let transformation = transformation.default_value(0.0).build().unwrap();
    call.metric_transformations(transformation).send().await.unwrap();
}

async fn delete_by_hand(aws: &Aws, group: &str, name: &str) {
    let call = aws.cloudwatchlogs().delete_metric_filter().log_group_name(group);
    call.filter_name(name).send().await.unwrap();
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    let made = world.up(program(FIRST)).await;
    assert!(made.contains(&"create errors".into()), "{made:?}");
    let group = world.id("app").await;
    let (filter, transformation) = only(&aws, &group).await;
    assert_eq!(filter.filter_pattern(), Some("ERROR"));
    let name = filter.filter_name().unwrap().to_owned();
    assert_eq!(world.output("errors", "filter_name").await, name);
    assert_eq!(world.id("errors").await, format!("{group}|{name}"));
    assert_eq!(transformation.metric_namespace(), "Shop");
    assert_eq!(transformation.metric_name(), "Errors");
    assert_eq!((transformation.metric_value(), transformation.default_value()), ("1", Some(0.0)));

    // Drift: somebody changes it; somebody deletes it.
    put_by_hand(&aws, &group, &name, "FATAL").await;
    world.updates(program(FIRST), "errors", &["filter_pattern"]).await;
    assert_eq!(only(&aws, &group).await.0.filter_pattern(), Some("ERROR"));
    delete_by_hand(&aws, &group, &name).await;
    assert_eq!(world.up(program(FIRST)).await, ["create errors"]);

    // Drift: somebody deletes its group.
    aws.cloudwatchlogs().delete_log_group().log_group_name(&group).send().await.unwrap();
    assert_eq!(world.up(program(FIRST)).await, ["create app", "create errors"]);
    let group = world.id("app").await;
    assert_eq!(all(&aws, &group).await.len(), 1);

    // Taken out of the program, only the filter goes.
    let bare = |stack: &Stack| {
        for name in ["app", "other"] {
            stack.add(name, LogGroup::builder());
        }
    };
    assert_eq!(world.up(bare).await, ["delete errors"]);
    assert!(all(&aws, &group).await.is_empty());
    world.up(program(FIRST)).await;
    world.account.reset_calls().await.unwrap();
    world.destroy().await;
    // AWS deletes it with its group.
    assert_eq!(world.count("logs:DeleteMetricFilter").await, 0);
    let gone = aws.cloudwatchlogs().describe_metric_filters().log_group_name(&group).send().await;
    assert!(gone.unwrap_err().into_service_error().is_resource_not_found_exception());
}

#[tokio::test]
async fn each_property_is_updated_in_place() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let group = world.id("app").await;
    let updates = async |wanted, property: &str| {
        world.updates(program(wanted), "errors", &[property]).await;
        only(&aws, &group).await
    };
    let wanted = Wanted { pattern: "{ $.status = 500 }", ..FIRST };
    let (filter, _) = updates(wanted, "filter_pattern").await;
    assert_eq!(filter.filter_pattern(), Some("{ $.status = 500 }"));
    let wanted = Wanted { pattern: "", ..wanted };
    let (filter, _) = updates(wanted, "filter_pattern").await;
    assert_eq!(filter.filter_pattern(), Some(""));
    let wanted = Wanted { metric: ("Other", "Failures"), value: "$.count", ..wanted };
    let (_, t) = updates(wanted, "metric_transformations").await;
    assert_eq!((t.metric_namespace(), t.metric_name()), ("Other", "Failures"));
    assert_eq!(t.metric_value(), "$.count");
    let wanted = Wanted { default: Some(2.5), ..wanted };
    assert_eq!(updates(wanted, "metric_transformations").await.1.default_value(), Some(2.5));
    let wanted = Wanted { default: None, dimension: Some("$.path"), ..wanted };
    let (_, t) = updates(wanted, "metric_transformations").await;
    assert_eq!(t.default_value(), None);
    assert_eq!(t.dimensions(), Some(&HashMap::from([("Path".into(), "$.path".into())])));
    let wanted = Wanted { dimension: None, ..wanted };
    let (_, t) = updates(wanted, "metric_transformations").await;
    assert!(t.dimensions().is_none_or(HashMap::is_empty));
    let wanted = Wanted { unit: Some("Milliseconds"), ..wanted };
    let (_, t) = updates(wanted, "metric_transformations").await;
    assert_eq!(t.unit().unwrap().as_str(), "Milliseconds");
    let wanted = Wanted { transformed: Some(true), ..wanted };
    assert!(updates(wanted, "apply_on_transformed_logs").await.0.apply_on_transformed_logs());
    let wanted = Wanted { transformed: None, ..wanted };
    assert!(!updates(wanted, "apply_on_transformed_logs").await.0.apply_on_transformed_logs());
    let wanted = Wanted { criteria: Some("@aws.region = \"eu-central-1\""), ..wanted };
    let (filter, _) = updates(wanted, "field_selection_criteria").await;
    assert_eq!(filter.field_selection_criteria(), wanted.criteria);
    let wanted = Wanted { criteria: None, ..wanted };
    let (filter, _) = updates(wanted, "field_selection_criteria").await;
    assert_eq!(filter.field_selection_criteria(), None);
    let wanted = Wanted { fields: Some(&["@aws.account", "@aws.region"]), ..wanted };
    let (filter, _) = updates(wanted, "emit_system_field_dimensions").await;
    assert_eq!(filter.emit_system_field_dimensions(), ["@aws.account", "@aws.region"]);
    let turned = Wanted { fields: Some(&["@aws.region", "@aws.account"]), ..wanted };
    assert_eq!(world.up(program(turned)).await, [""; 0]);
    let wanted = Wanted { fields: None, ..wanted };
    let (filter, _) = updates(wanted, "emit_system_field_dimensions").await;
    assert!(filter.emit_system_field_dimensions().is_empty());
}

#[tokio::test]
async fn another_name_or_group_is_another_filter() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let (app, other) = (world.id("app").await, world.id("other").await);
    let wanted = Wanted { name: Some("errors"), ..FIRST };
    let (_, new) = world.replaces(program(wanted), "errors", &["filter_name"]).await;
    assert_eq!(new, format!("{app}|errors"));
    assert_eq!(only(&aws, &app).await.0.filter_name(), Some("errors"));
    let wanted = Wanted { group: "other", ..wanted };
    let (_, new) = world.replaces(program(wanted), "errors", &["log_group_name"]).await;
    assert_eq!(new, format!("{other}|errors"));
    assert!(all(&aws, &app).await.is_empty());
    assert_eq!(all(&aws, &other).await.len(), 1);
}

#[tokio::test]
async fn a_longer_name_is_another_filter() {
    let world = World::new().await;
    let aws = world.aws().await;
    let wanted = Wanted { name: Some("errors"), ..FIRST };
    world.up(program(wanted)).await;
    let group = world.id("app").await;
    put_by_hand(&aws, &group, "errors-and-more", "ERROR").await;
    delete_by_hand(&aws, &group, "errors").await;
    assert_eq!(world.up(program(wanted)).await, ["create errors"]);
    assert_eq!(all(&aws, &group).await.len(), 2);
}

#[tokio::test]
async fn a_foreign_filter_is_not_overwritten() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let group = world.id("app").await;
    put_by_hand(&aws, &group, "theirs", "FATAL").await;
    let wanted = Wanted { name: Some("theirs"), ..FIRST };
    let (_, report) = world.try_up(program(wanted)).await.unwrap();
    let message = &report.failures[0].error.message;
    assert!(message.contains("not ours"), "{message}");
    let kept = all(&aws, &group).await;
    let theirs = kept.iter().find(|f| f.filter_name() == Some("theirs")).unwrap();
    assert_eq!(theirs.filter_pattern(), Some("FATAL"));
}

#[tokio::test]
async fn filters_of_a_group_are_read_in_one_call() {
    let world = World::new().await;
    let many = |stack: &Stack| {
        let group = stack.add("app", LogGroup::builder());
        for n in 0..5 {
            let transformation = MetricTransformation::builder().metric_namespace("Shop");
            let transformation = transformation.metric_name(format!("m{n}")).metric_value("1");
            let filter = MetricFilter::builder().log_group_name(&group.log_group_name);
            let filter = filter.filter_pattern("x").metric_transformations([transformation]);
            stack.add(&format!("f{n}"), filter);
        }
    };
    world.up(many).await;
    world.account.reset_calls().await.unwrap();
    assert_eq!(changes(&world.plan(many).await), [""; 0]);
    assert_eq!(world.count("logs:DescribeMetricFilters").await, 1);
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "errors", "logs:PutMetricFilter").await;
    let chosen = Wanted { name: Some("errors"), ..FIRST };
    World::new().await.finds(program(chosen), "errors", "logs:PutMetricFilter").await;
}

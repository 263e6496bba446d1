use ferrocrete_core::value::{EvalError, Scope};
use ferrocrete_core::{Secret, Urn};
use serde_json::{Value as Json, json};

use super::*;

struct Nothing;

impl Scope for Nothing {
    fn output(&self, _: &Urn, _: &str) -> Value {
        Value::Unknown
    }
}

fn eval(body: &DashboardBody) -> Result<Value, EvalError> {
    body.to_json().expr().eval(&Nothing)
}

fn json_of(body: &DashboardBody) -> Json {
    serde_json::from_str(eval(body).unwrap().as_str().unwrap()).unwrap()
}

#[test]
fn widgets_are_as_aws_writes_them() {
    let errors = GraphMetric::new("Shop", "Errors").dimension("Service", "api").id("e").hidden();
    let rate = GraphMetric::expression("100 * e").label("Errors").right_axis().color("#d62728");
    let graph = MetricWidget::new("Errors")
        .metric(errors.statistic("Sum").period(60))
        .metric(rate)
        .region("eu-central-1")
        .view("timeSeries")
        .stacked()
        .statistic("p99")
        .period(300)
        .left_axis(Some(0.0), None);
    let body = DashboardBody::new()
        .start("-PT6H")
        .period_override("inherit")
        .widget(TextWidget::new("# Shop"))
        .widget(graph)
        .widget(MetricWidget::new("CPU").alarm("arn:a"))
        .widget(AlarmWidget::new("Alarms").alarms(["arn:a", "arn:b"]));
    assert_eq!(
        json_of(&body),
        json!({"start": "-PT6H", "periodOverride": "inherit", "widgets": [
            {"type": "text", "x": 0, "y": 0, "width": 24, "height": 2,
             "properties": {"markdown": "# Shop"}},
            {"type": "metric", "x": 0, "y": 2, "width": 12, "height": 6, "properties": {
                "title": "Errors", "region": "eu-central-1", "view": "timeSeries",
                "stacked": true, "stat": "p99", "period": 300, "yAxis": {"left": {"min": 0.0}},
                "metrics": [
                    ["Shop", "Errors", "Service", "api",
                     {"id": "e", "visible": false, "stat": "Sum", "period": 60}],
                    [{"expression": "100 * e", "label": "Errors", "yAxis": "right",
                      "color": "#d62728"}],
                ]}},
            {"type": "metric", "x": 12, "y": 2, "width": 12, "height": 6, "properties": {
                "title": "CPU", "annotations": {"alarms": ["arn:a"]}}},
            {"type": "alarm", "x": 0, "y": 8, "width": 24, "height": 3, "properties": {
                "title": "Alarms", "alarms": ["arn:a", "arn:b"]}},
        ]})
    );
}

#[test]
fn widgets_flow_in_rows() {
    let place = |widget: &Json| (widget["x"].as_u64().unwrap(), widget["y"].as_u64().unwrap());
    let text = |width, height| TextWidget::new("x").size(width, height);
    let body = DashboardBody::new().widget(text(10, 3)).widget(text(10, 5)).widget(text(10, 1));
    let body = body.row().widget(text(99, 0));
    let json = json_of(&body);
    let places: Vec<_> = json["widgets"].as_array().unwrap().iter().map(place).collect();
    assert_eq!(places, [(0, 0), (10, 0), (0, 5), (0, 6)]);
    assert_eq!(
        (&json["widgets"][3]["width"], &json["widgets"][3]["height"]),
        (&24.into(), &1.into())
    );
}

#[test]
fn widgets_of_other_kinds_are_given_as_json() {
    let log = Widget::new("log", [("query", json!("SOURCE 'a'")), ("view", json!("table"))]);
    let json = json_of(&DashboardBody::new().widget(log.size(24, 6)));
    assert_eq!(json["widgets"][0]["type"], "log");
    assert_eq!(json["widgets"][0]["properties"], json!({"query": "SOURCE 'a'", "view": "table"}));
}

#[test]
fn what_is_not_known_yet_and_what_is_secret_stay_so() {
    let urn: Urn = "urn:fc:test:dev::Test::Alarm:a".parse().unwrap();
    let arn = Output::<String>::of_node(&urn, "arn");
    let body = DashboardBody::new().widget(AlarmWidget::new("Alarms").alarm(&arn));
    assert_eq!(eval(&body).unwrap(), Value::Unknown);
    let secret = Secret::new("hunter2".to_owned());
    let body = DashboardBody::new().widget(TextWidget::new(&secret));
    assert!(matches!(eval(&body).unwrap(), Value::Secret(_)));
}

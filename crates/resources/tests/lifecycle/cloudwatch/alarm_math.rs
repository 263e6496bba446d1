//! `Alarm` over several metrics.

use aws_sdk_cloudwatch::types::MetricDataQuery as SdkQuery;
use ferrocrete_core::Stack;
use ferrocrete_resources::cloudwatch::{Alarm, Metric, MetricDataQuery, MetricStat};

use super::metric_alarm;
use crate::world::World;

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    expression: &'static str,
    label: Option<&'static str>,
    stat: &'static str,
    account: Option<&'static str>,
    turned: bool,
}

const FIRST: Wanted = Wanted {
    expression: "100 * errors / requests",
    label: Some("Errors, percent"),
    stat: "Sum",
    account: None,
    turned: false,
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let metric = |id: &str, name: &str| {
            let metric = Metric::builder().namespace("Shop").metric_name(name);
            let stat = MetricStat::builder().metric(metric).period(60).stat(wanted.stat);
            let query = MetricDataQuery::builder().id(id).metric_stat(stat);
            query.return_data(false).maybe_account_id(wanted.account)
        };
        let rate = MetricDataQuery::builder().id("rate").expression(wanted.expression);
        let rate = rate.maybe_label(wanted.label);
        let (errors, requests) = (metric("errors", "Errors"), metric("requests", "Requests"));
        let alarm = Alarm::builder()
            .comparison_operator("GreaterThanThreshold")
            .threshold(5.0)
            .evaluation_periods(1);
        let metrics: ferrocrete_core::Input<Vec<MetricDataQuery>> = if wanted.turned {
            [rate.into(), errors.into(), ferrocrete_core::Input::from(requests)].into()
        } else {
            [errors.into(), requests.into(), ferrocrete_core::Input::from(rate)].into()
        };
        stack.add("rate", alarm.metrics(metrics));
    }
}

/// Compared with what an anomaly detector expects.
fn band(id: &'static str, width: i32) -> impl Fn(&Stack) {
    move |stack| {
        let metric = Metric::builder().namespace("Shop").metric_name("Requests");
        let stat = MetricStat::builder().metric(metric).period(300).stat("Sum").unit("Count");
        let metric = MetricDataQuery::builder().id("m").metric_stat(stat).return_data(true);
        let band = format!("ANOMALY_DETECTION_BAND(m, {width})");
        let band = MetricDataQuery::builder().id(id).expression(band).period(300);
        let alarm = Alarm::builder()
            .metrics([ferrocrete_core::Input::from(metric), band.return_data(true).into()])
            .threshold_metric_id(id)
            .comparison_operator("LessThanLowerOrGreaterThanUpperThreshold")
            .evaluation_periods(2);
        stack.add("band", alarm);
    }
}

fn query<'a>(all: &'a [SdkQuery], id: &str) -> &'a SdkQuery {
    all.iter().find(|q| q.id() == Some(id)).unwrap()
}

#[tokio::test]
async fn metric_math() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let name = world.id("rate").await;
    let live = async || metric_alarm(&aws, &name).await.unwrap().metrics.unwrap();
    let all = live().await;
    assert_eq!(all.len(), 3);
    let rate = query(&all, "rate");
    assert_eq!(rate.expression(), Some(FIRST.expression));
    assert_eq!(rate.label(), FIRST.label);
    let errors = query(&all, "errors");
    assert_eq!(errors.return_data, Some(false));
    let stat = errors.metric_stat().unwrap();
    assert_eq!((stat.period, stat.stat()), (Some(60), Some("Sum")));
    let metric = stat.metric().unwrap();
    assert_eq!((metric.namespace(), metric.metric_name()), (Some("Shop"), Some("Errors")));

    // Their order means nothing.
    assert_eq!(world.up(program(Wanted { turned: true, ..FIRST })).await, [""; 0]);

    let wanted = Wanted { expression: "errors / requests", ..FIRST };
    world.updates(program(wanted), "rate", &["metrics"]).await;
    assert_eq!(query(&live().await, "rate").expression(), Some("errors / requests"));
    let wanted = Wanted { label: None, ..wanted };
    world.updates(program(wanted), "rate", &["metrics"]).await;
    assert_eq!(query(&live().await, "rate").label(), None);
    let wanted = Wanted { stat: "SampleCount", ..wanted };
    world.updates(program(wanted), "rate", &["metrics"]).await;
    let all = live().await;
    let stat = query(&all, "errors").metric_stat().unwrap();
    assert_eq!(stat.stat(), Some("SampleCount"));
    let wanted = Wanted { account: Some("123456789012"), ..wanted };
    world.updates(program(wanted), "rate", &["metrics"]).await;
    assert_eq!(query(&live().await, "errors").account_id(), Some("123456789012"));
}

#[tokio::test]
async fn a_band_instead_of_a_threshold() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(band("b", 2)).await;
    let name = world.id("band").await;
    let live = metric_alarm(&aws, &name).await.unwrap();
    assert_eq!((live.threshold_metric_id(), live.threshold), (Some("b"), None));
    let all = live.metrics();
    assert_eq!(query(all, "b").period, Some(300));
    assert_eq!(query(all, "m").metric_stat().unwrap().unit().unwrap().as_str(), "Count");
    world.updates(band("b", 3), "band", &["metrics"]).await;
    let live = metric_alarm(&aws, &name).await.unwrap();
    assert_eq!(query(live.metrics(), "b").expression(), Some("ANOMALY_DETECTION_BAND(m, 3)"));
    world.updates(band("c", 3), "band", &["metrics", "threshold_metric_id"]).await;
    assert_eq!(metric_alarm(&aws, &name).await.unwrap().threshold_metric_id(), Some("c"));
}

#[tokio::test]
async fn one_metric_becomes_several() {
    let world = World::new().await;
    let aws = world.aws().await;
    let simple = |stack: &Stack| {
        let alarm = Alarm::builder().metric_name("Errors").namespace("Shop").period(60);
        let alarm = alarm.statistic("Sum").comparison_operator("GreaterThanThreshold");
        stack.add("rate", alarm.threshold(5.0).evaluation_periods(1));
    };
    world.up(simple).await;
    let name = world.id("rate").await;
    let all = ["metric_name", "namespace", "period", "statistic", "metrics"];
    world.updates(program(FIRST), "rate", &all).await;
    let live = metric_alarm(&aws, &name).await.unwrap();
    assert_eq!((live.metric_name(), live.metrics().len()), (None, 3));
    world.updates(simple, "rate", &all).await;
    let live = metric_alarm(&aws, &name).await.unwrap();
    assert_eq!((live.metric_name(), live.metrics().len()), (Some("Errors"), 0));
}

//! `AWS::ApplicationAutoScaling::ScalingPolicy`.

use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::types::{PolicyType, ScalingPolicy as SdkPolicy};
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use ferrocrete_core::error::ErrorKind;
use ferrocrete_core::{Input, Stack};
use ferrocrete_resources::applicationautoscaling::{
    CustomizedMetricSpecification, MetricDataQuery, MetricDimension, MetricStat,
    PredefinedMetricSpecification, ScalingPolicy, StepAdjustment, StepScalingPolicyConfiguration,
    TargetTrackingScalingPolicyConfiguration as Tracking,
};

use super::{DIMENSION, target};
use crate::world::{World, replacing};

const READS: &str = "DynamoDBReadCapacityUtilization";

async fn find(scaling: &Client, name: &str) -> Option<SdkPolicy> {
    let call = scaling.describe_scaling_policies().service_namespace(ServiceNamespace::Dynamodb);
    let call = call.resource_id("table/orders").policy_names(name);
    call.send().await.unwrap().scaling_policies.unwrap_or_default().into_iter().next()
}

fn tracking(name: &'static str, config: impl Into<Input<Tracking>>) -> impl Fn(&Stack) {
    let config = config.into();
    move |stack| {
        let orders = target(stack, "orders", "orders");
        let policy = ScalingPolicy::builder()
            .policy_name(name)
            .scaling_target_id(&orders.scalable_target_id)
            .policy_type("TargetTrackingScaling")
            .target_tracking_scaling_policy_configuration(config.clone());
        stack.add("it", policy);
    }
}

fn reads() -> Input<PredefinedMetricSpecification> {
    PredefinedMetricSpecification::builder().predefined_metric_type(READS).into()
}

fn at(value: f64) -> Input<Tracking> {
    Tracking::builder().target_value(value).predefined_metric_specification(reads()).into()
}

const CHANGED: [&str; 1] = ["target_tracking_scaling_policy_configuration"];

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    let scaling = aws.applicationautoscaling();
    assert_eq!(world.up(tracking("reads", at(70.0))).await, ["create orders", "create it"]);
    let made = find(scaling, "reads").await.unwrap();
    assert_eq!(world.output("it", "policy_arn").await, made.policy_arn);
    assert_eq!(world.output("it", "policy_name").await, "reads");
    let first = made.alarms()[0].alarm_arn.clone();
    assert!(world.output("it", "alarm_arns").await.contains(&first));
    let config = async || {
        let live = find(scaling, "reads").await.unwrap();
        live.target_tracking_scaling_policy_configuration.unwrap()
    };
    assert_eq!(config().await.target_value, 70.0);
    let metric = config().await.predefined_metric_specification.unwrap();
    assert_eq!(metric.predefined_metric_type.as_str(), READS);

    world.updates(tracking("reads", at(50.0)), "it", &CHANGED).await;
    assert_eq!(config().await.target_value, 50.0);
    let alarms = find(scaling, "reads").await.unwrap().alarms.unwrap();
    assert!(world.output("it", "alarm_arns").await.contains(&alarms[0].alarm_arn));
    let calm = || {
        Tracking::builder()
            .target_value(50.0)
            .predefined_metric_specification(reads())
            .scale_in_cooldown(60)
            .scale_out_cooldown(30)
            .disable_scale_in(true)
    };
    world.updates(tracking("reads", calm()), "it", &CHANGED).await;
    let now = config().await;
    assert_eq!((now.scale_in_cooldown, now.scale_out_cooldown), (Some(60), Some(30)));
    assert_eq!(now.disable_scale_in, Some(true));

    // Drift: somebody changes it, somebody deletes it.
    let put = scaling.put_scaling_policy().policy_name("reads").resource_id("table/orders");
    let put = put.service_namespace(ServiceNamespace::Dynamodb);
    let put = put.scalable_dimension(ScalableDimension::from(DIMENSION));
    let put = put.policy_type(PolicyType::TargetTrackingScaling);
    let mut other = now;
    other.target_value = 99.0;
    put.target_tracking_scaling_policy_configuration(other).send().await.unwrap();
    world.updates(tracking("reads", calm()), "it", &CHANGED).await;
    assert_eq!(config().await.target_value, 50.0);
    let delete = scaling.delete_scaling_policy().policy_name("reads").resource_id("table/orders");
    let delete = delete.service_namespace(ServiceNamespace::Dynamodb);
    let delete = delete.scalable_dimension(ScalableDimension::from(DIMENSION));
    delete.send().await.unwrap();
    assert_eq!(world.up(tracking("reads", calm())).await, ["create it"]);

    let (_, new) = world.replaces(tracking("other", calm()), "it", &["policy_name"]).await;
    assert!(new.ends_with("|other"), "{new}");
    assert!(find(scaling, "reads").await.is_none() && find(scaling, "other").await.is_some());
    // It goes without the target, and with it.
    world.up(|stack| drop(target(stack, "orders", "orders"))).await;
    assert!(find(scaling, "other").await.is_none());
    world.up(tracking("other", calm())).await;
    world.destroy().await;
    assert!(find(scaling, "other").await.is_none());
    assert_eq!(world.count("application-autoscaling:DeleteScalingPolicy").await, 3);
}

#[tokio::test]
async fn any_metric() {
    let world = World::new().await;
    let aws = world.aws().await;
    let scaling = aws.applicationautoscaling();
    let metric = CustomizedMetricSpecification::builder()
        .metric_name("Depth")
        .namespace("Shop")
        .dimensions([
            MetricDimension::builder().name("Queue").value("orders"),
            MetricDimension::builder().name("Stage").value("live"),
        ])
        .statistic("Average")
        .unit("Count");
    let config = Tracking::builder().target_value(10.0).customized_metric_specification(metric);
    world.up(tracking("depth", config)).await;
    let live = async || {
        let live = find(scaling, "depth").await.unwrap();
        let config = live.target_tracking_scaling_policy_configuration.unwrap();
        config.customized_metric_specification.unwrap()
    };
    let metric = live().await;
    assert_eq!((metric.metric_name(), metric.namespace()), (Some("Depth"), Some("Shop")));
    assert_eq!((metric.dimensions()[0].name(), metric.dimensions().len()), ("Queue", 2));
    assert_eq!((metric.statistic().unwrap().as_str(), metric.unit()), ("Average", Some("Count")));

    let stat = MetricStat::builder()
        .metric_name("Visible")
        .namespace("AWS/SQS")
        .dimensions([MetricDimension::builder().name("QueueName").value("orders")])
        .stat("Sum")
        .unit("Count");
    let counted = MetricDataQuery::builder().id("m1").metric_stat(stat).return_data(false);
    let half = MetricDataQuery::builder().id("e1").expression("m1 / 2").label("Half");
    let both: [Input<MetricDataQuery>; 2] = [counted.into(), half.return_data(true).into()];
    let metrics = CustomizedMetricSpecification::builder().metrics(both);
    let config = Tracking::builder().target_value(10.0).customized_metric_specification(metrics);
    world.updates(tracking("depth", config), "it", &CHANGED).await;
    let metrics = live().await.metrics.unwrap();
    let stat = metrics[0].metric_stat().unwrap();
    assert_eq!((stat.stat(), stat.unit()), ("Sum", Some("Count")));
    assert_eq!(stat.metric().unwrap().metric_name(), Some("Visible"));
    assert_eq!(stat.metric().unwrap().dimensions()[0].value(), "orders");
    assert_eq!(metrics[0].return_data(), Some(false));
    assert_eq!((metrics[1].expression(), metrics[1].label()), (Some("m1 / 2"), Some("Half")));
}

#[tokio::test]
async fn requests_per_target() {
    let world = World::new().await;
    let aws = world.aws().await;
    let metric = PredefinedMetricSpecification::builder()
        .predefined_metric_type("ALBRequestCountPerTarget")
        .resource_label("app/web/0123/targetgroup/web/4567");
    let config = Tracking::builder().target_value(9.0).predefined_metric_specification(metric);
    world.up(tracking("requests", config)).await;
    let live = find(aws.applicationautoscaling(), "requests").await.unwrap();
    let config = live.target_tracking_scaling_policy_configuration.unwrap();
    let metric = config.predefined_metric_specification.unwrap();
    assert_eq!(metric.resource_label(), Some("app/web/0123/targetgroup/web/4567"));
}

fn steps(kind: &'static str, by: &'static [(f64, Option<f64>, i32)]) -> impl Fn(&Stack) {
    move |stack| {
        let orders = target(stack, "orders", "orders");
        let step = |(from, to, by): &(f64, Option<f64>, i32)| {
            StepAdjustment::builder()
                .metric_interval_lower_bound(*from)
                .maybe_metric_interval_upper_bound(*to)
                .scaling_adjustment(*by)
        };
        let all: Input<Vec<StepAdjustment>> = by.iter().map(step).collect();
        let config = StepScalingPolicyConfiguration::builder()
            .adjustment_type(kind)
            .step_adjustments(all)
            .min_adjustment_magnitude(2)
            .cooldown(60)
            .metric_aggregation_type("Maximum");
        let policy = ScalingPolicy::builder()
            .scaling_target_id(&orders.scalable_target_id)
            .policy_type("StepScaling")
            .step_scaling_policy_configuration(config);
        stack.add("it", policy);
    }
}

#[tokio::test]
async fn in_steps() {
    let world = World::new().await;
    let aws = world.aws().await;
    let scaling = aws.applicationautoscaling();
    world.up(steps("PercentChangeInCapacity", &[(0.0, Some(10.0), 10), (10.0, None, 30)])).await;
    let name = world.output("it", "policy_name").await;
    let live = async || {
        let live = find(scaling, &name).await.unwrap();
        live.step_scaling_policy_configuration.unwrap()
    };
    let config = live().await;
    assert_eq!(config.adjustment_type().unwrap().as_str(), "PercentChangeInCapacity");
    assert_eq!((config.min_adjustment_magnitude, config.cooldown), (Some(2), Some(60)));
    assert_eq!(config.metric_aggregation_type().unwrap().as_str(), "Maximum");
    let first = &config.step_adjustments()[0];
    assert_eq!(first.metric_interval_lower_bound, Some(0.0));
    assert_eq!((first.metric_interval_upper_bound, first.scaling_adjustment), (Some(10.0), 10));
    assert_eq!(config.step_adjustments()[1].metric_interval_upper_bound, None);
    let changed = ["step_scaling_policy_configuration"];
    world.updates(steps("ChangeInCapacity", &[(0.0, None, 1)]), "it", &changed).await;
    assert_eq!(live().await.step_adjustments()[0].scaling_adjustment, 1);
    assert_eq!(live().await.adjustment_type().unwrap().as_str(), "ChangeInCapacity");

    let plan = world.plan(|stack| {
        let orders = target(stack, "orders", "orders");
        let policy = ScalingPolicy::builder().scaling_target_id(&orders.scalable_target_id);
        let policy = policy.policy_type("TargetTrackingScaling");
        stack.add("it", policy.target_tracking_scaling_policy_configuration(at(1.0)));
    });
    assert_eq!(replacing(&plan.await, "it"), ["policy_type"].into());
}

#[tokio::test]
async fn another_target_is_another_policy() {
    let world = World::new().await;
    let program = |carts: bool| {
        move |stack: &Stack| {
            let all = [target(stack, "orders", "orders"), target(stack, "carts", "carts")];
            let policy = ScalingPolicy::builder()
                .scaling_target_id(&all[usize::from(carts)].scalable_target_id)
                .policy_type("TargetTrackingScaling")
                .target_tracking_scaling_policy_configuration(at(70.0));
            stack.add("it", policy);
        }
    };
    world.up(program(false)).await;
    let (old, new) = world.replaces(program(true), "it", &["scaling_target_id"]).await;
    assert!(old.starts_with("table/orders|") && new.starts_with("table/carts|"));
}

#[tokio::test]
async fn is_found_again() {
    for name in ["chosen", ""] {
        let world = World::new().await;
        let program = move |stack: &Stack| {
            let orders = target(stack, "orders", "orders");
            let policy = ScalingPolicy::builder()
                .maybe_policy_name(Some(name).filter(|name| !name.is_empty()))
                .scaling_target_id(&orders.scalable_target_id)
                .policy_type("TargetTrackingScaling")
                .target_tracking_scaling_policy_configuration(at(70.0));
            stack.add("it", policy);
        };
        world.finds(program, "it", "application-autoscaling:PutScalingPolicy").await;
    }
}

#[tokio::test]
async fn one_of_that_name_that_is_not_ours_is_not_overwritten() {
    let world = World::new().await;
    let aws = world.aws().await;
    let scaling = aws.applicationautoscaling();
    world.up(|stack| drop(target(stack, "orders", "orders"))).await;
    let put = scaling.put_scaling_policy().policy_name("reads").resource_id("table/orders");
    let put = put.service_namespace(ServiceNamespace::Dynamodb);
    let put = put.scalable_dimension(ScalableDimension::from(DIMENSION));
    let put = put.policy_type(PolicyType::StepScaling);
    let config = aws_sdk_applicationautoscaling::types::StepScalingPolicyConfiguration::builder();
    put.step_scaling_policy_configuration(config.build()).send().await.unwrap();
    let (_, report) = world.try_up(tracking("reads", at(70.0))).await.unwrap();
    assert_eq!(report.failures[0].error.kind, ErrorKind::AlreadyExists);
    assert_eq!(find(scaling, "reads").await.unwrap().policy_type, PolicyType::StepScaling);
}

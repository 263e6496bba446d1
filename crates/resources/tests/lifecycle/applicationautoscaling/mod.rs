//! Application Auto Scaling.

mod scalable_target;
mod scaling_policy;
mod scheduled_action;

use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ScalableTarget, ServiceNamespace};
use ferrocrete_core::{Handle, Stack};
use ferrocrete_resources::applicationautoscaling::ScalableTarget as Target;

const DIMENSION: &str = "dynamodb:table:ReadCapacityUnits";

/// A table's reads, within these bounds.
fn target(stack: &Stack, name: &str, table: &str) -> Handle<Target> {
    let target = Target::builder().service_namespace("dynamodb").scalable_dimension(DIMENSION);
    let resource = format!("table/{table}");
    stack.add(name, target.resource_id(resource).min_capacity(1).max_capacity(4))
}

async fn live(scaling: &Client, table: &str) -> Option<ScalableTarget> {
    let call = scaling.describe_scalable_targets().service_namespace(ServiceNamespace::Dynamodb);
    let call = call.resource_ids(format!("table/{table}"));
    let call = call.scalable_dimension(ScalableDimension::from(DIMENSION));
    call.send().await.unwrap().scalable_targets.unwrap().into_iter().next()
}

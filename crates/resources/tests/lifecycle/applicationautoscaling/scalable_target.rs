//! `AWS::ApplicationAutoScaling::ScalableTarget`.

use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use ferrocrete_core::Stack;
use ferrocrete_core::error::ErrorKind;
use ferrocrete_resources::applicationautoscaling::{ScalableTarget, SuspendedState};

use super::{DIMENSION, live};
use crate::world::World;

#[derive(Clone, Default)]
struct Wanted {
    bounds: (i32, i32),
    suspended: Option<(bool, bool, bool)>,
    owner: Option<&'static str>,
}

fn wanted() -> Wanted {
    Wanted { bounds: (1, 4), suspended: None, owner: Some("anna") }
}

fn program(table: &'static str, wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let target = ScalableTarget::builder()
            .service_namespace("dynamodb")
            .resource_id(format!("table/{table}"))
            .scalable_dimension(DIMENSION)
            .min_capacity(wanted.bounds.0)
            .max_capacity(wanted.bounds.1)
            .maybe_suspended_state(wanted.suspended.map(|(shrink, grow, schedule)| {
                SuspendedState::builder()
                    .dynamic_scaling_in_suspended(shrink)
                    .dynamic_scaling_out_suspended(grow)
                    .scheduled_scaling_suspended(schedule)
            }))
            .maybe_tags(wanted.owner.map(|owner| [("owner", owner)]));
        stack.add("it", target);
    }
}

async fn tag(scaling: &Client, arn: &str, key: &str) -> Option<String> {
    let call = scaling.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    call.tags.unwrap_or_default().remove(key)
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    let scaling = aws.applicationautoscaling();
    assert_eq!(world.up(program("orders", wanted())).await, ["create it"]);
    let id = world.id("it").await;
    assert_eq!(id, format!("table/orders|{DIMENSION}|dynamodb"));
    assert_eq!(world.output("it", "scalable_target_id").await, id);
    let made = live(scaling, "orders").await.unwrap();
    assert_eq!((made.min_capacity, made.max_capacity), (1, 4));
    let arn = made.scalable_target_arn.unwrap();
    assert_eq!(world.output("it", "scalable_target_arn").await, arn);
    assert_eq!(tag(scaling, &arn, "owner").await.as_deref(), Some("anna"));

    let to = |wanted: Wanted| program("orders", wanted);
    let bounds = Wanted { bounds: (2, 4), ..wanted() };
    world.updates(to(bounds), "it", &["min_capacity"]).await;
    let bounds = Wanted { bounds: (2, 8), ..wanted() };
    world.updates(to(bounds.clone()), "it", &["max_capacity"]).await;
    let now = live(scaling, "orders").await.unwrap();
    assert_eq!((now.min_capacity, now.max_capacity), (2, 8));
    let state = async || {
        let s = live(scaling, "orders").await.unwrap().suspended_state.unwrap();
        [s.dynamic_scaling_in_suspended, s.dynamic_scaling_out_suspended, {
            s.scheduled_scaling_suspended
        }]
    };
    for suspended in [(true, false, false), (false, true, false), (true, false, true)] {
        let wanted = Wanted { suspended: Some(suspended), ..bounds.clone() };
        world.updates(to(wanted), "it", &["suspended_state"]).await;
        let (shrink, grow, schedule) = suspended;
        assert_eq!(state().await, [Some(shrink), Some(grow), Some(schedule)]);
    }
    // Taken out of the program, it stays as it is.
    assert_eq!(world.up(to(bounds.clone())).await, [""; 0]);
    let ben = Wanted { owner: Some("ben"), ..bounds };
    world.updates(to(ben.clone()), "it", &["tags"]).await;
    assert_eq!(tag(scaling, &arn, "owner").await.as_deref(), Some("ben"));
    scaling.tag_resource().resource_arn(&arn).tags("cost", "7").send().await.unwrap();
    let nobody = Wanted { owner: None, ..ben };
    world.updates(to(nobody.clone()), "it", &["tags"]).await;
    assert_eq!(tag(scaling, &arn, "owner").await, None);
    assert_eq!(tag(scaling, &arn, "cost").await.as_deref(), Some("7"));

    // Drift: somebody changes a bound, and then everything.
    let call = || {
        let call = scaling.register_scalable_target().resource_id("table/orders");
        let call = call.service_namespace(ServiceNamespace::Dynamodb);
        call.scalable_dimension(ScalableDimension::from(DIMENSION))
    };
    call().max_capacity(9).send().await.unwrap();
    world.updates(to(nobody.clone()), "it", &["max_capacity"]).await;
    assert_eq!(live(scaling, "orders").await.unwrap().max_capacity, 8);
    let gone = scaling.deregister_scalable_target().resource_id("table/orders");
    let gone = gone.service_namespace(ServiceNamespace::Dynamodb);
    gone.scalable_dimension(ScalableDimension::from(DIMENSION)).send().await.unwrap();
    assert_eq!(world.up(to(nobody)).await, ["create it"]);
    world.destroy().await;
    assert!(live(scaling, "orders").await.is_none());
}

#[tokio::test]
async fn another_resource_is_another_target() {
    let world = World::new().await;
    let aws = world.aws().await;
    let scaling = aws.applicationautoscaling();
    world.up(program("orders", wanted())).await;
    world.replaces(program("carts", wanted()), "it", &["resource_id"]).await;
    assert!(live(scaling, "orders").await.is_none() && live(scaling, "carts").await.is_some());
    for (namespace, dimension, property) in [
        ("ecs", DIMENSION, "service_namespace"),
        ("dynamodb", "dynamodb:table:WriteCapacityUnits", "scalable_dimension"),
    ] {
        let plan = world.plan(|stack| {
            let target = ScalableTarget::builder().service_namespace(namespace);
            let target = target.resource_id("table/carts").scalable_dimension(dimension);
            let target = target.min_capacity(1).max_capacity(4).tags([("owner", "anna")]);
            stack.add("it", target);
        });
        let plan = plan.await;
        assert_eq!(crate::world::replacing(&plan, "it"), [property].into());
    }
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let program = program("orders", wanted());
    world.finds(program, "it", "application-autoscaling:RegisterScalableTarget").await;
}

#[tokio::test]
async fn one_that_is_not_ours_is_not_adopted() {
    let world = World::new().await;
    let aws = world.aws().await;
    let scaling = aws.applicationautoscaling();
    let call = scaling.register_scalable_target().service_namespace(ServiceNamespace::Dynamodb);
    let call = call.resource_id("table/orders").min_capacity(5).max_capacity(6);
    let call = call.scalable_dimension(ScalableDimension::from(DIMENSION));
    call.send().await.unwrap();
    let (_, report) = world.try_up(program("orders", wanted())).await.unwrap();
    assert_eq!(report.failures[0].error.kind, ErrorKind::AlreadyExists);
    assert_eq!(live(scaling, "orders").await.unwrap().min_capacity, 5);
}

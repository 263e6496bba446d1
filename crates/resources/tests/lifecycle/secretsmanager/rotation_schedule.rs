//! `AWS::SecretsManager::RotationSchedule`.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::types::RotationRulesType;
use ferrocrete_core::Stack;
use ferrocrete_resources::secretsmanager::{RotationRules, RotationSchedule};

use super::{described, empty};
use crate::world::World;

#[derive(Clone, Copy)]
struct Wanted {
    on: &'static str,
    lambda: Option<&'static str>,
    days: Option<i64>,
    expression: Option<&'static str>,
    duration: Option<&'static str>,
    at_once: Option<bool>,
}

const ONE: Option<&str> = Some("arn:aws:lambda:eu-central-1:123456789012:function:one");
const TWO: Option<&str> = Some("arn:aws:lambda:eu-central-1:123456789012:function:two");
const FIRST: Wanted = Wanted {
    on: "a",
    lambda: ONE,
    days: Some(30),
    expression: None,
    duration: None,
    at_once: Some(false),
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let [a, b] = ["a", "b"].map(|name| empty(stack, name));
        let secret = if wanted.on == "a" { &a } else { &b };
        let rules = RotationRules::builder()
            .maybe_automatically_after_days(wanted.days)
            .maybe_schedule_expression(wanted.expression)
            .maybe_duration(wanted.duration);
        stack.add(
            "schedule",
            RotationSchedule::builder()
                .secret_id(&secret.secret_arn)
                .maybe_rotation_lambda_arn(wanted.lambda)
                .rotation_rules(rules)
                .maybe_rotate_immediately_on_update(wanted.at_once),
        );
    }
}

fn secrets_alone(stack: &Stack) {
    drop(["a", "b"].map(|name| empty(stack, name)));
}

/// The schedule of a secret that rotates.
async fn rules(client: &Client, id: &str) -> Option<RotationRulesType> {
    let secret = described(client, id).await.unwrap();
    secret.rotation_rules.filter(|_| secret.rotation_enabled == Some(true))
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    world.up(program(FIRST)).await;
    let arn = world.id("a").await;
    assert_eq!(world.id("schedule").await, arn);
    assert_eq!(world.output("schedule", "secret_arn").await, arn);
    assert_eq!(rules(&client, &arn).await.unwrap().automatically_after_days(), Some(30));
    let secret = described(&client, &arn).await.unwrap();
    assert_eq!(secret.rotation_lambda_arn(), ONE);
    assert!(secret.last_rotated_date().is_none(), "not at once");

    let wanted = Wanted { lambda: TWO, ..FIRST };
    world.updates(program(wanted), "schedule", &["rotation_lambda_arn"]).await;
    assert_eq!(described(&client, &arn).await.unwrap().rotation_lambda_arn(), TWO);
    let wanted = Wanted { days: Some(7), ..wanted };
    world.updates(program(wanted), "schedule", &["rotation_rules"]).await;
    assert_eq!(rules(&client, &arn).await.unwrap().automatically_after_days(), Some(7));
    let wanted = Wanted { days: None, expression: Some("rate(4 hours)"), ..wanted };
    world.updates(program(wanted), "schedule", &["rotation_rules"]).await;
    assert_eq!(rules(&client, &arn).await.unwrap().schedule_expression(), Some("rate(4 hours)"));
    let wanted = Wanted { duration: Some("2h"), ..wanted };
    world.updates(program(wanted), "schedule", &["rotation_rules"]).await;
    assert_eq!(rules(&client, &arn).await.unwrap().duration(), Some("2h"));
    // What only a change needs costs no call.
    let calls = world.count("secretsmanager:RotateSecret").await;
    let wanted = Wanted { at_once: Some(true), ..wanted };
    world.updates(program(wanted), "schedule", &["rotate_immediately_on_update"]).await;
    assert_eq!(world.count("secretsmanager:RotateSecret").await, calls);
    let wanted = Wanted { duration: Some("3h"), ..wanted };
    world.updates(program(wanted), "schedule", &["rotation_rules"]).await;
    assert!(described(&client, &arn).await.unwrap().last_rotated_date().is_some(), "at once");

    // Drift: somebody changes it; somebody stops it.
    let daily = RotationRulesType::builder().automatically_after_days(1).build();
    client.rotate_secret().secret_id(&arn).rotation_rules(daily).send().await.unwrap();
    world.updates(program(wanted), "schedule", &["rotation_rules"]).await;
    assert_eq!(rules(&client, &arn).await.unwrap().duration(), Some("3h"));
    client.cancel_rotate_secret().secret_id(&arn).send().await.unwrap();
    assert_eq!(world.up(program(wanted)).await, ["create schedule"]);

    let elsewhere = Wanted { on: "b", ..wanted };
    let (old, new) = world.replaces(program(elsewhere), "schedule", &["secret_id"]).await;
    assert!(rules(&client, &old).await.is_none() && rules(&client, &new).await.is_some());
    assert_eq!(world.up(secrets_alone).await, ["delete schedule"]);
    assert!(rules(&client, &new).await.is_none());
}

#[tokio::test]
async fn it_goes_without_a_call_when_its_secret_goes() {
    let world = World::new().await;
    world.up(program(FIRST)).await;
    world.destroy().await;
    assert_eq!(world.count("secretsmanager:CancelRotateSecret").await, 0);
}

#[tokio::test]
async fn bad_rules_are_one_clear_error() {
    for expression in [None, Some("rate(4 hours)")] {
        let world = World::new().await;
        let days = expression.map(|_| 7);
        let wanted = Wanted { days, expression, ..FIRST };
        let text = world.plan_error(program(wanted)).await;
        assert!(text.contains("automatically_after_days") && text.contains("give"), "{text}");
    }
}

#[tokio::test]
async fn a_foreign_schedule_is_not_overwritten() {
    let world = World::new().await;
    let client = world.aws().await.secretsmanager().clone();
    world.up(secrets_alone).await;
    let arn = world.id("a").await;
    let daily = RotationRulesType::builder().automatically_after_days(1).build();
    let call = client.rotate_secret().secret_id(&arn).rotation_rules(daily);
    call.set_rotation_lambda_arn(ONE.map(str::to_owned)).send().await.unwrap();
    let (_, report) = world.try_up(program(FIRST)).await.unwrap();
    assert!(report.failures[0].error.message.contains("not ours"));
    assert_eq!(rules(&client, &arn).await.unwrap().automatically_after_days(), Some(1));
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "schedule", "secretsmanager:RotateSecret").await;
}

//! `AWS::CloudWatch::CompositeAlarm`.

use ferrocrete_core::{Stack, interpolate};
use ferrocrete_resources::cloudwatch::{Alarm, CompositeAlarm};

use super::{composite_alarm, delete_alarm, tag_by_hand, tags};
use crate::world::World;

/// What the tests change.
#[derive(Clone, Copy)]
struct Wanted {
    name: Option<&'static str>,
    description: Option<&'static str>,
    word: &'static str,
    enabled: Option<bool>,
    alarm: &'static [&'static str],
    ok: &'static [&'static str],
    insufficient: &'static [&'static str],
    suppressor: Option<(i32, i32)>,
    owner: Option<&'static str>,
}

const FIRST: Wanted = Wanted {
    name: None,
    description: Some("The shop is ill"),
    word: "OR",
    enabled: None,
    alarm: &["arn:aws:sns:eu-central-1:1:a"],
    ok: &[],
    insufficient: &[],
    suppressor: None,
    owner: Some("anna"),
};

/// Two alarms, and one about both.
fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let [a, b] = ["a", "b"].map(|name| {
            let alarm = Alarm::builder().metric_name(name).namespace("Shop").period(60);
            let alarm = alarm.statistic("Sum").comparison_operator("GreaterThanThreshold");
            stack.add(name, alarm.threshold(5.0).evaluation_periods(1))
        });
        let rule =
            interpolate!("ALARM({}) {} ALARM({})", &a.alarm_name, wanted.word, &b.alarm_name);
        let alarm = CompositeAlarm::builder()
            .maybe_alarm_name(wanted.name)
            .maybe_alarm_description(wanted.description)
            .alarm_rule(rule)
            .maybe_actions_enabled(wanted.enabled)
            .alarm_actions(wanted.alarm)
            .ok_actions(wanted.ok)
            .insufficient_data_actions(wanted.insufficient)
            .maybe_actions_suppressor(wanted.suppressor.map(|_| &a.arn))
            .maybe_actions_suppressor_wait_period(wanted.suppressor.map(|s| s.0))
            .maybe_actions_suppressor_extension_period(wanted.suppressor.map(|s| s.1))
            .maybe_tags(wanted.owner.map(|o| [("owner", o)]));
        stack.add("any", alarm);
    }
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let aws = world.aws().await;
    let made = world.up(program(FIRST)).await;
    assert_eq!((made.len(), made[2].as_str()), (3, "create any"));
    let name = world.id("any").await;
    let live = async || composite_alarm(&aws, &name).await.unwrap();
    let (a, b) = (world.id("a").await, world.id("b").await);
    let alarm = live().await;
    assert_eq!(alarm.alarm_rule(), Some(format!("ALARM({a}) OR ALARM({b})").as_str()));
    assert_eq!(alarm.alarm_description(), Some("The shop is ill"));
    assert_eq!(alarm.alarm_actions(), FIRST.alarm);
    assert_eq!(alarm.actions_enabled, Some(true));
    let arn = world.output("any", "arn").await;
    assert_eq!(alarm.alarm_arn(), Some(arn.as_str()));
    assert_eq!(tags(&aws, &arn).await["owner"], "anna");

    tag_by_hand(&aws, &arn, "cost", "7").await;
    let wanted = Wanted { owner: Some("ben"), ..FIRST };
    world.updates(program(wanted), "any", &["tags"]).await;
    assert_eq!(tags(&aws, &arn).await["owner"], "ben");
    let wanted = Wanted { owner: None, ..FIRST };
    world.updates(program(wanted), "any", &["tags"]).await;
    let now = tags(&aws, &arn).await;
    assert_eq!((now.get("owner"), now["cost"].as_str()), (None, "7"));

    // Drift: somebody changes the rule; somebody deletes it.
    let call = aws.cloudwatch().put_composite_alarm().alarm_name(&name).alarm_rule("FALSE");
    let call = call.alarm_description("The shop is ill");
    call.alarm_actions(FIRST.alarm[0]).send().await.unwrap();
    world.updates(program(wanted), "any", &["alarm_rule"]).await;
    assert_eq!(live().await.alarm_rule(), Some(format!("ALARM({a}) OR ALARM({b})").as_str()));
    delete_alarm(&aws, &name).await;
    assert_eq!(world.up(program(wanted)).await, ["create any"]);

    world.destroy().await;
    assert!(composite_alarm(&aws, &name).await.is_none());
}

#[tokio::test]
async fn each_property_is_updated_in_place() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let name = world.id("any").await;
    let live = async || composite_alarm(&aws, &name).await.unwrap();
    let updates = async |wanted, property: &str| {
        world.updates(program(wanted), "any", &[property]).await;
    };
    let (a, b) = (world.id("a").await, world.id("b").await);

    let wanted = Wanted { word: "AND", ..FIRST };
    updates(wanted, "alarm_rule").await;
    assert_eq!(live().await.alarm_rule(), Some(format!("ALARM({a}) AND ALARM({b})").as_str()));
    let wanted = Wanted { description: None, ..wanted };
    updates(wanted, "alarm_description").await;
    assert_eq!(live().await.alarm_description(), None);
    let wanted = Wanted { enabled: Some(false), ..wanted };
    updates(wanted, "actions_enabled").await;
    assert_eq!(live().await.actions_enabled, Some(false));
    let wanted = Wanted { enabled: None, ..wanted };
    updates(wanted, "actions_enabled").await;
    assert_eq!(live().await.actions_enabled, Some(true));
    let wanted = Wanted { alarm: &[], ..wanted };
    updates(wanted, "alarm_actions").await;
    assert!(live().await.alarm_actions().is_empty());
    let wanted = Wanted { ok: FIRST.alarm, ..wanted };
    updates(wanted, "ok_actions").await;
    assert_eq!(live().await.ok_actions(), FIRST.alarm);
    let wanted = Wanted { insufficient: FIRST.alarm, ..wanted };
    updates(wanted, "insufficient_data_actions").await;
    assert_eq!(live().await.insufficient_data_actions(), FIRST.alarm);

    let suppressor = [
        "actions_suppressor",
        "actions_suppressor_wait_period",
        "actions_suppressor_extension_period",
    ];
    let wanted = Wanted { suppressor: Some((60, 120)), ..wanted };
    world.updates(program(wanted), "any", &suppressor).await;
    let alarm = live().await;
    assert_eq!(alarm.actions_suppressor(), Some(world.output("a", "arn").await.as_str()));
    assert_eq!(alarm.actions_suppressor_wait_period, Some(60));
    assert_eq!(alarm.actions_suppressor_extension_period, Some(120));
    let wanted = Wanted { suppressor: Some((30, 120)), ..wanted };
    updates(wanted, "actions_suppressor_wait_period").await;
    assert_eq!(live().await.actions_suppressor_wait_period, Some(30));
    let wanted = Wanted { suppressor: None, ..wanted };
    world.updates(program(wanted), "any", &suppressor).await;
    assert_eq!(live().await.actions_suppressor(), None);
}

#[tokio::test]
async fn another_name_is_another_alarm() {
    let world = World::new().await;
    let aws = world.aws().await;
    world.up(program(FIRST)).await;
    let wanted = Wanted { name: Some("shop-ill"), ..FIRST };
    let (old, new) = world.replaces(program(wanted), "any", &["alarm_name"]).await;
    assert!(composite_alarm(&aws, &old).await.is_none());
    assert_eq!(new, "shop-ill");
    assert!(composite_alarm(&aws, &new).await.is_some());
}

#[tokio::test]
async fn a_foreign_alarm_is_not_overwritten() {
    let world = World::new().await;
    let aws = world.aws().await;
    let call = aws.cloudwatch().put_composite_alarm().alarm_name("any").alarm_rule("TRUE");
    call.send().await.unwrap();
    let wanted = Wanted { name: Some("any"), ..FIRST };
    let (_, report) = world.try_up(program(wanted)).await.unwrap();
    let message = &report.failures[0].error.message;
    assert!(message.contains("not ours"), "{message}");
    assert_eq!(composite_alarm(&aws, "any").await.unwrap().alarm_rule(), Some("TRUE"));
}

#[tokio::test]
async fn is_found_again() {
    World::new().await.finds(program(FIRST), "any", "monitoring:PutCompositeAlarm").await;
    let chosen = Wanted { name: Some("any"), ..FIRST };
    World::new().await.finds(program(chosen), "any", "monitoring:PutCompositeAlarm").await;
}

/// AWS wants the alarms of a rule to be there first, and deletes none while a rule names it.
#[tokio::test]
async fn alarms_that_a_rule_names_in_plain_text_are_there_first_and_go_last() {
    let world = World::new().await;
    let program = |rule: &'static str, names: &'static [&'static str]| {
        move |stack: &Stack| {
            // Declared before the alarms that it names.
            stack.add("any", CompositeAlarm::builder().alarm_name("any").alarm_rule(rule));
            for name in names {
                let alarm = Alarm::builder().metric_name("m").namespace("Shop").period(60);
                let alarm = alarm.statistic("Sum").comparison_operator("GreaterThanThreshold");
                let alarm = alarm.alarm_name(*name).threshold(5.0).evaluation_periods(1);
                stack.add(name, alarm);
            }
        }
    };
    let both = "ALARM(\"shop-a\") OR NOT OK (shop-b)";
    world.up(program(both, &["shop-a", "shop-b"])).await;
    assert_eq!(world.count("monitoring:PutCompositeAlarm").await, 1);
    // One goes: the rule lets go of it first.
    world.up(program("ALARM(shop-b)", &["shop-b"])).await;
    assert_eq!(world.count("monitoring:DeleteAlarms").await, 1);
    world.destroy().await;
    assert_eq!(world.count("monitoring:DeleteAlarms").await, 3, "none is refused");
}

//! `AWS::RDS::DBInstance`: what is left of it, and the key of Performance Insights.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::{DbInstance as SdkInstance, DbSnapshot};
use ferrocrete_core::{Secret, Stack};
use ferrocrete_resources::kms::Key;
use ferrocrete_resources::rds::DbInstance;

use crate::world::World;

#[derive(Clone, Copy, Default)]
struct Wanted {
    last: Option<&'static str>,
    skip: Option<bool>,
    copy_tags: bool,
    insights: bool,
    key: Option<&'static str>,
}

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let keys = ["one", "two"].map(|name| (name, stack.add(name, Key::builder())));
        let key = |name| &keys.iter().find(|(n, _)| *n == name).unwrap().1.arn;
        stack.add(
            "db",
            DbInstance::builder()
                .db_instance_identifier("main")
                .engine("postgres")
                .db_instance_class("db.t3.micro")
                .allocated_storage(20)
                .master_username("app")
                .master_user_password(Secret::new("plain-one-7c1d".to_owned()))
                .enable_performance_insights(wanted.insights)
                .maybe_performance_insights_kms_key_id(wanted.key.map(key))
                .maybe_skip_final_snapshot(wanted.skip)
                .maybe_final_db_snapshot_identifier(wanted.last)
                .copy_tags_to_snapshot(wanted.copy_tags)
                .tags([("owner", "anna")]),
        );
    }
}

async fn live(rds: &Client) -> Option<SdkInstance> {
    rds.describe_db_instances().send().await.unwrap().db_instances.unwrap().pop()
}

/// The snapshots that a delete made.
async fn last(rds: &Client) -> Vec<DbSnapshot> {
    let call = rds.describe_db_snapshots().snapshot_type("manual");
    call.send().await.unwrap().db_snapshots.unwrap()
}

#[tokio::test]
async fn each_destroy_leaves_a_snapshot_of_its_own() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    let wanted = Wanted { copy_tags: true, ..Wanted::default() };
    for round in 1..=2 {
        world.up(program(wanted)).await;
        world.destroy().await;
        assert!(live(&rds).await.is_none());
        let snapshots = last(&rds).await;
        assert_eq!(snapshots.len(), round);
        for snapshot in snapshots {
            let name = snapshot.db_snapshot_identifier().unwrap();
            assert!(name.starts_with("main-final-"), "{name}");
            let tags = snapshot.tag_list();
            assert!(tags.iter().any(|t| (t.key(), t.value()) == (Some("owner"), Some("anna"))));
        }
    }
    world.up(program(Wanted { skip: Some(true), ..wanted })).await;
    world.destroy().await;
    assert_eq!(last(&rds).await.len(), 2, "declined");
}

#[tokio::test]
async fn a_snapshots_name_that_is_taken_is_one_clear_error() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    let wanted = Wanted { last: Some("the-last"), ..Wanted::default() };
    world.up(program(wanted)).await;
    world.destroy().await;
    world.up(program(wanted)).await;
    let (_, report) = world.try_up(|_: &Stack| {}).await.unwrap();
    let failure = report.failures.iter().find(|f| f.urn.name() == "db").unwrap();
    let text = &failure.error.message;
    assert!(text.contains("another `final_db_snapshot_identifier` or none"), "{text}");
    assert!(live(&rds).await.is_some(), "nothing is lost");
    world.up(program(Wanted { last: Some("the-very-last"), ..wanted })).await;
    world.destroy().await;
    let names: Vec<_> = last(&rds).await.iter().map(|s| s.db_snapshot_identifier.clone()).collect();
    assert!(names.contains(&Some("the-very-last".into())) && names.len() == 2, "{names:?}");
}

#[tokio::test]
async fn a_delete_that_was_cut_off_leaves_one_snapshot() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(Wanted::default())).await;
    // Killed before it is recorded that the database is gone, or even that it goes.
    world.killed(|_: &Stack| {}, "db", 1).await;
    world.destroy().await;
    assert!(live(&rds).await.is_none());
    assert_eq!(last(&rds).await.len(), 1);
}

#[tokio::test]
async fn another_key_of_performance_insights_is_another_database() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    let wanted = Wanted { insights: true, key: Some("one"), skip: Some(true), ..Wanted::default() };
    world.up(program(wanted)).await;
    let key = async || live(&rds).await.unwrap().performance_insights_kms_key_id;
    assert_eq!(key().await, Some(world.output("one", "arn").await));
    let wanted = Wanted { key: Some("two"), ..wanted };
    world.replaces(program(wanted), "db", &["performance_insights_kms_key_id"]).await;
    assert_eq!(key().await, Some(world.output("two", "arn").await));
}

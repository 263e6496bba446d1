//! `AWS::RDS::DBInstance`: databases that come back from a snapshot or a point in time.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbInstance as SdkInstance;
use ferrocrete_core::{Secret, Stack};
use ferrocrete_resources::rds::{DbInstance, PointInTime};

use super::tag;
use crate::world::World;

#[derive(Clone, Copy, Default)]
struct Wanted {
    snapshot: Option<&'static str>,
    /// The source's name and the time, if not the latest.
    point: Option<(&'static str, Option<&'static str>)>,
    username: Option<&'static str>,
    backups: Option<i32>,
}

const SNAPSHOT: Wanted =
    Wanted { snapshot: Some("before"), point: None, username: None, backups: None };

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let password = || Secret::new("plain-one-7c1d".to_owned());
        let main = DbInstance::builder().engine("postgres").db_instance_class("db.t3.micro");
        let main = main.db_instance_identifier("main").allocated_storage(20);
        let main = main.master_username("app").db_name("app").skip_final_snapshot(true);
        let main = main.maybe_backup_retention_period(wanted.backups);
        let main = stack.add("main", main.master_user_password(password()));
        if wanted.snapshot.is_none() && wanted.point.is_none() && wanted.username.is_none() {
            return;
        }
        let point = wanted.point.map(|(source, time)| {
            let point = PointInTime::builder().maybe_restore_time(time);
            let point = point.maybe_use_latest_restorable_time(time.is_none().then_some(true));
            let by_name = source == "main";
            let id = main.dbi_resource_id.map(|id: Option<String>| id.unwrap_or_default());
            point
                .maybe_source_db_instance_identifier(
                    by_name.then_some(&main.db_instance_identifier),
                )
                .maybe_source_dbi_resource_id((!by_name).then_some(id))
        });
        stack.add(
            "back",
            DbInstance::builder()
                .maybe_db_snapshot_identifier(wanted.snapshot)
                .maybe_restore_to_point_in_time(point)
                .engine("postgres")
                .db_instance_class("db.t3.small")
                .allocated_storage(30)
                .maybe_master_username(wanted.username)
                .master_user_password(Secret::new("plain-two-9b2e".to_owned()))
                .backup_retention_period(5)
                .preferred_backup_window("02:00-02:30")
                .preferred_maintenance_window("sat:05:00-sat:06:00")
                .enable_performance_insights(true)
                .deletion_protection(false)
                .skip_final_snapshot(true)
                .tags([("owner", "anna")]),
        );
    }
}

/// As last declared: with nothing of where it comes from.
fn settled() -> impl Fn(&Stack) {
    let wanted = Wanted { username: Some("app"), ..Wanted::default() };
    program(wanted)
}

async fn live(rds: &Client, id: &str) -> Option<SdkInstance> {
    let all = rds.describe_db_instances().send().await.unwrap().db_instances.unwrap();
    all.into_iter().find(|db| db.db_instance_identifier() == Some(id))
}

/// A world with a database, and two snapshots of it.
async fn world() -> (World, Client) {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(Wanted::default())).await;
    for name in ["before", "after"] {
        let call = rds.create_db_snapshot().db_instance_identifier("main");
        call.db_snapshot_identifier(name).send().await.unwrap();
    }
    (world, rds)
}

async fn is_as_declared(world: &World, rds: &Client) {
    let back = live(rds, &world.id("back").await).await.unwrap();
    assert_eq!(back.db_instance_status(), Some("available"));
    assert_eq!((back.master_username(), back.db_name()), (Some("app"), Some("app")));
    assert_eq!(
        (back.db_instance_class(), back.allocated_storage()),
        (Some("db.t3.small"), Some(30))
    );
    // What the call does not take is set afterwards, and waits for no window.
    assert_eq!(back.backup_retention_period(), Some(5));
    assert_eq!(back.preferred_backup_window(), Some("02:00-02:30"));
    assert_eq!(back.preferred_maintenance_window(), Some("sat:05:00-sat:06:00"));
    assert_eq!(back.performance_insights_enabled(), Some(true));
    let arn = world.output("back", "arn").await;
    assert_eq!(tag(rds, &arn, "owner").await.as_deref(), Some("anna"));
    // The password is as declared, too: AWS tells none, so the calls are counted.
    assert_eq!(world.count("rds:ModifyDBInstance").await, 1);
    assert!(!world.stored().contains("plain-"), "no plaintext in state or journal");
}

#[tokio::test]
async fn a_snapshot_comes_back_once() {
    let (world, rds) = world().await;
    assert_eq!(world.up(program(SNAPSHOT)).await, ["create back"]);
    assert_eq!(world.count("rds:RestoreDBInstanceFromDBSnapshot").await, 1);
    is_as_declared(&world, &rds).await;
    // Where it came from counts no more; its user may be declared or not.
    assert!(world.plan(settled()).await.is_empty());
    let id = world.id("back").await;
    let other = Wanted { snapshot: Some("after"), ..SNAPSHOT };
    let (old, new) = world.replaces(program(other), "back", &["db_snapshot_identifier"]).await;
    assert_eq!(old, id);
    assert!(live(&rds, &new).await.is_some());
    world.destroy().await;
    assert!(live(&rds, &new).await.is_none());
}

#[tokio::test]
async fn a_point_in_time_comes_back_once() {
    let (world, rds) = world().await;
    let latest = Wanted { point: Some(("main", None)), ..Wanted::default() };
    assert_eq!(world.up(program(latest)).await, ["create back"]);
    assert_eq!(world.count("rds:RestoreDBInstanceToPointInTime").await, 1);
    is_as_declared(&world, &rds).await;
    assert!(world.plan(settled()).await.is_empty());
    let then = Some("2026-03-01T04:05:06Z");
    let earlier = Wanted { point: Some(("the id", then)), ..Wanted::default() };
    world.replaces(program(earlier), "back", &["restore_to_point_in_time"]).await;
    assert_eq!(world.count("rds:RestoreDBInstanceToPointInTime").await, 2);
}

#[tokio::test]
async fn a_source_without_backups_is_one_clear_error() {
    let world = World::new().await;
    let wanted = Wanted { point: Some(("main", None)), backups: Some(0), ..Wanted::default() };
    let (_, report) = world.try_up(program(wanted)).await.unwrap();
    let failure = report.failures.iter().find(|f| f.urn.name() == "back").unwrap();
    assert_eq!(failure.error.code.as_deref(), Some("PointInTimeRestoreNotEnabled"));
    assert_eq!(world.tried("rds:RestoreDBInstanceToPointInTime").await, 1);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_in_the_plan() {
    let world = World::new().await;
    let named = Wanted { username: Some("app"), ..SNAPSHOT };
    let text = world.plan_error(program(named)).await;
    assert!(text.contains("brings `master_username` with the data: leave that out"), "{text}");
    let both = Wanted { point: Some(("main", None)), ..SNAPSHOT };
    let text = world.plan_error(program(both)).await;
    assert!(text.contains("cannot stand beside `db_snapshot_identifier`"), "{text}");
    let wrong = Wanted { point: Some(("main", Some("yesterday"))), ..Wanted::default() };
    let text = world.plan_error(program(wrong)).await;
    assert!(text.contains("RFC 3339"), "{text}");
}

#[tokio::test]
async fn is_found_again() {
    let (world, rds) = world().await;
    world.finds(program(SNAPSHOT), "back", "rds:RestoreDBInstanceFromDBSnapshot").await;
    let back = live(&rds, &world.id("back").await).await.unwrap();
    assert_eq!(back.backup_retention_period(), Some(5), "what follows is made up for");
}

#[tokio::test]
async fn goes_on_after_a_kill() {
    for entries in 2..=4 {
        let (world, rds) = world().await;
        world.killed(program(SNAPSHOT), "back", entries).await;
        world.up(program(SNAPSHOT)).await;
        assert_eq!(world.count("rds:RestoreDBInstanceFromDBSnapshot").await, 1);
        let back = live(&rds, &world.id("back").await).await.unwrap();
        assert_eq!(back.backup_retention_period(), Some(5), "killed at entry {entries}");
    }
}

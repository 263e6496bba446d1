//! `AWS::RDS::DBInstance`: read replicas, their promotion, their end.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbInstance as SdkInstance;
use ferrocrete_core::{Secret, Stack};
use ferrocrete_resources::rds::DbInstance;

use super::tag;
use crate::world::{World, changes};

#[derive(Clone, Copy, Default)]
struct Wanted {
    /// Whether the copy is still one.
    alone: bool,
    other_source: bool,
    class: Option<&'static str>,
    days: Option<i32>,
    backup: Option<&'static str>,
    maintenance: Option<&'static str>,
    db_name: Option<&'static str>,
    source_days: Option<i32>,
    owner: Option<&'static str>,
    now: bool,
}

const FIRST: Wanted = Wanted {
    alone: false,
    other_source: false,
    class: None,
    days: Some(3),
    backup: Some("02:00-02:30"),
    maintenance: Some("sat:05:00-sat:06:00"),
    db_name: None,
    source_days: None,
    owner: Some("anna"),
    now: true,
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let main = |name: &str| {
            let db = DbInstance::builder().engine("postgres").db_instance_class("db.t3.micro");
            let db = db.allocated_storage(20).master_username("app").skip_final_snapshot(true);
            let db = db.maybe_backup_retention_period(wanted.source_days);
            let password = Secret::new("plain-one-7c1d".to_owned());
            stack.add(name, db.master_user_password(password))
        };
        let [main, other] = ["main", "other"].map(main);
        let source = if wanted.other_source { &other } else { &main };
        let source = (!wanted.alone).then_some(&source.db_instance_identifier);
        stack.add(
            "copy",
            DbInstance::builder()
                .maybe_source_db_instance_identifier(source)
                .engine("postgres")
                .db_instance_class(wanted.class.unwrap_or("db.t3.small"))
                .port(5433)
                .maybe_backup_retention_period(wanted.days)
                .maybe_preferred_backup_window(wanted.backup)
                .maybe_preferred_maintenance_window(wanted.maintenance)
                .maybe_db_name(wanted.db_name)
                .apply_immediately(wanted.now)
                .maybe_tags(wanted.owner.map(|o| [("owner", o)])),
        );
    }
}

async fn live(rds: &Client, id: &str) -> Option<SdkInstance> {
    let all = rds.describe_db_instances().send().await.unwrap().db_instances.unwrap();
    all.into_iter().find(|db| db.db_instance_identifier() == Some(id))
}

#[tokio::test]
async fn is_made_as_declared_and_changes_in_place() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(FIRST)).await;
    let (id, main) = (world.id("copy").await, world.id("main").await);
    let copy = live(&rds, &id).await.unwrap();
    assert_eq!(copy.db_instance_status(), Some("available"));
    assert_eq!(copy.read_replica_source_db_instance_identifier(), Some(main.as_str()));
    assert_eq!(copy.db_instance_class(), Some("db.t3.small"));
    assert_eq!(copy.endpoint().unwrap().port(), Some(5433));
    // What AWS takes only once the replica is there.
    assert_eq!(copy.backup_retention_period(), Some(3));
    assert_eq!(copy.preferred_backup_window(), Some("02:00-02:30"));
    assert_eq!(copy.preferred_maintenance_window(), Some("sat:05:00-sat:06:00"));
    let arn = world.output("copy", "arn").await;
    assert_eq!(tag(&rds, &arn, "owner").await.as_deref(), Some("anna"));
    let address = world.output("copy", "endpoint_address").await;
    assert_eq!(copy.endpoint().unwrap().address(), Some(address.as_str()));
    assert_ne!(address, world.output("main", "endpoint_address").await);

    let wanted = Wanted { class: Some("db.t3.medium"), ..FIRST };
    world.updates(program(wanted), "copy", &["db_instance_class"]).await;
    assert_eq!(live(&rds, &id).await.unwrap().db_instance_class(), Some("db.t3.medium"));
    assert_eq!(live(&rds, &main).await.unwrap().db_instance_class(), Some("db.t3.micro"));

    // No last snapshot is made of a replica, though none was declined.
    world.destroy().await;
    assert!(live(&rds, &id).await.is_none());
    assert!(rds.describe_db_snapshots().send().await.unwrap().db_snapshots().is_empty());
}

#[tokio::test]
async fn taken_out_the_source_makes_it_a_database_of_its_own() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(FIRST)).await;
    let (id, main) = (world.id("copy").await, world.id("main").await);
    let resource = world.output("copy", "dbi_resource_id").await;
    // The rest of the change waits until it is promoted.
    let wanted = Wanted { alone: true, class: Some("db.t3.large"), owner: Some("ben"), ..FIRST };
    let properties = ["db_instance_class", "source_db_instance_identifier", "tags"];
    world.updates(program(wanted), "copy", &properties).await;
    let copy = live(&rds, &id).await.unwrap();
    assert_eq!(copy.read_replica_source_db_instance_identifier(), None);
    assert_eq!(copy.dbi_resource_id(), Some(resource.as_str()), "it is the same database");
    assert_eq!(copy.db_instance_class(), Some("db.t3.large"));
    assert_eq!(copy.backup_retention_period(), Some(3));
    let arn = world.output("copy", "arn").await;
    assert_eq!(tag(&rds, &arn, "owner").await.as_deref(), Some("ben"));
    let source = live(&rds, &main).await.unwrap();
    assert!(source.read_replica_db_instance_identifiers().is_empty());
    assert_eq!(world.count("rds:PromoteReadReplica").await, 1);
    // From now on it leaves a snapshot.
    world.destroy().await;
    let snapshots = rds.describe_db_snapshots().send().await.unwrap();
    let name = snapshots.db_snapshots()[0].db_snapshot_identifier().unwrap();
    assert!(name.starts_with(&format!("{id}-final-")), "{name}");
}

#[tokio::test]
async fn what_aws_cannot_do_is_one_clear_error() {
    let world = World::new().await;
    let failure = async |wanted| {
        let (_, report) = world.try_up(program(wanted)).await.unwrap();
        let failure = report.failures.iter().find(|f| f.urn.name() == "copy").unwrap();
        failure.error.message.clone()
    };
    let text = failure(Wanted { db_name: Some("app"), ..FIRST }).await;
    assert!(text.contains("`db_name`") && text.contains("leave it out"), "{text}");
    world.up(program(FIRST)).await;
    let text = failure(Wanted { other_source: true, ..FIRST }).await;
    assert!(text.contains("what to do: add another `DbInstance`"), "{text}");
    world.up(program(Wanted { alone: true, ..FIRST })).await;
    let text = failure(FIRST).await;
    assert!(text.contains("no read replica"), "{text}");
}

#[tokio::test]
async fn a_source_without_backups_is_one_clear_error() {
    let world = World::new().await;
    let wanted = Wanted { source_days: Some(0), ..FIRST };
    let (_, report) = world.try_up(program(wanted)).await.unwrap();
    let text = &report.failures[0].error.message;
    assert!(text.contains("backup_retention_period"), "{text}");
    // At once, not after minutes of trying.
    assert_eq!(world.tried("rds:CreateDBInstanceReadReplica").await, 1);
}

#[tokio::test]
async fn a_replica_that_somebody_promoted_is_not_made_anew() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(FIRST)).await;
    let id = world.id("copy").await;
    let call = rds.promote_read_replica().db_instance_identifier(&id).backup_retention_period(3);
    call.send().await.unwrap();
    let is_copy = async || {
        let copy = live(&rds, &id).await.unwrap();
        copy.read_replica_source_db_instance_identifier().is_some()
    };
    while is_copy().await {}
    let (plan, report) = world.try_up(program(FIRST)).await.unwrap();
    assert_eq!(changes(&plan), ["update copy"]);
    assert!(report.failures[0].error.message.contains("what to do"));
    assert!(live(&rds, &id).await.is_some(), "it holds data");
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    // What a replica takes only when it is there waits for no window: nobody uses it so far.
    let later = Wanted { now: false, ..FIRST };
    world.finds(program(later), "copy", "rds:CreateDBInstanceReadReplica").await;
    let copy = live(&rds, &world.id("copy").await).await.unwrap();
    assert_eq!(copy.backup_retention_period(), Some(3), "what follows is made up for");
}

#[tokio::test]
async fn goes_on_after_a_kill() {
    for entries in 2..=4 {
        let world = World::new().await;
        let rds = world.aws().await.rds().clone();
        let later = Wanted { now: false, ..FIRST };
        world.killed(program(later), "copy", entries).await;
        world.up(program(later)).await;
        assert_eq!(world.count("rds:CreateDBInstanceReadReplica").await, 1);
        let copy = live(&rds, &world.id("copy").await).await.unwrap();
        assert_eq!(copy.backup_retention_period(), Some(3), "killed at entry {entries}");
    }
}

//! `AWS::RDS::DBInstance`: storage, port, monitoring, who keeps the password, and what AWS never
//! sees.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbInstance as SdkInstance;
use ferrocrete_core::{Secret, Stack};
use ferrocrete_resources::iam::{PolicyDocument, Role, Statement};
use ferrocrete_resources::rds::DbInstance;

use crate::world::World;

/// What the tests change; nothing is declared unless they say so.
#[derive(Clone, Default)]
struct Wanted {
    class: Option<&'static str>,
    version: Option<&'static str>,
    major: Option<bool>,
    storage: Option<i32>,
    max_storage: Option<i32>,
    storage_type: Option<&'static str>,
    iops: Option<i32>,
    throughput: Option<i32>,
    port: Option<i32>,
    window: Option<&'static str>,
    minor: Option<bool>,
    authority: Option<&'static str>,
    insights: Option<bool>,
    insights_days: Option<i32>,
    interval: Option<i32>,
    role: Option<&'static str>,
    password: Option<&'static str>,
    managed: Option<bool>,
    logs: Option<&'static [&'static str]>,
    now: Option<bool>,
    backups: Option<bool>,
    last: Option<&'static str>,
    skip: Option<bool>,
}

const PASSWORD: &str = "plain-one-7c1d";

fn first() -> Wanted {
    Wanted { password: Some(PASSWORD), skip: Some(true), now: Some(true), ..Wanted::default() }
}

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let roles = ["one", "two"].map(|name| {
            let trust = Statement::new()
                .actions(["sts:AssumeRole"])
                .principal_service("monitoring.rds.amazonaws.com");
            let trust = PolicyDocument::new().allow(trust);
            let role = stack.add(name, Role::builder().assume_role_policy_document(trust));
            (name, role.arn.clone())
        });
        let role = roles.iter().find(|(name, _)| Some(*name) == wanted.role);
        stack.add(
            "postgres",
            DbInstance::builder()
                .engine("postgres")
                .maybe_engine_version(wanted.version)
                .maybe_allow_major_version_upgrade(wanted.major)
                .db_instance_class(wanted.class.unwrap_or("db.t3.micro"))
                .allocated_storage(wanted.storage.unwrap_or(400))
                .maybe_max_allocated_storage(wanted.max_storage)
                .maybe_storage_type(wanted.storage_type)
                .maybe_iops(wanted.iops)
                .maybe_storage_throughput(wanted.throughput)
                .maybe_port(wanted.port)
                .maybe_preferred_maintenance_window(wanted.window)
                .maybe_auto_minor_version_upgrade(wanted.minor)
                .maybe_ca_certificate_identifier(wanted.authority)
                .maybe_enable_performance_insights(wanted.insights)
                .maybe_performance_insights_retention_period(wanted.insights_days)
                .maybe_monitoring_interval(wanted.interval)
                .maybe_monitoring_role_arn(role.map(|(_, arn)| arn))
                .master_username("app")
                .maybe_master_user_password(wanted.password.map(|p| Secret::new(p.to_owned())))
                .maybe_manage_master_user_password(wanted.managed)
                .maybe_enable_cloudwatch_logs_exports(wanted.logs)
                .maybe_apply_immediately(wanted.now)
                .maybe_delete_automated_backups(wanted.backups)
                .maybe_final_db_snapshot_identifier(wanted.last)
                .maybe_skip_final_snapshot(wanted.skip),
        );
    }
}

async fn live(rds: &Client) -> SdkInstance {
    let mut all = rds.describe_db_instances().send().await.unwrap().db_instances.unwrap();
    assert_eq!(all.len(), 1);
    all.pop().unwrap()
}

/// `up` that is one update of this property alone; the instance afterwards, which is the same.
async fn updated(world: &World, rds: &Client, wanted: Wanted, property: &str) -> SdkInstance {
    let before = live(rds).await;
    world.updates(program(wanted), "postgres", &[property]).await;
    let after = live(rds).await;
    assert_eq!(after.dbi_resource_id(), before.dbi_resource_id(), "{property} is changed in place");
    assert_eq!(after.db_instance_status(), Some("available"));
    after
}

#[tokio::test]
async fn storage_changes_in_place() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    let gp3 = Wanted {
        storage_type: Some("gp3"),
        iops: Some(12_000),
        throughput: Some(500),
        max_storage: Some(800),
        ..first()
    };
    world.up(program(gp3.clone())).await;
    let db = live(&rds).await;
    assert_eq!((db.storage_type(), db.iops()), (Some("gp3"), Some(12_000)));
    assert_eq!((db.storage_throughput(), db.max_allocated_storage()), (Some(500), Some(800)));

    let wanted = Wanted { iops: Some(14_000), ..gp3 };
    let db = updated(&world, &rds, wanted.clone(), "iops").await;
    assert_eq!((db.iops(), db.storage_throughput()), (Some(14_000), Some(500)));
    let wanted = Wanted { throughput: Some(600), ..wanted };
    let db = updated(&world, &rds, wanted.clone(), "storage_throughput").await;
    assert_eq!((db.iops(), db.storage_throughput()), (Some(14_000), Some(600)));
    let wanted = Wanted { max_storage: Some(1_000), ..wanted };
    let db = updated(&world, &rds, wanted.clone(), "max_allocated_storage").await;
    assert_eq!((db.max_allocated_storage(), db.allocated_storage()), (Some(1_000), Some(400)));

    // Grown by itself, as it may: neither drift nor shrunk by another change.
    let grow =
        rds.modify_db_instance().db_instance_identifier(db.db_instance_identifier().unwrap());
    grow.allocated_storage(450).apply_immediately(true).send().await.unwrap();
    assert!(world.plan(program(wanted.clone())).await.is_empty());
    let wanted = Wanted { iops: Some(15_000), ..wanted };
    let db = updated(&world, &rds, wanted.clone(), "iops").await;
    assert_eq!((db.allocated_storage(), db.iops()), (Some(450), Some(15_000)));

    let wanted = Wanted { storage: Some(500), ..wanted };
    let db = updated(&world, &rds, wanted.clone(), "allocated_storage").await;
    assert_eq!(db.allocated_storage(), Some(500));
    // Taken out: it grows no more.
    let wanted = Wanted { max_storage: None, ..wanted };
    let db = updated(&world, &rds, wanted.clone(), "max_allocated_storage").await;
    assert_eq!((db.max_allocated_storage(), db.allocated_storage()), (None, Some(500)));
    let io1 = Wanted { storage_type: Some("io1"), throughput: None, ..wanted };
    let db = updated(&world, &rds, io1, "storage_type").await;
    assert_eq!((db.storage_type(), db.iops()), (Some("io1"), Some(15_000)));
}

#[tokio::test]
async fn the_port_changes_in_place_and_at_once() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(first())).await;
    let port = async || {
        let known = world.output("postgres", "endpoint_port").await;
        (live(&rds).await.endpoint().unwrap().port().unwrap(), known)
    };
    assert_eq!(port().await, (5432, "5432".to_owned()));
    updated(&world, &rds, Wanted { port: Some(5433), ..first() }, "port").await;
    assert_eq!(port().await, (5433, "5433".to_owned()));
    // Not even when other changes are left to the maintenance window.
    let later = Wanted { now: None, ..first() };
    world.up(program(Wanted { port: Some(5433), ..later.clone() })).await;
    updated(&world, &rds, Wanted { port: Some(5434), ..later.clone() }, "port").await;
    assert_eq!(port().await, (5434, "5434".to_owned()));
    // Taking it out leaves it as it is.
    assert!(world.plan(program(later)).await.is_empty());
}

#[tokio::test]
async fn the_rest_changes_in_place() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    let start = || Wanted {
        window: Some("sun:05:00-sun:06:00"),
        minor: Some(true),
        authority: Some("rds-ca-rsa2048-g1"),
        insights: Some(true),
        insights_days: Some(7),
        interval: Some(30),
        role: Some("one"),
        logs: Some(&["postgresql", "upgrade"]),
        ..first()
    };
    world.up(program(start())).await;
    let db = live(&rds).await;
    assert_eq!(db.preferred_maintenance_window(), Some("sun:05:00-sun:06:00"));
    assert_eq!(db.auto_minor_version_upgrade(), Some(true));
    assert_eq!(db.ca_certificate_identifier(), Some("rds-ca-rsa2048-g1"));
    assert_eq!(db.performance_insights_enabled(), Some(true));
    assert_eq!(db.performance_insights_retention_period(), Some(7));
    assert_eq!(db.monitoring_interval(), Some(30));
    assert_eq!(db.monitoring_role_arn().unwrap(), world.output("one", "arn").await);

    let wanted = Wanted { window: Some("Mon:05:00-Mon:06:00"), ..start() };
    let db = updated(&world, &rds, wanted, "preferred_maintenance_window").await;
    let window = db.preferred_maintenance_window().unwrap().to_ascii_lowercase();
    assert_eq!(window, "mon:05:00-mon:06:00");
    world.up(program(start())).await;
    let wanted = Wanted { minor: Some(false), ..start() };
    let db = updated(&world, &rds, wanted, "auto_minor_version_upgrade").await;
    assert_eq!(db.auto_minor_version_upgrade(), Some(false));
    world.up(program(start())).await;
    let wanted = Wanted { authority: Some("rds-ca-ecc384-g1"), ..start() };
    let db = updated(&world, &rds, wanted, "ca_certificate_identifier").await;
    assert_eq!(db.ca_certificate_identifier(), Some("rds-ca-ecc384-g1"));
    world.up(program(start())).await;
    let wanted = Wanted { insights_days: Some(31), ..start() };
    let db = updated(&world, &rds, wanted, "performance_insights_retention_period").await;
    assert_eq!(db.performance_insights_retention_period(), Some(31));
    let off = Wanted { insights: Some(false), insights_days: None, ..start() };
    let db = updated(&world, &rds, off, "enable_performance_insights").await;
    assert_eq!(db.performance_insights_enabled(), Some(false));
    world.up(program(start())).await;
    let db = updated(&world, &rds, Wanted { interval: Some(5), ..start() }, "monitoring_interval");
    assert_eq!(db.await.monitoring_interval(), Some(5));
    world.up(program(start())).await;
    let db = updated(&world, &rds, Wanted { role: Some("two"), ..start() }, "monitoring_role_arn");
    assert_eq!(db.await.monitoring_role_arn().unwrap(), world.output("two", "arn").await);
    world.up(program(start())).await;
    let wanted = Wanted { interval: Some(0), role: None, ..start() };
    let db = updated(&world, &rds, wanted, "monitoring_interval").await;
    assert_eq!((db.monitoring_interval(), db.monitoring_role_arn()), (Some(0), None));
    world.up(program(start())).await;
    // Taken out, both are off again, as AWS has them by default.
    let unsaid =
        Wanted { interval: None, role: None, insights: None, insights_days: None, ..start() };
    let both = ["enable_performance_insights", "monitoring_interval"];
    world.updates(program(unsaid), "postgres", &both).await;
    let db = live(&rds).await;
    assert_eq!((db.monitoring_interval(), db.monitoring_role_arn()), (Some(0), None));
    assert_eq!(db.performance_insights_enabled(), Some(false));
    world.up(program(start())).await;
    let one = Wanted { logs: Some(&["upgrade"]), ..start() };
    let db = updated(&world, &rds, one, "enable_cloudwatch_logs_exports").await;
    assert_eq!(db.enabled_cloudwatch_logs_exports(), ["upgrade"]);
    let none = Wanted { logs: None, ..start() };
    let db = updated(&world, &rds, none, "enable_cloudwatch_logs_exports").await;
    assert!(db.enabled_cloudwatch_logs_exports().is_empty());
}

#[tokio::test]
async fn a_major_version_is_a_choice() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(Wanted { version: Some("16.4"), ..first() })).await;
    // Said less exactly it is the same: AWS is not asked for another minor version.
    let less = Wanted { version: Some("16"), ..first() };
    assert!(world.plan(program(less)).await.is_empty());
    // AWS upgrades by itself, which is no drift; what it runs may be declared, and no update of
    // something else asks for the old one.
    let upgrade = rds
        .modify_db_instance()
        .db_instance_identifier(live(&rds).await.db_instance_identifier().unwrap());
    upgrade.engine_version("16.6").apply_immediately(true).send().await.unwrap();
    for version in ["16.4", "16.6", "16.5"] {
        let wanted = Wanted { version: Some(version), ..first() };
        assert!(world.plan(program(wanted)).await.is_empty(), "{version}");
    }
    let other = Wanted { version: Some("16.4"), minor: Some(false), ..first() };
    updated(&world, &rds, other, "auto_minor_version_upgrade").await;
    assert_eq!(live(&rds).await.engine_version(), Some("16.6"));
    let newer = Wanted { version: Some("17"), major: Some(true), ..first() };
    let properties = ["allow_major_version_upgrade", "engine_version"];
    world.updates(program(newer.clone()), "postgres", &properties).await;
    assert_eq!(live(&rds).await.engine_version(), Some("17.2"));
    // AWS takes minor versions by itself.
    assert!(world.plan(program(newer)).await.is_empty());
}

#[tokio::test]
async fn rds_keeps_the_password_or_the_program_does() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(first())).await;
    let secret = async || {
        let live = live(&rds).await.master_user_secret.and_then(|s| s.secret_arn);
        assert_eq!(
            world.output("postgres", "master_user_secret_arn").await,
            live.clone().unwrap_or_default()
        );
        live
    };
    assert_eq!(secret().await, None);
    let managed = Wanted { managed: Some(true), password: None, ..first() };
    let both = ["manage_master_user_password", "master_user_password"];
    world.updates(program(managed), "postgres", &both).await;
    assert!(secret().await.is_some());

    // The program takes it back without having to say that RDS no longer keeps it.
    let own = Wanted { password: Some("plain-two-9b2e"), ..first() };
    world.updates(program(own), "postgres", &["master_user_password"]).await;
    assert_eq!(secret().await, None);
    assert!(!world.stored().contains("plain-"), "no plaintext in state or journal");
}

#[tokio::test]
async fn a_new_password_is_sent_and_never_shown() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(first())).await;
    updated(
        &world,
        &rds,
        Wanted { password: Some("plain-two-9b2e"), ..first() },
        "master_user_password",
    )
    .await;
    assert_eq!(world.count("rds:ModifyDBInstance").await, 1);
    // AWS tells no password, but it refuses a short one: so it is the new one that it is given.
    let short = Wanted { password: Some("plain-3"), ..first() };
    let (plan, report) = world.try_up(program(short)).await.unwrap();
    let error = &report.failures[0].error;
    assert_eq!(error.code.as_deref(), Some("InvalidParameterValue"));
    let shown = format!("{plan:?} {report:?} {error} {}", world.stored());
    assert!(!shown.contains("plain-"), "{shown}");
}

/// Class and storage that wait for the maintenance window.
fn waiting(db: &SdkInstance) -> (Option<&str>, Option<i32>) {
    let pending = db.pending_modified_values();
    (pending.and_then(|p| p.db_instance_class()), pending.and_then(|p| p.allocated_storage()))
}

#[tokio::test]
async fn changes_wait_for_the_maintenance_window_unless_they_are_wanted_now() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    let later = Wanted { now: None, ..first() };
    world.up(program(later.clone())).await;
    let bigger = Wanted { class: Some("db.t3.small"), ..later.clone() };
    // World::up asks for a second plan without changes, too: nobody waits, nothing is drift.
    let db = updated(&world, &rds, bigger.clone(), "db_instance_class").await;
    assert_eq!(db.db_instance_class(), Some("db.t3.micro"));
    assert_eq!(waiting(&db), (Some("db.t3.small"), None));
    // Another change leaves what waits where it is.
    let also = Wanted { storage: Some(500), ..bigger.clone() };
    let db = updated(&world, &rds, also.clone(), "allocated_storage").await;
    assert_eq!(db.allocated_storage(), Some(400));
    assert_eq!(waiting(&db), (Some("db.t3.small"), Some(500)));
    // Taken back before the window, it waits no more.
    let back = Wanted { class: None, ..also };
    let db = updated(&world, &rds, back.clone(), "db_instance_class").await;
    assert_eq!(waiting(&db), (None, Some(500)));
    // Now it is wanted at once.
    let now = Wanted { now: Some(true), ..back };
    let db = updated(&world, &rds, now.clone(), "apply_immediately").await;
    assert_eq!((db.allocated_storage(), waiting(&db)), (Some(500), (None, None)));
    // When nothing waits, there is nothing to ask for, and AWS would refuse to be asked.
    world.up(program(Wanted { now: None, ..now.clone() })).await;
    let before = world.tried("rds:ModifyDBInstance").await;
    updated(&world, &rds, now, "apply_immediately").await;
    assert_eq!(world.tried("rds:ModifyDBInstance").await, before);
}

#[tokio::test]
async fn what_only_a_delete_needs_costs_no_call() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(first())).await;
    let wanted = Wanted { skip: Some(false), ..first() };
    updated(&world, &rds, wanted.clone(), "skip_final_snapshot").await;
    let wanted = Wanted { backups: Some(false), ..wanted };
    updated(&world, &rds, wanted.clone(), "delete_automated_backups").await;
    let wanted = Wanted { last: Some("the-last"), ..wanted };
    updated(&world, &rds, wanted.clone(), "final_db_snapshot_identifier").await;
    updated(&world, &rds, Wanted { last: None, ..wanted }, "final_db_snapshot_identifier").await;
    assert_eq!(world.count("rds:ModifyDBInstance").await, 0);

    let id = world.id("postgres").await;
    world.destroy().await;
    let snapshots = rds.describe_db_snapshots().send().await.unwrap();
    let of = |kind: &str| -> Vec<&str> {
        let found = snapshots.db_snapshots().iter().filter(|s| s.snapshot_type() == Some(kind));
        found.filter_map(|s| s.db_snapshot_identifier()).collect()
    };
    let last = of("manual");
    assert!(last.len() == 1 && last[0].starts_with(&format!("{id}-final-")), "{last:?}");
    assert_eq!(of("automated").len(), 1, "the automated backups are kept");
}

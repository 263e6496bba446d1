//! `AWS::RDS::DBInstance`.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbInstance as SdkInstance;
use ferrocrete_core::{Secret, Stack};
use ferrocrete_resources::ec2::SecurityGroup;
use ferrocrete_resources::rds::{DbInstance, DbParameterGroup, DbSubnetGroup};

use super::{some, tag, vpc};
use crate::world::{World, changed};

#[derive(Clone)]
struct Wanted {
    class: &'static str,
    version: &'static str,
    storage: i32,
    storage_type: &'static str,
    password: &'static str,
    groups: &'static [&'static str],
    parameters: &'static str,
    retention: i32,
    window: &'static str,
    multi_az: bool,
    public: bool,
    protected: bool,
    iam: bool,
    logs: &'static [&'static str],
    copy_tags: bool,
    insights: bool,
    db_name: &'static str,
    encrypted: bool,
    owner: &'static str,
}

const FIRST: Wanted = Wanted {
    class: "db.t3.micro",
    version: "16.3",
    storage: 20,
    storage_type: "gp3",
    password: "plain-one-7c1d",
    groups: &["app"],
    parameters: "one",
    retention: 1,
    window: "03:00-04:00",
    multi_az: false,
    public: false,
    protected: false,
    iam: false,
    logs: &[],
    copy_tags: false,
    insights: false,
    db_name: "app",
    encrypted: true,
    owner: "anna",
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let vpc = vpc(stack);
        let subnets = DbSubnetGroup::builder().db_subnet_group_description("Ours");
        let subnets = stack.add("subnets", subnets.subnet_ids(some(stack, &vpc, &["a", "b"])));
        let group = || SecurityGroup::builder().group_description("Group").vpc_id(&vpc.vpc_id);
        let groups = ["app", "ops"].map(|name| (name, stack.add(name, group())));
        let groups = groups.iter().filter(|(name, _)| wanted.groups.contains(name));
        let tuned = ["one", "two"].map(|name| {
            let group = DbParameterGroup::builder().family("postgres16").description("Ours");
            (name, stack.add(name, group))
        });
        let tuned = tuned.iter().find(|(name, _)| *name == wanted.parameters).unwrap();
        stack.add(
            "postgres",
            DbInstance::builder()
                .engine("postgres")
                .engine_version(wanted.version)
                .db_instance_class(wanted.class)
                .allocated_storage(wanted.storage)
                .storage_type(wanted.storage_type)
                .storage_encrypted(wanted.encrypted)
                .db_name(wanted.db_name)
                .master_username("app")
                .master_user_password(Secret::new(wanted.password.to_owned()))
                .db_subnet_group_name(&subnets.db_subnet_group_name)
                .vpc_security_group_ids(
                    groups.map(|(_, g)| &g.group_id).collect::<ferrocrete_core::Input<_>>(),
                )
                .db_parameter_group_name(&tuned.1.db_parameter_group_name)
                .backup_retention_period(wanted.retention)
                .preferred_backup_window(wanted.window)
                .multi_az(wanted.multi_az)
                .publicly_accessible(wanted.public)
                .deletion_protection(wanted.protected)
                .enable_iam_database_authentication(wanted.iam)
                .enable_cloudwatch_logs_exports(wanted.logs)
                .copy_tags_to_snapshot(wanted.copy_tags)
                .enable_performance_insights(wanted.insights)
                .apply_immediately(true)
                .skip_final_snapshot(true)
                .tags([("owner", wanted.owner)]),
        );
    }
}

async fn live(rds: &Client, id: &str) -> Option<SdkInstance> {
    let call = rds.describe_db_instances().db_instance_identifier(id);
    call.send().await.ok()?.db_instances?.into_iter().next()
}

#[tokio::test]
async fn is_made_as_declared() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(FIRST)).await;
    let id = world.id("postgres").await;
    let db = live(&rds, &id).await.unwrap();
    assert_eq!(db.db_instance_status(), Some("available"));
    assert_eq!((db.engine(), db.engine_version()), (Some("postgres"), Some("16.3")));
    assert_eq!((db.db_name(), db.master_username()), (Some("app"), Some("app")));
    assert_eq!((db.allocated_storage(), db.storage_encrypted()), (Some(20), Some(true)));
    let subnets = db.db_subnet_group().and_then(|g| g.db_subnet_group_name()).unwrap();
    assert_eq!(subnets, world.id("subnets").await);
    let endpoint = db.endpoint().unwrap();
    assert_eq!(world.output("postgres", "endpoint_address").await, endpoint.address().unwrap());
    let arn = world.output("postgres", "arn").await;
    assert_eq!(tag(&rds, &arn, "owner").await.as_deref(), Some("anna"));
    assert!(!world.stored().contains(FIRST.password), "no plaintext in state or journal");
    world.destroy().await;
    assert!(live(&rds, &id).await.is_none());
}

#[tokio::test]
async fn changes_in_place() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(FIRST)).await;
    let id = world.id("postgres").await;
    let arn = world.output("postgres", "arn").await;
    let steps = [
        (Wanted { class: "db.t3.small", ..FIRST }, "db_instance_class"),
        (Wanted { password: "plain-two-9b2e", ..FIRST }, "master_user_password"),
        (Wanted { groups: &["app", "ops"], ..FIRST }, "vpc_security_group_ids"),
        (Wanted { parameters: "two", ..FIRST }, "db_parameter_group_name"),
        (Wanted { retention: 7, ..FIRST }, "backup_retention_period"),
        (Wanted { window: "05:00-06:00", ..FIRST }, "preferred_backup_window"),
        (Wanted { multi_az: true, ..FIRST }, "multi_az"),
        (Wanted { public: true, ..FIRST }, "publicly_accessible"),
        (Wanted { protected: true, ..FIRST }, "deletion_protection"),
        (Wanted { iam: true, ..FIRST }, "enable_iam_database_authentication"),
        (Wanted { logs: &["postgresql"], ..FIRST }, "enable_cloudwatch_logs_exports"),
        (Wanted { copy_tags: true, ..FIRST }, "copy_tags_to_snapshot"),
        (Wanted { insights: true, ..FIRST }, "enable_performance_insights"),
        (Wanted { owner: "ben", ..FIRST }, "tags"),
    ];
    for (wanted, property) in steps {
        world.updates(program(wanted.clone()), "postgres", &[property]).await;
        let db = live(&rds, &id).await.unwrap();
        assert_eq!(db.db_instance_class(), Some(wanted.class));
        assert_eq!(db.vpc_security_groups().len(), wanted.groups.len());
        let parameters = db.db_parameter_groups()[0].db_parameter_group_name().unwrap();
        assert_eq!(parameters, world.id(wanted.parameters).await);
        assert_eq!(db.backup_retention_period(), Some(wanted.retention));
        assert_eq!(db.preferred_backup_window(), Some(wanted.window));
        assert_eq!(db.multi_az(), Some(wanted.multi_az));
        assert_eq!(db.publicly_accessible(), Some(wanted.public));
        assert_eq!(db.deletion_protection(), Some(wanted.protected));
        assert_eq!(db.iam_database_authentication_enabled(), Some(wanted.iam));
        assert_eq!(db.enabled_cloudwatch_logs_exports(), wanted.logs);
        assert_eq!(db.copy_tags_to_snapshot(), Some(wanted.copy_tags));
        assert_eq!(tag(&rds, &arn, "owner").await.as_deref(), Some(wanted.owner));
        world.updates(program(FIRST), "postgres", &[property]).await;
    }
    // These only grow.
    let grown = Wanted { storage: 30, ..FIRST };
    world.updates(program(grown.clone()), "postgres", &["allocated_storage"]).await;
    let newer = Wanted { version: "16.4", ..grown };
    world.updates(program(newer.clone()), "postgres", &["engine_version"]).await;
    let db = live(&rds, &id).await.unwrap();
    assert_eq!((db.allocated_storage(), db.engine_version()), (Some(30), Some("16.4")));
    // The program that lowers it is told so; storage that grew by itself is as good as declared.
    let less = world.plan_error(program(Wanted { storage: 20, ..newer.clone() })).await;
    assert!(less.contains("`allocated_storage`: cannot go down from 30 to 20"), "{less}");
    let grow = rds.modify_db_instance().db_instance_identifier(&id).allocated_storage(40);
    grow.apply_immediately(true).send().await.unwrap();
    assert!(world.plan(program(newer.clone())).await.is_empty());
    let less = world.plan_error(program(Wanted { storage: 25, ..newer })).await;
    assert!(less.contains("from 40 to 25"), "{less}");
}

#[tokio::test]
async fn is_replaced() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(FIRST)).await;
    let plan = world.plan(program(Wanted { encrypted: false, ..FIRST })).await;
    assert_eq!(changed(&plan, "postgres"), ["storage_encrypted"].into());
    let other = Wanted { db_name: "other", ..FIRST };
    let (old, new) = world.replaces(program(other), "postgres", &["db_name"]).await;
    assert!(live(&rds, &old).await.is_none());
    assert_eq!(live(&rds, &new).await.unwrap().db_name(), Some("other"));
}

#[tokio::test]
async fn drift_is_mended() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(FIRST)).await;
    let id = world.id("postgres").await;
    let call = rds.modify_db_instance().db_instance_identifier(&id).backup_retention_period(3);
    call.apply_immediately(true).send().await.unwrap();
    world.updates(program(FIRST), "postgres", &["backup_retention_period"]).await;
    assert_eq!(live(&rds, &id).await.unwrap().backup_retention_period(), Some(1));
}

#[tokio::test]
async fn a_protected_database_refuses_to_go() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(Wanted { protected: true, ..FIRST })).await;
    let (_, report) = world.try_up(|_: &Stack| {}).await.unwrap();
    let failure = report.failures.iter().find(|f| f.urn.name() == "postgres").unwrap();
    assert!(failure.error.message.contains("deletion_protection"), "{}", failure.error.message);
    assert!(live(&rds, &world.id("postgres").await).await.is_some());
}

#[tokio::test]
async fn a_last_snapshot_is_taken_unless_declined() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    let program = |stack: &Stack| {
        let db = DbInstance::builder().engine("postgres").db_instance_class("db.t3.micro");
        let db = db.allocated_storage(20).master_username("app");
        let db = db.master_user_password(Secret::new("plain-one-7c1d".to_owned()));
        drop(stack.add("postgres", db.final_db_snapshot_identifier("the-last")));
    };
    world.up(program).await;
    world.destroy().await;
    let snapshots = rds.describe_db_snapshots().send().await.unwrap();
    let names: Vec<_> =
        snapshots.db_snapshots().iter().filter_map(|s| s.db_snapshot_identifier()).collect();
    assert_eq!(names, ["the-last"]);
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    world.finds(program(FIRST), "postgres", "rds:CreateDBInstance").await;
}

#[tokio::test]
async fn goes_on_waiting_after_a_kill() {
    let world = World::new().await;
    world.killed(program(FIRST), "postgres", 2).await;
    world.up(program(FIRST)).await;
    assert_eq!(world.count("rds:CreateDBInstance").await, 1);
}

//! `AWS::RDS::DBInstance`: names, owners, what replaces it, and drift.

use std::collections::BTreeSet;

use aws_sdk_rds::Client;
use aws_sdk_rds::types::{DbInstance as SdkInstance, Tag};
use ferrocrete_core::{Secret, Stack};
use ferrocrete_resources::rds::{DbInstance, DbSubnetGroup};

use super::{some, tag, vpc};
use crate::world::{World, changes, replacing};

#[derive(Clone, Copy)]
struct Wanted {
    name: &'static str,
    engine: &'static str,
    encrypted: bool,
    key: Option<&'static str>,
    user: &'static str,
    db_name: &'static str,
    subnets: &'static str,
    zone: &'static str,
    owner: &'static str,
}

const FIRST: Wanted = Wanted {
    name: "main",
    engine: "postgres",
    encrypted: true,
    key: None,
    user: "app",
    db_name: "app",
    subnets: "one",
    zone: "eu-central-1a",
    owner: "anna",
};

fn program(wanted: Wanted) -> impl Fn(&Stack) {
    move |stack| {
        let subnets = some(stack, &vpc(stack), &["a", "b"]);
        let groups = ["one", "two"].map(|name| {
            let group = DbSubnetGroup::builder().db_subnet_group_description("Ours");
            (name, stack.add(name, group.subnet_ids(subnets.clone())))
        });
        let group = &groups.iter().find(|(name, _)| *name == wanted.subnets).unwrap().1;
        stack.add(
            "db",
            DbInstance::builder()
                .db_instance_identifier(wanted.name)
                .db_instance_class("db.t3.micro")
                .engine(wanted.engine)
                .allocated_storage(20)
                .storage_encrypted(wanted.encrypted)
                .maybe_kms_key_id(wanted.key)
                .master_username(wanted.user)
                .master_user_password(Secret::new("plain-one-7c1d".to_owned()))
                .db_name(wanted.db_name)
                .db_subnet_group_name(&group.db_subnet_group_name)
                .availability_zone(wanted.zone)
                .skip_final_snapshot(true)
                .tags([("owner", wanted.owner)]),
        );
    }
}

async fn live(rds: &Client, id: &str) -> Option<SdkInstance> {
    let all = rds.describe_db_instances().send().await.unwrap().db_instances.unwrap();
    all.into_iter().find(|db| db.db_instance_identifier() == Some(id))
}

#[tokio::test]
async fn is_replaced_for_what_aws_never_changes() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(FIRST)).await;
    let key = "arn:aws:kms:eu-central-1:123456789012:key/0b2f5c1e-0000-4000-8000-000000000000";
    let all = [
        (Wanted { name: "other", ..FIRST }, "db_instance_identifier"),
        (Wanted { engine: "mysql", ..FIRST }, "engine"),
        (Wanted { encrypted: false, ..FIRST }, "storage_encrypted"),
        (Wanted { key: Some(key), ..FIRST }, "kms_key_id"),
        (Wanted { user: "root", ..FIRST }, "master_username"),
        (Wanted { db_name: "other", ..FIRST }, "db_name"),
        (Wanted { subnets: "two", ..FIRST }, "db_subnet_group_name"),
        (Wanted { zone: "eu-central-1b", ..FIRST }, "availability_zone"),
    ];
    for (wanted, property) in all {
        let plan = world.plan(program(wanted)).await;
        assert!(changes(&plan).contains(&"replace db".to_owned()), "{property}");
        assert_eq!(replacing(&plan, "db"), BTreeSet::from([property]));
    }
    // With a name of its own the new one is made before the old one goes.
    let (old, new) = world
        .replaces(program(Wanted { name: "other", ..FIRST }), "db", &["db_instance_identifier"])
        .await;
    assert_eq!((old.as_str(), new.as_str()), ("main", "other"));
    assert!(live(&rds, "main").await.is_none() && live(&rds, "other").await.is_some());
    // The name stays: the old one has to go first.
    let renamed = Wanted { name: "other", user: "root", ..FIRST };
    world.replaces(program(renamed), "db", &["master_username"]).await;
    assert_eq!(live(&rds, "other").await.unwrap().master_username(), Some("root"));
    world.destroy().await;
    assert!(live(&rds, "other").await.is_none());
}

#[tokio::test]
async fn another_case_is_the_same_name() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(Wanted { name: "Main", ..FIRST })).await;
    assert_eq!(world.id("db").await, "main");
    assert!(live(&rds, "main").await.is_some(), "AWS writes names in small letters");
    for name in ["main", "MAIN"] {
        let plan = world.plan(program(Wanted { name, ..FIRST })).await;
        assert_eq!(changes(&plan), [""; 0], "{name}: nobody loses data over a capital letter");
    }
}

#[tokio::test]
async fn tags_of_others_stay() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(FIRST)).await;
    let arn = world.output("db", "arn").await;
    let foreign = Tag::builder().key("cost").value("7").build();
    rds.add_tags_to_resource().resource_name(&arn).tags(foreign).send().await.unwrap();
    world.updates(program(Wanted { owner: "ben", ..FIRST }), "db", &["tags"]).await;
    assert_eq!(tag(&rds, &arn, "owner").await.as_deref(), Some("ben"));
    assert_eq!(tag(&rds, &arn, "cost").await.as_deref(), Some("7"));
    assert_eq!(world.count("rds:ModifyDBInstance").await, 0);
    rds.remove_tags_from_resource().resource_name(&arn).tag_keys("owner").send().await.unwrap();
    world.updates(program(Wanted { owner: "ben", ..FIRST }), "db", &["tags"]).await;
    assert_eq!(tag(&rds, &arn, "owner").await.as_deref(), Some("ben"));
}

#[tokio::test]
async fn a_deleted_database_is_made_again() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    world.up(program(FIRST)).await;
    let before = live(&rds, "main").await.unwrap();
    let call = rds.delete_db_instance().db_instance_identifier("main").skip_final_snapshot(true);
    call.send().await.unwrap();
    while live(&rds, "main").await.is_some() {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.up(program(FIRST)).await, ["create db"]);
    let after = live(&rds, "main").await.unwrap();
    assert_ne!(after.dbi_resource_id(), before.dbi_resource_id());
    assert_eq!(world.output("db", "dbi_resource_id").await, after.dbi_resource_id().unwrap());
}

#[tokio::test]
async fn a_foreign_database_is_not_adopted() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    let call = rds.create_db_instance().db_instance_identifier("main").engine("postgres");
    let call = call.db_instance_class("db.t3.micro").allocated_storage(20);
    let call = call.master_username("app").master_user_password("plain-two-9b2e");
    let theirs = call.send().await.unwrap().db_instance.unwrap();
    let (_, report) = world.try_up(program(FIRST)).await.unwrap();
    assert_eq!(report.failures.len(), 1);
    let code = report.failures[0].error.code.as_deref();
    assert!(code.is_some_and(|c| c.starts_with("DBInstanceAlreadyExists")), "{code:?}");
    assert!(!world.state().await.resources.keys().any(|(urn, _)| urn.name() == "db"));
    assert_eq!(live(&rds, "main").await.unwrap().dbi_resource_id(), theirs.dbi_resource_id());
}

#[tokio::test]
async fn protection_is_taken_off_before_it_goes() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    let protected = |on: bool| {
        move |stack: &Stack| {
            let db = DbInstance::builder().engine("postgres").db_instance_class("db.t3.micro");
            let db = db.db_instance_identifier("main").allocated_storage(20);
            let db = db.master_username("app").skip_final_snapshot(true);
            let db = db.master_user_password(Secret::new("plain-one-7c1d".to_owned()));
            drop(stack.add("db", db.deletion_protection(on)));
        }
    };
    world.up(protected(true)).await;
    let (_, report) = world.try_up(|_: &Stack| {}).await.unwrap();
    let error = &report.failures[0].error;
    assert!(error.to_string().contains("set `deletion_protection` to false"), "{error}");
    let db = live(&rds, "main").await.unwrap();
    assert_eq!(
        (db.db_instance_status(), db.deletion_protection()),
        (Some("available"), Some(true))
    );
    world.updates(protected(false), "db", &["deletion_protection"]).await;
    world.destroy().await;
    assert!(live(&rds, "main").await.is_none());
    let left = rds.describe_db_snapshots().send().await.unwrap();
    assert!(left.db_snapshots().is_empty(), "the last snapshot was declined");
}

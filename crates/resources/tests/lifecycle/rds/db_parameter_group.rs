//! `AWS::RDS::DBParameterGroup`.

use aws_sdk_rds::Client;
use ferrocrete_core::{Secret, Stack};
use ferrocrete_resources::rds::{DbInstance, DbParameterGroup};

use super::tag;
use crate::world::{World, changed};

fn program(
    family: &'static str,
    description: &'static str,
    parameters: Option<&'static [(&'static str, &'static str)]>,
    owner: &'static str,
) -> impl Fn(&Stack) {
    move |stack| {
        let parameters = parameters.map(|all| {
            all.iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect::<std::collections::BTreeMap<_, _>>()
        });
        stack.add(
            "tuned",
            DbParameterGroup::builder()
                .family(family)
                .description(description)
                .maybe_parameters(parameters)
                .tags([("owner", owner)]),
        );
    }
}

/// The value that a user set.
async fn value(rds: &Client, group: &str, name: &str) -> Option<String> {
    let call = rds.describe_db_parameters().db_parameter_group_name(group).source("user");
    let answer = call.send().await.unwrap();
    let mut all = answer.parameters.unwrap_or_default().into_iter();
    all.find(|p| p.parameter_name() == Some(name)).and_then(|p| p.parameter_value)
}

async fn exists(rds: &Client, group: &str) -> bool {
    rds.describe_db_parameter_groups().db_parameter_group_name(group).send().await.is_ok()
}

#[tokio::test]
async fn lives() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    let first = &[("log_statement", "ddl"), ("work_mem", "8192")];
    world.up(program("postgres16", "Ours", Some(first), "anna")).await;
    let name = world.id("tuned").await;
    assert_eq!(value(&rds, &name, "log_statement").await.as_deref(), Some("ddl"));
    assert_eq!(value(&rds, &name, "work_mem").await.as_deref(), Some("8192"));
    let arn = world.output("tuned", "arn").await;

    let second = &[("log_statement", "all")];
    world
        .updates(program("postgres16", "Ours", Some(second), "anna"), "tuned", &["parameters"])
        .await;
    assert_eq!(value(&rds, &name, "log_statement").await.as_deref(), Some("all"));
    assert_eq!(value(&rds, &name, "work_mem").await, None, "taken out is reset");
    world.updates(program("postgres16", "Ours", Some(second), "ben"), "tuned", &["tags"]).await;
    assert_eq!(tag(&rds, &arn, "owner").await.as_deref(), Some("ben"));

    let plan = world.plan(program("postgres15", "Ours", Some(second), "ben")).await;
    assert_eq!(changed(&plan, "tuned"), ["family"].into());
    let more = program("postgres16", "More", Some(second), "ben");
    let (old, new) = world.replaces(&more, "tuned", &["description"]).await;
    assert!(!exists(&rds, &old).await && exists(&rds, &new).await);
    assert_eq!(value(&rds, &new, "log_statement").await.as_deref(), Some("all"));
    rds.delete_db_parameter_group().db_parameter_group_name(&new).send().await.unwrap();
    assert_eq!(world.up(&more).await, ["create tuned"]);
    world.destroy().await;
    assert!(!exists(&rds, &new).await);
}

#[tokio::test]
async fn a_parameter_changed_by_hand_is_set_back() {
    let world = World::new().await;
    let rds = world.aws().await.rds().clone();
    let program = program("postgres16", "Ours", Some(&[("log_statement", "ddl")]), "anna");
    world.up(&program).await;
    let name = world.id("tuned").await;
    let parameter = aws_sdk_rds::types::Parameter::builder()
        .parameter_name("log_statement")
        .parameter_value("none")
        .apply_method("pending-reboot".into())
        .build();
    let call = rds.modify_db_parameter_group().db_parameter_group_name(&name);
    call.parameters(parameter).send().await.unwrap();
    world.updates(&program, "tuned", &["parameters"]).await;
    assert_eq!(value(&rds, &name, "log_statement").await.as_deref(), Some("ddl"));
}

/// A group with a chosen name, and a database that uses it.
fn fixed(family: &'static str, used: bool) -> impl Fn(&Stack) {
    move |stack| {
        let group = DbParameterGroup::builder().db_parameter_group_name("tuned");
        let group = stack.add("tuned", group.family(family).description("Ours"));
        if used {
            let db = DbInstance::builder().engine("postgres").db_instance_class("db.t3.micro");
            let db = db.db_instance_identifier("main").engine_version("16").allocated_storage(20);
            let db = db.master_username("app").skip_final_snapshot(true);
            let db = db.master_user_password(Secret::new("plain-one-7c1d".to_owned()));
            stack.add("db", db.db_parameter_group_name(&group.db_parameter_group_name));
        }
    }
}

#[tokio::test]
async fn another_family_under_the_same_name_is_refused_while_a_database_uses_it() {
    let world = World::new().await;
    world.up(fixed("postgres16", true)).await;
    let error = world.plan_error(fixed("postgres17", true)).await;
    assert!(error.contains("`tuned`") && error.contains("`db`"), "who uses it: {error}");
    assert!(error.contains("what to do"), "{error}");
    // Of a database that the program does not know, AWS says it, and the screen who it is.
    assert_eq!(
        world.holders::<DbParameterGroup>("tuned").await.as_deref(),
        Some("database `main`")
    );
}

#[tokio::test]
async fn is_found_again() {
    let world = World::new().await;
    let program = program("postgres16", "Ours", Some(&[("log_statement", "ddl")]), "anna");
    world.finds(program, "tuned", "rds:CreateDBParameterGroup").await;
}

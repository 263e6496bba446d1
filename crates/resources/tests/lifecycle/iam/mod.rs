//! IAM.

mod instance_profile;
mod managed_policy;
mod open_id_connect_provider;
mod role;
mod role_policy;
mod role_policy_attachment;
mod service_linked_role;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Tag;
use ferrocrete_core::{Handle, Stack};
use ferrocrete_resources::iam::{PolicyDocument, Role, Statement};

/// A policy that allows one action on everything.
fn allowing(action: &str) -> PolicyDocument {
    PolicyDocument::new().allow(Statement::new().actions([action]).resources(["*"]))
}

/// The same as text, for somebody who works by hand.
fn text(action: &str) -> String {
    let statement =
        r#"{"Effect":"Allow","Action":"ACTION","Resource":"*"}"#.replace("ACTION", action);
    format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
}

/// A trust policy for one service.
fn trusting(service: &str) -> PolicyDocument {
    PolicyDocument::new()
        .allow(Statement::new().actions(["sts:AssumeRole"]).principal_service(service))
}

/// A role that EC2 may assume.
fn role(stack: &Stack, name: &str) -> Handle<Role> {
    let trust = trusting("ec2.amazonaws.com");
    stack.add(name, Role::builder().assume_role_policy_document(trust))
}

/// The names of the roles of an account.
async fn roles(iam: &Client) -> Vec<String> {
    let all = iam.list_roles().send().await.unwrap();
    all.roles().iter().map(|r| r.role_name().to_owned()).collect()
}

/// The value of a tag.
fn tag<'t>(tags: &'t [Tag], key: &str) -> Option<&'t str> {
    tags.iter().find(|t| t.key() == key).map(Tag::value)
}

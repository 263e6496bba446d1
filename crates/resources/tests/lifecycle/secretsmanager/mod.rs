//! Secrets Manager.

mod resource_policy;
mod rotation_schedule;
mod secret;
mod secret_version;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use ferrocrete_core::{Handle, Stack};
use ferrocrete_resources::secretsmanager::Secret;

/// A secret without a value, which is gone at once when it is deleted.
fn empty(stack: &Stack, name: &str) -> Handle<Secret> {
    stack.add(name, Secret::builder().recovery_window_in_days(0))
}

/// A secret, also one that waits to be deleted.
async fn described(client: &Client, id: &str) -> Option<DescribeSecretOutput> {
    client.describe_secret().secret_id(id).send().await.ok()
}

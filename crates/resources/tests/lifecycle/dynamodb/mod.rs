//! DynamoDB.

mod table;
mod table_indexes;
mod table_settings;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::TableDescription;

/// A table, unless it is gone.
async fn table(dynamodb: &Client, name: &str) -> Option<TableDescription> {
    dynamodb.describe_table().table_name(name).send().await.ok()?.table
}

/// The value of a tag.
async fn tag(dynamodb: &Client, arn: &str, key: &str) -> Option<String> {
    let answer = dynamodb.list_tags_of_resource().resource_arn(arn).send().await.unwrap();
    answer.tags().iter().find(|t| t.key() == key).map(|t| t.value().to_owned())
}

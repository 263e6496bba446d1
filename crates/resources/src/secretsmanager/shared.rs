//! What Secrets Manager's types share: secrets by ARN or name.

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;

use crate::prelude::*;

/// The secret of this ARN or name, also when it waits to be deleted.
pub(super) async fn describe(aws: &Aws, id: &str) -> Result<Option<DescribeSecretOutput>> {
    let answer = aws.secretsmanager().describe_secret().secret_id(id).send().await;
    found(answer.op("secretsmanager:DescribeSecret"))
}

/// The secret, unless it waits to be deleted, which counts as gone.
pub(super) async fn alive(aws: &Aws, id: &str) -> Result<Option<DescribeSecretOutput>> {
    Ok(describe(aws, id).await?.filter(|secret| secret.deleted_date.is_none()))
}

/// An answer about a secret; `None` when it is gone or waits to be deleted, for which AWS's code
/// is the general `InvalidRequestException`.
pub(super) async fn unless_gone<T>(aws: &Aws, id: &str, answer: Result<T>) -> Result<Option<T>> {
    match found(answer) {
        Err(error) if error.has_code("InvalidRequestException") => match alive(aws, id).await? {
            Some(_) => Err(error),
            None => Ok(None),
        },
        other => other,
    }
}

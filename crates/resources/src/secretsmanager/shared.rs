//! What Secrets Manager's types share: secrets by ARN or name.

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

use crate::aws::spelling;
use crate::prelude::*;

/// What a secret has one of, whether the secret is asked for by name or by ARN.
pub(super) fn only_of_secret(properties: &PropertyMap, what: &str) -> Option<Claim> {
    let name = |id: &str| name_of(id).to_owned();
    spelling::name(properties, what, "secret_id", name).map(Claim::as_identity)
}

/// The name in a secret's ARN, which ends in a hyphen and six characters of AWS's; a name is
/// its own.
fn name_of(id: &str) -> &str {
    let Some((_, name)) = id.split_once(":secret:") else { return id };
    match name.rsplit_once('-') {
        Some((name, end)) if end.len() == 6 => name,
        _ => name,
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_same_by_name_and_by_arn() {
        let arn = "arn:aws:secretsmanager:eu-central-1:1:secret:shop/db-url-a1B2c3";
        assert_eq!(name_of(arn), "shop/db-url");
        assert_eq!(name_of("shop/db-url"), "shop/db-url");
        assert_eq!(name_of("arn:aws:secretsmanager:eu-central-1:1:secret:db"), "db");
    }
}

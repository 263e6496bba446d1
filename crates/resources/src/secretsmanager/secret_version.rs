//! `AWS::SecretsManager::SecretVersion`: a value put into a secret that exists.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | PutSecretValue |
//! | read | GetSecretValue per version, concurrently; DescribeSecret when refused |
//! | find | DescribeSecret, for a version with the token of the create |
//! | update | PutSecretValue |
//! | delete | none for `AWSCURRENT`, else GetSecretValue and UpdateSecretVersionStage |
//!
//! Traps: AWS cannot take the label `AWSCURRENT` away, only move it, so the value stays in the
//! secret until that is deleted. The value before is labelled `AWSPREVIOUS`. Rotation puts values
//! of its own, which count as drift unless the rotation schedule takes its `secret_id` from this
//! version's `secret_arn`. AWS knows a value by its secret and label,
//! of which there is one. A KMS key made moments ago may not encrypt yet (`EncryptionFailure`).
//! Left out: binary values.
//! Differences:
//! - own type: there, only the secret itself has a value. Terraform has this type.

use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

use super::shared::{alive, only_of_secret, unless_gone};
use crate::aws::spelling::known;
use crate::prelude::*;

/// A value put into a secret that exists, when it is known only after the secret is made: such
/// as a connection string with a database's address.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::SecretsManager::SecretVersion",
    link = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html",
    claims = claims,
    deleted_with = "secret_id",
    eventual("ResourceNotFoundException", "EncryptionFailure"),
    iam(
        create("secretsmanager:PutSecretValue", "kms:GenerateDataKey", "kms:Decrypt"),
        read("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "kms:Decrypt"),
        find("secretsmanager:DescribeSecret"),
        update("secretsmanager:PutSecretValue", "kms:GenerateDataKey", "kms:Decrypt"),
        delete(
            "secretsmanager:GetSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
            "kms:Decrypt"
        )
    )
)]
pub struct SecretVersion {
    /// ARN or name of the secret, which has no `secret_string` of its own. Replaces.
    #[field(replaces)]
    pub secret_id: String,
    /// The value, up to 64 KiB.
    #[field(secret, moves(steered), affects("version_id"))]
    pub secret_string: String,
    /// Label by which it is asked for. Default: `AWSCURRENT`, which is what everybody gets who
    /// asks for no other. Replaces.
    #[field(replaces, server_default)]
    pub version_stage: Option<String>,
}

/// What AWS knows of a [`SecretVersion`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct SecretVersionOutputs {
    /// ARN of the secret.
    pub secret_arn: String,
    /// Id of the version, another one for each value.
    pub version_id: String,
}

const CURRENT: &str = "AWSCURRENT";

/// One label of a secret, which stands at one value.
fn claims(version: &PropertyMap) -> Vec<Claim> {
    let stage = match version.get("version_stage").filter(|stage| !stage.is_null()) {
        Some(_) => known(version, "version_stage"),
        None => Some(CURRENT.to_owned()),
    };
    let secret = only_of_secret(version, "value of a secret");
    let both = secret.zip(stage).map(|(mut claim, stage)| {
        claim.properties.push("version_stage".into());
        claim.key.push(stage);
        claim
    });
    both.into_iter().collect()
}

impl Resource for SecretVersion {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let outputs = self.put(cx).await?;
        Ok(Made::Ready(self.id(&outputs.secret_arn), outputs))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let (arn, stage) = parts(&item.id);
            let call = cloud.secretsmanager().get_secret_value().secret_id(arn);
            let answer = call.version_stage(stage).send().await;
            let answer = answer.op("secretsmanager:GetSecretValue");
            let Some(value) = unless_gone(cloud, arn, answer).await? else { return Ok(None) };
            let declared = item.inputs.as_ref().map(|known| known.secret_id.clone());
            Ok(Some(Live::ready(
                Self {
                    // A secret never gets another ARN, and the ARN is what is asked for.
                    secret_id: declared.unwrap_or_else(|| arn.to_owned()),
                    secret_string: value.secret_string.unwrap_or_default(),
                    version_stage: Some(stage.to_owned()),
                },
                SecretVersionOutputs {
                    secret_arn: arn.to_owned(),
                    version_id: value.version_id.unwrap_or_default(),
                },
            )))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let secret = alive(cx, &self.secret_id).await?;
        let secret = secret.filter(|secret| {
            let versions = secret.version_ids_to_stages();
            versions.is_some_and(|versions| versions.contains_key(cx.token()))
        });
        Ok(secret.and_then(|secret| secret.arn).map(|arn| self.id(&arn)))
    }

    async fn update(&self, cx: &Cx, _: &str, _: &Self, _: &Changes) -> Result<Progress> {
        self.put(cx).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let (arn, stage) = parts(id);
        if stage == CURRENT {
            return Ok(Progress::Done);
        }
        let call = cx.secretsmanager().get_secret_value().secret_id(arn).version_stage(stage);
        let answer = call.send().await.op("secretsmanager:GetSecretValue");
        let Some(value) = unless_gone(cx, arn, answer).await? else { return Ok(Progress::Done) };
        let call = cx
            .secretsmanager()
            .update_secret_version_stage()
            .secret_id(arn)
            .version_stage(stage)
            .set_remove_from_version_id(value.version_id);
        gone(call.send().await.op("secretsmanager:UpdateSecretVersionStage"))
    }
}

impl SecretVersion {
    fn stage(&self) -> &str {
        self.version_stage.as_deref().unwrap_or(CURRENT)
    }

    /// The secret's ARN and the label: values come and go, and each has another version id.
    fn id(&self, arn: &str) -> String {
        format!("{arn}|{}", self.stage())
    }

    async fn put(&self, cx: &Cx) -> Result<SecretVersionOutputs> {
        const CALL: &str = "secretsmanager:PutSecretValue";
        let call = cx
            .secretsmanager()
            .put_secret_value()
            .secret_id(&self.secret_id)
            .client_request_token(cx.token())
            .secret_string(&self.secret_string)
            .version_stages(self.stage());
        let answer = call.send().await.op(CALL)?;
        Ok(SecretVersionOutputs {
            secret_arn: need(answer.arn, CALL, "arn")?,
            version_id: need(answer.version_id, CALL, "version_id")?,
        })
    }
}

/// ARN and label of an id.
fn parts(id: &str) -> (&str, &str) {
    id.rsplit_once('|').unwrap_or((id, CURRENT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_apart_again() {
        let version = SecretVersion {
            secret_id: "keys".into(),
            secret_string: "s".into(),
            version_stage: Some("BLUE".into()),
        };
        assert_eq!(parts(&version.id("arn:x")), ("arn:x", "BLUE"));
        let current = SecretVersion { version_stage: None, ..version };
        assert_eq!(parts(&current.id("arn:x")), ("arn:x", CURRENT));
    }
}

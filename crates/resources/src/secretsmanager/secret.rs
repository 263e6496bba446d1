//! `AWS::SecretsManager::Secret`: a secret value, kept and versioned by AWS.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | GetRandomPassword when generated, CreateSecret; DescribeSecret, RestoreSecret when the name waits to be deleted |
//! | read | DescribeSecret; GetSecretValue when the value is declared |
//! | find | DescribeSecret by name |
//! | update | UpdateSecret, TagResource, UntagResource; DescribeSecret, RestoreSecret when it waits to be deleted |
//! | delete | DeleteSecret; DescribeSecret when refused |
//!
//! Traps: a deleted secret keeps its name until its recovery window is over, and a while even
//! without one (TF: `internal/service/secretsmanager/secret.go`); AWS's code for that is the
//! general `InvalidRequestException`, so a refused create looks. A secret of this very urn that
//! waits to be deleted is restored, with its value, ARN and versions: by a create of the same name,
//! and by an update where somebody deleted it by hand, for which its tags count as gone. A derived
//! name that comes back is another one. A KMS key made moments ago may not encrypt yet
//! (`EncryptionFailure`). ListSecrets is minutes behind and is not used.
//! Left out: replicas in other regions (`replica_regions`), binary values, secrets of partners
//! (`type`).
//! Differences:
//! - also needs `secretsmanager:RestoreSecret`: there, what waits to be deleted is an error.
//! - also needs `kms:GenerateDataKey`, `kms:Decrypt`: Secrets Manager uses a key of the user's own in the
//!   caller's name.
//! - own `recovery_window_in_days`: there, a deleted secret waits for 30 days.
//! - read back `secret_string`: AWS tells it when asked, and somebody may have changed it.

use aws_sdk_secretsmanager::types::Tag;

use super::generate::GenerateSecretString;
use super::shared::{describe, unless_gone};
use crate::aws::answer::{ours_or, same_key};
use ferrocrete_core::schema::{Finding, Known};

use crate::prelude::*;

crate::optional_tags!(Tag);

/// A secret value, kept and versioned by AWS. A value that is only known later is put into it by
/// [`super::SecretVersion`].
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::SecretsManager::Secret",
    identity("name"),
    check = check,
    name_lingers,
    eventual("ResourceNotFoundException", "EncryptionFailure"),
    busy(
        "InvalidRequestException" = "already scheduled for deletion",
        "InvalidRequestException" = "marked for deletion"
    ),
    iam(
        create(
            "secretsmanager:GetRandomPassword",
            "secretsmanager:CreateSecret",
            "secretsmanager:TagResource",
            "secretsmanager:DescribeSecret",
            "secretsmanager:RestoreSecret",
            "kms:GenerateDataKey",
            "kms:Decrypt"
        ),
        read("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "kms:Decrypt"),
        find("secretsmanager:DescribeSecret"),
        update(
            "secretsmanager:UpdateSecret",
            "secretsmanager:TagResource",
            "secretsmanager:UntagResource",
            "secretsmanager:DescribeSecret",
            "secretsmanager:RestoreSecret",
            "kms:GenerateDataKey",
            "kms:Decrypt"
        ),
        delete("secretsmanager:DeleteSecret", "secretsmanager:DescribeSecret")
    )
)]
pub struct Secret {
    /// Name, up to 512 characters. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 500, extra = "/_+=.@-"))]
    pub name: Option<String>,
    /// Description, up to 2,048 characters.
    pub description: Option<String>,
    /// KMS key: ARN, id or alias. Default: the account's key for Secrets Manager.
    #[field(server_default)]
    pub kms_key_id: Option<String>,
    /// The value, up to 64 KiB. What a [`super::RotationSchedule`] of the secret makes of it is no
    /// difference. Not together with `generate_secret_string`.
    #[field(secret, moves(steered), affects("version_id"))]
    pub secret_string: Option<String>,
    /// Let AWS make up the value at the create, so that the program never knows it; later
    /// changes of this have no effect.
    #[field(write_only)]
    pub generate_secret_string: Option<GenerateSecretString>,
    /// Days, 7 to 30, in which a deleted secret can be brought back; 0 deletes at once.
    /// Default: 30.
    #[field(write_only)]
    pub recovery_window_in_days: Option<i32>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`Secret`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct SecretOutputs {
    /// ARN, with AWS's random suffix.
    pub secret_arn: String,
    /// Name.
    #[output(from_input)]
    pub name: String,
    /// Id of the version that is current.
    pub version_id: Option<String>,
}

const CURRENT: &str = "AWSCURRENT";

async fn get(aws: &Aws, id: String, known: Option<Secret>) -> Result<Option<Live<Secret>>> {
    let Some(secret) = describe(aws, &id).await? else { return Ok(None) };
    let going = secret.deleted_date.is_some();
    let versions = secret.version_ids_to_stages.unwrap_or_default();
    let current = versions.iter().find(|(_, stages)| stages.iter().any(|s| s == CURRENT));
    let version_id = current.map(|(id, _)| id.clone());
    let declared = known.as_ref().and_then(|k| k.secret_string.clone());
    let secret_string = match declared {
        // Not told until it is restored, with the value that it had.
        Some(value) if going => Some(value),
        Some(_) if version_id.is_some() => {
            let value = aws.secretsmanager().get_secret_value().secret_id(&id).send().await;
            let value = unless_gone(aws, &id, value.op("secretsmanager:GetSecretValue")).await?;
            // Not to be seen everywhere yet, or not any more.
            let Some(value) = value else { return Ok(None) };
            value.secret_string
        }
        _ => None,
    };
    let name = secret.name.clone();
    let wanted = known.and_then(|k| k.kms_key_id);
    let same = |w: &String| secret.kms_key_id.as_ref().is_some_and(|live| same_key(w, live));
    let tags = from_sdk(secret.tags.as_deref().unwrap_or_default());
    Ok(Some(Live::ready(
        Secret {
            name: name.clone(),
            description: secret.description.filter(|d| !d.is_empty()),
            kms_key_id: wanted.filter(same).or(secret.kms_key_id),
            secret_string,
            generate_secret_string: None,
            recovery_window_in_days: None,
            tags: tags.filter(|_| !going),
        },
        SecretOutputs { secret_arn: id, name: name.unwrap_or_default(), version_id },
    )))
}

/// AWS's code for a secret that waits to be deleted, and for much else.
const GOING: &str = "InvalidRequestException";

impl Secret {
    /// Why a create was refused with a code that can mean anything.
    async fn refused(&self, cx: &Cx, error: OpError) -> Result<Made<Self>> {
        if !error.has_code(GOING) {
            return ours_or(self, cx, error).await;
        }
        let name = self.name.as_deref().unwrap_or_default();
        let there = describe(cx, name).await?.filter(|s| s.deleted_date.is_some());
        // Without a recovery window, AWS takes a while all the same: then the name is free soon.
        let Some(secret) = there else { return Err(error) };
        if tags::was_ours(cx, &from_sdk(secret.tags()))
            && let Some(arn) = &secret.arn
        {
            return match restore(cx, arn).await {
                Ok(()) => Ok(Made::Partial(arn.clone())),
                Err(e) if e.has_code(GOING) || e.kind == ErrorKind::NotFound => Err(error),
                Err(e) => Err(e),
            };
        }
        Err(OpError {
            kind: ErrorKind::Invalid,
            message: format!(
                "a secret `{name}`, which is not this stack's, was deleted and keeps its name until \
                 its recovery window is over\n  what to do: use another name; or bring it back with \
                 `aws secretsmanager restore-secret --secret-id {name}`; or, if nobody needs its \
                 value any more, delete it for good with `aws secretsmanager delete-secret \
                 --secret-id {name} --force-delete-without-recovery`"
            ),
            ..error
        })
    }

    async fn change(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<()> {
        if changes.any(&["description", "kms_key_id", "secret_string"]) {
            let mut call = cx.secretsmanager().update_secret().secret_id(id);
            if changes.has("description") {
                call = call.description(self.description.clone().unwrap_or_default());
            }
            if changes.has("kms_key_id") {
                call = call.set_kms_key_id(self.kms_key_id.clone());
            }
            // Undeclaring the value leaves it as it is: only AWS knows it then.
            if changes.has("secret_string") && self.secret_string.is_some() {
                call = call
                    .client_request_token(cx.token())
                    .set_secret_string(self.secret_string.clone());
            }
            call.send().await.op("secretsmanager:UpdateSecret")?;
        }
        if changes.has("tags") {
            retagged!(
                cx.secretsmanager(), secret_id(id), &old.tags => &self.tags, to_sdk,
                tag_resource: "secretsmanager:TagResource",
                untag_resource: "secretsmanager:UntagResource"
            )?;
        }
        Ok(())
    }
}

/// Brings a secret that waits to be deleted back, with everything that it had.
async fn restore(aws: &Aws, id: &str) -> Result<()> {
    let call = aws.secretsmanager().restore_secret().secret_id(id);
    call.send().await.op("secretsmanager:RestoreSecret").map(drop)
}

fn check(known: Known<'_>) -> Vec<Finding> {
    known.at_most_one(&["secret_string", "generate_secret_string"]).into_iter().collect()
}

impl Resource for Secret {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let value = match &self.secret_string {
            Some(value) => Some(value.clone()),
            None => match &self.generate_secret_string {
                Some(how) => Some(how.generate(cx).await?),
                None => None,
            },
        };
        let call = cx
            .secretsmanager()
            .create_secret()
            .set_name(self.name.clone())
            .client_request_token(cx.token())
            .set_description(self.description.clone())
            .set_kms_key_id(self.kms_key_id.clone())
            .set_secret_string(value)
            .set_tags(Some(to_sdk(&self.tags)));
        let answer = match call.send().await.op("secretsmanager:CreateSecret") {
            Ok(answer) => answer,
            Err(error) => return self.refused(cx, error).await,
        };
        let secret_arn = need(answer.arn, "secretsmanager:CreateSecret", "arn")?;
        let outputs = SecretOutputs {
            secret_arn: secret_arn.clone(),
            name: answer.name.unwrap_or_default(),
            version_id: answer.version_id,
        };
        Ok(Made::Ready(secret_arn, outputs))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| get(cloud, item.id.clone(), item.inputs.clone())).await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let Some(name) = &self.name else { return Ok(None) };
        let secret = describe(cx, name).await?.filter(|s| s.deleted_date.is_none());
        Ok(secret.filter(|s| tags::is_ours(cx, &from_sdk(s.tags()))).and_then(|s| s.arn))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        match self.change(cx, id, old, changes).await {
            Err(error) if error.has_code(GOING) => {
                let secret = describe(cx, id).await?;
                if secret.is_none_or(|s| s.deleted_date.is_none()) {
                    return Err(error);
                }
                restore(cx, id).await?;
                self.change(cx, id, old, changes).await?;
            }
            other => other?,
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.secretsmanager().delete_secret().secret_id(id);
        let call = match self.recovery_window_in_days {
            Some(0) => call.force_delete_without_recovery(true),
            days => call.set_recovery_window_in_days(days.map(i64::from)),
        };
        match call.send().await.op("secretsmanager:DeleteSecret") {
            // It waits to be deleted already.
            Err(error) if error.has_code(GOING) => match describe(cx, id).await? {
                Some(secret) if secret.deleted_date.is_none() => Err(error),
                _ => Ok(Progress::Done),
            },
            other => gone(other),
        }
    }
}

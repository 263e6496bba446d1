//! `AWS::SecretsManager::Secret`: a secret value, kept and versioned by AWS.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create | GetRandomPassword when generated, CreateSecret | secretsmanager:GetRandomPassword, CreateSecret, TagResource |
//! | read | DescribeSecret; GetSecretValue when the value is declared | secretsmanager:DescribeSecret, GetSecretValue |
//! | update | UpdateSecret, TagResource, UntagResource | the same |
//! | delete | DeleteSecret | secretsmanager:DeleteSecret |
//!
//! Traps: a deleted secret keeps its name until its recovery window is over, so a fixed name
//! cannot be used again at once unless the window is 0.
//! Left out: replicas in other regions, binary values.

use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType, Tag};

use crate::prelude::*;

crate::optional_tags!(Tag);

/// A secret value, kept and versioned by AWS.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::SecretsManager::Secret",
    outputs = SecretOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html",
    iam(
        create(
            "secretsmanager:GetRandomPassword", "secretsmanager:CreateSecret",
            "secretsmanager:TagResource"
        ),
        read(
            "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
            "secretsmanager:ListSecrets"
        ),
        update(
            "secretsmanager:UpdateSecret", "secretsmanager:TagResource",
            "secretsmanager:UntagResource"
        ),
        delete("secretsmanager:DeleteSecret")
    )
)]
pub struct Secret {
    /// Name, up to 512 characters. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 500, extra = "/_+=.@-"))]
    pub name: Option<String>,
    /// Description, up to 2,048 characters.
    pub description: Option<String>,
    /// KMS key. Default: the account's key for Secrets Manager.
    #[field(server_default)]
    pub kms_key_id: Option<String>,
    /// The value, up to 64 KiB. Not together with `generate_secret_string`.
    #[field(secret, affects("version_id"))]
    pub secret_string: Option<String>,
    /// Let AWS make up the value at the create; later changes of this have no effect.
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

/// How AWS makes up a value.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct GenerateSecretString {
    /// Number of characters, 1 to 4,096. Default: 32.
    pub password_length: Option<i32>,
    /// Characters to leave out.
    pub exclude_characters: Option<String>,
    /// Leave out punctuation. Default: false.
    pub exclude_punctuation: Option<bool>,
    /// Leave out digits. Default: false.
    pub exclude_numbers: Option<bool>,
    /// At least one of each kind that is not left out. Default: true.
    pub require_each_included_type: Option<bool>,
}

/// What AWS knows of a [`Secret`].
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
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

async fn get(
    aws: &Aws,
    id: String,
    known: Option<Secret>,
) -> Result<Option<Live<Secret>>, OpError> {
    let answer = aws.secretsmanager().describe_secret().secret_id(&id).send().await;
    let Some(secret) = found(answer.op("secretsmanager:DescribeSecret"))? else { return Ok(None) };
    if secret.deleted_date.is_some() {
        return Ok(None);
    }
    let versions = secret.version_ids_to_stages.unwrap_or_default();
    let current = versions.iter().find(|(_, stages)| stages.iter().any(|s| s == CURRENT));
    let version_id = current.map(|(id, _)| id.clone());
    let declared = known.as_ref().is_some_and(|k| k.secret_string.is_some());
    let secret_string = if declared && version_id.is_some() {
        let value = aws.secretsmanager().get_secret_value().secret_id(&id).send().await;
        found(value.op("secretsmanager:GetSecretValue"))?.and_then(|v| v.secret_string)
    } else {
        None
    };
    let name = secret.name.clone();
    Ok(Some(Live::ready(
        Secret {
            name: name.clone(),
            description: secret.description.filter(|d| !d.is_empty()),
            kms_key_id: secret.kms_key_id,
            secret_string,
            generate_secret_string: None,
            recovery_window_in_days: None,
            tags: from_sdk(secret.tags.as_deref().unwrap_or_default()),
        },
        SecretOutputs { secret_arn: id, name: name.unwrap_or_default(), version_id },
    )))
}

impl Secret {
    async fn generate(&self, aws: &Aws) -> Result<Option<String>, OpError> {
        let Some(how) = &self.generate_secret_string else { return Ok(None) };
        let answer = aws
            .secretsmanager()
            .get_random_password()
            .set_password_length(how.password_length.map(i64::from))
            .set_exclude_characters(how.exclude_characters.clone())
            .set_exclude_punctuation(how.exclude_punctuation)
            .set_exclude_numbers(how.exclude_numbers)
            .set_require_each_included_type(how.require_each_included_type)
            .send()
            .await
            .op("secretsmanager:GetRandomPassword")?;
        Ok(answer.random_password)
    }
}

impl Resource for Secret {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        if self.secret_string.is_some() && self.generate_secret_string.is_some() {
            return Err(OpError::invalid(
                "give `secret_string` or `generate_secret_string`, not both",
            ));
        }
        let value = match &self.secret_string {
            Some(value) => Some(value.clone()),
            None => self.generate(cx).await?,
        };
        let answer = cx
            .secretsmanager()
            .create_secret()
            .set_name(self.name.clone())
            .client_request_token(cx.token())
            .set_description(self.description.clone())
            .set_kms_key_id(self.kms_key_id.clone())
            .set_secret_string(value)
            .set_tags(Some(to_sdk(self.tags.as_ref())))
            .send()
            .await
            .op("secretsmanager:CreateSecret")
            .map_err(|e| {
                if e.has_code("InvalidRequestException") {
                    let name = self.name.clone().unwrap_or_default();
                    let hint = format!(
                        "{}\n  what to do: if a secret `{name}` was deleted not long ago, restore it, wait for \
                         the end of its recovery window, or use another name",
                        e.message
                    );
                    OpError { kind: ErrorKind::Invalid, message: hint, ..e }
                } else {
                    e
                }
            })?;
        let secret_arn =
            answer.arn.ok_or_else(|| OpError::invalid("CreateSecret answered without ARN"))?;
        let outputs = SecretOutputs {
            secret_arn: secret_arn.clone(),
            name: answer.name.unwrap_or_default(),
            version_id: answer.version_id,
        };
        Ok(Made::Ready(secret_arn, outputs))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        batch::each(items, |item| get(cloud, item.id.clone(), item.inputs.clone())).await
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        let name = self.name.clone().unwrap_or_default();
        // The filter matches prefixes, too.
        let by_name = Filter::builder().key(FilterNameStringType::Name).values(&name).build();
        let mut pages = cx.secretsmanager().list_secrets().filters(by_name).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.op("secretsmanager:ListSecrets")?;
            let ours = page.secret_list().iter().find(|s| {
                s.name() == Some(&name)
                    && s.deleted_date.is_none()
                    && from_sdk(s.tags()).is_some_and(|t| t.get(OWNER) == Some(&cx.owner_tag()))
            });
            if let Some(arn) = ours.and_then(|s| s.arn.clone()) {
                return Ok(Some(arn));
            }
        }
        Ok(None)
    }

    async fn update(
        &self,
        cx: &Cx<Aws>,
        id: &str,
        old: &Self,
        changes: &Changes,
    ) -> Result<Progress, OpError> {
        if changes.any(&["description", "kms_key_id", "secret_string"]) {
            let mut call = cx.secretsmanager().update_secret().secret_id(id);
            if changes.has("description") {
                call = call.description(self.description.clone().unwrap_or_default());
            }
            if changes.has("kms_key_id") {
                call = call.set_kms_key_id(self.kms_key_id.clone());
            }
            if changes.has("secret_string") && self.secret_string.is_some() {
                call = call
                    .client_request_token(cx.token())
                    .set_secret_string(self.secret_string.clone());
            }
            call.send().await.op("secretsmanager:UpdateSecret")?;
        }
        if changes.has("tags") {
            let delta = tags::delta(old.tags.as_ref(), self.tags.as_ref());
            if !delta.set.is_empty() {
                let call = cx.secretsmanager().tag_resource().secret_id(id);
                let call = call.set_tags(Some(to_sdk(Some(&delta.set))));
                call.send().await.op("secretsmanager:TagResource")?;
            }
            if !delta.remove.is_empty() {
                let call = cx.secretsmanager().untag_resource().secret_id(id);
                let call = call.set_tag_keys(Some(delta.remove));
                call.send().await.op("secretsmanager:UntagResource")?;
            }
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Aws>, id: &str) -> Result<Progress, OpError> {
        let call = cx.secretsmanager().delete_secret().secret_id(id);
        let call = match self.recovery_window_in_days {
            Some(0) => call.force_delete_without_recovery(true),
            days => call.set_recovery_window_in_days(days.map(i64::from)),
        };
        found(call.send().await.op("secretsmanager:DeleteSecret"))?;
        Ok(Progress::Done)
    }
}

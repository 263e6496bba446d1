//! `AWS::SecretsManager::ResourcePolicy`: who may do what with a secret.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | GetResourcePolicy, PutResourcePolicy |
//! | read, find | GetResourcePolicy per secret, concurrently; DescribeSecret when refused |
//! | update | PutResourcePolicy |
//! | delete | none when the secret goes too, else DeleteResourcePolicy |
//!
//! Traps: a secret has one policy, without tags, and PutResourcePolicy overwrites it silently:
//! create looks first, and a policy of the same content counts as ours. A policy that names a role
//! made moments ago is refused: `unsupported principal` (TF: `internal/service/secretsmanager/
//! secret.go`).
//! Left out: nothing.
//! Differences:
//! - also needs `secretsmanager:DescribeSecret`: tells a secret that is gone from one that may not
//!   be read.

use ferrocrete_core::plan::same_policy;
use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

use super::shared::{only_of_secret, unless_gone};
use crate::prelude::*;

/// Who may do what with a secret, besides whom IAM lets.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::SecretsManager::ResourcePolicy",
    claims = claims,
    deleted_with = "secret_id",
    eventual(
        "MalformedPolicyDocumentException" = "unsupported principal",
        "ResourceNotFoundException"
    ),
    iam(
        create("secretsmanager:GetResourcePolicy", "secretsmanager:PutResourcePolicy"),
        read("secretsmanager:GetResourcePolicy", "secretsmanager:DescribeSecret"),
        find("secretsmanager:GetResourcePolicy"),
        update("secretsmanager:PutResourcePolicy"),
        delete("secretsmanager:DeleteResourcePolicy")
    )
)]
pub struct ResourcePolicy {
    /// ARN or name of the secret. Replaces.
    #[field(replaces)]
    pub secret_id: String,
    /// The policy as JSON, such as an `iam::PolicyDocument`; its resource is `*`, the secret.
    #[field(policy)]
    pub resource_policy: String,
    /// Refuse a policy that lets many have the secret. Default: false.
    #[field(write_only)]
    pub block_public_policy: Option<bool>,
}

/// What AWS knows of a [`ResourcePolicy`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ResourcePolicyOutputs {
    /// ARN of the secret.
    pub secret_arn: String,
}

fn claims(policy: &PropertyMap) -> Vec<Claim> {
    only_of_secret(policy, "policy of a secret").into_iter().collect()
}

/// ARN of a secret and its policy, if it has one.
async fn get(aws: &Aws, id: &str) -> Result<Option<(String, String)>> {
    let answer = aws.secretsmanager().get_resource_policy().secret_id(id).send().await;
    let answer = answer.op("secretsmanager:GetResourcePolicy");
    let answer = unless_gone(aws, id, answer).await?;
    Ok(answer.and_then(|a| Some((a.arn?, a.resource_policy.filter(|p| !p.is_empty())?))))
}

impl Resource for ResourcePolicy {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        if get(cx, &self.secret_id).await?.is_some_and(|(_, policy)| !self.is(&policy)) {
            return Err(OpError::new(
                ErrorKind::AlreadyExists,
                format!(
                    "secret `{}` has another policy, which is not ours\n  what to do: delete that policy first, or put its statements into this one",
                    self.secret_id
                ),
            ));
        }
        let secret_arn = self.put(cx).await?;
        Ok(Made::Ready(secret_arn.clone(), ResourcePolicyOutputs { secret_arn }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let declared = item.inputs.as_ref().map(|known| known.secret_id.clone());
            Ok(get(cloud, &item.id).await?.map(|(secret_arn, resource_policy)| {
                let secret_id = declared.unwrap_or_else(|| secret_arn.clone());
                Live::ready(
                    Self { secret_id, resource_policy, block_public_policy: None },
                    ResourcePolicyOutputs { secret_arn },
                )
            }))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let policy = get(cx, &self.secret_id).await?;
        Ok(policy.filter(|(_, policy)| self.is(policy)).map(|(arn, _)| arn))
    }

    async fn update(&self, cx: &Cx, _: &str, _: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("resource_policy") {
            self.put(cx).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.secretsmanager().delete_resource_policy().secret_id(id);
        let answer = call.send().await.op("secretsmanager:DeleteResourcePolicy");
        unless_gone(cx, id, answer).await?;
        Ok(Progress::Done)
    }
}

impl ResourcePolicy {
    async fn put(&self, aws: &Aws) -> Result<String> {
        const CALL: &str = "secretsmanager:PutResourcePolicy";
        let call = aws
            .secretsmanager()
            .put_resource_policy()
            .secret_id(&self.secret_id)
            .resource_policy(&self.resource_policy)
            .set_block_public_policy(self.block_public_policy);
        need(call.send().await.op(CALL)?.arn, CALL, "arn")
    }

    fn is(&self, policy: &str) -> bool {
        same_policy(policy, &self.resource_policy)
    }
}

//! `AWS::IAM::RolePolicy`: a policy written into a role.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | GetRolePolicy, PutRolePolicy |
//! | read | GetRolePolicy per policy, concurrently |
//! | find | GetRolePolicy |
//! | update | PutRolePolicy |
//! | delete | DeleteRolePolicy |
//!
//! Traps: PutRolePolicy overwrites silently, so create looks first whether somebody else
//! has a policy of this name; inline policies have no tags, so one with the same content
//! counts as ours. The id is `role|policy`.
//! Left out: nothing.
//! Differences:
//! - required `policy_document`: there is no policy without one.
//! - optional `policy_name`: derived when not given.

use ferrocrete_core::plan::same_policy;

use super::document::decode;
use super::shared::halves;
use crate::prelude::*;

/// A policy written into a role; it goes with the role.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::IAM::RolePolicy",
    identity("role_name", "policy_name"),
    global,
    eventual("NoSuchEntity"),
    busy("ConcurrentModification", "EntityTemporarilyUnmodifiable"),
    iam(
        create("iam:GetRolePolicy", "iam:PutRolePolicy"),
        read("iam:GetRolePolicy"),
        find("iam:GetRolePolicy"),
        update("iam:PutRolePolicy"),
        delete("iam:DeleteRolePolicy")
    )
)]
pub struct RolePolicy {
    /// Name of the role. Replaces.
    #[field(replaces)]
    pub role_name: String,
    /// Name, up to 128 letters, digits and `+=,.@_-`. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 128, extra = "+=,.@_-"))]
    pub policy_name: Option<String>,
    /// What the role may do: a policy as JSON, such as a [`super::PolicyDocument`]. A role's
    /// inline policies have 10,240 characters together.
    #[field(policy)]
    pub policy_document: String,
}

/// What AWS knows of a [`RolePolicy`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct RolePolicyOutputs {
    /// Name of the role.
    #[output(from_input)]
    pub role_name: String,
    /// Name of the policy.
    #[output(from_input)]
    pub policy_name: String,
}

impl Resource for RolePolicy {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let name = self.policy_name.clone().unwrap_or_default();
        // PutRolePolicy overwrites whatever has that name.
        let there = match cx.is_derived(&name) {
            true => None,
            false => get(cx, &self.role_name, &name).await?,
        };
        if there.is_some_and(|document| !same_policy(&document, &self.policy_document)) {
            return Err(OpError::new(
                ErrorKind::AlreadyExists,
                format!(
                    "role `{}` has another inline policy `{name}`, which is not ours\n  what to do: choose another name, or delete that policy",
                    self.role_name
                ),
            ));
        }
        self.put(cx, &name).await?;
        Ok(Made::Ready(
            format!("{}|{name}", self.role_name),
            RolePolicyOutputs { role_name: self.role_name.clone(), policy_name: name },
        ))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| {
            let id = item.id.clone();
            async move {
                let (role, policy) = halves(&id)?;
                Ok(get(cloud, role, policy).await?.map(|document| live(role, policy, document)))
            }
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let Some(name) = &self.policy_name else { return Ok(None) };
        let there = get(cx, &self.role_name, name).await?;
        Ok(there
            .filter(|document| same_policy(document, &self.policy_document))
            .map(|_| format!("{}|{name}", self.role_name)))
    }

    async fn update(&self, cx: &Cx, id: &str, _: &Self, _: &Changes) -> Result<Progress> {
        self.put(cx, halves(id)?.1).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let (role, policy) = halves(id)?;
        let call = cx.iam().delete_role_policy().role_name(role).policy_name(policy);
        gone(call.send().await.op("iam:DeleteRolePolicy").map(drop))
    }
}

impl RolePolicy {
    async fn put(&self, aws: &Aws, name: &str) -> Result<()> {
        let call = aws.iam().put_role_policy().role_name(&self.role_name).policy_name(name);
        let call = call.policy_document(&self.policy_document);
        call.send().await.op("iam:PutRolePolicy").map(drop)
    }
}

async fn get(aws: &Aws, role: &str, policy: &str) -> Result<Option<String>> {
    let call = aws.iam().get_role_policy().role_name(role).policy_name(policy);
    let answer = found(call.send().await.op("iam:GetRolePolicy"))?;
    Ok(answer.map(|a| decode(&a.policy_document)))
}

fn live(role: &str, policy: &str, policy_document: String) -> Live<RolePolicy> {
    Live::ready(
        RolePolicy {
            role_name: role.to_owned(),
            policy_name: Some(policy.to_owned()),
            policy_document,
        },
        RolePolicyOutputs { role_name: role.to_owned(), policy_name: policy.to_owned() },
    )
}

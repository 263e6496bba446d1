//! `AWS::IAM::RolePolicyAttachment`: a managed policy attached to a role.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | AttachRolePolicy |
//! | read | ListAttachedRolePolicies, one listing per role |
//! | find | ListAttachedRolePolicies |
//! | delete | DetachRolePolicy |
//!
//! Traps: CloudFormation has no such type (there, it is a list in the role), so the name is
//! ours. An attachment has no tags and no content: attaching what somebody else attached
//! succeeds and cannot be told apart, so the same one under another urn is the same thing. A policy
//! that is new to IAM is `NoSuchEntity`, too. The id is `role|policy ARN`.
//! Differences:
//! - own type: there, it is a list in the role (`managed_policy_arns`), or in the policy.
//!   Attachments to users and groups are not here.

use std::collections::{BTreeMap, BTreeSet};

use super::shared::halves;
use crate::prelude::*;

/// A managed policy attached to a role; one that AWS made, or a [`super::ManagedPolicy`].
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::IAM::RolePolicyAttachment",
    link = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html",
    identity("role_name", "policy_arn"),
    global,
    eventual("NoSuchEntity"),
    busy("ConcurrentModification", "EntityTemporarilyUnmodifiable"),
    iam(
        create("iam:AttachRolePolicy"),
        read("iam:ListAttachedRolePolicies"),
        find("iam:ListAttachedRolePolicies"),
        delete("iam:DetachRolePolicy")
    )
)]
pub struct RolePolicyAttachment {
    /// Name of the role. Replaces.
    #[field(replaces)]
    pub role_name: String,
    /// ARN of the policy, such as `arn:aws:iam::aws:policy/ReadOnlyAccess`. Replaces.
    #[field(replaces)]
    pub policy_arn: String,
}

/// What AWS knows of a [`RolePolicyAttachment`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct RolePolicyAttachmentOutputs {
    /// Name of the role. What uses this waits until the policy is attached.
    #[output(from_input)]
    pub role_name: String,
    /// ARN of the policy.
    #[output(from_input)]
    pub policy_arn: String,
}

impl Resource for RolePolicyAttachment {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let call = cx.iam().attach_role_policy().role_name(&self.role_name);
        call.policy_arn(&self.policy_arn).send().await.op("iam:AttachRolePolicy")?;
        Ok(Made::Ready(self.id(), live(&self.role_name, &self.policy_arn).outputs))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let asked: Vec<(&str, &str)> =
            items.iter().map(|i| halves(&i.id)).collect::<Result<_, _>>()?;
        let roles: BTreeSet<&str> = asked.iter().map(|(role, _)| *role).collect();
        let roles: Vec<String> = roles.into_iter().map(str::to_owned).collect();
        let lists = batch::each(&roles, |role| {
            let role = role.clone();
            async move { attached(cloud, &role).await }
        })
        .await?;
        let attached: BTreeMap<&str, BTreeSet<String>> =
            roles.iter().map(String::as_str).zip(lists).collect();
        let there = |role: &str, arn: &str| attached.get(role).is_some_and(|a| a.contains(arn));
        Ok(asked.iter().map(|(role, arn)| there(role, arn).then(|| live(role, arn))).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let there = attached(cx, &self.role_name).await?.contains(&self.policy_arn);
        Ok(there.then(|| self.id()))
    }

    async fn update(&self, _: &Cx, _: &str, _: &Self, _: &Changes) -> Result<Progress> {
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let (role, arn) = halves(id)?;
        let call = cx.iam().detach_role_policy().role_name(role).policy_arn(arn);
        gone(call.send().await.op("iam:DetachRolePolicy").map(drop))
    }
}

impl RolePolicyAttachment {
    fn id(&self) -> String {
        format!("{}|{}", self.role_name, self.policy_arn)
    }
}

/// ARNs of the policies attached to a role; none when the role does not exist.
async fn attached(aws: &Aws, role: &str) -> Result<BTreeSet<String>> {
    let mut pages = aws.iam().list_attached_role_policies().role_name(role).into_paginator().send();
    let mut arns = BTreeSet::new();
    while let Some(page) = pages.next().await {
        let Some(page) = found(page.op("iam:ListAttachedRolePolicies"))? else { break };
        let policies = page.attached_policies.unwrap_or_default();
        arns.extend(policies.into_iter().filter_map(|p| p.policy_arn));
    }
    Ok(arns)
}

fn live(role: &str, arn: &str) -> Live<RolePolicyAttachment> {
    let (role_name, policy_arn) = (role.to_owned(), arn.to_owned());
    Live::ready(
        RolePolicyAttachment { role_name: role_name.clone(), policy_arn: policy_arn.clone() },
        RolePolicyAttachmentOutputs { role_name, policy_arn },
    )
}

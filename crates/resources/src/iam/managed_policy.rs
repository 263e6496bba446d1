//! `AWS::IAM::ManagedPolicy`: a policy of its own that roles can share.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreatePolicy |
//! | read | GetPolicy, GetPolicyVersion per policy, concurrently |
//! | find | ListPolicies, GetPolicy |
//! | update | CreatePolicyVersion; ListPolicyVersions and DeletePolicyVersion at the limit; TagPolicy, UntagPolicy |
//! | delete | DeletePolicy; ListPolicyVersions and DeletePolicyVersion when there are old versions; ListEntitiesForPolicy while it is refused |
//!
//! Traps: IAM knows a policy by its name, which no other may have in any case of letters, whatever
//! its path (API_CreatePolicy). A policy keeps at most five versions; the oldest one that is not the default makes
//! room. A policy with old versions cannot be deleted before them.
//! Left out: `groups`, `roles`, `users`: attach with [`super::RolePolicyAttachment`]. What changes
//! by itself (`attachment_count`, `permissions_boundary_usage_count`, `create_date`,
//! `update_date`, `default_version_id`); `is_attachable`, always true.
//! Differences:
//! - renamed `arn` (`policy_arn`): what IAM calls it.
//! - own `tags`: AWS has tags of policies; a policy is told as ours by them.
//! - also needs `iam:TagPolicy`, `iam:UntagPolicy`: for those tags.

use aws_sdk_iam::types::{Policy as SdkPolicy, PolicyScopeType, PolicyVersion};

use ferrocrete_core::schema::{Claim, Finding, Known};
use ferrocrete_core::value::PropertyMap;

use super::document::decode;
use super::shared::{from_sdk, in_words, to_sdk};
use crate::aws::answer::ours_or;
use crate::aws::spelling::any_case;
use crate::prelude::*;

/// A policy of its own that roles, users and groups can share.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::IAM::ManagedPolicy",
    identity("managed_policy_name"),
    claims = claims,
    check = check,
    global,
    // As a boundary: a role keeps it by its ARN, which a new one of the same name has, too.
    held_by_users,
    eventual("NoSuchEntity"),
    busy("DeleteConflict", "ConcurrentModification", "EntityTemporarilyUnmodifiable"),
    iam(
        create("iam:CreatePolicy", "iam:TagPolicy"),
        read("iam:GetPolicy", "iam:GetPolicyVersion"),
        find("iam:ListPolicies", "iam:GetPolicy"),
        update(
            "iam:CreatePolicyVersion",
            "iam:ListPolicyVersions",
            "iam:DeletePolicyVersion",
            "iam:TagPolicy",
            "iam:UntagPolicy"
        ),
        delete(
            "iam:DeletePolicy",
            "iam:ListPolicyVersions",
            "iam:DeletePolicyVersion",
            "iam:ListEntitiesForPolicy"
        )
    )
)]
pub struct ManagedPolicy {
    /// Name, up to 128 letters, digits and `+=,.@_-`. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 128, extra = "+=,.@_-"))]
    pub managed_policy_name: Option<String>,
    /// What is allowed and denied: JSON of up to 6,144 characters, such as a
    /// [`super::PolicyDocument`]. A change makes a new default version.
    #[field(policy)]
    pub policy_document: String,
    /// Description, up to 1000 characters. Replaces.
    #[field(replaces)]
    pub description: Option<String>,
    /// Path that groups policies, such as `/app/`. Default: `/`. Replaces.
    #[field(replaces, server_default)]
    pub path: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`ManagedPolicy`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ManagedPolicyOutputs {
    /// Name.
    #[output(from_input)]
    pub managed_policy_name: String,
    /// ARN, such as `arn:aws:iam::123456789012:policy/app`.
    pub arn: String,
    /// Unique id, such as `ANPA…`.
    pub policy_id: String,
}

fn claims(policy: &PropertyMap) -> Vec<Claim> {
    any_case(policy, "IAM policy name", "managed_policy_name")
}

/// Most characters of a policy, spaces left out ("IAM and AWS STS quotas").
const LONGEST: usize = 6_144;

fn check(known: Known<'_>) -> Vec<Finding> {
    let document = known.text("policy_document").unwrap_or_default();
    let has = document.chars().filter(|c| !c.is_whitespace()).count();
    let why = format!("must have {LONGEST} characters or less besides spaces, but has {has}");
    if has > LONGEST { vec![Finding::new("policy_document", why)] } else { Vec::new() }
}

impl Resource for ManagedPolicy {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let call = cx
            .iam()
            .create_policy()
            .set_policy_name(self.managed_policy_name.clone())
            .policy_document(&self.policy_document)
            .set_description(self.description.clone())
            .set_path(self.path.clone())
            .set_tags(Some(to_sdk(&self.tags)));
        let answer = match call.send().await.op("iam:CreatePolicy") {
            Ok(answer) => answer,
            Err(error) => return ours_or(self, cx, error).await,
        };
        let policy = need(answer.policy, "iam:CreatePolicy", "policy")?;
        let arn = need(policy.arn.clone(), "iam:CreatePolicy", "arn")?;
        Ok(Made::Ready(arn.clone(), outputs(&policy, &arn)))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| {
            let arn = item.id.clone();
            async move {
                let Some(policy) = get(cloud, &arn).await? else { return Ok(None) };
                let version = policy.default_version_id.clone().unwrap_or_default();
                let call = cloud.iam().get_policy_version().policy_arn(&arn).version_id(version);
                let answer = found(call.send().await.op("iam:GetPolicyVersion"))?;
                let version = answer.and_then(|a| a.policy_version);
                Ok(version.map(|v| live(&policy, &arn, v.document().unwrap_or_default())))
            }
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let list = cx.iam().list_policies().scope(PolicyScopeType::Local);
        let mut pages = list.set_path_prefix(self.path.clone()).into_paginator().send();
        while let Some(page) = pages.next().await {
            let policies = page.op("iam:ListPolicies")?.policies.unwrap_or_default();
            let named = policies.into_iter().find(|p| p.policy_name == self.managed_policy_name);
            let Some(arn) = named.and_then(|p| p.arn) else { continue };
            let policy = get(cx, &arn).await?;
            let tags = policy.and_then(|p| from_sdk(p.tags()));
            return Ok(tags::is_ours(cx, &tags).then_some(arn));
        }
        Ok(None)
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("policy_document") {
            self.new_version(cx, id).await?;
        }
        if changes.has("tags") {
            retagged!(
                cx.iam(), policy_arn(id), &old.tags => &self.tags, to_sdk,
                tag_policy: "iam:TagPolicy",
                untag_policy: "iam:UntagPolicy"
            )?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let delete = async || {
            cx.iam().delete_policy().policy_arn(id).send().await.op("iam:DeletePolicy").map(drop)
        };
        match delete().await {
            Err(error) if error.has_code("DeleteConflict") => {
                // Old versions, or a role that still has it: only the first is ours to solve.
                let versions = old_versions(cx, id).await?;
                if versions.is_empty() {
                    return Err(error);
                }
                for version in versions {
                    delete_version(cx, id, &version).await?;
                }
                gone(delete().await)
            }
            other => gone(other),
        }
    }

    async fn holders(&self, cx: &Cx, id: &str) -> Result<Option<String>> {
        let call = cx.iam().list_entities_for_policy().policy_arn(id);
        let answer = call.send().await.op("iam:ListEntitiesForPolicy")?;
        let names = |names: Vec<Option<String>>| names.into_iter().flatten().collect();
        let users = answer.policy_users().iter().map(|u| u.user_name.clone());
        let groups = answer.policy_groups().iter().map(|g| g.group_name.clone());
        let roles = answer.policy_roles().iter().map(|r| r.role_name.clone());
        Ok(in_words(&[
            ("role", names(roles.collect())),
            ("user", names(users.collect())),
            ("group", names(groups.collect())),
        ]))
    }
}

impl ManagedPolicy {
    async fn new_version(&self, aws: &Aws, arn: &str) -> Result<()> {
        let create = async || {
            let call = aws.iam().create_policy_version().policy_arn(arn).set_as_default(true);
            let call = call.policy_document(&self.policy_document);
            call.send().await.op("iam:CreatePolicyVersion").map(drop)
        };
        match create().await {
            Err(error) if error.has_code("LimitExceeded") => {
                let Some(oldest) = old_versions(aws, arn).await?.into_iter().next() else {
                    return Err(error);
                };
                delete_version(aws, arn, &oldest).await?;
                create().await
            }
            other => other,
        }
    }
}

async fn get(aws: &Aws, arn: &str) -> Result<Option<SdkPolicy>> {
    let answer = found(aws.iam().get_policy().policy_arn(arn).send().await.op("iam:GetPolicy"))?;
    Ok(answer.and_then(|a| a.policy))
}

async fn old_versions(aws: &Aws, arn: &str) -> Result<Vec<String>> {
    let call = aws.iam().list_policy_versions().policy_arn(arn);
    let answer = found(call.send().await.op("iam:ListPolicyVersions"))?;
    Ok(answer.map(|a| oldest_first(a.versions.unwrap_or_default())).unwrap_or_default())
}

async fn delete_version(aws: &Aws, arn: &str, version: &str) -> Result<()> {
    let call = aws.iam().delete_policy_version().policy_arn(arn).version_id(version);
    found(call.send().await.op("iam:DeletePolicyVersion")).map(drop)
}

/// Ids of the versions that are not the default, oldest first: `v2` before `v10`.
fn oldest_first(versions: Vec<PolicyVersion>) -> Vec<String> {
    let mut ids: Vec<String> = versions
        .into_iter()
        .filter(|v| !v.is_default_version)
        .filter_map(|v| v.version_id)
        .collect();
    ids.sort_by_key(|id| id.trim_start_matches('v').parse::<u64>().unwrap_or(0));
    ids
}

fn outputs(policy: &SdkPolicy, arn: &str) -> ManagedPolicyOutputs {
    ManagedPolicyOutputs {
        managed_policy_name: policy.policy_name.clone().unwrap_or_default(),
        arn: arn.to_owned(),
        policy_id: policy.policy_id.clone().unwrap_or_default(),
    }
}

fn live(policy: &SdkPolicy, arn: &str, document: &str) -> Live<ManagedPolicy> {
    Live::ready(
        ManagedPolicy {
            managed_policy_name: policy.policy_name.clone(),
            policy_document: decode(document),
            description: policy.description.clone().filter(|d| !d.is_empty()),
            path: policy.path.clone(),
            tags: from_sdk(policy.tags()),
        },
        outputs(policy, arn),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_number_without_the_default() {
        let version = |id: &str, default: bool| {
            PolicyVersion::builder().version_id(id).is_default_version(default).build()
        };
        let versions = vec![version("v10", false), version("v11", true), version("v9", false)];
        assert_eq!(oldest_first(versions), ["v9", "v10"]);
    }
}

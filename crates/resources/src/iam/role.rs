//! `AWS::IAM::Role`: an identity that services and people take on.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateRole |
//! | read | GetRole per role, concurrently |
//! | find | GetRole |
//! | update | UpdateAssumeRolePolicy, UpdateRole or UpdateRoleDescription, PutRolePermissionsBoundary or DeleteRolePermissionsBoundary, TagRole, UntagRole |
//! | delete | DeleteRole; ListAttachedRolePolicies, ListRolePolicies, ListInstanceProfilesForRole while it is refused; before it DetachRolePolicy, DeleteRolePolicy, RemoveRoleFromInstanceProfile of what others attached, when the program says so |
//!
//! Traps: IAM knows a role by its name, which no other may have in any case of letters, whatever its
//! path (API_CreateRole). UpdateRole may reset what it is not given, so a new session duration is sent with
//! the description. A trust policy that names a role made moments ago is refused with
//! `Invalid principal in policy` (TF: `internal/service/iam/role.go`); any other malformed policy
//! is a mistake. A role with policies attached outside this program is not deleted
//! (`DeleteConflict`), unless `force_detach_policies` says that they go, too. AWS rewrites a bare account id in `Principal` to the ARN of the
//! account's root: declare the ARN.
//! Left out: `managed_policy_arns` and `policies`, which are [`super::RolePolicyAttachment`]
//! and [`super::RolePolicy`], because two owners of one list fight.
//! Differences:
//! - also needs `iam:ListInstanceProfilesForRole`, `iam:RemoveRoleFromInstanceProfile`: says who keeps a
//!   role from being deleted, or takes it away from them.
//! - own `force_detach_policies`: there, such a delete fails. Terraform has the same.

use aws_sdk_iam::types::Role as SdkRole;

use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

mod attached;

use self::attached::Attached;
use super::document::decode;
use super::shared::{from_sdk, to_sdk};
use crate::aws::answer::ours_or;
use crate::aws::spelling::any_case;
use crate::prelude::*;

/// An identity that services and people take on for a while.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::IAM::Role",
    identity("role_name"),
    claims = claims,
    global,
    eventual("NoSuchEntity", "MalformedPolicyDocument" = "Invalid principal in policy"),
    busy("DeleteConflict", "ConcurrentModification", "EntityTemporarilyUnmodifiable"),
    iam(
        create("iam:CreateRole", "iam:TagRole"),
        read("iam:GetRole"),
        find("iam:GetRole"),
        update(
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
            "iam:UpdateRoleDescription",
            "iam:PutRolePermissionsBoundary",
            "iam:DeleteRolePermissionsBoundary",
            "iam:TagRole",
            "iam:UntagRole"
        ),
        delete(
            "iam:DeleteRole",
            "iam:DetachRolePolicy",
            "iam:DeleteRolePolicy",
            "iam:RemoveRoleFromInstanceProfile",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
            "iam:ListInstanceProfilesForRole"
        )
    )
)]
pub struct Role {
    /// Name, up to 64 letters, digits and `+=,.@_-`. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 64, extra = "+=,.@_-"))]
    pub role_name: Option<String>,
    /// Who may take on the role: a policy as JSON, such as a [`super::PolicyDocument`].
    #[field(policy)]
    pub assume_role_policy_document: String,
    /// Description, up to 1000 characters.
    pub description: Option<String>,
    /// Longest session in seconds, 3600 to 43200. Default: 3600.
    #[field(default = 3600)]
    pub max_session_duration: Option<i32>,
    /// Path that groups roles, such as `/app/`. Default: `/`. Replaces.
    #[field(replaces, server_default)]
    pub path: Option<String>,
    /// ARN of the managed policy that bounds what the role may ever do.
    pub permissions_boundary: Option<String>,
    /// When the role is deleted, take away what others have attached to it: managed and inline
    /// policies, and its place in instance profiles. Otherwise the delete waits for them, and says who
    /// they are. Default: false.
    #[field(write_only)]
    pub force_detach_policies: Option<bool>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`Role`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct RoleOutputs {
    /// Name.
    #[output(from_input)]
    pub role_name: String,
    /// ARN, such as `arn:aws:iam::123456789012:role/app`.
    pub arn: String,
    /// Unique id, such as `AROA…`; another one after a replacement of the same name.
    pub role_id: String,
}

fn claims(role: &PropertyMap) -> Vec<Claim> {
    any_case(role, "IAM role name", "role_name")
}

impl Resource for Role {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let call = cx
            .iam()
            .create_role()
            .set_role_name(self.role_name.clone())
            .assume_role_policy_document(&self.assume_role_policy_document)
            .set_description(self.description.clone())
            .set_max_session_duration(self.max_session_duration)
            .set_path(self.path.clone())
            .set_permissions_boundary(self.permissions_boundary.clone())
            .set_tags(Some(to_sdk(&self.tags)));
        let answer = match call.send().await.op("iam:CreateRole") {
            Ok(answer) => answer,
            Err(error) => return ours_or(self, cx, error).await,
        };
        let role = need(answer.role, "iam:CreateRole", "role")?;
        Ok(Made::Ready(role.role_name.clone(), outputs(&role)))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(
            items,
            |item| async move { Ok(get(cloud, &item.id).await?.map(|role| live(&role))) },
        )
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let Some(name) = &self.role_name else { return Ok(None) };
        let role = get(cx, name).await?;
        Ok(role.filter(|r| tags::is_ours(cx, &from_sdk(r.tags()))).map(|r| r.role_name))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        let iam = cx.iam();
        if changes.has("assume_role_policy_document") {
            let call = iam.update_assume_role_policy().role_name(id);
            let call = call.policy_document(&self.assume_role_policy_document);
            call.send().await.op("iam:UpdateAssumeRolePolicy")?;
        }
        let description = self.description.clone().unwrap_or_default();
        if changes.has("max_session_duration") {
            let call = iam.update_role().role_name(id).description(description);
            let call = call.max_session_duration(self.max_session_duration.unwrap_or(3600));
            call.send().await.op("iam:UpdateRole")?;
        } else if changes.has("description") {
            let call = iam.update_role_description().role_name(id).description(description);
            call.send().await.op("iam:UpdateRoleDescription")?;
        }
        if changes.has("permissions_boundary") {
            self.set_boundary(cx, id).await?;
        }
        if changes.has("tags") {
            retagged!(
                cx.iam(), role_name(id), &old.tags => &self.tags, to_sdk,
                tag_role: "iam:TagRole",
                untag_role: "iam:UntagRole"
            )?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        if self.force_detach_policies == Some(true)
            && let Some(attached) = Attached::to(cx, id).await?
        {
            attached.take_away(cx, id).await?;
        }
        gone(cx.iam().delete_role().role_name(id).send().await.op("iam:DeleteRole").map(drop))
    }

    async fn holders(&self, cx: &Cx, id: &str) -> Result<Option<String>> {
        Ok(Attached::to(cx, id).await?.and_then(|attached| attached.in_words()))
    }
}

impl Role {
    async fn set_boundary(&self, aws: &Aws, id: &str) -> Result<()> {
        let Some(arn) = &self.permissions_boundary else {
            let call = aws.iam().delete_role_permissions_boundary().role_name(id);
            found(call.send().await.op("iam:DeleteRolePermissionsBoundary"))?;
            return Ok(());
        };
        let call = aws.iam().put_role_permissions_boundary().role_name(id);
        call.permissions_boundary(arn).send().await.op("iam:PutRolePermissionsBoundary")?;
        Ok(())
    }
}

async fn get(aws: &Aws, name: &str) -> Result<Option<SdkRole>> {
    let answer = found(aws.iam().get_role().role_name(name).send().await.op("iam:GetRole"))?;
    Ok(answer.and_then(|a| a.role))
}

fn outputs(role: &SdkRole) -> RoleOutputs {
    RoleOutputs {
        role_name: role.role_name.clone(),
        arn: role.arn.clone(),
        role_id: role.role_id.clone(),
    }
}

fn live(role: &SdkRole) -> Live<Role> {
    let boundary = role.permissions_boundary.as_ref();
    Live::ready(
        Role {
            role_name: Some(role.role_name.clone()),
            assume_role_policy_document: decode(
                role.assume_role_policy_document().unwrap_or_default(),
            ),
            description: role.description.clone().filter(|d| !d.is_empty()),
            max_session_duration: role.max_session_duration,
            path: Some(role.path.clone()),
            permissions_boundary: boundary.and_then(|b| b.permissions_boundary_arn.clone()),
            force_detach_policies: None,
            tags: from_sdk(role.tags()),
        },
        outputs(role),
    )
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::primitives::DateTime;

    use super::*;

    #[test]
    fn an_empty_description_is_none() {
        let role = SdkRole::builder()
            .role_name("r")
            .role_id("AROA1")
            .arn("arn:aws:iam::1:role/r")
            .path("/")
            .create_date(DateTime::from_secs(0))
            .description("")
            .assume_role_policy_document("%7B%7D")
            .build()
            .expect("a complete role");
        let live = live(&role);
        assert_eq!(live.inputs.description, None);
        assert_eq!(live.inputs.assume_role_policy_document, "{}");
        assert_eq!(live.outputs.arn, "arn:aws:iam::1:role/r");
    }
}

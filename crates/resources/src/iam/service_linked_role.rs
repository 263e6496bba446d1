//! `AWS::IAM::ServiceLinkedRole`: the role by which an AWS service acts for the account.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateServiceLinkedRole, TagRole |
//! | read | GetRole per role, concurrently; GetServiceLinkedRoleDeletionStatus while it is deleted |
//! | find | ListRoles, ListRoleTags |
//! | update | UpdateRoleDescription, TagRole, UntagRole |
//! | delete | DeleteServiceLinkedRole |
//!
//! Traps: an account has one such role per service, or per suffix where the service knows them,
//! and many services make theirs at first use: then it is refused here (`InvalidInput`), not
//! adopted. The create call takes no tags: after a create that was cut off before them, a role
//! that has no ownership tag but the same description counts as ours. A delete is a task, which
//! fails, maybe much later, while the service still uses the role: only then AWS tells the reason
//! and the resources (API_DeleteServiceLinkedRole). It is asked for again for five minutes, because
//! services notice late that what used the role is gone.
//! Left out: nothing.
//! Differences:
//! - own `tags`: AWS has tags of such roles; a role is told as ours by them.
//! - read back `aws_service_name`: the role's path has it.
//! - required `aws_service_name`: there is no such role without a service.
//! - also needs `iam:ListRoles`, `iam:ListRoleTags`: finds what an interrupted create made.
//! - also needs `iam:TagRole`, `iam:UntagRole`: for the tags.
//! - also needs `iam:UpdateRoleDescription`: changes the description without its policy.

use aws_sdk_iam::types::{DeletionTaskFailureReasonType, DeletionTaskStatusType, Role as SdkRole};

use super::shared::{from_sdk, to_sdk};
use crate::aws::answer::advise;
use crate::prelude::*;

/// The role by which an AWS service acts for the account.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::IAM::ServiceLinkedRole",
    identity("aws_service_name", "custom_suffix"),
    global,
    eventual("NoSuchEntity"),
    busy("ConcurrentModification", "EntityTemporarilyUnmodifiable"),
    iam(
        create("iam:CreateServiceLinkedRole", "iam:TagRole"),
        read("iam:GetRole", "iam:GetServiceLinkedRoleDeletionStatus"),
        find("iam:ListRoles", "iam:ListRoleTags"),
        update("iam:UpdateRoleDescription", "iam:TagRole", "iam:UntagRole"),
        delete("iam:DeleteServiceLinkedRole")
    )
)]
pub struct ServiceLinkedRole {
    /// Service, such as `ecs.amazonaws.com`. Replaces.
    #[field(replaces)]
    pub aws_service_name: String,
    /// End of the name, for services that can have several roles. Default: none. Replaces.
    #[field(replaces, write_only)]
    pub custom_suffix: Option<String>,
    /// Description, up to 1000 characters.
    pub description: Option<String>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`ServiceLinkedRole`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ServiceLinkedRoleOutputs {
    /// Name, such as `AWSServiceRoleForECS`.
    pub role_name: String,
    /// ARN.
    pub arn: String,
}

impl Resource for ServiceLinkedRole {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "iam:CreateServiceLinkedRole";
        let call = cx
            .iam()
            .create_service_linked_role()
            .aws_service_name(&self.aws_service_name)
            .set_custom_suffix(self.custom_suffix.clone())
            .set_description(self.description.clone());
        let answer = match call.send().await.op(CALL) {
            Ok(answer) => answer,
            Err(error) if error.has_code("InvalidInput") => {
                return Err(advise(
                    error,
                    "if the account has this role already, leave it out of the program: services \
                     make theirs at first use, and share it",
                ));
            }
            Err(error) => return Err(error),
        };
        let role = need(answer.role, CALL, "role")?;
        cx.accepted(&role.role_name).await?;
        tag(cx, &role.role_name, &None, &self.tags).await?;
        Ok(Made::Ready(role.role_name.clone(), outputs(&role)))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let call = cloud.iam().get_role().role_name(&item.id);
            let answer = found(call.send().await.op("iam:GetRole"))?;
            let Some(role) = answer.and_then(|a| a.role) else { return Ok(None) };
            let status = match &item.follow {
                Some(task) => deletion(cloud, task).await?,
                None => Status::Ready,
            };
            Ok(Some(Live { status, ..live(&role) }))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let path = format!("/aws-service-role/{}/", self.aws_service_name);
        let mut pages = cx.iam().list_roles().path_prefix(path).into_paginator().send();
        while let Some(page) = pages.next().await {
            for role in page.op("iam:ListRoles")?.roles {
                let call = cx.iam().list_role_tags().role_name(&role.role_name);
                let Some(answer) = found(call.send().await.op("iam:ListRoleTags"))? else {
                    continue;
                };
                let tags = from_sdk(answer.tags());
                let tagged = tags.as_ref().is_some_and(|t| t.contains_key(OWNER));
                if tags::is_ours(cx, &tags) || (!tagged && self.is_like(&role)) {
                    return Ok(Some(role.role_name));
                }
            }
        }
        Ok(None)
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("description") {
            let call = cx.iam().update_role_description().role_name(id);
            let call = call.description(self.description.as_deref().unwrap_or_default());
            call.send().await.op("iam:UpdateRoleDescription")?;
        }
        if changes.has("tags") {
            tag(cx, id, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        // Of a role whose deletion is under way, AWS answers with the task that there is.
        let call = cx.iam().delete_service_linked_role().role_name(id);
        let task = found(call.send().await.op("iam:DeleteServiceLinkedRole"))?;
        Ok(task.map_or(Progress::Done, |task| Progress::Follow(task.deletion_task_id)))
    }
}

impl ServiceLinkedRole {
    /// Whether a role of the service is what these properties would make.
    fn is_like(&self, role: &SdkRole) -> bool {
        let suffix = self.custom_suffix.as_ref().map(|s| format!("_{s}"));
        suffix.is_none_or(|suffix| role.role_name().ends_with(&suffix))
            && text(role.description()) == text(self.description.as_ref())
    }
}

/// How the deletion of a role that is still there goes.
async fn deletion(aws: &Aws, task: &str) -> Result<Status> {
    let call = aws.iam().get_service_linked_role_deletion_status().deletion_task_id(task);
    let answer = call.send().await.op("iam:GetServiceLinkedRoleDeletionStatus");
    Ok(match found(answer)? {
        Some(answer) if answer.status == DeletionTaskStatusType::Failed => {
            Status::Failed(answer.reason.map_or_else(|| "it gives no reason".into(), reason))
        }
        _ => Status::Deleting("deleting".into()),
    })
}

/// Why a role could not be deleted, with the resources that use it.
fn reason(reason: DeletionTaskFailureReasonType) -> String {
    let mut text = reason.reason.unwrap_or_default();
    for usage in reason.role_usage_list.unwrap_or_default() {
        let region = usage.region.unwrap_or_default();
        let resources = usage.resources.unwrap_or_default().join(", ");
        text.push_str(&format!("\n  used in {region} by: {resources}"));
    }
    text
}

async fn tag(aws: &Aws, id: &str, old: &Option<Tags>, new: &Option<Tags>) -> Result<()> {
    retagged!(
        aws.iam(), role_name(id), old => new, to_sdk,
        tag_role: "iam:TagRole",
        untag_role: "iam:UntagRole"
    )
}

fn outputs(role: &SdkRole) -> ServiceLinkedRoleOutputs {
    ServiceLinkedRoleOutputs { role_name: role.role_name.clone(), arn: role.arn.clone() }
}

fn live(role: &SdkRole) -> Live<ServiceLinkedRole> {
    let service = role.path().trim_matches('/').rsplit('/').next().unwrap_or_default();
    Live::ready(
        ServiceLinkedRole {
            aws_service_name: service.to_owned(),
            // The name alone does not tell: `…_ECSService` has none.
            custom_suffix: None,
            description: text(role.description()),
            tags: from_sdk(role.tags()),
        },
        outputs(role),
    )
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::RoleUsageType;

    use super::*;

    #[test]
    fn a_reason_names_what_uses_the_role() {
        let usage = RoleUsageType::builder().region("eu-central-1").resources("arn:a");
        let told = DeletionTaskFailureReasonType::builder()
            .reason("A service uses it.")
            .role_usage_list(usage.resources("arn:b").build())
            .build();
        assert_eq!(reason(told), "A service uses it.\n  used in eu-central-1 by: arn:a, arn:b");
    }
}

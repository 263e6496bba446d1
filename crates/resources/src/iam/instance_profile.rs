//! `AWS::IAM::InstanceProfile`: hands a role to EC2 instances.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateInstanceProfile, AddRoleToInstanceProfile |
//! | read | GetInstanceProfile per profile, concurrently |
//! | find | GetInstanceProfile |
//! | update | GetInstanceProfile, RemoveRoleFromInstanceProfile, AddRoleToInstanceProfile, TagInstanceProfile, UntagInstanceProfile |
//! | delete | GetInstanceProfile, RemoveRoleFromInstanceProfile, DeleteInstanceProfile |
//!
//! Traps: a profile holds one role, so a change removes before it adds and instances are
//! without credentials for a moment; AWS lets a profile that has a role not be deleted. IAM
//! itself may not know a profile or role of moments ago when the one is to hold the other (TF:
//! `internal/service/iam/instance_profile.go`). EC2 knows a new profile only after some seconds.
//! Left out: nothing.
//! Differences:
//! - renamed `role` (`roles`): there, a list of one.
//! - own `tags`: AWS has tags of profiles; a profile is told as ours by them.
//! - also needs `iam:TagInstanceProfile`, `iam:UntagInstanceProfile`: for those tags.

use aws_sdk_iam::types::InstanceProfile as SdkProfile;

use super::shared::{from_sdk, to_sdk};
use crate::prelude::*;

/// Hands a role to EC2 instances.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::IAM::InstanceProfile",
    identity("instance_profile_name"),
    global,
    eventual("NoSuchEntity", "InvalidParameterValue" = "Invalid IAM Instance Profile name"),
    busy("DeleteConflict", "ConcurrentModification", "EntityTemporarilyUnmodifiable"),
    iam(
        create(
            "iam:CreateInstanceProfile",
            "iam:TagInstanceProfile",
            "iam:AddRoleToInstanceProfile",
            "iam:PassRole",
            "iam:GetInstanceProfile"
        ),
        read("iam:GetInstanceProfile"),
        find("iam:GetInstanceProfile"),
        update(
            "iam:GetInstanceProfile",
            "iam:RemoveRoleFromInstanceProfile",
            "iam:AddRoleToInstanceProfile",
            "iam:PassRole",
            "iam:TagInstanceProfile",
            "iam:UntagInstanceProfile"
        ),
        delete(
            "iam:GetInstanceProfile",
            "iam:RemoveRoleFromInstanceProfile",
            "iam:DeleteInstanceProfile"
        )
    )
)]
pub struct InstanceProfile {
    /// Name, up to 128 letters, digits and `+=,.@_-`. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 128, extra = "+=,.@_-"))]
    pub instance_profile_name: Option<String>,
    /// Path that groups profiles, such as `/app/`. Default: `/`. Replaces.
    #[field(replaces, server_default)]
    pub path: Option<String>,
    /// Name of the role that instances get.
    pub role: String,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of an [`InstanceProfile`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct InstanceProfileOutputs {
    /// Name.
    #[output(from_input)]
    pub instance_profile_name: String,
    /// ARN, such as `arn:aws:iam::123456789012:instance-profile/app`.
    pub arn: String,
    /// Unique id, such as `AIPA…`.
    pub instance_profile_id: String,
}

impl Resource for InstanceProfile {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let call = cx
            .iam()
            .create_instance_profile()
            .set_instance_profile_name(self.instance_profile_name.clone())
            .set_path(self.path.clone())
            .set_tags(Some(to_sdk(&self.tags)));
        let profile = match call.send().await.op("iam:CreateInstanceProfile") {
            Ok(answer) => answer.instance_profile,
            // The second attempt of this very create, after a role that was not visible yet.
            Err(error) if error.kind == ErrorKind::AlreadyExists => {
                Some(self.ours(cx).await?.ok_or(error)?)
            }
            Err(error) => return Err(error),
        };
        let profile = need(profile, "iam:CreateInstanceProfile", "instance_profile")?;
        let name = profile.instance_profile_name.clone();
        cx.accepted(&name).await?;
        self.set_role(cx, &profile).await?;
        Ok(Made::Ready(name, outputs(&profile)))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            Ok(get(cloud, &item.id).await?.map(|profile| live(&profile)))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        Ok(self.ours(cx).await?.map(|p| p.instance_profile_name))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("role") {
            let call = cx.iam().get_instance_profile().instance_profile_name(id);
            let answer = call.send().await.op("iam:GetInstanceProfile")?;
            let profile = need(answer.instance_profile, "iam:GetInstanceProfile", "profile")?;
            self.set_role(cx, &profile).await?;
        }
        if changes.has("tags") {
            retagged!(
                cx.iam(), instance_profile_name(id), &old.tags => &self.tags, to_sdk,
                tag_instance_profile: "iam:TagInstanceProfile",
                untag_instance_profile: "iam:UntagInstanceProfile"
            )?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let Some(profile) = get(cx, id).await? else { return Ok(Progress::Done) };
        for role in profile.roles() {
            remove(cx, id, role.role_name()).await?;
        }
        let call = cx.iam().delete_instance_profile().instance_profile_name(id);
        gone(call.send().await.op("iam:DeleteInstanceProfile").map(drop))
    }
}

impl InstanceProfile {
    /// The profile of this name, if it carries our tag.
    async fn ours(&self, cx: &Cx) -> Result<Option<SdkProfile>> {
        let Some(name) = &self.instance_profile_name else { return Ok(None) };
        let profile = get(cx, name).await?;
        Ok(profile.filter(|p| tags::is_ours(cx, &from_sdk(p.tags()))))
    }

    /// Makes `role` the one role of the profile.
    async fn set_role(&self, aws: &Aws, profile: &SdkProfile) -> Result<()> {
        let name = profile.instance_profile_name();
        for other in profile.roles().iter().filter(|r| r.role_name() != self.role) {
            remove(aws, name, other.role_name()).await?;
        }
        if profile.roles().iter().any(|r| r.role_name() == self.role) {
            return Ok(());
        }
        let call = aws.iam().add_role_to_instance_profile().instance_profile_name(name);
        match call.role_name(&self.role).send().await.op("iam:AddRoleToInstanceProfile") {
            // A profile holds one role: ours, when this was a repetition after a lost answer.
            Err(error) if error.has_code("LimitExceeded") => {
                let now = get(aws, name).await?;
                let is_set =
                    now.is_some_and(|p| p.roles().iter().any(|r| r.role_name() == self.role));
                if is_set { Ok(()) } else { Err(error) }
            }
            other => other.map(drop),
        }
    }
}

async fn get(aws: &Aws, name: &str) -> Result<Option<SdkProfile>> {
    let call = aws.iam().get_instance_profile().instance_profile_name(name);
    let answer = found(call.send().await.op("iam:GetInstanceProfile"))?;
    Ok(answer.and_then(|a| a.instance_profile))
}

async fn remove(aws: &Aws, profile: &str, role: &str) -> Result<()> {
    let call = aws.iam().remove_role_from_instance_profile().instance_profile_name(profile);
    found(call.role_name(role).send().await.op("iam:RemoveRoleFromInstanceProfile")).map(drop)
}

fn outputs(profile: &SdkProfile) -> InstanceProfileOutputs {
    InstanceProfileOutputs {
        instance_profile_name: profile.instance_profile_name.clone(),
        arn: profile.arn.clone(),
        instance_profile_id: profile.instance_profile_id.clone(),
    }
}

fn live(profile: &SdkProfile) -> Live<InstanceProfile> {
    let role = profile.roles().first().map(|r| r.role_name.clone());
    Live::ready(
        InstanceProfile {
            instance_profile_name: Some(profile.instance_profile_name.clone()),
            path: Some(profile.path.clone()),
            role: role.unwrap_or_default(),
            tags: from_sdk(profile.tags()),
        },
        outputs(profile),
    )
}

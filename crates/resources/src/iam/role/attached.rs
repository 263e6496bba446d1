//! What keeps a role from being deleted.

use crate::iam::shared::in_words;
use crate::prelude::*;

/// What hangs on a role.
pub(super) struct Attached {
    /// Managed policies: ARN and name.
    policies: Vec<(String, String)>,
    inline: Vec<String>,
    profiles: Vec<String>,
}

impl Attached {
    /// What hangs on the role; `None` when that is gone.
    pub(super) async fn to(aws: &Aws, role: &str) -> Result<Option<Self>> {
        let mut all = Self { policies: Vec::new(), inline: Vec::new(), profiles: Vec::new() };
        let call = aws.iam().list_attached_role_policies().role_name(role);
        let mut pages = call.into_paginator().send();
        while let Some(page) = pages.next().await {
            let Some(page) = found(page.op("iam:ListAttachedRolePolicies"))? else {
                return Ok(None);
            };
            let each = page.attached_policies.unwrap_or_default().into_iter();
            all.policies.extend(each.filter_map(|p| Some((p.policy_arn?, p.policy_name?))));
        }
        let mut pages = aws.iam().list_role_policies().role_name(role).into_paginator().send();
        while let Some(page) = pages.next().await {
            let Some(page) = found(page.op("iam:ListRolePolicies"))? else { return Ok(None) };
            all.inline.extend(page.policy_names);
        }
        let call = aws.iam().list_instance_profiles_for_role().role_name(role);
        let mut pages = call.into_paginator().send();
        while let Some(page) = pages.next().await {
            let Some(page) = found(page.op("iam:ListInstanceProfilesForRole"))? else {
                return Ok(None);
            };
            let names = page.instance_profiles.into_iter().map(|p| p.instance_profile_name);
            all.profiles.extend(names);
        }
        Ok(Some(all))
    }

    /// Kind by kind; `None` when there is nothing.
    pub(super) fn in_words(&self) -> Option<String> {
        let policies = self.policies.iter().map(|(_, name)| name.clone()).collect();
        in_words(&[
            ("attached policy", policies),
            ("inline policy", self.inline.clone()),
            ("instance profile", self.profiles.clone()),
        ])
    }

    /// Takes all of it away from the role; what is gone meanwhile is as good.
    pub(super) async fn take_away(&self, aws: &Aws, role: &str) -> Result<()> {
        for (arn, _) in &self.policies {
            let call = aws.iam().detach_role_policy().role_name(role).policy_arn(arn);
            found(call.send().await.op("iam:DetachRolePolicy"))?;
        }
        for name in &self.inline {
            let call = aws.iam().delete_role_policy().role_name(role).policy_name(name);
            found(call.send().await.op("iam:DeleteRolePolicy"))?;
        }
        for name in &self.profiles {
            let call = aws.iam().remove_role_from_instance_profile().role_name(role);
            let call = call.instance_profile_name(name);
            found(call.send().await.op("iam:RemoveRoleFromInstanceProfile"))?;
        }
        Ok(())
    }
}

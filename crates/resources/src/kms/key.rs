//! `AWS::KMS::Key`: a key that never leaves AWS.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateKey; then, as declared, EnableKeyRotation, DisableKey |
//! | read | DescribeKey per key, concurrently; GetKeyPolicy, GetKeyRotationStatus, ListResourceTags when they are declared |
//! | find | ListKeys, ListResourceTags per key |
//! | update | UpdateKeyDescription, PutKeyPolicy, EnableKey, DisableKey, EnableKeyRotation, DisableKeyRotation, TagResource, UntagResource |
//! | delete | ScheduleKeyDeletion; DescribeKey when refused |
//!
//! Traps: a key cannot be deleted at once: it waits 7 to 30 days, in which somebody can bring it
//! back, counts as gone here, and costs nothing. What was encrypted with it is lost afterwards.
//! CreateKey has no idempotency token and keys have no names, so `find` looks at the tags of every
//! key; one whose tags may not be read is not ours, unless that is so of all. A disabled key's
//! rotation cannot be changed, so a key is enabled first and disabled last; KMS may take it for
//! disabled, or for missing, a moment longer. A policy that names a role made moments ago is refused:
//! `invalid principals` (API_CreateKey; TF: `internal/service/kms/key.go`). While AWS rotates it by
//! itself, some changes are refused (`ConflictException`).
//! Left out: `origin` (imported key material and custom key stores).
//! Differences:
//! - replaces `key_spec`, `key_usage`, `multi_region`: no call changes them.
//! - read back `rotation_period_in_days`: AWS tells it.

use aws_sdk_kms::types::{KeyMetadata, KeySpec, KeyState, KeyUsageType};

use super::shared::{describe, is_going, list_tags, to_sdk};
use crate::prelude::*;

/// A key that never leaves AWS.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::KMS::Key",
    eventual(
        "MalformedPolicyDocumentException" = "invalid principals",
        "NotFoundException",
        "DisabledException"
    ),
    busy("ConflictException"),
    iam(
        create(
            "kms:CreateKey",
            "kms:TagResource",
            "kms:PutKeyPolicy",
            "kms:EnableKeyRotation",
            "kms:DisableKey"
        ),
        read(
            "kms:DescribeKey",
            "kms:GetKeyPolicy",
            "kms:GetKeyRotationStatus",
            "kms:ListResourceTags"
        ),
        find("kms:ListKeys", "kms:ListResourceTags", "kms:DescribeKey"),
        update(
            "kms:UpdateKeyDescription",
            "kms:PutKeyPolicy",
            "kms:EnableKey",
            "kms:DisableKey",
            "kms:EnableKeyRotation",
            "kms:DisableKeyRotation",
            "kms:TagResource",
            "kms:UntagResource"
        ),
        delete("kms:ScheduleKeyDeletion", "kms:DescribeKey")
    )
)]
pub struct Key {
    /// Description, up to 8,192 characters.
    pub description: Option<String>,
    /// Who may do what with the key, as JSON, such as an `iam::PolicyDocument`. Default: whoever
    /// IAM lets, in this account.
    #[field(policy, server_default)]
    pub key_policy: Option<String>,
    /// Take a policy after which the caller may not change the policy any more. Default: false.
    #[field(write_only)]
    pub bypass_policy_lockout_safety_check: Option<bool>,
    /// Whether it can be used. Default: true.
    #[field(default = true)]
    pub enabled: Option<bool>,
    /// New key material now and then; only for symmetric encryption. Default: false.
    #[field(default = false)]
    pub enable_key_rotation: Option<bool>,
    /// Days between rotations, 90 to 2,560. Default: 365.
    #[field(server_default)]
    pub rotation_period_in_days: Option<i32>,
    /// Kind, such as `SYMMETRIC_DEFAULT`, `RSA_2048`, `ECC_NIST_P256` or `HMAC_256`. Default:
    /// `SYMMETRIC_DEFAULT`. Replaces.
    #[field(replaces, server_default)]
    pub key_spec: Option<String>,
    /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, `GENERATE_VERIFY_MAC` or `KEY_AGREEMENT`. Default:
    /// `ENCRYPT_DECRYPT`. Replaces.
    #[field(replaces, server_default)]
    pub key_usage: Option<String>,
    /// Whether it can have replicas in other regions. Default: false. Replaces.
    #[field(replaces, server_default)]
    pub multi_region: Option<bool>,
    /// Days, 7 to 30, in which a deleted key can be brought back. Default: 30.
    #[field(write_only)]
    pub pending_window_in_days: Option<i32>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`Key`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct KeyOutputs {
    /// Id, such as `1234abcd-12ab-34cd-56ef-1234567890ab`.
    pub key_id: String,
    /// ARN.
    pub arn: String,
}

/// The only name that a key's policy can have.
const POLICY: &str = "default";

impl Resource for Key {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "kms:CreateKey";
        let call = cx
            .kms()
            .create_key()
            .set_description(self.description.clone())
            .set_policy(self.key_policy.clone())
            .set_bypass_policy_lockout_safety_check(self.bypass_policy_lockout_safety_check)
            .set_key_spec(self.key_spec.as_deref().map(KeySpec::from))
            .set_key_usage(self.key_usage.as_deref().map(KeyUsageType::from))
            .set_multi_region(self.multi_region)
            .set_tags(Some(to_sdk(&self.tags)));
        let key = need(call.send().await.op(CALL)?.key_metadata, CALL, "key_metadata")?;
        let rest = self.enabled == Some(false)
            || self.enable_key_rotation == Some(true)
            || self.rotation_period_in_days.is_some();
        if rest {
            return Ok(Made::Partial(key.key_id));
        }
        let arn = need(key.arn, CALL, "arn")?;
        Ok(Made::Ready(key.key_id.clone(), KeyOutputs { key_id: key.key_id, arn }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let key = describe(cloud, &item.id).await?.filter(|key| !is_going(key));
            let Some(key) = key else { return Ok(None) };
            // What does not know the key everywhere yet says that it is not there.
            found(live(cloud, key, item.inputs.as_ref()).await)
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let mut pages = cx.kms().list_keys().limit(1000).into_paginator().send();
        let mut ids = Vec::new();
        while let Some(page) = pages.next().await {
            let keys = page.op("kms:ListKeys")?.keys.unwrap_or_default();
            ids.extend(keys.into_iter().filter_map(|key| key.key_id));
        }
        let tags = batch::each(&ids, |id| async move {
            match list_tags(cx, id).await {
                Err(e) if e.kind == ErrorKind::AccessDenied => Ok(Err(e)),
                Err(e) if e.kind == ErrorKind::NotFound => Ok(Ok(None)),
                other => other.map(Ok),
            }
        });
        let tags = tags.await?;
        let ours = |tags: &Result<_>| tags.as_ref().is_ok_and(|tags| tags::is_ours(cx, tags));
        for (id, _) in ids.iter().zip(&tags).filter(|(_, tags)| ours(tags)) {
            if describe(cx, id).await?.is_some_and(|key| !is_going(&key)) {
                return Ok(Some(id.clone()));
            }
        }
        // Who may read no tags at all would make a second key.
        let mut denied = tags.into_iter();
        match denied.next() {
            Some(Err(error)) if denied.all(|tags| tags.is_err()) => Err(error),
            _ => Ok(None),
        }
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("description") {
            let text = self.description.clone().unwrap_or_default();
            let call = cx.kms().update_key_description().key_id(id).description(text);
            call.send().await.op("kms:UpdateKeyDescription")?;
        }
        if let (true, Some(policy)) = (changes.has("key_policy"), &self.key_policy) {
            let call = cx.kms().put_key_policy().key_id(id).policy_name(POLICY).policy(policy);
            let bypass = self.bypass_policy_lockout_safety_check;
            let call = call.set_bypass_policy_lockout_safety_check(bypass);
            call.send().await.op("kms:PutKeyPolicy")?;
        }
        let switched = changes.has("enabled");
        if switched && self.enabled != Some(false) {
            cx.kms().enable_key().key_id(id).send().await.op("kms:EnableKey")?;
        }
        if changes.any(&["enable_key_rotation", "rotation_period_in_days"]) {
            self.set_rotation(cx, id).await?;
        }
        if switched && self.enabled == Some(false) {
            cx.kms().disable_key().key_id(id).send().await.op("kms:DisableKey")?;
        }
        if changes.has("tags") {
            retagged!(
                cx.kms(), key_id(id), &old.tags => &self.tags, to_sdk,
                tag_resource: "kms:TagResource",
                untag_resource: "kms:UntagResource"
            )?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.kms().schedule_key_deletion().key_id(id);
        let call = call.set_pending_window_in_days(self.pending_window_in_days);
        match call.send().await.op("kms:ScheduleKeyDeletion") {
            Err(error) if error.has_code("KMSInvalidStateException") => {
                match describe(cx, id).await? {
                    Some(key) if !is_going(&key) => Err(error),
                    _ => Ok(Progress::Done),
                }
            }
            other => gone(other),
        }
    }
}

impl Key {
    async fn set_rotation(&self, aws: &Aws, id: &str) -> Result<()> {
        match self.enable_key_rotation.unwrap_or(false) {
            false => {
                let call = aws.kms().disable_key_rotation().key_id(id);
                call.send().await.op("kms:DisableKeyRotation").map(drop)
            }
            true => {
                let call = aws.kms().enable_key_rotation().key_id(id);
                let call = call.set_rotation_period_in_days(self.rotation_period_in_days);
                call.send().await.op("kms:EnableKeyRotation").map(drop)
            }
        }
    }
}

async fn live(aws: &Aws, key: KeyMetadata, known: Option<&Key>) -> Result<Live<Key>> {
    let id = key.key_id.clone();
    let wants = |what: fn(&Key) -> bool| known.is_none_or(what);
    let key_policy = if wants(|k| k.key_policy.is_some()) {
        let call = aws.kms().get_key_policy().key_id(&id).policy_name(POLICY);
        call.send().await.op("kms:GetKeyPolicy")?.policy
    } else {
        None
    };
    let rotates = wants(|k| k.enable_key_rotation.is_some() || k.rotation_period_in_days.is_some());
    let rotation = if rotates { Some(rotation(aws, &id).await?) } else { None };
    let tags = if wants(|k| k.tags.is_some()) { list_tags(aws, &id).await? } else { None };
    let arn = key.arn.clone().unwrap_or_default();
    Ok(Live {
        inputs: Key {
            description: text(key.description.clone()),
            key_policy,
            bypass_policy_lockout_safety_check: None,
            enabled: Some(key.enabled),
            enable_key_rotation: rotation.map(|days| days.is_some()),
            // Unless it rotates it has none; declared without rotation, it means nothing.
            rotation_period_in_days: rotation
                .flatten()
                .or_else(|| known.and_then(|k| k.rotation_period_in_days)),
            key_spec: text(key.key_spec.as_ref()),
            key_usage: text(key.key_usage.as_ref()),
            multi_region: Some(key.multi_region.unwrap_or(false)),
            pending_window_in_days: None,
            tags,
        },
        outputs: KeyOutputs { key_id: id, arn },
        status: match key.key_state() {
            Some(state @ (KeyState::Creating | KeyState::Updating)) => {
                Status::Pending(state.as_str().to_lowercase())
            }
            _ => Status::Ready,
        },
    })
}

/// The days between rotations, when it rotates.
async fn rotation(aws: &Aws, id: &str) -> Result<Option<i32>> {
    const YEAR: i32 = 365;
    let answer = aws.kms().get_key_rotation_status().key_id(id).send().await;
    match answer.op("kms:GetKeyRotationStatus") {
        Ok(a) => Ok(a.key_rotation_enabled.then(|| a.rotation_period_in_days.unwrap_or(YEAR))),
        // Of a kind that does not rotate.
        Err(e) if e.has_code("UnsupportedOperationException") => Ok(None),
        Err(e) => Err(e),
    }
}

//! `AWS::ECS::TaskDefinition`: which containers run together, and with what.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | RegisterTaskDefinition |
//! | read | DescribeTaskDefinition per revision, concurrently; ListTaskDefinitions when it is refused |
//! | find | ListTaskDefinitions, DescribeTaskDefinition of the newest |
//! | update | TagResource, UntagResource |
//! | delete | DeregisterTaskDefinition |
//!
//! Traps: a revision never changes, so each change registers a new one, and the old one is
//! deregistered once nothing of the stack uses it. The family is not derived like other names: it
//! stays the same over all revisions. Tasks of a deregistered revision run on. AWS answers
//! `ClientException` for what does not exist and for much else, so a list decides. A role made
//! moments ago is refused as `Role is not valid` (bradford-hamilton/terraform-ecs-fargate#8), or
//! `iam:PassRole` on it is (terraform-aws-modules/terraform-aws-ecs#414). The order of
//! environment, secrets and the like means nothing to AWS, hence maps and sets.
//! Left out: `container_definitions.resource_requirements.sharing_strategy`, which few need.
//! Differences:
//! - required `container_definitions`: there is no task without a container.
//! - does not need `iam:GetRole`: only CloudFormation itself looks at the roles.

mod container;
mod convert;
#[allow(clippy::should_implement_trait, reason = "AWS calls added capabilities `add`")]
mod linux;
mod log;
mod revision;
mod volume;

use aws_sdk_ecs::types::{
    SortOrder, TaskDefinition as SdkDefinition, TaskDefinitionField, TaskDefinitionStatus,
};

pub use container::*;
pub use linux::*;
pub use log::*;
pub use volume::*;

use super::shared::{from_sdk, retag, to_sdk};
use crate::prelude::*;

/// Which containers run together, and with what: one revision of a family.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::ECS::TaskDefinition",
    eventual("AccessDeniedException" = "iam:PassRole", "ClientException" = "Role is not valid"),
    iam(
        create("ecs:RegisterTaskDefinition", "ecs:TagResource", "iam:PassRole"),
        read("ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"),
        find("ecs:ListTaskDefinitions", "ecs:DescribeTaskDefinition"),
        update("ecs:TagResource", "ecs:UntagResource"),
        delete("ecs:DeregisterTaskDefinition")
    )
)]
pub struct TaskDefinition {
    /// Name that all revisions share, up to 255 letters, digits, hyphens and underscores.
    /// Default: derived from the urn. Replaces.
    #[field(replaces, server_default)]
    pub family: Option<String>,
    /// The containers, at least one. Replaces.
    #[field(replaces, by("name"))]
    pub container_definitions: Vec<ContainerDefinition>,
    /// CPU of the task: units of 1/1024, such as `512`, or `.5 vCPU`. Fargate needs it and knows
    /// 256, 512, 1024, 2048, 4096, 8192 and 16384. Replaces.
    #[field(replaces)]
    pub cpu: Option<String>,
    /// Memory of the task in MiB, such as `1024`, or `1 GB`. Fargate needs it, and which values
    /// it takes depends on `cpu`: 2 to 8 times as much from 512 on. Replaces.
    #[field(replaces)]
    pub memory: Option<String>,
    /// What it must be able to run on: `FARGATE`, `EC2`, `EXTERNAL`, `MANAGED_INSTANCES`.
    /// Default: AWS finds out. Replaces.
    #[field(replaces, set)]
    pub requires_compatibilities: Option<Vec<String>>,
    /// `awsvpc` (what Fargate needs), `bridge`, `host` or `none`. Default: `bridge`. Replaces.
    #[field(replaces)]
    pub network_mode: Option<String>,
    /// Role, by ARN or name, with which ECS pulls images, reads secrets and writes logs. Replaces.
    #[field(replaces)]
    pub execution_role_arn: Option<String>,
    /// Role, by ARN or name, that the containers have. Replaces.
    #[field(replaces)]
    pub task_role_arn: Option<String>,
    /// Volumes that containers mount. Replaces.
    #[field(replaces, by("name"))]
    pub volumes: Option<Vec<Volume>>,
    /// Operating system and architecture. Default: Linux on x86. Replaces.
    #[field(replaces)]
    pub runtime_platform: Option<RuntimePlatform>,
    /// Scratch space on Fargate. Default: 20 GiB. Replaces.
    #[field(replaces)]
    pub ephemeral_storage: Option<EphemeralStorage>,
    /// Which container instances it may run on; not on Fargate. Replaces.
    #[field(replaces, set)]
    pub placement_constraints: Option<Vec<TaskDefinitionPlacementConstraint>>,
    /// Whose processes containers see: `task` or `host`. Default: their own. Replaces.
    #[field(replaces)]
    pub pid_mode: Option<String>,
    /// Whose shared memory containers use: `task`, `host` or `none`; not on Fargate. Replaces.
    #[field(replaces)]
    pub ipc_mode: Option<String>,
    /// The App Mesh proxy. Replaces.
    #[field(replaces)]
    pub proxy_configuration: Option<ProxyConfiguration>,
    /// Accept faults from AWS's fault injection. Default: false. Replaces.
    #[field(replaces, server_default)]
    pub enable_fault_injection: Option<bool>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Operating system and architecture of a [`TaskDefinition`].
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct RuntimePlatform {
    /// `X86_64` or `ARM64`. Default: `X86_64`.
    #[field(server_default)]
    pub cpu_architecture: Option<String>,
    /// `LINUX`, `WINDOWS_SERVER_2022_CORE` and others. Default: `LINUX`.
    #[field(server_default)]
    pub operating_system_family: Option<String>,
}

/// Scratch space of a [`TaskDefinition`] on Fargate.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct EphemeralStorage {
    /// GiB, 21 to 200.
    pub size_in_gib: i32,
}

/// Which container instances a [`TaskDefinition`] may run on.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct TaskDefinitionPlacementConstraint {
    /// `memberOf`.
    pub r#type: String,
    /// Cluster query, such as `attribute:ecs.instance-type =~ t3.*`.
    pub expression: Option<String>,
}

/// The App Mesh proxy of a [`TaskDefinition`].
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ProxyConfiguration {
    /// Name of the container that is the proxy.
    pub container_name: String,
    /// `APPMESH`, which is the default.
    #[field(server_default)]
    pub r#type: Option<String>,
    /// The proxy's parameters by name, such as `AppPorts`.
    pub proxy_configuration_properties: Option<std::collections::BTreeMap<String, String>>,
}

/// What AWS knows of a [`TaskDefinition`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct TaskDefinitionOutputs {
    /// ARN with the revision.
    pub task_definition_arn: String,
    /// Name that all revisions share.
    pub family: String,
    /// Which revision of the family.
    pub revision: i32,
}

impl Resource for TaskDefinition {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "ecs:RegisterTaskDefinition";
        let call = revision::register(self, cx).family(self.family(cx));
        let answer = call.set_tags(Some(to_sdk(&self.tags))).send().await.op(CALL)?;
        let made = need(answer.task_definition, CALL, "task_definition")?;
        let arn = need(made.task_definition_arn.clone(), CALL, "task_definition_arn")?;
        Ok(Made::Ready(arn, revision::outputs(&made)))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| async move {
            let Some((definition, tags)) = describe(cloud, &item.id).await? else {
                return Ok(None);
            };
            Ok(Some(revision::live(&definition, tags, item.inputs.as_ref())))
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        /// What was registered a moment ago is among the newest.
        const NEWEST: usize = 20;
        for arn in active(cx, &self.family(cx)).await?.into_iter().take(NEWEST) {
            let found = describe(cx, &arn).await?;
            if found.is_some_and(|(_, tags)| tags::is_ours(cx, &tags)) {
                return Ok(Some(arn));
            }
        }
        Ok(None)
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.ecs().deregister_task_definition().task_definition(id);
        match call.send().await.op("ecs:DeregisterTaskDefinition") {
            Ok(_) => Ok(Progress::Done),
            // Said, too, of a revision that is not active any more.
            Err(e) if e.has_code(UNCLEAR) && !is_active(cx, id).await? => Ok(Progress::Done),
            Err(e) => Err(e),
        }
    }
}

/// What ECS answers when there is no such revision, and for much else.
const UNCLEAR: &str = "ClientException";

impl TaskDefinition {
    /// The family: the same for all generations, because a family is there to hold them.
    fn family(&self, cx: &Cx) -> String {
        let urn = cx.urn();
        let derived = || revision::family(urn.project(), urn.stack(), &urn.short());
        self.family.clone().unwrap_or_else(derived)
    }
}

/// A revision that is active, with its tags.
async fn describe(aws: &Aws, arn: &str) -> Result<Option<(SdkDefinition, Option<Tags>)>> {
    const CALL: &str = "ecs:DescribeTaskDefinition";
    let call = aws.ecs().describe_task_definition().task_definition(arn);
    let answer = match call.include(TaskDefinitionField::Tags).send().await.op(CALL) {
        Ok(answer) => answer,
        Err(e) if e.has_code(UNCLEAR) && !is_active(aws, arn).await? => return Ok(None),
        Err(e) => return Err(e),
    };
    let tags = from_sdk(answer.tags());
    let definition = need(answer.task_definition, CALL, "task_definition")?;
    let active = definition.status() == Some(&TaskDefinitionStatus::Active);
    Ok(active.then_some((definition, tags)))
}

/// Active revisions of a family, newest first, one page.
async fn active(aws: &Aws, family: &str) -> Result<Vec<String>> {
    let call = aws
        .ecs()
        .list_task_definitions()
        .family_prefix(family)
        .status(TaskDefinitionStatus::Active)
        .sort(SortOrder::Desc);
    let answer = call.send().await.op("ecs:ListTaskDefinitions")?;
    let mut arns = answer.task_definition_arns.unwrap_or_default();
    arns.retain(|arn| revision::family_of(arn) == family);
    Ok(arns)
}

async fn is_active(aws: &Aws, arn: &str) -> Result<bool> {
    let mut pages = aws
        .ecs()
        .list_task_definitions()
        .family_prefix(revision::family_of(arn))
        .status(TaskDefinitionStatus::Active)
        .sort(SortOrder::Desc)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.op("ecs:ListTaskDefinitions")?;
        if page.task_definition_arns().iter().any(|one| one == arn) {
            return Ok(true);
        }
    }
    Ok(false)
}

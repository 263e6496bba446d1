//! `AWS::ECS::Cluster`: what services and tasks run in.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateCluster; DescribeClusters before it when the program chose the name |
//! | read, find | DescribeClusters, 100 a call |
//! | update | UpdateCluster, PutClusterCapacityProviders, TagResource, UntagResource |
//! | delete | DeleteCluster |
//!
//! Traps: CreateCluster of a name that is taken succeeds and hands over the cluster that is there,
//! so create looks first. A deleted cluster is described as `INACTIVE` for a while; here it is
//! gone. In an account that never used ECS the first cluster makes the service-linked role, and is
//! refused for a minute or two, until IAM shows it everywhere, as `InvalidParameterException`, which
//! means everything: `Unable to assume the service linked role`
//! (aws-samples/baseline-environment-on-aws#238; Terraform's provider waits that out, too). Capacity
//! providers change only while AWS changes nothing else of the cluster
//! (`UpdateInProgressException`, `ResourceInUseException`).
//! Left out: nothing.

mod convert;

use aws_sdk_ecs::types::{Cluster as SdkCluster, ClusterField};

use super::sdk::Sdk;
use super::shared::{CapacityProviderStrategyItem, retag, to_sdk};
use crate::prelude::*;

/// What services and tasks run in.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::ECS::Cluster",
    identity("cluster_name"),
    eventual("ClusterNotFoundException"),
    passing("InvalidParameterException" = "Unable to assume the service linked role"),
    busy(
        "ClusterContainsCapacityProviderException",
        "ClusterContainsContainerInstancesException",
        "ClusterContainsServicesException",
        "ClusterContainsTasksException",
        "ResourceInUseException",
        "UpdateInProgressException"
    ),
    iam(
        create(
            "ecs:CreateCluster",
            "ecs:TagResource",
            "ecs:DescribeClusters",
            "iam:CreateServiceLinkedRole",
            "kms:DescribeKey"
        ),
        read("ecs:DescribeClusters"),
        update(
            "ecs:UpdateCluster",
            "ecs:PutClusterCapacityProviders",
            "ecs:TagResource",
            "ecs:UntagResource",
            "kms:DescribeKey"
        ),
        delete("ecs:DeleteCluster")
    )
)]
pub struct Cluster {
    /// Name, up to 255 letters, digits, hyphens and underscores. Default: derived from the urn.
    /// Replaces.
    #[field(replaces, name(max = 255, extra = "-_"))]
    pub cluster_name: Option<String>,
    /// Settings; there is one, see [`ClusterSetting::container_insights`]. Default: as the account
    /// says.
    #[field(by("name"), server_default)]
    pub cluster_settings: Option<Vec<ClusterSetting>>,
    /// How execute command is logged and encrypted, and keys for storage. Default: none.
    pub configuration: Option<ClusterConfiguration>,
    /// Capacity providers that services may name: `FARGATE`, `FARGATE_SPOT` and those of Auto
    /// Scaling groups. Default: none; launch types need none.
    #[field(set)]
    pub capacity_providers: Option<Vec<String>>,
    /// How tasks are spread when a service says nothing of it. Default: none.
    #[field(by("capacity_provider"))]
    pub default_capacity_provider_strategy: Option<Vec<CapacityProviderStrategyItem>>,
    /// Where services are entered for Service Connect when they say nothing of it.
    #[field(write_only)]
    pub service_connect_defaults: Option<ServiceConnectDefaults>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// A setting of a [`Cluster`].
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ClusterSetting {
    /// `containerInsights`.
    pub name: String,
    /// `enabled`, `enhanced` or `disabled`.
    pub value: String,
}

impl ClusterSetting {
    /// Container Insights: `enabled` for metrics of clusters and services, `enhanced` for those
    /// of tasks and containers, too, or `disabled`.
    pub fn container_insights(value: impl Into<String>) -> Self {
        Self { name: "containerInsights".into(), value: value.into() }
    }
}

/// How a [`Cluster`] logs execute command, and with what it encrypts.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ClusterConfiguration {
    /// Execute command. Default: as the task's log driver says, not encrypted by a key of one's own.
    pub execute_command_configuration: Option<ExecuteCommandConfiguration>,
    /// Keys for storage. Default: AWS's.
    pub managed_storage_configuration: Option<ManagedStorageConfiguration>,
}

/// What happens to sessions of execute command.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ExecuteCommandConfiguration {
    /// KMS key that encrypts the session, by id, alias or ARN. Default: none, TLS alone.
    pub kms_key_id: Option<String>,
    /// `NONE`, `DEFAULT` (to the log of the container) or `OVERRIDE` (as `log_configuration`
    /// says). Default: `DEFAULT`.
    #[field(server_default)]
    pub logging: Option<String>,
    /// Where sessions are logged, for `OVERRIDE`.
    pub log_configuration: Option<ExecuteCommandLogConfiguration>,
}

/// Where sessions of execute command are logged.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ExecuteCommandLogConfiguration {
    /// Name of the log group.
    pub cloud_watch_log_group_name: Option<String>,
    /// Encrypt what goes to the log group. Default: false.
    #[field(server_default)]
    pub cloud_watch_encryption_enabled: Option<bool>,
    /// Name of the bucket.
    pub s3_bucket_name: Option<String>,
    /// Encrypt what goes to the bucket. Default: false.
    #[field(server_default)]
    pub s3_encryption_enabled: Option<bool>,
    /// How keys in the bucket begin.
    pub s3_key_prefix: Option<String>,
}

/// KMS keys for storage.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ManagedStorageConfiguration {
    /// Key for managed storage, by ARN or id.
    pub kms_key_id: Option<String>,
    /// Key for the ephemeral storage of Fargate tasks, by ARN or id.
    pub fargate_ephemeral_storage_kms_key_id: Option<String>,
}

/// Service Connect, where services say nothing of it.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ServiceConnectDefaults {
    /// Cloud Map namespace by ARN, or by a name, under which one is made when it is missing.
    pub namespace: String,
}

/// What AWS knows of a [`Cluster`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ClusterOutputs {
    /// Name.
    #[output(from_input)]
    pub cluster_name: String,
    /// ARN.
    pub arn: String,
}

impl Resource for Cluster {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let name = self.cluster_name.clone().unwrap_or_default();
        if !cx.is_derived(&name) && self.made_before(cx, &name).await? {
            return Ok(Made::Pending(name));
        }
        let call = cx
            .ecs()
            .create_cluster()
            .cluster_name(&name)
            .set_settings(self.cluster_settings.to_sdk())
            .set_configuration(self.configuration.to_sdk())
            .set_capacity_providers(self.capacity_providers.clone())
            .set_default_capacity_provider_strategy(
                self.default_capacity_provider_strategy.to_sdk(),
            )
            .set_service_connect_defaults(self.service_connect_defaults.to_sdk())
            .set_tags(Some(to_sdk(&self.tags)));
        call.send().await.op("ecs:CreateCluster")?;
        Ok(Made::Pending(name))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let names: Vec<String> = items.iter().map(|i| i.id.clone()).collect();
        let found = describe(cloud, &names).await?;
        let one = |item: &ReadRequest<Self>| {
            let cluster = found.iter().find(|c| c.cluster_name() == Some(&item.id))?;
            Some(convert::live(cluster, item.inputs.as_ref()))
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let Some(name) = &self.cluster_name else { return Ok(None) };
        let found = describe(cx, std::slice::from_ref(name)).await?;
        let ours = found.iter().any(|c| tags::is_ours(cx, &super::shared::from_sdk(c.tags())));
        Ok(ours.then(|| name.clone()))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        let ecs = cx.ecs();
        let mut progress = Progress::Done;
        const OWN: [&str; 3] = ["cluster_settings", "configuration", "service_connect_defaults"];
        if OWN.iter().any(|name| changes.has(name)) {
            let mut call = ecs.update_cluster().cluster(id);
            if changes.has("cluster_settings") {
                call = call.set_settings(self.cluster_settings.to_sdk());
            }
            if changes.has("configuration") {
                call = call.configuration(convert::configuration(self, old));
            }
            if changes.has("service_connect_defaults") {
                call = call.service_connect_defaults(convert::service_connect_defaults(self));
            }
            call.send().await.op("ecs:UpdateCluster")?;
        }
        const PROVIDERS: [&str; 2] = ["capacity_providers", "default_capacity_provider_strategy"];
        if PROVIDERS.iter().any(|name| changes.has(name)) {
            // Both are replaced as a whole.
            let call = ecs
                .put_cluster_capacity_providers()
                .cluster(id)
                .set_capacity_providers(Some(self.capacity_providers.clone().unwrap_or_default()))
                .set_default_capacity_provider_strategy(Some(
                    self.default_capacity_provider_strategy.to_sdk().unwrap_or_default(),
                ));
            call.send().await.op("ecs:PutClusterCapacityProviders")?;
            progress = Progress::Pending;
        }
        if changes.has("tags") {
            let arn = cx.arn("ecs", &format!("cluster/{id}")).await?;
            retag(cx, &arn, &old.tags, &self.tags).await?;
        }
        Ok(progress)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let call = cx.ecs().delete_cluster().cluster(id);
        let answer = found(call.send().await.op("ecs:DeleteCluster"))?;
        Ok(match answer.and_then(|a| a.cluster).as_ref().and_then(SdkCluster::status) {
            None | Some("INACTIVE") => Progress::Done,
            Some(_) => Progress::Pending,
        })
    }
}

impl Cluster {
    /// Whether an earlier attempt of this very create made it.
    async fn made_before(&self, cx: &Cx, name: &str) -> Result<bool> {
        let Some(cluster) = describe(cx, &[name.to_owned()]).await?.into_iter().next() else {
            return Ok(false);
        };
        if tags::is_ours(cx, &super::shared::from_sdk(cluster.tags())) {
            return Ok(true);
        }
        Err(OpError::new(
            ErrorKind::AlreadyExists,
            format!(
                "cluster `{name}` exists in this account and is not ours\n  what to do: choose another name"
            ),
        ))
    }
}

/// The clusters of these names that are there; deleted ones are not.
async fn describe(aws: &Aws, names: &[String]) -> Result<Vec<SdkCluster>> {
    /// Most clusters of one call.
    const CHUNK: usize = 100;
    let chunks: Vec<Vec<String>> = names.chunks(CHUNK).map(<[String]>::to_vec).collect();
    let found = batch::each(chunks, |chunk| async move {
        let call = aws.ecs().describe_clusters().set_clusters(Some(chunk)).set_include(Some(vec![
            ClusterField::Attachments,
            ClusterField::Configurations,
            ClusterField::Settings,
            ClusterField::Tags,
        ]));
        Ok(call.send().await.op("ecs:DescribeClusters")?.clusters.unwrap_or_default())
    });
    let found = found.await?.into_iter().flatten();
    Ok(found.filter(|c| c.status() != Some("INACTIVE")).collect())
}

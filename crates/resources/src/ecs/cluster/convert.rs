//! Clusters to and from the SDK's types.

use aws_sdk_ecs::types as sdk;
use aws_sdk_ecs::types::{ClusterSettingName, ExecuteCommandLogging};

use super::{
    Cluster, ClusterConfiguration, ClusterOutputs, ClusterSetting, ExecuteCommandConfiguration,
    ExecuteCommandLogConfiguration, ManagedStorageConfiguration, ServiceConnectDefaults,
};
use crate::ecs::sdk::{Sdk, sdk, words};
use crate::ecs::shared::from_sdk;
use crate::prelude::*;

words!(ClusterSettingName, ExecuteCommandLogging);

sdk! {
    ClusterSetting = sdk::ClusterSetting;
    name set_name needed;
    value set_value needed;
}

sdk! {
    ClusterConfiguration = sdk::ClusterConfiguration;
    execute_command_configuration set_execute_command_configuration;
    managed_storage_configuration set_managed_storage_configuration;
}

sdk! {
    ExecuteCommandConfiguration = sdk::ExecuteCommandConfiguration;
    kms_key_id set_kms_key_id;
    logging set_logging;
    log_configuration set_log_configuration;
}

sdk! {
    ExecuteCommandLogConfiguration = sdk::ExecuteCommandLogConfiguration;
    cloud_watch_log_group_name set_cloud_watch_log_group_name;
    cloud_watch_encryption_enabled set_cloud_watch_encryption_enabled zero;
    s3_bucket_name set_s3_bucket_name;
    s3_encryption_enabled set_s3_encryption_enabled zero;
    s3_key_prefix set_s3_key_prefix;
}

sdk! {
    ManagedStorageConfiguration = sdk::ManagedStorageConfiguration;
    kms_key_id set_kms_key_id;
    fargate_ephemeral_storage_kms_key_id set_fargate_ephemeral_storage_kms_key_id;
}

sdk! {
    ServiceConnectDefaults = sdk::ClusterServiceConnectDefaultsRequest [expect];
    namespace set_namespace always;
}

/// What UpdateCluster is sent: what is no longer declared is told to be as usual.
pub(super) fn configuration(new: &Cluster, old: &Cluster) -> sdk::ClusterConfiguration {
    let mut wanted: Option<sdk::ClusterConfiguration> = new.configuration.to_sdk();
    let wanted = wanted.get_or_insert_with(|| sdk::ClusterConfiguration::builder().build());
    let had = old.configuration.as_ref();
    if had.is_some_and(|c| c.execute_command_configuration.is_some()) {
        wanted.execute_command_configuration.get_or_insert_with(|| {
            let usual = sdk::ExecuteCommandConfiguration::builder();
            usual.logging(ExecuteCommandLogging::Default).build()
        });
    }
    if had.is_some_and(|c| c.managed_storage_configuration.is_some()) {
        wanted
            .managed_storage_configuration
            .get_or_insert_with(|| sdk::ManagedStorageConfiguration::builder().build());
    }
    wanted.clone()
}

/// What UpdateCluster is sent: an empty namespace takes the default away.
pub(super) fn service_connect_defaults(
    cluster: &Cluster,
) -> sdk::ClusterServiceConnectDefaultsRequest {
    let none = ServiceConnectDefaults { namespace: String::new() };
    cluster.service_connect_defaults.as_ref().unwrap_or(&none).to_sdk()
}

fn status(cluster: &sdk::Cluster) -> Status {
    match (cluster.status(), cluster.attachments_status()) {
        (Some(word @ "PROVISIONING"), _) => Status::Pending(word.to_owned()),
        (Some(word @ "DEPROVISIONING"), _) => Status::Deleting(word.to_owned()),
        (Some("FAILED"), _) => Status::Failed("FAILED".into()),
        (_, Some(word @ "UPDATE_IN_PROGRESS")) => Status::Pending(word.to_owned()),
        _ => Status::Ready,
    }
}

pub(super) fn live(cluster: &sdk::Cluster, known: Option<&Cluster>) -> Live<Cluster> {
    let name = cluster.cluster_name.clone().unwrap_or_default();
    let mut configuration: Option<ClusterConfiguration> = Sdk::from_sdk(&cluster.configuration);
    // What is as usual counts only where it is declared.
    let declared = known.and_then(|k| k.configuration.as_ref());
    if let Some(live) = &mut configuration
        && declared.is_none_or(|d| d.execute_command_configuration.is_none())
        && live.execute_command_configuration.as_ref().is_some_and(is_usual)
    {
        live.execute_command_configuration = None;
    }
    Live {
        status: status(cluster),
        inputs: Cluster {
            cluster_name: Some(name.clone()),
            cluster_settings: Sdk::from_sdk(&cluster.settings),
            configuration,
            capacity_providers: cluster.capacity_providers.clone(),
            default_capacity_provider_strategy: Sdk::from_sdk(
                &cluster.default_capacity_provider_strategy,
            ),
            service_connect_defaults: None,
            tags: from_sdk(cluster.tags()),
        },
        outputs: ClusterOutputs {
            cluster_name: name,
            arn: cluster.cluster_arn.clone().unwrap_or_default(),
        },
    }
}

fn is_usual(command: &ExecuteCommandConfiguration) -> bool {
    command.kms_key_id.is_none()
        && command.log_configuration.is_none()
        && command.logging.as_deref().is_none_or(|l| l == "DEFAULT")
}

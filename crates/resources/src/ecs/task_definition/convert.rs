//! What a task definition is made of, to and from the SDK's types.

use std::collections::BTreeMap;

use aws_sdk_ecs::types as sdk;
use aws_sdk_ecs::types::{
    ApplicationProtocol, Compatibility, ContainerCondition, CpuArchitecture,
    DeviceCgroupPermission, EfsAuthorizationConfigIam, EfsTransitEncryption, EnvironmentFileType,
    FirelensConfigurationType, IpcMode, LogDriver, NetworkMode, OsFamily, PidMode,
    ProxyConfigurationType, ResourceType, Scope, TaskDefinitionPlacementConstraintType,
    TransportProtocol, UlimitName, VersionConsistency,
};

use super::*;
use crate::ecs::sdk::{Sdk, sdk, words};

words!(
    ApplicationProtocol,
    Compatibility,
    ContainerCondition,
    CpuArchitecture,
    DeviceCgroupPermission,
    EfsAuthorizationConfigIam,
    EfsTransitEncryption,
    EnvironmentFileType,
    FirelensConfigurationType,
    IpcMode,
    LogDriver,
    NetworkMode,
    OsFamily,
    PidMode,
    ProxyConfigurationType,
    ResourceType,
    Scope,
    TaskDefinitionPlacementConstraintType,
    TransportProtocol,
    UlimitName,
    VersionConsistency,
);

/// Maps that ECS keeps as lists whose order means nothing.
macro_rules! named {
    ($($sdk:ty, $key:ident, $value:ident $([$finish:ident])?, $name_of:expr, $value_of:expr;)*) => {$(
        impl Sdk<Vec<$sdk>> for BTreeMap<String, String> {
            fn to_sdk(&self) -> Vec<$sdk> {
                let one = |(k, v)| <$sdk>::builder().$key(k).$value(v).build()$(.$finish("both are set"))?;
                self.iter().map(one).collect()
            }
            fn from_sdk(sdk: &Vec<$sdk>) -> Self {
                sdk.iter().map(|s| ($name_of(s), $value_of(s))).collect()
            }
        }
    )*};
}

named! {
    sdk::KeyValuePair, name, value,
        |s: &sdk::KeyValuePair| s.name.clone().unwrap_or_default(),
        |s: &sdk::KeyValuePair| s.value.clone().unwrap_or_default();
    sdk::Secret, name, value_from [expect],
        |s: &sdk::Secret| s.name.clone(),
        |s: &sdk::Secret| s.value_from.clone();
    sdk::SystemControl, namespace, value,
        |s: &sdk::SystemControl| s.namespace.clone().unwrap_or_default(),
        |s: &sdk::SystemControl| s.value.clone().unwrap_or_default();
}

sdk! {
    ContainerDefinition = sdk::ContainerDefinition;
    name set_name needed;
    image set_image needed;
    cpu set_cpu zero;
    memory set_memory;
    memory_reservation set_memory_reservation;
    essential set_essential;
    port_mappings set_port_mappings;
    environment set_environment;
    secrets set_secrets;
    environment_files set_environment_files;
    entry_point set_entry_point;
    command set_command;
    working_directory set_working_directory;
    user set_user;
    log_configuration set_log_configuration;
    health_check set_health_check;
    depends_on set_depends_on;
    restart_policy set_restart_policy;
    start_timeout set_start_timeout;
    stop_timeout set_stop_timeout;
    readonly_root_filesystem set_readonly_root_filesystem;
    mount_points set_mount_points;
    volumes_from set_volumes_from;
    linux_parameters set_linux_parameters;
    ulimits set_ulimits;
    system_controls set_system_controls;
    resource_requirements set_resource_requirements;
    repository_credentials set_repository_credentials;
    version_consistency set_version_consistency;
    firelens_configuration set_firelens_configuration;
    privileged set_privileged;
    docker_labels set_docker_labels;
    docker_security_options set_docker_security_options;
    credential_specs set_credential_specs;
    interactive set_interactive;
    pseudo_terminal set_pseudo_terminal;
    hostname set_hostname;
    extra_hosts set_extra_hosts;
    dns_servers set_dns_servers;
    dns_search_domains set_dns_search_domains;
    disable_networking set_disable_networking;
    links set_links;
}

sdk! {
    PortMapping = sdk::PortMapping;
    container_port set_container_port;
    host_port set_host_port;
    protocol set_protocol;
    name set_name;
    app_protocol set_app_protocol;
    container_port_range set_container_port_range;
}

sdk! {
    EnvironmentFile = sdk::EnvironmentFile [expect];
    value set_value always;
    r#type set_type always;
}

sdk! {
    HealthCheck = sdk::HealthCheck [expect];
    command set_command always;
    interval set_interval;
    timeout set_timeout;
    retries set_retries;
    start_period set_start_period;
}

sdk! {
    ContainerDependency = sdk::ContainerDependency [expect];
    container_name set_container_name always;
    condition set_condition always;
}

sdk! {
    RestartPolicy = sdk::ContainerRestartPolicy [expect];
    enabled set_enabled always;
    ignored_exit_codes set_ignored_exit_codes;
    restart_attempt_period set_restart_attempt_period;
}

sdk! {
    MountPoint = sdk::MountPoint;
    source_volume set_source_volume needed;
    container_path set_container_path needed;
    read_only set_read_only;
}

sdk! {
    VolumeFrom = sdk::VolumeFrom;
    source_container set_source_container needed;
    read_only set_read_only;
}

sdk! {
    RepositoryCredentials = sdk::RepositoryCredentials [expect];
    credentials_parameter set_credentials_parameter always;
}

sdk! {
    FirelensConfiguration = sdk::FirelensConfiguration [expect];
    r#type set_type always;
    options set_options;
}

sdk! {
    HostEntry = sdk::HostEntry [expect];
    hostname set_hostname always;
    ip_address set_ip_address always;
}

sdk! {
    LogConfiguration = sdk::LogConfiguration [expect];
    log_driver set_log_driver always;
    options set_options;
    secret_options set_secret_options;
}

sdk! {
    LinuxParameters = sdk::LinuxParameters;
    capabilities set_capabilities;
    devices set_devices;
    init_process_enabled set_init_process_enabled;
    shared_memory_size set_shared_memory_size;
    tmpfs set_tmpfs;
    max_swap set_max_swap;
    swappiness set_swappiness;
}

sdk! {
    KernelCapabilities = sdk::KernelCapabilities;
    add set_add;
    drop set_drop;
}

sdk! {
    Device = sdk::Device [expect];
    host_path set_host_path always;
    container_path set_container_path;
    permissions set_permissions;
}

sdk! {
    Tmpfs = sdk::Tmpfs [expect];
    container_path set_container_path always;
    size set_size always;
    mount_options set_mount_options;
}

sdk! {
    Ulimit = sdk::Ulimit [expect];
    name set_name always;
    soft_limit set_soft_limit always;
    hard_limit set_hard_limit always;
}

sdk! {
    ResourceRequirement = sdk::ResourceRequirement [expect];
    r#type set_type always;
    value set_value always;
}

sdk! {
    Volume = sdk::Volume;
    name set_name needed;
    host set_host;
    efs_volume_configuration set_efs_volume_configuration;
    docker_volume_configuration set_docker_volume_configuration;
    fsx_windows_file_server_volume_configuration
        set_fsx_windows_file_server_volume_configuration;
    s3_files_volume_configuration set_s3files_volume_configuration = s3files_volume_configuration;
    configured_at_launch set_configured_at_launch;
}

sdk! {
    HostVolumeProperties = sdk::HostVolumeProperties;
    source_path set_source_path;
}

sdk! {
    EfsVolumeConfiguration = sdk::EfsVolumeConfiguration [expect];
    file_system_id set_file_system_id always;
    root_directory set_root_directory;
    transit_encryption set_transit_encryption;
    transit_encryption_port set_transit_encryption_port;
    authorization_config set_authorization_config;
}

sdk! {
    EfsAuthorizationConfig = sdk::EfsAuthorizationConfig;
    access_point_id set_access_point_id;
    iam set_iam;
}

sdk! {
    DockerVolumeConfiguration = sdk::DockerVolumeConfiguration;
    scope set_scope;
    autoprovision set_autoprovision;
    driver set_driver;
    driver_opts set_driver_opts;
    labels set_labels;
}

sdk! {
    FsxWindowsFileServerVolumeConfiguration = sdk::FSxWindowsFileServerVolumeConfiguration [expect];
    file_system_id set_file_system_id always;
    root_directory set_root_directory always;
    authorization_config set_authorization_config;
}

sdk! {
    FsxAuthorizationConfig = sdk::FSxWindowsFileServerAuthorizationConfig [expect];
    credentials_parameter set_credentials_parameter always;
    domain set_domain always;
}

sdk! {
    S3FilesVolumeConfiguration = sdk::S3FilesVolumeConfiguration [expect];
    file_system_arn set_file_system_arn always;
    root_directory set_root_directory;
    transit_encryption_port set_transit_encryption_port;
    access_point_arn set_access_point_arn;
}

sdk! {
    RuntimePlatform = sdk::RuntimePlatform;
    cpu_architecture set_cpu_architecture;
    operating_system_family set_operating_system_family;
}

sdk! {
    EphemeralStorage = sdk::EphemeralStorage;
    size_in_gib set_size_in_gib always;
}

sdk! {
    TaskDefinitionPlacementConstraint = sdk::TaskDefinitionPlacementConstraint;
    r#type set_type needed;
    expression set_expression;
}

sdk! {
    ProxyConfiguration = sdk::ProxyConfiguration [expect];
    container_name set_container_name always;
    r#type set_type;
    proxy_configuration_properties set_properties = properties;
}

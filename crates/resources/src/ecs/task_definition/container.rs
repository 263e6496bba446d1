//! What a container of a task is.

use std::collections::BTreeMap;

use super::{LinuxParameters, LogConfiguration, ResourceRequirement, Ulimit};
use crate::prelude::*;

/// A container of a [`super::TaskDefinition`].
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ContainerDefinition {
    /// Name, unique in the task, up to 255 letters, digits, hyphens and underscores.
    pub name: String,
    /// Image: `nginx:1.27`, or `URI@sha256:…` to run the same one for ever.
    pub image: String,
    /// CPU units of 1/1024 that it is sure of. Default: it shares what others leave.
    pub cpu: Option<i32>,
    /// MiB at which it is killed. Default: the task's memory.
    pub memory: Option<i32>,
    /// MiB that it is sure of.
    pub memory_reservation: Option<i32>,
    /// Whether the task ends with it. Default: true.
    pub essential: Option<bool>,
    /// Ports that it listens on.
    #[field(set)]
    pub port_mappings: Option<Vec<PortMapping>>,
    /// Environment variables by name. For what nobody may see use `secrets`.
    #[field(drops_empty)]
    pub environment: Option<BTreeMap<String, String>>,
    /// Environment variables whose values ECS fetches when a task starts: by name, the ARN of a
    /// secret in Secrets Manager (followed by `:KEY::` for one key of a JSON secret) or of a
    /// parameter in SSM. The execution role must be allowed to read it.
    pub secrets: Option<BTreeMap<String, String>>,
    /// Files in S3 with further environment variables.
    pub environment_files: Option<Vec<EnvironmentFile>>,
    /// Instead of the image's `ENTRYPOINT`.
    pub entry_point: Option<Vec<String>>,
    /// Instead of the image's `CMD`.
    pub command: Option<Vec<String>>,
    /// Instead of the image's `WORKDIR`.
    pub working_directory: Option<String>,
    /// Instead of the image's `USER`: name or number, `USER:GROUP`.
    pub user: Option<String>,
    /// Where its output goes; see [`LogConfiguration::awslogs`]. Default: nowhere.
    pub log_configuration: Option<LogConfiguration>,
    /// How ECS finds out whether it works. Default: it does while it runs.
    pub health_check: Option<HealthCheck>,
    /// Containers that come first.
    #[field(by("container_name"))]
    pub depends_on: Option<Vec<ContainerDependency>>,
    /// Whether it is started again by itself when it ends. Default: it is not.
    pub restart_policy: Option<RestartPolicy>,
    /// Seconds until giving up on what it depends on, 2 to 120.
    pub start_timeout: Option<i32>,
    /// Seconds between asking it to stop and killing it, up to 120 on Fargate. Default: 30.
    pub stop_timeout: Option<i32>,
    /// Whether its root file system can only be read. Default: false.
    pub readonly_root_filesystem: Option<bool>,
    /// Volumes of the task that it sees.
    #[field(by("container_path"))]
    pub mount_points: Option<Vec<MountPoint>>,
    /// Containers whose volumes it sees.
    #[field(by("source_container"))]
    pub volumes_from: Option<Vec<VolumeFrom>>,
    /// What only Linux has: capabilities, devices, tmpfs, an init process.
    pub linux_parameters: Option<LinuxParameters>,
    /// Limits of the kernel, such as open files.
    #[field(by("name"))]
    pub ulimits: Option<Vec<Ulimit>>,
    /// Kernel parameters by name (`namespace`), such as `net.core.somaxconn`.
    pub system_controls: Option<BTreeMap<String, String>>,
    /// GPUs.
    #[field(set)]
    pub resource_requirements: Option<Vec<ResourceRequirement>>,
    /// Secret with which to log in to a private registry that is not ECR.
    pub repository_credentials: Option<RepositoryCredentials>,
    /// Whether tags of images are resolved once per deployment: `enabled` or `disabled`.
    /// Default: `enabled`.
    pub version_consistency: Option<String>,
    /// For a container that routes logs: which router it is.
    pub firelens_configuration: Option<FirelensConfiguration>,
    /// All rights on the container instance; not on Fargate. Default: false.
    pub privileged: Option<bool>,
    /// Labels of Docker.
    pub docker_labels: Option<BTreeMap<String, String>>,
    /// Options for SELinux and AppArmor; not on Fargate.
    #[field(set)]
    pub docker_security_options: Option<Vec<String>>,
    /// ARNs of Active Directory credential files.
    pub credential_specs: Option<Vec<String>>,
    /// Keep its input open. Default: false.
    pub interactive: Option<bool>,
    /// Give it a terminal. Default: false.
    pub pseudo_terminal: Option<bool>,
    /// Host name; not with `awsvpc`.
    pub hostname: Option<String>,
    /// Lines of `/etc/hosts`; not with `awsvpc`.
    #[field(set)]
    pub extra_hosts: Option<Vec<HostEntry>>,
    /// DNS servers; not with `awsvpc`.
    pub dns_servers: Option<Vec<String>>,
    /// DNS search domains; not with `awsvpc`.
    pub dns_search_domains: Option<Vec<String>>,
    /// No network. Default: false.
    pub disable_networking: Option<bool>,
    /// Containers reached by name, with `bridge` only.
    pub links: Option<Vec<String>>,
}

/// A port that a container listens on.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct PortMapping {
    /// The port.
    pub container_port: Option<i32>,
    /// Port of the container instance. Default: with `awsvpc` and `host` the same, with `bridge`
    /// one of AWS's choice.
    pub host_port: Option<i32>,
    /// `tcp` or `udp`. Default: `tcp`.
    pub protocol: Option<String>,
    /// Name for Service Connect.
    pub name: Option<String>,
    /// What is spoken, for Service Connect: `http`, `http2` or `grpc`. Default: only TCP.
    pub app_protocol: Option<String>,
    /// Several ports instead, such as `8000-8010`.
    pub container_port_range: Option<String>,
}

impl PortMapping {
    /// A TCP port.
    pub fn tcp(container_port: i32) -> Self {
        Self {
            container_port: Some(container_port),
            host_port: None,
            protocol: Some("tcp".into()),
            name: None,
            app_protocol: None,
            container_port_range: None,
        }
    }
}

/// A file with environment variables.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct EnvironmentFile {
    /// ARN of the object in S3.
    pub value: String,
    /// `s3`.
    pub r#type: String,
}

/// How ECS finds out whether a container works.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct HealthCheck {
    /// `["CMD-SHELL", "curl -f http://localhost/ || exit 1"]`, or `["CMD", …]` without a shell.
    pub command: Vec<String>,
    /// Seconds between checks, 5 to 300. Default: 30.
    pub interval: Option<i32>,
    /// Seconds that a check may take, 2 to 60. Default: 5.
    pub timeout: Option<i32>,
    /// Failures until it counts as unhealthy, 1 to 10. Default: 3.
    pub retries: Option<i32>,
    /// Seconds after the start in which failures do not count, 0 to 300. Default: 0.
    pub start_period: Option<i32>,
}

/// A container that comes first.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ContainerDependency {
    /// Its name.
    pub container_name: String,
    /// `START`, `COMPLETE`, `SUCCESS` or `HEALTHY`.
    pub condition: String,
}

/// Whether a container is started again by itself.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct RestartPolicy {
    /// Whether it is.
    pub enabled: bool,
    /// Exit codes after which it is not.
    #[field(set)]
    pub ignored_exit_codes: Option<Vec<i32>>,
    /// Seconds that it must have run before, 60 to 1,800. Default: 300.
    pub restart_attempt_period: Option<i32>,
}

/// Where a volume of the task appears in a container.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct MountPoint {
    /// Name of the volume.
    pub source_volume: String,
    /// Path in the container.
    pub container_path: String,
    /// Whether it can only be read. Default: false.
    pub read_only: Option<bool>,
}

/// A container whose volumes are mounted.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct VolumeFrom {
    /// Its name.
    pub source_container: String,
    /// Whether they can only be read. Default: false.
    pub read_only: Option<bool>,
}

/// How to log in to a private registry.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct RepositoryCredentials {
    /// ARN of the secret.
    pub credentials_parameter: String,
}

/// A container that routes the logs of the others.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct FirelensConfiguration {
    /// `fluentbit` or `fluentd`.
    pub r#type: String,
    /// Its options, such as `enable-ecs-log-metadata`.
    pub options: Option<BTreeMap<String, String>>,
}

/// A line of `/etc/hosts`.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct HostEntry {
    /// The name.
    pub hostname: String,
    /// The address.
    pub ip_address: String,
}

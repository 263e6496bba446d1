//! Volumes of a task.

use std::collections::BTreeMap;

use crate::prelude::*;

/// A volume that containers mount: scratch space of the task when nothing else is said.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Volume {
    /// Name, unique in the task.
    pub name: String,
    /// A folder of the container instance; not on Fargate.
    pub host: Option<HostVolumeProperties>,
    /// A file system of EFS.
    pub efs_volume_configuration: Option<EfsVolumeConfiguration>,
    /// A volume of Docker; not on Fargate.
    pub docker_volume_configuration: Option<DockerVolumeConfiguration>,
    /// A file system of FSx for Windows; not on Fargate.
    pub fsx_windows_file_server_volume_configuration:
        Option<FsxWindowsFileServerVolumeConfiguration>,
    /// A file system of S3 Files.
    pub s3_files_volume_configuration: Option<S3FilesVolumeConfiguration>,
    /// Whether the service says what it is, such as a volume of EBS. Default: false.
    pub configured_at_launch: Option<bool>,
}

/// A folder of the container instance.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct HostVolumeProperties {
    /// Its path. Default: one that ends with the container.
    pub source_path: Option<String>,
}

/// A file system of EFS.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct EfsVolumeConfiguration {
    /// Its id, such as `fs-0abc`.
    pub file_system_id: String,
    /// Folder that becomes the root. Default: `/`; with an access point that one's.
    #[field(server_default)]
    pub root_directory: Option<String>,
    /// `ENABLED` or `DISABLED`: encryption on the way. Default: `DISABLED`.
    pub transit_encryption: Option<String>,
    /// Port for encryption on the way. Default: AWS chooses.
    pub transit_encryption_port: Option<i32>,
    /// Access point and IAM.
    pub authorization_config: Option<EfsAuthorizationConfig>,
}

/// Who mounts a file system of EFS.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct EfsAuthorizationConfig {
    /// Id of the access point.
    pub access_point_id: Option<String>,
    /// `ENABLED` or `DISABLED`: mount as the task role, which needs encryption on the way.
    /// Default: `DISABLED`.
    pub iam: Option<String>,
}

/// A volume of Docker.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct DockerVolumeConfiguration {
    /// `task` or `shared`, which outlives tasks. Default: `task`.
    pub scope: Option<String>,
    /// Make it when it is missing, for `shared`. Default: false.
    pub autoprovision: Option<bool>,
    /// Driver. Default: `local`.
    pub driver: Option<String>,
    /// Options of the driver.
    pub driver_opts: Option<BTreeMap<String, String>>,
    /// Labels.
    pub labels: Option<BTreeMap<String, String>>,
}

/// A file system of FSx for Windows.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct FsxWindowsFileServerVolumeConfiguration {
    /// Its id.
    pub file_system_id: String,
    /// Folder that becomes the root.
    pub root_directory: String,
    /// How to log in.
    pub authorization_config: Option<FsxAuthorizationConfig>,
}

/// How to log in to FSx for Windows.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct FsxAuthorizationConfig {
    /// ARN of the secret or parameter with name and password.
    pub credentials_parameter: String,
    /// Domain name.
    pub domain: String,
}

/// A file system of S3 Files.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct S3FilesVolumeConfiguration {
    /// Its ARN.
    pub file_system_arn: String,
    /// Folder that becomes the root. Default: `/`.
    #[field(server_default)]
    pub root_directory: Option<String>,
    /// Port for encryption on the way. Default: AWS chooses.
    pub transit_encryption_port: Option<i32>,
    /// ARN of an access point.
    pub access_point_arn: Option<String>,
}
